// eventfd(2), timerfd_create(2), signalfd(2): making files that tell of events.
import { EBADF, EFAULT, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import * as P from '../../abi/poll.ts';
import { UNBLOCKABLE } from '../../abi/signal.ts';
import * as T from '../../abi/time.ts';
import { enumOf, fd, flags, pin, pout, sigset, size, uint } from '../../abi/type.ts';
import { EventFile } from '../fs/eventfd.ts';
import { SignalFile } from '../fs/signalfd.ts';
import { TimerFile } from '../fs/timerfd.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

// --- eventfd
function makeEvent(t: Thread, count: number, flags: number): Result {
  if (flags & ~(P.EFD_SEMAPHORE | P.EFD_CLOEXEC | P.EFD_NONBLOCK)) return EINVAL;
  const file = new EventFile(count, flags, (flags & P.EFD_SEMAPHORE) !== 0, t.kernel.nextEventId++);
  return t.files.install(file, (flags & P.EFD_CLOEXEC) !== 0);
}
export const eventfd = syscall({
  name: 'eventfd',
  nr: { x64: 284, i386: 323 },
  class: 'poll',
  args: { initval: uint },
  returns: fd,
  run: (t, { initval }) => makeEvent(t, initval, 0),
});
export const eventfd2 = syscall({
  name: 'eventfd2',
  nr: { x64: 290, i386: 328 },
  class: 'poll',
  args: { initval: uint, flags: flags(P.eventfdFlags) },
  returns: fd,
  run: (t, { initval, flags }) => makeEvent(t, initval, flags),
});

// --- signalfd
function makeSignal(t: Thread, fd: number, at: number, size: number, flags: number): Result {
  if (size !== 8) return EINVAL;
  const bytes = t.user.bytes(at, 8);
  if (bytes instanceof Errno) return EFAULT;
  const mask = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) & ~UNBLOCKABLE;
  if (flags & ~(P.SFD_CLOEXEC | P.SFD_NONBLOCK)) return EINVAL;
  if (fd === -1) return t.files.install(new SignalFile(t.kernel, mask, flags), (flags & P.SFD_CLOEXEC) !== 0);
  const file = fileOf(t, fd);
  if (file instanceof Errno) return EBADF;
  if (!(file instanceof SignalFile)) return EINVAL;
  file.mask = mask;
  file.queue.wake();
  return fd;
}
export const signalfd = syscall({
  name: 'signalfd',
  nr: { x64: 282, i386: 321 },
  class: 'poll',
  args: { fd, mask: sigset('in', 'sizemask'), sizemask: size },
  returns: fd,
  run: (t, a) => makeSignal(t, a.fd, a.mask, a.sizemask, 0),
});
export const signalfd4 = syscall({
  name: 'signalfd4',
  nr: { x64: 289, i386: 327 },
  class: 'poll',
  args: { fd, mask: sigset('in', 'sizemask'), sizemask: size, flags: flags(P.signalfdFlags) },
  returns: fd,
  run: (t, a) => makeSignal(t, a.fd, a.mask, a.sizemask, a.flags),
});

// --- timerfd
const CLOCKS: ReadonlySet<number> = new Set([
  T.CLOCK_REALTIME,
  T.CLOCK_MONOTONIC,
  T.CLOCK_BOOTTIME,
  T.CLOCK_REALTIME_ALARM,
  T.CLOCK_BOOTTIME_ALARM,
]);
const CAP_WAKE_ALARM = 35;
export const timerfd_create = syscall({
  name: 'timerfd_create',
  nr: { x64: 283, i386: 322 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), flags: flags(P.timerfdFlags) },
  returns: fd,
  run(t, { clockid, flags }) {
    if (flags & ~(P.TFD_CLOEXEC | P.TFD_NONBLOCK) || !CLOCKS.has(clockid)) return EINVAL;
    const alarm = clockid === T.CLOCK_REALTIME_ALARM || clockid === T.CLOCK_BOOTTIME_ALARM;
    if (alarm && !t.capable(CAP_WAKE_ALARM)) return EPERM;
    return t.files.install(new TimerFile(t.kernel, clockid, flags), (flags & P.TFD_CLOEXEC) !== 0);
  },
});
const NS = 1_000_000_000n;
type Pair = { tv_sec: number; tv_nsec: number };
const inNs = (p: Pair): bigint => BigInt(Math.min(p.tv_sec, 9e9)) * NS + BigInt(p.tv_nsec);
const fromNs = (ns: bigint): Pair => ({ tv_sec: Number(ns / NS), tv_nsec: Number(ns % NS) });
const valid = (p: Pair): boolean => p.tv_sec >= 0 && p.tv_nsec >= 0 && p.tv_nsec < 1e9;

