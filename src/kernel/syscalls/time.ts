// Clocks (kernel/time/posix-timers.c, time.c). The machine's clocks are the host's: nobody in it may set them.
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, Errno } from '../../abi/errno.ts';
import * as T from '../../abi/time.ts';
import { custom, enumOf, long, pin, pinout, pout } from '../../abi/type.ts';
import { clockOf, NS, toTimespec, toTimeval } from '../clock.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

export const clock_gettime = syscall({
  name: 'clock_gettime',
  nr: { x64: 228, i386: 265 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), tp: pout(T.timespec) },
  run(t, { clockid, tp }) {
    const clock = clockOf(t, clockid);
    if (!clock) return EINVAL;
    return t.user.set(T.timespec, tp, toTimespec(clock.now())) ? EFAULT : 0;
  },
});

export const clock_getres = syscall({
  name: 'clock_getres',
  nr: { x64: 229, i386: 266 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), res: pout(T.timespec) },
  run(t, { clockid, res }) {
    const clock = clockOf(t, clockid);
    if (!clock) return EINVAL;
    return res && t.user.set(T.timespec, res, toTimespec(clock.resolution)) ? EFAULT : 0;
  },
});

export const clock_settime = syscall({
  name: 'clock_settime',
  nr: { x64: 227, i386: 264 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), tp: pin(T.timespec) },
  run(t, { clockid, tp }) {
    if (clockid >= 0 && clockid !== T.CLOCK_REALTIME) return EINVAL;
    if (!clockOf(t, clockid)) return EINVAL;
    const ts = t.user.get(T.timespec, tp);
    if (ts instanceof Errno) return EFAULT;
    return clockid >= 0 && (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1e9) ? EINVAL : EPERM;
  },
});

export const gettimeofday = syscall({
  name: 'gettimeofday',
  nr: { x64: 96, i386: 78 },
  class: 'time',
  args: { tv: pout(T.timeval), tz: pout(T.timezone) },
  run(t, { tv, tz }) {
    if (tv && t.user.set(T.timeval, tv, toTimeval(t.kernel.realtime()))) return EFAULT;
    return tz && t.user.set(T.timezone, tz, {}) ? EFAULT : 0;
  },
});

export const settimeofday = syscall({
  name: 'settimeofday',
  nr: { x64: 164, i386: 79 },
  class: 'time',
  args: { tv: pin(T.timeval), tz: pin(T.timezone) },
  run(t, { tv, tz }) {
    if (tv) {
      const given = t.user.get(T.timeval, tv);
      if (given instanceof Errno) return EFAULT;
      if (given.tv_usec < 0 || given.tv_usec > 1e6) return EINVAL;
      if (given.tv_sec < 0 || given.tv_usec === 1e6) return EINVAL;
    }
    if (tz && t.user.get(T.timezone, tz) instanceof Errno) return EFAULT;
    return EPERM;
  },
});

export const time = syscall({
  name: 'time',
  nr: { x64: 201, i386: 13 },
  class: 'time',
  args: { tloc: pout(long) },
  returns: long,
  run(t, { tloc }) {
    const now = Number(t.kernel.realtime() / NS);
    return tloc && t.user.set(long, tloc, now) ? EFAULT : now;
  },
});

/** Clock ticks of 10 ms. */
const ticks = (ns: bigint): number => Number(ns / 10_000_000n);
export const times = syscall({
  name: 'times',
  nr: { x64: 100, i386: 43 },
  class: 'time',
  args: { buf: pout(T.tms) },
  run(t, { buf }) {
    t.kernel.charge();
    const { cpuTime, childTime } = t.process;
    const failed =
      buf &&
      t.user.set(T.tms, buf, {
        tms_utime: ticks(cpuTime.user),
        tms_stime: ticks(cpuTime.system),
        tms_cutime: ticks(childTime.user),
        tms_cstime: ticks(childTime.system),
      });
    return failed ? EFAULT : ticks(t.kernel.monotonic());
  },
});

const STA_UNSYNC = 0x40;
const TIME_ERROR = 5;
/** do_adjtimex without the right to change anything: a clock that nobody steers. */
function adjust(t: Thread, at: number): number | Errno {
  const given = t.user.get(T.timex, at);
  if (given instanceof Errno) return EFAULT;
  const readOnly = given.modes === 0 || given.modes === T.ADJ_OFFSET_SS_READ;
  if (!readOnly) return EPERM;
  const now = toTimeval(t.kernel.realtime());
  const failed = t.user.set(T.timex, at, {
    ...given,
    offset: 0,
    freq: 0,
    maxerror: 16_000_000,
    esterror: 16_000_000,
    status: STA_UNSYNC,
    constant: 2,
    precision: 1,
    tolerance: 32_768_000,
    time: now,
    tick: 10_000,
    ppsfreq: 0,
    jitter: 0,
    shift: 0,
    stabil: 0,
    jitcnt: 0,
    calcnt: 0,
    errcnt: 0,
    stbcnt: 0,
    tai: 0,
  });
  return failed ? EFAULT : TIME_ERROR;
}
export const adjtimex = syscall({
  name: 'adjtimex',
  nr: { x64: 159, i386: 124 },
  class: 'time',
  args: { buf: pinout(T.timex) },
  returns: custom('adjtimex', 'out'),
  run: (t, { buf }) => adjust(t, buf),
});
export const clock_adjtime = syscall({
  name: 'clock_adjtime',
  nr: { x64: 305, i386: 343 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), buf: pinout(T.timex) },
  returns: custom('adjtimex', 'out'),
  run(t, { clockid, buf }) {
    const given = t.user.get(T.timex, buf);
    if (given instanceof Errno) return EFAULT;
    if (clockid !== T.CLOCK_REALTIME) return clockOf(t, clockid) ? EOPNOTSUPP : EINVAL;
    return adjust(t, buf);
  },
});
