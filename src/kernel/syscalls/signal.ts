// Signals: dispositions, masks, waiting and returning (kernel/signal.c).
import { EAGAIN, EFAULT, EINTR, EINVAL, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import * as S from '../../abi/signal.ts';
import { timespec } from '../../abi/time.ts';
import { custom, enumOf, pin, pout, signal, sigset, size } from '../../abi/type.ts';
import { readTimespec } from '../clock.ts';
import { onAltStack, setAltStack } from '../signal/altstack.ts';
import { leaveHandler } from '../signal/frame.ts';
import { dropAll, force } from '../signal/send.ts';
import { writeSigInfo } from '../signal/siginfo.ts';
import type { Action } from '../signal/signals.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

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
        sa_flags: BigInt(old.flags),
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
    flags: (Number(a.sa_flags & 0xffff_ffffn) & S.SA_KNOWN) >>> 0,
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
    const before = t.altStack;
    const on = onAltStack(t, Number(t.cpu.get('rsp')));
    if (a.ss) {
      const ss = t.user.get(S.stackT, a.ss);
      if (ss instanceof Errno) return EFAULT;
      const refused = setAltStack(t, { sp: ss.ss_sp, size: ss.ss_size, flags: ss.ss_flags });
      if (refused) return refused;
    }
    if (!a.old_ss) return 0;
    const state = before.size === 0 ? S.SS_DISABLE : on ? S.SS_ONSTACK : 0;
    const failed = t.user.set(S.stackT, a.old_ss, {
      ss_sp: before.sp,
      ss_flags: (state | (before.flags & S.SS_AUTODISARM)) >>> 0,
      ss_size: before.size,
    });
    return failed ? EFAULT : 0;
  },
});

export const rt_sigpending = syscall({
  name: 'rt_sigpending',
  nr: { x64: 127, i386: 176 },
  class: 'signal',
  args: { set: sigset('out'), sigsetsize: size },
  run(t, { set, sigsetsize }) {
    if (sigsetsize > 8) return EINVAL;
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigUint64(0, (t.pending.mask | t.process.pending.mask) & t.blocked, true);
    return t.user.put(set, out.subarray(0, sigsetsize)) ? EFAULT : 0;
  },
});

export const rt_sigsuspend = syscall({
  name: 'rt_sigsuspend',
  nr: { x64: 130, i386: 179 },
  class: 'signal',
  args: { mask: sigset('in'), sigsetsize: size },
  run(t, { mask, sigsetsize }) {
    if (sigsetsize !== 8) return EINVAL;
    const set = readSet(t, mask);
    if (set instanceof Errno) return set;
    t.savedMask ??= t.blocked;
    t.blocked = set & ~S.UNBLOCKABLE;
    return new Block([], undefined, ERESTARTNOHAND);
  },
});
export const pause = syscall({
  name: 'pause',
  nr: { x64: 34, i386: 29 },
  class: 'signal',
  args: {},
  run: () => new Block([], undefined, ERESTARTNOHAND),
});

export const rt_sigtimedwait = syscall({
  name: 'rt_sigtimedwait',
  nr: { x64: 128, i386: 177 },
  class: 'signal',
  args: { set: sigset('in'), info: custom('siginfo', 'out'), timeout: pin(timespec), sigsetsize: size },
  returns: signal,
  run(t, a) {
    if (a.sigsetsize !== 8) return EINVAL;
    const set = readSet(t, a.set);
    if (set instanceof Errno) return set;
    if (a.timeout) {
      const ns = readTimespec(t, a.timeout);
      if (ns instanceof Errno) return ns;
      t.deadline ??= t.kernel.monotonic() + ns;
    }
    const unwanted = ~(set & ~S.UNBLOCKABLE);
    const info = t.pending.take(unwanted) ?? t.process.pending.take(unwanted);
    if (info) return a.info && t.user.put(a.info, writeSigInfo(info)) ? EFAULT : info.signo;
    if (t.interrupted) return EINTR;
    if (t.deadline !== undefined && t.kernel.monotonic() >= t.deadline) return EAGAIN;
    return new Block([t.process.signalQueue], t.deadline, EINTR);
  },
});
