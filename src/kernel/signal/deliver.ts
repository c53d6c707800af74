// Delivery: what happens to a task's signals before it goes on in user mode, and to the call one of them interrupted (kernel/signal.c, get_signal;
// arch/x86/kernel/signal.c, handle_signal).
import {
  EINTR,
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  ERESTARTNOINTR,
  ERESTARTSYS,
  type Errno,
} from '../../abi/errno.ts';
import { RLIMIT_CORE } from '../../abi/resource.ts';
import * as S from '../../abi/signal.ts';
import { exitProcess, exitThread } from '../exit.ts';
import type { Kernel } from '../kernel.ts';
import { abortSequence } from '../rseq.ts';
import type { Call, Thread } from '../thread.ts';
import { enterHandler } from './frame.ts';
import { isOrphanedGroup, stopProcess } from './job.ts';
import { type Action, DEFAULT, SIG_DFL, SIG_IGN, type SigInfo } from './signals.ts';

const RESTART_SYSCALL = { syscall: 219, int80: 0, sysenter: 0 } as const;

/** `interrupted`: the kernel-internal error the call just ended with, if it did with one; it decides whether the call is made again. */
export function deliverSignals(kernel: Kernel, t: Thread, interrupted?: Errno, call?: Call): void {
  let restart = interrupted && interrupted.code >= 512 && call ? { call, why: interrupted } : undefined;
  for (;;) {
    const { process } = t;
    if (t.state === 'dead') return;
    if (process.groupExit) return exitThread(kernel, t, process.groupExit);
    if (t.ignored.length) for (const info of t.ignored.splice(0)) tell(kernel, t, info);
    const info = t.pending.takeSynchronous(t.blocked) ?? t.pending.take(t.blocked) ?? process.pending.take(t.blocked);
    if (!info) break;
    const action = process.handlers.get(info.signo);
    tell(kernel, t, info);
    if (action.handler === SIG_IGN && info.signo !== S.SIGKILL) continue;
    if (action.handler === SIG_DFL || info.signo === S.SIGKILL) {
      if (!byDefault(kernel, t, info)) continue;
      if (t.state === 'stopped' && restart) restartSilently(t, restart.call, restart.why);
      return;
    }
    if (restart) endForHandler(t, restart.call, restart.why, (action.flags & S.SA_RESTART) !== 0);
    restart = undefined;
    handle(t, info, action);
  }
  if (restart) restartSilently(t, restart.call, restart.why);
  if (t.savedMask !== undefined) {
    t.blocked = t.savedMask;
    t.savedMask = undefined;
  }
}
function tell(kernel: Kernel, t: Thread, info: SigInfo): void {
  for (const o of kernel.observers) o.signal?.(t, info);
}

/** The default action; true when the task doesn't go on. */
function byDefault(kernel: Kernel, t: Thread, info: SigInfo): boolean {
  const kind = S.defaultAction(info.signo);
  if (kind === 'ignore' || kind === 'continue') return false;
  const { process } = t;
  if (kind === 'stop') {
    if (info.signo !== S.SIGSTOP && isOrphanedGroup(kernel, process.pgid)) return false;
    stopProcess(kernel, process, info.signo);
    return true;
  }
  const core = kind === 'core' && (process.limits[RLIMIT_CORE]?.cur ?? 0) > 0 && process.dumpable === 1;
  exitProcess(kernel, t, { kind: 'killed', signal: info.signo, core });
  return true;
}

/** Further signals nest on top of the handler's frame. Where the stack can't take it, the program dies of SIGSEGV. */
function handle(t: Thread, info: SigInfo, action: Action): void {
  t.deadline = t.restart = undefined;
  abortSequence(t);
  const { handlers } = t.process;
  if (action.flags & S.SA_RESETHAND) handlers.set(info.signo, { ...action, handler: SIG_DFL });
  if (enterHandler(t, info, action)) return;
  if (info.signo === S.SIGSEGV || t.blocked & S.bit(S.SIGSEGV) || handlers.get(S.SIGSEGV).handler === SIG_IGN)
    handlers.set(S.SIGSEGV, DEFAULT);
  t.blocked &= ~S.bit(S.SIGSEGV);
  t.pending.add({ signo: S.SIGSEGV, code: S.SI_KERNEL, addr: 0n });
}

/** A handler runs: the call ends with EINTR, or is made again behind it. */
function endForHandler(t: Thread, call: Call, why: Errno, restart: boolean): void {
  if (why === ERESTARTNOINTR || (why === ERESTARTSYS && restart)) again(t, call.nr);
  else t.kernel.setResult(t, -EINTR.code);
}
/** No handler runs: the call goes on as if nothing had happened. */
function restartSilently(t: Thread, call: Call, why: Errno): void {
  if (why === ERESTART_RESTARTBLOCK) again(t, RESTART_SYSCALL[call.gate]);
  else if (why === ERESTARTSYS || why === ERESTARTNOINTR || why === ERESTARTNOHAND) again(t, call.nr);
}
/** Behind the system call instruction (two bytes, whichever it is) stands rip: back, with the number in rax. */
function again(t: Thread, nr: number): void {
  t.kernel.setResult(t, nr);
  t.cpu.set('rip', Number(t.cpu.get('rip')) - 2);
}
