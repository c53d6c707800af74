// Signal frames of x86-64 (arch/x86/kernel/signal_64.c: struct rt_sigframe) without XSAVE: the FXSAVE image alone. A frame lies below the interrupted stack:
// return address, struct ucontext, siginfo, and above them the image, which the context points at.
import { Errno } from '../../abi/errno.ts';
import {
  bit,
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESTORER,
  SA_SIGINFO,
  SS_AUTODISARM,
  SS_DISABLE,
  UNBLOCKABLE,
} from '../../abi/signal.ts';
import type { Thread } from '../thread.ts';
import { onAltStack, setAltStack, within } from './altstack.ts';
import { writeSigInfo } from './siginfo.ts';
import type { Action, SigInfo } from './signals.ts';

const REDZONE = 128;
/** Offsets from the frame's start. */
const UC = 8;
const MCONTEXT = UC + 40;
const SIGMASK = MCONTEXT + 256;
const INFO = UC + 304;
const FRAME = INFO + 128;
const FXSAVE = 512;
/** What aligning the image (64) and the frame (16) may put between them. */
const SLACK = 80;
/** Registers of struct sigcontext in order, by their numbers in an instruction: r8 to r15, rdi rsi rbp rbx rdx rax rcx rsp; then rip. */
const ORDER = [8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4] as const;
const [RAX, RDX, RSP, RSI, RDI] = [0, 2, 4, 6, 7];
/** UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS: no extended state behind the FXSAVE image. */
const UC_FLAGS = 6;
const USER_CS = 0x33;
const USER_DS = 0x2b;
/** A handler starts with DF, TF and RF clear, and with fresh floating point (fpu__clear_user_states). */
const HANDLER_CLEARS = 0x10500;
const FRESH_FPU = new Uint8Array(FXSAVE);
new DataView(FRESH_FPU.buffer).setUint16(0, 0x37f, true);
new DataView(FRESH_FPU.buffer).setUint32(24, 0x1f80, true);
/** Flags a program may set through sigreturn: OF DF TF SF ZF AF PF CF AC RF. */
const FIX_EFLAGS = 0x50dd5;
/** MXCSR bits there are. */
const MXCSR_MASK = 0xffff;

/** Where frames are put together: used up before anything else runs. */
const scratch = new Uint8Array(FRAME + SLACK + FXSAVE);
const view = new DataView(scratch.buffer);
const words = new Uint32Array(scratch.buffer);
const setWord64 = (at: number, value: number): void => {
  view.setUint32(at, value, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
};

/** Makes the handler's frame and points the registers at the handler; false where the stack can't take it (the task must die of SIGSEGV). */
export function enterHandler(t: Thread, info: SigInfo, a: Action): boolean {
  const { cpu } = t;
  if (!(a.flags & SA_RESTORER)) return false;
  const gpr = (n: number): number => cpu.raxIndex + 2 * n;
  const stack = t.altStack;
  let sp = (cpu.u32[gpr(RSP)] as number) + (cpu.u32[gpr(RSP) + 1] as number) * 2 ** 32 - REDZONE;
  const nested = onAltStack(t, sp + REDZONE);
  const entering = (a.flags & SA_ONSTACK) !== 0 && stack.size > 0 && !onAltStack(t, sp);
  if (entering) sp = stack.sp + stack.size;
  const fp = Math.floor((sp - FXSAVE) / 64) * 64;
  const at = Math.floor((fp - FRAME) / 16) * 16 - 8;
  if ((nested || entering) && !within(stack, at)) return false;
  scratch.fill(0);
  setWord64(0, a.restorer);
  view.setUint32(UC, UC_FLAGS, true);
  setWord64(UC + 16, stack.sp);
  view.setUint32(UC + 24, stack.flags, true);
  setWord64(UC + 32, stack.size);
  for (let i = 0; i < ORDER.length; i++) {
    const from = gpr(ORDER[i] as number);
    words[MCONTEXT / 4 + 2 * i] = cpu.u32[from] as number;
    words[MCONTEXT / 4 + 2 * i + 1] = cpu.u32[from + 1] as number;
  }
  view.setBigUint64(MCONTEXT + 128, cpu.get('rip'), true);
  view.setUint32(MCONTEXT + 136, cpu.flags(), true);
  view.setUint16(MCONTEXT + 144, USER_CS, true);
  view.setUint16(MCONTEXT + 150, USER_DS, true);
  view.setUint32(MCONTEXT + 152, t.lastFault.error, true);
  view.setUint32(MCONTEXT + 160, t.lastFault.vector, true);
  const mask = t.savedMask ?? t.blocked;
  view.setBigUint64(MCONTEXT + 168, mask, true);
  view.setBigUint64(MCONTEXT + 176, t.lastFault.address, true);
  setWord64(MCONTEXT + 184, fp);
  view.setBigUint64(SIGMASK, mask, true);
  if (a.flags & SA_SIGINFO) scratch.set(writeSigInfo(info), INFO);
  cpu.fxsave(scratch.subarray(fp - at, fp - at + FXSAVE));
  if (t.user.put(at, scratch.subarray(0, fp - at + FXSAVE))) return false;
  if (stack.flags & SS_AUTODISARM) t.altStack = { sp: 0, size: 0, flags: SS_DISABLE };
  const set = (n: number, value: number): void => {
    cpu.u32[gpr(n)] = value;
    cpu.u32[gpr(n) + 1] = Math.floor(value / 2 ** 32);
  };
  set(RDI, info.signo);
  set(RSI, at + INFO);
  set(RDX, at + UC);
  set(RAX, 0);
  set(RSP, at);
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
  const { cpu } = t;
  const frame = t.user.bytes(Number(cpu.get('rsp')) - 8, INFO);
  if (frame instanceof Errno) return false;
  scratch.set(frame);
  const fp = view.getUint32(MCONTEXT + 184, true) + view.getUint32(MCONTEXT + 188, true) * 2 ** 32;
  if (fp) {
    const image = t.user.bytes(fp, FXSAVE);
    if (image instanceof Errno) return false;
    scratch.set(image, FRAME);
    if (view.getUint32(FRAME + 24, true) & ~MXCSR_MASK) return false;
    cpu.fxrstor(scratch.subarray(FRAME, FRAME + FXSAVE));
  } else cpu.fxrstor(FRESH_FPU);
  for (let i = 0; i < ORDER.length; i++) {
    const to = cpu.raxIndex + 2 * (ORDER[i] as number);
    cpu.u32[to] = words[MCONTEXT / 4 + 2 * i] as number;
    cpu.u32[to + 1] = words[MCONTEXT / 4 + 2 * i + 1] as number;
  }
  cpu.set('rip', view.getBigUint64(MCONTEXT + 128, true));
  cpu.setFlags((cpu.flags() & ~FIX_EFLAGS) | (view.getUint32(MCONTEXT + 136, true) & FIX_EFLAGS));
  t.blocked = view.getBigUint64(SIGMASK, true) & ~UNBLOCKABLE;
  setAltStack(t, {
    sp: Number(view.getBigUint64(UC + 16, true)),
    flags: view.getUint32(UC + 24, true),
    size: Number(view.getBigUint64(UC + 32, true)),
  });
  return true;
}