type Spec = typeof T.itimerspec | typeof T.itimerspec64;
type Timer = { it_interval: Pair; it_value: Pair };
function timerOf(t: Thread, fd: number): TimerFile | Errno {
  const file = fileOf(t, fd);
  if (file instanceof Errno) return EBADF;
  return file instanceof TimerFile ? file : EINVAL;
}
function show(t: Thread, at: number, spec: Spec, now: { value: bigint; interval: bigint }): Result {
  const text: Timer = { it_interval: fromNs(now.interval), it_value: fromNs(now.value) };
  return (spec === T.itimerspec ? t.user.set(T.itimerspec, at, text) : t.user.set(T.itimerspec64, at, text)) ?? 0;
}
function setTime(
  t: Thread,
  a: { fd: number; flags: number; new_value: number; old_value: number },
  spec: Spec,
): Result {
  const wanted: Timer | Errno =
    spec === T.itimerspec ? t.user.get(T.itimerspec, a.new_value) : t.user.get(T.itimerspec64, a.new_value);
  if (wanted instanceof Errno) return EFAULT;
  const { it_value, it_interval } = wanted;
  if (a.flags & ~(P.TFD_TIMER_ABSTIME | P.TFD_TIMER_CANCEL_ON_SET) || !valid(it_value) || !valid(it_interval))
    return EINVAL;
  const timer = timerOf(t, a.fd);
  if (timer instanceof Errno) return timer;
  const old = timer.get();
  timer.set(inNs(it_value), inNs(it_interval), (a.flags & P.TFD_TIMER_ABSTIME) !== 0, a.flags);
  return a.old_value === 0 ? 0 : show(t, a.old_value, spec, old);
}
function getTime(t: Thread, fd: number, at: number, spec: Spec): Result {
  const timer = timerOf(t, fd);
  return timer instanceof Errno ? timer : show(t, at, spec, timer.get());
}
const settime = <S extends Spec>(spec: S) => ({
  fd,
  flags: flags(P.timerfdSetFlags),
  new_value: pin(spec),
  old_value: pout(spec),
});
export const timerfd_settime = syscall({
  name: 'timerfd_settime',
  nr: { x64: 286, i386: 325 },
  class: 'time',
  args: settime(T.itimerspec),
  run: (t, a) => setTime(t, a, T.itimerspec),
});
export const timerfd_settime64 = syscall({
  name: 'timerfd_settime64',
  nr: { i386: 411 },
  class: 'time',
  args: settime(T.itimerspec64),
  run: (t, a) => setTime(t, a, T.itimerspec64),
});
export const timerfd_gettime = syscall({
  name: 'timerfd_gettime',
  nr: { x64: 287, i386: 326 },
  class: 'time',
  args: { fd, curr_value: pout(T.itimerspec) },
  run: (t, a) => getTime(t, a.fd, a.curr_value, T.itimerspec),
});
export const timerfd_gettime64 = syscall({
  name: 'timerfd_gettime64',
  nr: { i386: 410 },
  class: 'time',
  args: { fd, curr_value: pout(T.itimerspec64) },
  run: (t, a) => getTime(t, a.fd, a.curr_value, T.itimerspec64),
});
