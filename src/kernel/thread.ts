// The task: one thread of execution. Its registers live in the CPU while it is the one loaded there, else in `saved`.
import { SS_DISABLE } from '../abi/signal.ts';
import type { Abi } from '../abi/type.ts';
import type { Cpu } from './cpu.ts';
import type { Descriptors } from './fdtable.ts';
import type { Kernel } from './kernel.ts';
import type { AddressSpace } from './mm/address-space.ts';
import { UserAccess } from './mm/user-memory.ts';
import { NORMAL, type Scheduling } from './priority.ts';
import type { Process } from './process.ts';
import { Pending, type SigInfo } from './signal/signals.ts';
import type { Syscall } from './syscall.ts';
import type { Credentials, FsContext, Task } from './task.ts';
import type { Block, Waiter, WaitQueue } from './wait.ts';

export interface SharedFs extends FsContext {
  users: number;
}
/** A system call in progress: it sleeps, or has ended and signals are looked at. Valid until it has ended: copy what is to be kept. */
export interface Call {
  readonly syscall: Syscall | undefined;
  readonly nr: number;
  readonly gate: 'syscall' | 'int80' | 'sysenter';
  /** Low and high halves of the call's argument registers, all six where nobody knows the call. What stands behind is of no meaning. */
  readonly raw: Uint32Array;
}
/** Ignored signals kept for whoever watches, at most. */
const MOST_IGNORED = 64;

export class Thread implements Task, Waiter {
  readonly kernel: Kernel;
  process: Process;
  tid: number;
  /** What the program is; a 64-bit one may make calls by the 32-bit gate, see `abi`. */
  programAbi: Abi = 'x64';
  space: AddressSpace;
  readonly user: UserAccess;
  files: Descriptors;
  fs: SharedFs;
  credentials: Credentials;
  comm = '';
  progress: unknown = undefined;
  readonly saved: Uint8Array;
  blocked = 0n;
  /** sigsuspend and the like: the mask to come back to behind the handler. */
  savedMask: bigint | undefined;
  readonly pending = new Pending();
  /** Signals that came and did nothing since it last ran: an observer sees them, the program doesn't. */
  readonly ignored: SigInfo[] = [];
  /** The last fault that became a signal: every later frame shows it (struct thread_struct's trap_nr, error_code and cr2). */
  readonly lastFault = { vector: 0, error: 0, address: 0n };
  altStack = { sp: 0, size: 0, flags: 0 };
  clearChildTid = 0;
  robustList = { head: 0, length: 0 };
  rseq = { at: 0, length: 0, signature: 0 };
  /** PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, timer slack. */
  deathSignal = 0;
  noNewPrivileges = false;
  timerSlack = 50000;
  /** PR_SET_SECUREBITS, PR_SET_KEEPCAPS: SECBIT_* */
  secureBits = 0;
  /** Became a user who has more tasks than RLIMIT_NPROC: execve will refuse. */
  overProcessLimit = false;
  nice = 0;
  scheduling: Scheduling = NORMAL;
  /** CPUs it may run on; kept for those who ask, since one CPU runs all. */
  affinity = 0xffff_ffff_ffff_ffffn;
  ioPriority = 0;
  state: 'runnable' | 'sleeping' | 'stopped' | 'dead' = 'runnable';
  call: Call | undefined;
  /** The object that `call` is while there is one: filled anew by each call. */
  readonly callSlot = {
    syscall: undefined as Syscall | undefined,
    nr: 0,
    gate: 'syscall' as Call['gate'],
    raw: new Uint32Array(12),
  };
  /** What it sleeps on. */
  block: Block | undefined;
  /** When the call in progress gives up waiting (CLOCK_MONOTONIC): set by its first run, kept over wake-ups and restart_syscall. */
  deadline: bigint | undefined;
  /** The call that restart_syscall continues: one that a signal without a handler interrupted. */
  restart: Call | undefined;
  /** Parent waits here until exec or exit of a vfork child. */
  vforkDone: WaitQueue | undefined;
  /** Nanoseconds of CPU used. */
  cpuTime = 0n;
  switches = { voluntary: 0, preempted: 0 };

  constructor(
    kernel: Kernel,
    process: Process,
    tid: number,
    space: AddressSpace,
    files: Descriptors,
    fs: SharedFs,
    credentials: Credentials,
  ) {
    this.kernel = kernel;
    this.process = process;
    this.tid = tid;
    this.space = space;
    this.files = files;
    this.fs = fs;
    this.credentials = credentials;
    this.saved = new Uint8Array(space.cpu.stateSize);
    this.user = new UserAccess(
      () => this.space,
      () => this.abi,
    );
    process.threads.add(this);
    kernel.threads.set(tid, this);
  }
  unshareFiles(): void {
    if (this.files.users === 1) return;
    this.files.users--;
    this.files = this.files.copy();
  }
  /** What a new task takes over from the one that made it, beyond what clone's flags name. */
  inherit(from: Thread, freshStack: boolean): void {
    this.programAbi = from.programAbi;
    this.comm = from.comm;
    this.blocked = from.blocked;
    this.affinity = from.affinity;
    this.ioPriority = from.ioPriority;
    const reset = from.scheduling.resetOnFork;
    this.scheduling = reset ? NORMAL : from.scheduling;
    this.nice = reset && from.nice < 0 ? 0 : from.nice;
    this.noNewPrivileges = from.noNewPrivileges;
    this.timerSlack = from.timerSlack;
    this.secureBits = from.secureBits;
    this.altStack = freshStack ? { sp: 0, size: 0, flags: SS_DISABLE } : from.altStack;
    if (this.space !== from.space) this.rseq = from.rseq;
  }
  /** How arguments and structures of the call in progress are laid out. */
  get abi(): Abi {
    return this.call !== undefined && this.callSlot.gate !== 'syscall' ? 'i386' : this.programAbi;
  }
  get cpu(): Cpu {
    return this.space.cpu;
  }
  get interrupted(): boolean {
    const { pending, process } = this;
    if (process.groupExit) return true;
    if (pending.size === 0 && process.pending.size === 0) return false;
    return ((pending.mask | process.pending.mask) & ~this.blocked) !== 0n;
  }
  capable(cap: number): boolean {
    return (this.credentials.effective >> BigInt(cap)) % 2n === 1n;
  }
  noteIgnored(info: SigInfo): void {
    if (this.ignored.length < MOST_IGNORED) this.ignored.push(info);
  }
  wake(): void {
    if (this.state === 'sleeping') this.kernel.scheduler.wake(this);
  }
}
