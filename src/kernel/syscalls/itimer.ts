// Interval timers (kernel/time/itimer.c).
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import * as T from '../../abi/time.ts';
import { enumOf, pin, pout, uint } from '../../abi/type.ts';
import { fromSeconds, toTimeval } from '../clock.ts';
import { ITIMER_PROF, ITIMER_REAL, type Setting } from '../interval.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

const OFF: Setting = { left: 0n, interval: 0n };
const write = (t: Thread, at: number, s: Setting): Errno | undefined =>
  t.user.set(T.itimerval, at, { it_interval: toTimeval(s.interval), it_value: toTimeval(s.left) });
/** A timer that is about to run out isn't off. */
const shown = (s: Setting): Setting => (s.left > 0n && s.left < 1000n ? { ...s, left: 1000n } : s);

function read(t: Thread, at: number): Setting | Errno {
  const v = t.user.get(T.itimerval, at);
  if (v instanceof Errno) return EFAULT;
  const bad = (x: { tv_sec: number; tv_usec: number }): boolean => x.tv_sec < 0 || x.tv_usec < 0 || x.tv_usec >= 1e6;
  if (bad(v.it_value) || bad(v.it_interval)) return EINVAL;
  const ns = (x: { tv_sec: number; tv_usec: number }): bigint => fromSeconds(x.tv_sec, x.tv_usec * 1000);
  return { left: ns(v.it_value), interval: ns(v.it_interval) };
}

export const getitimer = syscall({
  name: 'getitimer',
  nr: { x64: 36, i386: 105 },
  class: 'time',
  args: { which: enumOf(T.itimers), curr_value: pout(T.itimerval) },
  run(t, { which, curr_value }) {
    if (which < 0 || which > ITIMER_PROF) return EINVAL;
    t.kernel.charge();
    return write(t, curr_value, shown(t.process.timers.get(which))) ? EFAULT : 0;
  },
});

export const setitimer = syscall({
  name: 'setitimer',
  nr: { x64: 38, i386: 104 },
  class: 'time',
  args: { which: enumOf(T.itimers), new_value: pin(T.itimerval), old_value: pout(T.itimerval) },
  run(t, { which, new_value, old_value }) {
    const next = new_value ? read(t, new_value) : OFF;
    if (next instanceof Errno) return next;
    if (which < 0 || which > ITIMER_PROF) return EINVAL;
    t.kernel.charge();
    const old = t.process.timers.get(which);
    t.process.timers.set(which, next);
    return old_value && write(t, old_value, shown(old)) ? EFAULT : 0;
  },
});

export const alarm = syscall({
  name: 'alarm',
  nr: { x64: 37, i386: 27 },
  class: 'time',
  args: { seconds: uint },
  returns: uint,
  run(t, { seconds }) {
    const { timers } = t.process;
    const { left } = timers.get(ITIMER_REAL);
    timers.set(ITIMER_REAL, { left: fromSeconds(seconds, 0), interval: 0n });
    // Rounded, but never to 0 while one was set.
    const whole = Number(left / 1_000_000_000n);
    const rest = Number(left % 1_000_000_000n);
    return left > 0n && (whole === 0 || rest >= 500_000_000) ? whole + 1 : whole;
  },
});
