// futex(2): one call, many operations, one entry each (kernel/futex/syscalls.c, waitwake.c, requeue.c).
import {
  EAGAIN,
  EFAULT,
  EINTR,
  EINVAL,
  ENOSYS,
  ERESTART_RESTARTBLOCK,
  ERESTARTSYS,
  Errno,
  ETIMEDOUT,
} from '../../abi/errno.ts';
import * as F from '../../abi/futex.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME, clocks, timespec } from '../../abi/time.ts';
import { addr, custom, enumOf, hex32, pin, size, uint } from '../../abi/type.ts';
import { readTimespec } from '../clock.ts';
import { FutexWaiter, keyOf } from '../futex.ts';
import * as Pi from '../futex-pi.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

function wait(t: Thread, a: Pi.FutexArgs, bitset: number): Result {
  const { futexes } = t.kernel;
  let w = t.progress instanceof FutexWaiter ? t.progress : undefined;
  if (!w) {
    if (bitset === 0) return EINVAL;
    const key = keyOf(t, a.uaddr, a.shared);
    if (key instanceof Errno) return key;
    const now = Pi.wordAt(t, a.uaddr);
    if (now instanceof Errno) return now;
    if (now !== a.val) return EAGAIN;
    w = new FutexWaiter(t, key, bitset);
    t.progress = w;
    futexes.add(w);
  }
  if (w.woken) return 0;
  if (t.deadline !== undefined && t.kernel.monotonic() >= t.deadline) {
    futexes.remove(w);
    return ETIMEDOUT;
  }
  if (t.interrupted) {
    futexes.remove(w);
    return t.deadline === undefined ? ERESTARTSYS : ERESTART_RESTARTBLOCK;
  }
  return new Block([w.queue], t.deadline);
}

function wake(t: Thread, a: Pi.FutexArgs, bitset: number): Result {
  if (bitset === 0) return EINVAL;
  const key = keyOf(t, a.uaddr, a.shared);
  return key instanceof Errno ? key : t.kernel.futexes.wake(key, a.val | 0, bitset);
}

function requeue(t: Thread, a: Pi.FutexArgs, expected: number | undefined): Result {
  const most = a.val2 | 0;
  if ((a.val | 0) < 0 || most < 0) return EINVAL;
  const from = keyOf(t, a.uaddr, a.shared);
  if (from instanceof Errno) return from;
  const to = keyOf(t, a.uaddr2, a.shared);
  if (to instanceof Errno) return to;
  if (expected !== undefined) {
    const now = Pi.wordAt(t, a.uaddr);
    if (now instanceof Errno) return now;
    if (now !== expected) return EAGAIN;
  }
  return t.kernel.futexes.requeue(from, to, a.val | 0, most);
}

/** Changes a second word, and wakes its waiters too where the old value compares. */
function wakeOp(t: Thread, a: Pi.FutexArgs): Result {
  const one = keyOf(t, a.uaddr, a.shared);
  if (one instanceof Errno) return one;
  const two = keyOf(t, a.uaddr2, a.shared);
  if (two instanceof Errno) return two;
  const old = Pi.wordAt(t, a.uaddr2);
  if (old instanceof Errno) return old;
  const shifted = (a.val3 & 0x8000_0000) !== 0;
  let oparg = (a.val3 << 8) >> 20;
  if (shifted) oparg = 1 << (oparg & 31);
  const next = change((a.val3 >>> 28) & 7, old, oparg);
  if (next instanceof Errno) return next;
  const failed = Pi.setWord(t, a.uaddr2, next);
  if (failed) return failed;
  const matches = compare((a.val3 >>> 24) & 15, old | 0, (a.val3 << 20) >> 20);
  if (matches instanceof Errno) return matches;
  const first = t.kernel.futexes.wake(one, a.val | 0);
  if (first instanceof Errno || !matches) return first;
  const second = t.kernel.futexes.wake(two, a.val2 | 0);
  return second instanceof Errno ? second : first + second;
}
function change(operation: number, old: number, arg: number): number | Errno {
  switch (operation) {
    case 0:
      return arg;
    case 1:
      return old + arg;
    case 2:
      return old | arg;
    case 3:
      return old & ~arg;
    case 4:
      return old ^ arg;
    default:
      return ENOSYS;
  }
}
function compare(operation: number, old: number, arg: number): boolean | Errno {
  const results = [old === arg, old !== arg, old < arg, old <= arg, old > arg, old >= arg];
  return results[operation] ?? ENOSYS;
}

