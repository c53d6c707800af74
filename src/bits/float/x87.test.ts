import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { F32, F64, type Rounding } from './soft.ts';
import * as F from './x87.ts';
import { constant } from './x87-constants.ts';

const context = (rounding: Rounding = 0, masks = 0x3f): F.X87Context => ({
  rounding,
  flags: 0,
  masks,
  flushToZero: false,
  denormalsAreZero: false,
  roundedUp: false,
  precision: 64,
});
const [IE, DE, ZE, OE, UE, PE] = [1, 2, 4, 8, 16, 32] as const;
const ONE = 0x3fff_80000000_00000000n;
const TWO = 0x4000_80000000_00000000n;
const THREE = 0x4000_c0000000_00000000n;
const THIRD = 0x3ffd_aaaaaaaa_aaaaaaabn;
const INFINITE = 0x7fff_80000000_00000000n;
const NEGATIVE = 1n << 79n;
const LARGEST = 0x7ffe_ffffffff_ffffffffn;
const LEAST = 0x0001_80000000_00000000n;
const DENORMAL = 1n;
const PSEUDO_DENORMAL = 0x0000_80000000_00000000n;
const UNNORMAL = 0x4000_40000000_00000000n;
const QUIET = 0x7fff_c0000000_00000001n;
const SIGNALING = 0x7fff_a0000000_00000000n;
const EPSILON = 0x3fc0_80000000_00000000n;

/** A register's value as an exact fraction times a power of two. */
function exactly(bits: bigint): { n: bigint; e: number } {
  const u = F.open(bits);
  return { n: u.sign ? -u.significand : u.significand, e: u.exponent };
}
/** The next pattern away from zero and towards it: registers in order are numbers in order. */
const neighbour = (bits: bigint, by: 1n | -1n): bigint => {
  const value = (bits & (INFINITE | (INFINITE - 1n))) + by;
  // A carry out of the fraction leaves the integer bit behind.
  return (bits & NEGATIVE) | ((value >> 64n) & 0x7fffn && !(value & (1n << 63n)) ? value | (1n << 63n) : value);
};
/** |x * d - n| for comparing how far a quotient n / d is from x, with all powers of two made explicit. */
function distance(x: bigint, n: { n: bigint; e: number }, d: { n: bigint; e: number }): { n: bigint; e: number } {
  const v = exactly(x);
  const product = { n: v.n * d.n, e: v.e + d.e };
  const e = Math.min(product.e, n.e);
  const difference = (product.n << BigInt(product.e - e)) - (n.n << BigInt(n.e - e));
  return { n: difference < 0n ? -difference : difference, e };
}
const lessOrEqual = (a: { n: bigint; e: number }, b: { n: bigint; e: number }): boolean => {
  const e = Math.min(a.e, b.e);
  return a.n << BigInt(a.e - e) <= b.n << BigInt(b.e - e);
};

const normal = fc
  .tuple(
    fc.integer({ min: 0x3fff - 80, max: 0x3fff + 80 }),
    fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
    fc.boolean(),
  )
  .chain(([e, m, s]) =>
    fc
      .constantFrom(m, 0n, (1n << 63n) - 1n, m & 0x7fff_0000_0000_0000n)
      .map((fraction) => (s ? NEGATIVE : 0n) | (BigInt(e) << 64n) | (1n << 63n) | fraction),
  );
const anything = fc.oneof(
  normal,
  fc.constantFrom(0n, NEGATIVE, INFINITE, NEGATIVE | INFINITE, DENORMAL, PSEUDO_DENORMAL, UNNORMAL, QUIET, SIGNALING),
  fc.bigInt({ min: 0n, max: (1n << 80n) - 1n }),
);

