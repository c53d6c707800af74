// Scheduling (kernel/sched/syscalls.c).

import { CAP_SYS_ADMIN, CAP_SYS_NICE } from '../../abi/capability.ts';
import { E2BIG, EACCES, EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { priorityWhich } from '../../abi/resource.ts';
import * as P from '../../abi/sched.ts';
import { sizeOf } from '../../abi/struct.ts';
import { timespec } from '../../abi/time.ts';
import { addr, custom, enumOf, int, pid, pin, pout, uint } from '../../abi/type.ts';
import { isRealTime, MOST_PRIORITY, mayNice, mayReschedule, reschedule } from '../priority.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

const taskOf = (t: Thread, id: number): Thread | undefined => (id === 0 ? t : t.kernel.threads.get(id));
const PARTIAL = 'real-time tasks get longer turns, but do not keep others from running';

export const sched_yield = syscall({
  name: 'sched_yield',
  nr: { x64: 24, i386: 158 },
  class: 'sched',
  args: {},
  run(t) {
    t.kernel.yield();
    return 0;
  },
});

export const sched_getaffinity = syscall({
  name: 'sched_getaffinity',
  nr: { x64: 204, i386: 242 },
  class: 'sched',
  args: { pid, cpusetsize: uint, mask: custom('cpuset', 'out', { ret: true }) },
  run(t, { pid, cpusetsize, mask }) {
    const word = t.abi === 'x64' ? 8 : 4;
    if (cpusetsize * 8 < t.kernel.cpus || cpusetsize % word) return EINVAL;
    const of = pid < 0 ? undefined : taskOf(t, pid);
    if (!of) return ESRCH;
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigUint64(0, of.affinity & cpuMask(t), true);
    const n = Math.min(cpusetsize, 8);
    return t.user.put(mask, out.subarray(0, n)) ? EFAULT : n;
  },
});
const cpuMask = (t: Thread): bigint => (1n << BigInt(Math.min(t.kernel.cpus, 64))) - 1n;

export const sched_setaffinity = syscall({
  name: 'sched_setaffinity',
  nr: { x64: 203, i386: 241 },
  class: 'sched',
  args: { pid, cpusetsize: uint, mask: custom('cpuset', 'in', { arg: 'cpusetsize' }) },
  run(t, { pid, cpusetsize, mask }) {
    const n = Math.min(cpusetsize, 8);
    const bytes = t.user.bytes(mask, n);
    if (bytes instanceof Errno) return EFAULT;
    const of = pid < 0 ? undefined : taskOf(t, pid);
    if (!of) return ESRCH;
    if (!mayReschedule(t, of)) return EPERM;
    const image = new Uint8Array(8);
    image.set(bytes);
    const wanted = new DataView(image.buffer).getBigUint64(0, true) & cpuMask(t);
    if (wanted === 0n) return EINVAL;
    of.affinity = wanted;
    return 0;
  },
});

export const sched_getscheduler = syscall({
  name: 'sched_getscheduler',
  nr: { x64: 145, i386: 157 },
  class: 'sched',
  args: { pid },
  run(t, { pid }) {
    if (pid < 0) return EINVAL;
    const s = taskOf(t, pid)?.scheduling;
    return s ? s.policy | (s.resetOnFork ? P.SCHED_RESET_ON_FORK : 0) : ESRCH;
  },
});
export const sched_setscheduler = syscall({
  name: 'sched_setscheduler',
  nr: { x64: 144, i386: 156 },
  class: 'sched',
  args: { pid, policy: enumOf(P.schedPolicies), param: pin(P.schedParam) },
  partial: PARTIAL,
  run(t, { pid, policy, param }) {
    if (policy < 0 || pid < 0 || param === 0) return EINVAL;
    const given = t.user.get(P.schedParam, param);
    if (given instanceof Errno) return EFAULT;
    const of = taskOf(t, pid);
    if (!of) return ESRCH;
    const next = {
      policy: policy & ~P.SCHED_RESET_ON_FORK,
      priority: given.sched_priority,
      resetOnFork: (policy & P.SCHED_RESET_ON_FORK) !== 0,
    };
    return reschedule(t, of, next) ?? 0;
  },
});
export const sched_getparam = syscall({
  name: 'sched_getparam',
  nr: { x64: 143, i386: 155 },
  class: 'sched',
  args: { pid, param: pout(P.schedParam) },
  run(t, { pid, param }) {
    if (pid < 0 || param === 0) return EINVAL;
    const of = taskOf(t, pid);
    if (!of) return ESRCH;
    return t.user.set(P.schedParam, param, { sched_priority: of.scheduling.priority }) ? EFAULT : 0;
  },
});
export const sched_setparam = syscall({
  name: 'sched_setparam',
  nr: { x64: 142, i386: 154 },
  class: 'sched',
  args: { pid, param: pin(P.schedParam) },
  partial: PARTIAL,
  run(t, { pid, param }) {
    if (pid < 0 || param === 0) return EINVAL;
    const given = t.user.get(P.schedParam, param);
    if (given instanceof Errno) return EFAULT;
    const of = taskOf(t, pid);
    if (!of) return ESRCH;
    return reschedule(t, of, { ...of.scheduling, priority: given.sched_priority }) ?? 0;
  },
});

export const sched_setattr = syscall({
  name: 'sched_setattr',
  nr: { x64: 314, i386: 351 },
  class: 'sched',
  args: { pid, attr: pin(P.schedAttr), flags: uint },
  partial: `${PARTIAL}; no SCHED_DEADLINE, no utilization clamps`,
  run(t, { pid, attr, flags }) {
    if (attr === 0 || pid < 0 || flags) return EINVAL;
    const head = t.user.get(uint, attr);
    if (head instanceof Errno) return EFAULT;
    const known = sizeOf(P.schedAttr, t.abi).size;
    const size = head === 0 ? P.SCHED_ATTR_SIZE_VER0 : head;
    if (size < P.SCHED_ATTR_SIZE_VER0 || size > 4096) return t.user.set(uint, attr, known) ? EFAULT : E2BIG;
    const bytes = t.user.bytes(attr, size);
    if (bytes instanceof Errno) return EFAULT;
    if (bytes.subarray(known).some((b) => b !== 0)) return t.user.set(uint, attr, known) ? EFAULT : E2BIG;
    const v = new DataView(bytes.buffer, bytes.byteOffset, size);
    const policy = v.getInt32(4, true);
    const asked = v.getUint32(8, true);
    if (policy < 0 || v.getUint32(12, true) || asked & ~P.SCHED_FLAG_RESET_ON_FORK) return EINVAL;
    const of = taskOf(t, pid);
    if (!of) return ESRCH;
    const nice = Math.max(-20, Math.min(19, v.getInt32(16, true)));
    const next = { policy, priority: v.getUint32(20, true), resetOnFork: (asked & P.SCHED_FLAG_RESET_ON_FORK) !== 0 };
    return reschedule(t, of, next, isRealTime(policy) ? undefined : nice) ?? 0;
  },
});
export const sched_getattr = syscall({
  name: 'sched_getattr',
  nr: { x64: 315, i386: 352 },
  class: 'sched',
  args: { pid, attr: pout(P.schedAttr), size: uint, flags: uint },
  run(t, { pid, attr, size, flags }) {
    if (attr === 0 || pid < 0 || size > 4096 || size < P.SCHED_ATTR_SIZE_VER0 || flags) return EINVAL;
    const of = taskOf(t, pid);
    if (!of) return ESRCH;
    const known = sizeOf(P.schedAttr, t.abi).size;
    const out = new Uint8Array(Math.min(size, known));
    const v = new DataView(out.buffer);
    const { policy, priority, resetOnFork } = of.scheduling;
    v.setUint32(0, out.length, true);
    v.setUint32(4, policy, true);
    v.setUint32(8, resetOnFork ? P.SCHED_FLAG_RESET_ON_FORK : 0, true);
    if (isRealTime(policy)) v.setUint32(20, priority, true);
    else v.setInt32(16, of.nice, true);
    return t.user.put(attr, out) ? EFAULT : 0;
  },
});

export const sched_get_priority_max = syscall({
  name: 'sched_get_priority_max',
  nr: { x64: 146, i386: 159 },
  class: 'sched',
  args: { policy: enumOf(P.schedPolicies) },
  run: (_t, { policy }) => (isRealTime(policy) ? MOST_PRIORITY : [0, 3, 5, 6].includes(policy) ? 0 : EINVAL),
});
export const sched_get_priority_min = syscall({
  name: 'sched_get_priority_min',
  nr: { x64: 147, i386: 160 },
  class: 'sched',
  args: { policy: enumOf(P.schedPolicies) },
  run: (_t, { policy }) => (isRealTime(policy) ? 1 : [0, 3, 5, 6].includes(policy) ? 0 : EINVAL),
});
/** Of a round-robin task Linux's 100 ms; others have no fixed turn. */
export const sched_rr_get_interval = syscall({
  name: 'sched_rr_get_interval',
  nr: { x64: 148, i386: 161 },
  class: 'sched',
  args: { pid, tp: pout(timespec) },
  run(t, { pid, tp }) {
    if (pid < 0) return EINVAL;
    const of = taskOf(t, pid);
    if (!of) return ESRCH;
    const tv_nsec = of.scheduling.policy === P.SCHED_RR ? 100_000_000 : 0;
    return t.user.set(timespec, tp, { tv_sec: 0, tv_nsec }) ? EFAULT : 0;
  },
});

const PRIO_PROCESS = 0,
  PRIO_PGRP = 1,
  PRIO_USER = 2;
/** The tasks that getpriority and ioprio_get are about, by their kinds 0 to 2. */
function tasksOf(t: Thread, kind: number, who: number): Thread[] {
  if (kind === PRIO_PROCESS) return [taskOf(t, who) ?? []].flat();
  if (kind === PRIO_PGRP) {
    const group = who === 0 ? t.process.pgid : who;
    return [...t.kernel.processes.values()].filter((p) => p.pgid === group).flatMap((p) => [...p.threads]);
  }
  const uid = who === 0 ? t.credentials.uid : who;
  return [...t.kernel.threads.values()].filter((o) => o.credentials.uid === uid);
}
export const getpriority = syscall({
  name: 'getpriority',
  nr: { x64: 140, i386: 96 },
  class: 'sched',
  args: { which: enumOf(priorityWhich), who: int },
  run(t, { which, who }) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return EINVAL;
    const tasks = tasksOf(t, which, who);
    return tasks.length ? 20 - Math.min(...tasks.map((o) => o.nice)) : ESRCH;
  },
});
export const setpriority = syscall({
  name: 'setpriority',
  nr: { x64: 141, i386: 97 },
  class: 'sched',
  args: { which: enumOf(priorityWhich), who: int, prio: int },
  run(t, { which, who, prio }) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return EINVAL;
    const nice = Math.max(-20, Math.min(19, prio));
    let error: Errno = ESRCH;
    let done = false;
    for (const of of tasksOf(t, which, who)) {
      if (!mayReschedule(t, of)) error = EPERM;
      else if (!mayNice(t, of, nice)) error = EACCES;
      else {
        of.nice = nice;
        if (error === ESRCH) done = true;
      }
    }
    return done && error === ESRCH ? 0 : error;
  },
});

