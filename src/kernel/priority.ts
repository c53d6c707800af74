// How much of the processor a task gets when others want it too (sched_setscheduler(2), nice(2)).
import { CAP_SYS_NICE } from '../abi/capability.ts';
import { EINVAL, EPERM, type Errno } from '../abi/errno.ts';
import { RLIMIT_NICE, RLIMIT_RTPRIO } from '../abi/resource.ts';
import * as P from '../abi/sched.ts';
import type { Thread } from './thread.ts';

/** Policy with its parameters, as sched_setattr gives them. */
export interface Scheduling {
  readonly policy: number;
  readonly priority: number;
  readonly resetOnFork: boolean;
}
export const NORMAL: Scheduling = { policy: P.SCHED_OTHER, priority: 0, resetOnFork: false };
export const isRealTime = (policy: number): boolean => policy === P.SCHED_FIFO || policy === P.SCHED_RR;
export const MOST_PRIORITY = 99;

/** Its part of a turn: each step of nice is a factor of 1.25 (kernel/sched/core.c, sched_prio_to_weight); real-time tasks get long turns. */
export function share(t: Thread): number {
  if (isRealTime(t.scheduling.policy)) return 4;
  if (t.scheduling.policy === P.SCHED_IDLE) return 1 / 64;
  return 1.25 ** -t.nice;
}

/** Whether `by` may change how `of` is scheduled: its own user's tasks, or CAP_SYS_NICE. */
export const mayReschedule = (by: Thread, of: Thread): boolean =>
  [of.credentials.uid, of.credentials.euid].includes(by.credentials.euid) || by.capable(CAP_SYS_NICE);

/** can_nice: raising takes RLIMIT_NICE or the capability. */
export const mayNice = (by: Thread, of: Thread, nice: number): boolean =>
  nice >= of.nice || 20 - nice <= (of.process.limits[RLIMIT_NICE]?.cur ?? 0) || by.capable(CAP_SYS_NICE);

/** __sched_setscheduler's checks. `nice` undefined: not asked for. */
export function reschedule(by: Thread, of: Thread, next: Scheduling, nice?: number): Errno | undefined {
  const { policy, priority } = next;
  if (![0, 1, 2, 3, 5].includes(policy)) return EINVAL;
  if (priority < 0 || priority > MOST_PRIORITY || isRealTime(policy) !== priority > 0) return EINVAL;
  const now = of.scheduling;
  const free = by.capable(CAP_SYS_NICE);
  if (!free) {
    if (nice !== undefined && !mayNice(by, of, nice)) return EPERM;
    const most = of.process.limits[RLIMIT_RTPRIO]?.cur ?? 0;
    if (isRealTime(policy) && policy !== now.policy && most === 0) return EPERM;
    if (isRealTime(policy) && priority > now.priority && priority > most) return EPERM;
    if (now.policy === P.SCHED_IDLE && policy !== P.SCHED_IDLE && !mayNice(by, of, of.nice)) return EPERM;
    if (!mayReschedule(by, of)) return EPERM;
    if (now.resetOnFork && !next.resetOnFork) return EPERM;
  }
  of.scheduling = next;
  if (nice !== undefined) of.nice = nice;
  return undefined;
}