describe('x87 arithmetic', () => {
  const operations = {
    add: (a: bigint, b: bigint) => {
      const [x, y] = [exactly(a), exactly(b)];
      const e = Math.min(x.e, y.e);
      return [
        { n: (x.n << BigInt(x.e - e)) + (y.n << BigInt(y.e - e)), e },
        { n: 1n, e: 0 },
      ] as const;
    },
    mul: (a: bigint, b: bigint) => {
      const [x, y] = [exactly(a), exactly(b)];
      return [
        { n: x.n * y.n, e: x.e + y.e },
        { n: 1n, e: 0 },
      ] as const;
    },
    div: (a: bigint, b: bigint) => [exactly(a), exactly(b)] as const,
  };
  for (const [op, fraction] of Object.entries(operations)) {
    test(`${op}: no neighbour of the result is nearer`, () => {
      fc.assert(
        fc.property(normal, normal, (a, b) => {
          const c = context();
          const r = F.arithmetic(op as F.Arithmetic, c, F.open(a), F.open(b));
          const [n, d] = fraction(a, b);
          if (F.open(r).kind === 'zero') return n.n === 0n;
          const here = distance(r, n, d);
          expect(here.n === 0n).toBe((c.flags & PE) === 0);
          return (
            lessOrEqual(here, distance(neighbour(r, 1n), n, d)) && lessOrEqual(here, distance(neighbour(r, -1n), n, d))
          );
        }),
      );
    });
    test(`${op}: directed results enclose the exact one and lie a step apart`, () => {
      fc.assert(
        fc.property(normal, normal, (a, b) => {
          const run = (rounding: Rounding): bigint =>
            F.arithmetic(op as F.Arithmetic, context(rounding), F.open(a), F.open(b));
          const [down, up, chopped] = [run(1), run(2), run(3)];
          const [n, d] = fraction(a, b);
          if (n.n === 0n || F.open(down).kind === 'zero' || F.open(up).kind === 'zero') return true;
          if (distance(down, n, d).n === 0n) return down === up && down === chopped;
          const negative = (down & NEGATIVE) !== 0n;
          expect(chopped).toBe(negative ? up : down);
          return negative ? down === neighbour(up, 1n) : up === neighbour(down, 1n);
        }),
      );
    });
  }
  test('sub is add of the opposite', () => {
    fc.assert(
      fc.property(normal, normal, (a, b) => {
        const [c, d] = [context(), context()];
        expect(F.arithmetic('sub', c, F.open(a), F.open(b))).toBe(
          F.arithmetic('add', d, F.open(a), F.open(b ^ NEGATIVE)),
        );
        expect(c).toEqual(d);
      }),
    );
  });
  test('nothing throws, whatever the operands, and results are registers', () => {
    fc.assert(
      fc.property(
        anything,
        anything,
        fc.constantFrom<Rounding>(0, 1, 2, 3),
        fc.integer({ min: 0, max: 63 }),
        (a, b, r, m) => {
          for (const op of ['add', 'sub', 'mul', 'div'] as const) {
            const x = F.arithmetic(op, context(r, m), F.open(a), F.open(b));
            expect(x >> 80n).toBe(0n);
          }
          F.squareRoot80(context(r, m), a);
          F.scale(context(r, m), a, b);
          F.extract(context(r, m), a);
          F.remainder(context(r, m), a, b, false);
          F.remainder(context(r, m), a, b, true);
          F.roundToInteger(context(r, m), a);
          for (const bits of [16, 32, 64]) F.toInteger80(context(r, m), a, bits, r);
          F.toDecimal(context(r, m), a);
          F.narrow(F32, context(r, m), a);
          F.narrow(F64, context(r, m), a);
        },
      ),
    );
  });

  type Row = readonly [F.Arithmetic, bigint, bigint, bigint, number];
  const rows: readonly Row[] = [
    ['div', ONE, THREE, THIRD, PE],
    ['add', ONE, EPSILON, ONE | 1n, 0],
    ['add', ONE, EPSILON - (1n << 64n) + 5n, ONE | 1n, PE],
    ['sub', ONE, ONE, 0n, 0],
    ['mul', LARGEST, TWO, INFINITE, OE | PE],
    ['mul', LEAST, 0x3ffe_80000000_00000000n, 0x40000000_00000000n, 0],
    ['div', LEAST, THREE, 0x2aaaaaaa_aaaaaaabn, UE | PE],
    ['div', ONE, 0n, INFINITE, ZE],
    ['div', 0n, 0n, F.INDEFINITE, IE],
    ['mul', 0n, INFINITE, F.INDEFINITE, IE],
    ['sub', INFINITE, INFINITE, F.INDEFINITE, IE],
    ['add', ONE, UNNORMAL, F.INDEFINITE, IE],
    ['add', QUIET, UNNORMAL, F.INDEFINITE, IE],
    ['add', ONE, DENORMAL, ONE, DE | PE],
    ['add', PSEUDO_DENORMAL, 0n, LEAST, DE],
    ['div', DENORMAL, 0n, INFINITE, ZE],
    // NaNs: the quiet one, the larger significand, the positive one; a signaling one quieted.
    ['add', SIGNALING, QUIET, QUIET, IE],
    ['add', QUIET, QUIET + 1n, QUIET + 1n, 0],
    ['add', QUIET | NEGATIVE, QUIET, QUIET, 0],
    ['mul', SIGNALING, ONE, SIGNALING | (1n << 62n), IE],
    ['add', QUIET, DENORMAL, QUIET, 0],
  ];
  for (const [op, a, b, r, flags] of rows)
    test(`${op} ${a.toString(16)} ${b.toString(16)}`, () => {
      const c = context();
      expect(F.arithmetic(op, c, F.open(a), F.open(b)).toString(16)).toBe(r.toString(16));
      expect(c.flags).toBe(flags);
    });
  test('precision control rounds significands to 24 and 53 bits and keeps the exponent range', () => {
    for (const [precision, r] of [
      [24, 0x3ffd_aaaaab00_00000000n],
      [53, 0x3ffd_aaaaaaaa_aaaaa800n],
    ] as const)
      expect(F.arithmetic('div', { ...context(), precision }, F.open(ONE), F.open(THREE))).toBe(r);
    expect(F.arithmetic('mul', { ...context(), precision: 24 }, F.open(LEAST), F.open(LARGEST)) >> 64n).toBe(0x4001n);
  });
  test('unmasked overflow and underflow wrap the exponent by 24576', () => {
    const over = context(0, 0x3f & ~OE);
    expect(F.arithmetic('mul', over, F.open(LARGEST), F.open(TWO))).toBe(LARGEST - (BigInt(24576 - 1) << 64n));
    expect(over.flags).toBe(OE);
    const under = context(0, 0x3f & ~UE);
    expect(F.arithmetic('div', under, F.open(LEAST), F.open(TWO))).toBe(LEAST + (BigInt(24576 - 1) << 64n));
    expect(under.flags).toBe(UE);
  });
  test('sqrt: the square of the result is nearest', () => {
    fc.assert(
      fc.property(normal, (a) => {
        const x = a & ~NEGATIVE;
        const r = F.squareRoot80(context(), x);
        // (2r - ulp)^2 <= 4x <= (2r + ulp)^2, in units of the last place.
        const [v, n] = [exactly(r), exactly(x)];
        const e = Math.min(2 * v.e, n.e);
        const four = (4n * n.n) << BigInt(n.e - e);
        const square = (m: bigint): bigint => (m * m) << BigInt(2 * v.e - e);
        return square(2n * v.n - 1n) <= four && four <= square(2n * v.n + 1n);
      }),
    );
    expect(F.squareRoot80(context(), NEGATIVE)).toBe(NEGATIVE);
    expect(F.squareRoot80(context(), NEGATIVE | ONE)).toBe(F.INDEFINITE);
  });
});

