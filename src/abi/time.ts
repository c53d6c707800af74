// Clocks and times (linux/time.h, linux/time_types.h).
import { struct } from './struct.ts';
import { long, names, s64 } from './type.ts';

export const timespec = struct('timespec', { tv_sec: long, tv_nsec: long });
export const timeval = struct('timeval', { tv_sec: long, tv_usec: long });
export const timezone = struct('timezone', {
  tz_minuteswest: { k: 'int', size: 4, signed: true, show: 'dec' },
  tz_dsttime: { k: 'int', size: 4, signed: true, show: 'dec' },
});
export const itimerval = struct('itimerval', { it_interval: timeval, it_value: timeval });
export const itimerspec = struct('itimerspec', { it_interval: timespec, it_value: timespec });

export const CLOCK_REALTIME = 0,
  CLOCK_MONOTONIC = 1,
  CLOCK_PROCESS_CPUTIME_ID = 2,
  CLOCK_THREAD_CPUTIME_ID = 3,
  CLOCK_MONOTONIC_RAW = 4,
  CLOCK_REALTIME_COARSE = 5,
  CLOCK_MONOTONIC_COARSE = 6,
  CLOCK_BOOTTIME = 7,
  CLOCK_REALTIME_ALARM = 8,
  CLOCK_BOOTTIME_ALARM = 9,
  CLOCK_TAI = 11;
export const clocks = names('CLOCK', {
  CLOCK_REALTIME,
  CLOCK_MONOTONIC,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_THREAD_CPUTIME_ID,
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME_COARSE,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_BOOTTIME,
  CLOCK_REALTIME_ALARM,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_TAI,
});
export const TIMER_ABSTIME = 1;
export const timerFlags = names('TIMER', { TIMER_ABSTIME });
export const itimers = names('ITIMER', { ITIMER_REAL: 0, ITIMER_VIRTUAL: 1, ITIMER_PROF: 2 });
/** struct __kernel_timespec: 64-bit members for every ABI (the calls named ..._time64). */
export const timespec64 = struct('timespec', { tv_sec: s64, tv_nsec: s64 });
export const itimerspec64 = struct('itimerspec', { it_interval: timespec64, it_value: timespec64 });
