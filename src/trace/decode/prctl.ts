// prctl(2): how many arguments each option looks at, and what they are.
import * as P from '../../abi/prctl.ts';
import { signalName } from '../../abi/signal.ts';
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, unsigned } from '../number.ts';
import type { CallDecoder, Decoders } from '../shape.ts';
import { flagText } from '../xlat.ts';
import { capabilityName } from './capability.ts';

/** Shows argument n; `out` ones are filled by the call. */
type Part = (c: Context, n: number) => void;
interface Form {
  readonly parts: readonly Part[];
  /** Shown at the end of the call. */
  readonly out?: true;
  readonly result?: (c: Context) => string | undefined;
}
const plain: Part = (c, n) => c.w.number(hex(c.uint(n), c.high(n)));
const decimal: Part = (c, n) => c.w.number(unsigned(c.uint(n), c.high(n)));
const named =
  (table: ReturnType<typeof names>): Part =>
  (c, n) =>
    c.w.constant(table, c.uint(n), c.high(n));
const signal: Part = (c, n) => {
  const name = signalName(c.int(n));
  if (name.startsWith('SIG')) c.w.named(String(c.int(n)), name);
  else c.w.number(unsigned(c.uint(n), c.high(n)));
};
const capability: Part = (c, n) => {
  const name = c.high(n) === 0 ? capabilityName(c.uint(n)) : undefined;
  const number = hex(c.uint(n), c.high(n));
  if (name) c.w.named(number, name);
  else c.w.sign(`${number} /* CAP_??? */`);
};
/** An int that the call stored. */
const stored =
  (show: (c: Context, value: number) => void): Part =>
  (c, n) => {
    const v = c.failed ? undefined : c.view(c.number(n), 4);
    if (!v) return c.w.number(hex(c.uint(n), c.high(n)));
    c.w.open('[');
    show(c, v.getUint32(0, true));
    c.w.close(']');
  };
