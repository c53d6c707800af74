// Tasks: making and awaiting them, futexes, what arch_prctl and prctl ask for, limits.
import * as F from '../../abi/futex.ts';
import * as P from '../../abi/process.ts';
import { signalName } from '../../abi/signal.ts';
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, octal, unsigned } from '../number.ts';
import { behind, type CallDecoder, type Decoders, type Show, type ShowField, showArray } from '../shape.ts';
import { nameOf, split, styled } from '../xlat.ts';
import { timespecAt } from './time.ts';

// --- clone
const signalText = (n: number): string => signalName(n);
/** Flags with the signal of the child's end in the low byte. */
function cloneFlags(c: Context, lo: number, hi: number): void {
  const { constants } = c.options;
  const flags = (lo & ~P.CSIGNAL) >>> 0;
  const sig = lo & P.CSIGNAL;
  if (constants === 'raw') return c.w.number(hex(lo, hi));
  const s = split(P.cloneFlags, flags, hi);
  let text = s.text;
  if (s.lo | s.hi) text += text ? `|${hex(s.lo, s.hi)}` : `${hex(s.lo, s.hi)} /* CLONE_??? */`;
  if (sig) text += `${text ? '|' : ''}${signalText(sig)}`;
  c.w.sign(text === '' ? '0' : styled(constants, hex(lo, hi), text));
}
const intAt = (c: Context, at: number): void => {
  const v = c.failed || at === 0 ? undefined : c.view(at, 4);
  if (!v) return c.address(at);
  c.w.open('[');
  c.w.number(String(v.getInt32(0, true)));
  c.w.close(']');
};
const clone: CallDecoder = {
  enter(c) {
    c.w.field('child_stack');
    c.w.address(c.uint(1), c.high(1));
    c.w.field('flags');
    cloneFlags(c, c.uint(0), c.high(0));
    return (
      (c.uint(0) &
        (P.CLONE_PARENT_SETTID | P.CLONE_PIDFD | P.CLONE_CHILD_SETTID | P.CLONE_CHILD_CLEARTID | P.CLONE_SETTLS)) ===
      0
    );
  },
  leave(c) {
    const flags = c.uint(0);
    if (
      !(
        flags &
        (P.CLONE_PARENT_SETTID | P.CLONE_PIDFD | P.CLONE_CHILD_SETTID | P.CLONE_CHILD_CLEARTID | P.CLONE_SETTLS)
      )
    )
      return;
    c.w.sign(', ');
    if (flags & P.CLONE_PARENT_SETTID) {
      c.w.field('parent_tid');
      intAt(c, c.number(2));
    } else if (flags & P.CLONE_PIDFD) {
      c.w.field('pidfd');
      intAt(c, c.number(2));
    }
    if (flags & P.CLONE_SETTLS) {
      c.w.field('tls');
      c.w.number(hex(c.uint(4), c.high(4)));
    }
    if (flags & (P.CLONE_CHILD_SETTID | P.CLONE_CHILD_CLEARTID)) {
      c.w.field('child_tidptr');
      c.w.address(c.uint(3), c.high(3));
    }
  },
};

/** clone3's argument: members that the flags make meaningful. */
const CLONE_ARGS = 64;
const clone3: CallDecoder = {
  enter(c) {
    const at = c.number(0);
    const size = c.number(1);
    const v = size < CLONE_ARGS || size > 4096 ? undefined : c.view(at, size);
    if (!v) {
      c.address(at);
      c.w.sign(`, ${unsigned(c.uint(1), c.high(1))}`);
      return true;
    }
    const { w } = c;
    const word = (o: number): readonly [lo: number, hi: number] =>
      o + 8 <= size ? [v.getUint32(o, true), v.getUint32(o + 4, true)] : [0, 0];
    const flags = word(0)[0];
    const field = (
      name: string,
      o: number,
      how: (lo: number, hi: number) => void = (lo, hi) => w.address(lo, hi),
    ): void => {
      w.field(name);
      how(...word(o));
    };
    w.open('{');
    field('flags', 0, (lo, hi) => w.flags(P.cloneFlags, lo, hi));
    if (flags & P.CLONE_PIDFD) field('pidfd', 8);
    if (flags & (P.CLONE_CHILD_SETTID | P.CLONE_CHILD_CLEARTID)) field('child_tid', 16);
    if (flags & P.CLONE_PARENT_SETTID) field('parent_tid', 24);
    field('exit_signal', 32, (lo) => {
      if (lo && signalText(lo).startsWith('SIG')) w.named(String(lo), signalText(lo));
      else w.number(String(lo));
    });
    field('stack', 40);
    field('stack_size', 48, (lo, hi) => w.number(hex(lo, hi)));
    if (flags & P.CLONE_SETTLS) field('tls', 56, (lo, hi) => w.number(hex(lo, hi)));
    if (word(64)[0] | word(72)[0]) {
      field('set_tid', 64);
      field('set_tid_size', 72, (lo, hi) => w.number(unsigned(lo, hi)));
    }
    if (word(0)[1] & 2) field('cgroup', 80, (lo, hi) => w.number(unsigned(lo, hi)));
    w.close('}');
    c.kept = (flags & (P.CLONE_PIDFD | P.CLONE_PARENT_SETTID)) !== 0;
    return c.kept === false;
  },
  leave(c) {
    if (c.kept === undefined) return;
    const v = c.failed || !c.kept ? undefined : c.view(c.number(0), CLONE_ARGS);
    if (v) {
      const flags = v.getUint32(0, true);
      const members: string[] = [];
      const member = (name: string, o: number): void => {
        const p = c.pointerAt(v, o);
        const value = c.view(p, 4);
        if (value) members.push(`${name}=[${value.getInt32(0, true)}]`);
      };
      if (flags & P.CLONE_PIDFD) member('pidfd', 8);
      if (flags & P.CLONE_PARENT_SETTID) member('parent_tid', 24);
      if (members.length) c.w.sign(` => {${members.join(', ')}}`);
    }
    c.w.sign(`, ${unsigned(c.uint(1), c.high(1))}`);
  },
};

