// Exact IEEE-754 arithmetic on unpacked values, with x86's rules for rounding, flags, denormals and NaNs (SDM vol. 1 chapters 4.8, 4.9, 11.5). BigInt
// throughout: this is the rare path behind the machine's own arithmetic.

/** A format by its parts: bits of exponent and of fraction; `explicit`: the integer bit is stored (80-bit). */
export interface Format {
  readonly exponentBits: number;
  /** Significand bits with the integer bit. */
  readonly precision: number;
  readonly explicit: boolean;
}
export const F32: Format = { exponentBits: 8, precision: 24, explicit: false };
export const F64: Format = { exponentBits: 11, precision: 53, explicit: false };
export const F80: Format = { exponentBits: 15, precision: 64, explicit: true };

export const IE = 1;
export const DE = 2;
export const ZE = 4;
export const OE = 8;
export const UE = 16;
export const PE = 32;

/** Rounding control as MXCSR and the x87 control word have it. */
export type Rounding = 0 | 1 | 2 | 3;
export const NEAREST = 0;
export const DOWN = 1;
export const UP = 2;
export const ZERO = 3;

export interface Context {
  rounding: Rounding;
  /** Sticky exceptions raised so far. */
  flags: number;
  /** Masked exceptions (bit set: masked). */
  masks: number;
  /** MXCSR.FTZ and DAZ. */
  flushToZero: boolean;
  denormalsAreZero: boolean;
  /** Set when the last rounding went away from zero (x87 C1). */
  roundedUp: boolean;
}

export type Kind = 'zero' | 'finite' | 'infinity' | 'quiet' | 'signaling' | 'unsupported';
/** value = (-1)^sign * significand * 2^exponent; for NaNs the significand is the fraction field as stored. */
export interface Unpacked {
  readonly kind: Kind;
  readonly sign: 0 | 1;
  readonly exponent: number;
  readonly significand: bigint;
  readonly denormal: boolean;
}

export function unpack(f: Format, bits: bigint): Unpacked {
  const stored = f.explicit ? f.precision : f.precision - 1;
  const max = (1 << f.exponentBits) - 1;
  const fraction = bits & ((1n << BigInt(stored)) - 1n);
  const e = Number((bits >> BigInt(stored)) & BigInt(max));
  const sign = Number((bits >> BigInt(stored + f.exponentBits)) & 1n) as 0 | 1;
  const bias = (max >> 1) + f.precision - 1;
  const make = (kind: Kind, exponent: number, significand: bigint, denormal = false): Unpacked => ({
    kind,
    sign,
    exponent,
    significand,
    denormal,
  });
  const integer = 1n << BigInt(f.precision - 1);
  if (e === max) {
    if (f.explicit && !(fraction & integer)) return make('unsupported', 0, fraction);
    const rest = fraction & (integer - 1n);
    if (rest === 0n) return make('infinity', 0, 0n);
    return make(rest & (integer >> 1n) ? 'quiet' : 'signaling', 0, rest);
  }
  if (e === 0) return fraction === 0n ? make('zero', 0, 0n) : make('finite', 1 - bias, fraction, true);
  if (f.explicit) return fraction & integer ? make('finite', e - bias, fraction) : make('unsupported', 0, fraction);
  return make('finite', e - bias, fraction | integer);
}

const signBit = (f: Format, sign: 0 | 1): bigint =>
  BigInt(sign) << BigInt((f.explicit ? f.precision : f.precision - 1) + f.exponentBits);
const exponentField = (f: Format, e: number): bigint => BigInt(e) << BigInt(f.explicit ? f.precision : f.precision - 1);
const maxExponent = (f: Format): number => (1 << f.exponentBits) - 1;

export const zero = (f: Format, sign: 0 | 1): bigint => signBit(f, sign);
export const infinity = (f: Format, sign: 0 | 1): bigint =>
  signBit(f, sign) | exponentField(f, maxExponent(f)) | (f.explicit ? 1n << 63n : 0n);
/** The "real indefinite": the negative quiet NaN that invalid operations give. */
export const defaultNaN = (f: Format): bigint =>
  signBit(f, 1) | exponentField(f, maxExponent(f)) | (f.explicit ? 3n << 62n : 1n << BigInt(f.precision - 2));
