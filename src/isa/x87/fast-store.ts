// Stores of the x87 as functions of the generated module, for normal numbers and zeros. They do what the exact routine does and answer as it does: the
// result is at HELPER_RESULTS, the stack is popped. Whatever isn't usual they hand on to it.
import type { Code, Node } from '../../wasm/code.ts';
import { shared } from '../shared.ts';
import { HELPER_RESULTS, X87_IN_USE, X87_REGS, X87_STATUS } from '../state.ts';
import { BIAS, control, flags, isNormal, isZero, NEAREST_MASKED, ROUNDING_MASK, split, upNearest } from './fast.ts';
import { EXACT } from './unit.ts';

interface Source {
  readonly word: Node;
  readonly m: Node;
  /** Ends the function: stores the result, pops if the code word says so. */
  readonly finish: (result: Node, inexact: Node, up: Node) => void;
}
const POPS = 0x4000;

/** A function of the signature the exact routine has; `body` runs with ST(0) in use and falls out where it can't do the work. */
function store(name: string, body: (c: Code, s: Source) => void): void {
  shared({
    name,
    params: EXACT.params,
    result: EXACT.result,
    imports: [EXACT],
    body(c, call) {
      const top = (status: Node): Node => c.op('i32.and', c.op('i32.shr_u', status, c.i32(11)), c.i32(7));
      const index = top(c.load('i32.load16_u', c.i32(0), X87_STATUS));
      const used = c.load('i32.load8_u', c.i32(0), X87_IN_USE);
      const bit = c.op('i32.shl', c.i32(1), index);
      c.if(c.op('i32.and', used, bit), () => {
        const at = c.op('i32.shl', index, c.i32(4));
        const finish = (result: Node, inexact: Node, up: Node): void => {
          c.store('i64.store', c.i32(0), result, HELPER_RESULTS);
          flags(c, inexact, up);
          c.if(c.op('i32.and', c.param(0), c.i32(POPS)), () => {
            c.store('i32.store8', c.i32(0), c.op('i32.xor', used, bit), X87_IN_USE);
            const status = c.load('i32.load16_u', c.i32(0), X87_STATUS);
            const next = c.op('i32.and', c.op('i32.add', status, c.i32(0x800)), c.i32(0x3800));
            const rest = c.op('i32.and', status, c.i32(0xc7ff));
            c.store('i32.store16', c.i32(0), c.op('i32.or', rest, next), X87_STATUS);
          });
          c.return(c.i32(1));
        };
        body(c, {
          word: c.load('i32.load16_u', at, X87_REGS + 8),
          m: c.load('i64.load', at, X87_REGS),
          finish,
        });
      });
      return call(EXACT.name, c.param(0), c.param(1), c.param(2));
    },
  });
}
const nearest = (c: Code): Node =>
  c.op('i32.eq', c.op('i32.and', control(c), c.i32(ROUNDING_MASK)), c.i32(NEAREST_MASKED));
const none = (c: Code): Node => c.i32(0);

/** fst m64 and m32: significands cut to 53 and 24 bits, in the range of the format's normal numbers. */
for (const [name, precision, bias] of [
  ['x87st64', 53, 1023],
  ['x87st32', 24, 127],
] as const) {
  const cut = 64 - precision;
  const signUp = precision === 53 ? 48 : 16;
  store(name, (c, { word, m, finish }) => {
    const sign = c.op('i64.shl', c.op('i64.extend_i32_u', c.op('i32.and', word, c.i32(0x8000))), c.i64(signUp));
    c.if(isZero(c, word, m), () => finish(sign, none(c), none(c)));
    c.if(c.op('i32.and', nearest(c), c.op('i64.lt_s', m, c.i64(0))), () => {
      const e = c.op('i32.sub', c.op('i32.and', word, c.i32(0x7fff)), c.i32(BIAS - bias));
      const kept = c.op('i64.shr_u', m, c.i64(cut));
      const rest = c.op('i64.shl', m, c.i64(precision));
      const up = c.op('i32.and', upNearest(c, kept, rest), c.i32(1));
      // Exponent and fraction as one number: a carry out of the fraction goes where it should.
      const fields = c.op(
        'i64.add',
        c.op(
          'i64.add',
          c.op('i64.shl', c.op('i64.extend_i32_s', c.op('i32.sub', e, c.i32(1))), c.i64(precision - 1)),
          kept,
        ),
        c.op('i64.extend_i32_u', up),
      );
      const range = c.op('i32.lt_u', c.op('i32.sub', e, c.i32(1)), c.i32(2 * bias));
      const finite = c.op('i64.lt_u', fields, c.i64(BigInt(2 * bias + 1) << BigInt(precision - 1)));
      c.if(c.op('i32.and', range, finite), () =>
        finish(c.op('i64.or', sign, fields), c.op('i64.ne', rest, c.i64(0)), up),
      );
    });
  });
}

/** fstp m80: the bits as they are. */
store('x87st80', (c, { word, m, finish }) => {
  c.store('i32.store', c.i32(0), word, HELPER_RESULTS + 8);
  finish(m, none(c), none(c));
});

/** fist to 16, 32, 64 bits: rounding to nearest or towards zero; fisttp the latter always. */
for (const bits of [16, 32, 64] as const)
  for (const truncating of [false, true])
    store(`x87${truncating ? 'stt' : 'sti'}${bits}`, (c, { word, m, finish }) => {
      c.if(isZero(c, word, m), () => finish(c.i64(0), none(c), none(c)));
      const mode = c.op('i32.and', control(c), c.i32(ROUNDING_MASK));
      const chops = c.op('i32.eq', mode, c.i32(0xc20));
      const known = truncating
        ? c.op('i32.and', c.op('i32.shr_u', mode, c.i32(5)), c.i32(1))
        : c.op('i32.or', c.op('i32.eq', mode, c.i32(NEAREST_MASKED)), chops);
      // Places that the point is to the right of the significand's end: at most 2^62 in size.
      const places = c.op('i32.sub', c.i32(BIAS + 63), c.op('i32.and', word, c.i32(0x7fff)));
      const fit = c.op('i32.and', isNormal(c, word, m), c.op('i32.gt_s', places, c.i32(0)));
      c.if(c.op('i32.and', known, fit), () => {
        const { whole: w, rest: r } = split(c, m, places);
        const up = truncating ? c.i32(0) : c.op('i32.and', upNearest(c, w, r), c.op('i32.xor', chops, c.i32(1)));
        const size = c.op('i64.add', w, c.op('i64.extend_i32_u', up));
        const negative = c.op('i64.extend_i32_u', c.op('i32.shr_u', word, c.i32(15)));
        const value = c.op(
          'i64.sub',
          c.op('i64.xor', size, c.op('i64.sub', c.i64(0), negative)),
          c.op('i64.sub', c.i64(0), negative),
        );
        const small =
          bits === 64
            ? c.i32(1)
            : c.op('i64.eq', c.op(bits === 32 ? 'i64.extend32_s' : 'i64.extend16_s', value), value);
        // 2^63 itself is no positive integer of 64 bits.
        const sized = c.op('i64.ge_s', size, c.i64(0));
        c.if(c.op('i32.and', small, sized), () => finish(value, c.op('i64.ne', r, c.i64(0)), up));
      });
    });