// --- waiting
/** A wait status as the macros of sys/wait.h take it apart. */
function statusText(s: number): string {
  const sig = s & 0x7f;
  const core = s & 0x80 ? ' && WCOREDUMP(s)' : '';
  if (s === 0xffff) return 'WIFCONTINUED(s)';
  if (sig === 0x7f) {
    const stop = (s >>> 8) & 0xff;
    const text = stop === (5 | 0x80) ? 'SIGTRAP|0x80' : signalText(stop);
    return `WIFSTOPPED(s) && WSTOPSIG(s) == ${text}${s >>> 16 ? `} | ${hex((s >>> 16) << 16, 0)}` : ''}`;
  }
  if (sig === 0) return `WIFEXITED(s) && WEXITSTATUS(s) == ${(s >>> 8) & 0xff}`;
  return `WIFSIGNALED(s) && WTERMSIG(s) == ${signalText(sig)}${core}`;
}
const wstatus: Show = (c, lo, hi) => {
  const v = c.failed || c.result === 0 || (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, 4);
  if (!v) return c.w.address(lo, hi);
  c.w.sign(`[{${statusText(v.getUint32(0, true))}}]`);
};

// --- futex
const ops = F.futexOps;
const BASE = ~(F.FUTEX_PRIVATE_FLAG | F.FUTEX_CLOCK_REALTIME);
const OPERATIONS = ['SET', 'ADD', 'OR', 'ANDN', 'XOR'];
const COMPARISONS = ['EQ', 'NE', 'LT', 'LE', 'GT', 'GE'];
function futexOp(c: Context, lo: number): void {
  const base = lo & BASE;
  const name = nameOf(ops, base >>> 0);
  if (!name) return c.w.sign(c.options.constants === 'raw' ? hex(lo, 0) : `${hex(lo, 0)} /* FUTEX_??? */`);
  let text = lo & F.FUTEX_PRIVATE_FLAG ? `${name}_PRIVATE` : name;
  if (lo & F.FUTEX_CLOCK_REALTIME) text += '|FUTEX_CLOCK_REALTIME';
  c.w.sign(styled(c.options.constants, hex(lo, 0), text));
}
function wakeOp(c: Context, v: number): void {
  const shift = (v >>> 28) & 8 ? 'FUTEX_OP_OPARG_SHIFT<<28|' : '';
  const op = OPERATIONS[(v >>> 28) & 7];
  const cmp = COMPARISONS[(v >>> 24) & 15];
  const number = (n: number): string => hex(n, 0);
  c.w.sign(
    `${shift}${op ? `FUTEX_OP_${op}` : `${number((v >>> 28) & 7)} /* FUTEX_OP_??? */`}<<28|${number((v >>> 12) & 0xfff)}<<12|` +
      `${cmp ? `FUTEX_OP_CMP_${cmp}` : `${number((v >>> 24) & 15)} /* FUTEX_OP_CMP_??? */`}<<24|${number(v & 0xfff)}`,
  );
}
const bitsets = names('FUTEX_BITSET', { FUTEX_BITSET_MATCH_ANY: 0xffffffff });
const futex: CallDecoder = {
  enter(c) {
    const { w } = c;
    const op = c.uint(1);
    w.argument('uaddr');
    w.address(c.uint(0), c.high(0));
    w.argument('futex_op');
    futexOp(c, op);
    const val = (): void => {
      w.argument('val');
      w.number(String(c.uint(2)));
    };
    const timeout = (): void => {
      w.argument('timeout');
      timespecAt(c, c.number(3));
    };
    const second = (): void => {
      w.argument('uaddr2');
      w.address(c.uint(4), c.high(4));
    };
    const val2 = (): void => {
      w.argument('val2');
      w.number(String(c.uint(3)));
    };
    const bitset = (): void => {
      w.argument('val3');
      const v = c.uint(5);
      if (v === 0xffffffff) w.constant(bitsets, v);
      else w.number(hex(v, 0));
    };
    const val3 = (): void => {
      w.argument('val3');
      w.number(String(c.uint(5)));
    };
    switch (op & BASE) {
      case F.FUTEX_WAIT:
        val();
        timeout();
        break;
      case F.FUTEX_LOCK_PI:
      case F.FUTEX_LOCK_PI2:
        timeout();
        break;
      case F.FUTEX_WAIT_BITSET:
        val();
        timeout();
        bitset();
        break;
      case F.FUTEX_WAKE_BITSET:
        val();
        bitset();
        break;
      case F.FUTEX_WAKE:
      case F.FUTEX_FD:
        val();
        break;
      case F.FUTEX_REQUEUE:
        val();
        val2();
        second();
        break;
      case F.FUTEX_CMP_REQUEUE:
      case F.FUTEX_CMP_REQUEUE_PI:
        val();
        val2();
        second();
        val3();
        break;
      case F.FUTEX_WAKE_OP:
        val();
        val2();
        second();
        w.argument('val3');
        wakeOp(c, c.uint(5));
        break;
      case F.FUTEX_WAIT_REQUEUE_PI:
        val();
        timeout();
        second();
        break;
      case F.FUTEX_UNLOCK_PI:
      case F.FUTEX_TRYLOCK_PI:
        break;
      default:
        val();
        w.argument('timeout');
        w.number(hex(c.uint(3), c.high(3)));
        second();
        w.argument('val3');
        w.number(hex(c.uint(5), 0));
    }
    return true;
  },
  leave() {},
};

