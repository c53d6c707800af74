// The x87's transcendental instructions: each result is the exact one, rounded once (SDM vol. 1 section 8.3.10 allows an error of one unit in the last place).
import * as X from './fixed.ts';
import { bitLength, type Context, F80, infinity, PE, UE, type Unpacked, ZE, zero } from './soft.ts';
import { exactly, invalid, magnitude, noteDenormals, open, result, special, type X87Context } from './x87.ts';

/** An approximation: (-1)^sign * significand * 2^exponent, off by at most `error` units of its last place. */
interface Approximation {
  readonly sign: 0 | 1;
  readonly significand: bigint;
  readonly exponent: number;
  readonly error: bigint;
}
/** Asks for more bits until all numbers within the error round the same way. */
function rounded(c: Context, approximate: (p: number) => Approximation): bigint {
  for (let p = 128; ; p *= 2) {
    const a = approximate(p);
    const cell = BigInt(Math.max(0, bitLength(a.significand) - 66));
    if ((a.significand - a.error) >> cell !== (a.significand + a.error) >> cell) continue;
    return result(c, a.sign, a.significand, a.exponent, true, 64);
  }
}
/** A little less in size than an exactly known value. */
function justBelow(c: Context, u: Unpacked): bigint {
  return result(c, u.sign, (u.significand << 70n) - 1n, u.exponent - 70, true, 64);
}
/** A value that is exact, but which this CPU counts as inexact. */
function nominallyInexact(c: Context, sign: 0 | 1, significand: bigint, exponent: number): bigint {
  const r = result(c, sign, significand, exponent, false, 64);
  c.flags |= PE;
  if (exponent + bitLength(significand) - 1 < -16382) c.flags |= UE;
  return r;
}
/** u as fixed point with p bits; `rest` bits were cut off the exponent: u = value * 2^-p. */
function fixed(u: Unpacked, p: number): bigint {
  const shift = u.exponent + p;
  const v = shift >= 0 ? u.significand << BigInt(shift) : u.significand >> BigInt(-shift);
  return u.sign ? -v : v;
}
const TINY = -80;

/** 2^x - 1 for |x| <= 1. Beyond, the result is undefined: what this CPU does is in docs/QUIRKS.md. */
export function f2xm1(c: X87Context, x: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const forced = special(c, a);
  if (forced !== undefined) return forced;
  if (a.kind === 'zero') return x;
  if (a.kind === 'infinity') return a.sign ? exactly(1, 1n, 0) : x;
  noteDenormals(c, a);
  const m = magnitude(a);
  if (m >= 0) {
    const one = m === 0 && a.significand === 1n << BigInt(-a.exponent);
    if (one && !a.sign) return justBelow(c, a);
    return nominallyInexact(c, a.sign, a.significand, one ? a.exponent - 1 : a.exponent);
  }
  return rounded(c, (p) => {
    const t = (fixed(a, p) * X.ln2(p)) >> BigInt(p);
    const s = X.expRatio(t, p);
    // x ln2 by its significand, so that small x keep all their bits.
    return {
      sign: a.sign,
      significand: a.significand * ((X.ln2(p) * s) >> BigInt(p)),
      exponent: a.exponent - p,
      error: a.significand * X.ERROR,
    };
  });
}