type Operation = (t: Thread, a: Pi.FutexArgs) => Result;
const operations = new Map<number, Operation>([
  [F.FUTEX_WAIT, (t, a) => wait(t, a, F.FUTEX_BITSET_MATCH_ANY)],
  [F.FUTEX_WAIT_BITSET, (t, a) => wait(t, a, a.val3)],
  [F.FUTEX_WAKE, (t, a) => wake(t, a, F.FUTEX_BITSET_MATCH_ANY)],
  [F.FUTEX_WAKE_BITSET, (t, a) => wake(t, a, a.val3)],
  [F.FUTEX_REQUEUE, (t, a) => requeue(t, a, undefined)],
  [F.FUTEX_CMP_REQUEUE, (t, a) => requeue(t, a, a.val3)],
  [F.FUTEX_WAKE_OP, wakeOp],
  [F.FUTEX_LOCK_PI, (t, a) => Pi.lock(t, a, false)],
  [F.FUTEX_LOCK_PI2, (t, a) => Pi.lock(t, a, false)],
  [F.FUTEX_TRYLOCK_PI, (t, a) => Pi.lock(t, a, true)],
  [F.FUTEX_UNLOCK_PI, Pi.unlock],
  [F.FUTEX_WAIT_REQUEUE_PI, Pi.waitRequeue],
  [F.FUTEX_CMP_REQUEUE_PI, Pi.requeue],
]);
/** Operations whose fourth argument is a time; all but FUTEX_WAIT's are absolute. */
const TIMED = new Set([F.FUTEX_WAIT, F.FUTEX_WAIT_BITSET, F.FUTEX_LOCK_PI, F.FUTEX_LOCK_PI2, F.FUTEX_WAIT_REQUEUE_PI]);
const REALTIME = new Set([F.FUTEX_WAIT_BITSET, F.FUTEX_WAIT_REQUEUE_PI, F.FUTEX_LOCK_PI2]);

/** Sets t.deadline from the time a program gives, at the call's first run. */
function setDeadline(t: Thread, at: number, relative: boolean, realtime: boolean): Errno | undefined {
  if (t.deadline !== undefined) return undefined;
  const ns = readTimespec(t, at);
  if (ns instanceof Errno) return ns;
  const now = t.kernel.monotonic();
  t.deadline = relative ? now + ns : realtime ? ns - t.kernel.realtime() + now : ns;
  return undefined;
}

export const futex = syscall({
  name: 'futex',
  nr: { x64: 202, i386: 240 },
  class: 'process',
  args: {
    uaddr: pin(uint),
    futex_op: custom('futex_op', 'in'),
    val: uint,
    timeout: custom('futex_timeout', 'in'),
    uaddr2: custom('futex_uaddr2', 'in'),
    val3: hex32,
  },
  run(t, a) {
    const op = a.futex_op % 0x1_0000_0000;
    const command = op & ~(F.FUTEX_PRIVATE_FLAG | F.FUTEX_CLOCK_REALTIME);
    const realtime = (op & F.FUTEX_CLOCK_REALTIME) !== 0;
    const operation = operations.get(command);
    if (!operation || (realtime && !REALTIME.has(command))) {
      if (a.timeout && TIMED.has(command)) return badTime(t, a.timeout) ?? ENOSYS;
      return ENOSYS;
    }
    if (a.timeout && TIMED.has(command)) {
      const onRealtime = realtime || command === F.FUTEX_LOCK_PI;
      const bad = setDeadline(t, a.timeout, command === F.FUTEX_WAIT, onRealtime);
      if (bad) return bad;
    }
    return operation(t, {
      uaddr: a.uaddr,
      val: a.val,
      val2: a.timeout % 0x1_0000_0000,
      uaddr2: a.uaddr2,
      val3: a.val3,
      shared: !(op & F.FUTEX_PRIVATE_FLAG),
    });
  },
});
/** The time is looked at before the command. */
function badTime(t: Thread, at: number): Errno | undefined {
  const ns = readTimespec(t, at);
  return ns instanceof Errno ? ns : undefined;
}

