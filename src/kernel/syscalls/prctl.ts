// prctl(2): many small settings of a task behind one call (kernel/sys.c). One value a sub-command.
import { CAP_CHECKPOINT_RESTORE, CAP_SETPCAP } from '../../abi/capability.ts';
import { EFAULT, EINVAL, ENODEV, EPERM, Errno } from '../../abi/errno.ts';
import * as P from '../../abi/prctl.ts';
import { NSIG } from '../../abi/signal.ts';
import { addr, enumOf, hexlong, int, ulong } from '../../abi/type.ts';
import {
  ALL_SECUREBITS,
  SECBIT_KEEP_CAPS,
  SECBIT_KEEP_CAPS_LOCKED,
  SECBIT_NO_CAP_AMBIENT_RAISE,
} from '../credentials.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

type Arguments = readonly [number, number, number, number];
interface Option {
  readonly nr: number;
  /** Arguments behind the ones it uses must be zero, from this one (0 to 4) on. */
  readonly zeroFrom?: number;
  readonly run: (t: Thread, a: Arguments) => Result;
}
const putInt = (t: Thread, at: number, n: number): Errno | 0 => (t.user.set(int, at, n) ? EFAULT : 0);
const capability = (n: number): bigint | undefined => (n <= CAP_CHECKPOINT_RESTORE ? 1n << BigInt(n) : undefined);
const COMM = 16;

function setName(t: Thread, at: number): Errno | 0 {
  let name = '';
  for (let i = 0; i < COMM - 1; i++) {
    const b = t.user.bytes(at + i, 1);
    if (b instanceof Errno) return EFAULT;
    if (b[0] === 0) break;
    name += String.fromCharCode(b[0] as number);
  }
  t.comm = name;
  return 0;
}
function dropBounding(t: Thread, n: number): Errno | 0 {
  if (!t.capable(CAP_SETPCAP)) return EPERM;
  const cap = capability(n);
  if (cap === undefined) return EINVAL;
  t.credentials = { ...t.credentials, bounding: t.credentials.bounding & ~cap };
  return 0;
}
function setSecureBits(t: Thread, bits: number): Errno | 0 {
  const now = t.secureBits;
  // A lock can't be undone, nor what it locks be changed.
  const locked = (now & 0xaaaa) >> 1;
  if ((locked & (now ^ bits)) !== 0 || (now & 0xaaaa & ~bits) !== 0 || bits & ~ALL_SECUREBITS) return EPERM;
  if (!t.capable(CAP_SETPCAP)) return EPERM;
  t.secureBits = bits;
  return 0;
}
function ambient(t: Thread, [what, n, a4, a5]: Arguments): Errno | number {
  const c = t.credentials;
  if (what === P.PR_CAP_AMBIENT_CLEAR_ALL) {
    if (n || a4 || a5) return EINVAL;
    t.credentials = { ...c, ambient: 0n };
    return 0;
  }
  const cap = capability(n);
  if (cap === undefined || a4 || a5) return EINVAL;
  if (what === P.PR_CAP_AMBIENT_IS_SET) return c.ambient & cap ? 1 : 0;
  if (what !== P.PR_CAP_AMBIENT_RAISE && what !== P.PR_CAP_AMBIENT_LOWER) return EINVAL;
  if (what === P.PR_CAP_AMBIENT_RAISE) {
    if (!(c.permitted & cap) || !(c.inheritable & cap) || t.secureBits & SECBIT_NO_CAP_AMBIENT_RAISE) return EPERM;
    t.credentials = { ...c, ambient: c.ambient | cap };
  } else t.credentials = { ...c, ambient: c.ambient & ~cap };
  return 0;
}

