// The x87's arithmetic on normal numbers as functions of the generated module: 64-bit significands as i64, sign and exponent as the word a register has.
// Each answers 1 when it did the operation, 0 when it is the exact routine's: another rounding or precision than the usual, operands or results that are no
// normal numbers, a PE that isn't masked.
import type { Code, Node } from '../../wasm/code.ts';
import type { ValType } from '../../wasm/ops.ts';
import { shared } from '../shared.ts';
import { X87_CONTROL, X87_STATUS } from '../state.ts';
import { C0, C1, C2, C3 } from './unit.ts';

const TOP_BIT = 1n << 63n;
export const BIAS = 16383;
/** Nearest, 64 bits, PE masked: what this part of the control word must be. */
const USUAL_MASK = 0xf20;
const USUAL = 0x320;
/** The same without the precision, which conversions don't look at. */
export const ROUNDING_MASK = 0xc20;
export const NEAREST_MASKED = 0x20;

export const control = (c: Code): Node => c.load('i32.load16_u', c.i32(0), X87_CONTROL);
const usual = (c: Code): Node => c.op('i32.eq', c.op('i32.and', control(c), c.i32(USUAL_MASK)), c.i32(USUAL));
const exponent = (c: Code, word: Node): Node => c.op('i32.and', word, c.i32(0x7fff));
/** An exponent neither zero nor all ones, and the integer bit set. */
export const isNormal = (c: Code, word: Node, m: Node): Node =>
  c.op(
    'i32.and',
    c.op('i32.lt_u', c.op('i32.sub', exponent(c, word), c.i32(1)), c.i32(0x7ffe)),
    c.op('i64.lt_s', m, c.i64(0)),
  );
export const isZero = (c: Code, word: Node, m: Node): Node =>
  c.op('i32.and', c.op('i32.eqz', exponent(c, word)), c.op('i64.eqz', m));
const both = (c: Code, a: Node, b: Node): Node => c.op('i32.and', a, b);
const put = (c: Code, at: Node, m: Node, word: Node): void => {
  c.store('i64.store', at, m);
  c.store('i32.store16', at, word, 8);
};
/** C1 and PE of an operation that raised nothing else. */
export function flags(c: Code, inexact: Node, up: Node): void {
  const old = c.op('i32.and', c.load('i32.load16_u', c.i32(0), X87_STATUS), c.i32(0xffff & ~C1));
  const bits = c.op('i32.or', c.op('i32.shl', inexact, c.i32(5)), c.op('i32.shl', up, c.i32(9)));
  c.store('i32.store16', c.i32(0), c.op('i32.or', old, bits), X87_STATUS);
}
const clearC1 = (c: Code): void => flags(c, c.i32(0), c.i32(0));
/** Rounds `rest` (a fraction of 64 bits) to nearest even: 1 to go up. */
export const upNearest = (c: Code, m: Node, rest: Node): Node =>
  c.op(
    'i32.or',
    c.op('i64.gt_u', rest, c.i64(TOP_BIT)),
    c.op('i32.and', c.op('i64.eq', rest, c.i64(TOP_BIT)), c.op('i32.wrap_i64', m)),
  );

/** A significand with `places` (at least 1) of its bits behind the point: the whole part, and a fraction of 64 bits whose last one sticks. */
export function split(c: Code, m: Node, places: Node): { whole: Node; rest: Node } {
  const whole = c.var('i64');
  const rest = c.var('i64');
  c.if(
    c.op('i32.lt_u', places, c.i32(64)),
    () => {
      const by = c.op('i64.extend_i32_u', places);
      c.set(whole, c.op('i64.shr_u', m, by));
      c.set(rest, c.op('i64.shl', m, c.op('i64.sub', c.i64(64), by)));
    },
    () => {
      c.set(whole, c.i64(0));
      c.set(rest, c.select(c.op('i32.eq', places, c.i32(64)), m, c.i64(1)));
    },
  );
  return { whole: c.get(whole), rest: c.get(rest) };
}

