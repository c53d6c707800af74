// How large a floating-point number can be, known when code is written: from what it was found to be, or from how it came about. Where that shows
// that nothing overflows, underflows or is denormal, nothing needs to be looked at.

/** A finite number whose exponent is from `lo` to `hi`, 2^lo <= |x| < 2^(hi + 1), or, if it may be, zero. Bounds beyond the format's: it may be infinite or denormal. */
export interface Range {
  readonly lo: number;
  readonly hi: number;
  readonly zero: boolean;
}
/** Exponents of normal numbers, and digits of a significand. */
export const FORMAT = { 32: { lo: -126, hi: 127, digits: 24 }, 64: { lo: -1022, hi: 1023, digits: 53 } } as const;
export type Width = keyof typeof FORMAT;

/** Nothing but normal numbers and zero. */
export const isPlain = (w: Width, r: Range): boolean => r.lo >= FORMAT[w].lo && r.hi <= FORMAT[w].hi;

/** Of a sum or difference: operands are multiples of their last digits, and so is a result that cancels out. */
const sum = (w: Width, a: Range, b: Range): Range => ({
  lo: Math.min(a.lo, b.lo) - FORMAT[w].digits + 1,
  hi: Math.max(a.hi, b.hi) + 1,
  zero: true,
});
/** The exponent of what is at most that large, once it is rounded: denormal numbers have few digits, and go up to the least normal one. */
const rounded = (w: Width, hi: number): number => Math.max(hi, FORMAT[w].lo);
/** Of either number. */
export const either = (a: Range, b: Range): Range => ({
  lo: Math.min(a.lo, b.lo),
  hi: Math.max(a.hi, b.hi),
  zero: a.zero || b.zero,
});
/** What an operation gives on numbers of such ranges. Division by what may be zero, and roots, which may be of negative numbers: where they give a number. */
export function resultRange(op: 'add' | 'sub' | 'mul' | 'div' | 'sqrt', w: Width, a: Range, b: Range): Range {
  switch (op) {
    case 'add':
    case 'sub':
      return sum(w, a, b);
    case 'mul':
      return { lo: a.lo + b.lo, hi: rounded(w, a.hi + b.hi + 1), zero: a.zero || b.zero };
    case 'div':
      return { lo: a.lo - b.hi - 1, hi: rounded(w, a.hi - b.lo), zero: a.zero };
    case 'sqrt':
      return { lo: Math.floor(a.lo / 2), hi: Math.ceil(a.hi / 2), zero: a.zero };
  }
}
/** Of a number that is known; undefined of NaNs and infinities. */
export function rangeOfNumber(x: number): Range | undefined {
  if (x === 0) return { lo: 0, hi: 0, zero: true };
  if (!Number.isFinite(x)) return undefined;
  let e = Math.floor(Math.log2(Math.abs(x)));
  // The logarithm is rounded.
  if (2 ** e > Math.abs(x)) e--;
  else if (2 ** (e + 1) <= Math.abs(x)) e++;
  return { lo: e, hi: e, zero: false };
}
