// Sleeping (kernel/time/hrtimer.c, posix-timers.c).
import { EFAULT, EINVAL, EOPNOTSUPP, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import * as T from '../../abi/time.ts';
import { enumOf, flags, pin, pout } from '../../abi/type.ts';
import { type Clock, clockOf, readTimespec, toTimespec } from '../clock.ts';
import { Process } from '../process.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

/** Until t.deadline; interrupted, what is left goes to `rem`. */
function sleepOn(t: Thread, rem: number): Result {
  const left = (t.deadline as bigint) - t.kernel.monotonic();
  if (left <= 0n) return 0;
  if (!t.interrupted) return new Block([], t.deadline, ERESTART_RESTARTBLOCK);
  return rem && t.user.set(T.timespec, rem, toTimespec(left)) ? EFAULT : ERESTART_RESTARTBLOCK;
}

export const nanosleep = syscall({
  name: 'nanosleep',
  nr: { x64: 35, i386: 162 },
  class: 'time',
  args: { req: pin(T.timespec), rem: pout(T.timespec) },
  run(t, { req, rem }) {
    if (t.deadline === undefined) {
      const ns = readTimespec(t, req);
      if (ns instanceof Errno) return ns;
      t.deadline = t.kernel.monotonic() + ns;
    }
    return sleepOn(t, rem);
  },
});

/** CPU time passes while other tasks of the process run: look again whenever it has used some. */
function sleepOnCpu(t: Thread, clock: Clock, until: bigint, rem: number, absolute: boolean): Result {
  const left = until - clock.now();
  if (left <= 0n) return 0;
  const process = clock.of instanceof Process ? clock.of : clock.of?.process;
  if (!t.interrupted) return new Block(process ? [process.charged] : [], undefined, ERESTARTNOHAND);
  if (absolute) return ERESTARTNOHAND;
  return rem && t.user.set(T.timespec, rem, toTimespec(left)) ? EFAULT : ERESTART_RESTARTBLOCK;
}

export const clock_nanosleep = syscall({
  name: 'clock_nanosleep',
  nr: { x64: 230, i386: 267 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), flags: flags(T.timerFlags), req: pin(T.timespec), rem: pout(T.timespec) },
  run(t, a) {
    const clock = clockOf(t, a.clockid);
    if (!clock)
      return a.clockid === T.CLOCK_REALTIME_ALARM || a.clockid === T.CLOCK_BOOTTIME_ALARM ? EOPNOTSUPP : EINVAL;
    if (!clock.sleeps) return EOPNOTSUPP;
    const absolute = (a.flags & T.TIMER_ABSTIME) !== 0;
    const ns = readTimespec(t, a.req);
    if (ns instanceof Errno) return ns;
    if (clock.ahead === undefined) {
      if (clock.of === t) return EINVAL;
      if (typeof t.progress !== 'bigint') t.progress = absolute ? ns : clock.now() + ns;
      return sleepOnCpu(t, clock, t.progress as bigint, a.rem, absolute);
    }
    if (!absolute) {
      t.deadline ??= t.kernel.monotonic() + ns;
      return sleepOn(t, a.rem);
    }
    // Looked up anew at each wake-up: the clock may have been set.
    const until = ns - clock.ahead;
    if (until <= t.kernel.monotonic()) return 0;
    return new Block([], until, ERESTARTNOHAND);
  },
});
