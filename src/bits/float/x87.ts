// The x87's arithmetic on 80-bit patterns, exact, with its rules for NaNs, unsupported formats, precision control and exceptions (SDM vol. 1 chapters 4.8,
// 4.9 and 8). Functions give the result that masked exceptions would leave and note in the context what was raised; whoever executes the instruction
// decides what an unmasked one withholds. The exception is overflow and underflow to a register: unmasked, the result has its exponent wrapped.
import {
  bitLength,
  type Context,
  DE,
  DOWN,
  defaultNaN,
  F80,
  type Format,
  IE,
  infinity,
  nan,
  OE,
  PE,
  pack,
  type Rounding,
  roundAt,
  UE,
  type Unpacked,
  unpack,
  ZE,
  zero,
} from './soft.ts';
import { compareFinite, quotient, root, sum } from './sse.ts';

/** `precision` is the control word's: 24, 53 or 64 bits of significand for add, sub, mul, div, sqrt. */
export interface X87Context extends Context {
  precision: 24 | 53 | 64;
}
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div';

export const INDEFINITE = defaultNaN(F80);
/** What wrapping adds to or takes from the exponent of a result that overflowed or underflowed (SDM vol. 1 section 8.5.4). */
const WRAP = 24576;

export const open = (bits: bigint): Unpacked => unpack(F80, bits);
export const isNaN80 = (u: Unpacked): boolean => u.kind === 'quiet' || u.kind === 'signaling';

/** The NaN or indefinite that operands force, if they do; notes IE. */
export function special(c: Context, ...list: Unpacked[]): bigint | undefined {
  if (list.some((u) => u.kind === 'unsupported')) return invalid(c);
  const nans = list.filter(isNaN80);
  if (nans.length === 0) return undefined;
  if (nans.some((u) => u.kind === 'signaling')) c.flags |= IE;
  // A quiet one before a signaling one; else the larger significand, else the positive one (SDM vol. 1 table 4-7).
  const [a, b] = nans as [Unpacked, Unpacked | undefined];
  let n = a;
  if (b) {
    if (a.kind !== b.kind) n = a.kind === 'quiet' ? a : b;
    else if (a.significand !== b.significand) n = a.significand > b.significand ? a : b;
    else n = a.sign ? b : a;
  }
  return nan(F80, n.sign, n.significand);
}
export function invalid(c: Context): bigint {
  c.flags |= IE;
  return INDEFINITE;
}
export function noteDenormals(c: Context, ...list: Unpacked[]): void {
  if (list.some((u) => u.denormal)) c.flags |= DE;
}
/** Exponent of the leading bit of a finite nonzero value. */
export const magnitude = (u: Unpacked): number => u.exponent + bitLength(u.significand) - 1;

/** Rounds a nonzero value to a register: `precision` bits, exponent wrapped where OE or UE is unmasked. */
export function result(
  c: Context,
  sign: 0 | 1,
  significand: bigint,
  exponent: number,
  sticky: boolean,
  precision: number,
): bigint {
  const last = exponent + bitLength(significand) - precision;
  const free = roundAt(sign, significand, last - exponent, sticky, c.rounding);
  const top = last + bitLength(free.value) - 1;
  const wrapped = top > 16383 && !(c.masks & OE) ? -WRAP : top < -16382 && !(c.masks & UE) ? WRAP : 0;
  if (wrapped) {
    c.flags |= (wrapped < 0 ? OE : UE) | (free.inexact ? PE : 0);
    const scratch: Context = { ...c, flags: 0, masks: 0x3f, rounding: 0 };
    const r = pack(F80, scratch, sign, free.value, last + wrapped);
    // fscale can go so far that wrapping isn't enough.
    c.flags |= scratch.flags & PE;
    c.roundedUp = scratch.flags & PE ? scratch.roundedUp : free.up;
    return r;
  }
  return pack(F80, c, sign, significand, exponent, sticky, precision);
}

