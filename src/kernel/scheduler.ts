// Who runs: round robin over runnable tasks, deadlines of sleepers in order.
import type { Thread } from './thread.ts';
import type { Block } from './wait.ts';

interface Timer {
  readonly at: bigint;
  readonly seq: number;
  readonly fire: () => void;
  cancelled: boolean;
}

export class Scheduler {
  readonly #run: Thread[] = [];
  #timers: Timer[] = [];
  #seq = 0;
  readonly #sleepTimers = new Map<Thread, Timer>();

  add(t: Thread): void {
    t.state = 'runnable';
    if (!this.#run.includes(t)) this.#run.push(t);
  }
  next(): Thread | undefined {
    return this.#run.shift();
  }
  get runnable(): number {
    return this.#run.length;
  }
  remove(t: Thread): void {
    const i = this.#run.indexOf(t);
    if (i >= 0) this.#run.splice(i, 1);
    this.#leaveQueues(t);
  }
  sleep(t: Thread, block: Block): void {
    t.state = 'sleeping';
    t.block = block;
    t.woken = false;
    for (const q of block.on) q.add(t);
    if (block.deadline !== undefined)
      this.#sleepTimers.set(
        t,
        this.at(block.deadline, () => this.wake(t)),
      );
  }
  wake(t: Thread): void {
    if (t.state !== 'sleeping') return;
    this.#leaveQueues(t);
    t.woken = true;
    this.add(t);
  }
  #leaveQueues(t: Thread): void {
    for (const q of t.block?.on ?? []) q.remove(t);
    t.block = undefined;
    const timer = this.#sleepTimers.get(t);
    if (timer) timer.cancelled = true;
    this.#sleepTimers.delete(t);
  }
  /** Calls `fire` at a time of CLOCK_MONOTONIC. */
  at(time: bigint, fire: () => void): Timer {
    const timer: Timer = { at: time, seq: this.#seq++, fire, cancelled: false };
    let i = this.#timers.length;
    while (i > 0 && (this.#timers[i - 1] as Timer).at > time) i--;
    this.#timers.splice(i, 0, timer);
    return timer;
  }
  /** Fires what is due; gives the next deadline. */
  fireDue(now: bigint): bigint | undefined {
    while (this.#timers.length) {
      const t = this.#timers[0] as Timer;
      if (!t.cancelled && t.at > now) return t.at;
      this.#timers.shift();
      if (!t.cancelled) t.fire();
    }
    return undefined;
  }
}
export type { Timer };
