// SSE's scalar operations, exact: the rare path of the machine's floating point. Operands and results are bit patterns.
import { squareRoot as wholeRoot } from './fixed.ts';
import {
  bitLength,
  type Context,
  DE,
  DOWN,
  defaultNaN,
  type Format,
  IE,
  infinity,
  nan,
  PE,
  pack,
  type Rounding,
  roundAt,
  type Unpacked,
  unpack,
  ZE,
  zero,
} from './soft.ts';

export type Binary = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max';

const isNaNKind = (a: Unpacked): boolean => a.kind === 'quiet' || a.kind === 'signaling';

/** DAZ: denormal operands become zeros; else they raise DE. */
function input(f: Format, c: Context, bits: bigint): { bits: bigint; u: Unpacked } {
  const u = unpack(f, bits);
  if (u.denormal && c.denormalsAreZero) {
    const z = zero(f, u.sign);
    return { bits: z, u: unpack(f, z) };
  }
  return { bits, u };
}
const noteDenormals = (c: Context, ...list: Unpacked[]): void => {
  if (list.some((u) => u.denormal)) c.flags |= DE;
};
/** The NaN result of two operands: the first that is one, quieted (SDM vol. 1 table 4-7). */
function chooseNaN(f: Format, c: Context, a: Unpacked, b: Unpacked): bigint | undefined {
  if (!isNaNKind(a) && !isNaNKind(b)) return undefined;
  if (a.kind === 'signaling' || b.kind === 'signaling') c.flags |= IE;
  const n = isNaNKind(a) ? a : b;
  return nan(f, n.sign, n.significand);
}
function invalid(f: Format, c: Context): bigint {
  c.flags |= IE;
  return defaultNaN(f);
}

/** Exact sum of two finite values, zero included, before rounding. */
export function sum(a: Unpacked, b: Unpacked): { sign: 0 | 1; significand: bigint; exponent: number } {
  const e = a.kind === 'zero' ? b.exponent : b.kind === 'zero' ? a.exponent : Math.min(a.exponent, b.exponent);
  const at = (u: Unpacked): bigint =>
    u.kind === 'zero' ? 0n : (u.significand << BigInt(u.exponent - e)) * (u.sign ? -1n : 1n);
  const s = at(a) + at(b);
  return { sign: s < 0n ? 1 : 0, significand: s < 0n ? -s : s, exponent: e };
}

export function binary(op: Binary, f: Format, c: Context, x: bigint, y: bigint): bigint {
  const { u: a, bits: xb } = input(f, c, x);
  const { u: second, bits: yb } = input(f, c, y);
  if (op === 'min' || op === 'max') {
    if (isNaNKind(a) || isNaNKind(second)) {
      c.flags |= IE;
      return yb;
    }
    noteDenormals(c, a, second);
    const order = compareFinite(a, second);
    return (op === 'min' ? order < 0 : order > 0) ? xb : yb;
  }
  const chosen = chooseNaN(f, c, a, second);
  if (chosen !== undefined) return chosen;
  const b: Unpacked = op === 'sub' ? { ...second, sign: second.sign ? 0 : 1 } : second;
  const sign = (a.sign ^ b.sign) as 0 | 1;
  if (op === 'add' || op === 'sub') {
    if (a.kind === 'infinity' || b.kind === 'infinity') {
      if (a.kind === b.kind && sign) return invalid(f, c);
      noteDenormals(c, a, b);
      return infinity(f, a.kind === 'infinity' ? a.sign : b.sign);
    }
    noteDenormals(c, a, b);
    const s = sum(a, b);
    if (s.significand === 0n)
      return zero(f, a.kind === 'zero' && b.kind === 'zero' && !sign ? a.sign : c.rounding === DOWN ? 1 : 0);
    return pack(f, c, s.sign, s.significand, s.exponent);
  }
  if (op === 'mul') {
    if (a.kind === 'infinity' || b.kind === 'infinity') {
      if (a.kind === 'zero' || b.kind === 'zero') return invalid(f, c);
      noteDenormals(c, a, b);
      return infinity(f, sign);
    }
    noteDenormals(c, a, b);
    if (a.kind === 'zero' || b.kind === 'zero') return zero(f, sign);
    return pack(f, c, sign, a.significand * b.significand, a.exponent + b.exponent);
  }
  if (a.kind === 'infinity') {
    if (b.kind === 'infinity') return invalid(f, c);
    noteDenormals(c, b);
    return infinity(f, sign);
  }
  if (b.kind === 'zero') {
    if (a.kind === 'zero') return invalid(f, c);
    c.flags |= ZE;
    return infinity(f, sign);
  }
  noteDenormals(c, a, b);
  if (b.kind === 'infinity' || a.kind === 'zero') return zero(f, sign);
  const q = quotient(a, b, f.precision);
  return pack(f, c, sign, q.significand, q.exponent, q.sticky);
}
/** a / b to at least two bits beyond the precision. */
export function quotient(
  a: Unpacked,
  b: Unpacked,
  precision: number,
): { significand: bigint; exponent: number; sticky: boolean } {
  const shift = Math.max(0, precision + 3 + bitLength(b.significand) - bitLength(a.significand));
  const n = a.significand << BigInt(shift);
  return {
    significand: n / b.significand,
    exponent: a.exponent - b.exponent - shift,
    sticky: n % b.significand !== 0n,
  };
}