/** ST(d) op source, rounded as the control word says. */
export function arithmetic(op: Arithmetic, c: X87Context, a: Unpacked, second: Unpacked): bigint {
  c.roundedUp = false;
  const forced = special(c, a, second);
  if (forced !== undefined) return forced;
  const b: Unpacked = op === 'sub' ? { ...second, sign: second.sign ? 0 : 1 } : second;
  const sign = (a.sign ^ b.sign) as 0 | 1;
  switch (op) {
    case 'add':
    case 'sub': {
      if (a.kind === 'infinity' && b.kind === 'infinity' && sign) return invalid(c);
      noteDenormals(c, a, b);
      if (a.kind === 'infinity' || b.kind === 'infinity') return infinity(F80, a.kind === 'infinity' ? a.sign : b.sign);
      if (a.kind === 'zero' && b.kind === 'zero') return zero(F80, sign ? (c.rounding === DOWN ? 1 : 0) : a.sign);
      const s = sum(a, b);
      if (s.significand === 0n) return zero(F80, c.rounding === DOWN ? 1 : 0);
      return result(c, s.sign, s.significand, s.exponent, false, c.precision);
    }
    case 'mul':
      if ((a.kind === 'infinity' && b.kind === 'zero') || (a.kind === 'zero' && b.kind === 'infinity'))
        return invalid(c);
      noteDenormals(c, a, b);
      if (a.kind === 'infinity' || b.kind === 'infinity') return infinity(F80, sign);
      if (a.kind === 'zero' || b.kind === 'zero') return zero(F80, sign);
      return result(c, sign, a.significand * b.significand, a.exponent + b.exponent, false, c.precision);
    case 'div': {
      if (a.kind === b.kind && (a.kind === 'infinity' || a.kind === 'zero')) return invalid(c);
      if (b.kind === 'zero' && a.kind !== 'infinity') c.flags |= ZE;
      else noteDenormals(c, a, b);
      if (a.kind === 'infinity' || b.kind === 'zero') return infinity(F80, sign);
      if (b.kind === 'infinity' || a.kind === 'zero') return zero(F80, sign);
      const q = quotient(a, b, 64);
      return result(c, sign, q.significand, q.exponent, q.sticky, c.precision);
    }
  }
}

export function squareRoot80(c: X87Context, x: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const forced = special(c, a);
  if (forced !== undefined) return forced;
  if (a.kind === 'zero') return x;
  if (a.sign) return invalid(c);
  noteDenormals(c, a);
  if (a.kind === 'infinity') return x;
  const r = root(a, 64);
  return result(c, 0, r.significand, r.exponent, r.sticky, c.precision);
}

/** Order of two values; `quiet`: quiet NaNs raise nothing (fucom). */
export function compare80(c: Context, a: Unpacked, b: Unpacked, quiet: boolean): number | 'unordered' {
  c.roundedUp = false;
  if (a.kind === 'unsupported' || b.kind === 'unsupported') {
    c.flags |= IE;
    return 'unordered';
  }
  if (isNaN80(a) || isNaN80(b)) {
    if (!quiet || a.kind === 'signaling' || b.kind === 'signaling') c.flags |= IE;
    return 'unordered';
  }
  noteDenormals(c, a, b);
  return compareFinite(a, b);
}

/** frndint. */
export function roundToInteger(c: Context, x: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const forced = special(c, a);
  if (forced !== undefined) return forced;
  if (a.kind !== 'finite') return x;
  noteDenormals(c, a);
  if (a.exponent >= 0) return x;
  const r = roundAt(a.sign, a.significand, -a.exponent, false, c.rounding);
  if (r.inexact) c.flags |= PE;
  c.roundedUp = r.up;
  if (r.value === 0n) return zero(F80, a.sign);
  return exactly(a.sign, r.value, 0);
}
/** A value known to fit. */
export function exactly(sign: 0 | 1, significand: bigint, exponent: number): bigint {
  if (significand === 0n) return zero(F80, sign);
  const scratch: Context = {
    rounding: 0,
    flags: 0,
    masks: 0x3f,
    flushToZero: false,
    denormalsAreZero: false,
    roundedUp: false,
  };
  return pack(F80, scratch, sign, significand, exponent);
}