const I32: ValType = 'i32';
const I64: ValType = 'i64';
/** (at, sign bit 15, exponent, significand, what is below it): rounds and stores a number whose significand has its top bit. */
shared({
  name: 'x87round',
  params: [I32, I32, I32, I64, I64],
  result: I32,
  body(c) {
    const [at, sign, e, m, rest] = [0, 1, 2, 3, 4].map((i) => c.param(i)) as [Node, Node, Node, Node, Node];
    const up = c.op('i32.and', upNearest(c, m, rest), c.i32(1));
    const sum = c.op('i64.add', m, c.op('i64.extend_i32_u', up));
    // All ones rounded up: a power of two.
    const carry = c.op('i64.eqz', sum);
    const final = c.op('i32.add', e, carry);
    c.if(c.op('i32.ge_u', c.op('i32.sub', final, c.i32(1)), c.i32(0x7ffe)), () => c.return(c.i32(0)));
    put(c, at, c.select(carry, c.i64(TOP_BIT), sum), c.op('i32.or', sign, final));
    flags(c, c.op('i64.ne', rest, c.i64(0)), up);
    return c.i32(1);
  },
});
/** Stores an exact result. */
const done = (c: Code, at: Node, m: Node, word: Node): void => {
  put(c, at, m, word);
  clearC1(c);
  c.return(c.i32(1));
};
const sign = (c: Code, word: Node): Node => c.op('i32.and', word, c.i32(0x8000));

/** (at, word, significand, word, significand): the sum. */
shared({
  name: 'x87add',
  params: [I32, I32, I64, I32, I64],
  result: I32,
  body(c, call) {
    const [at, wa, ma, wb, mb] = [0, 1, 2, 3, 4].map((i) => c.param(i)) as [Node, Node, Node, Node, Node];
    c.if(c.op('i32.eqz', usual(c)), () => c.return(c.i32(0)));
    c.if(c.op('i32.eqz', both(c, isNormal(c, wa, ma), isNormal(c, wb, mb))), () => {
      const [za, zb] = [isZero(c, wa, ma), isZero(c, wb, mb)];
      c.if(both(c, za, zb), () => done(c, at, c.i64(0), c.op('i32.and', wa, wb)));
      c.if(both(c, za, isNormal(c, wb, mb)), () => done(c, at, mb, wb));
      c.if(both(c, zb, isNormal(c, wa, ma)), () => done(c, at, ma, wa));
      c.return(c.i32(0));
    });
    // x the larger in size, y the smaller.
    const [ea, eb] = [exponent(c, wa), exponent(c, wb)];
    const swap = c.op(
      'i32.or',
      c.op('i32.lt_u', ea, eb),
      c.op('i32.and', c.op('i32.eq', ea, eb), c.op('i64.lt_u', ma, mb)),
    );
    const wx = c.select(swap, wb, wa);
    const mx = c.select(swap, mb, ma);
    const my = c.select(swap, ma, mb);
    const ex = exponent(c, wx);
    const d = c.op('i32.sub', ex, c.select(swap, ea, eb));
    const d64 = c.op('i64.extend_i32_u', d);
    const high = c.var(I64);
    const rest = c.var(I64);
    const e = c.var(I32);
    c.set(e, ex);
    // y moved right by d, 128 bits long; what falls off beyond sticks to the last one.
    c.if(
      c.op('i32.lt_u', d, c.i32(64)),
      () => {
        c.set(high, c.op('i64.shr_u', my, d64));
        // A shift by 64 - 0 would be one by 0.
        c.set(rest, c.op('i64.shl', c.op('i64.shl', my, c.op('i64.sub', c.i64(63), d64)), c.i64(1)));
      },
      () => {
        c.set(high, c.i64(0));
        c.if(
          c.op('i32.lt_u', d, c.i32(128)),
          () => {
            const by = c.op('i64.sub', d64, c.i64(64));
            const kept = c.op('i64.shr_u', my, by);
            const lost = c.op('i64.ne', c.op('i64.shl', kept, by), my);
            c.set(rest, c.op('i64.or', kept, c.op('i64.extend_i32_u', lost)));
          },
          () => c.set(rest, c.i64(1)),
        );
      },
    );
    c.if(
      c.op('i32.eqz', sign(c, c.op('i32.xor', wa, wb))),
      () => {
        const s = c.op('i64.add', mx, c.get(high));
        c.set(high, s);
        c.if(c.op('i64.lt_u', s, mx), () => {
          const r = c.get(rest);
          c.set(
            rest,
            c.op(
              'i64.or',
              c.op('i64.or', c.op('i64.shl', s, c.i64(63)), c.op('i64.shr_u', r, c.i64(1))),
              c.op('i64.and', r, c.i64(1)),
            ),
          );
          c.set(high, c.op('i64.or', c.op('i64.shr_u', s, c.i64(1)), c.i64(TOP_BIT)));
          c.set(e, c.op('i32.add', ex, c.i32(1)));
        });
      },
      () => {
        const r = c.get(rest);
        const borrow = c.op('i64.extend_i32_u', c.op('i64.ne', r, c.i64(0)));
        const s = c.op('i64.sub', c.op('i64.sub', mx, c.get(high)), borrow);
        c.set(high, s);
        c.set(rest, c.op('i64.sub', c.i64(0), r));
        c.if(c.op('i64.ge_s', s, c.i64(0)), () => {
          c.if(c.op('i64.eqz', s), () => {
            const below = c.get(rest);
            c.if(c.op('i64.eqz', below), () => done(c, at, c.i64(0), c.i32(0)));
            c.set(high, below);
            c.set(rest, c.i64(0));
            c.set(e, c.op('i32.sub', c.get(e), c.i32(64)));
          });
          const h = c.get(high);
          const l = c.get(rest);
          const by = c.op('i64.clz', h);
          c.if(c.op('i64.ne', by, c.i64(0)), () => {
            c.set(high, c.op('i64.or', c.op('i64.shl', h, by), c.op('i64.shr_u', l, c.op('i64.sub', c.i64(64), by))));
            c.set(rest, c.op('i64.shl', l, by));
            c.set(e, c.op('i32.sub', c.get(e), c.op('i32.wrap_i64', by)));
          });
        });
      },
    );
    return call('x87round', at, sign(c, wx), c.get(e), c.get(high), c.get(rest));
  },
});

