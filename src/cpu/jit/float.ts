// SSE arithmetic by WebAssembly's operators, where MXCSR is as it nearly always is: all exceptions masked, rounding to nearest, and PE raised already, so that
// an inexact result has nothing more to raise, or the result exact. What is left to look at are operands and results that raise something else, or whose bits
// WebAssembly leaves open: denormal operands, and results that are infinite, NaN, or too small (isa/sse/fp.ts has the whole story). Numbers that come from
// elsewhere are looked at once, whether they are of ordinary size; what is made of them is known to be in a range then (range.ts), and mostly needs no look.
import type { PackedOp } from '../../isa/sem.ts';
import { exact, orderOf } from '../../isa/sse/fp.ts';
import type { Node } from '../../wasm/code.ts';
import type { Op } from '../../wasm/ops.ts';
import type { FoldingCode } from './fold.ts';
import { either, FORMAT, isPlain, type Range, rangeOfNumber, resultRange, type Width } from './range.ts';

/**
 * What compiled code takes MXCSR to be, all exceptions masked and rounding to nearest: `usual` with PE raised, `careful` with PE clear, where a result must
 * be exact as well. `exact`: anything, and every operation is a call.
 */
export type Mode = 'usual' | 'careful' | 'exact';
/** How large and small numbers may be: see SIZES; `any` number that is normal. What is beyond is the interpreter's, and counted (FP_BEYOND). */
export type Size = 'ordinary' | 'large' | 'any';
export interface Flavour {
  readonly mode: Mode;
  readonly size: Size;
}
const MODE = 0xffe0;
const MODES = { usual: 0x1fa0, careful: 0x1f80 } as const;
/** Numbers found beyond a size until code is compiled for the next. */
export const MOST_BEYOND = { ordinary: 2000, large: 4000, any: Number.POSITIVE_INFINITY } as const;
export function flavourOf(mxcsr: number, beyond: number): Flavour {
  const mode = mxcsr & MODE;
  return {
    mode: mode === MODES.usual ? 'usual' : mode === MODES.careful ? 'careful' : 'exact',
    size: beyond <= MOST_BEYOND.ordinary ? 'ordinary' : beyond <= MOST_BEYOND.large ? 'large' : 'any',
  };
}
/** MXCSR, or how many numbers were beyond the ordinary, isn't what code of a flavour takes it to be. */
export function otherFlavour(c: FoldingCode, flavour: Flavour, mxcsr: Node, beyond: Node): Node {
  const other = c.op('i32.ne', c.op('i32.and', mxcsr, c.i32(MODE)), c.i32(MODES[flavour.mode as keyof typeof MODES]));
  if (flavour.size === 'any') return other;
  return c.op('i32.or', other, c.op('i32.gt_u', beyond, c.i32(MOST_BEYOND[flavour.size])));
}

type Arithmetic = PackedOp;

/** What the code of an operation needs of its binding. */
export interface Context {
  readonly c: FoldingCode;
  /** Leaves at the instruction where the condition holds. */
  leaveIf(condition: Node): void;
  /** The same, because of numbers that code of another flavour would do. */
  beyondIf(condition: Node): void;
  /** What floating-point numbers are known to be. */
  readonly ranges: Map<Node, Range>;
  /** What all lanes of vectors are known to be, as numbers of that width. */
  lanes(w: Width): Map<Node, Range>;
  readonly flavour: Flavour;
  /** PE is clear: results must be exact. */
  readonly careful: boolean;
}
const float = (w: Width): 'f32' | 'f64' => (w === 64 ? 'f64' : 'f32');
const integer = (w: Width): 'i32' | 'i64' => (w === 64 ? 'i64' : 'i32');
const number = (c: FoldingCode, w: Width, n: number | bigint): Node => (w === 64 ? c.i64(n) : c.i32(Number(n)));
const bitsOf = (c: FoldingCode, w: Width, x: Node): Node =>
  w === 64 ? c.op('i64.reinterpret_f64', x) : c.op('i32.reinterpret_f32', x);
