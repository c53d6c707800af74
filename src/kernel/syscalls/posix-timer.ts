// timer_create and its family (kernel/time/posix-timers.c).
import { EAGAIN, EFAULT, EINVAL, EOPNOTSUPP, Errno } from '../../abi/errno.ts';
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import { NSIG, SIGALRM } from '../../abi/signal.ts';
import * as T from '../../abi/time.ts';
import { custom, enumOf, flags, int, pin, pout } from '../../abi/type.ts';
import { clockOf, fromSeconds, toTimespec } from '../clock.ts';
import type { Setting } from '../interval.ts';
import { type Event, PosixTimer } from '../posix-timer.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

/** struct sigevent, as far as the kernel reads it; `undefined` for SIGEV_NONE. */
function readEvent(t: Thread, at: number, id: number): Event | Errno | undefined {
  if (at === 0) return { signo: SIGALRM, value: BigInt(id), to: t.process };
  const e = t.user.get(T.sigevent, at);
  if (e instanceof Errno) return EFAULT;
  const threaded = (e.sigev_notify & T.SIGEV_THREAD_ID) !== 0;
  const kind = e.sigev_notify & ~T.SIGEV_THREAD_ID;
  if (threaded && t.kernel.threads.get(e.sigev_tid)?.process !== t.process) return EINVAL;
  if (kind === T.SIGEV_NONE && !threaded) return undefined;
  if (kind !== T.SIGEV_SIGNAL && (kind !== T.SIGEV_THREAD || threaded)) return EINVAL;
  if (e.sigev_signo <= 0 || e.sigev_signo > NSIG) return EINVAL;
  const to = threaded ? t.kernel.threads.get(e.sigev_tid) : t.process;
  return to ? { signo: e.sigev_signo, value: e.sigev_value, to } : EINVAL;
}

export const timer_create = syscall({
  name: 'timer_create',
  nr: { x64: 222, i386: 259 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), sevp: custom('sigevent', 'in'), timerid: pout(int) },
  run(t, a) {
    const clock = clockOf(t, a.clockid);
    if (!clock)
      return a.clockid === T.CLOCK_REALTIME_ALARM || a.clockid === T.CLOCK_BOOTTIME_ALARM || isDescriptor(a.clockid)
        ? EOPNOTSUPP
        : EINVAL;
    if (!clock.timers) return EOPNOTSUPP;
    const { posixTimers, limits } = t.process;
    if (posixTimers.size >= (limits[RLIMIT_SIGPENDING]?.cur ?? Number.POSITIVE_INFINITY)) return EAGAIN;
    const id = t.process.nextTimer;
    const event = readEvent(t, a.sevp, id);
    if (event instanceof Errno) return event;
    if (t.user.set(int, a.timerid, id)) return EFAULT;
    t.process.nextTimer = (id + 1) & 0x7fff_ffff;
    posixTimers.set(id, new PosixTimer(t.kernel, id, clock, event));
    return 0;
  },
});
/** Numbers that stand for clocks of open files (clock_gettime(2), dynamic clocks). */
const isDescriptor = (id: number): boolean => id < 0 && (id & 7) === 3;

const write = (t: Thread, at: number, s: Setting): Errno | undefined =>
  t.user.set(T.itimerspec, at, { it_interval: toTimespec(s.interval), it_value: toTimespec(s.left) });

export const timer_settime = syscall({
  name: 'timer_settime',
  nr: { x64: 223, i386: 260 },
  class: 'time',
  args: { timerid: int, flags: flags(T.timerFlags), new_value: pin(T.itimerspec), old_value: pout(T.itimerspec) },
  run(t, a) {
    if (a.new_value === 0) return EINVAL;
    const next = t.user.get(T.itimerspec, a.new_value);
    if (next instanceof Errno) return EFAULT;
    const bad = (x: { tv_sec: number; tv_nsec: number }): boolean => x.tv_sec < 0 || x.tv_nsec < 0 || x.tv_nsec >= 1e9;
    if (bad(next.it_value) || bad(next.it_interval)) return EINVAL;
    const timer = t.process.posixTimers.get(a.timerid);
    if (!timer) return EINVAL;
    const old = timer.get();
    const ns = (x: { tv_sec: number; tv_nsec: number }): bigint => fromSeconds(x.tv_sec, x.tv_nsec);
    timer.set({ left: ns(next.it_value), interval: ns(next.it_interval) }, (a.flags & T.TIMER_ABSTIME) !== 0);
    return a.old_value && write(t, a.old_value, old) ? EFAULT : 0;
  },
});
export const timer_gettime = syscall({
  name: 'timer_gettime',
  nr: { x64: 224, i386: 261 },
  class: 'time',
  args: { timerid: int, curr_value: pout(T.itimerspec) },
  run(t, a) {
    const timer = t.process.posixTimers.get(a.timerid);
    if (!timer) return EINVAL;
    return write(t, a.curr_value, timer.get()) ? EFAULT : 0;
  },
});
export const timer_getoverrun = syscall({
  name: 'timer_getoverrun',
  nr: { x64: 225, i386: 262 },
  class: 'time',
  args: { timerid: int },
  run: (t, a) => t.process.posixTimers.get(a.timerid)?.overrun ?? EINVAL,
});
export const timer_delete = syscall({
  name: 'timer_delete',
  nr: { x64: 226, i386: 263 },
  class: 'time',
  args: { timerid: int },
  run(t, a) {
    const timer = t.process.posixTimers.get(a.timerid);
    if (!timer) return EINVAL;
    timer.stop();
    t.process.posixTimers.delete(a.timerid);
    return 0;
  },
});
