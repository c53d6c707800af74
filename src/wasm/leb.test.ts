import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sleb, sleb32, uleb } from './leb.ts';

const unsigned = (bytes: readonly number[]): number => bytes.reduce((n, b, i) => n + (b & 127) * 128 ** i, 0);
const signed = (bytes: readonly number[]): bigint =>
  BigInt.asIntN(
    7 * bytes.length,
    bytes.reduce((n, b, i) => n | (BigInt(b & 127) << BigInt(7 * i)), 0n),
  );
const last = (bytes: readonly number[]): boolean => bytes.every((b, i) => b < 128 === (i === bytes.length - 1));

test('unsigned numbers read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (n) => {
      const out: number[] = [];
      uleb(out, n);
      expect(last(out)).toBe(true);
      expect(unsigned(out)).toBe(n);
    }),
  );
});
test('signed numbers read back', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (n) => {
      const out: number[] = [];
      sleb(out, n);
      expect(last(out)).toBe(true);
      expect(signed(out)).toBe(n);
    }),
  );
  fc.assert(
    fc.property(fc.integer(), (n) => {
      const out: number[] = [];
      sleb32(out, n);
      expect(signed(out)).toBe(BigInt(n));
    }),
  );
});