/** log2 of a positive finite value, with relative precision. */
function logarithm(u: Unpacked, p: number): Approximation {
  let k = magnitude(u);
  let e = u.exponent - k;
  // m = significand * 2^e in [1, 2); from sqrt 2 on take m / 2.
  if (u.significand << 32n > 0xb504f333n << BigInt(bitLength(u.significand))) {
    k++;
    e--;
  }
  const one = 1n << BigInt(-e);
  const top = u.significand - one;
  const bottom = u.significand + one;
  const sign = top < 0n ? 1 : 0;
  const size = top < 0n ? -top : top;
  if (k === 0) {
    // z = top / bottom by itself may be small: 2 z S / ln 2 with z to p significant bits.
    const shift = p + bitLength(bottom) - bitLength(size);
    const z = (size << BigInt(shift)) / bottom;
    const s = X.atanhRatio((size << BigInt(p)) / bottom, p);
    const n = BigInt(p);
    return { sign, significand: (((2n * z * s) >> n) << n) / X.ln2(p), exponent: -shift, error: X.ERROR * 8n };
  }
  const n = BigInt(p);
  const z = (size << n) / bottom;
  const ln = 2n * ((z * X.atanhRatio(z, p)) >> n);
  const l = (BigInt(k) << n) + ((sign ? -ln : ln) << n) / X.ln2(p);
  return { sign: l < 0n ? 1 : 0, significand: l < 0n ? -l : l, exponent: -p, error: X.ERROR };
}
/** ST(1) * log2 ST(0). */
export function fyl2x(c: X87Context, x: bigint, y: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const b = open(y);
  const forced = special(c, a, b);
  if (forced !== undefined) return forced;
  if (a.kind === 'zero') {
    if (b.kind === 'zero') return invalid(c);
    if (b.kind === 'infinity') return infinity(F80, b.sign ? 0 : 1);
    c.flags |= ZE;
    return infinity(F80, b.sign ? 0 : 1);
  }
  if (a.sign) return invalid(c);
  if (a.kind === 'infinity') {
    if (b.kind === 'zero') return invalid(c);
    noteDenormals(c, b);
    return infinity(F80, b.sign);
  }
  const one = magnitude(a) === 0 && a.significand === 1n << BigInt(-a.exponent);
  const below = magnitude(a) < 0;
  if (one && b.kind === 'infinity') return invalid(c);
  noteDenormals(c, a, b);
  if (b.kind === 'infinity') return infinity(F80, (b.sign ^ (below ? 1 : 0)) as 0 | 1);
  if (one || b.kind === 'zero') return zero(F80, (b.sign ^ (below ? 1 : 0)) as 0 | 1);
  return product(c, b, a);
}
/** b * log2 a. */
function product(c: Context, b: Unpacked, a: Unpacked): bigint {
  if (a.significand !== 1n << BigInt(bitLength(a.significand) - 1)) return rounded(c, (p) => times(b, logarithm(a, p)));
  // A power of two: the product is exact before it is rounded.
  const k = magnitude(a);
  return nominallyInexact(c, (b.sign ^ (k < 0 ? 1 : 0)) as 0 | 1, b.significand * BigInt(Math.abs(k)), b.exponent);
}
function times(b: Unpacked, l: Approximation): Approximation {
  return {
    sign: (b.sign ^ l.sign) as 0 | 1,
    significand: b.significand * l.significand,
    exponent: b.exponent + l.exponent,
    error: b.significand * l.error,
  };
}
/** ST(1) * log2(ST(0) + 1). */
export function fyl2xp1(c: X87Context, x: bigint, y: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const b = open(y);
  const forced = special(c, a, b);
  if (forced !== undefined) return forced;
  if (a.kind === 'infinity') {
    if (a.sign || b.kind === 'zero') return invalid(c);
    noteDenormals(c, b);
    return infinity(F80, b.sign);
  }
  if (a.kind === 'zero') {
    if (b.kind === 'infinity') return invalid(c);
    noteDenormals(c, b);
    return zero(F80, (a.sign ^ b.sign) as 0 | 1);
  }
  noteDenormals(c, a, b);
  const sign = (a.sign ^ b.sign) as 0 | 1;
  if (b.kind === 'infinity') return infinity(F80, sign);
  if (b.kind === 'zero') return zero(F80, sign);
  // Out of the domain, where the result is undefined, this CPU leaves the operand.
  if (a.sign && magnitude(a) >= 0) return nominallyInexact(c, 1, a.significand, a.exponent);
  if (magnitude(a) >= TINY) {
    const one = 1n << BigInt(Math.max(-a.exponent, 0));
    const s = a.exponent > 0 ? a.significand << BigInt(a.exponent) : a.significand;
    return product(c, b, { ...a, sign: 0, exponent: Math.min(0, a.exponent), significand: one + (a.sign ? -s : s) });
  }
  return rounded(c, (p) => {
    // ln(1 + x) = x - x^2/2 + ...: relative to x the rest is small.
    const n = BigInt(p);
    const f = fixed(a, p);
    const s = (1n << n) - f / 2n + ((f * f) >> n) / 3n;
    return times(b, {
      sign: a.sign,
      significand: ((a.significand * s) << n) / X.ln2(p),
      exponent: a.exponent - p,
      error: X.ERROR * a.significand,
    });
  });
}

