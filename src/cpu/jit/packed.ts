// Arithmetic on all lanes of a vector at once, as float.ts does it with one number.
import type { PackedConversion, PackedOp } from '../../isa/sem.ts';
import { productExact } from '../../isa/sse/fp.ts';
import type { Node } from '../../wasm/code.ts';
import type { Op } from '../../wasm/ops.ts';
import { type Context, INFINITE, NORMAL, ORDERS, rangeOfSize, SIZES, SPARE } from './float.ts';
import type { FoldingCode } from './fold.ts';
import { either, FORMAT, isPlain, type Range, resultRange, type Width } from './range.ts';

const lanesOf = (w: Width): 'i64x2' | 'i32x4' => (w === 64 ? 'i64x2' : 'i32x4');
const floatsOf = (w: Width): 'f64x2' | 'f32x4' => (w === 64 ? 'f64x2' : 'f32x4');
/** A vector of one number, by its bits. */
function all(c: FoldingCode, w: Width, n: bigint): Node {
  const bytes = w / 8;
  return c.v128(
    Array.from({ length: 16 }, (_, i) => Number((BigInt.asUintN(w, n) >> BigInt(8 * (i % bytes))) & 0xffn)),
  );
}
const zeros = (c: FoldingCode): Node => c.v128(new Array<number>(16).fill(0));
/** Where a mask isn't set in all lanes. */
const notAll = (c: FoldingCode, w: Width, mask: Node): Node =>
  c.op('i32.ne', c.op(`${lanesOf(w)}.bitmask`, mask), c.i32(w === 64 ? 3 : 15));
const isZero = (c: FoldingCode, w: Width, v: Node): Node => c.op(`${floatsOf(w)}.eq`, v, zeros(c));

/** Of magnitudes `size` in number, `from` being the least: a mask of the lanes that have one. Comparisons are signed: all is moved by half the range. */
function within(c: FoldingCode, w: Width, v: Node, from: bigint, size: bigint): Node {
  const half = 1n << BigInt(w - 1);
  const moved = c.op(`${lanesOf(w)}.add`, c.op(`${lanesOf(w)}.shl`, v, c.i32(1)), all(c, w, -from - half));
  return c.op(`${lanesOf(w)}.gt_s`, all(c, w, size - half), moved);
}
/** Above the least normal number `by` magnitudes or more, and finite, or `infinite`. */
function normal(c: FoldingCode, w: Width, v: Node, by: bigint, infinite: boolean): Node {
  const least = BigInt(NORMAL[w]) + by;
  return within(c, w, v, least, BigInt.asUintN(w, BigInt(INFINITE[w])) - least + (infinite ? 1n : 0n));
}
interface Exponents {
  readonly from: number;
  readonly outside: number;
}
/** A mask of lanes in which all of the vectors have such exponents, and none of the lowest bits `but`. */
function ofExponents(c: FoldingCode, { from, outside }: Exponents, w: Width, vs: readonly Node[], but: number): Node {
  const place = BigInt(FORMAT[w].digits - 1);
  // The exponents' start taken away, the digits are what they were.
  const moved = vs.map((v) => c.op(`${lanesOf(w)}.sub`, v, all(c, w, BigInt(from) << place)));
  const any = moved.reduce((a, b) => c.op('v128.or', a, b));
  return c.op(`${lanesOf(w)}.eq`, c.op('v128.and', any, all(c, w, (BigInt(outside) << place) | BigInt(but))), zeros(c));
}
const both = (c: FoldingCode, masks: readonly Node[]): Node => masks.reduce((a, b) => c.op('v128.and', a, b));

/** Is a vector known to have nothing but normal numbers and zeros? */
function isPlainVector(x: Context, w: Width, v: Node): boolean {
  const known = x.lanes(w).get(v);
  return known !== undefined && isPlain(w, known);
}
/** A mask of lanes in which all of the vectors are as usual: none of them zero. */
function usual(x: Context, w: Width, vs: readonly Node[], but: number): Node {
  const { size } = x.flavour;
  if (size !== 'any') return ofExponents(x.c, SIZES[size][w], w, vs, but);
  return both(
    x.c,
    vs.map((v) => normal(x.c, w, v, 0n, false)),
  );
}
/** What the lanes of an operand are when they were found normal or zero. */
function settledRange(x: Context, w: Width, v: Node): Range {
  if (!isPlainVector(x, w, v)) x.lanes(w).set(v, rangeOfSize(x.flavour.size, w));
  return x.lanes(w).get(v) as Range;
}

