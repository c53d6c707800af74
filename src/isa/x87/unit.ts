// What the x87's definitions are built from: where its state lies, what every instruction does before its own work, and the exact routine behind them.
import type { ValType } from '../../wasm/ops.ts';
import type { Sem, V } from '../sem.ts';
import { shared } from '../shared.ts';
import { CS, X87_FDP, X87_FDS, X87_FIP, X87_FOP, X87_STATUS } from '../state.ts';

/** Status word: error summary, busy, top of stack, condition codes. */
export const ES = 0x80;
export const BUSY = 0x8000;
export const SF = 0x40;
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;
export const MF = 16;

/** What the exact routine (cpu/helpers/x87.ts) can do, by number. */
export const X87_KINDS = [
  'add',
  'sub',
  'mul',
  'div',
  'com',
  'ucom',
  'comi',
  'ucomi',
  'tst',
  'ld',
  'const',
  'st',
  'sttrunc',
  'st1',
  'xch',
  'cmov',
  'abs',
  'chs',
  'sqrt',
  'rndint',
  'scale',
  'xtract',
  'prem',
  'prem1',
  '2xm1',
  'yl2x',
  'yl2xp1',
  'patan',
  'ptan',
  'sin',
  'cos',
  'sincos',
] as const;
export type X87Kind = (typeof X87_KINDS)[number];
/** Where the other operand, or the result of a store, is: a register of the stack, or memory in one of these forms. */
export const X87_FORMS = ['st', 'm32', 'm64', 'm80', 'i16', 'i32', 'i64', 'bcd'] as const;
export type X87Form = (typeof X87_FORMS)[number];
/** Constants of fld1 and its like in the order of their opcodes. */
export const X87_CONSTANTS = ['fld1', 'fldl2t', 'fldl2e', 'fldpi', 'fldlg2', 'fldln2', 'fldz'] as const;

export interface ExactOptions {
  readonly form?: X87Form;
  readonly pops?: 0 | 1 | 2;
  /** The result goes to ST(i) instead of ST(0). */
  readonly toSti?: boolean;
  /** Operands change places (subr, divr). */
  readonly reversed?: boolean;
}
/** Code word: kind 0..7, i 8..10, form 11..13, pops 14..15, to ST(i) 16, reversed 17. */
export const exactCode = (kind: X87Kind, o: ExactOptions = {}): number =>
  X87_KINDS.indexOf(kind) |
  (X87_FORMS.indexOf(o.form ?? 'st') << 11) |
  ((o.pops ?? 0) << 14) |
  (o.toSti ? 1 << 16 : 0) |
  (o.reversed ? 1 << 17 : 0);

/** The exact routine: (code, low, high) of an operand from memory -> what a store needs: 1 where it goes on, or flags for fcomi. A result for memory is at helped(0) and (1). */
export const EXACT = {
  name: 'x87Exact',
  params: ['i32', 'i64', 'i32'] as readonly ValType[],
  result: 'i32' as ValType,
};
shared({
  name: 'x87',
  params: EXACT.params,
  result: 'i32',
  imports: [EXACT],
  body: (c, call) => call('x87Exact', c.param(0), c.param(1), c.param(2)),
});

/** Waiting instructions: an unmasked exception of an earlier one comes first. */
export function waiting(b: Sem): void {
  b.if(b.ne(b.and(b.state(X87_STATUS, 16), b.k(16, ES)), b.k(16, 0)), () => b.fault(MF));
}
/** Notes the instruction as the last one that wasn't a control instruction; `memory`: and its operand. */
export function pointers(b: Sem, memory = false): void {
  b.setState(X87_FIP, b.rip());
  b.setState(X87_FOP, b.or(b.and(b.imm(32), b.k(32, 0x7ff)), b.shlk(b.zx(b.state(CS, 16), 32), 16)));
  if (!memory) return;
  b.setState(X87_FDP, b.dataOffset());
  b.setState(X87_FDS, b.k(16, 0));
}
/** i of ST(i). */
export const sti = (b: Sem): V => b.and(b.imm(32), b.k(32, 7));
/** Hands the instruction to the exact routine. `operand`: bits from memory. */
export function exact(b: Sem, code: number, low: V = b.k(64, 0), high: V = b.k(32, 0), i = sti(b), name = 'x87'): V {
  return { n: b.shared(name, b.or(b.k(32, code), b.shlk(i, 8)).n, low.n, high.n), w: 32 };
}
/** An instruction without operand in memory, wholly exact. */
export const plain =
  (kind: X87Kind, o: ExactOptions = {}) =>
  (b: Sem): void => {
    waiting(b);
    pointers(b);
    exact(b, exactCode(kind, o));
  };
/** What every instruction does before its own work: pending exceptions, the operand's bits if it reads one from memory, the pointers. */
export function begin(b: Sem, form: X87Form = 'st', address?: V): { readonly low: V; readonly high: V } {
  waiting(b);
  if (form === 'st') {
    pointers(b);
    return { low: b.k(64, 0), high: b.k(32, 0) };
  }
  const p = b.place(address!, BYTES[form], 'r');
  const low = b.zx(b.loadAt(p, WIDTH[form]), 64);
  const high = form === 'm80' || form === 'bcd' ? b.zx(b.loadAt(p, 16, 8), 32) : b.k(32, 0);
  pointers(b, true);
  return { low, high };
}
/** One that reads memory in a form, wholly exact. */
export const fromMemory =
  (kind: X87Kind, form: X87Form, o: ExactOptions = {}) =>
  (b: Sem, address?: V): void => {
    const { low, high } = begin(b, form, address);
    exact(b, exactCode(kind, { ...o, form }), low, high);
  };
/** One that writes memory in a form. `fast`: does the common cases as the exact routine does all (the same answer and results). */
export const toMemory =
  (kind: X87Kind, form: X87Form, o: ExactOptions = {}, fast = 'x87') =>
  (b: Sem, address?: V): void => {
    waiting(b);
    const p = b.place(address!, BYTES[form], 'w');
    pointers(b, true);
    const stored = exact(b, exactCode(kind, { ...o, form }), b.k(64, 0), b.k(32, 0), sti(b), fast);
    b.if(b.ne(stored, b.k(32, 0)), () => {
      const low = b.lo(b.helped(0, 64), WIDTH[form]);
      if (form !== 'm80' && form !== 'bcd') return b.storeAt(p, low);
      b.storeAt(p, low);
      b.storeAt(p, b.lo(b.helped(1, 32), 16), 8);
    });
  };
const BYTES: Record<X87Form, number> = { st: 0, m32: 4, m64: 8, m80: 10, i16: 2, i32: 4, i64: 8, bcd: 10 };
const WIDTH: Record<X87Form, 16 | 32 | 64> = {
  st: 64,
  m32: 32,
  m64: 64,
  m80: 64,
  i16: 16,
  i32: 32,
  i64: 64,
  bcd: 64,
};
