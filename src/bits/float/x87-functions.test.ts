import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ln2, pi } from './fixed.ts';
import { F64, type Rounding } from './soft.ts';
import * as F from './x87.ts';
import * as T from './x87-functions.ts';

const context = (rounding: Rounding = 0): F.X87Context => ({
  rounding,
  flags: 0,
  masks: 0x3f,
  flushToZero: false,
  denormalsAreZero: false,
  roundedUp: false,
  precision: 64,
});
const words = new DataView(new ArrayBuffer(8));
const toRegister = (x: number): bigint => {
  words.setFloat64(0, x);
  return F.widen(F64, context(), words.getBigUint64(0));
};
const toNumber = (bits: bigint): number => {
  words.setBigUint64(0, F.narrow(F64, context(), bits));
  return words.getFloat64(0);
};
const ONE = toRegister(1);
const NEGATIVE = 1n << 79n;
const INFINITE = toRegister(Infinity);
const [IE, ZE, PE] = [1, 4, 32] as const;

const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).filter((x) => x !== 0 && Math.abs(x) > 1e-300);
const near = (r: bigint, wanted: number, error = 2 ** -48): void => {
  const got = toNumber(r);
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(error * Math.abs(wanted) + Number.MIN_VALUE);
};

describe('fixed point', () => {
  test('pi and ln 2 to 200 bits', () => {
    expect((pi(200) >> 8n).toString(16)).toBe('3243f6a8885a308d313198a2e03707344a4093822299f31d0');
    expect((ln2(200) >> 8n).toString(16)).toBe('b17217f7d1cf79abc9e3b39803f2f6af40f343267298b62d');
  });
});

describe('x87 transcendentals', () => {
  test('agree with the functions of doubles', () => {
    fc.assert(
      fc.property(between(-1, 1), between(1e-3, 1e3), between(-1e3, 1e3), (small, positive, any) => {
        near(T.f2xm1(context(), toRegister(small)), Math.expm1(small * Math.LN2), 2 ** -47);
        near(T.fyl2x(context(), toRegister(positive), toRegister(any)), any * Math.log2(positive), 2 ** -45);
        near(T.fyl2xp1(context(), toRegister(small / 4), toRegister(any)), (any * Math.log1p(small / 4)) / Math.LN2);
        near(T.fpatan(context(), toRegister(any), toRegister(small)), Math.atan2(small, any));
        const x = toRegister(any);
        expect(Math.abs(toNumber(T.fsin(context(), x)) - Math.sin(any))).toBeLessThan(1e-15);
        expect(Math.abs(toNumber(T.fcos(context(), x)) - Math.cos(any))).toBeLessThan(1e-15);
        near(T.ftan(context(), toRegister(small)), Math.tan(small));
      }),
      { numRuns: 50 },
    );
  });
  test('rounded down and up they lie a step apart, nearest is one of the two', () => {
    fc.assert(
      fc.property(between(0.01, 0.9), between(0.1, 9), (small, positive) => {
        const [s, p] = [toRegister(small), toRegister(positive)];
        for (const f of [
          (c: F.X87Context) => T.f2xm1(c, s),
          (c: F.X87Context) => T.fyl2xp1(c, toRegister(small / 4), p),
          (c: F.X87Context) => T.fpatan(c, p, s),
          (c: F.X87Context) => T.fsin(c, p),
          (c: F.X87Context) => T.fcos(c, p),
          (c: F.X87Context) => T.ftan(c, s),
        ]) {
          const near = context();
          const [nearest, down, up] = [f(near), f(context(1)), f(context(2))];
          const step = down & NEGATIVE ? down - up : up - down;
          expect(step === 1n || step === (1n << 63n) + 1n).toBe(true);
          expect([down, up]).toContain(nearest);
          expect(near.flags).toBe(PE);
          expect(near.roundedUp).toBe(nearest === (down & NEGATIVE ? down : up));
        }
      }),
      { numRuns: 50 },
    );
  });
  test('quadrants: sine and cosine of all sides of the circle', () => {
    for (let k = -9; k <= 9; k++) {
      const x = (k * Math.PI) / 4 + 0.1;
      const [s, c] = T.fsincos(context(), toRegister(x));
      near(s, Math.sin(x));
      near(c, Math.cos(x));
    }
  });
  test('the angle of infinities and zeros', () => {
    const at = (x: number, y: number): number => toNumber(T.fpatan(context(), toRegister(x), toRegister(y)));
    const sides = [Infinity, -Infinity, 0, -0, 1, -1];
    for (const x of sides) for (const y of sides) expect(at(x, y)).toBe(Math.atan2(y, x));
  });
  test('poles and undefined forms', () => {
    const row = (f: (c: F.X87Context) => bigint): readonly [bigint, number] => {
      const c = context();
      return [f(c), c.flags];
    };
    expect(row((c) => T.fyl2x(c, 0n, ONE))).toEqual([INFINITE | NEGATIVE, ZE]);
    expect(row((c) => T.fyl2x(c, 0n, 0n))).toEqual([F.INDEFINITE, IE]);
    expect(row((c) => T.fyl2x(c, ONE | NEGATIVE, ONE))).toEqual([F.INDEFINITE, IE]);
    expect(row((c) => T.fyl2x(c, ONE, INFINITE))).toEqual([F.INDEFINITE, IE]);
    expect(row((c) => T.fyl2x(c, ONE, ONE | NEGATIVE))).toEqual([NEGATIVE, 0]);
    expect(row((c) => T.fyl2x(c, toRegister(8), toRegister(2)))).toEqual([toRegister(6), PE]);
    expect(row((c) => T.fsin(c, INFINITE))).toEqual([F.INDEFINITE, IE]);
    expect(row((c) => T.fsin(c, NEGATIVE))).toEqual([NEGATIVE, 0]);
    expect(row((c) => T.fcos(c, 0n))).toEqual([ONE, 0]);
    expect(row((c) => T.f2xm1(c, INFINITE | NEGATIVE))).toEqual([ONE | NEGATIVE, 0]);
    expect(row((c) => T.fyl2xp1(c, NEGATIVE, ONE))).toEqual([NEGATIVE, 0]);
    expect([toRegister(2 ** 63), toRegister(2 ** 62), INFINITE].map(T.outOfRange)).toEqual([true, false, false]);
  });
  test('small arguments keep all their bits', () => {
    for (const e of [-70, -500, -1000]) {
      const x = toRegister(1.5 * 2 ** e);
      expect(T.fsin(context(), x)).toBe(x);
      expect(T.fsin(context(3), x)).toBe(x - 1n);
      expect(T.fpatan(context(), ONE, x)).toBe(x);
      near(T.f2xm1(context(), x), 1.5 * 2 ** e * Math.LN2);
      near(T.fyl2xp1(context(), x, ONE), (1.5 * 2 ** e) / Math.LN2);
    }
  });
});
