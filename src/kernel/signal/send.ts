// Sending: what a signal does before it is delivered, and whom it wakes (kernel/signal.c, __send_signal_locked and complete_signal).
import { EAGAIN, type Errno } from '../../abi/errno.ts';
import { POLLIN } from '../../abi/poll.ts';
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import * as S from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import { Process } from '../process.ts';
import { Thread } from '../thread.ts';
import { continueProcess } from './job.ts';
import { DEFAULT, SIG_DFL, SIG_IGN, type SigInfo } from './signals.ts';

/** Sends to a task, or to a process (whichever of its tasks takes it first). EAGAIN: a queued signal that finds no room. */
export function send(kernel: Kernel, to: Thread | Process, info: SigInfo): Errno | undefined {
  const process = to instanceof Process ? to : to.process;
  const signal = info.signo;
  if (process.ending || process.groupExit || signal === 0) return undefined;
  if (S.defaultAction(signal) === 'stop') dropAll(process, S.bit(S.SIGCONT));
  if (signal === S.SIGCONT || signal === S.SIGKILL) {
    if (signal === S.SIGCONT) dropAll(process, S.STOPPING);
    continueProcess(kernel, process, signal === S.SIGCONT);
  }
  const main = to instanceof Thread ? to : process.leader;
  if (!main) return undefined;
  const blocked = (main.blocked & S.bit(signal)) !== 0n;
  if (!blocked && process.handlers.ignored(signal)) {
    info.countdown?.dropped();
    if (kernel.observers.length && signal !== S.SIGKILL) main.noteIgnored(info);
    return undefined;
  }
  if (to.pending.has(signal) && signal < S.SIGRTMIN) return undefined;
  const room = process.pendingSignals < (process.limits[RLIMIT_SIGPENDING]?.cur ?? Number.POSITIVE_INFINITY);
  if (!room && signal >= S.SIGRTMIN && info.code !== S.SI_USER && info.code !== S.SI_KERNEL) return EAGAIN;
  if (room || !to.pending.has(signal)) to.pending.add(room ? info : { signo: signal, code: S.SI_USER, pid: 0, uid: 0 });
  process.signalQueue.wake();
  kernel.signalled.wake(POLLIN);
  choose(kernel, to, main, signal);
  return undefined;
}

/** Wakes the task that will take the signal. One that ends the program does so at once, for all its tasks. */
function choose(kernel: Kernel, to: Thread | Process, main: Thread, signal: number): void {
  const wants = (t: Thread): boolean =>
    t.state !== 'dead' && (signal === S.SIGKILL || ((t.blocked & S.bit(signal)) === 0n && t.state !== 'stopped'));
  let chosen: Thread | undefined = wants(main) ? main : undefined;
  if (!chosen && to instanceof Process) for (const t of to.threads) if (!chosen && wants(t)) chosen = t;
  if (!chosen) return;
  const { process } = chosen;
  const kind = S.defaultAction(signal);
  const fatal = process.handlers.get(signal).handler === SIG_DFL && kind === 'terminate';
  if (fatal && (process.threads.size > 1 || signal === S.SIGKILL)) {
    // What ends it is seen by the chosen task; the others follow.
    process.groupExit = { kind: 'killed', signal, core: false };
    for (const t of process.threads) kernel.kick(t);
    return;
  }
  kernel.kick(chosen);
}

/** A fault's signal: can't be blocked or ignored (force_sig_info_to_task). */
export function force(t: Thread, info: SigInfo): void {
  const h = t.process.handlers;
  const blocked = (t.blocked & S.bit(info.signo)) !== 0n;
  if (blocked || h.get(info.signo).handler === SIG_IGN) h.set(info.signo, DEFAULT);
  if (blocked) t.blocked &= ~S.bit(info.signo);
  t.pending.add(info);
}

/** Nothing of these signals stays pending. */
export function dropAll(p: Process, signals: bigint): void {
  p.pending.drop(signals);
  for (const t of p.threads) t.pending.drop(signals);
}