/** The angle of the point (ST(0), ST(1)). */
export function fpatan(c: X87Context, x: bigint, y: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const b = open(y);
  const forced = special(c, a, b);
  if (forced !== undefined) return forced;
  noteDenormals(c, a, b);
  const fraction = (numerator: bigint, shift: number): bigint =>
    rounded(c, (p) => ({ sign: b.sign, significand: numerator * X.pi(p), exponent: -p - shift, error: X.ERROR }));
  if (b.kind === 'infinity') {
    if (a.kind === 'infinity') return fraction(a.sign ? 3n : 1n, 2);
    return fraction(1n, 1);
  }
  if (a.kind === 'infinity' || b.kind === 'zero') {
    if (a.sign) return fraction(1n, 0);
    return zero(F80, b.sign);
  }
  if (a.kind === 'zero') return fraction(1n, 1);
  // The smaller over the larger.
  const steep =
    magnitude(b) > magnitude(a) ||
    (magnitude(b) === magnitude(a) &&
      fixed({ ...b, sign: 0, exponent: b.exponent - magnitude(b) }, 64) >
        fixed({ ...a, sign: 0, exponent: a.exponent - magnitude(a) }, 64));
  const [n, d] = steep ? [a, b] : [b, a];
  const distance = magnitude(n) - magnitude(d);
  if (distance < TINY && !steep && !a.sign) {
    // atan q is q, a trifle less.
    const q = (n.significand << 200n) / d.significand;
    const exact = q * d.significand === n.significand << 200n;
    return result(c, b.sign, exact ? q - 1n : q, n.exponent - d.exponent - 200, true, 64);
  }
  return rounded(c, (p) => {
    const shift = p + bitLength(d.significand) - bitLength(n.significand);
    const q = (n.significand << BigInt(shift)) / d.significand;
    const e = n.exponent - d.exponent - shift;
    const plain = fixed({ ...n, sign: 0, significand: q, exponent: e }, p);
    const s = X.atanRatio(plain, p);
    const relative = (q * s) >> BigInt(p);
    if (!steep && !a.sign) return { sign: b.sign, significand: relative, exponent: e, error: X.ERROR };
    const angle = fixed({ ...n, sign: 0, significand: relative, exponent: e }, p);
    const whole = X.pi(p);
    const v = steep ? (a.sign ? whole / 2n + angle : whole / 2n - angle) : whole - angle;
    return { sign: b.sign, significand: v, exponent: -p, error: X.ERROR };
  });
}

// --- trigonometry
/** |x| >= 2^63: the instruction does nothing but tell so. */
export function outOfRange(x: bigint): boolean {
  const a = open(x);
  return a.kind === 'finite' && magnitude(a) >= 63;
}
/** pi as the CPU reduces by it: 66 bits and no more. */
const PI_BITS = 0x3243f6a8885a308d3n;
const PI_EXPONENT = -64;