const storedNumber = stored((c, v) => c.w.number(String(v)));
const storedSignal = stored((c, v) => {
  const name = signalName(v);
  if (name.startsWith('SIG')) c.w.named(String(v), name);
  else c.w.number(String(v));
});
/** A task's name: at most 15 bytes. */
const comm: Part = (c, n) => {
  const s = c.failed && c.leaving ? undefined : c.task.user.string(c.number(n), 15);
  const long = typeof s === 'string' || (c.failed && c.leaving) ? undefined : c.bytes(c.number(n), 15);
  if (typeof s === 'string') c.w.text(s);
  else if (long) c.w.bytes(long, 0, 15, true);
  else c.w.number(hex(c.uint(n), c.high(n)));
};
const tables = {
  dumpable: names('SUID_DUMP', { SUID_DUMP_DISABLE: 0, SUID_DUMP_USER: 1, SUID_DUMP_ROOT: 2 }),
  seccomp: names('SECCOMP_MODE', { SECCOMP_MODE_DISABLED: 0, SECCOMP_MODE_STRICT: 1, SECCOMP_MODE_FILTER: 2 }),
  ambient: names('PR_CAP_AMBIENT', {
    PR_CAP_AMBIENT_IS_SET: 1,
    PR_CAP_AMBIENT_RAISE: 2,
    PR_CAP_AMBIENT_LOWER: 3,
    PR_CAP_AMBIENT_CLEAR_ALL: 4,
  }),
  unalign: names('PR_UNALIGN', { PR_UNALIGN_NOPRINT: 1, PR_UNALIGN_SIGBUS: 2 }),
  tsc: names('PR_TSC', { PR_TSC_ENABLE: 1, PR_TSC_SIGSEGV: 2 }),
  mce: names('PR_MCE_KILL', { PR_MCE_KILL_CLEAR: 0, PR_MCE_KILL_SET: 1 }),
  mm: names('PR_SET_MM', {
    PR_SET_MM_START_CODE: 1,
    PR_SET_MM_END_CODE: 2,
    PR_SET_MM_START_DATA: 3,
    PR_SET_MM_END_DATA: 4,
    PR_SET_MM_START_STACK: 5,
    PR_SET_MM_START_BRK: 6,
    PR_SET_MM_BRK: 7,
    PR_SET_MM_ARG_START: 8,
    PR_SET_MM_ARG_END: 9,
    PR_SET_MM_ENV_START: 10,
    PR_SET_MM_ENV_END: 11,
    PR_SET_MM_AUXV: 12,
    PR_SET_MM_EXE_FILE: 13,
    PR_SET_MM_MAP: 14,
    PR_SET_MM_MAP_SIZE: 15,
  }),
  speculation: names('PR_SPEC', { PR_SPEC_STORE_BYPASS: 0, PR_SPEC_INDIRECT_BRANCH: 1, PR_SPEC_L1D_FLUSH: 2 }),
  securebits: names('SECBIT', {
    SECBIT_NOROOT: 1,
    SECBIT_NOROOT_LOCKED: 2,
    SECBIT_NO_SETUID_FIXUP: 4,
    SECBIT_NO_SETUID_FIXUP_LOCKED: 8,
    SECBIT_KEEP_CAPS: 16,
    SECBIT_KEEP_CAPS_LOCKED: 32,
    SECBIT_NO_CAP_AMBIENT_RAISE: 64,
    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED: 128,
  }),
  vma: names('PR_SET_VMA', { PR_SET_VMA_ANON_NAME: 0 }),
  dispatch: names('PR_SYS_DISPATCH', { PR_SYS_DISPATCH_OFF: 0, PR_SYS_DISPATCH_ON: 1 }),
  fpMode: names('PR_FP_MODE', { PR_FP_MODE_FR: 1, PR_FP_MODE_FRE: 2 }),
};
const securebits: Part = (c, n) => c.w.flags(tables.securebits, c.uint(n), c.high(n));
const ambient: Part = (c, n) => {
  if (c.uint(1) >= 1 && c.uint(1) <= 3) capability(c, n);
  else plain(c, n);
};
const tracer: Part = (c, n) => {
  if (c.int(n) === -1) c.w.named(hex(c.uint(n), c.high(n)), 'PR_SET_PTRACER_ANY');
  else c.w.number(String(c.int(n)));
};
const filter: Part = (c, n) => {
  const v = c.view(c.number(n), 16);
  if (!v) return c.address(c.number(n));
  c.w.sign(`{len=${v.getUint16(0, true)}, filter=`);
  c.address(c.pointerAt(v, 8));
  c.w.sign('}');
};
const string: Part = (c, n) => c.cstring(c.number(n));
const all: readonly Part[] = [plain, plain, plain, plain];
const dumpable = (c: Context): undefined => {
  c.note = flagText(tables.dumpable, c.result, 0, 'abbrev');
  return undefined;
};

