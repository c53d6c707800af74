// Locks whose word names the owner (kernel/futex/pi.c). All tasks run in turns of equal rank, so there is no priority to inherit: who waits longest is next.
import { EAGAIN, EDEADLK, EFAULT, EINVAL, EPERM, ERESTARTNOINTR, Errno, ESRCH, ETIMEDOUT } from '../abi/errno.ts';
import * as F from '../abi/futex.ts';
import { type FutexKey, FutexWaiter, keyOf } from './futex.ts';
import type { Result } from './syscall.ts';
import type { Thread } from './thread.ts';
import { Block } from './wait.ts';

/** futex(2)'s arguments, sorted out. */
export interface FutexArgs {
  readonly uaddr: number;
  readonly val: number;
  readonly val2: number;
  readonly uaddr2: number;
  readonly val3: number;
  readonly shared: boolean;
}

export function wordAt(t: Thread, at: number): number | Errno {
  const bytes = t.user.bytes(at, 4);
  return bytes instanceof Errno ? EFAULT : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}
export function setWord(t: Thread, at: number, value: number): Errno | undefined {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return t.user.put(at, out) ? EFAULT : undefined;
}

/** Takes the lock for `who` if it is free; else gives its owner. `at` is an address of the caller's. */
function take(t: Thread, at: number, key: FutexKey, who: Thread, waiters: boolean): 'taken' | Thread | Errno {
  const now = wordAt(t, at);
  if (now instanceof Errno) return now;
  const tid = now & F.FUTEX_TID_MASK;
  if (tid === who.tid) return EDEADLK;
  const { futexes } = t.kernel;
  if (futexes.heirOf(key)) {
    const owner = futexes.ownerOf(key);
    return owner && owner.tid === tid ? owner : EINVAL;
  }
  if (tid === 0) {
    const next = (now & F.FUTEX_OWNER_DIED) | who.tid | (waiters ? F.FUTEX_WAITERS : 0);
    return setWord(t, at, next >>> 0) ?? 'taken';
  }
  const owner = t.kernel.threads.get(tid);
  const failed = setWord(t, at, (now | F.FUTEX_WAITERS) >>> 0);
  return failed ?? owner ?? ESRCH;
}

export function lock(t: Thread, a: FutexArgs, only: boolean): Result {
  const { futexes } = t.kernel;
  if (!(t.progress instanceof FutexWaiter)) {
    const key = keyOf(t, a.uaddr, a.shared);
    if (key instanceof Errno) return key;
    const owner = take(t, a.uaddr, key, t, false);
    if (owner === 'taken') return 0;
    if (owner instanceof Errno) return owner;
    if (only) return EAGAIN;
    const w = new FutexWaiter(t, key, F.FUTEX_BITSET_MATCH_ANY);
    t.progress = w;
    futexes.queueForLock(w, owner);
  }
  return waitForLock(t, t.progress as FutexWaiter);
}
function waitForLock(t: Thread, w: FutexWaiter): Result {
  if (w.woken) return 0;
  const late = t.deadline !== undefined && t.kernel.monotonic() >= t.deadline;
  if (!late && !t.interrupted) return new Block([w.queue], t.deadline, ERESTARTNOINTR);
  t.kernel.futexes.remove(w);
  return late ? ETIMEDOUT : ERESTARTNOINTR;
}

export function unlock(t: Thread, a: FutexArgs): Result {
  const now = wordAt(t, a.uaddr);
  if (now instanceof Errno) return now;
  if ((now & F.FUTEX_TID_MASK) !== t.tid) return EPERM;
  const key = keyOf(t, a.uaddr, a.shared);
  if (key instanceof Errno) return key;
  const { futexes } = t.kernel;
  const heir = futexes.heirOf(key);
  if (!heir) return setWord(t, a.uaddr, 0) ?? 0;
  if (futexes.ownerOf(key) !== t) return EINVAL;
  const failed = setWord(t, a.uaddr, (F.FUTEX_WAITERS | heir.thread.tid) >>> 0);
  if (failed) return failed;
  futexes.give(heir);
  return 0;
}

/** Waits for a condition whose waker moves it on to the lock at uaddr2. */
export function waitRequeue(t: Thread, a: FutexArgs): Result {
  const { futexes } = t.kernel;
  if (!(t.progress instanceof FutexWaiter)) {
    if (a.uaddr === a.uaddr2) return EINVAL;
    const target = keyOf(t, a.uaddr2, a.shared);
    if (target instanceof Errno) return target;
    const key = keyOf(t, a.uaddr, a.shared);
    if (key instanceof Errno) return key;
    const now = wordAt(t, a.uaddr);
    if (now instanceof Errno) return now;
    if (now !== a.val) return EAGAIN;
    if (key.of === target.of && key.at === target.at) return EINVAL;
    const w = new FutexWaiter(t, key, F.FUTEX_BITSET_MATCH_ANY, target);
    t.progress = w;
    futexes.add(w);
  }
  return waitForLock(t, t.progress as FutexWaiter);
}
/** Gives the lock at uaddr2 to the first that waits for the condition, if it is free, and has the others queue for it. */
export function requeue(t: Thread, a: FutexArgs): Result {
  const most = a.val2 | 0;
  if (a.uaddr === a.uaddr2 || a.val !== 1 || most < 0) return EINVAL;
  const from = keyOf(t, a.uaddr, a.shared);
  if (from instanceof Errno) return from;
  const to = keyOf(t, a.uaddr2, a.shared);
  if (to instanceof Errno) return to;
  if (from.of === to.of && from.at === to.at) return EINVAL;
  const now = wordAt(t, a.uaddr);
  if (now instanceof Errno) return now;
  if (now !== a.val3) return EAGAIN;
  const { futexes } = t.kernel;
  const waiting = futexes.at(from);
  let done = 0;
  for (const w of waiting) {
    if (done > most) break;
    if (!w.target || w.target.of !== to.of || w.target.at !== to.at) return EINVAL;
    const owner = take(t, a.uaddr2, to, w.thread, waiting.length > 1);
    if (owner instanceof Errno) return done || owner;
    if (owner === 'taken') futexes.give(w);
    else futexes.moveToLock(w, to, owner);
    done++;
  }
  return done;
}

/** A task ends that owns locks others wait for: each goes to the first of them, marked as orphaned (exit_pi_state_list). */
export function bequeath(t: Thread): void {
  const { futexes } = t.kernel;
  for (const key of futexes.locksOf(t)) {
    const heir = futexes.heirOf(key);
    if (!heir) continue;
    const word = (F.FUTEX_WAITERS | F.FUTEX_OWNER_DIED | heir.thread.tid) >>> 0;
    // Private and shared words alike are reached through an address of the heir's.
    const at = addressOf(heir.thread, key);
    if (at !== undefined) setWord(heir.thread, at, word);
    futexes.give(heir);
  }
}
function addressOf(t: Thread, key: FutexKey): number | undefined {
  if (key.of === t.space || key.of === t.space.areas) return key.at;
  for (const a of t.space.areas.list) {
    if (!a.shared || (a.anonymous ?? a.file?.inode) !== key.of) continue;
    const at = a.start + key.at - a.offset;
    if (at >= a.start && at < a.end) return at;
  }
  return undefined;
}