/** fscale: x times two to the integer part of y. */
export function scale(c: Context, x: bigint, y: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  const b = open(y);
  const forced = special(c, a, b);
  if (forced !== undefined) return forced;
  if (b.kind === 'infinity') {
    if (b.sign ? a.kind === 'infinity' : a.kind === 'zero') return invalid(c);
    noteDenormals(c, a);
    return b.sign ? zero(F80, a.sign) : infinity(F80, a.sign);
  }
  noteDenormals(c, a, b);
  if (a.kind !== 'finite') return x;
  const n = b.kind === 'zero' ? 0 : truncated(b);
  return result(c, a.sign, a.significand, a.exponent + n, false, 64);
}
/** Integer part of a finite value, at most some 2^17 in size: more makes no difference to an exponent. */
function truncated(u: Unpacked): number {
  const m = magnitude(u);
  if (m < 0) return 0;
  const size =
    m > 17
      ? 1 << 17
      : Number(u.exponent < 0 ? u.significand >> BigInt(-u.exponent) : u.significand << BigInt(u.exponent));
  return u.sign ? -size : size;
}

/** fxtract: exponent and significand of x as two values. */
export function extract(c: Context, x: bigint): { exponent: bigint; significand: bigint } {
  c.roundedUp = false;
  const a = open(x);
  const forced = special(c, a);
  if (forced !== undefined) return { exponent: forced, significand: forced };
  if (a.kind === 'zero') {
    c.flags |= ZE;
    return { exponent: infinity(F80, 1), significand: x };
  }
  if (a.kind === 'infinity') return { exponent: infinity(F80, 0), significand: x };
  noteDenormals(c, a);
  const e = magnitude(a);
  return {
    exponent: exactly(e < 0 ? 1 : 0, BigInt(Math.abs(e)), 0),
    significand: exactly(a.sign, a.significand, 1 - bitLength(a.significand)),
  };
}

/** fprem (towards zero) and fprem1 (nearest): the remainder, the quotient's low three bits, if it has one, and whether it is partial only. */
export function remainder(
  c: Context,
  x: bigint,
  y: bigint,
  nearest: boolean,
): { value: bigint; quotient: number | undefined; partial: boolean } {
  c.roundedUp = false;
  const a = open(x);
  const b = open(y);
  const done = (
    value: bigint,
    quotient?: number,
  ): { value: bigint; quotient: number | undefined; partial: boolean } => ({
    value,
    quotient,
    partial: false,
  });
  const forced = special(c, a, b);
  if (forced !== undefined) return done(forced);
  if (a.kind === 'infinity' || b.kind === 'zero') return done(invalid(c));
  noteDenormals(c, a, b);
  if (a.kind === 'zero') return done(x, 0);
  if (b.kind === 'infinity') return done(keep(c, a), 0);
  const distance = magnitude(a) - magnitude(b);
  if (distance < -1) return done(keep(c, a), 0);
  const e = Math.min(a.exponent, b.exponent);
  const n = a.significand << BigInt(a.exponent - e);
  const d = b.significand << BigInt(b.exponent - e);
  if (distance >= 64) {
    const by = PARTIAL(distance);
    const q = n / (d << BigInt(distance - by));
    const left = n - q * (d << BigInt(distance - by));
    return {
      value: left === 0n ? zero(F80, a.sign) : result(c, a.sign, left, e, false, 64),
      quotient: 0,
      partial: true,
    };
  }
  let q = n / d;
  let left = n % d;
  let sign = a.sign;
  if (nearest && (left * 2n > d || (left * 2n === d && q & 1n))) {
    q++;
    left = d - left;
    sign = sign ? 0 : 1;
  }
  return {
    value: left === 0n ? zero(F80, a.sign) : result(c, sign, left, e, false, 64),
    quotient: Number(q & 7n),
    partial: false,
  };
}
/** An operand as the result: unmasked underflow wraps it as any other. */
const keep = (c: Context, a: Unpacked): bigint => result(c, a.sign, a.significand, a.exponent, false, 64);
/** Quotient bits that one partial step of fprem makes. */
const PARTIAL = (distance: number): number => 32 + (distance % 32);