/** -1, 0, 1 for values that are no NaN. */
export function compareFinite(a: Unpacked, b: Unpacked): number {
  const rank = (u: Unpacked): number => (u.kind === 'zero' ? 0 : u.sign ? -1 : 1);
  if (rank(a) !== rank(b)) return Math.sign(rank(a) - rank(b));
  if (rank(a) === 0) return 0;
  if (a.kind === 'infinity' || b.kind === 'infinity')
    return a.kind === b.kind ? 0 : (a.kind === 'infinity' ? 1 : -1) * rank(a);
  const d = sum(a, { ...b, sign: b.sign ? 0 : 1 });
  return d.significand === 0n ? 0 : d.sign ? -1 : 1;
}
/** 'unordered' or the order; quiet comparisons raise IE for signaling NaNs only. */
export function compare(f: Format, c: Context, x: bigint, y: bigint, quiet: boolean): number | 'unordered' {
  const { u: a } = input(f, c, x);
  const { u: b } = input(f, c, y);
  if (isNaNKind(a) || isNaNKind(b)) {
    if (!quiet || a.kind === 'signaling' || b.kind === 'signaling') c.flags |= IE;
    return 'unordered';
  }
  noteDenormals(c, a, b);
  return compareFinite(a, b);
}

export function squareRoot(f: Format, c: Context, x: bigint): bigint {
  const { u: a, bits } = input(f, c, x);
  const chosen = chooseNaN(f, c, a, a);
  if (chosen !== undefined) return chosen;
  if (a.kind === 'zero') return bits;
  if (a.sign) return invalid(f, c);
  if (a.kind === 'infinity') return bits;
  noteDenormals(c, a);
  const r = root(a, f.precision);
  return pack(f, c, 0, r.significand, r.exponent, r.sticky);
}
export function root(a: Unpacked, precision: number): { significand: bigint; exponent: number; sticky: boolean } {
  let shift = Math.max(0, 2 * (precision + 2) - bitLength(a.significand));
  if ((a.exponent - shift) & 1) shift++;
  const n = a.significand << BigInt(shift);
  const r = wholeRoot(n);
  return { significand: r, exponent: (a.exponent - shift) / 2, sticky: r * r !== n };
}

export function convert(from: Format, to: Format, c: Context, x: bigint): bigint {
  const { u: a } = input(from, c, x);
  if (isNaNKind(a)) {
    if (a.kind === 'signaling') c.flags |= IE;
    const shift = to.precision - from.precision;
    return nan(to, a.sign, shift >= 0 ? a.significand << BigInt(shift) : a.significand >> BigInt(-shift));
  }
  if (a.kind === 'zero') return zero(to, a.sign);
  if (a.kind === 'infinity') return infinity(to, a.sign);
  noteDenormals(c, a);
  return pack(to, c, a.sign, a.significand, a.exponent);
}
export function fromInteger(to: Format, c: Context, n: bigint): bigint {
  if (n === 0n) return zero(to, 0);
  return pack(to, c, n < 0n ? 1 : 0, n < 0n ? -n : n, 0);
}
/** To a signed integer of `bits`; out of range or NaN: the integer indefinite, IE. */
export function toInteger(f: Format, c: Context, x: bigint, bits: number, rounding: Rounding): bigint {
  const { u: a } = input(f, c, x);
  const indefinite = -(1n << BigInt(bits - 1));
  if (a.kind === 'zero') return 0n;
  if (a.kind !== 'finite' || a.exponent > 64) {
    c.flags |= IE;
    return indefinite;
  }
  const r = roundAt(a.sign, a.significand, -a.exponent, false, rounding);
  const v = a.sign ? -r.value : r.value;
  if (BigInt.asIntN(bits, v) !== v) {
    c.flags |= IE;
    return indefinite;
  }
  // Conversions raise no DE (SDM vol. 1, table 11-1 footnotes): a denormal is merely inexact.
  if (r.inexact) c.flags |= PE;
  return v;
}
/** roundss and roundsd; `quietly`: PE is suppressed. */
export function roundToIntegral(f: Format, c: Context, x: bigint, rounding: Rounding, quietly: boolean): bigint {
  const { u: a, bits } = input(f, c, x);
  const chosen = chooseNaN(f, c, a, a);
  if (chosen !== undefined) return chosen;
  if (a.kind !== 'finite' || a.exponent >= 0) return bits;
  const r = roundAt(a.sign, a.significand, -a.exponent, false, rounding);
  if (r.inexact && !quietly) c.flags |= PE;
  if (r.value === 0n) return zero(f, a.sign);
  const scratch: Context = { ...c, flags: 0 };
  return pack(f, scratch, a.sign, r.value, 0);
}
