// The process: what its threads share and its parent waits for.
import { RLIM_NLIMITS } from '../abi/resource.ts';
import { IntervalTimers } from './interval.ts';
import { Undo } from './ipc/sem.ts';
import type { Kernel } from './kernel.ts';
import type { PosixTimer } from './posix-timer.ts';
import { Handlers, Pending } from './signal/signals.ts';
import type { Thread } from './thread.ts';
import { Usage } from './usage.ts';
import { WaitQueue } from './wait.ts';

/** How a process ended, as wait reports it. */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number; readonly core: boolean };

export interface Rlimit {
  cur: number;
  max: number;
}
export const RLIM_INFINITY = Number.POSITIVE_INFINITY;

export class Process {
  readonly kernel: Kernel;
  readonly pid: number;
  parent: Process | undefined;
  pgid: number;
  sid: number;
  readonly threads = new Set<Thread>();
  readonly children = new Set<Process>();
  handlers = new Handlers();
  readonly pending = new Pending();
  /** Woken when a signal of the process or of one of its tasks becomes pending: sigtimedwait. */
  readonly signalQueue = new WaitQueue();
  /** Signal for the parent at the end (clone's low byte). */
  exitSignal = 17;
  /** Set when the process is dead and waits to be reaped. */
  ending: Ending | undefined;
  /** Set while a group exit is under way: threads end at their next step. */
  groupExit: Ending | undefined;
  /** The real user, kept for its parent when its tasks are gone. */
  uid = 0;
  /** Job control: stopped by this signal; reported to the parent once. */
  stopped = 0;
  stopReported = true;
  continuedReported = true;
  /** A child changed state. Woken for wait4 and waitid. */
  readonly childChanged = new WaitQueue();
  /** Woken at the end: pidfds poll it. */
  readonly pidfdQueue = new WaitQueue();
  /** Woken whenever it has used CPU time: who waits for its clock. */
  readonly charged = new WaitQueue();
  /** Has called execve since fork (setpgid's EACCES). */
  execed = false;
  dumpable = 1;
  /** /proc/PID/oom_score_adj. */
  oomScoreAdj = 0;
  subreaper = false;
  /** personality(2), inherited and kept over exec. */
  personality = 0;
  /** PR_SET_THP_DISABLE */
  hugePagesOff = false;
  /** Resource limits by RLIMIT_* number. */
  limits: Rlimit[] = [];
  startTime: bigint;
  cpuTime = { user: 0n, system: 0n };
  childTime = { user: 0n, system: 0n };
  /** Of ended tasks and left address spaces; and of children it has waited for. */
  readonly usage = new Usage();
  readonly childUsage = new Usage();
  readonly timers = new IntervalTimers(this);
  /** What its end does to System V semaphores. */
  readonly semaphoreUndo = new Undo();
  /** By the number timer_create gave. */
  readonly posixTimers = new Map<number, PosixTimer>();
  nextTimer = 0;
  /** Command line of /proc, as exec had it. */
  argv: readonly string[] = [];
  exePath = '';

  constructor(kernel: Kernel, pid: number, parent: Process | undefined) {
    this.kernel = kernel;
    this.pid = pid;
    this.parent = parent;
    this.pgid = pid;
    this.sid = pid;
    this.startTime = kernel.monotonic();
    parent?.children.add(this);
  }
  /** What a child takes over from the process that makes it. */
  inherit(from: Process): void {
    this.pgid = from.pgid;
    this.sid = from.sid;
    this.uid = from.uid;
    this.limits = from.limits.map((l) => ({ ...l }));
    this.dumpable = from.dumpable;
    this.oomScoreAdj = from.oomScoreAdj;
    this.personality = from.personality;
    this.hugePagesOff = from.hugePagesOff;
    this.argv = from.argv;
    this.exePath = from.exePath;
  }
  /** The parent as programs see it: 1 where it is gone; the first process's is the one that started the machine. */
  get ppid(): number {
    return this.parent?.pid ?? (this === this.kernel.first ? this.kernel.host.identity.ppid : 1);
  }
  /** Timers end with the process, and POSIX ones at exec. */
  stopPosixTimers(): void {
    for (const timer of this.posixTimers.values()) timer.stop();
    this.posixTimers.clear();
  }
  get leader(): Thread | undefined {
    const t = this.kernel.threads.get(this.pid);
    if (t?.process === this) return t;
    for (const other of this.threads) return other;
    return undefined;
  }
  /** Signals queued for it and its tasks (RLIMIT_SIGPENDING). */
  get pendingSignals(): number {
    let n = this.pending.size;
    for (const t of this.threads) n += t.pending.size;
    return n;
  }
}

/** Linux's limits for a first process (include/asm-generic/resource.h), with what a login gives. */
export function defaultLimits(): Rlimit[] {
  const inf = RLIM_INFINITY;
  const both = (cur: number, max = cur): Rlimit => ({ cur, max });
  const limits: Rlimit[] = Array.from({ length: RLIM_NLIMITS }, () => both(inf));
  limits[3] = both(8388608, inf);
  limits[4] = both(0, inf);
  limits[6] = both(95907);
  limits[7] = both(1024, 1048576);
  limits[8] = both(8388608);
  limits[11] = both(95907);
  limits[12] = both(819200);
  limits[13] = both(0);
  limits[14] = both(0);
  return limits;
}
