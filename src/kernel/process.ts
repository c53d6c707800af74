// The process: what its threads share and its parent waits for.
import type { Kernel } from './kernel.ts';
import { Handlers, Pending } from './signal/signals.ts';
import type { Thread } from './thread.ts';
import { WaitQueue } from './wait.ts';

/** How a process ended or stopped, as wait reports it. */
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
  /** Signal for the parent at the end (clone's low byte). */
  exitSignal = 17;
  /** Set when the process is dead and waits to be reaped. */
  ending: Ending | undefined;
  /** Set while a group exit is under way: threads end at their next step. */
  groupExit: Ending | undefined;
  /** Job control: stopped by this signal; reported to the parent once. */
  stopped = 0;
  stopReported = true;
  continuedReported = true;
  /** A child changed state. Woken for wait4 and waitid. */
  readonly childChanged = new WaitQueue();
  /** Has called execve since fork (setpgid's EACCES). */
  execed = false;
  dumpable = 1;
  subreaper = false;
  /** Resource limits by RLIMIT_* number. */
  limits: Rlimit[];
  startTime: bigint;
  cpuTime = { user: 0n, system: 0n };
  childTime = { user: 0n, system: 0n };
  /** setitimer timers by kind; alarm is the first. */
  readonly itimers: { deadline: bigint | undefined; interval: bigint }[] = [0, 1, 2].map(() => ({
    deadline: undefined,
    interval: 0n,
  }));
  /** Command line of /proc, as exec had it. */
  argv: readonly string[] = [];
  exePath = '';

  constructor(kernel: Kernel, pid: number, parent: Process | undefined) {
    this.kernel = kernel;
    this.pid = pid;
    this.parent = parent;
    this.pgid = pid;
    this.sid = pid;
    this.limits = defaultLimits();
    this.startTime = kernel.monotonic();
    parent?.children.add(this);
  }
  /** What a child takes over from the process that makes it. */
  inherit(from: Process): void {
    this.pgid = from.pgid;
    this.sid = from.sid;
    this.limits = from.limits.map((l) => ({ ...l }));
    this.dumpable = from.dumpable;
    this.argv = from.argv;
    this.exePath = from.exePath;
  }
  get ppid(): number {
    return this.parent?.pid ?? (this === this.kernel.first ? this.kernel.host.identity.ppid : 0);
  }
  get leader(): Thread | undefined {
    for (const t of this.threads) if (t.tid === this.pid) return t;
    return [...this.threads][0];
  }
}

/** RLIMIT_*: cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime. */
function defaultLimits(): Rlimit[] {
  const inf = RLIM_INFINITY;
  const both = (cur: number, max = cur): Rlimit => ({ cur, max });
  return [
    both(inf),
    both(inf),
    both(inf),
    both(8388608, inf),
    both(0, inf),
    both(inf),
    both(95907),
    both(1024, 1048576),
    both(8388608),
    both(inf),
    both(inf),
    both(95907),
    both(819200),
    both(0),
    both(0),
    both(inf),
  ];
}
