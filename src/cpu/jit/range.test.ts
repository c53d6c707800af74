import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORMAT, isPlain, type Range, rangeOfNumber, resultRange, type Width } from './range.ts';

const OPS = ['add', 'sub', 'mul', 'div', 'sqrt'] as const;
const cut = (w: Width, x: number): number => (w === 32 ? Math.fround(x) : x);
/** Numbers of all exponents, with few digits, many, or none but the first. */
const numbers = (w: Width): fc.Arbitrary<number> =>
  fc
    .tuple(
      fc.oneof(
        fc.constant(1),
        fc.constant(2 - 2 ** (1 - FORMAT[w].digits)),
        fc.double({ min: 1, max: 1.999, noNaN: true }),
      ),
      fc.integer({ min: FORMAT[w].lo, max: FORMAT[w].hi }),
      fc.boolean(),
    )
    .map(([m, e, negative]) => (negative ? -1 : 1) * cut(w, m) * 2 ** e);
function calculated(op: (typeof OPS)[number], a: number, b: number): number {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'sqrt':
      return Math.sqrt(Math.abs(a));
  }
}
const within = (r: Range, x: number): boolean => {
  if (x === 0) return r.zero;
  const e = rangeOfNumber(x)?.lo as number;
  return e >= r.lo && e <= r.hi;
};
/** Widened at either end, the range still holds the number. */
const around = (w: Width, x: number, down: number, up: number): Range => {
  const { lo, hi } = rangeOfNumber(x) as Range;
  return { lo: Math.max(FORMAT[w].lo, lo - down), hi: Math.min(FORMAT[w].hi, hi + up), zero: false };
};

test.each([32, 64] as const)('results of %d-bit numbers are in the range their operands give', (w) => {
  const more = fc.nat(40);
  fc.assert(
    fc.property(fc.constantFrom(...OPS), numbers(w), numbers(w), more, more, (op, a, b, down, up) => {
      const range = resultRange(op, w, around(w, a, down, up), around(w, b, up, down));
      const r = cut(w, calculated(op, a, b));
      if (isPlain(w, range)) expect(Number.isFinite(r)).toBe(true);
      if (Number.isFinite(r) && (r !== 0 || op === 'add' || op === 'sub')) expect(within(range, r)).toBe(true);
      else expect(isPlain(w, range)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('a denormal product is rounded up to the next exponent', () => {
  const [a, b] = [(2 - 2 ** -23) * 2 ** -48, (2 - 2 ** -23) * 2 ** -81];
  const range = resultRange('mul', 32, rangeOfNumber(a) as Range, rangeOfNumber(b) as Range);
  expect(within(range, Math.fround(a * b))).toBe(true);
  expect(isPlain(32, range)).toBe(false);
});

test('the range of a number is its exponent', () => {
  expect(rangeOfNumber(1)).toEqual({ lo: 0, hi: 0, zero: false });
  expect(rangeOfNumber(-0.75)).toEqual({ lo: -1, hi: -1, zero: false });
  expect(rangeOfNumber(2 ** 53 - 1)).toEqual({ lo: 52, hi: 52, zero: false });
  expect(rangeOfNumber(5e-324)).toEqual({ lo: -1074, hi: -1074, zero: false });
  expect(rangeOfNumber(Number.MAX_VALUE)).toEqual({ lo: 1023, hi: 1023, zero: false });
  expect(rangeOfNumber(-0)?.zero).toBe(true);
  expect(rangeOfNumber(Number.NaN)).toBeUndefined();
  expect(rangeOfNumber(Number.NEGATIVE_INFINITY)).toBeUndefined();
});
