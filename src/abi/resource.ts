// Resource limits and usage (asm-generic/resource.h, linux/resource.h).
import { struct } from './struct.ts';
import { timeval } from './time.ts';
import { big64, long, names } from './type.ts';

export const RLIMIT_CPU = 0,
  RLIMIT_FSIZE = 1,
  RLIMIT_DATA = 2,
  RLIMIT_STACK = 3,
  RLIMIT_CORE = 4,
  RLIMIT_RSS = 5,
  RLIMIT_NPROC = 6,
  RLIMIT_NOFILE = 7,
  RLIMIT_MEMLOCK = 8,
  RLIMIT_AS = 9,
  RLIMIT_LOCKS = 10,
  RLIMIT_SIGPENDING = 11,
  RLIMIT_MSGQUEUE = 12,
  RLIMIT_NICE = 13,
  RLIMIT_RTPRIO = 14,
  RLIMIT_RTTIME = 15,
  RLIM_NLIMITS = 16;
export const rlimits = names('RLIMIT', {
  RLIMIT_CPU,
  RLIMIT_FSIZE,
  RLIMIT_DATA,
  RLIMIT_STACK,
  RLIMIT_CORE,
  RLIMIT_RSS,
  RLIMIT_NPROC,
  RLIMIT_NOFILE,
  RLIMIT_MEMLOCK,
  RLIMIT_AS,
  RLIMIT_LOCKS,
  RLIMIT_SIGPENDING,
  RLIMIT_MSGQUEUE,
  RLIMIT_NICE,
  RLIMIT_RTPRIO,
  RLIMIT_RTTIME,
});
/** RLIM64_INFINITY as it stands in memory. */
export const RLIM64_INFINITY = 0xffff_ffff_ffff_ffffn;
const rlim: typeof big64 = { ...big64, show: 'rlim' };
export const rlimit64 = struct('rlimit64', { rlim_cur: rlim, rlim_max: rlim });

/** getrlimit's form: words of the ABI. */
export const rlimit = struct('rlimit', { rlim_cur: rlim, rlim_max: rlim });

export const rusage = struct('rusage', {
  ru_utime: timeval,
  ru_stime: timeval,
  ru_maxrss: long,
  ru_ixrss: long,
  ru_idrss: long,
  ru_isrss: long,
  ru_minflt: long,
  ru_majflt: long,
  ru_nswap: long,
  ru_inblock: long,
  ru_oublock: long,
  ru_msgsnd: long,
  ru_msgrcv: long,
  ru_nsignals: long,
  ru_nvcsw: long,
  ru_nivcsw: long,
});
export const rusageWho = names('RUSAGE', { RUSAGE_SELF: 0, RUSAGE_CHILDREN: -1, RUSAGE_BOTH: -2, RUSAGE_THREAD: 1 });
export const priorityWhich = names('PRIO', { PRIO_PROCESS: 0, PRIO_PGRP: 1, PRIO_USER: 2 });
