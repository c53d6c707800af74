// Job control: stopping and continuing a process, and telling its parent (kernel/signal.c, do_signal_stop and do_notify_parent).
import * as S from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import type { SigInfo } from './signals.ts';

/** All its tasks stop where they are. */
export function stopProcess(kernel: Kernel, p: Process, signal: number): void {
  p.stopped = signal;
  p.stopReported = false;
  p.continuedReported = true;
  for (const t of p.threads) {
    for (const o of kernel.observers) o.stopped?.(t, signal);
    kernel.scheduler.remove(t);
    t.state = 'stopped';
  }
  tellParent(kernel, p, S.CLD_STOPPED, signal);
}

/** Stopped tasks go on; `report`: the parent learns of it (SIGCONT, not SIGKILL). */
export function continueProcess(kernel: Kernel, p: Process, report: boolean): void {
  if (!p.stopped) return;
  p.stopped = 0;
  p.stopReported = true;
  if (report) {
    p.continuedReported = false;
    tellParent(kernel, p, S.CLD_CONTINUED, S.SIGCONT);
  }
  for (const t of p.threads) if (t.state === 'stopped') kernel.scheduler.add(t);
}

/** SIGCHLD (or the signal clone asked for) with what happened; and who waits looks again. */
export function tellParent(kernel: Kernel, p: Process, code: number, status: number): void {
  const { parent } = p;
  if (!parent) return;
  const stopLike = code === S.CLD_STOPPED || code === S.CLD_CONTINUED;
  const action = parent.handlers.get(S.SIGCHLD);
  const signo = stopLike ? S.SIGCHLD : p.exitSignal;
  const quiet = stopLike && action.flags & S.SA_NOCLDSTOP;
  if (signo && !quiet) kernel.send(parent, childInfo(p, signo, code, status));
  parent.childChanged.wake();
}

/** What a SIGCHLD says of a child; times in clock ticks of 10 ms. */
export function childInfo(p: Process, signo: number, code: number, status: number): SigInfo {
  const ticks = (ns: bigint): number => Number(ns / 10_000_000n);
  return {
    signo,
    code,
    pid: p.pid,
    uid: p.uid,
    status,
    utime: ticks(p.cpuTime.user),
    stime: ticks(p.cpuTime.system),
  };
}

/** No task of the group has a parent in another group of the session: nobody could continue it (POSIX, Orphaned Process Group). */
export function isOrphanedGroup(kernel: Kernel, pgid: number, without?: Process): boolean {
  for (const p of kernel.processes.values()) {
    if (p.pgid !== pgid || p === without || p.ending) continue;
    const { parent } = p;
    // The first process's parent is outside the machine, in a group and session of its own choosing.
    if (!parent) {
      if (p === kernel.first) return false;
      continue;
    }
    if (parent.pgid !== pgid && parent.sid === p.sid) return false;
  }
  return true;
}
/** Stopped members of a group that has become orphaned are hung up and continued. */
export function hangUpOrphans(kernel: Kernel, pgid: number): void {
  const members = [...kernel.processes.values()].filter((p) => p.pgid === pgid && !p.ending);
  if (!members.some((p) => p.stopped) || !isOrphanedGroup(kernel, pgid)) return;
  for (const p of members) {
    kernel.send(p, { signo: S.SIGHUP, code: S.SI_KERNEL });
    kernel.send(p, { signo: S.SIGCONT, code: S.SI_KERNEL });
  }
}
