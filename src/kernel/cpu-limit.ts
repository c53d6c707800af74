// RLIMIT_CPU: a warning each second above the soft limit, death at the hard one (kernel/time/posix-cpu-timers.c, check_process_timers).
import { RLIMIT_CPU } from '../abi/resource.ts';
import { SI_KERNEL, SIGKILL, SIGXCPU } from '../abi/signal.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';

export function chargeLimit(kernel: Kernel, p: Process): void {
  const limit = p.limits[RLIMIT_CPU];
  if (!limit || limit.cur === Number.POSITIVE_INFINITY) return;
  const seconds = Number(p.cpuTime.user + p.cpuTime.system) / 1e9;
  if (seconds >= limit.max) kernel.send(p, { signo: SIGKILL, code: SI_KERNEL });
  else if (seconds >= limit.cur) {
    kernel.send(p, { signo: SIGXCPU, code: SI_KERNEL });
    // The next warning comes a second later.
    limit.cur++;
  }
}
