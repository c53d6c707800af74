// Signals: sets of them, dispositions, what came with one.
import * as S from '../../abi/signal.ts';
import { names } from '../../abi/type.ts';
import type { SigInfo } from '../../kernel/signal/signals.ts';
import type { Context } from '../context.ts';
import { hex } from '../number.ts';
import { behind, type Decoder, type Decoders, type ShowField } from '../shape.ts';

const shortName = (n: number): string => {
  const name = S.signalName(n);
  return name.startsWith('SIG') ? name.slice(3) : name;
};
/** `[HUP INT]`; where two thirds and more are set, the others behind a tilde. */
export function sigsetText(lo: number, hi: number, bits = S.NSIG): string {
  const has = (n: number): boolean => ((n <= 32 ? lo >>> (n - 1) : hi >>> (n - 33)) & 1) === 1;
  let set = 0;
  for (let n = 1; n <= bits; n++) if (has(n)) set++;
  const inverted = set >= Math.floor((bits * 2) / 3);
  let text = inverted ? '~[' : '[';
  let first = true;
  for (let n = 1; n <= bits; n++) {
    if (has(n) === inverted) continue;
    text += first ? shortName(n) : ` ${shortName(n)}`;
    first = false;
  }
  return `${text}]`;
}
const sigset: Decoder = (t, scope) => {
  const length = scope.length(t.len ?? 8);
  return (c, lo, hi) => {
    const size = length(c);
    const at = hi * 0x1_0000_0000 + lo;
    const fits = size === 8 || (size === 4 && c.word === 4);
    const v = at === 0 || !fits || (t.dir === 'out' && c.failed) ? undefined : c.view(at, size);
    if (v) c.w.sign(sigsetText(v.getUint32(0, true), size < 8 ? 0 : v.getUint32(4, true), 8 * size));
    else c.w.address(lo, hi);
  };
};

/** struct kernel_sigaction of x86-64: handler, flags, restorer, mask. */
const sigaction64: ShowField = (c, v, at) => {
  const flags = v.getUint32(at + 8, true);
  const flagsHigh = v.getUint32(at + 12, true);
  c.w.open('{');
  c.w.field('sa_handler');
  handler(c, v.getUint32(at, true), v.getUint32(at + 4, true));
  c.w.field('sa_mask');
  c.w.sign(sigsetText(v.getUint32(at + 24, true), v.getUint32(at + 28, true)));
  c.w.field('sa_flags');
  c.w.flags(S.saFlags, flags, flagsHigh);
  if (flags & S.SA_RESTORER) {
    c.w.field('sa_restorer');
    c.w.address(v.getUint32(at + 16, true), v.getUint32(at + 20, true));
  }
  c.w.close('}');
};
function handler(c: Context, lo: number, hi: number): void {
  const name = hi === 0 ? ['SIG_DFL', 'SIG_IGN'][lo] : hi === 0xffffffff && lo === 0xffffffff ? 'SIG_ERR' : undefined;
  if (name) c.w.named(hex(lo, hi), name);
  else c.w.number(hex(lo, hi));
}