/** The product. */
shared({
  name: 'x87mul',
  params: [I32, I32, I64, I32, I64],
  result: I32,
  body(c, call) {
    const [at, wa, ma, wb, mb] = [0, 1, 2, 3, 4].map((i) => c.param(i)) as [Node, Node, Node, Node, Node];
    c.if(c.op('i32.eqz', usual(c)), () => c.return(c.i32(0)));
    const s = sign(c, c.op('i32.xor', wa, wb));
    c.if(c.op('i32.eqz', both(c, isNormal(c, wa, ma), isNormal(c, wb, mb))), () => {
      const ordinary = (w: Node, m: Node): Node => c.op('i32.or', isZero(c, w, m), isNormal(c, w, m));
      c.if(both(c, ordinary(wa, ma), ordinary(wb, mb)), () => done(c, at, c.i64(0), s));
      c.return(c.i32(0));
    });
    const low = (v: Node): Node => c.op('i64.and', v, c.i64(0xffffffffn));
    const top = (v: Node): Node => c.op('i64.shr_u', v, c.i64(32));
    const [a0, a1, b0, b1] = [low(ma), top(ma), low(mb), top(mb)];
    const p00 = c.op('i64.mul', a0, b0);
    const p01 = c.op('i64.mul', a0, b1);
    const p10 = c.op('i64.mul', a1, b0);
    const middle = c.op('i64.add', c.op('i64.add', low(p01), low(p10)), top(p00));
    const rest = c.op('i64.or', low(p00), c.op('i64.shl', middle, c.i64(32)));
    const high = c.op(
      'i64.add',
      c.op('i64.add', c.op('i64.mul', a1, b1), c.op('i64.add', top(p01), top(p10))),
      top(middle),
    );
    const e = c.op('i32.sub', c.op('i32.add', exponent(c, wa), exponent(c, wb)), c.i32(16382));
    c.if(c.op('i64.lt_s', high, c.i64(0)), () => c.return(call('x87round', at, s, e, high, rest)));
    const h = c.op('i64.or', c.op('i64.shl', high, c.i64(1)), c.op('i64.shr_u', rest, c.i64(63)));
    return call('x87round', at, s, c.op('i32.sub', e, c.i32(1)), h, c.op('i64.shl', rest, c.i64(1)));
  },
});

