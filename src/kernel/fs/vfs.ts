// The virtual file system's contracts. Names and paths are byte strings: JavaScript strings with one char (0..255) a byte, since Linux names are bytes.
// Lifetimes: an Inode is a file; a Dentry is a name of it in a directory (the tree that path walk, getcwd and /proc/self/fd see); an OpenFile is Linux's
// "open file description", shared by dup and fork; a descriptor is an index of a task's FdTable.
import type { Errno } from '../../abi/errno.ts';
import type { Segment } from '../io.ts';
import type { Result } from '../syscall.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import type { Block, WaitQueue } from '../wait.ts';
import type { Async } from './async.ts';
import type { FileLocks } from './locks.ts';

/** Nanoseconds since the Epoch. */
export type Time = bigint;
export interface Attributes {
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  blksize: number;
  blocks: number;
  atime: Time;
  mtime: Time;
  ctime: Time;
  btime: Time;
}
export interface Creation {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface FileSystem {
  /** As /proc/mounts names it, with statfs's magic. */
  readonly type: string;
  readonly magic: number;
  readonly dev: number;
  readonly readOnly: boolean;
  /** statx: the fields it always gives and those it gives when asked, and which attributes it knows. */
  readonly statx?: { readonly given: number; readonly onRequest: number; readonly attributes: number };
  readonly root: Inode;
  /** `of`: a file of it, since a tree of the host's may hold several. `type` where it differs from the magic number. */
  statfs(of: Inode): {
    type?: number;
    bsize: number;
    blocks: number;
    bfree: number;
    bavail: number;
    files: number;
    ffree: number;
    namelen: number;
  };
}

/** Told when bytes [from, to) of a file have changed, or went away with its end. */
export interface ContentsWatcher {
  contentsChanged(inode: object, from: number, to: number): void;
  /** It maps the file shared, and may write there. */
  writes(inode: object): boolean;
}

export function tellWatchers(inode: Inode, from: number, to: number): void {
  if (inode.watchers) for (const w of inode.watchers) w.contentsChanged(inode, from, to);
}

/** A file. Directory operations get single names (never empty, '.', '..' or with '/'). Permission checks are the VFS's, not the inode's. */
export interface Inode {
  readonly fs: FileSystem;
  readonly ino: number;
  /** Address spaces that map it; whoever changes the contents other than through `page` tells them. */
  watchers?: Set<ContentsWatcher>;
  /** Advisory locks on it. */
  locks?: FileLocks;
  /** F_SET_RW_HINT's word on how long data will live. */
  hint: number;
  /** Open for writing (above zero), or being executed (below): one excludes the other. Changed by open files of it. */
  writeCount: number;
  /** memfd_create's seals (F_SEAL_*); F_SEAL_SEAL alone on files that take none. */
  seals: number;
  readonly sealable: boolean;
  /** fallocate(2), its arguments checked. */
  allocate(mode: number, offset: number, length: number): Errno | undefined;
  /** Has no name, but may get one. */
  readonly linkable: boolean;
  /** Directories: changes whenever a lookup may answer otherwise than before. Undefined where names come and go by themselves. */
  readonly version: number | undefined;
  /** It was read: the access time follows. */
  accessed(): void;
  /** One open file of it, made by `open`, is gone. */
  closed(): void;
  /** Regular files: where data or a hole begins at or behind `at`; undefined: none before the end. */
  find(what: 'data' | 'hole', at: number): number | undefined;
  attributes(): Attributes;
  /** chmod, chown, utimes, truncate: only the given fields. ctime follows by itself. */
  setAttributes(
    change: Partial<Pick<Attributes, 'mode' | 'uid' | 'gid' | 'size' | 'atime' | 'mtime'>>,
  ): Errno | undefined;
  /** Directories. */
  lookup(name: string): Inode | Errno;
  create(name: string, how: Creation): Inode | Errno;
  mkdir(name: string, how: Creation): Inode | Errno;
  mknod(name: string, how: Creation, rdev: number): Inode | Errno;
  /** O_TMPFILE: a file of this directory's file system without a name; `linkable`: linkat may give it one. */
  tmpfile(how: Creation, linkable: boolean): Inode | Errno;
  symlink(name: string, target: string, how: Creation): Inode | Errno;
  link(name: string, to: Inode): Errno | undefined;
  unlink(name: string): Errno | undefined;
  rmdir(name: string): Errno | undefined;
  /** flags: RENAME_NOREPLACE 1, RENAME_EXCHANGE 2; the VFS has already checked types and permissions. */
  rename(name: string, toDir: Inode, toName: string, flags: number): Errno | undefined;
  /** All entries but . and .., in a stable order. `type` is DT_*. */
  entries(): { name: string; ino: number; type: number }[] | Errno;
  /** Symbolic links: the text; magic links (/proc/self/exe, fd/N) may give the place itself through `jump`. */
  readlink(): string | Errno;
  jump?(task: Task): Dentry | OpenFile | Errno;
  /** Opens it: regular files, devices, fifos. The VFS handles O_CREAT, O_TRUNC, permissions and flags; `flags` are open(2)'s. */
  open(task: Task, flags: number, at: Dentry): OpenFile | Errno | Block;
  /** Regular files: bytes of the file itself, for exec, mmap and read alike. Page-cache pages are shared by every mapping: see `page`. */
  pread(into: Uint8Array, at: number): number | Errno;
  pwrite(from: Uint8Array, at: number): number | Errno;
  /** The page-cache page (4096 bytes, zero-filled behind the end) that MAP_SHARED mappings share; undefined where mapping isn't possible. */
  /** `writing`: whoever maps it may write there. */
  page(index: number, writing: boolean): Uint8Array | undefined;
  getxattr(name: string): Uint8Array | Errno;
  setxattr(name: string, value: Uint8Array, flags: number): Errno | undefined;
  listxattr(): string[] | Errno;
  removexattr(name: string): Errno | undefined;
}

/** A name in the tree. `mount` tells which mount it belongs to; root dentries of mounts have `covers`, the dentry they are mounted on. */
export interface Dentry {
  readonly name: string;
  readonly parent: Dentry | undefined;
  readonly inode: Inode;
  /** Unlinked since: /proc/self/fd shows " (deleted)". */
  readonly deleted: boolean;
}

export {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../../abi/poll.ts';

/** An open file description. EAGAIN from read/write/accept means "would block": the caller decides by O_NONBLOCK whether to sleep on `queue`. */
export interface OpenFile {
  /** For errors, traces and /proc/N/fd: the dentry, or text such as "pipe:[123]", "socket:[4]", "anon_inode:[eventpoll]". */
  readonly at: Dentry | string;
  readonly inode: Inode;
  /** open(2) flags as F_GETFL shows them (without O_CREAT etc.); F_SETFL changes O_APPEND, O_NONBLOCK... */
  flags: number;
  /** Where read and write go; undefined where not seekable (ESPIPE). */
  position: number | undefined;
  /** Which owner F_SETOWN set; locks and leases live with the inode. */
  read(task: Task, into: Uint8Array, at?: number): number | Errno;
  write(task: Task, from: Uint8Array, at?: number): number | Errno;
  /** Files that take and give whole messages (sockets): what read, write and their vectored kin do instead of the two above. */
  readv?(task: Task, segments: readonly Segment[], nowait: boolean): Result;
  writev?(task: Task, segments: readonly Segment[], nowait: boolean): Result;
  seek(offset: number, whence: number): number | Errno;
  /** POLL* bits that hold now; undefined where there's nothing to wait for (regular files): always ready, and epoll won't have it. */
  poll(): number | undefined;
  /** Woken when poll() may have changed. */
  readonly queue: WaitQueue;
  /** arg is the raw user address or value. ENOTTY where unknown. */
  ioctl(task: Thread, command: number, arg: number): number | Errno | Block;
  /** Lines of its own in /proc/N/fdinfo. */
  info?(task: Task): string;
  /** getdents: the directory's stream at `position`; undefined at its end. */
  readdir?(task: Task): { name: string; ino: number; type: number; next: number } | Errno | undefined;
  /** Pages for mmap; undefined: ENODEV. */
  page?(index: number): Uint8Array | undefined;
  /** When a read or write that waits gives up and is tried for the last time. */
  deadline?(task: Task): bigint | undefined;
  /** Who gets SIGIO. */
  async?: Async;
  /** fsync(2). */
  sync?(): Errno | undefined;
  /** close(2) of one descriptor (for flush and POSIX locks), and the last reference gone. */
  flush?(task: Task): Errno | undefined;
  release(): void;
  /** References: descriptors and mappings. Changed by FdTable and the address space only. */
  references: number;
}
