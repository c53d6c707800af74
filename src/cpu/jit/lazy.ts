// Flags not worked out: compiled code keeps an operation's operands in locals (kind, d, s), between regions in the state. Where somebody else is to look at the
// flags, `settle` makes the words of isa/flags.ts from them, by the operation's own definition. A later instruction's CF and OF may override the operation's.
// All definitions first: their order is part of what the build packs.
import '../../isa/index.ts';
import { Flags } from '../../isa/flags.ts';
import { add, cmp, dec, inc, test } from '../../isa/integer/arithmetic.ts';
import { imul2 } from '../../isa/integer/multiply.ts';
import { sar, shl, shr } from '../../isa/integer/shift.ts';
import type { Meaning, OpValue } from '../../isa/op.ts';
import { Sem, type V, type Width } from '../../isa/sem.ts';
import { orderOf } from '../../isa/sse/fp.ts';
import { Code } from '../../wasm/code.ts';
import * as L from '../layout.ts';
import { stateFlags } from '../state-flags.ts';

/** Operations by the definition that gives their flags: sub's are cmp's, those of all logic test's (its operands both the result). */
const OPERATIONS = { add, sub: cmp, logic: test, inc, dec, shl, shr, sar, imul: imul2 } as const satisfies Record<
  string,
  OpValue
>;
/** `float`: a comparison of numbers that are in order. */
export type LazyKind = keyof typeof OPERATIONS | 'float';
/** Their second operand is the first. */
export const ONE_OPERAND: ReadonlySet<LazyKind> = new Set(['logic', 'inc', 'dec']);
const KINDS = [...Object.keys(OPERATIONS), 'float'] as LazyKind[];
const WIDTHS = [8, 16, 32, 64] as const;

/** The number that stands for an operation at a width; 0 is none. */
export function lazyCode(kind: LazyKind, w: Width): number {
  return 4 * (KINDS.indexOf(kind) + 1) + WIDTHS.indexOf(w as 8 | 16 | 32 | 64);
}

/** Bits of the kind's word above its number: CF given by itself, and what it is; the same of OF. */
export const CF_GIVEN = 0x100;
export const CF_BIT = 9;
export const OF_GIVEN = 0x400;
export const OF_BIT = 11;
const NUMBER = 0xff;

/** Just enough of a binding for the meaning of operations on values. */
class Operation extends Sem {
  readonly f: Flags;
  readonly size: 8 | 16 | 32 | 64;
  readonly cc = 0;
  constructor(c: Code, size: 8 | 16 | 32 | 64) {
    super(c);
    this.size = size;
    this.f = new Flags(this, stateFlags(c));
  }
  #none(): never {
    throw new Error('an operation on values needs no machine');
  }
  operand = this.#none;
  stringForm = this.#none;
  gpr = this.#none;
  setGpr = this.#none;
  xmm = this.#none;
  setXmm = this.#none;
  place = this.#none;
  loadAt = this.#none;
  storeAt = this.#none;
  state = this.#none;
  setState = this.#none;
  fault = this.#none;
  faultWith = this.#none;
  trap = this.#none;
  exit = this.#none;
  movable = this.#none;
  fillable = this.#none;
  strings = this.#none;
  nextRip = this.#none;
  rip = this.#none;
  dataOffset = this.#none;
  imm = this.#none;
  jcc = this.#none;
  jmpRel = this.#none;
  jmpTo = this.#none;
  helper = this.#none;
  helped = this.#none;
  shared = this.#none;
  restFlags = this.#none;
  setRestFlags = this.#none;
}

/** (kind, d, s): works the flags out into the state's words, which are of no kind then. */
export function settleFunction(): Code {
  const c = new Code(['i32', 'i64', 'i64']);
  const kindWord = c.param(0);
  c.store('i32.store', c.i32(0), c.i32(0), L.FLAG_KIND);
  const cases = KINDS.flatMap((kind) =>
    WIDTHS.map((w) => (): void => {
      const b = new Operation(c, w);
      const value = (i: number): V => b.lo({ n: c.param(i), w: 64 }, w);
      if (kind !== 'float') (OPERATIONS[kind].sem as Meaning)(b, value(1), value(ONE_OPERAND.has(kind) ? 1 : 2));
      else if (w === 32 || w === 64) b.f.setArithmetic(b.lo({ n: orderOf(c, w, c.param(1), c.param(2)), w: 64 }, 32));
    }),
  );
  const already = (): void => {
    c.store('i64.store', c.i32(0), c.param(1), L.FLAG_RES);
    c.store('i64.store', c.i32(0), c.param(2), L.FLAG_WORD);
  };
  c.cases(c.op('i32.and', kindWord, c.i32(NUMBER)), [already, already, already, already, ...cases], () => c.trapHere());
  const given = (which: number, bit: number, at: number): void => {
    const value = c.op('i32.and', c.op('i32.shr_u', kindWord, c.i32(bit)), c.i32(1));
    c.if(c.op('i32.and', kindWord, c.i32(which)), () => c.store('i32.store8', c.i32(0), value, at));
  };
  given(CF_GIVEN, CF_BIT, L.FLAG_CF);
  given(OF_GIVEN, OF_BIT, L.FLAG_OF);
  return c;
}
/** (kind, d, s): CF of the operation. */
export function carryFunction(settle: number): Code {
  const c = new Code(['i32', 'i64', 'i64']);
  const kind = c.param(0);
  c.if(c.op('i32.and', kind, c.i32(CF_GIVEN)), () =>
    c.return(c.op('i32.and', c.op('i32.shr_u', kind, c.i32(CF_BIT)), c.i32(1))),
  );
  c.if(c.op('i32.eqz', kind), () => c.return(c.op('i32.and', c.op('i32.wrap_i64', c.param(2)), c.i32(1))));
  c.callVoid(settle, kind, c.param(1), c.param(2));
  c.return(c.load('i32.load8_u', c.i32(0), L.FLAG_CF));
  c.trapHere();
  return c;
}
