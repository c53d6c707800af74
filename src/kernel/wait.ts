// Sleeping and waking. A system call that must wait returns a Block naming the queues; the scheduler puts the task on them and calls the body again
// from the top when any is woken (or the deadline passes, or a signal comes). Checks come before the block and again after the wake, in the body,
// so a wake-up can't be lost: between check and sleep nothing else runs.
import { ERESTARTSYS, type Errno } from '../abi/errno.ts';

export interface Waiter {
  wake(): void;
}

/** Tasks (or poll tables) that wait for one condition. Owned by the object whose state changes; woken after each change. */
export class WaitQueue {
  readonly #waiters = new Set<Waiter>();
  add(w: Waiter): void {
    this.#waiters.add(w);
  }
  remove(w: Waiter): void {
    this.#waiters.delete(w);
  }
  get idle(): boolean {
    return this.#waiters.size === 0;
  }
  /** Wakes the first `most` waiters in the order they came; each removes itself. Returns how many. */
  wake(most = Number.POSITIVE_INFINITY): number {
    let n = 0;
    for (const w of [...this.#waiters]) {
      if (n >= most) break;
      this.#waiters.delete(w);
      w.wake();
      n++;
    }
    return n;
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
