// Multiplication and division.
import type { Carry, Origin } from '../flags.ts';
import { op } from '../op.ts';
import { RAX, RDX, type Sem, type V } from '../sem.ts';
import { QUOTIENT } from './quotient.ts';

/** High half of a 64 by 64 bit product, unsigned: from four 32-bit ones. */
export function mulHighUnsigned(b: Sem, x: V, y: V): V {
  const half = (v: V): [V, V] => [b.and(v, b.k(64, 0xffffffffn)), b.shr(v, b.k(32, 32))];
  const [x0, x1] = half(x);
  const [y0, y1] = half(y);
  const t = b.add(b.mul(x1, y0), b.shr(b.mul(x0, y0), b.k(32, 32)));
  const u = b.add(b.mul(x0, y1), b.and(t, b.k(64, 0xffffffffn)));
  return b.add(b.add(b.mul(x1, y1), b.shr(t, b.k(32, 32))), b.shr(u, b.k(32, 32)));
}
export function mulHighSigned(b: Sem, x: V, y: V): V {
  const n = b.k(32, 63);
  return b.sub(b.sub(mulHighUnsigned(b, x, y), b.and(b.sar(x, n), y)), b.and(b.sar(y, n), x));
}

/** Low half of the product at the operands' width, and what makes the high half. */
function product(b: Sem, x: V, y: V, signed: boolean): { readonly lo: V; readonly hi: () => V } {
  const w = x.w as 8 | 16 | 32 | 64;
  if (w === 64) return { lo: b.mul(x, y), hi: () => (signed ? mulHighSigned(b, x, y) : mulHighUnsigned(b, x, y)) };
  const wide = signed ? b.mul(b.sx(x, 64), b.sx(y, 64)) : b.mul(b.zx(x, 64), b.zx(y, 64));
  return { lo: b.lo(wide, w), hi: () => b.lo(b.shr(wide, b.k(32, w)), w) };
}
/** CF = OF = the product doesn't fit the low half; the others are undefined. */
function productFlags(b: Sem, lo: V, hi: () => V, signed: boolean, origin?: Origin): void {
  const carry = (): Carry => {
    const over = b.not(signed ? b.eq(hi(), b.sar(lo, b.k(32, lo.w - 1))) : b.isZero(hi()));
    return { cf: over, of: over };
  };
  b.f.result(lo, carry, origin);
}
function oneOperand(b: Sem, s: V, signed: boolean): void {
  const w = s.w as 8 | 16 | 32 | 64;
  const { lo, hi: high } = product(b, b.gpr(RAX, w), s, signed);
  const hi = high();
  productFlags(b, lo, () => hi, signed);
  if (w === 8) b.setGpr(RAX, b.or(b.zx(lo, 16), b.shl(b.zx(hi, 16), b.k(32, 8))));
  else {
    b.setGpr(RAX, lo);
    b.setGpr(RDX, hi);
  }
}
export const mul = op('mul', {
  enc: ['f6/4 Eb', 'f7/4 Ev'],
  access: ['r'],
  undef: 'szap',
  sem: (b, s) => oneOperand(b, s!, false),
});
export const imul1 = op('imul', {
  enc: ['f6/5 Eb', 'f7/5 Ev'],
  access: ['r'],
  undef: 'szap',
  sem: (b, s) => oneOperand(b, s!, true),
});
const multiply = (b: Sem, x: V, y: V): V => {
  if (x.w === 64) {
    const { lo, hi } = product(b, x, y, true);
    productFlags(b, lo, hi, true, { kind: 'imul', d: x, s: y });
    return lo;
  }
  const wide = b.mul(b.sx(x, 64), b.sx(y, 64));
  const r = b.lo(wide, x.w as 16 | 32);
  const carry = (): Carry => {
    const over = b.ne(b.sx(r, 64), wide);
    return { cf: over, of: over };
  };
  b.f.result(r, carry, { kind: 'imul', d: x, s: y });
  return r;
};
export const imul2 = op('imul', {
  enc: ['0f af Gv,Ev'],
  hot: true,
  undef: 'szap',
  sem: (b, d, s) => multiply(b, d!, s!),
});
export const imul3 = op('imul', {
  enc: ['69 Gv,Ev,Iz', '6b Gv,Ev,Ibs'],
  access: ['w', 'r', 'r'],
  hot: true,
  undef: 'szap',
  sem: (b, _d, x, y) => multiply(b, x!, y!),
});

const DE = 0;
function divide(b: Sem, s: V, signed: boolean): void {
  const w = s.w as 8 | 16 | 32 | 64;
  const hi = b.gpr(RDX, 64);
  // A quotient of 64 bits fits where the divisor is above the high half.
  b.faultIf(w === 64 && !signed ? b.not(b.ltu(hi, s)) : b.isZero(s), DE);
  if (w === 64) {
    const lo = b.gpr(RAX, 64);
    const small = signed ? b.eq(hi, b.sar(lo, b.k(32, 63))) : b.isZero(hi);
    // -2^63 / -1 overflows; wasm would trap.
    const safe = signed ? b.and(small, b.not(b.and(b.eq(s, b.k(64, -1)), b.eq(lo, b.k(64, -(1n << 63n)))))) : small;
    const q = b.ifElse(
      safe,
      () => b.op(signed ? 'i64.div_s' : 'i64.div_u', 64, lo, s),
      () => {
        if (!signed) return { n: b.shared(QUOTIENT, lo.n, hi.n, s.n), w: 64 };
        b.helper('idiv128', lo, hi, s);
        return b.helped(0, 64);
      },
    );
    b.setGpr(RAX, q);
    b.setGpr(RDX, b.sub(lo, b.mul(q, s)));
    return;
  }
  const ext = (v: V): V => (signed ? b.sx(v, 64) : b.zx(v, 64));
  const dividend =
    w === 8
      ? ext(b.gpr(RAX, 16))
      : w === 16
        ? ext(b.or(b.shl(b.zx(b.gpr(RDX, 16), 32), b.k(32, 16)), b.zx(b.gpr(RAX, 16), 32)))
        : b.or(b.shl(b.zx(b.gpr(RDX, 32), 64), b.k(32, 32)), b.zx(b.gpr(RAX, 32), 64));
  const divisor = ext(s);
  if (signed && w === 32) b.faultIf(b.and(b.eq(divisor, b.k(64, -1)), b.eq(dividend, b.k(64, -(1n << 63n)))), DE);
  const q = b.op(signed ? 'i64.div_s' : 'i64.div_u', 64, dividend, divisor);
  const r = b.sub(dividend, b.mul(q, divisor));
  const fits = signed ? b.eq(b.sx(b.lo(q, w), 64), q) : b.isZero(b.shr(q, b.k(32, w)));
  b.faultIf(b.not(fits), DE);
  if (w === 8) b.setGpr(RAX, b.or(b.zx(b.lo(q, 8), 16), b.shl(b.zx(b.lo(r, 8), 16), b.k(32, 8))));
  else {
    b.setGpr(RAX, b.lo(q, w));
    b.setGpr(RDX, b.lo(r, w));
  }
}
export const div = op('div', {
  enc: ['f6/6 Eb', 'f7/6 Ev'],
  access: ['r'],
  undef: 'oszapc',
  sem: (b, s) => divide(b, s!, false),
});
export const idiv = op('idiv', {
  enc: ['f6/7 Eb', 'f7/7 Ev'],
  access: ['r'],
  undef: 'oszapc',
  sem: (b, s) => divide(b, s!, true),
});
