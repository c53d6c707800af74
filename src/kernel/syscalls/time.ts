// Clocks (kernel/time/).
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import * as T from '../../abi/time.ts';
import { enumOf, pout } from '../../abi/type.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

/** What a clock shows, in nanoseconds; undefined: no such clock. */
function clockNow(t: Thread, id: number): bigint | undefined {
  switch (id) {
    case T.CLOCK_REALTIME:
    case T.CLOCK_REALTIME_COARSE:
    case T.CLOCK_TAI:
    case T.CLOCK_REALTIME_ALARM:
      return t.kernel.realtime();
    case T.CLOCK_MONOTONIC:
    case T.CLOCK_MONOTONIC_COARSE:
    case T.CLOCK_MONOTONIC_RAW:
    case T.CLOCK_BOOTTIME:
    case T.CLOCK_BOOTTIME_ALARM:
      return t.kernel.monotonic();
    case T.CLOCK_PROCESS_CPUTIME_ID:
      return t.process.cpuTime.user + t.process.cpuTime.system;
    case T.CLOCK_THREAD_CPUTIME_ID:
      return t.cpuTime;
    default:
      return undefined;
  }
}

export const clock_gettime = syscall({
  name: 'clock_gettime',
  nr: { x64: 228, i386: 265 },
  class: 'time',
  args: { clockid: enumOf(T.clocks), tp: pout(T.timespec) },
  run(t, { clockid, tp }) {
    const now = clockNow(t, clockid);
    if (now === undefined) return EINVAL;
    return t.user.set(T.timespec, tp, fromNs(now)) instanceof Errno ? EFAULT : 0;
  },
});
const fromNs = (ns: bigint): { tv_sec: number; tv_nsec: number } => ({
  tv_sec: Number(ns / 1_000_000_000n),
  tv_nsec: Number(ns % 1_000_000_000n),
});