/** The operation on all lanes at once; undefined where there is no operator for it. One look tells that all is as usual; if it isn't, closer ones follow. */
export function packed(x: Context, op: PackedOp, w: Width, a: Node, b: Node): Node | undefined {
  if (op === 'min' || op === 'max') return extremum(x, op, w, a, b);
  if (x.careful && (op === 'div' || op === 'sqrt')) return undefined;
  const { c } = x;
  const { size } = x.flavour;
  const floats = floatsOf(w);
  const operands = op === 'sqrt' || a === b ? [a] : [a, b];
  const unknown = operands.filter((v) => !isPlainVector(x, w, v));
  const [ra, rb] = [settledRange(x, w, a), settledRange(x, w, b)];
  const r = op === 'sqrt' ? c.op(`${floats}.sqrt`, a) : c.op(`${floats}.${op}` as Op, a, b);
  let range = resultRange(op, w, ra, rb);

  const product = x.careful && op === 'mul';
  // The digits are looked at together with the size, where that is looked at.
  const digitsToo = product && size !== 'any' && unknown.length === operands.length;
  const masks: Node[] = [];
  const closer: (() => void)[] = [];
  if (unknown.length) {
    masks.push(usual(x, w, unknown, digitsToo ? SPARE[w] : 0));
    closer.push(() => {
      for (const v of unknown) x.beyondIf(notAll(c, w, c.op('v128.or', usual(x, w, [v], 0), isZero(c, w, v))));
    });
  }
  const sum = op === 'add' || op === 'sub';
  if (op !== 'sqrt' && (sum ? range.hi > FORMAT[w].hi : !isPlain(w, range) || (op === 'div' && rb.zero))) {
    range = rangeOfSize(size, w);
    const fits = size === 'any' ? normal(c, w, r, 1n, false) : ofExponents(c, SIZES[size][w], w, [r], 0);
    masks.push(fits);
    closer.push(() => {
      const none = op === 'mul' ? c.op('v128.or', isZero(c, w, a), isZero(c, w, b)) : isZero(c, w, sum ? r : a);
      x.beyondIf(notAll(c, w, c.op('v128.or', fits, c.op('v128.and', isZero(c, w, r), none))));
    });
  }
  if (op === 'sqrt' || (sum && x.careful)) {
    const right = sum ? sumExact(c, w, op, a, b, r) : c.op(`${floats}.eq`, r, r);
    masks.push(right);
    closer.push(() => x.leaveIf(notAll(c, w, right)));
  }
  if (product) {
    if (!digitsToo) masks.push(c.op(`${lanesOf(w)}.eq`, spare(c, w, a, b), zeros(c)));
    closer.push(() => c.if(c.op('v128.any_true', spare(c, w, a, b)), () => productsExact(x, w, a, b, r)));
  }
  if (masks.length)
    c.unlikely(notAll(c, w, both(c, masks)), () => {
      for (const look of closer) look();
    });
  x.lanes(w).set(r, range);
  return r;
}
/** The second operand unless the first is less, or more: what pmin and pmax give with their operands the other way round. */
function extremum(x: Context, op: 'min' | 'max', w: Width, a: Node, b: Node): Node {
  const lanes = x.lanes(w);
  comparable(x, w, a, b);
  const r = x.c.op(`${floatsOf(w)}.p${op}`, b, a);
  lanes.set(r, either(lanes.get(a) as Range, lanes.get(b) as Range));
  return r;
}
/** Leaves where a lane is denormal or NaN. */
function comparable(x: Context, w: Width, a: Node, b: Node): void {
  const { c } = x;
  const lanes = x.lanes(w);
  const vs = [...new Set([a, b])].filter((v) => (lanes.get(v)?.lo ?? Number.NEGATIVE_INFINITY) < FORMAT[w].lo);
  const order = (v: Node): Node => normal(c, w, v, 0n, true);
  if (vs.length)
    c.unlikely(notAll(c, w, both(c, vs.map(order))), () => {
      for (const v of vs) x.leaveIf(notAll(c, w, c.op('v128.or', order(v), isZero(c, w, v))));
    });
  for (const v of vs) lanes.set(v, { ...rangeOfSize('any', w), hi: FORMAT[w].hi + 1 });
}
/** Masks of the lanes for which a predicate of cmppd and the like holds. */
export function compare(x: Context, w: Width, a: Node, b: Node, predicate: number): Node {
  comparable(x, w, a, b);
  const { c } = x;
  const which = ORDERS[predicate & 7] as (typeof ORDERS)[number];
  if (typeof which === 'string') return c.op(`${floatsOf(w)}.${which}` as Op, a, b);
  return which ? c.op('v128.not', zeros(c)) : zeros(c);
}

