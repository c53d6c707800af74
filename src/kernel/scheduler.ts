// Who runs: round robin over runnable tasks; sleepers on their queues and deadlines.
import type { Thread } from './thread.ts';
import { type Timer, Timers } from './timers.ts';
import type { Block } from './wait.ts';

export class Scheduler {
  readonly timers = new Timers();
  /** Runnable tasks in the order of their turns. */
  readonly #run = new Set<Thread>();
  readonly #sleepTimers = new Map<Thread, Timer>();

  add(t: Thread): void {
    t.state = 'runnable';
    this.#run.add(t);
  }
  next(): Thread | undefined {
    for (const t of this.#run) {
      this.#run.delete(t);
      return t;
    }
    return undefined;
  }
  get runnable(): number {
    return this.#run.size;
  }
  remove(t: Thread): void {
    this.#run.delete(t);
    this.#leaveQueues(t);
  }
  sleep(t: Thread, block: Block): void {
    t.state = 'sleeping';
    t.block = block;
    for (const q of block.on) q.add(t);
    if (block.deadline !== undefined)
      this.#sleepTimers.set(
        t,
        this.timers.at(block.deadline, () => this.wake(t)),
      );
  }
  wake(t: Thread): void {
    if (t.state !== 'sleeping') return;
    this.#leaveQueues(t);
    this.add(t);
  }
  #leaveQueues(t: Thread): void {
    if (!t.block) return;
    for (const q of t.block.on) q.remove(t);
    t.block = undefined;
    const timer = this.#sleepTimers.get(t);
    if (!timer) return;
    this.timers.cancel(timer);
    this.#sleepTimers.delete(t);
  }
}