export const nan = (f: Format, sign: 0 | 1, fraction: bigint): bigint =>
  signBit(f, sign) |
  exponentField(f, maxExponent(f)) |
  (f.explicit ? 1n << 63n : 0n) |
  fraction |
  (1n << BigInt(f.precision - 2));

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
const BEYOND = 1n << 1000n;
/** Bits of a number that isn't negative; 0 has none. Told by the exponent of the nearest double, which may be one too large. */
function bitLength(n: bigint): number {
  let more = 0;
  let x = n;
  for (; x >= BEYOND; x >>= 960n) more += 960;
  double[0] = Number(x);
  if (double[0] === 0) return 0;
  const bits = ((doubleWords[1] as number) >>> 20) - 1022;
  return more + (bits > 53 && x >> BigInt(bits - 1) === 0n ? bits - 1 : bits);
}

/** Rounds significand * 2^exponent (sticky: more was lost below) to an integer multiple of 2^to; returns the multiple. */
export function roundAt(
  sign: 0 | 1,
  significand: bigint,
  shift: number,
  sticky: boolean,
  rounding: Rounding,
): { value: bigint; inexact: boolean; up: boolean } {
  if (shift <= 0) {
    const value = significand << BigInt(-shift);
    if (!sticky) return { value, inexact: false, up: false };
    const up = (rounding === UP && sign === 0) || (rounding === DOWN && sign === 1);
    return { value: up ? value + 1n : value, inexact: true, up };
  }
  const n = BigInt(shift);
  const value = significand >> n;
  const rest = significand & ((1n << n) - 1n);
  if (rest === 0n && !sticky) return { value, inexact: false, up: false };
  let up: boolean;
  if (rounding === NEAREST) {
    const half = 1n << (n - 1n);
    up = rest > half || (rest === half && (sticky || (value & 1n) === 1n));
  } else up = (rounding === UP && sign === 0) || (rounding === DOWN && sign === 1);
  return { value: up ? value + 1n : value, inexact: true, up };
}

/**
 * Rounds a nonzero exact value (`sticky`: plus something below its last bit) into a format, raising OE UE PE. `precision` narrower than the format's for
 * the x87's precision control. Tininess is found after rounding, as SSE and x87 do.
 */
export function pack(
  f: Format,
  c: Context,
  sign: 0 | 1,
  significand: bigint,
  exponent: number,
  sticky = false,
  precision = f.precision,
): bigint {
  c.roundedUp = false;
  const bias = (maxExponent(f) >> 1) + f.precision - 1;
  const length = bitLength(significand);
  const least = 1 - bias;
  // Exponent of the last kept bit, unbounded.
  const wanted = exponent + length - precision;
  const normalLeast = least + (f.precision - precision);
  let at = wanted;
  let tiny = false;
  if (wanted < normalLeast) {
    // Would it still be below the least normal number if rounded with unbounded exponent?
    const free = roundAt(sign, significand, wanted - exponent, sticky, c.rounding);
    tiny = wanted < normalLeast - 1 || bitLength(free.value) <= precision;
    at = normalLeast;
    if (tiny && c.flushToZero && c.masks & UE) {
      c.flags |= UE | PE;
      return zero(f, sign);
    }
    if (tiny && !(c.masks & UE)) {
      // The handler is given the result as if exponents had no end: inexact only if that is.
      c.flags |= UE | (free.inexact ? PE : 0);
      return zero(f, sign);
    }
  }
  const r = roundAt(sign, significand, at - exponent, sticky, c.rounding);
  c.roundedUp = r.up;
  if (r.inexact) {
    c.flags |= PE;
    if (tiny) c.flags |= UE;
  }
  let value = r.value << BigInt(f.precision - precision);
  let last = at - (f.precision - precision);
  if (bitLength(value) > f.precision) {
    value >>= 1n;
    last++;
  }
  if (value === 0n) return zero(f, sign);
  const integer = 1n << BigInt(f.precision - 1);
  if (!(value & integer)) return signBit(f, sign) | value;
  const e = last + bias;
  if (e >= maxExponent(f)) {
    c.flags |= OE | (r.inexact || c.masks & OE ? PE : 0);
    const away = c.rounding === NEAREST || (c.rounding === UP && sign === 0) || (c.rounding === DOWN && sign === 1);
    c.roundedUp = away;
    return away
      ? infinity(f, sign)
      : signBit(f, sign) |
          exponentField(f, maxExponent(f) - 1) |
          (((1n << BigInt(f.precision)) - 1n) &
            (f.explicit ? ~0n : integer - 1n) &
            ~((1n << BigInt(f.precision - precision)) - 1n));
  }
  return signBit(f, sign) | exponentField(f, e) | (f.explicit ? value : value & (integer - 1n));
}
export { bitLength };
