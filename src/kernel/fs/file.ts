// Open file descriptions: what all have in common, and those of files with contents or entries.
import { EBADF, EFBIG, EINVAL, EISDIR, ENOTTY, ENXIO, EPERM, Errno, ESPIPE } from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import * as O from '../../abi/open.ts';
import { SI_KERNEL, SIGXFSZ } from '../../abi/signal.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import { type Block, WaitQueue } from '../wait.ts';
import type { Async } from './async.ts';
import type { Name } from './dentry.ts';
import { dropPrivileges } from './permission.ts';
import type { Dentry, Inode, OpenFile } from './vfs.ts';

const SEEK_CUR = 1,
  SEEK_END = 2,
  SEEK_DATA = 3,
  SEEK_HOLE = 4;
const KEPT = ~(O.O_CREAT | O.O_EXCL | O.O_NOCTTY | O.O_TRUNC | O.O_CLOEXEC);

/** MAX_LFS_FILESIZE. */
export const MAX_FILE_SIZE = 0x7fff_ffff_ffff_f000;
export abstract class BaseFile implements OpenFile {
  readonly at: Dentry | string;
  readonly inode: Inode;
  flags: number;
  position: number | undefined = undefined;
  readonly queue: WaitQueue;
  references = 0;
  async?: Async;
  constructor(at: Dentry | string, inode: Inode, flags: number, queue = new WaitQueue()) {
    this.queue = queue;
    this.at = at;
    this.inode = inode;
    this.flags = (flags & KEPT) | O.O_LARGEFILE;
  }
  get readable(): boolean {
    return (this.flags & O.O_ACCMODE) !== O.O_WRONLY;
  }
  get writable(): boolean {
    return (this.flags & O.O_ACCMODE) !== O.O_RDONLY;
  }
  read(_task: Task, _into: Uint8Array, _at?: number): number | Errno {
    return EINVAL;
  }
  write(_task: Task, _from: Uint8Array, _at?: number): number | Errno {
    return EINVAL;
  }
  seek(_offset: number, _whence: number): number | Errno {
    return ESPIPE;
  }
  poll(): number | undefined {
    return undefined;
  }
  ioctl(_task: Thread, _command: number, _arg: number): number | Errno | Block {
    return ENOTTY;
  }
  release(): void {}
}

const RLIMIT_FSIZE = 1;
/** A regular file: bytes of its inode at a position. */
export class RegularFile extends BaseFile {
  override position: number | undefined = 0;
  #denies = false;
  constructor(at: Dentry | string, inode: Inode, flags: number) {
    super(at, inode, flags);
    if (this.writable) inode.writeCount++;
  }
  /** It is being executed: nobody may open it for writing until it is released. */
  denyWrites(): void {
    this.#denies = true;
    this.inode.writeCount--;
  }
  override release(): void {
    if (this.writable) this.inode.writeCount--;
    if (this.#denies) this.inode.writeCount++;
    this.inode.closed();
  }
  override read(_task: Task, into: Uint8Array, at?: number): number | Errno {
    if (!this.readable) return EBADF;
    const from = at ?? (this.position as number);
    const n = this.inode.pread(into, from);
    if (n instanceof Errno) return n;
    if (at === undefined) this.position = from + n;
    if (n > 0 && !(this.flags & O.O_NOATIME)) this.inode.accessed();
    return n;
  }
  override write(task: Task, from: Uint8Array, at?: number): number | Errno {
    if (!this.writable) return EBADF;
    const to = this.flags & O.O_APPEND ? this.inode.attributes().size : (at ?? (this.position as number));
    if (from.length === 0) return 0;
    const room = this.#room(task, to, from.length);
    if (room instanceof Errno) return room;
    const n = this.inode.pwrite(room < from.length ? from.subarray(0, room) : from, to);
    if (n instanceof Errno) return n;
    if (at === undefined) this.position = to + n;
    dropPrivileges(task, this.inode);
    return n;
  }
  /** How much may be written at a place, by the limits and seals there are (generic_write_check_limits). */
  #room(task: Task, at: number, n: number): number | Errno {
    const limit = Math.min(task.process.limits[RLIMIT_FSIZE]?.cur ?? MAX_FILE_SIZE, MAX_FILE_SIZE);
    if (at >= limit) {
      if (limit < MAX_FILE_SIZE)
        task.kernel.send(task.kernel.thread(task.tid) ?? task.process, { signo: SIGXFSZ, code: SI_KERNEL });
      return EFBIG;
    }
    const { seals } = this.inode;
    if (seals & (F.F_SEAL_WRITE | F.F_SEAL_FUTURE_WRITE)) return EPERM;
    if (seals & F.F_SEAL_GROW && at + n > this.inode.attributes().size) return EPERM;
    return Math.min(n, limit - at);
  }
  override seek(offset: number, whence: number): number | Errno {
    const { size } = this.inode.attributes();
    let to: number;
    switch (whence) {
      case 0:
        to = offset;
        break;
      case SEEK_CUR:
        to = (this.position as number) + offset;
        break;
      case SEEK_END:
        to = size + offset;
        break;
      case SEEK_DATA:
      case SEEK_HOLE:
        if (offset < 0 || offset >= size) return ENXIO;
        to = this.inode.find(whence === SEEK_DATA ? 'data' : 'hole', offset) ?? -1;
        if (to < 0) return ENXIO;
        break;
      default:
        return EINVAL;
    }
    if (to < 0 || to > 0x7fff_ffff_ffff_f000) return EINVAL;
    this.position = to;
    return to;
  }
  page(index: number): Uint8Array | undefined {
    return this.inode.page(index, this.writable);
  }
}

/** A directory being read: the entries as they were at the last rewind, . and .. in front. */
export class DirectoryFile extends BaseFile {
  override position: number | undefined = 0;
  #entries: { name: string; ino: number; type: number }[] | undefined;
  override read(): number | Errno {
    return EISDIR;
  }
  override seek(offset: number, whence: number): number | Errno {
    const to = whence === SEEK_CUR ? (this.position as number) + offset : offset;
    if ((whence !== 0 && whence !== SEEK_CUR) || to < 0) return EINVAL;
    this.position = to;
    if (to === 0) this.#entries = undefined;
    return to;
  }
  readdir(_task: Task): { name: string; ino: number; type: number; next: number } | Errno | undefined {
    const here = this.at as Name;
    if (!this.#entries) {
      const list = this.inode.entries();
      if (list instanceof Errno) return list;
      this.inode.accessed();
      let above = here;
      while (above.covers) above = above.covers;
      const DT_DIR = 4;
      this.#entries = [
        { name: '.', ino: this.inode.ino, type: DT_DIR },
        { name: '..', ino: (above.parent ?? here).inode.ino, type: DT_DIR },
        ...list,
      ];
    }
    const at = this.position as number;
    const e = this.#entries[at];
    if (!e) return undefined;
    this.position = at + 1;
    return { ...e, next: at + 1 };
  }
}

/** O_PATH: a place in the tree, nothing more. */
export class PathFile extends BaseFile {
  constructor(at: Dentry, flags: number) {
    super(at, at.inode, flags);
    this.flags = flags & ~O.O_CLOEXEC;
  }
  override read(): Errno {
    return EBADF;
  }
  override write(): Errno {
    return EBADF;
  }
  override seek(): Errno {
    return EBADF;
  }
  override ioctl(): Errno {
    return EBADF;
  }
}