describe('x87 remainders, scaling, classes', () => {
  test('fprem: what is left is smaller than the divisor, has the dividend’s sign and differs from it by a multiple', () => {
    fc.assert(
      fc.property(normal, normal, (a, b) => {
        let x = a;
        let r = F.remainder(context(), x, b, false);
        for (; r.partial; r = F.remainder(context(), x, b, false)) x = r.value;
        const [p, q, v] = [exactly(a), exactly(b), exactly(r.value)];
        const e = Math.min(p.e, q.e, v.e);
        const [n, d, left] = [p, q, v].map((w) => w.n << BigInt(w.e - e)) as [bigint, bigint, bigint];
        expect(n % d).toBe(F.open(r.value).kind === 'zero' ? 0n : left);
        if (x === a) expect(r.quotient).toBe(Number((n / d < 0n ? -(n / d) : n / d) & 7n));
      }),
    );
  });
  test('fprem1: at most half of the divisor is left', () => {
    fc.assert(
      fc.property(normal, normal, (a, b) => {
        const r = F.remainder(context(), a, b, true);
        if (r.partial) return;
        const [v, q] = [exactly(r.value), exactly(b)];
        const size = (n: bigint): bigint => (n < 0n ? -n : n);
        expect(lessOrEqual({ n: 2n * size(v.n), e: v.e }, { n: size(q.n), e: q.e })).toBe(true);
      }),
    );
  });
  test('fxtract and fscale are each other’s opposite', () => {
    fc.assert(
      fc.property(normal, (a) => {
        const { exponent, significand } = F.extract(context(), a);
        expect(F.scale(context(), significand, exponent)).toBe(a);
      }),
    );
  });
});

