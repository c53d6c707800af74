// Signal frames of x86-64 (arch/x86/kernel/signal_64.c: struct rt_sigframe) without XSAVE: the FXSAVE image alone.
import { EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno.ts';
import {
  bit,
  MINSIGSTKSZ,
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESTORER,
  SA_SIGINFO,
  SS_AUTODISARM,
  SS_DISABLE,
  SS_ONSTACK,
  UNBLOCKABLE,
} from '../../abi/signal.ts';
import type { Reg } from '../cpu.ts';
import type { Thread } from '../thread.ts';
import type { Action, SigInfo } from './signals.ts';

const REDZONE = 128;
const FRAME = 440;
const UC = 8;
const MCONTEXT = UC + 40;
const SIGMASK = MCONTEXT + 256;
const INFO = UC + 304;
/** Registers of struct sigcontext in order. */
const ORDER: readonly Reg[] = [
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
  'rdi',
  'rsi',
  'rbp',
  'rbx',
  'rdx',
  'rax',
  'rcx',
  'rsp',
  'rip',
];
/** UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS: no extended state behind the FXSAVE image. */
const UC_FLAGS = 6n;
/** A handler starts with DF, TF and RF clear, and with fresh floating point (fpu__clear_user_states). */
const HANDLER_CLEARS = 0x10500;
const FRESH_FPU = new Uint8Array(512);
new DataView(FRESH_FPU.buffer).setUint16(0, 0x37f, true);
new DataView(FRESH_FPU.buffer).setUint32(24, 0x1f80, true);
/** Flags a program may set through sigreturn: OF DF TF SF ZF AF PF CF AC RF. */
const FIX_EFLAGS = 0x50dd5;

/** siginfo_t as Linux lays it out: which fields there are follows from who sent it. */
export function writeSigInfo(i: SigInfo): Uint8Array {
  if (i.raw) return i.raw;
  const out = new Uint8Array(128);
  const v = new DataView(out.buffer);
  v.setInt32(0, i.signo, true);
  v.setInt32(4, i.errno ?? 0, true);
  v.setInt32(8, i.code, true);
  if (i.addr !== undefined) {
    v.setBigUint64(16, i.addr, true);
    if (i.syscall !== undefined) {
      v.setInt32(24, i.syscall, true);
      v.setUint32(28, i.arch ?? 0, true);
    }
  } else if (i.band !== undefined) {
    v.setBigInt64(16, BigInt(i.band), true);
    v.setInt32(24, i.fd ?? 0, true);
  } else if (i.timerid !== undefined) {
    v.setInt32(16, i.timerid, true);
    v.setInt32(20, i.overrun ?? 0, true);
    v.setBigUint64(24, i.value ?? 0n, true);
  } else {
    v.setInt32(16, i.pid ?? 0, true);
    v.setInt32(20, i.uid ?? 0, true);
    if (i.status !== undefined) {
      v.setInt32(24, i.status, true);
      v.setBigInt64(32, BigInt(i.utime ?? 0), true);
      v.setBigInt64(40, BigInt(i.stime ?? 0), true);
    } else if (i.value !== undefined) v.setBigUint64(24, i.value, true);
  }
  return out;
}

/** The stack pointer is on the alternate stack: one that disarms itself never counts as in use. */
export const onAltStack = (t: Thread, sp: number): boolean =>
  !(t.altStack.flags & SS_AUTODISARM) && within(t.altStack, sp);
const within = (s: Thread['altStack'], sp: number): boolean => sp > s.sp && sp - s.sp <= s.size;

/** do_sigaltstack: checks and sets. */
export function setAltStack(t: Thread, s: Thread['altStack']): Errno | undefined {
  if (onAltStack(t, Number(t.cpu.get('rsp')))) return EPERM;
  const mode = s.flags & ~SS_AUTODISARM;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return EINVAL;
  if (mode !== SS_DISABLE && s.size < MINSIGSTKSZ) return ENOMEM;
  t.altStack = mode === SS_DISABLE ? { sp: 0, size: 0, flags: s.flags } : s;
  return undefined;
}

/** Makes the handler's frame and points the registers at the handler; false where the stack can't take it (the task must die of SIGSEGV). */
export function enterHandler(t: Thread, info: SigInfo, a: Action): boolean {
  const cpu = t.cpu;
  if (!(a.flags & SA_RESTORER)) return false;
  const stack = t.altStack;
  let sp = Number(cpu.get('rsp')) - REDZONE;
  const nested = onAltStack(t, sp + REDZONE);
  const entering = (a.flags & SA_ONSTACK) !== 0 && stack.size > 0 && !onAltStack(t, sp);
  if (entering) sp = stack.sp + stack.size;
  const fp = Math.floor((sp - 512) / 64) * 64;
  const at = Math.floor((fp - FRAME) / 16) * 16 - 8;
  if ((nested || entering) && !within(stack, at)) return false;
  const frame = new Uint8Array(FRAME);
  const v = new DataView(frame.buffer);
  v.setBigUint64(0, BigInt(a.restorer), true);
  v.setBigUint64(UC, UC_FLAGS, true);
  v.setBigUint64(UC + 16, BigInt(stack.sp), true);
  v.setUint32(UC + 24, stack.flags, true);
  v.setBigUint64(UC + 32, BigInt(stack.size), true);
  ORDER.forEach((r, i) => v.setBigUint64(MCONTEXT + 8 * i, cpu.get(r), true));
  v.setBigUint64(MCONTEXT + 136, BigInt(cpu.flags()), true);
  v.setUint16(MCONTEXT + 144, 0x33, true);
  v.setUint16(MCONTEXT + 150, 0x2b, true);
  v.setBigUint64(MCONTEXT + 152, BigInt(t.lastFault.error), true);
  v.setBigUint64(MCONTEXT + 160, BigInt(t.lastFault.vector), true);
  const mask = t.savedMask ?? t.blocked;
  v.setBigUint64(MCONTEXT + 168, mask, true);
  v.setBigUint64(MCONTEXT + 176, t.lastFault.address, true);
  v.setBigUint64(MCONTEXT + 184, BigInt(fp), true);
  v.setBigUint64(SIGMASK, mask, true);
  if (a.flags & SA_SIGINFO) frame.set(writeSigInfo(info), INFO);
  const image = new Uint8Array(512);
  cpu.fxsave(image);
  if (t.user.put(fp, image) || t.user.put(at, frame)) return false;
  if (stack.flags & SS_AUTODISARM) t.altStack = { sp: 0, size: 0, flags: SS_DISABLE };
  cpu.set('rdi', info.signo);
  cpu.set('rsi', at + INFO);
  cpu.set('rdx', at + UC);
  cpu.set('rax', 0);
  cpu.set('rsp', at);
  cpu.set('rip', a.handler);
  cpu.setFlags(cpu.flags() & ~HANDLER_CLEARS);
  cpu.fxrstor(FRESH_FPU);
  t.savedMask = undefined;
  t.blocked |= a.mask | (a.flags & SA_NODEFER ? 0n : bit(info.signo));
  t.blocked &= ~UNBLOCKABLE;
  return true;
}

/** rt_sigreturn: everything back from the frame above the stack pointer; false on a bad frame (SIGSEGV). */
export function leaveHandler(t: Thread): boolean {
  const cpu = t.cpu;
  const at = Number(cpu.get('rsp')) - 8;
  const frame = t.user.bytes(at, INFO);
  if (frame instanceof Errno) return false;
  const copy = frame.slice();
  const v = new DataView(copy.buffer);
  const fp = Number(v.getBigUint64(MCONTEXT + 184, true));
  if (fp) {
    const image = t.user.bytes(fp, 512);
    if (image instanceof Errno) return false;
    const copy = image.slice();
    const mxcsr = new DataView(copy.buffer).getUint32(24, true);
    if (mxcsr & ~0xffff) return false;
    cpu.fxrstor(copy);
  } else cpu.fxrstor(FRESH_FPU);
  ORDER.forEach((r, i) => cpu.set(r, v.getBigUint64(MCONTEXT + 8 * i, true)));
  cpu.setFlags((cpu.flags() & ~FIX_EFLAGS) | (Number(v.getBigUint64(MCONTEXT + 136, true)) & FIX_EFLAGS));
  t.blocked = v.getBigUint64(SIGMASK, true) & ~UNBLOCKABLE;
  setAltStack(t, {
    sp: Number(v.getBigUint64(UC + 16, true)),
    flags: v.getUint32(UC + 24, true),
    size: Number(v.getBigUint64(UC + 32, true)),
  });
  return true;
}
