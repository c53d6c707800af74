// Files that have no place in any directory and all share one inode: eventfd, epoll, timerfd, signalfd, inotify (fs/anon_inodes.c).
import { EINVAL, type Errno } from '../../abi/errno.ts';
import { O_NONBLOCK, O_RDWR } from '../../abi/open.ts';
import type { Task } from '../task.ts';
import { WaitQueue } from '../wait.ts';
import { BaseFile } from './file.ts';
import { BaseInode, madeUp } from './node.ts';
import type { Attributes, FileSystem, Inode } from './vfs.ts';

class AnonymousFs implements FileSystem {
  readonly type = 'anon_inodefs';
  readonly magic = 0x09041934;
  readonly dev = 16;
  readonly readOnly = false;
  get root(): Inode {
    throw new Error('anon_inodefs has no root');
  }
  statfs(): ReturnType<FileSystem['statfs']> {
    return { bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}
const INO = 1038;
class AnonymousInode extends BaseInode {
  readonly fs = new AnonymousFs();
  readonly ino = INO;
  readonly #a: Attributes = madeUp({ mode: 0o600, ino: INO, dev: this.fs.dev }, 0n);
  attributes(): Attributes {
    return this.#a;
  }
  open(): Errno {
    return EINVAL;
  }
}
const inode = new AnonymousInode();

/** `flags`: of those a creating call takes, O_NONBLOCK counts. */
export abstract class AnonymousFile extends BaseFile {
  constructor(name: string, flags: number, queue = new WaitQueue(), access = O_RDWR) {
    super(`anon_inode:${name}`, inode, 0, queue);
    this.flags = access | (flags & O_NONBLOCK);
  }
  override seek(): number {
    return 0;
  }
  /** What /proc/N/fdinfo says beyond the lines that every file has. */
  info?(task: Task): string;
}
