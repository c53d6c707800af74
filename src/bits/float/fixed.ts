// Elementary functions in fixed point of any precision: a number is a BigInt times 2^-p. What the x87's transcendental instructions are rounded from.

import { bitLength } from './soft.ts';

/** Error of every function here, in units of the last place: rounded up generously, the callers check against it. */
export const ERROR = 1n << 10n;

/** Keeps what depends on the precision alone: a few are ever asked for. */
function perPrecision<T>(make: (p: number) => T): (p: number) => T {
  const made = new Map<number, T>();
  return (p) => {
    let v = made.get(p);
    if (v === undefined) made.set(p, (v = make(p)));
    return v;
  };
}
/** Sum of z^(2k+1) / (2k+1) for z = 1/n, signs alternating for the arc tangent. */
function arc(n: bigint, p: number, alternating: boolean): bigint {
  let power = (1n << BigInt(p)) / n;
  let total = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= n * n;
    total += alternating && (k & 2n) !== 0n ? -(power / k) : power / k;
  }
  return total;
}
const GUARD = 32;
/** ln 2 = 2 atanh(1/3). */
export const ln2 = perPrecision((p) => (2n * arc(3n, p + GUARD, false)) >> BigInt(GUARD));
/** pi = 16 atan(1/5) - 4 atan(1/239), Machin's way. */
export const pi = perPrecision(
  (p) => (16n * arc(5n, p + GUARD, true) - 4n * arc(239n, p + GUARD, true)) >> BigInt(GUARD),
);

/** Coefficients of a power series, as many as matter for arguments below 2^-bits. */
const series = (bits: number, coefficient: (k: bigint, one: bigint) => bigint): ((p: number) => readonly bigint[]) =>
  perPrecision((p) => {
    const list: bigint[] = [];
    for (let k = 0n; ; k++) {
      const c = coefficient(k, 1n << BigInt(p));
      list.push(c);
      if ((c < 0n ? -c : c) >> BigInt(Math.floor(bits * Number(k))) === 0n) return list;
    }
  });
/** The series at t (Horner's way). */
function evaluate(list: readonly bigint[], t: bigint, p: number): bigint {
  const n = BigInt(p);
  let total = 0n;
  for (let k = list.length - 1; k >= 0; k--) total = (list[k] as bigint) + ((total * t) >> n);
  return total;
}
const factorial = (k: bigint): bigint => {
  let f = 1n;
  for (let i = 2n; i <= k; i++) f *= i;
  return f;
};

const EXP = series(0.5, (k, one) => one / factorial(k + 1n));
/** (e^t - 1) / t for |t| < 0.7. */
export const expRatio = (t: bigint, p: number): bigint => evaluate(EXP(p), t, p);

const ODD = series(5, (k, one) => one / (2n * k + 1n));
/** atanh(z) / z, for |z| < 0.175. */
export const atanhRatio = (z: bigint, p: number): bigint => evaluate(ODD(p), (z * z) >> BigInt(p), p);
const ODD_SMALL = series(5, (k, one) => (k & 1n ? -one : one) / (2n * k + 1n));
/** atan(q) / q for 0 <= q <= 1. */
export function atanRatio(q: bigint, p: number): bigint {
  const n = BigInt(p);
  const one = 1n << n;
  // atan(q) = 2 atan(q / (1 + sqrt(1 + q^2))), three times: the series' argument is below 1/8.
  let s = one;
  let z = q;
  for (let i = 0; i < 3; i++) {
    const d = one + squareRoot((one + ((z * z) >> n)) << n);
    z = (z << n) / d;
    s = (s << (n + 1n)) / d;
  }
  return (s * evaluate(ODD_SMALL(p), (z * z) >> n, p)) >> n;
}

const SIN = series(0.6, (k, one) => (k & 1n ? -one : one) / factorial(2n * k + 1n));
const COS = series(0.6, (k, one) => (k & 1n ? -one : one) / factorial(2n * k));
/** sin(r) / r and cos(r), |r| < 0.8. */
export const sinRatio = (r: bigint, p: number): bigint => evaluate(SIN(p), (r * r) >> BigInt(p), p);
export const cosine = (r: bigint, p: number): bigint => evaluate(COS(p), (r * r) >> BigInt(p), p);

/** Whole part of the root of a number. */
export function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  // From a guess of 53 bits each step doubles the bits that are right.
  const shift = Math.max(0, bitLength(n) - 103) & ~1;
  let r = (BigInt(Math.floor(Math.sqrt(Number(n >> BigInt(shift))))) + 2n) << BigInt(shift / 2);
  for (;;) {
    const next = (r + n / r) >> 1n;
    if (next >= r) return r;
    r = next;
  }
}
