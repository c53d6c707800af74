// Signals of Linux on x86 (asm/signal.h, asm-generic/siginfo.h).
import { struct } from './struct.ts';
import { addr, big64, flags, names, ulong } from './type.ts';

export const SIGNALS = [
  '',
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
] as const;
export const SIGRTMIN = 32;
export const NSIG = 64;
export const signalName = (n: number): string =>
  n > 0 && n < 32
    ? (SIGNALS[n] as string)
    : n >= SIGRTMIN && n <= NSIG
      ? n === 32
        ? 'SIGRTMIN'
        : `SIGRT_${n - 32}`
      : String(n);

export const SIGHUP = 1,
  SIGINT = 2,
  SIGQUIT = 3,
  SIGILL = 4,
  SIGTRAP = 5,
  SIGABRT = 6,
  SIGBUS = 7,
  SIGFPE = 8,
  SIGKILL = 9,
  SIGUSR1 = 10,
  SIGSEGV = 11,
  SIGPIPE = 13,
  SIGALRM = 14,
  SIGTERM = 15,
  SIGCHLD = 17,
  SIGCONT = 18,
  SIGSTOP = 19,
  SIGTSTP = 20,
  SIGTTIN = 21,
  SIGTTOU = 22,
  SIGURG = 23,
  SIGXCPU = 24,
  SIGXFSZ = 25,
  SIGVTALRM = 26,
  SIGPROF = 27,
  SIGWINCH = 28,
  SIGIO = 29,
  SIGSYS = 31;

/** What happens where no handler is set (signal(7)). */
export function defaultAction(signal: number): 'ignore' | 'terminate' | 'core' | 'stop' | 'continue' {
  switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
      return 'ignore';
    case SIGCONT:
      return 'continue';
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return 'stop';
    case SIGQUIT:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGXCPU:
    case SIGXFSZ:
    case SIGSYS:
      return 'core';
    default:
      return 'terminate';
  }
}

export const SI_USER = 0,
  SI_KERNEL = 0x80,
  SI_QUEUE = -1,
  SI_TIMER = -2,
  SI_TKILL = -6;
export const CLD_EXITED = 1,
  CLD_KILLED = 2,
  CLD_DUMPED = 3,
  CLD_STOPPED = 5,
  CLD_CONTINUED = 6;
export const SEGV_MAPERR = 1,
  SEGV_ACCERR = 2,
  BUS_ADRALN = 1,
  BUS_ADRERR = 2,
  FPE_INTDIV = 1,
  FPE_FLTDIV = 3,
  FPE_FLTOVF = 4,
  FPE_FLTUND = 5,
  FPE_FLTRES = 6,
  FPE_FLTINV = 7,
  ILL_ILLOPN = 2,
  TRAP_BRKPT = 1,
  TRAP_TRACE = 2;

export const SA_NOCLDSTOP = 1,
  SA_NOCLDWAIT = 2,
  SA_SIGINFO = 4,
  SA_EXPOSE_TAGBITS = 0x800,
  SA_RESTORER = 0x04000000,
  SA_ONSTACK = 0x08000000,
  SA_RESTART = 0x10000000,
  SA_NODEFER = 0x40000000,
  SA_RESETHAND = 0x80000000;
/** What the kernel keeps of sa_flags (UAPI_SA_FLAGS). */
export const SA_KNOWN =
  SA_NOCLDSTOP |
  SA_NOCLDWAIT |
  SA_SIGINFO |
  SA_EXPOSE_TAGBITS |
  SA_RESTORER |
  SA_ONSTACK |
  SA_RESTART |
  SA_NODEFER |
  SA_RESETHAND;
/** The kernel's struct sigaction, which isn't the C library's. */
export const sigaction = struct('sigaction', { sa_handler: addr, sa_flags: big64, sa_restorer: addr, sa_mask: big64 });
export const saFlags = names('SA', {
  SA_RESTORER,
  SA_ONSTACK,
  SA_RESTART,
  SA_NODEFER,
  SA_RESETHAND,
  SA_SIGINFO,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
});
export const sigmaskHow = names('SIG', { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 });
export const SS_ONSTACK = 1,
  SS_DISABLE = 2,
  SS_AUTODISARM = 0x80000000;
export const ssFlags = names('SS', { SS_ONSTACK, SS_DISABLE, SS_AUTODISARM });
export const stackT = struct('stack_t', { ss_sp: addr, ss_flags: flags(ssFlags), ss_size: ulong });
export const MINSIGSTKSZ = 2048;
export const bit = (signal: number): bigint => 1n << BigInt(signal - 1);
/** What an instruction itself raises: delivered before all others. */
export const SYNCHRONOUS = bit(SIGSEGV) | bit(SIGBUS) | bit(SIGILL) | bit(SIGTRAP) | bit(SIGFPE) | bit(SIGSYS);
/** Signals that stop a process unless handled. */
export const STOPPING = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
/** SIGKILL and SIGSTOP can't be blocked or handled. */
export const UNBLOCKABLE = bit(SIGKILL) | bit(SIGSTOP);
