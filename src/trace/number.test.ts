import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, octal, signed, unsigned, whole } from './number.ts';

const halves = (v: bigint): [number, number] => [Number(v & 0xffffffffn), Number(v >> 32n)];
const value = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

describe('numbers of two halves', () => {
  test('equal those of 64 bits', () => {
    fc.assert(
      fc.property(value, (v) => {
        const [lo, hi] = halves(v);
        expect(unsigned(lo, hi)).toBe(String(v));
        expect(signed(lo, hi)).toBe(String(BigInt.asIntN(64, v)));
        expect(hex(lo, hi)).toBe(v === 0n ? '0' : `0x${v.toString(16)}`);
      }),
    );
  });
  test('may come as signed halves', () => {
    fc.assert(
      fc.property(value, (v) => {
        const [lo, hi] = halves(v);
        expect(unsigned(lo | 0, hi | 0)).toBe(String(v));
        expect(signed(lo | 0, hi | 0)).toBe(String(BigInt.asIntN(64, v)));
        expect(hex(lo | 0, hi | 0)).toBe(hex(lo, hi));
      }),
    );
  });
  test.each([
    [0n, '0', '0', '0'],
    [0xffffffffn, '0xffffffff', '4294967295', '4294967295'],
    [1n << 53n, '0x20000000000000', '9007199254740992', '9007199254740992'],
    [(1n << 63n) - 1n, '0x7fffffffffffffff', '9223372036854775807', '9223372036854775807'],
    [1n << 63n, '0x8000000000000000', '9223372036854775808', '-9223372036854775808'],
    [(1n << 64n) - 1n, '0xffffffffffffffff', '18446744073709551615', '-1'],
  ])('%s', (v, h, u, s) => {
    const [lo, hi] = halves(v);
    expect([hex(lo, hi), unsigned(lo, hi), signed(lo, hi)]).toEqual([h, u, s]);
  });
  test('as one number', () => {
    expect(whole(0x9abcdef0, 0x1234)).toBe(0x12349abcdef0);
    expect(whole(-1, 0)).toBe(0xffffffff);
  });
});
test.each([
  [0, '000'],
  [2, '002'],
  [0o22, '022'],
  [0o644, '0644'],
  [0o4755, '04755'],
])('octal %i', (n, text) => expect(octal(n)).toBe(text));
