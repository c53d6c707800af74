// What a process or a task has used, as getrusage and wait4 tell it.
import type { rusage } from '../abi/resource.ts';
import type { ValueOf } from '../abi/struct.ts';
import type { Process } from './process.ts';

const time = (ns: bigint): number => Number(ns / 1000n);

/** `own`: of the process; `children`: of those it has waited for; `both`: the sum, as its parent's wait sees it. Times in fields of microseconds. */
export function usageOf(p: Process, whose: 'own' | 'children' | 'both'): Partial<ValueOf<typeof rusage>> {
  const own = whose !== 'children';
  const children = whose !== 'own';
  const user = (own ? p.cpuTime.user : 0n) + (children ? p.childTime.user : 0n);
  const system = (own ? p.cpuTime.system : 0n) + (children ? p.childTime.system : 0n);
  const at = (ns: bigint): { tv_sec: number; tv_usec: number } => ({
    tv_sec: Math.floor(time(ns) / 1e6),
    tv_usec: time(ns) % 1e6,
  });
  const space = p.leader?.space;
  return {
    ru_utime: at(user),
    ru_stime: at(system),
    ru_maxrss: own ? (space?.resident ?? 0) * 4 : 0,
    ru_minflt: own ? (space?.faults.minor ?? 0) : 0,
    ru_majflt: own ? (space?.faults.major ?? 0) : 0,
  };
}
