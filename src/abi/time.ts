// Clocks and times (linux/time.h, linux/time_types.h).
import { struct } from './struct.ts';
import { big64, bytes, int, long, names, s64, uint } from './type.ts';

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
export const tms = struct('tms', { tms_utime: long, tms_stime: long, tms_cutime: long, tms_cstime: long });
export const timex = struct('timex', {
  modes: uint,
  offset: long,
  freq: long,
  maxerror: long,
  esterror: long,
  status: int,
  constant: long,
  precision: long,
  tolerance: long,
  time: timeval,
  tick: long,
  ppsfreq: long,
  jitter: long,
  shift: int,
  stabil: long,
  jitcnt: long,
  calcnt: long,
  errcnt: long,
  stbcnt: long,
  tai: int,
  reserved: bytes(44),
});
/** adjtimex's modes that only read, though they are not 0. */
export const ADJ_OFFSET_SS_READ = 0xa001;
export const SIGEV_SIGNAL = 0,
  SIGEV_NONE = 1,
  SIGEV_THREAD = 2,
  SIGEV_THREAD_ID = 4;
/** struct sigevent as far as it has meaning; 64 bytes in all. */
export const sigevent = struct('sigevent', {
  sigev_value: { ...big64, show: 'addr' },
  sigev_signo: int,
  sigev_notify: int,
  sigev_tid: int,
  reserved: bytes(44),
});
