// Signals: dispositions, masks, sending and returning (kernel/signal.c).
import { EFAULT, EINVAL, ENOMEM, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import * as S from '../../abi/signal.ts';
import { custom, enumOf, pid, pin, pout, signal, sigset, size } from '../../abi/type.ts';
import type { Process } from '../process.ts';
import { leaveHandler, onAltStack } from '../signal/frame.ts';
import { dropAll, force } from '../signal/send.ts';
import type { Action, SigInfo } from '../signal/signals.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

const validSignal = (n: number): boolean => n > 0 && n <= S.NSIG;

export const rt_sigaction = syscall({
  name: 'rt_sigaction',
  nr: { x64: 13, i386: 174 },
  class: 'signal',
  args: { signum: signal, act: custom('sigaction', 'in'), oldact: custom('sigaction', 'out'), sigsetsize: size },
  run(t, a) {
    if (a.sigsetsize !== 8) return EINVAL;
    const next = a.act ? readAction(t, a.act) : undefined;
    if (next instanceof Errno) return next;
    if (!validSignal(a.signum) || (next && S.UNBLOCKABLE & S.bit(a.signum))) return EINVAL;
    const { handlers } = t.process;
    const old = handlers.get(a.signum);
    if (next) {
      handlers.set(a.signum, next);
      // POSIX: what a signal now ignored has pending is gone.
      if (handlers.ignored(a.signum)) dropAll(t.process, S.bit(a.signum));
    }
    if (a.oldact) {
      const failed = t.user.set(S.sigaction, a.oldact, {
        sa_handler: old.handler,
        sa_flags: old.flags,
        sa_restorer: old.restorer,
        sa_mask: old.mask,
      });
      if (failed) return failed;
    }
    return 0;
  },
});
function readAction(t: Thread, at: number): Action | Errno {
  const a = t.user.get(S.sigaction, at);
  if (a instanceof Errno) return a;
  // Flags no kernel knows read back as zero: how programs find out what there is.
  return {
    handler: a.sa_handler,
    flags: (a.sa_flags & S.SA_KNOWN) >>> 0,
    restorer: a.sa_restorer,
    mask: a.sa_mask & ~S.UNBLOCKABLE,
  };
}

export const rt_sigprocmask = syscall({
  name: 'rt_sigprocmask',
  nr: { x64: 14, i386: 175 },
  class: 'signal',
  args: { how: enumOf(S.sigmaskHow), set: sigset('in'), oldset: sigset('out'), sigsetsize: size },
  run(t, a) {
    if (a.sigsetsize !== 8) return EINVAL;
    const old = t.blocked;
    if (a.set) {
      const set = readSet(t, a.set);
      if (set instanceof Errno) return set;
      const mask = set & ~S.UNBLOCKABLE;
      if (a.how === 0) t.blocked |= mask;
      else if (a.how === 1) t.blocked &= ~mask;
      else if (a.how === 2) t.blocked = mask;
      else return EINVAL;
    }
    return (a.oldset ? writeSet(t, a.oldset, old) : undefined) ?? 0;
  },
});
/** A kernel sigset_t: 64 bits. */
export function readSet(t: Thread, at: number): bigint | Errno {
  const bytes = t.user.bytes(at, 8);
  return bytes instanceof Errno ? bytes : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}
export function writeSet(t: Thread, at: number, set: bigint): Errno | undefined {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, set, true);
  return t.user.put(at, out);
}

export const rt_sigreturn = syscall({
  name: 'rt_sigreturn',
  nr: { x64: 15, i386: 173 },
  class: 'signal',
  args: {},
  run(t) {
    if (!leaveHandler(t)) force(t, { signo: S.SIGSEGV, code: S.SI_KERNEL, addr: 0n });
    return 'noreturn';
  },
});