/** Exponents of a size of 32-bit numbers, as 64-bit ones have them. */
const SHORT = { ordinary: { from: 0x3e0, outside: 0x7c0 }, large: { from: 0x3c0, outside: 0x780 } } as const;
/** A conversion of all lanes, or of those of the lower half; undefined where there is none. */
export function convert(x: Context, name: PackedConversion, v: Node): Node | undefined {
  const { c } = x;
  switch (name) {
    case 'fromInt64': {
      const r = c.op('f64x2.convert_low_i32x4_s', v);
      x.lanes(64).set(r, { lo: 0, hi: 31, zero: true });
      return r;
    }
    case 'fromInt32': {
      if (x.careful) {
        // Up to so many digits it is exact.
        const above = c.op('v128.and', c.op('i32x4.add', v, all(c, 32, 1n << 24n)), all(c, 32, -1n << 25n));
        x.leaveIf(c.op('v128.any_true', above));
      }
      const r = c.op('f32x4.convert_i32x4_s', v);
      x.lanes(32).set(r, { lo: 0, hi: 31, zero: true });
      return r;
    }
    case 'widen': {
      const r = c.op('f64x2.promote_low_f32x4', v);
      return short(x, r) ? r : undefined;
    }
    case 'narrow': {
      if (!short(x, v)) return undefined;
      const r = c.op('f32x4.demote_f64x2_zero', v);
      const { lo, hi } = x.lanes(64).get(v) as Range;
      x.lanes(32).set(r, { lo, hi: hi + 1, zero: true });
      if (x.careful) x.leaveIf(notAll(c, 64, c.op('f64x2.eq', c.op('f64x2.promote_low_f32x4', r), v)));
      return r;
    }
    default:
      return toIntegers(x, name.startsWith('trunc') ? 'trunc' : 'nearest', name.endsWith('64to32') ? 64 : 32, v);
  }
}
/** Leaves where 64-bit numbers aren't of a size that 32-bit ones have; false where that can't be told. */
function short(x: Context, v: Node): boolean {
  const { c } = x;
  const known = x.lanes(64).get(v);
  if (known && known.lo >= FORMAT[32].lo && known.hi < FORMAT[32].hi) return true;
  const { size } = x.flavour;
  if (size === 'any') return false;
  const fits = ofExponents(c, SHORT[size], 64, [v], 0);
  c.unlikely(notAll(c, 64, fits), () => x.beyondIf(notAll(c, 64, c.op('v128.or', fits, isZero(c, 64, v)))));
  x.lanes(64).set(v, rangeOfSize(size, 32));
  return true;
}
function toIntegers(x: Context, how: 'trunc' | 'nearest', w: Width, v: Node): Node {
  const { c } = x;
  const floats = floatsOf(w);
  const size = c.op(`${floats}.abs`, v);
  const fits =
    w === 64
      ? c.op('f64x2.le', size, c.op('f64x2.splat', c.f64(2 ** 31 - 1)))
      : c.op('f32x4.lt', size, c.op('f32x4.splat', c.f32(2 ** 31)));
  x.leaveIf(notAll(c, w, fits));
  const r = how === 'nearest' || x.careful ? c.op(`${floats}.${how}`, v) : v;
  if (x.careful) x.leaveIf(notAll(c, w, c.op(`${floats}.eq`, r, v)));
  return c.op(w === 64 ? 'i32x4.trunc_sat_f64x2_s_zero' : 'i32x4.trunc_sat_f32x4_s', r);
}

/** Digits that factors mustn't have so that all of their product's fit, whatever the others are. */
const spare = (c: FoldingCode, w: Width, a: Node, b: Node): Node =>
  c.op('v128.and', c.op('v128.or', a, b), all(c, w, BigInt(SPARE[w])));
/** A mask of lanes whose sum or difference is exact: see float.ts. */
function sumExact(c: FoldingCode, w: Width, op: 'add' | 'sub', a: Node, b: Node, r: Node): Node {
  const f = (name: 'add' | 'sub' | 'eq', p: Node, q: Node): Node => c.op(`${floatsOf(w)}.${name}` as Op, p, q);
  if (op === 'add') return c.op('v128.and', f('eq', f('sub', r, a), b), f('eq', f('sub', r, b), a));
  return c.op('v128.and', f('eq', f('sub', a, r), b), f('eq', f('add', r, b), a));
}
/** Leaves where a product of lanes isn't shown to be exact. */
function productsExact(x: Context, w: Width, a: Node, b: Node, r: Node): void {
  const { c } = x;
  const different = (p: Node, q: Node): Node => c.op('v128.any_true', c.op('f64x2.ne', p, q));
  if (w === 64) {
    const digits = (v: Node): Node => different(c.op('f64x2.promote_low_f32x4', c.op('f32x4.demote_f64x2_zero', v)), v);
    c.if(c.op('i32.or', digits(a), digits(b)), () => {
      for (const i of [0, 1]) {
        const bitsOf = (v: Node): Node => c.lane('i64x2.extract_lane', i, v);
        const zero = c.op('i64.eqz', c.op('i64.shl', bitsOf(r), c.i64(1)));
        x.leaveIf(c.op('i32.eqz', c.op('i32.or', zero, productExact(c, bitsOf(a), bitsOf(b)))));
      }
    });
    return;
  }
  // Twice the digits hold every product.
  const upper = (v: Node): Node => c.shuffle(v, v, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
  const half = (v: Node): Node => c.op('f64x2.promote_low_f32x4', v);
  const low = different(c.op('f64x2.mul', half(a), half(b)), half(r));
  const high = different(c.op('f64x2.mul', half(upper(a)), half(upper(b))), half(upper(r)));
  x.leaveIf(c.op('i32.or', low, high));
}