const IOPRIO_CLASS_SHIFT = 13;
/** Kept and told; there is no disk whose queue it could order. */
export const ioprio_get = syscall({
  name: 'ioprio_get',
  nr: { x64: 252, i386: 290 },
  class: 'sched',
  args: { which: enumOf(P.ioprioWho), who: int },
  returns: { ...int, show: 'hex' },
  run(t, { which, who }) {
    if (which < 1 || which > 3) return EINVAL;
    const tasks = tasksOf(t, which - 1, who);
    return tasks.length ? Math.min(...tasks.map((o) => o.ioPriority)) : ESRCH;
  },
});
export const ioprio_set = syscall({
  name: 'ioprio_set',
  nr: { x64: 251, i386: 289 },
  class: 'sched',
  args: { which: enumOf(P.ioprioWho), who: int, ioprio: { ...int, show: 'hex' } },
  partial: 'kept, but input and output know no priority',
  run(t, { which, who, ioprio }) {
    const kind = ioprio >> IOPRIO_CLASS_SHIFT;
    const level = ioprio & 7;
    if (kind < 0 || kind > 3 || (kind === 0 && level)) return EINVAL;
    if (kind === 1 && !t.capable(CAP_SYS_ADMIN) && !t.capable(CAP_SYS_NICE)) return EPERM;
    if (which < 1 || which > 3) return EINVAL;
    const tasks = tasksOf(t, which - 1, who);
    if (!tasks.length) return ESRCH;
    for (const of of tasks) {
      if (
        of.credentials.uid !== t.credentials.euid &&
        of.credentials.uid !== t.credentials.uid &&
        !t.capable(CAP_SYS_NICE)
      )
        return EPERM;
      of.ioPriority = ioprio;
    }
    return 0;
  },
});

export const getcpu = syscall({
  name: 'getcpu',
  nr: { x64: 309, i386: 318 },
  class: 'sched',
  args: { cpu: pout(uint), node: pout(uint), tcache: addr },
  run: (t, { cpu, node }) => ((cpu && t.user.set(uint, cpu, 0)) || (node && t.user.set(uint, node, 0)) ? EFAULT : 0),
});