const FUTEX2_SIZE_U32 = 2;
const FUTEX2_PRIVATE = 128;
const FUTEX_WAITV_MAX = 128;
/** Waits for any of several words: progress of futex_waitv. */
class Group {
  readonly waiters: FutexWaiter[];
  constructor(waiters: FutexWaiter[]) {
    this.waiters = waiters;
    for (const w of waiters) w.group = this;
  }
}
function makeGroup(t: Thread, at: number, n: number): Group | Errno {
  const wanted: { waiter: FutexWaiter; value: number; at: number }[] = [];
  for (let i = 0; i < n; i++) {
    const v = t.user.get(F.futexWaitv, at + 24 * i);
    if (v instanceof Errno) return EFAULT;
    if (v.__reserved || (v.flags & ~FUTEX2_PRIVATE) !== FUTEX2_SIZE_U32 || v.val > 0xffff_ffff) return EINVAL;
    const key = keyOf(t, v.uaddr, !(v.flags & FUTEX2_PRIVATE));
    if (key instanceof Errno) return key;
    const queue = wanted[0]?.waiter.queue;
    const waiter = new FutexWaiter(t, key, F.FUTEX_BITSET_MATCH_ANY, undefined, queue);
    wanted.push({ waiter, value: v.val, at: v.uaddr });
  }
  for (const w of wanted) {
    const now = Pi.wordAt(t, w.at);
    if (now instanceof Errno) return now;
    if (now !== w.value) return EAGAIN;
  }
  return new Group(wanted.map((w) => w.waiter));
}
export const futex_waitv = syscall({
  name: 'futex_waitv',
  nr: { x64: 449, i386: 449 },
  class: 'process',
  args: {
    waiters: pin(F.futexWaitv, { arg: 'nr_futexes' }),
    nr_futexes: uint,
    flags: uint,
    timeout: pin(timespec),
    clockid: enumOf(clocks),
  },
  run(t, a) {
    if (a.flags || a.nr_futexes === 0 || a.nr_futexes > FUTEX_WAITV_MAX || a.waiters === 0) return EINVAL;
    if (a.timeout) {
      if (a.clockid !== CLOCK_REALTIME && a.clockid !== CLOCK_MONOTONIC) return EINVAL;
      const bad = setDeadline(t, a.timeout, false, a.clockid === CLOCK_REALTIME);
      if (bad) return bad;
    }
    const { futexes } = t.kernel;
    let group = t.progress instanceof Group ? t.progress : undefined;
    if (!group) {
      const made = makeGroup(t, a.waiters, a.nr_futexes);
      if (made instanceof Errno) return made;
      group = made;
      t.progress = group;
      for (const w of group.waiters) futexes.add(w);
    }
    const woken = group.waiters.findLastIndex((w) => w.woken);
    const late = t.deadline !== undefined && t.kernel.monotonic() >= t.deadline;
    if (woken < 0 && !late && !t.interrupted) return new Block([(group.waiters[0] as FutexWaiter).queue], t.deadline);
    for (const w of group.waiters) if (!w.woken) futexes.remove(w);
    if (woken >= 0) return woken;
    return late ? ETIMEDOUT : ERESTARTSYS;
  },
});

export const restart_syscall = syscall({
  name: 'restart_syscall',
  nr: { x64: 219, i386: 0 },
  class: 'signal',
  args: {},
  run(t) {
    const again = t.restart;
    return again?.syscall?.call ? again.syscall.call(t, again.raw) : EINTR;
  },
});

export const set_robust_list = syscall({
  name: 'set_robust_list',
  nr: { x64: 273, i386: 311 },
  class: 'process',
  args: { head: addr, len: size },
  run(t, { head, len }) {
    if (len !== (t.abi === 'x64' ? 24 : 12)) return EINVAL;
    t.robustList = { head, length: len };
    return 0;
  },
});