/** Bits without the sign, moved up by one. */
const magnitude = (c: FoldingCode, w: Width, x: Node): Node =>
  c.op(`${integer(w)}.shl`, bitsOf(c, w, x), number(c, w, 1));
/** Smallest normal number and infinity as magnitudes. */
export const NORMAL = { 32: 1 << 24, 64: 2 ** 53 } as const;
export const INFINITE = { 32: 0xff << 24, 64: 0x7ffn << 53n } as const;
const isZero = (c: FoldingCode, w: Width, v: Node): Node => c.op(`${float(w)}.eq`, v, w === 64 ? c.f64(0) : c.f32(0));
const notZero = (c: FoldingCode, w: Width, v: Node): Node => c.op(`${float(w)}.ne`, v, w === 64 ? c.f64(0) : c.f32(0));

/**
 * Exponents as the bits have them: `from` taken away, none of the bits of `outside` is set. Products of some ordinary numbers, and sums of those, are within
 * the format's range; of large ones sums are.
 */
export const SIZES = {
  ordinary: { 32: { from: 0x60, outside: 0xc0 }, 64: { from: 0x300, outside: 0x600 } },
  large: { 32: { from: 0x40, outside: 0x80 }, 64: { from: 0x200, outside: 0x400 } },
} as const;
const RANGES = {
  ordinary: { 32: { lo: -31, hi: 32, zero: true }, 64: { lo: -255, hi: 256, zero: true } },
  large: { 32: { lo: -63, hi: 64, zero: true }, 64: { lo: -511, hi: 512, zero: true } },
  any: { 32: { lo: -126, hi: 127, zero: true }, 64: { lo: -1022, hi: 1023, zero: true } },
} as const;
/** Numbers of a size, and zero. */
export const rangeOfSize = (size: Size, w: Width): Range => RANGES[size][w];
/** Sign and exponent. */
const upper = (c: FoldingCode, w: Width, v: Node): Node =>
  w === 64
    ? c.op('i32.wrap_i64', c.op('i64.shr_u', bitsOf(c, 64, v), c.i64(52)))
    : c.op('i32.shr_u', bitsOf(c, 32, v), c.i32(23));
/** Is a number none of the size; zero isn't either? */
function unusual(c: FoldingCode, size: 'ordinary' | 'large', w: Width, v: Node): Node {
  const { from, outside } = SIZES[size][w];
  return c.op('i32.and', c.op('i32.sub', upper(c, w, v), c.i32(from)), c.i32(outside));
}
/** Is it neither normal nor, maybe, one of the `but` smallest and largest exponents that are? */
function extreme(c: FoldingCode, w: Width, v: Node, but: 0 | 1): Node {
  const mask = (w === 64 ? 0x7ff : 0xff) & ~(but ? 3 : 1);
  return c.op('i32.eqz', c.op('i32.and', c.op('i32.add', upper(c, w, v), c.i32(1 + but)), c.i32(mask)));
}
function rangeOf(x: Context, w: Width, v: Node): Range | undefined {
  if (!v.raw || v.a) return x.ranges.get(v);
  const data = new DataView(Uint8Array.from(v.raw).buffer);
  return rangeOfNumber(w === 64 ? data.getFloat64(0, true) : data.getFloat32(0, true));
}
/** What an operand is known to be when this is done: normal or zero. */
function settled(x: Context, w: Width, v: Node): Range {
  const known = rangeOf(x, w, v);
  if (known && isPlain(w, known)) return known;
  const { c } = x;
  const { size } = x.flavour;
  c.unlikely(size === 'any' ? extreme(c, w, v, 0) : unusual(c, size, w, v), () => x.beyondIf(notZero(c, w, v)));
  const range = rangeOfSize(size, w);
  x.ranges.set(v, range);
  return range;
}
/** The same for a result of operands that are. Zero is fine where `none` says so. */
function settledResult(x: Context, w: Width, r: Node, none: () => Node): Range {
  const { c } = x;
  const { size } = x.flavour;
  c.unlikely(size === 'any' ? extreme(c, w, r, 1) : unusual(c, size, w, r), () => {
    if (size !== 'any') return x.beyondIf(c.op('i32.eqz', none()));
    c.block((fine) => {
      // What was rounded up to the least normal number may have been too small for one.
      const least = BigInt(NORMAL[w]) + 1n;
      const many = BigInt.asUintN(w, BigInt(INFINITE[w])) - least;
      const above = c.op(`${integer(w)}.sub`, magnitude(c, w, r), number(c, w, least));
      c.brIf(fine, c.op(`${integer(w)}.lt_u`, above, number(c, w, BigInt.asIntN(w, many))));
      x.leaveIf(c.op('i32.eqz', none()));
    });
  });
  return rangeOfSize(size, w);
}