/** The quotient: two steps of 32 bits each (Knuth's algorithm D). */
shared({
  name: 'x87div',
  params: [I32, I32, I64, I32, I64],
  result: I32,
  body(c, call) {
    const [at, wa, ma, wb, mb] = [0, 1, 2, 3, 4].map((i) => c.param(i)) as [Node, Node, Node, Node, Node];
    c.if(c.op('i32.eqz', usual(c)), () => c.return(c.i32(0)));
    const s = sign(c, c.op('i32.xor', wa, wb));
    c.if(c.op('i32.eqz', both(c, isNormal(c, wa, ma), isNormal(c, wb, mb))), () => {
      c.if(both(c, isZero(c, wa, ma), isNormal(c, wb, mb)), () => done(c, at, c.i64(0), s));
      c.return(c.i32(0));
    });
    // A dividend below the divisor: its high word, then a low one that is zero or one bit.
    const below = c.op('i64.lt_u', ma, mb);
    const high = c.select(below, ma, c.op('i64.shr_u', ma, c.i64(1)));
    const low = c.select(below, c.i64(0), c.op('i64.shl', ma, c.i64(63)));
    const b1 = c.op('i64.shr_u', mb, c.i64(32));
    const b0 = c.op('i64.and', mb, c.i64(0xffffffffn));
    const digit = (n: Node, next: Node): { q: Node; r: Node } => {
      const q = c.var(I64);
      const r = c.var(I64);
      c.set(q, c.op('i64.div_u', n, b1));
      c.set(r, c.op('i64.sub', n, c.op('i64.mul', c.get(q), b1)));
      // At most two too large.
      for (let i = 0; i < 2; i++) {
        const [nowQ, nowR] = [c.get(q), c.get(r)];
        const large = c.op(
          'i32.or',
          c.op('i64.ge_u', nowQ, c.i64(1n << 32n)),
          c.op('i64.gt_u', c.op('i64.mul', nowQ, b0), c.op('i64.or', c.op('i64.shl', nowR, c.i64(32)), next)),
        );
        c.if(c.op('i32.and', c.op('i64.lt_u', nowR, c.i64(1n << 32n)), large), () => {
          c.set(q, c.op('i64.sub', nowQ, c.i64(1)));
          c.set(r, c.op('i64.add', nowR, b1));
        });
      }
      const quotient = c.get(q);
      const left = c.op('i64.sub', c.op('i64.or', c.op('i64.shl', n, c.i64(32)), next), c.op('i64.mul', quotient, mb));
      return { q: quotient, r: left };
    };
    const first = digit(high, c.op('i64.shr_u', low, c.i64(32)));
    const second = digit(first.r, c.op('i64.and', low, c.i64(0xffffffffn)));
    const q = c.op('i64.or', c.op('i64.shl', first.q, c.i64(32)), second.q);
    // More than half of the divisor left: anything above a half will do for the rest; exactly half can't be.
    const left = second.r;
    const more = c.op('i64.gt_u', left, c.op('i64.sub', mb, left));
    const rest = c.select(more, c.i64(-1), c.op('i64.extend_i32_u', c.op('i64.ne', left, c.i64(0))));
    const e = c.op('i32.sub', c.op('i32.add', c.op('i32.sub', exponent(c, wa), exponent(c, wb)), c.i32(16383)), below);
    return call('x87round', at, s, e, q, rest);
  },
});

