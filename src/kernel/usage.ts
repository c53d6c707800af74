// What processes and tasks have used, as getrusage and wait tell it.
import type { rusage } from '../abi/resource.ts';
import type { ValueOf } from '../abi/struct.ts';
import type { AddressSpace } from './mm/address-space.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';

/** Sums over what is gone: ended tasks, left address spaces, awaited children. */
export class Usage {
  /** The most pages resident at one time. */
  resident = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntary = 0;
  preempted = 0;
  task(t: Thread): void {
    this.voluntary += t.switches.voluntary;
    this.preempted += t.switches.preempted;
  }
  space(s: AddressSpace): void {
    this.resident = Math.max(this.resident, s.peak.resident, s.resident);
    this.minorFaults += s.faults.minor;
    this.majorFaults += s.faults.major;
  }
  add(other: Usage): void {
    this.resident = Math.max(this.resident, other.resident);
    this.minorFaults += other.minorFaults;
    this.majorFaults += other.majorFaults;
    this.voluntary += other.voluntary;
    this.preempted += other.preempted;
  }
}

const at = (ns: bigint): { tv_sec: number; tv_usec: number } => ({
  tv_sec: Number(ns / 1_000_000_000n),
  tv_usec: Number((ns / 1000n) % 1_000_000n),
});
function fields(user: bigint, system: bigint, u: Usage): Partial<ValueOf<typeof rusage>> {
  return {
    ru_utime: at(user),
    ru_stime: at(system),
    ru_maxrss: u.resident * 4,
    ru_minflt: u.minorFaults,
    ru_majflt: u.majorFaults,
    ru_nvcsw: u.voluntary,
    ru_nivcsw: u.preempted,
  };
}

/** `own`: of the process; `children`: of those it has waited for; `both`: the sum, as its parent's wait sees it. */
export function usageOf(p: Process, whose: 'own' | 'children' | 'both'): Partial<ValueOf<typeof rusage>> {
  const sum = new Usage();
  let user = 0n;
  let system = 0n;
  if (whose !== 'children') {
    sum.add(p.usage);
    for (const t of p.threads) sum.task(t);
    const space = p.leader?.space;
    if (space) sum.space(space);
    user += p.cpuTime.user;
    system += p.cpuTime.system;
  }
  if (whose !== 'own') {
    sum.add(p.childUsage);
    user += p.childTime.user;
    system += p.childTime.system;
  }
  return fields(user, system, sum);
}
/** Of one task, with the memory of its process. */
export function usageOfTask(t: Thread): Partial<ValueOf<typeof rusage>> {
  const sum = new Usage();
  sum.task(t);
  sum.space(t.space);
  return fields(t.cpuTime, 0n, sum);
}