// --- conversions
/** A 32- or 64-bit operand, as if it were in a register: a NaN's fraction has a register's place. */
export function openNarrow(from: Format, x: bigint): Unpacked {
  const a = unpack(from, x);
  return isNaN80(a) ? { ...a, significand: a.significand << BigInt(64 - from.precision) } : a;
}
/** fld m32, m64. */
export function widen(from: Format, c: Context, x: bigint): bigint {
  c.roundedUp = false;
  const a = openNarrow(from, x);
  const forced = special(c, a);
  if (forced !== undefined) return forced;
  if (a.kind === 'zero') return zero(F80, a.sign);
  if (a.kind === 'infinity') return infinity(F80, a.sign);
  noteDenormals(c, a);
  return exactly(a.sign, a.significand, a.exponent);
}
/** fst m32, m64. */
export function narrow(to: Format, c: Context, x: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  if (a.kind === 'unsupported') {
    c.flags |= IE;
    return defaultNaN(to);
  }
  if (isNaN80(a)) {
    if (a.kind === 'signaling') c.flags |= IE;
    return nan(to, a.sign, a.significand >> BigInt(64 - to.precision));
  }
  if (a.kind === 'zero') return zero(to, a.sign);
  if (a.kind === 'infinity') return infinity(to, a.sign);
  return pack(to, c, a.sign, a.significand, a.exponent);
}
export const fromInteger80 = (n: bigint): bigint => exactly(n < 0n ? 1 : 0, n < 0n ? -n : n, 0);
/** fist, fisttp: the integer indefinite and IE where it doesn't fit. */
export function toInteger80(c: Context, x: bigint, bits: number, rounding: Rounding): bigint {
  c.roundedUp = false;
  const a = open(x);
  const indefinite = -(1n << BigInt(bits - 1));
  if (a.kind === 'zero') return 0n;
  const v = a.kind === 'finite' && a.exponent <= 1 ? integral(c, a, rounding) : undefined;
  if (v === undefined || BigInt.asIntN(bits, v) !== v) {
    c.roundedUp = false;
    c.flags = (c.flags & ~PE) | IE;
    return indefinite;
  }
  return v;
}
function integral(c: Context, a: Unpacked, rounding: Rounding): bigint {
  const r = roundAt(a.sign, a.significand, -a.exponent, false, rounding);
  if (r.inexact) c.flags |= PE;
  c.roundedUp = r.up;
  return a.sign ? -r.value : r.value;
}

/** fbld: 18 decimal digits, the sign in the top bit of 80. */
export function fromDecimal(x: bigint): bigint {
  let n = 0n;
  for (let i = 17; i >= 0; i--) n = n * 10n + ((x >> BigInt(4 * i)) & 15n);
  return exactly(Number(x >> 79n) as 0 | 1, n, 0);
}
/** The packed decimal indefinite. */
export const DECIMAL_INDEFINITE = 0xffffc000000000000000n;
/** fbstp. */
export function toDecimal(c: Context, x: bigint): bigint {
  c.roundedUp = false;
  const a = open(x);
  if (a.kind === 'zero') return BigInt(a.sign) << 79n;
  const v = a.kind === 'finite' && a.exponent <= 1 ? integral(c, a, c.rounding) : undefined;
  if (v === undefined || v >= 10n ** 18n || v <= -(10n ** 18n)) {
    c.roundedUp = false;
    c.flags = (c.flags & ~PE) | IE;
    return DECIMAL_INDEFINITE;
  }
  let n = v < 0n ? -v : v;
  let r = BigInt(a.sign) << 79n;
  for (let i = 0n; i < 18n; i++, n /= 10n) r |= (n % 10n) << (4n * i);
  return r;
}
