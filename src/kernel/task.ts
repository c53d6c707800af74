// The process control block's public face: what system call bodies see of the task that made the call. A task is a thread; tasks of one process share
// the parts that clone(2) says (CLONE_VM mm, CLONE_FILES files, CLONE_FS fs, CLONE_SIGHAND handlers, CLONE_THREAD the process).
import type { Errno } from '../abi/errno.ts';
import type { ValueOf } from '../abi/struct.ts';
import type { Abi, Type } from '../abi/type.ts';
import type { Cpu } from './cpu.ts';
import type { Dentry, OpenFile } from './fs/vfs.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';

/** Copying between kernel and user memory. Every method checks rights page by page as the MMU would for ring 3; `undefined`/EFAULT where they fail. */
export interface UserMemory {
  /** The bytes at [at, at+n), as a copy or a view (don't keep, don't write). EFAULT where any isn't readable. */
  bytes(at: number, n: number): Uint8Array | Errno;
  /** All of [at, at+n) is readable and stands in the CPU's memory at just that offset. False says nothing: ask for the bytes. */
  direct(at: number, n: number): boolean;
  /** Writes all or nothing. */
  put(at: number, from: Uint8Array): Errno | undefined;
  /** How many of n bytes from `at` on are readable / writable, from the start (for partial transfers). */
  readable(at: number, n: number): number;
  writable(at: number, n: number): number;
  /** The bytes themselves, to be written before anything else runs, where all of them are at hand: one or more. Else `into` is the way. */
  window(at: number, n: number): Uint8Array | undefined;
  /** Lets `fill` write up to n bytes straight into user memory (a view where linear); returns what it returns; EFAULT if nothing at `at` is writable (n > 0). */
  into<T>(at: number, n: number, fill: (view: Uint8Array) => T): T | Errno;
  /** A NUL-terminated byte string of at most `most` bytes (default PATH_MAX 4096) without its NUL; ENAMETOOLONG where there's no NUL within. */
  string(at: number, most?: number): string | Errno;
  /** Structures and integers by abi type, in this task's ABI. */
  get<const T extends Type>(t: T, at: number): ValueOf<T> | Errno;
  set<const T extends Type>(t: T, at: number, value: Partial<ValueOf<T>> | ValueOf<T>): Errno | undefined;
}

/** Descriptors of a process. */
export interface FdTable {
  /** EBADF is the only error. */
  get(fd: number): OpenFile | Errno;
  /** Lowest free descriptor at or above `from`; EMFILE by RLIMIT_NOFILE. */
  install(file: OpenFile, cloexec: boolean, from?: number): number | Errno;
  /** dup2: closes what was there. */
  set(fd: number, file: OpenFile, cloexec: boolean, task?: Task): Errno | undefined;
  close(task: Task, fd: number): Errno | undefined;
  cloexec(fd: number): boolean;
  setCloexec(fd: number, on: boolean): void;
  entries(): Iterable<readonly [fd: number, file: OpenFile, cloexec: boolean]>;
  limit: number;
}

/** What chdir, chroot and umask change. */
export interface FsContext {
  cwd: Dentry;
  root: Dentry;
  umask: number;
}

export interface Credentials {
  uid: number;
  euid: number;
  suid: number;
  fsuid: number;
  gid: number;
  egid: number;
  sgid: number;
  fsgid: number;
  groups: readonly number[];
  /** Capability sets as 64-bit masks. */
  permitted: bigint;
  effective: bigint;
  inheritable: bigint;
  bounding: bigint;
  ambient: bigint;
}

export interface Task {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly tid: number;
  readonly abi: Abi;
  /** The CPU and memory of this task's address space. */
  readonly cpu: Cpu;
  readonly user: UserMemory;
  readonly files: FdTable;
  readonly fs: FsContext;
  readonly credentials: Credentials;
  comm: string;
  /** Scratch for a blocking call's progress: set by a body before it returns a Block, cleared by the dispatcher when the call ends. Plain data only. */
  progress: unknown;
  /** A signal that isn't blocked or ignored is waiting: a body that would go on sleeping may look. */
  readonly interrupted: boolean;
  /** Descriptors shared with others become a copy of this task's own (close_range, unshare). */
  unshareFiles(): void;
  /** Capability check (CAP_* number) in the task's effective set. */
  capable(cap: number): boolean;
}