const codes = {
  general: names('SI', {
    SI_USER: 0,
    SI_QUEUE: -1,
    SI_TIMER: -2,
    SI_MESGQ: -3,
    SI_ASYNCIO: -4,
    SI_SIGIO: -5,
    SI_TKILL: -6,
    SI_DETHREAD: -7,
    SI_ASYNCNL: -60,
    SI_KERNEL: 0x80,
  }),
  [S.SIGILL]: names('ILL', {
    ILL_ILLOPC: 1,
    ILL_ILLOPN: 2,
    ILL_ILLADR: 3,
    ILL_ILLTRP: 4,
    ILL_PRVOPC: 5,
    ILL_PRVREG: 6,
    ILL_COPROC: 7,
    ILL_BADSTK: 8,
    ILL_BADIADDR: 9,
  }),
  [S.SIGFPE]: names('FPE', {
    FPE_INTDIV: 1,
    FPE_INTOVF: 2,
    FPE_FLTDIV: 3,
    FPE_FLTOVF: 4,
    FPE_FLTUND: 5,
    FPE_FLTRES: 6,
    FPE_FLTINV: 7,
    FPE_FLTSUB: 8,
    FPE_FLTUNK: 14,
    FPE_CONDTRAP: 15,
  }),
  [S.SIGSEGV]: names('SEGV', { SEGV_MAPERR: 1, SEGV_ACCERR: 2, SEGV_BNDERR: 3, SEGV_PKUERR: 4 }),
  [S.SIGBUS]: names('BUS', { BUS_ADRALN: 1, BUS_ADRERR: 2, BUS_OBJERR: 3, BUS_MCEERR_AR: 4, BUS_MCEERR_AO: 5 }),
  [S.SIGTRAP]: names('TRAP', {
    TRAP_BRKPT: 1,
    TRAP_TRACE: 2,
    TRAP_BRANCH: 3,
    TRAP_HWBKPT: 4,
    TRAP_UNK: 5,
    TRAP_PERF: 6,
  }),
  [S.SIGCHLD]: names('CLD', {
    CLD_EXITED: 1,
    CLD_KILLED: 2,
    CLD_DUMPED: 3,
    CLD_TRAPPED: 4,
    CLD_STOPPED: 5,
    CLD_CONTINUED: 6,
  }),
  [S.SIGSYS]: names('SYS', { SYS_SECCOMP: 1, SYS_USER_DISPATCH: 2 }),
};
const FAULTS: readonly number[] = [S.SIGILL, S.SIGFPE, S.SIGSEGV, S.SIGBUS, S.SIGTRAP];

/** What comes with a signal, as struct siginfo lays it out. */
interface Siginfo {
  readonly signo: number;
  readonly code: number;
  readonly errno: number;
  readonly pid: number;
  readonly uid: number;
  readonly status: number;
  readonly utime: string;
  readonly stime: string;
  readonly addr: readonly [lo: number, hi: number];
  readonly value: readonly [lo: number, hi: number];
  readonly timerid: number;
  readonly overrun: number;
}
function signalText(c: Context, n: number): void {
  const name = S.signalName(n);
  if (name.startsWith('SIG')) c.w.named(String(n), name);
  else c.w.number(name);
}
function siginfo(c: Context, i: Siginfo): void {
  const { w } = c;
  const field = (name: string, text: string): void => {
    w.field(name);
    w.number(text);
  };
  w.open('{');
  w.field('si_signo');
  signalText(c, i.signo);
  w.field('si_code');
  const table = i.code > 0 && i.code < 0x80 ? codes[i.signo as keyof typeof codes] : undefined;
  w.constant(table ?? codes.general, i.code >>> 0);
  if (i.errno) field('si_errno', String(i.errno));
  if (i.code === 0 && i.signo === 0) {
    // An empty one has nothing more to say.
  } else if (i.code === S.SI_TIMER) {
    field('si_timerid', hex(i.timerid >>> 0, 0));
    field('si_overrun', String(i.overrun));
    value(c, i);
  } else if (i.code <= 0) {
    w.field('si_pid');
    c.pid(i.pid);
    field('si_uid', String(i.uid));
    if (i.code !== S.SI_USER && i.code !== S.SI_TKILL && i.value[0] | i.value[1]) value(c, i);
  } else if (i.signo === S.SIGCHLD) {
    w.field('si_pid');
    c.pid(i.pid);
    field('si_uid', String(i.uid));
    w.field('si_status');
    if (i.code === S.CLD_EXITED) w.number(String(i.status));
    else signalText(c, i.status);
    field('si_utime', i.utime);
    field('si_stime', i.stime);
  } else if (FAULTS.includes(i.signo)) {
    w.field('si_addr');
    w.address(i.addr[0], i.addr[1]);
  } else if (i.code !== S.SI_KERNEL && (i.pid || i.uid)) {
    w.field('si_pid');
    c.pid(i.pid);
    field('si_uid', String(i.uid));
  }
  w.close('}');
}
function value(c: Context, i: Siginfo): void {
  c.w.field('si_int');
  c.w.number(String(i.value[0] | 0));
  c.w.field('si_ptr');
  c.w.address(i.value[0], i.value[1]);
}
const halves = (v: bigint | undefined): readonly [number, number] =>
  v === undefined ? [0, 0] : [Number(v & 0xffffffffn), Number((v >> 32n) & 0xffffffffn)];
