// Sleeping and waking. A system call that must wait returns a Block naming the queues; the scheduler puts the task on them and calls the body again
// from the top when any is woken (or the deadline passes, or a signal comes). Checks come before the block and again after the wake, in the body,
// so a wake-up can't be lost: between check and sleep nothing else runs.
import { ERESTARTSYS, type Errno } from '../abi/errno.ts';

export interface Waiter {
  wake(): void;
}

/** Stays on a queue and hears of each change: epoll's items. */
export interface Watcher {
  /** One of those that say so hears of a wake-up at most: the first that has a use for it (EPOLLEXCLUSIVE). */
  readonly exclusive: boolean;
  /** Gives whether somebody was woken. `events` as in `WaitQueue.wake`. */
  notify(events: number): boolean;
}

/** Tasks and watchers that wait for one condition. Owned by the object whose state changes; woken after each change. */
export class WaitQueue {
  /** Made when first needed: most queues never are waited on. */
  #waiters: Set<Waiter> | undefined;
  #watchers: Set<Watcher> | undefined;
  add(w: Waiter): void {
    this.#waiters ??= new Set();
    this.#waiters.add(w);
  }
  remove(w: Waiter): void {
    this.#waiters?.delete(w);
  }
  watch(w: Watcher): void {
    this.#watchers ??= new Set();
    this.#watchers.add(w);
  }
  unwatch(w: Watcher): void {
    this.#watchers?.delete(w);
  }
  get idle(): boolean {
    return !this.#waiters?.size;
  }
  /** Wakes the waiters in the order they came; each removes itself. `events`: the POLL* bits that may hold now, 0 for any. */
  wake(events = 0): void {
    if (this.#watchers?.size) this.#notify(this.#watchers, events);
    if (!this.#waiters?.size) return;
    for (const w of [...this.#waiters]) {
      this.#waiters.delete(w);
      w.wake();
    }
  }
  /** As on Linux, who came last hears first; exclusive ones in the order they came, behind the others. */
  #notify(watchers: Set<Watcher>, events: number): void {
    const list = [...watchers];
    for (let i = list.length - 1; i >= 0; i--) if (!(list[i] as Watcher).exclusive) (list[i] as Watcher).notify(events);
    for (const w of list) if (w.exclusive && w.notify(events)) return;
  }
}

/** A system call sleeps until a queue is woken or the deadline (nanoseconds of CLOCK_MONOTONIC) passes. */
export class Block {
  readonly on: readonly WaitQueue[];
  readonly deadline: bigint | undefined;
  /** The result when a signal ends the sleep: an error, or what was done before. */
  readonly onSignal: Errno | number;
  /** Which signals end the sleep: any that isn't blocked, or deadly ones alone. */
  readonly by: 'any signal' | 'killable';
  constructor(
    on: readonly WaitQueue[],
    deadline?: bigint,
    onSignal: Errno | number = ERESTARTSYS,
    by: Block['by'] = 'any signal',
  ) {
    this.on = on;
    this.deadline = deadline;
    this.onSignal = onSignal;
    this.by = by;
  }
}