/** The result of an operation on numbers. */
function arithmetic(x: Context, op: Arithmetic, w: Width, a: Node, b: Node): Node {
  const { c } = x;
  if (op === 'min' || op === 'max') return extremum(x, op, w, a, b);
  const ra = settled(x, w, a);
  const rb = op === 'sqrt' ? ra : settled(x, w, b);
  const r = op === 'sqrt' ? c.op(`${float(w)}.sqrt`, a) : c.op(`${float(w)}.${op}` as Op, a, b);
  let range = resultRange(op, w, ra, rb);
  if (op === 'sqrt') x.leaveIf(c.op(`${float(w)}.ne`, r, r));
  else if (op === 'add' || op === 'sub') {
    // A result too small for a normal number is exact.
    if (range.hi > FORMAT[w].hi) range = settledResult(x, w, r, () => isZero(c, w, r));
  } else if (!isPlain(w, range) || (op === 'div' && rb.zero)) {
    range = settledResult(x, w, r, () => {
      const none = op === 'mul' ? c.op('i32.or', isZero(c, w, a), isZero(c, w, b)) : isZero(c, w, a);
      return c.op('i32.and', isZero(c, w, r), none);
    });
  }
  if (x.careful) notInexact(x, op, w, a, b, r);
  x.ranges.set(r, range);
  return r;
}
/** The second operand unless the first is less, or more. */
function extremum(x: Context, op: 'min' | 'max', w: Width, a: Node, b: Node): Node {
  const { c } = x;
  const range = either(comparable(x, w, a), comparable(x, w, b));
  const lanes = w === 64 ? 'f64x2' : 'f32x4';
  const all = (v: Node): Node => c.op(`${lanes}.splat`, v);
  const r = c.lowest(w, c.op(`${lanes}.p${op}`, all(b), all(a)));
  x.ranges.set(r, range);
  return r;
}

/** Digits that must be zero in two factors so that all of their product's fit. */
export const SPARE = { 32: 0xfff, 64: 0x7ff_ffff } as const;
/** Leaves where a result isn't shown to be exact. */
function notInexact(x: Context, op: Arithmetic, w: Width, a: Node, b: Node, r: Node): void {
  const { c } = x;
  const p = float(w);
  switch (op) {
    case 'add':
    case 'sub': {
      // What the sum is more than the operand that is larger in size is found exactly, and is the other operand if nothing was rounded off.
      x.leaveIf(c.op(`${p}.ne`, op === 'add' ? c.op(`${p}.sub`, r, a) : c.op(`${p}.sub`, a, r), b));
      return x.leaveIf(c.op(`${p}.ne`, c.op(op === 'add' ? `${p}.sub` : `${p}.add`, r, b), a));
    }
    case 'mul': {
      const digits = c.op(`${integer(w)}.or`, bitsOf(c, w, a), bitsOf(c, w, b));
      const low = c.op('i32.and', w === 64 ? c.op('i32.wrap_i64', digits) : digits, c.i32(SPARE[w]));
      return c.unlikely(low, () => x.leaveIf(c.op('i32.eqz', zeroOrExact(x, op, w, a, b, r))));
    }
    case 'div':
    case 'sqrt':
      x.leaveIf(c.op('i32.eqz', zeroOrExact(x, op, w, a, b, r)));
  }
}
const zeroOrExact = (x: Context, op: 'mul' | 'div' | 'sqrt', w: Width, a: Node, b: Node, r: Node): Node =>
  x.c.op('i32.or', isZero(x.c, w, r), exact(x.c, op, w, a, b, r));

