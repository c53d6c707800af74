// Scheduling (linux/sched.h, linux/sched/types.h, linux/ioprio.h).
import { struct } from './struct.ts';
import { flags, int, names, u64, uint } from './type.ts';

export const SCHED_OTHER = 0,
  SCHED_FIFO = 1,
  SCHED_RR = 2,
  SCHED_BATCH = 3,
  SCHED_IDLE = 5,
  SCHED_DEADLINE = 6,
  SCHED_RESET_ON_FORK = 0x4000_0000;
export const schedPolicies = names('SCHED', {
  SCHED_OTHER,
  SCHED_FIFO,
  SCHED_RR,
  SCHED_BATCH,
  SCHED_ISO: 4,
  SCHED_IDLE,
  SCHED_DEADLINE,
});
export const schedParam = struct('sched_param', { sched_priority: int });
export const SCHED_FLAG_RESET_ON_FORK = 1;
export const schedFlags = names('SCHED_FLAG', {
  SCHED_FLAG_RESET_ON_FORK,
  SCHED_FLAG_RECLAIM: 2,
  SCHED_FLAG_DL_OVERRUN: 4,
  SCHED_FLAG_KEEP_POLICY: 8,
  SCHED_FLAG_KEEP_PARAMS: 16,
  SCHED_FLAG_UTIL_CLAMP_MIN: 32,
  SCHED_FLAG_UTIL_CLAMP_MAX: 64,
});
export const schedAttr = struct('sched_attr', {
  size: uint,
  sched_policy: uint,
  sched_flags: flags(schedFlags, 8),
  sched_nice: int,
  sched_priority: uint,
  sched_runtime: u64,
  sched_deadline: u64,
  sched_period: u64,
  sched_util_min: uint,
  sched_util_max: uint,
});
export const SCHED_ATTR_SIZE_VER0 = 48;

export const ioprioWho = names('IOPRIO_WHO', { IOPRIO_WHO_PROCESS: 1, IOPRIO_WHO_PGRP: 2, IOPRIO_WHO_USER: 3 });