const nothing: Form = { parts: [] };
const one = (part: Part): Form => ({ parts: [part] });
const filled = (part: Part): Form => ({ parts: [part], out: true });
const then = (part: Part): Form => ({ parts: [part, plain, plain, plain] });
const FORMS: Readonly<Record<string, Form | undefined>> = {
  PR_SET_PDEATHSIG: one(signal),
  PR_GET_PDEATHSIG: filled(storedSignal),
  PR_GET_DUMPABLE: { parts: [], result: dumpable },
  PR_SET_DUMPABLE: one(named(tables.dumpable)),
  PR_GET_UNALIGN: filled(storedNumber),
  PR_SET_UNALIGN: one(named(tables.unalign)),
  PR_GET_KEEPCAPS: nothing,
  PR_SET_KEEPCAPS: one(decimal),
  PR_GET_FPEMU: filled(storedNumber),
  PR_SET_FPEMU: one(decimal),
  PR_GET_FPEXC: filled(storedNumber),
  PR_SET_FPEXC: one(decimal),
  PR_GET_TIMING: nothing,
  PR_SET_TIMING: one(decimal),
  PR_SET_NAME: one(comm),
  PR_GET_NAME: filled(comm),
  PR_GET_ENDIAN: filled(storedNumber),
  PR_SET_ENDIAN: one(decimal),
  PR_GET_SECCOMP: nothing,
  PR_SET_SECCOMP: { parts: [named(tables.seccomp), filter] },
  PR_CAPBSET_READ: one(capability),
  PR_CAPBSET_DROP: one(capability),
  PR_GET_TSC: filled(stored((c, v) => c.w.constant(tables.tsc, v))),
  PR_SET_TSC: one(named(tables.tsc)),
  PR_GET_SECUREBITS: nothing,
  PR_SET_SECUREBITS: one(securebits),
  PR_SET_TIMERSLACK: one(decimal),
  PR_GET_TIMERSLACK: nothing,
  PR_TASK_PERF_EVENTS_DISABLE: nothing,
  PR_TASK_PERF_EVENTS_ENABLE: nothing,
  PR_MCE_KILL: then(named(tables.mce)),
  PR_SET_MM: then(named(tables.mm)),
  PR_SET_CHILD_SUBREAPER: one(decimal),
  PR_GET_CHILD_SUBREAPER: filled(storedNumber),
  PR_SET_NO_NEW_PRIVS: then(decimal),
  PR_GET_TID_ADDRESS: filled((c, n) => {
    const v = c.failed ? undefined : c.view(c.number(n), 8);
    if (v) c.w.sign(`[${hex(v.getUint32(0, true), v.getUint32(4, true))}]`);
    else plain(c, n);
  }),
  PR_SET_THP_DISABLE: then(decimal),
  PR_SET_FP_MODE: one(named(tables.fpMode)),
  PR_GET_FP_MODE: nothing,
  PR_CAP_AMBIENT: { parts: [named(tables.ambient), ambient, plain, plain] },
  PR_SVE_SET_VL: one(plain),
  PR_SVE_GET_VL: nothing,
  PR_SME_SET_VL: one(plain),
  PR_SME_GET_VL: nothing,
  PR_GET_SPECULATION_CTRL: one(named(tables.speculation)),
  PR_SET_SPECULATION_CTRL: { parts: [named(tables.speculation), plain] },
  PR_SET_IO_FLUSHER: then(decimal),
  PR_SET_SYSCALL_USER_DISPATCH: then(named(tables.dispatch)),
  PR_SET_PTRACER: one(tracer),
  PR_SET_VMA: { parts: [named(tables.vma), plain, decimal, string] },
};
const byOption = new Map<number, Form>();
for (const [name, value] of P.prctlOptions.entries) {
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form) byOption.set(value, form);
}
const whole: Form = { parts: all };
const formOf = (c: Context): Form => byOption.get(c.uint(0)) ?? whole;
/** PR_SET_SECCOMP's filter is looked at in that mode only. */
const SECCOMP_MODE_FILTER = 2;
function write(c: Context, form: Form): void {
  const strict = form === FORMS.PR_SET_SECCOMP && c.uint(1) !== SECCOMP_MODE_FILTER;
  form.parts.slice(0, strict ? 1 : undefined).forEach((part, i) => {
    c.w.argument(`arg${i + 2}`);
    part(c, i + 1);
  });
}
const call: CallDecoder = {
  enter(c) {
    c.w.argument('option');
    c.w.constant(P.prctlOptions, c.uint(0));
    const form = formOf(c);
    if (form.out) {
      c.w.sign(', ');
      return false;
    }
    write(c, form);
    return true;
  },
  leave(c) {
    const form = formOf(c);
    if (form.out) write(c, form);
  },
  result: (c) => formOf(c).result?.(c),
};
export const prctl: Decoders = { calls: { prctl: call } };