// --- arch_prctl
const archCodes = names('ARCH', {
  ARCH_SET_GS: 0x1001,
  ARCH_SET_FS: 0x1002,
  ARCH_GET_FS: 0x1003,
  ARCH_GET_GS: 0x1004,
  ARCH_GET_CPUID: 0x1011,
  ARCH_SET_CPUID: 0x1012,
  ARCH_GET_XCOMP_SUPP: 0x1021,
  ARCH_GET_XCOMP_PERM: 0x1022,
  ARCH_REQ_XCOMP_PERM: 0x1023,
  ARCH_GET_XCOMP_GUEST_PERM: 0x1024,
  ARCH_REQ_XCOMP_GUEST_PERM: 0x1025,
  ARCH_MAP_VDSO_X32: 0x2001,
  ARCH_MAP_VDSO_32: 0x2002,
  ARCH_MAP_VDSO_64: 0x2003,
});
const isGet = (code: number): boolean => code === 0x1003 || code === 0x1004;
const archPrctl: CallDecoder = {
  enter(c) {
    const code = c.uint(0);
    c.w.argument('option');
    c.w.constant(archCodes, code);
    if (isGet(code)) {
      c.w.sign(', ');
      return false;
    }
    if (code === 0x1011) return true;
    c.w.argument('addr');
    c.w.number(hex(c.uint(1), c.high(1)));
    return true;
  },
  leave(c) {
    if (!isGet(c.uint(0))) return;
    c.w.argument('addr');
    behind(8, (_c, v) => c.w.sign(`[${hex(v.getUint32(0, true), v.getUint32(4, true))}]`), true)(
      c,
      c.uint(1),
      c.high(1),
    );
  },
};

// --- limits, affinity, personality
/** Limits that are multiples of 1024 are written as such. */
const rlim: Show = (c, lo, hi) => {
  const v = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  if (v === 0xffffffffffffffffn) c.w.named(String(v), 'RLIM64_INFINITY');
  else if (v > 1024n && v % 1024n === 0n) c.w.named(String(v), `${v / 1024n}*1024`);
  else c.w.number(String(v));
};
/** Processors in a mask, joined by spaces. */
function cpuset(c: Context, at: number, n: number): void {
  const b = at === 0 || n <= 0 || n > 0x20000 ? undefined : c.bytes(at, n);
  if (!b) return c.address(at);
  const set: number[] = [];
  for (let i = 0; i < n * 8; i++) if (((b[i >> 3] as number) >> (i & 7)) & 1) set.push(i);
  c.w.sign(`[${set.join(' ')}]`);
}

