// A process's interval timers (setitimer, alarm): one on the clock, two on the CPU time it uses.
import { SI_KERNEL, SIGALRM, SIGPROF, SIGVTALRM } from '../abi/signal.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { Timer } from './timers.ts';

export const ITIMER_REAL = 0,
  ITIMER_VIRTUAL = 1,
  ITIMER_PROF = 2;
const SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF] as const;

/** What is left and how often it comes again, in nanoseconds; both 0: not set. */
export interface Setting {
  readonly left: bigint;
  readonly interval: bigint;
}

export class IntervalTimers {
  readonly #process: Process;
  #real: { readonly timer: Timer; readonly interval: bigint } | undefined;
  /** Deadlines on the process's CPU time: of user mode, and of all. */
  readonly #cpu: ({ deadline: bigint; readonly interval: bigint } | undefined)[] = [];

  constructor(process: Process) {
    this.#process = process;
  }
  #used(which: number): bigint {
    const { user, system } = this.#process.cpuTime;
    return which === ITIMER_VIRTUAL ? user : user + system;
  }
  get(which: number): Setting {
    if (which === ITIMER_REAL) {
      const now = this.#process.kernel.monotonic();
      const r = this.#real;
      return r ? { left: positive(r.timer.at - now), interval: r.interval } : { left: 0n, interval: 0n };
    }
    const c = this.#cpu[which];
    return c ? { left: positive(c.deadline - this.#used(which)), interval: c.interval } : { left: 0n, interval: 0n };
  }
  set(which: number, s: Setting): void {
    if (which !== ITIMER_REAL) {
      this.#cpu[which] = s.left ? { deadline: this.#used(which) + s.left, interval: s.interval } : undefined;
      return;
    }
    const { kernel } = this.#process;
    if (this.#real) kernel.scheduler.timers.cancel(this.#real.timer);
    this.#real = undefined;
    if (s.left) this.#start(kernel, kernel.monotonic() + s.left, s.interval);
  }
  #start(kernel: Kernel, at: bigint, interval: bigint): void {
    const timer = kernel.scheduler.timers.at(at, () => {
      this.#real = undefined;
      kernel.send(this.#process, { signo: SIGALRM, code: SI_KERNEL });
      if (interval) this.#start(kernel, nextAfter(at, interval, kernel.monotonic()), interval);
    });
    this.#real = { timer, interval };
  }
  /** After some CPU time was used: sends what is due. */
  charge(): void {
    for (const which of [ITIMER_VIRTUAL, ITIMER_PROF]) {
      const c = this.#cpu[which];
      if (!c || this.#used(which) < c.deadline) continue;
      this.#process.kernel.send(this.#process, { signo: SIGNALS[which] as number, code: SI_KERNEL });
      if (c.interval) c.deadline = nextAfter(c.deadline, c.interval, this.#used(which));
      else this.#cpu[which] = undefined;
    }
  }
  cancelAll(): void {
    if (this.#real) this.#process.kernel.scheduler.timers.cancel(this.#real.timer);
    this.#real = undefined;
    this.#cpu.length = 0;
  }
}
const positive = (n: bigint): bigint => (n > 0n ? n : 1n);
/** The first of at + n * interval that lies behind now: periods that were missed are left out. */
export const nextAfter = (at: bigint, interval: bigint, now: bigint): bigint =>
  at + interval > now ? at + interval : at + ((now - at) / interval + 1n) * interval;