/** Order of two numbers, infinities among them: CF and ZF at their places in rflags, or -1. */
shared({
  name: 'x87compare',
  params: [I32, I64, I32, I64],
  result: I32,
  body(c) {
    const [wa, ma, wb, mb] = [0, 1, 2, 3].map((i) => c.param(i)) as [Node, Node, Node, Node];
    const infinite = (w: Node, m: Node): Node =>
      both(c, c.op('i32.eq', exponent(c, w), c.i32(0x7fff)), c.op('i64.eq', m, c.i64(TOP_BIT)));
    const ordinary = (w: Node, m: Node): Node =>
      c.op('i32.or', c.op('i32.or', isNormal(c, w, m), isZero(c, w, m)), infinite(w, m));
    c.if(c.op('i32.eqz', both(c, ordinary(wa, ma), ordinary(wb, mb))), () => c.return(c.i32(-1)));
    const [ea, eb] = [exponent(c, wa), exponent(c, wb)];
    const equal = both(c, c.op('i32.eq', ea, eb), c.op('i64.eq', ma, mb));
    const same = c.op('i32.eq', sign(c, wa), sign(c, wb));
    const zeros = both(c, c.op('i64.eqz', ma), c.op('i64.eqz', mb));
    c.if(c.op('i32.or', both(c, equal, same), zeros), () => c.return(c.i32(0x40)));
    const smaller = c.op('i32.or', c.op('i32.lt_u', ea, eb), both(c, c.op('i32.eq', ea, eb), c.op('i64.lt_u', ma, mb)));
    const negative = c.op('i32.shr_u', sign(c, wa), c.i32(15));
    return c.select(same, c.op('i32.xor', smaller, negative), negative);
  },
});

/** (at, word, significand): the integer that the rounding control says, of a number or zero. */
shared({
  name: 'x87round2int',
  params: [I32, I32, I64],
  result: I32,
  body(c) {
    const [at, word, m] = [0, 1, 2].map((i) => c.param(i)) as [Node, Node, Node];
    c.if(isZero(c, word, m), () => done(c, at, m, word));
    c.if(c.op('i32.eqz', isNormal(c, word, m)), () => c.return(c.i32(0)));
    // Places that the point is to the right of the significand's end.
    const places = c.op('i32.sub', c.i32(BIAS + 63), exponent(c, word));
    c.if(c.op('i32.le_s', places, c.i32(0)), () => done(c, at, m, word));
    const { whole, rest } = split(c, m, places);
    const inexact = c.op('i64.ne', rest, c.i64(0));
    const mode = control(c);
    const masked = c.op('i32.and', c.op('i32.shr_u', mode, c.i32(5)), c.i32(1));
    c.if(c.op('i32.and', inexact, c.op('i32.eqz', masked)), () => c.return(c.i32(0)));
    const way = c.op('i32.and', c.op('i32.shr_u', mode, c.i32(10)), c.i32(3));
    const negative = c.op('i32.shr_u', word, c.i32(15));
    // Down takes negative numbers away from zero, up the others.
    const away = c.op('i32.eq', way, c.op('i32.sub', c.i32(2), negative));
    const nearest = c.op('i32.and', upNearest(c, whole, rest), c.op('i32.eqz', way));
    const up = c.op('i32.and', c.op('i32.or', nearest, c.op('i32.and', away, inexact)), c.i32(1));
    const size = c.op('i64.add', whole, c.op('i64.extend_i32_u', up));
    const by = c.op('i64.clz', size);
    const e = c.select(c.op('i64.eqz', size), c.i32(0), c.op('i32.sub', c.i32(BIAS + 63), c.op('i32.wrap_i64', by)));
    put(c, at, c.op('i64.shl', size, by), c.op('i32.or', sign(c, word), e));
    flags(c, inexact, up);
    return c.i32(1);
  },
});

/** (word, significand): what fxam tells of a register in use, as condition codes. */
shared({
  name: 'x87class',
  params: [I32, I64],
  result: I32,
  body(c) {
    const [word, m] = [c.param(0), c.param(1)];
    const e = exponent(c, word);
    const integer = c.op('i64.lt_s', m, c.i64(0));
    c.if(c.op('i32.eqz', e), () => c.return(c.select(c.op('i64.eqz', m), c.i32(C3), c.i32(C3 | C2))));
    c.if(c.op('i32.eqz', integer), () => c.return(c.i32(0)));
    c.if(c.op('i32.ne', e, c.i32(0x7fff)), () => c.return(c.i32(C2)));
    return c.select(c.op('i64.eq', m, c.i64(TOP_BIT)), c.i32(C2 | C0), c.i32(C0));
  },
});
