// Futexes: tasks that wait for a word of memory to change (kernel/futex/). A word is known by the page it lies in, so that processes that share the page
// at different addresses meet; private ones by address space and address.
import { EFAULT, EINVAL, type Errno } from '../abi/errno.ts';
import type { Thread } from './thread.ts';
import { WaitQueue } from './wait.ts';

/** Which word: an object that stands for the memory, and a place in it. */
export interface FutexKey {
  readonly of: object;
  readonly at: number;
}

/** The identity of the word at a task's address; EINVAL where unaligned, EFAULT where there is none. */
export function keyOf(t: Thread, at: number, shared: boolean): FutexKey | Errno {
  if (at % 4) return EINVAL;
  if (t.user.readable(at, 4) < 4) return EFAULT;
  return (shared ? t.space.sharedWord(at) : undefined) ?? { of: shared ? t.space.areas : t.space, at };
}

/** A task that waits; kept as its call's progress. */
export class FutexWaiter {
  readonly thread: Thread;
  readonly bitset: number;
  key: FutexKey;
  woken = false;
  readonly queue = new WaitQueue();
  constructor(thread: Thread, key: FutexKey, bitset: number) {
    this.thread = thread;
    this.key = key;
    this.bitset = bitset;
  }
  /** Its task may have died or gone on for another reason. */
  get live(): boolean {
    return this.thread.progress === this && !this.woken;
  }
}

export class Futexes {
  readonly #byObject = new WeakMap<object, Map<number, FutexWaiter[]>>();

  /** Waiters of a word in the order they came, those that have gone left out. */
  at(key: FutexKey): readonly FutexWaiter[] {
    const words = this.#byObject.get(key.of);
    const list = words?.get(key.at)?.filter((w) => w.live);
    if (!words || !list) return [];
    if (list.length) words.set(key.at, list);
    else words.delete(key.at);
    return list;
  }
  add(w: FutexWaiter): void {
    let words = this.#byObject.get(w.key.of);
    if (!words) {
      words = new Map();
      this.#byObject.set(w.key.of, words);
    }
    words.set(w.key.at, [...(words.get(w.key.at)?.filter((x) => x.live) ?? []), w]);
  }
  remove(w: FutexWaiter): void {
    const words = this.#byObject.get(w.key.of);
    const rest = words?.get(w.key.at)?.filter((x) => x !== w);
    if (rest?.length) words?.set(w.key.at, rest);
    else words?.delete(w.key.at);
  }
  wake(key: FutexKey, most: number, bitset = 0xffff_ffff): number {
    let n = 0;
    for (const w of this.at(key)) {
      if (n >= most) break;
      if (!(w.bitset & bitset)) continue;
      w.woken = true;
      this.remove(w);
      w.queue.wake();
      n++;
    }
    return n;
  }
  /** Moves up to `most` waiters to another word. */
  requeue(from: FutexKey, to: FutexKey, most: number): number {
    let n = 0;
    for (const w of this.at(from)) {
      if (n >= most) break;
      this.remove(w);
      w.key = to;
      this.add(w);
      n++;
    }
    return n;
  }
}
