// What fstat(2) sees of a socket.
import { ENXIO, type Errno } from '../../abi/errno.ts';
import { S_IFSOCK } from '../../abi/stat.ts';
import { BaseInode, madeUp } from '../fs/node.ts';
import type { Attributes, FileSystem, Inode } from '../fs/vfs.ts';
import type { Task } from '../task.ts';

const SOCKFS_MAGIC = 0x534f434b;

class SocketFs implements FileSystem {
  readonly type = 'sockfs';
  readonly magic = SOCKFS_MAGIC;
  readonly dev = 9;
  readonly readOnly = false;
  get root(): Inode {
    throw new Error('sockfs has no root');
  }
  statfs(): ReturnType<FileSystem['statfs']> {
    return { bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}
const sockfs = new SocketFs();

export class SocketInode extends BaseInode {
  readonly fs = sockfs;
  readonly ino: number;
  readonly #a: Attributes;
  constructor(task: Task) {
    super();
    this.ino = task.kernel.net.nextInode++;
    const { fsuid, fsgid } = task.credentials;
    this.#a = madeUp(
      { mode: S_IFSOCK | 0o777, ino: this.ino, dev: sockfs.dev, uid: fsuid, gid: fsgid },
      task.kernel.realtime(),
    );
  }
  attributes(): Attributes {
    return this.#a;
  }
  override setAttributes(change: Partial<Attributes>): Errno | undefined {
    Object.assign(this.#a, change);
    return undefined;
  }
  open(): Errno {
    return ENXIO;
  }
}