/** x = quadrant * pi/2 + r, |r| <= pi/4. */
function reduce(u: Unpacked): { quadrant: number; r: Unpacked } {
  const half = PI_EXPONENT - 1;
  const e = Math.min(u.exponent, half);
  const x = u.significand << BigInt(u.exponent - e);
  const d = PI_BITS << BigInt(half - e);
  let q = x / d;
  let left = x % d;
  let negative = false;
  if (left * 2n > d) {
    q++;
    left = d - left;
    negative = true;
  }
  const r: Unpacked = {
    kind: left === 0n ? 'zero' : 'finite',
    sign: (u.sign ^ (negative ? 1 : 0)) as 0 | 1,
    exponent: e,
    significand: left,
    denormal: false,
  };
  return { quadrant: Number((u.sign ? -q : q) & 3n), r };
}
function sine(c: Context, r: Unpacked, flip: 0 | 1): bigint {
  if (r.kind === 'zero') return zero(F80, (r.sign ^ flip) as 0 | 1);
  const u: Unpacked = { ...r, sign: (r.sign ^ flip) as 0 | 1 };
  if (magnitude(u) < TINY) return justBelow(c, u);
  return rounded(c, (p) => ({
    sign: u.sign,
    significand: u.significand * X.sinRatio(fixed(u, p), p),
    exponent: u.exponent - p,
    error: u.significand * X.ERROR,
  }));
}
function cosine(c: Context, r: Unpacked, flip: 0 | 1): bigint {
  if (r.kind === 'zero') return exactly(flip, 1n, 0);
  if (magnitude(r) < TINY)
    return justBelow(c, { kind: 'finite', sign: flip, exponent: 0, significand: 1n, denormal: false });
  return rounded(c, (p) => ({ sign: flip, significand: X.cosine(fixed(r, p), p), exponent: -p, error: X.ERROR }));
}
function trigonometric(c: X87Context, x: bigint, f: (u: Unpacked) => bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const forced = special(c, a);
  if (forced !== undefined) return forced;
  if (a.kind === 'infinity') return invalid(c);
  noteDenormals(c, a);
  return f(a);
}
const sineOf = (c: Context, a: Unpacked): bigint => {
  const { quadrant, r } = reduce(a);
  return quadrant & 1 ? cosine(c, r, (quadrant >> 1) as 0 | 1) : sine(c, r, (quadrant >> 1) as 0 | 1);
};
const cosineOf = (c: Context, a: Unpacked): bigint => {
  const { quadrant, r } = reduce(a);
  const flip = (((quadrant + 1) >> 1) & 1) as 0 | 1;
  return quadrant & 1 ? sine(c, r, flip) : cosine(c, r, flip);
};
export const fsin = (c: X87Context, x: bigint): bigint =>
  trigonometric(c, x, (a) => (a.kind === 'zero' ? x : sineOf(c, a)));
export const fcos = (c: X87Context, x: bigint): bigint =>
  trigonometric(c, x, (a) => (a.kind === 'zero' ? exactly(0, 1n, 0) : cosineOf(c, a)));
/** Sine (to stay in the register) and cosine (to be pushed). */
export function fsincos(c: X87Context, x: bigint): readonly [bigint, bigint] {
  const s = fsin(c, x);
  const up = c.roundedUp;
  const cos = fcos(c, x);
  c.roundedUp = up;
  return [s, cos];
}
export function ftan(c: X87Context, x: bigint): bigint {
  return trigonometric(c, x, (a) => {
    if (a.kind === 'zero') return x;
    const { quadrant, r } = reduce(a);
    const odd = (quadrant & 1) === 1;
    if (r.kind === 'zero') return odd ? infinity(F80, 0) : zero(F80, r.sign);
    if (magnitude(r) < TINY && !odd) return nominallyInexact(c, r.sign, r.significand, r.exponent);
    return rounded(c, (p) => {
      const n = BigInt(p);
      const f = fixed(r, p);
      const t = (X.sinRatio(f, p) << n) / X.cosine(f, p);
      if (!odd)
        return {
          sign: r.sign,
          significand: r.significand * t,
          exponent: r.exponent - p,
          error: r.significand * X.ERROR,
        };
      const shift = 2 * p + bitLength(r.significand);
      return {
        sign: r.sign ? 0 : 1,
        significand: (1n << BigInt(shift)) / (r.significand * t),
        exponent: -r.exponent + p - shift,
        error: X.ERROR,
      };
    });
  });
}
