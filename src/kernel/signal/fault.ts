// Faults of the CPU as the signals Linux makes of them (arch/x86/kernel/traps.c, arch/x86/mm/fault.c).
import { EFAULT, Errno } from '../../abi/errno.ts';
import * as S from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../thread.ts';
import { force } from './send.ts';

const USER_END = 0x7fff_ffff_f000n;
const PF_PRESENT = 1;
const PF_FETCH = 16;

/** Vector, error code and (for page faults) address, as the CPU reports them. */
export function raiseFault(kernel: Kernel, t: Thread, vector: number, error: number, address: bigint): void {
  const at = t.cpu.get('rip');
  switch (vector) {
    case 0:
      return raise(t, vector, error, S.SIGFPE, S.FPE_INTDIV, at);
    case 1:
      return raise(t, vector, error, S.SIGTRAP, S.TRAP_TRACE, at);
    case 3:
      return raise(t, vector, error, S.SIGTRAP, S.SI_KERNEL, 0n);
    case 4:
      return raise(t, vector, error, S.SIGSEGV, S.SI_KERNEL, 0n);
    case 6:
      return raise(t, vector, error, S.SIGILL, S.ILL_ILLOPN, at);
    case 14:
      return pageFault(kernel, t, error, address);
    case 16: {
      const { view, x87Offset } = t.cpu;
      const status = view.getUint16(x87Offset + 2, true) & ~view.getUint16(x87Offset, true);
      return raise(t, vector, error, S.SIGFPE, floatCode(status), at);
    }
    case 17:
      return raise(t, vector, error, S.SIGBUS, S.BUS_ADRALN, 0n);
    case 19: {
      const mxcsr = t.cpu.view.getUint32(t.cpu.mxcsrOffset, true);
      return raise(t, vector, error, S.SIGFPE, floatCode(mxcsr & ~(mxcsr >> 7)), at);
    }
    default:
      return raise(t, vector, error, S.SIGSEGV, S.SI_KERNEL, 0n);
  }
}

function pageFault(kernel: Kernel, t: Thread, error: number, address: bigint): void {
  const user = address < USER_END;
  const refusal = t.space.lastRefusal;
  if (
    !user &&
    address >> 12n === 0xffff_ffff_ff60_0n &&
    error & PF_FETCH &&
    emulate(kernel, t, Number(address & 0xfffn))
  )
    return;
  t.lastFault.address = address;
  // Whether a kernel page is there isn't told to programs.
  const shown = user ? error : error | PF_PRESENT;
  if (user && refusal === 'memory') {
    // Who must go has been decided; where nobody could be found, it is who asked.
    t.process.groupExit ??= { kind: 'killed', signal: S.SIGKILL, core: false };
    return;
  }
  if (user && refusal === 'bus') return raise(t, 14, shown, S.SIGBUS, S.BUS_ADRERR, address);
  const code = user && refusal === 'rights' ? S.SEGV_ACCERR : S.SEGV_MAPERR;
  raise(t, 14, shown, S.SIGSEGV, code, address);
}

function raise(t: Thread, vector: number, error: number, signo: number, code: number, addr: bigint): void {
  t.lastFault.vector = vector;
  t.lastFault.error = error;
  force(t, { signo, code, addr });
}

/** The legacy vsyscall page: executing its three entries does gettimeofday, time, getcpu, as Linux emulates it. */
function emulate(kernel: Kernel, t: Thread, offset: number): boolean {
  const nr = { 0: 96, 1024: 201, 2048: 309 }[offset];
  const sp = Number(t.cpu.get('rsp'));
  const back = t.user.bytes(sp, 8);
  const syscall = nr === undefined ? undefined : kernel.table.x64[nr];
  if (!syscall?.call || back instanceof Errno) return false;
  const to = new DataView(back.buffer, back.byteOffset, 8).getBigUint64(0, true);
  const raw = new Uint32Array(12);
  t.cpu.argIndex.forEach((at, i) => {
    raw[2 * i] = t.cpu.u32[at] as number;
    raw[2 * i + 1] = t.cpu.u32[at + 1] as number;
  });
  const r = syscall.call(t, raw);
  if (r === EFAULT) {
    force(t, { signo: S.SIGSEGV, code: S.SI_KERNEL, addr: 0n });
    return true;
  }
  kernel.setResult(t, r instanceof Errno ? -r.code : (r as number));
  t.cpu.set('rip', to);
  t.cpu.set('rsp', sp + 8);
  return true;
}

/** si_code of SIGFPE from unmasked exception bits IE DE ZE OE UE PE (fpu__exception_code). */
function floatCode(bits: number): number {
  if (bits & 0x01) return S.FPE_FLTINV;
  if (bits & 0x04) return S.FPE_FLTDIV;
  if (bits & 0x08) return S.FPE_FLTOVF;
  if (bits & 0x12) return S.FPE_FLTUND;
  return bits & 0x20 ? S.FPE_FLTRES : 0;
}
