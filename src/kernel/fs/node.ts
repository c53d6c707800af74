// What file systems' inodes have in common: refusals for what they don't do.
import { EINVAL, ENOTDIR, EOPNOTSUPP, EPERM, type Errno } from '../../abi/errno.ts';
import type { Task } from '../task.ts';
import type { Block } from '../wait.ts';
import type { FileLocks } from './locks.ts';
import type { Attributes, ContentsWatcher, Creation, Dentry, FileSystem, Inode, OpenFile } from './vfs.ts';

export abstract class BaseInode implements Inode {
  abstract readonly fs: FileSystem;
  abstract readonly ino: number;
  watchers?: Set<ContentsWatcher>;
  locks?: FileLocks;
  hint = 0;
  writeCount = 0;
  linkable = false;
  get version(): number | undefined {
    return undefined;
  }
  accessed(): void {}
  closed(): void {}
  find(what: 'data' | 'hole', at: number): number | undefined {
    const { size } = this.attributes();
    return at >= size ? undefined : what === 'data' ? at : size;
  }
  seals = 0;
  sealable = false;
  abstract attributes(): Attributes;
  abstract open(task: Task, flags: number, at: Dentry): OpenFile | Errno | Block;
  setAttributes(
    _change: Partial<Pick<Attributes, 'mode' | 'uid' | 'gid' | 'size' | 'atime' | 'mtime'>>,
  ): Errno | undefined {
    return EPERM;
  }
  lookup(_name: string): Inode | Errno {
    return ENOTDIR;
  }
  create(_name: string, _how: Creation): Inode | Errno {
    return EPERM;
  }
  mkdir(_name: string, _how: Creation): Inode | Errno {
    return EPERM;
  }
  mknod(_name: string, _how: Creation, _rdev: number): Inode | Errno {
    return EPERM;
  }
  tmpfile(_how: Creation, _linkable: boolean): Inode | Errno {
    return EOPNOTSUPP;
  }
  symlink(_name: string, _target: string, _how: Creation): Inode | Errno {
    return EPERM;
  }
  link(_name: string, _to: Inode): Errno | undefined {
    return EPERM;
  }
  unlink(_name: string): Errno | undefined {
    return EPERM;
  }
  rmdir(_name: string): Errno | undefined {
    return EPERM;
  }
  rename(_name: string, _toDir: Inode, _toName: string, _flags: number): Errno | undefined {
    return EPERM;
  }
  entries(): { name: string; ino: number; type: number }[] | Errno {
    return ENOTDIR;
  }
  readlink(): string | Errno {
    return EINVAL;
  }
  pread(_into: Uint8Array, _at: number): number | Errno {
    return EINVAL;
  }
  pwrite(_from: Uint8Array, _at: number): number | Errno {
    return EINVAL;
  }
  allocate(_mode: number, _offset: number, _length: number): Errno | undefined {
    return EOPNOTSUPP;
  }
  page(_index: number, _writing: boolean): Uint8Array | undefined {
    return undefined;
  }
  getxattr(_name: string): Uint8Array | Errno {
    return EOPNOTSUPP;
  }
  setxattr(_name: string, _value: Uint8Array, _flags: number): Errno | undefined {
    return EOPNOTSUPP;
  }
  listxattr(): string[] | Errno {
    return [];
  }
  removexattr(_name: string): Errno | undefined {
    return EOPNOTSUPP;
  }
}
/** Attributes of something made up by the kernel: times those of the machine's start. */
export function madeUp(
  over: Partial<Attributes> & { mode: number; ino: number; dev: number },
  time: bigint,
): Attributes {
  return {
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    size: 0,
    blksize: 4096,
    blocks: 0,
    atime: time,
    mtime: time,
    ctime: time,
    btime: time,
    ...over,
  };
}
export const DT_OF_MODE = (mode: number): number => (mode >> 12) & 15;
