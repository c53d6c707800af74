// futex(2): one call, many operations (kernel/futex/syscalls.c).
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
import { timespec } from '../../abi/time.ts';
import { custom, hex32, pin, uint } from '../../abi/type.ts';
import { FutexWaiter, keyOf } from '../futex.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

function wordAt(t: Thread, at: number): number | Errno {
  const bytes = t.user.bytes(at, 4);
  return bytes instanceof Errno ? EFAULT : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

interface FutexArgs {
  readonly uaddr: number;
  readonly val: number;
  readonly timeout: number;
  readonly uaddr2: number;
  readonly val3: number;
  readonly shared: boolean;
  readonly realtime: boolean;
}

function wait(t: Thread, a: FutexArgs, bitset: number, absolute: boolean): Result {
  const { futexes } = t.kernel;
  let w = t.progress instanceof FutexWaiter ? t.progress : undefined;
  if (!w) {
    if (bitset === 0) return EINVAL;
    const key = keyOf(t, a.uaddr, a.shared);
    if (key instanceof Errno) return key;
    const now = wordAt(t, a.uaddr);
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
    return t.deadline === undefined || absolute ? ERESTARTSYS : ERESTART_RESTARTBLOCK;
  }
  return new Block([w.queue], t.deadline);
}

/** The timeout as a deadline of CLOCK_MONOTONIC, in t.deadline. */
function setDeadline(t: Thread, a: FutexArgs, absolute: boolean): Errno | undefined {
  if (!a.timeout || t.progress !== undefined) return undefined;
  const ts = t.user.get(timespec, a.timeout);
  if (ts instanceof Errno) return EFAULT;
  if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1e9) return EINVAL;
  const ns = BigInt(ts.tv_sec) * 1_000_000_000n + BigInt(ts.tv_nsec);
  if (absolute) t.deadline = a.realtime ? ns - t.kernel.realtime() + t.kernel.monotonic() : ns;
  else t.deadline ??= t.kernel.monotonic() + ns;
  return undefined;
}

type Operation = (t: Thread, a: FutexArgs) => Result;
const operations = new Map<number, Operation>([
  [F.FUTEX_WAIT, (t, a) => setDeadline(t, a, false) ?? wait(t, a, F.FUTEX_BITSET_MATCH_ANY, false)],
  [F.FUTEX_WAIT_BITSET, (t, a) => setDeadline(t, a, true) ?? wait(t, a, a.val3, true)],
  [F.FUTEX_WAKE, (t, a) => wake(t, a, F.FUTEX_BITSET_MATCH_ANY)],
  [F.FUTEX_WAKE_BITSET, (t, a) => wake(t, a, a.val3)],
  [F.FUTEX_REQUEUE, (t, a) => requeue(t, a, undefined)],
  [F.FUTEX_CMP_REQUEUE, (t, a) => requeue(t, a, a.val3)],
]);
function wake(t: Thread, a: FutexArgs, bitset: number): Result {
  if (bitset === 0) return EINVAL;
  const key = keyOf(t, a.uaddr, a.shared);
  return key instanceof Errno ? key : t.kernel.futexes.wake(key, Math.max(1, a.val | 0), bitset);
}
function requeue(t: Thread, a: FutexArgs, expected: number | undefined): Result {
  const most = a.timeout | 0;
  if ((a.val | 0) < 0 || most < 0) return EINVAL;
  const from = keyOf(t, a.uaddr, a.shared);
  if (from instanceof Errno) return from;
  const to = keyOf(t, a.uaddr2, a.shared);
  if (to instanceof Errno) return to;
  if (expected !== undefined) {
    const now = wordAt(t, a.uaddr);
    if (now instanceof Errno) return now;
    if (now !== expected) return EAGAIN;
  }
  const woken = t.kernel.futexes.wake(from, a.val | 0);
  return woken + t.kernel.futexes.requeue(from, to, most);
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
    if (!operation) return ENOSYS;
    if (realtime && command !== F.FUTEX_WAIT_BITSET && command !== F.FUTEX_WAIT) return ENOSYS;
    return operation(t, { ...a, shared: !(op & F.FUTEX_PRIVATE_FLAG), realtime });
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