/** Sub-commands there are; any other is EINVAL, as one that Linux's x86 doesn't have either. */
const OPTIONS: readonly Option[] = [
  {
    nr: P.PR_SET_PDEATHSIG,
    run(t, [signal]) {
      if (signal > NSIG) return EINVAL;
      t.deathSignal = signal;
      return 0;
    },
  },
  { nr: P.PR_GET_PDEATHSIG, run: (t, [at]) => putInt(t, at, t.deathSignal) },
  { nr: P.PR_GET_DUMPABLE, run: (t) => t.process.dumpable },
  {
    nr: P.PR_SET_DUMPABLE,
    run(t, [on]) {
      if (on > 1) return EINVAL;
      t.process.dumpable = on;
      return 0;
    },
  },
  { nr: P.PR_GET_KEEPCAPS, run: (t) => (t.secureBits & SECBIT_KEEP_CAPS ? 1 : 0) },
  {
    nr: P.PR_SET_KEEPCAPS,
    run(t, [on]) {
      if (on > 1) return EINVAL;
      if (t.secureBits & SECBIT_KEEP_CAPS_LOCKED) return EPERM;
      t.secureBits = on ? t.secureBits | SECBIT_KEEP_CAPS : t.secureBits & ~SECBIT_KEEP_CAPS;
      return 0;
    },
  },
  { nr: P.PR_GET_TIMING, run: () => 0 },
  { nr: P.PR_SET_TIMING, run: (_t, [kind]) => (kind === 0 ? 0 : EINVAL) },
  { nr: P.PR_SET_NAME, run: (t, [at]) => setName(t, at) },
  {
    nr: P.PR_GET_NAME,
    run(t, [at]) {
      const out = Uint8Array.from(t.comm.padEnd(COMM, '\0').slice(0, COMM), (c) => c.charCodeAt(0));
      return t.user.put(at, out) ? EFAULT : 0;
    },
  },
  { nr: P.PR_GET_SECCOMP, run: () => 0 },
  {
    nr: P.PR_CAPBSET_READ,
    run(t, [n]) {
      const cap = capability(n);
      if (cap === undefined) return EINVAL;
      return t.credentials.bounding & cap ? 1 : 0;
    },
  },
  { nr: P.PR_CAPBSET_DROP, run: (t, [n]) => dropBounding(t, n) },
  // PR_TSC_ENABLE: rdtsc works, and can't be made to fault.
  { nr: P.PR_GET_TSC, run: (t, [at]) => putInt(t, at, 1) },
  { nr: P.PR_SET_TSC, run: (_t, [mode]) => (mode === 1 ? 0 : EINVAL) },
  { nr: P.PR_GET_SECUREBITS, run: (t) => t.secureBits },
  { nr: P.PR_SET_SECUREBITS, run: (t, [bits]) => setSecureBits(t, bits) },
  {
    nr: P.PR_SET_TIMERSLACK,
    run(t, [ns]) {
      t.timerSlack = ns === 0 || ns >= 2 ** 63 ? 50000 : ns;
      return 0;
    },
  },
  { nr: P.PR_GET_TIMERSLACK, run: (t) => t.timerSlack },
  { nr: P.PR_MCE_KILL_GET, zeroFrom: 0, run: () => 2 },
  {
    nr: P.PR_SET_CHILD_SUBREAPER,
    run(t, [on]) {
      t.process.subreaper = on !== 0;
      return 0;
    },
  },
  { nr: P.PR_GET_CHILD_SUBREAPER, run: (t, [at]) => putInt(t, at, t.process.subreaper ? 1 : 0) },
  {
    nr: P.PR_SET_NO_NEW_PRIVS,
    zeroFrom: 1,
    run(t, [on]) {
      if (on !== 1) return EINVAL;
      t.noNewPrivileges = true;
      return 0;
    },
  },
  { nr: P.PR_GET_NO_NEW_PRIVS, zeroFrom: 0, run: (t) => (t.noNewPrivileges ? 1 : 0) },
  { nr: P.PR_GET_TID_ADDRESS, run: (t, [at]) => (t.user.set(addr, at, t.clearChildTid) ? EFAULT : 0) },
  // No huge pages, so none to do without.
  { nr: P.PR_GET_THP_DISABLE, zeroFrom: 0, run: (t) => (t.process.hugePagesOff ? 1 : 0) },
  {
    nr: P.PR_SET_THP_DISABLE,
    zeroFrom: 1,
    run(t, [on]) {
      t.process.hugePagesOff = on !== 0;
      return 0;
    },
  },
  { nr: P.PR_CAP_AMBIENT, run: ambient },
  // PR_SPEC_NOT_AFFECTED: this CPU doesn't speculate.
  { nr: P.PR_GET_SPECULATION_CTRL, zeroFrom: 1, run: (_t, [which]) => (which <= 2 ? 0 : ENODEV) },
];
const byNumber = new Map(OPTIONS.map((o) => [o.nr, o]));
/** Numbers of the sub-commands that have a body, for SYSCALLS.md. */
export const prctlNumbers: readonly number[] = OPTIONS.map((o) => o.nr);

export const prctl = syscall({
  name: 'prctl',
  nr: { x64: 157, i386: 172 },
  class: 'process',
  args: { option: enumOf(P.prctlOptions), arg2: hexlong, arg3: hexlong, arg4: hexlong, arg5: ulong },
  partial: 'the sub-commands that src/kernel/syscalls/prctl.ts has; others answer EINVAL',
  run(t, a) {
    const option = byNumber.get(a.option);
    if (!option) return EINVAL;
    const args: Arguments = [a.arg2, a.arg3, a.arg4, a.arg5];
    if (option.zeroFrom !== undefined && args.slice(option.zeroFrom).some((n) => n !== 0)) return EINVAL;
    return option.run(t, args);
  },
});