/** Leaves where an operand is denormal or NaN, so that its order and equality to others are the operators'. */
function comparable(x: Context, w: Width, v: Node): Range {
  const known = rangeOf(x, w, v);
  if (known && known.lo >= FORMAT[w].lo) return known;
  const { c } = x;
  const least = BigInt(NORMAL[w]);
  const size = BigInt.asUintN(w, BigInt(INFINITE[w])) - least;
  const above = c.op(`${integer(w)}.sub`, magnitude(c, w, v), number(c, w, least));
  c.unlikely(c.op(`${integer(w)}.gt_u`, above, number(c, w, BigInt.asIntN(w, size))), () =>
    x.leaveIf(notZero(c, w, v)),
  );
  const range = { ...rangeOfSize('any', w), hi: FORMAT[w].hi + 1 };
  x.ranges.set(v, range);
  return range;
}

const value = (c: FoldingCode, w: Width, bits: Node): Node =>
  w === 64 ? c.op('f64.reinterpret_i64', bits) : c.op('f32.reinterpret_i32', c.op('i32.wrap_i64', bits));
const bits = (c: FoldingCode, w: Width, x: Node): Node =>
  w === 64 ? c.op('i64.reinterpret_f64', x) : c.op('i64.extend_i32_u', c.op('i32.reinterpret_f32', x));