/** A signal on its way to a task. */
export function showSignal(c: Context, i: SigInfo): void {
  siginfo(c, {
    signo: i.signo,
    code: i.code,
    errno: i.errno ?? 0,
    pid: i.pid ?? 0,
    uid: i.uid ?? 0,
    status: i.status ?? 0,
    utime: String(i.utime ?? 0),
    stime: String(i.stime ?? 0),
    addr: halves(i.addr),
    value: halves(i.value),
    timerid: i.timerid ?? 0,
    overrun: i.overrun ?? 0,
  });
}
/** struct siginfo in memory (asm-generic/siginfo.h, 64-bit). */
const siginfoField: ShowField = (c, v, at) => {
  const long = (o: number): string => String(v.getBigInt64(at + o, true));
  siginfo(c, {
    signo: v.getInt32(at, true),
    errno: v.getInt32(at + 4, true),
    code: v.getInt32(at + 8, true),
    pid: v.getInt32(at + 16, true),
    uid: v.getUint32(at + 20, true),
    status: v.getInt32(at + 24, true),
    utime: long(32),
    stime: long(40),
    addr: [v.getUint32(at + 16, true), v.getUint32(at + 20, true)],
    value: [v.getUint32(at + 24, true), v.getUint32(at + 28, true)],
    timerid: v.getInt32(at + 16, true),
    overrun: v.getInt32(at + 20, true),
  });
};

const SIGEV = names('SIGEV', { SIGEV_SIGNAL: 0, SIGEV_NONE: 1, SIGEV_THREAD: 2, SIGEV_THREAD_ID: 4 });
const SIGEV_SIGNAL = 0;
const SIGEV_THREAD_ID = 4;
/** struct sigevent: what to do when a timer fires. */
const sigevent: ShowField = (c, v, at) => {
  const { w } = c;
  const notify = v.getUint32(at + 12, true);
  w.open('{');
  w.field('sigev_value');
  w.open('{');
  w.field('sival_int');
  w.number(String(v.getInt32(at, true)));
  w.field('sival_ptr');
  w.address(v.getUint32(at, true), v.getUint32(at + 4, true));
  w.close('}');
  w.field('sigev_signo');
  const signo = v.getInt32(at + 8, true);
  if (notify === SIGEV_SIGNAL || notify === SIGEV_THREAD_ID) signalText(c, signo);
  else w.number(String(signo));
  w.field('sigev_notify');
  w.constant(SIGEV, notify);
  if (notify === SIGEV_THREAD_ID) {
    w.field('sigev_notify_thread_id');
    c.pid(v.getInt32(at + 16, true));
  }
  w.close('}');
};

/** Where the signal mask stands in the frame that the stack pointer is in when rt_sigreturn is called (asm/ucontext.h). */
const SIGMASK_IN_FRAME = 296;

export const signal: Decoders = {
  integers: {
    sigset: (c, lo, hi) => c.w.sign(sigsetText(lo, hi)),
  },
  decoders: {
    sigset,
    sigaction: (t) => behind(32, sigaction64, t.dir === 'out'),
    sigevent: () => behind(64, sigevent),
    siginfo: (t) => behind(128, siginfoField, t.dir === 'out'),
  },
  calls: {
    rt_sigreturn: {
      enter(c) {
        const v = c.view(Number(c.task.cpu.get('rsp')) + SIGMASK_IN_FRAME, 8);
        if (v) c.w.sign(`{mask=${sigsetText(v.getUint32(0, true), v.getUint32(4, true))}}`);
        else c.address(Number(c.task.cpu.get('rsp')));
        return true;
      },
      leave() {},
      result: (c) => c.task.cpu.get('rax').toString(),
    },
    rt_sigtimedwait: {
      result: (c) => {
        const name = S.signalName(c.result);
        if (name.startsWith('SIG')) c.note = name;
        return undefined;
      },
    },
  },
};
