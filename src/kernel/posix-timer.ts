// POSIX timers of a process (kernel/time/posix-timers.c): each sends a signal when it runs out, never more than one at a time, and counts those it left out.
import { SI_TIMER } from '../abi/signal.ts';
import type { Clock } from './clock.ts';
import { nextAfter, type Setting } from './interval.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { Countdown, SigInfo } from './signal/signals.ts';
import type { Thread } from './thread.ts';
import type { Timer } from './timers.ts';

/** Whom a timer tells, and how: no signal for SIGEV_NONE. */
export interface Event {
  readonly signo: number;
  readonly value: bigint;
  readonly to: Process | Thread;
}
const MOST_OVERRUNS = 0x7fff_ffff;

export class PosixTimer implements Countdown {
  readonly id: number;
  readonly clock: Clock;
  readonly #kernel: Kernel;
  readonly #event: Event | undefined;
  /** When it runs out next, on its clock. */
  #at: bigint | undefined;
  #interval = 0n;
  #timer: Timer | undefined;
  /** Its signal is on the way: runs that happen meanwhile are counted only. */
  #sent = false;
  #missed = 0;
  /** What timer_getoverrun tells: of the last signal delivered. */
  overrun = 0;

  constructor(kernel: Kernel, id: number, clock: Clock, event: Event | undefined) {
    this.#kernel = kernel;
    this.id = id;
    this.clock = clock;
    this.#event = event;
  }
  get(): Setting {
    this.#catchUp();
    if (this.#at === undefined) return { left: 0n, interval: this.#interval };
    const left = this.#at - this.clock.now();
    // One that has run out without a signal on the way stands at 0.
    return { left: left > 0n ? left : this.#event ? 1n : 0n, interval: this.#interval };
  }
  set(s: Setting, absolute: boolean): void {
    this.stop();
    this.#interval = s.interval;
    this.#sent = false;
    this.#missed = 0;
    this.overrun = 0;
    if (s.left === 0n) return;
    this.#at = absolute ? s.left : this.clock.now() + s.left;
    this.#start();
  }
  stop(): void {
    if (this.#timer) this.#kernel.scheduler.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#at = undefined;
  }
  /** CPU clocks are looked at when time has been charged, the others by the scheduler. */
  #start(): void {
    const { ahead } = this.clock;
    if (ahead === undefined || this.#at === undefined) return;
    this.#timer = this.#kernel.scheduler.timers.at(this.#at - ahead, () => this.look());
  }
  /** It may have run out. */
  look(): void {
    if (this.#at === undefined || this.clock.now() < this.#at) return;
    const now = this.clock.now();
    const before = this.#at;
    this.#timer = undefined;
    if (this.#interval > 0n) {
      this.#at = nextAfter(before, this.#interval, now);
      this.#missed += Number((this.#at - before) / this.#interval) - 1;
    } else this.#at = undefined;
    if (this.#sent) this.#missed++;
    else if (this.#event) this.#send(this.#event);
    if (this.#at !== undefined) this.#start();
  }
  #catchUp(): void {
    if (!this.#event && this.#interval > 0n) this.look();
  }
  #send({ signo, value, to }: Event): void {
    this.#sent = true;
    this.#kernel.send(to, { signo, code: SI_TIMER, timerid: this.id, overrun: 0, value, countdown: this });
  }
  /** The signal is taken: it says how many more times the timer ran out. */
  delivered(info: SigInfo): SigInfo {
    this.#sent = false;
    this.overrun = Math.min(this.#missed, MOST_OVERRUNS);
    this.#missed = 0;
    return { ...info, overrun: this.overrun };
  }
  /** The signal was thrown away. */
  dropped(): void {
    this.#sent = false;
  }
}