const PERSONALITIES = names('PER', {
  PER_LINUX: 0,
  PER_LINUX_32BIT: 0x0800000,
  PER_LINUX_FDPIC: 0x0080000,
  PER_SVR4: 0x4100001,
  PER_SVR3: 0x5000002,
  PER_SCOSVR3: 0x7000003,
  PER_OSR5: 0x6000003,
  PER_WYSEV386: 0x5000004,
  PER_ISCR4: 0x4000005,
  PER_BSD: 6,
  PER_SUNOS: 0x4000006,
  PER_XENIX: 0x5000007,
  PER_LINUX32: 8,
  PER_LINUX32_3GB: 0x8000008,
  PER_IRIX32: 0x4000009,
  PER_IRIXN32: 0x400000a,
  PER_IRIX64: 0x400000b,
  PER_RISCOS: 12,
  PER_SOLARIS: 0x400000d,
  PER_UW7: 0x410000e,
  PER_OSF4: 15,
  PER_HPUX: 16,
});
const personalityFlags = names('PER', {
  UNAME26: 0x20000,
  ADDR_NO_RANDOMIZE: 0x40000,
  FDPIC_FUNCPTRS: 0x80000,
  MMAP_PAGE_ZERO: 0x100000,
  ADDR_COMPAT_LAYOUT: 0x200000,
  READ_IMPLIES_EXEC: 0x400000,
  ADDR_LIMIT_32BIT: 0x800000,
  SHORT_INODE: 0x1000000,
  WHOLE_SECONDS: 0x2000000,
  STICKY_TIMEOUTS: 0x4000000,
  ADDR_LIMIT_3GB: 0x8000000,
});
function personalityText(n: number): string {
  const exact = nameOf(PERSONALITIES, n);
  if (exact) return exact;
  const base = nameOf(PERSONALITIES, n & 0xff) ?? `${hex(n & 0xff, 0)} /* PER_??? */`;
  const s = split(personalityFlags, (n & ~0xff) >>> 0);
  return [base, s.text, s.lo ? hex(s.lo, 0) : ''].filter((x) => x).join('|');
}

const groups: ShowField = (c, v, at) => c.w.number(String(v.getUint32(at, true)));
export const process: Decoders = {
  integers: { rlim },
  decoders: {
    wstatus: () => wstatus,
    cloneflags: () => cloneFlags,
    rseq: () => (c, lo, hi) => c.w.number(hex(lo, hi)),
    cpuset: (t, scope) => {
      const length = scope.length(t.len);
      return (c, lo, hi) => {
        if (c.failed && t.dir === 'out') c.w.address(lo, hi);
        else cpuset(c, hi * 0x1_0000_0000 + lo, length(c));
      };
    },
    random: (t, scope) => {
      const length = scope.length(t.len);
      return (c, lo, hi) => {
        if (c.failed) c.w.address(lo, hi);
        else c.buffer(hi * 0x1_0000_0000 + lo, length(c), true);
      };
    },
  },
  structures: {
    rusage: { brief: ['ru_utime', 'ru_stime'] },
    utsname: { brief: ['sysname', 'nodename'] },
    sysinfo: {
      show: (c, v, at) => {
        const long = (o: number): string => unsigned(v.getUint32(at + o, true), v.getUint32(at + o + 4, true));
        c.w.sign(
          `{uptime=${long(0)}, loads=[${long(8)}, ${long(16)}, ${long(24)}], totalram=${long(32)}, freeram=${long(40)}, ` +
            `sharedram=${long(48)}, bufferram=${long(56)}, totalswap=${long(64)}, freeswap=${long(72)}, ` +
            `procs=${v.getUint16(at + 80, true)}, totalhigh=${long(88)}, freehigh=${long(96)}, mem_unit=${v.getUint32(at + 104, true)}}`,
        );
      },
    },
  },
  calls: {
    clone,
    clone3,
    futex,
    arch_prctl: archPrctl,
    rseq: {
      args: {
        rseq_len: (c, lo) => c.w.number(hex(lo, 0)),
        flags: (c, lo) => c.w.number(lo === 1 ? 'RSEQ_FLAG_UNREGISTER' : hex(lo, 0)),
      },
    },
    umask: { result: (c) => octal(c.result) },
    personality: {
      enter(c) {
        const n = c.uint(0);
        c.w.argument('persona');
        c.w.sign(n === 0xffffffff ? hex(n, 0) : styled(c.options.constants, hex(n, 0), personalityText(n)));
        return true;
      },
      leave() {},
      result: (c) => {
        c.note = personalityText(c.result >>> 0);
        return hex(c.result >>> 0, 0);
      },
    },
    getgroups: {
      args: {
        list: (c, lo, hi) =>
          c.failed ? c.w.address(lo, hi) : showArray(c, hi * 0x1_0000_0000 + lo, c.result, 4, groups),
      },
    },
  },
};
