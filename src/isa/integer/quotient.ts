// The quotient of 128 bits by 64, which WebAssembly has no operator for: two digits of 32 bits, each estimated by the divisor's upper one and mended.
import type { Code, Node } from '../../wasm/code.ts';
import { shared } from '../shared.ts';

/** (low, high, divisor) -> quotient, where that has no more than 64 bits: the divisor is above the high half. */
export const QUOTIENT = 'quotient';
const DIGIT = 32;
const LOW = 0xffff_ffff;

/** The next digit of `rest`, which is below the divisor, with `next` behind it: sets `rest` to what remains then. */
function digit(
  c: Code,
  rest: Node,
  next: Node,
  divisor: { readonly whole: Node; readonly upper: Node; readonly lower: Node },
): { readonly digit: Node; readonly rest: Node } {
  const { whole, upper, lower } = divisor;
  const q = c.var('i64');
  const left = c.var('i64');
  c.set(q, c.op('i64.div_u', rest, upper));
  c.set(left, c.op('i64.sub', rest, c.op('i64.mul', c.get(q), upper)));
  // Too large by two at most.
  c.block((done) => {
    c.loop((again) => {
      const small = c.op('i64.le_u', c.get(q), c.i64(LOW));
      const behind = c.op('i64.or', c.op('i64.shl', c.get(left), c.i64(DIGIT)), next);
      const fits = c.op('i64.le_u', c.op('i64.mul', c.get(q), lower), behind);
      c.brIf(done, c.op('i32.and', small, fits));
      c.set(q, c.op('i64.sub', c.get(q), c.i64(1)));
      c.set(left, c.op('i64.add', c.get(left), upper));
      c.brIf(again, c.op('i64.le_u', c.get(left), c.i64(LOW)));
    });
  });
  const with64 = c.op('i64.or', c.op('i64.shl', rest, c.i64(DIGIT)), next);
  return { digit: c.get(q), rest: c.op('i64.sub', with64, c.op('i64.mul', c.get(q), whole)) };
}

shared({
  name: QUOTIENT,
  params: ['i64', 'i64', 'i64'],
  result: 'i64',
  body: (c) => {
    const [low, high, by] = [c.param(0), c.param(1), c.param(2)];
    // With the divisor's highest bit set an estimate is hardly off. Shifted by one and then by the rest: 64 at once would be none.
    const shift = c.op('i64.clz', by);
    const whole = c.op('i64.shl', by, shift);
    const divisor = { whole, upper: c.op('i64.shr_u', whole, c.i64(DIGIT)), lower: c.op('i64.and', whole, c.i64(LOW)) };
    const moved = c.op('i64.shr_u', c.op('i64.shr_u', low, c.i64(1)), c.op('i64.sub', c.i64(63), shift));
    const upper = c.op('i64.or', c.op('i64.shl', high, shift), moved);
    const lower = c.op('i64.shl', low, shift);
    const first = digit(c, upper, c.op('i64.shr_u', lower, c.i64(DIGIT)), divisor);
    const second = digit(c, first.rest, c.op('i64.and', lower, c.i64(LOW)), divisor);
    return c.op('i64.or', c.op('i64.shl', first.digit, c.i64(DIGIT)), second.digit);
  },
});