export const sigaltstack = syscall({
  name: 'sigaltstack',
  nr: { x64: 131, i386: 186 },
  class: 'signal',
  args: { ss: pin(S.stackT), old_ss: pout(S.stackT) },
  run(t, a) {
    const old = t.altStack;
    const sp = Number(t.cpu.get('rsp'));
    if (a.ss) {
      const ss = t.user.get(S.stackT, a.ss);
      if (ss instanceof Errno) return EFAULT;
      if (onAltStack(t, sp)) return EPERM;
      const mode = ss.ss_flags & ~S.SS_AUTODISARM;
      if (mode !== S.SS_DISABLE && mode !== S.SS_ONSTACK && mode !== 0) return EINVAL;
      if (mode === S.SS_DISABLE) t.altStack = { sp: 0, size: 0, flags: ss.ss_flags };
      else {
        if (ss.ss_size < S.MINSIGSTKSZ) return ENOMEM;
        t.altStack = { sp: ss.ss_sp, size: ss.ss_size, flags: ss.ss_flags };
      }
    }
    if (a.old_ss) {
      const on = old.flags & S.SS_DISABLE ? S.SS_DISABLE : onAltStackOf(old, sp) ? S.SS_ONSTACK : 0;
      const failed = t.user.set(S.stackT, a.old_ss, {
        ss_sp: old.sp,
        ss_flags: on | (old.flags & S.SS_AUTODISARM),
        ss_size: old.size,
      });
      if (failed) return EFAULT;
    }
    return 0;
  },
});
const onAltStackOf = (s: Thread['altStack'], sp: number): boolean => sp > s.sp && sp - s.sp <= s.size;

/** Whether `t` may signal process `p` (kill(2)): the same user, or CAP_KILL; SIGCONT within a session always. */
function maySignal(t: Thread, p: Process, signo: number): boolean {
  const mine = t.credentials;
  const theirs = p.leader?.credentials;
  if (!theirs || p === t.process) return true;
  if ([mine.euid, mine.uid].some((u) => u === theirs.suid || u === theirs.uid)) return true;
  return t.capable(CAP_KILL) || (signo === S.SIGCONT && p.sid === t.process.sid);
}
const CAP_KILL = 5;

const fromUser = (t: Thread, signo: number, code: number): SigInfo => ({
  signo,
  code,
  pid: t.process.pid,
  uid: t.credentials.uid,
});

export const kill = syscall({
  name: 'kill',
  nr: { x64: 62, i386: 37 },
  class: 'signal',
  args: { pid, sig: signal },
  run(t, a) {
    const { kernel } = t;
    if (a.sig < 0 || a.sig > S.NSIG) return a.pid === -0x8000_0000 ? ESRCH : (killAbsent(t, a.pid) ?? EINVAL);
    const info = fromUser(t, a.sig, S.SI_USER);
    if (a.pid > 0) {
      const p = kernel.processes.get(a.pid) ?? kernel.thread(a.pid)?.process;
      if (!p) return ESRCH;
      if (!maySignal(t, p, a.sig)) return EPERM;
      kernel.send(p, info);
      return 0;
    }
    if (a.pid === -0x8000_0000) return ESRCH;
    const group = a.pid === 0 ? t.process.pgid : -a.pid;
    const meant = [...kernel.processes.values()].filter((p) => (a.pid === -1 ? p !== t.process : p.pgid === group));
    if (!meant.length) return ESRCH;
    const allowed = meant.filter((p) => maySignal(t, p, a.sig));
    if (!allowed.length) return EPERM;
    for (const p of allowed) kernel.send(p, info);
    return 0;
  },
});
/** Who isn't there is found out before the signal's number is looked at. */
function killAbsent(t: Thread, which: number): Errno | undefined {
  if (which <= 0) return undefined;
  return t.kernel.processes.has(which) || t.kernel.thread(which) ? undefined : ESRCH;
}

function toThread(t: Thread, tgid: number | undefined, tid: number, sig: number): Result {
  const to = t.kernel.thread(tid);
  if (!to || (tgid !== undefined && to.process.pid !== tgid)) return ESRCH;
  if (sig < 0 || sig > S.NSIG) return EINVAL;
  if (!maySignal(t, to.process, sig)) return EPERM;
  t.kernel.send(to, fromUser(t, sig, S.SI_TKILL));
  return 0;
}
export const tgkill = syscall({
  name: 'tgkill',
  nr: { x64: 234, i386: 270 },
  class: 'signal',
  args: { tgid: pid, tid: pid, sig: signal },
  run: (t, { tgid, tid, sig }) => (tgid <= 0 || tid <= 0 ? EINVAL : toThread(t, tgid, tid, sig)),
});
export const tkill = syscall({
  name: 'tkill',
  nr: { x64: 200, i386: 238 },
  class: 'signal',
  args: { tid: pid, sig: signal },
  run: (t, { tid, sig }) => (tid <= 0 ? EINVAL : toThread(t, undefined, tid, sig)),
});
