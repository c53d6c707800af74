// Elementary functions in fixed point of any precision: a number is a BigInt times 2^-p. What the x87's transcendental instructions are rounded from.

/** Error of every function here, in units of the last place: rounded up generously, the callers check against it. */
export const ERROR = 1n << 10n;

const caches = { ln2: new Map<number, bigint>(), pi: new Map<number, bigint>() };
function cached(which: 'ln2' | 'pi', p: number, make: (p: number) => bigint): bigint {
  let v = caches[which].get(p);
  if (v === undefined) caches[which].set(p, (v = make(p)));
  return v;
}
/** Sum of z^(2k+1) / (2k+1), signs alternating if `alternating`: atanh or atan of a small z. */
function odd(z: bigint, p: number, alternating: boolean): bigint {
  const n = BigInt(p);
  const square = (z * z) >> n;
  let power = z;
  let total = z;
  for (let k = 3n; ; k += 2n) {
    power = (power * square) >> n;
    const term = power / k;
    if (term === 0n || term === -1n) return total;
    total += alternating && (k & 2n) !== 0n ? -term : term;
  }
}
/** 1/k for small integers, then the series: Machin's way. */
const inverse = (k: bigint, p: number): bigint => (1n << BigInt(p)) / k;
const GUARD = 32;
/** ln 2 = 2 atanh(1/3). */
export const ln2 = (p: number): bigint =>
  cached('ln2', p, () => (2n * odd(inverse(3n, p + GUARD), p + GUARD, false)) >> BigInt(GUARD));
/** pi = 16 atan(1/5) - 4 atan(1/239). */
export const pi = (p: number): bigint =>
  cached(
    'pi',
    p,
    () =>
      (16n * odd(inverse(5n, p + GUARD), p + GUARD, true) - 4n * odd(inverse(239n, p + GUARD), p + GUARD, true)) >>
      BigInt(GUARD),
  );

/** (e^t - 1) / t for |t| < 1. */
export function expRatio(t: bigint, p: number): bigint {
  const n = BigInt(p);
  let term = 1n << n;
  let total = term;
  for (let k = 2n; term !== 0n && term !== -1n; k++) {
    term = ((term * t) >> n) / k;
    total += term;
  }
  return total;
}
/** atanh(z) / z, for |z| < 1/2. */
export const atanhRatio = (z: bigint, p: number): bigint => ratio(z, p, 1n);
function ratio(z: bigint, p: number, sign: 1n | -1n): bigint {
  const n = BigInt(p);
  const square = sign * ((z * z) >> n);
  let power = 1n << n;
  let total = power;
  for (let k = 3n; ; k += 2n) {
    power = (power * square) >> n;
    const term = power / k;
    if (term === 0n) return total;
    total += term;
  }
}
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
  return (s * ratio(z, p, -1n)) >> n;
}
/** sin(r) / r and cos(r), |r| < 1. */
export function sinRatio(r: bigint, p: number): bigint {
  return trigonometric(r, p, 2n);
}
export function cosine(r: bigint, p: number): bigint {
  return trigonometric(r, p, 1n);
}
function trigonometric(r: bigint, p: number, first: 1n | 2n): bigint {
  const n = BigInt(p);
  const square = (r * r) >> n;
  let term = 1n << n;
  let total = term;
  for (let k = first; term !== 0n; k += 2n) {
    term = -((term * square) >> n) / (k * (k + 1n));
    total += term;
  }
  return total;
}
export function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let r = 1n << BigInt((n.toString(16).length * 4 + 1) >> 1);
  for (;;) {
    const next = (r + n / r) >> 1n;
    if (next >= r) return r;
    r = next;
  }
}
