// Futexes: tasks that wait for a word of memory to change (kernel/futex/). A word is known by the page it lies in, so that processes that share the page
// at different addresses meet; private ones by address space and address.
import { EFAULT, EINVAL, type Errno } from '../abi/errno.ts';
import { TASK_SIZE } from './mm/address-space.ts';
import type { Thread } from './thread.ts';
import { WaitQueue } from './wait.ts';

/** Which word: an object that stands for the memory, and a place in it. */
export interface FutexKey {
  readonly of: object;
  readonly at: number;
}

/** The identity of the word at a task's address; EINVAL where unaligned, EFAULT where none can be. A private word's page need not be there. */
export function keyOf(t: Thread, at: number, shared: boolean): FutexKey | Errno {
  if (at % 4) return EINVAL;
  if (at > TASK_SIZE - 4) return EFAULT;
  if (!shared) return { of: t.space, at };
  if (t.user.readable(at, 4) < 4) return EFAULT;
  return t.space.sharedWord(at) ?? { of: t.space.areas, at };
}

/** A task that waits for one word. It waits as long as its call's progress is the object the waiter belongs to. */
export class FutexWaiter {
  readonly thread: Thread;
  readonly bitset: number;
  key: FutexKey;
  woken = false;
  /** Waits to be given a priority-inheritance lock; `target`: will do so once requeued there. */
  lock = false;
  readonly target: FutexKey | undefined;
  readonly queue: WaitQueue;
  /** The progress it is part of: itself, or a group. */
  group: object = this;
  constructor(thread: Thread, key: FutexKey, bitset: number, target?: FutexKey, queue = new WaitQueue()) {
    this.thread = thread;
    this.key = key;
    this.bitset = bitset;
    this.target = target;
    this.queue = queue;
  }
  /** Its task may have died or gone on for another reason. */
  get live(): boolean {
    return this.thread.progress === this.group && !this.woken;
  }
}

/** What is asked of a word's waiters fails where they wait for something else. */
export type Woken = number | Errno;

export class Futexes {
  readonly #byObject = new WeakMap<object, Map<number, FutexWaiter[]>>();
  /** Owners of the locks that tasks wait for, by word. */
  readonly #owners = new WeakMap<object, Map<number, Thread>>();
  /** Locks with waiters, for owners that die. */
  readonly #locks = new Set<FutexKey>();

  /** Waiters of a word in the order they came, those that have gone left out. */
  at(key: FutexKey): readonly FutexWaiter[] {
    const words = this.#byObject.get(key.of);
    const all = words?.get(key.at);
    if (!words || !all) return [];
    const list = all.every((w) => w.live) ? all : all.filter((w) => w.live);
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
    words.set(w.key.at, [...this.at(w.key), w]);
  }
  remove(w: FutexWaiter): void {
    const words = this.#byObject.get(w.key.of);
    const rest = words?.get(w.key.at)?.filter((x) => x !== w);
    if (rest?.length) words?.set(w.key.at, rest);
    else words?.delete(w.key.at);
    if (w.lock && !rest?.some((x) => x.lock)) this.#disown(w.key);
  }
  #release(w: FutexWaiter): void {
    this.remove(w);
    w.woken = true;
    w.queue.wake();
  }
  /** Wakes at least one, at most `most`. */
  wake(key: FutexKey, most: number, bitset = 0xffff_ffff): Woken {
    let n = 0;
    for (const w of this.at(key)) {
      if (w.lock || w.target) return n || EINVAL;
      if (!(w.bitset & bitset)) continue;
      this.#release(w);
      if (++n >= most) break;
    }
    return n;
  }
  /** Wakes up to `wake` waiters and moves up to `most` others to another word; how many in all. */
  requeue(from: FutexKey, to: FutexKey, wake: number, most: number): Woken {
    let n = 0;
    for (const w of this.at(from)) {
      if (n >= wake + most) break;
      if (w.lock || w.target) return EINVAL;
      if (n < wake) this.#release(w);
      else this.#move(w, to);
      n++;
    }
    return n;
  }
  #move(w: FutexWaiter, to: FutexKey): void {
    this.remove(w);
    w.key = to;
    this.add(w);
  }

  // --- locks with an owner
  ownerOf(key: FutexKey): Thread | undefined {
    return this.#owners.get(key.of)?.get(key.at);
  }
  #own(key: FutexKey, owner: Thread): void {
    let words = this.#owners.get(key.of);
    if (!words) {
      words = new Map();
      this.#owners.set(key.of, words);
    }
    if (!words.has(key.at)) this.#locks.add(key);
    words.set(key.at, owner);
  }
  #disown(key: FutexKey): void {
    this.#owners.get(key.of)?.delete(key.at);
    for (const k of this.#locks) if (k.of === key.of && k.at === key.at) this.#locks.delete(k);
  }
  /** The waiter queues for a lock that `owner` holds. */
  queueForLock(w: FutexWaiter, owner: Thread): void {
    w.lock = true;
    this.#own(w.key, owner);
    this.add(w);
  }
  /** A waiter that was to be moved to a lock is moved there. */
  moveToLock(w: FutexWaiter, to: FutexKey, owner: Thread): void {
    this.remove(w);
    w.key = to;
    this.queueForLock(w, owner);
  }
  /** Gives a lock to a waiter, who goes on; who waits behind it waits for it now. */
  give(w: FutexWaiter): void {
    const { key } = w;
    this.#release(w);
    if (this.at(key).length) this.#own(key, w.thread);
    else this.#disown(key);
  }
  /** The first that waits for a lock. */
  heirOf(key: FutexKey): FutexWaiter | undefined {
    return this.at(key).find((w) => w.lock);
  }
  /** Locks that a task holds while others wait for them. */
  locksOf(owner: Thread): FutexKey[] {
    return this.#locks.size === 0 ? [] : [...this.#locks].filter((k) => this.ownerOf(k) === owner);
  }
}