describe('x87 conversions', () => {
  test('doubles and floats come back as they were', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (x) => {
        for (const [f, bits] of [
          [F64, x],
          [F32, x & 0xffff_ffffn],
        ] as const) {
          const wide = F.widen(f, context(), bits);
          const quiet = F.isNaN80(F.open(wide)) ? (f === F64 ? 1n << 51n : 1n << 22n) : 0n;
          expect(F.narrow(f, context(), wide)).toBe(bits | quiet);
        }
      }),
    );
  });
  test('integers come back, and decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (n) => {
        expect(F.toInteger80(context(), F.fromInteger80(n), 64, 0)).toBe(n);
        const digits = n % 10n ** 18n;
        const x = F.fromInteger80(digits);
        expect(F.fromDecimal(F.toDecimal(context(), x))).toBe(x);
      }),
    );
  });
  test('what doesn’t fit is the indefinite', () => {
    const c = context();
    expect(F.toInteger80(c, F.fromInteger80(32768n), 16, 0)).toBe(-32768n);
    expect(F.toInteger80(c, F.fromInteger80(1n << 31n), 32, 0)).toBe(-(1n << 31n));
    expect(F.toInteger80(c, 0x403e_80000000_00000000n, 64, 0)).toBe(-(1n << 63n));
    expect(F.toDecimal(c, F.fromInteger80(10n ** 18n))).toBe(F.DECIMAL_INDEFINITE);
    expect(c.flags).toBe(IE);
    const exact = context();
    expect(F.toInteger80(exact, 0xc03e_80000000_00000000n, 64, 0)).toBe(-(1n << 63n));
    expect(exact.flags).toBe(0);
  });
  test('frndint in the four directions', () => {
    const half = (n: bigint): bigint => F.scale(context(), F.fromInteger80(n), NEGATIVE | ONE);
    const table = [
      [5n, [2, 2, 3, 2]],
      [7n, [4, 3, 4, 3]],
      [-5n, [-2, -3, -2, -2]],
      [-1n, [0, -1, 0, 0]],
    ] as const;
    for (const [n, results] of table)
      results.forEach((r, rounding) => {
        const x = F.roundToInteger(context(rounding as Rounding), half(n));
        expect(F.toInteger80(context(), x, 64, 0)).toBe(BigInt(r));
        if (r === 0) expect(x).toBe(NEGATIVE);
      });
  });
  test('constants round as the control word says', () => {
    expect(constant(3, 0)).toBe(0x4000_c90fdaa2_2168c235n);
    expect(constant(3, 1)).toBe(0x4000_c90fdaa2_2168c234n);
    expect(constant(1, 0)).toBe(0x4000_d49a784b_cd1b8afen);
    expect(constant(1, 2)).toBe(0x4000_d49a784b_cd1b8affn);
    expect([constant(0, 2), constant(6, 2)]).toEqual([ONE, 0n]);
  });
});