type Function = (x: Context, args: readonly Node[]) => Node;
/** Functions of isa/sse/fp.ts by name, as code that leaves where it can't tell. */
export const FUNCTIONS: ReadonlyMap<string, Function> = new Map(
  ([32, 64] as const).flatMap((w) => {
    const list: [string, Function][] = [];
    for (const op of ['add', 'sub', 'mul', 'div', 'sqrt', 'min', 'max'] as const)
      list.push([`${op}${w}`, (x, [a, b]) => bits(x.c, w, arithmetic(x, op, w, value(x.c, w, a!), value(x.c, w, b!)))]);
    for (const op of ['comi', 'ucomi'])
      list.push([
        `${op}${w}`,
        (x, [a, b]) => {
          comparable(x, w, value(x.c, w, a!));
          comparable(x, w, value(x.c, w, b!));
          return orderOf(x.c, w, a!, b!);
        },
      ]);
    list.push([`cmp${w}`, (x, [a, b, predicate]) => compared(x, w, value(x.c, w, a!), value(x.c, w, b!), predicate!)]);
    for (const to of [32, 64] as const)
      for (const how of ['trunc', 'nearest'] as const)
        list.push([`${how}${w}to${to}`, (x, [a]) => toInteger(x, how, w, to, value(x.c, w, a!))]);
    list.push([`round${w}`, (x, [a, imm]) => bits(x.c, w, rounded(x, w, value(x.c, w, a!), imm!.value as number))]);
    list.push([`fromInt${w}`, (x, [a]) => bits(x.c, w, fromInteger(x, w, a!))]);
    if (w === 32)
      list.push([
        'widen',
        (x, [a]) => {
          const v = value(x.c, 32, a!);
          const range = settled(x, 32, v);
          const r = x.c.op('f64.promote_f32', v);
          x.ranges.set(r, range);
          return bits(x.c, 64, r);
        },
      ]);
    else list.push(['narrow', (x, [a]) => bits(x.c, 32, narrowed(x, value(x.c, 64, a!)))]);
    return list;
  }),
);
/** A mask. The predicate is a constant; NaNs left, half of them are the others' opposites. */
function compared(x: Context, w: Width, a: Node, b: Node, predicate: Node): Node {
  const { c } = x;
  comparable(x, w, a);
  comparable(x, w, b);
  const which = ORDERS[predicate.value as number];
  const truth = typeof which === 'string' ? c.op(`${float(w)}.${which}` as Op, a, b) : c.i32(which === true ? 1 : 0);
  if (w === 64) return c.op('i64.sub', c.i64(0), c.op('i64.extend_i32_u', truth));
  return c.op('i64.extend_i32_u', c.op('i32.sub', c.i32(0), truth));
}
/** What the predicates of cmpsd and the like are on numbers. */
export const ORDERS = ['eq', 'lt', 'le', false, 'ne', 'ge', 'gt', true] as const;
function toInteger(x: Context, how: 'trunc' | 'nearest', w: Width, to: Width, v: Node): Node {
  const { c } = x;
  const known = rangeOf(x, w, v);
  const d = w === 64 ? v : c.op('f64.promote_f32', v);
  if (!known || known.hi > to - (how === 'nearest' ? 3 : 2)) {
    const limit = to === 32 ? 2147483647 : 2 ** 63 - 1024;
    x.leaveIf(c.op('i32.eqz', c.op('f64.le', c.op('f64.abs', d), c.f64(limit))));
  }
  const r = how === 'nearest' || x.careful ? c.op(`f64.${how}`, d) : d;
  if (x.careful) x.leaveIf(c.op('f64.ne', d, r));
  return to === 32 ? c.op('i64.extend_i32_u', c.op('i32.trunc_sat_f64_s', r)) : c.op('i64.trunc_sat_f64_s', r);
}
/** To an integer as a floating-point number. The immediate: 0 to 3 a way of rounding, 4 MXCSR's, 8 nothing is raised where that isn't exact. */
function rounded(x: Context, w: Width, v: Node, imm: number): Node {
  const { c } = x;
  comparable(x, w, v);
  const ways = ['nearest', 'floor', 'ceil', 'trunc'] as const;
  const r = c.op(`${float(w)}.${ways[imm & 4 ? 0 : imm & 3] as 'nearest'}`, v);
  if (x.careful && !(imm & 8)) x.leaveIf(c.op(`${float(w)}.ne`, r, v));
  return r;
}
function fromInteger(x: Context, w: Width, n: Node): Node {
  const { c } = x;
  const small = c.narrow(n);
  const r =
    small && w === 64
      ? c.op('f64.convert_i32_s', small)
      : c.op(w === 64 ? 'f64.convert_i64_s' : 'f32.convert_i64_s', n);
  x.ranges.set(r, { lo: 0, hi: small ? 31 : 63, zero: true });
  if (x.careful && !(small && w === 64)) {
    // Up to so many digits it is exact, whatever they are.
    const limit = w === 64 ? 2 ** 53 : 2 ** 24;
    x.leaveIf(c.op('i64.gt_u', c.op('i64.add', n, c.i64(limit)), c.i64(2 * limit)));
  }
  return r;
}
function narrowed(x: Context, v: Node): Node {
  const { c } = x;
  const known = rangeOf(x, 64, v);
  const r = c.op('f32.demote_f64', v);
  const range =
    known && known.lo >= FORMAT[32].lo && known.hi < FORMAT[32].hi
      ? { ...known, hi: known.hi + 1 }
      : settledResult(x, 32, r, () => isZero(c, 64, v));
  x.ranges.set(r, range);
  if (x.careful) x.leaveIf(c.op('f64.ne', c.op('f64.promote_f32', r), v));
  return r;
}
