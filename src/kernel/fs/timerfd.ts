// timerfd_create(2): a timer that can be waited for. Like Linux's it counts lazily: once run out it stands still until somebody looks how often it has.
import { EAGAIN, EINVAL, type Errno } from '../../abi/errno.ts';
import { POLLIN } from '../../abi/poll.ts';
import { CLOCK_REALTIME, CLOCK_REALTIME_ALARM } from '../../abi/time.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task.ts';
import type { Timer } from '../timers.ts';
import { AnonymousFile } from './anonymous.ts';

export class TimerFile extends AnonymousFile {
  readonly #kernel: Kernel;
  readonly clock: number;
  /** When it runs out next (CLOCK_MONOTONIC), and how often from then on; all in nanoseconds. */
  #at: bigint | undefined;
  #interval = 0n;
  #ticks = 0n;
  #timer: Timer | undefined;
  #setFlags = 0;
  constructor(kernel: Kernel, clock: number, flags: number) {
    super('[timerfd]', flags);
    this.#kernel = kernel;
    this.clock = clock;
  }
  /** `value` 0 disarms it. `absolute`: value is a time of its clock. */
  set(value: bigint, interval: bigint, absolute: boolean, flags: number): void {
    this.#stop();
    this.#interval = interval;
    this.#ticks = 0n;
    this.#setFlags = flags;
    if (value === 0n) return;
    const now = this.#kernel.monotonic();
    const real = this.clock === CLOCK_REALTIME || this.clock === CLOCK_REALTIME_ALARM;
    this.#start(absolute ? (real ? value - this.#kernel.realtime() + now : value) : now + value);
  }
  #start(at: bigint): void {
    this.#at = at;
    this.#timer = this.#kernel.scheduler.timers.at(at, () => {
      this.#ticks = 1n;
      this.#timer = undefined;
      this.queue.wake(POLLIN);
    });
  }
  #stop(): void {
    if (this.#timer) this.#kernel.scheduler.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#at = undefined;
  }
  /** How much is left, and the interval. A periodic timer that ran out goes on from here. */
  get(): { value: bigint; interval: bigint } {
    const now = this.#kernel.monotonic();
    this.#runOut(now);
    if (!this.#timer && this.#ticks > 0n && this.#interval > 0n) this.#ticks += this.#goOn(now) - 1n;
    return { value: this.#timer ? this.#left(now) : 0n, interval: this.#interval };
  }
  #left(now: bigint): bigint {
    return this.#at !== undefined && this.#at > now ? this.#at - now : 1n;
  }
  /** The scheduler looks at its timers between turns only; whoever asks in between sees the clock's truth. */
  #runOut(now: bigint): void {
    if (!this.#timer || (this.#at as bigint) > now) return;
    this.#kernel.scheduler.timers.cancel(this.#timer);
    this.#timer.fire();
  }
  /** Arms a periodic timer for its next time; gives how many have passed. */
  #goOn(now: bigint): bigint {
    const at = this.#at as bigint;
    const passed = (now - at) / this.#interval + 1n;
    this.#start(at + passed * this.#interval);
    return passed;
  }
  override read(_task: Task, into: Uint8Array): number | Errno {
    if (into.length < 8) return EINVAL;
    const now = this.#kernel.monotonic();
    this.#runOut(now);
    if (this.#ticks === 0n) return EAGAIN;
    let n = this.#ticks;
    if (!this.#timer && this.#interval > 0n) n += this.#goOn(now) - 1n;
    this.#ticks = 0n;
    new DataView(into.buffer, into.byteOffset, 8).setBigUint64(0, n, true);
    return 8;
  }
  override poll(): number {
    this.#runOut(this.#kernel.monotonic());
    return this.#ticks > 0n ? POLLIN : 0;
  }
  override release(): void {
    this.#stop();
  }
  override info(_task: Task): string {
    const pair = (ns: bigint): string => `(${ns / 1_000_000_000n}, ${ns % 1_000_000_000n})`;
    const ticks = this.#ticks;
    const left = this.#timer ? this.#left(this.#kernel.monotonic()) : 0n;
    return `clockid: ${this.clock}\nticks: ${ticks}\nsettime flags: 0${this.#setFlags.toString(8)}\nit_value: ${pair(left)}\nit_interval: ${pair(this.#interval)}\n`;
  }
}
