// Semaphore sets of System V (ipc/sem.c).

import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import { WaitQueue } from '../wait.ts';
import { IpcObject, Registry, seconds } from './registry.ts';

/** /proc/sys/kernel/sem: semaphores a set, in all, operations a call, sets; and the highest value. */
export const SEMMSL = 32000,
  SEMMNS = 1024000000,
  SEMOPM = 500,
  SEMMNI = 32000,
  SEMVMX = 32767;

/** A call that waits for a semaphore: progress of semop. */
export interface SemWaiter {
  readonly thread: Thread;
  readonly number: number;
  readonly forZero: boolean;
}

export class SemaphoreSet extends IpcObject {
  readonly values: Int32Array;
  /** Who changed each last. */
  readonly pids: Int32Array;
  otime = 0;
  /** Woken at each change. */
  readonly queue = new WaitQueue();
  readonly #waiters = new Set<SemWaiter>();
  constructor(task: Task, key: number, mode: number, count: number) {
    super(task, key, mode);
    this.values = new Int32Array(count);
    this.pids = new Int32Array(count);
  }
  wait(w: SemWaiter): void {
    this.#waiters.add(w);
  }
  done(w: SemWaiter): void {
    this.#waiters.delete(w);
  }
  /** How many wait for a semaphore to grow, or to become zero. */
  waiting(number: number, forZero: boolean): number {
    let n = 0;
    for (const w of this.#waiters) {
      if (w.thread.progress !== w) this.#waiters.delete(w);
      else if (w.number === number && w.forZero === forZero) n++;
    }
    return n;
  }
}
export class SemaphoreSets extends Registry<SemaphoreSet> {
  constructor() {
    super(SEMMNI);
  }
}

/** SEM_UNDO: what a process's end adds to each semaphore. */
export class Undo {
  readonly #bySet = new Map<SemaphoreSet, Int32Array>();
  of(set: SemaphoreSet): Int32Array {
    let adjustments = this.#bySet.get(set);
    if (!adjustments) {
      adjustments = new Int32Array(set.values.length);
      this.#bySet.set(set, adjustments);
    }
    return adjustments;
  }
  /** SETVAL and SETALL take back what was to be undone. */
  forget(set: SemaphoreSet, number?: number): void {
    const adjustments = this.#bySet.get(set);
    if (number === undefined) adjustments?.fill(0);
    else if (adjustments) adjustments[number] = 0;
  }
  /** At the end of process `pid`. */
  apply(task: Task, pid: number): void {
    for (const [set, adjustments] of this.#bySet) {
      if (set.removed) continue;
      adjustments.forEach((n, i) => {
        if (n === 0) return;
        set.values[i] = Math.max(0, Math.min(SEMVMX, (set.values[i] as number) + n));
        set.pids[i] = pid;
      });
      set.otime = seconds(task);
      set.queue.wake();
    }
    this.#bySet.clear();
  }
}
