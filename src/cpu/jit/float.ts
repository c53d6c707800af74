// SSE arithmetic by WebAssembly's operators, where MXCSR is as it nearly always is: all exceptions masked, rounding to nearest, and PE raised already, so that
// an inexact result has nothing more to raise, or the result exact. What is left to look at are operands and results that raise something else, or whose bits
// WebAssembly leaves open: denormal operands, and results that are infinite, NaN, or too small (isa/sse/fp.ts has the whole story).
import type { PackedOp } from '../../isa/sem.ts';
import { exact, orderOf, productExact } from '../../isa/sse/fp.ts';
import type { Node } from '../../wasm/code.ts';
import type { Op } from '../../wasm/ops.ts';
import type { FoldingCode } from './fold.ts';

/**
 * What compiled code takes MXCSR to be, all exceptions masked and rounding to nearest: `usual` with PE raised, `careful` with PE clear, where a result must
 * be exact as well. `exact`: anything, and every operation is a call.
 */
export type Flavour = 'usual' | 'careful' | 'exact';
const MODE = 0xffe0;
const MODES = { usual: 0x1fa0, careful: 0x1f80 } as const;
export function flavourOf(mxcsr: number): Flavour {
  const mode = mxcsr & MODE;
  return mode === MODES.usual ? 'usual' : mode === MODES.careful ? 'careful' : 'exact';
}
/** MXCSR isn't what code of a flavour takes it to be. */
export function otherMode(c: FoldingCode, flavour: 'usual' | 'careful', mxcsr: Node): Node {
  return c.op('i32.ne', c.op('i32.and', mxcsr, c.i32(MODE)), c.i32(MODES[flavour]));
}

export type Arithmetic = PackedOp;

/** What the code of an operation needs of its binding. */
export interface Context {
  readonly c: FoldingCode;
  /** Leaves at the instruction where the condition holds. */
  leaveIf(condition: Node): void;
  /** Floating-point values known not to be denormal. */
  readonly plain: Set<Node>;
  /** PE is clear: results must be exact. */
  readonly careful: boolean;
}
const float = (w: 32 | 64): 'f32' | 'f64' => (w === 64 ? 'f64' : 'f32');
/** Bits without the sign, moved up by one. */
function magnitude(c: FoldingCode, w: 32 | 64, x: Node): Node {
  return w === 64
    ? c.op('i64.shl', c.op('i64.reinterpret_f64', x), c.i64(1))
    : c.op('i32.shl', c.op('i32.reinterpret_f32', x), c.i32(1));
}
/** Smallest normal number and infinity as magnitudes. */
const NORMAL = { 32: 1 << 24, 64: 2 ** 53 } as const;
const INFINITE = { 32: 0xff << 24, 64: 0x7ffn << 53n } as const;
const number = (c: FoldingCode, w: 32 | 64, n: number | bigint): Node => (w === 64 ? c.i64(n) : c.i32(Number(n)));
const integer = (w: 32 | 64): 'i32' | 'i64' => (w === 64 ? 'i64' : 'i32');

/** Leaves where an operand is denormal. */
function notDenormal(x: Context, w: 32 | 64, v: Node): void {
  const { c } = x;
  if (x.plain.has(v)) return;
  x.plain.add(v);
  const less = c.op(`${integer(w)}.sub`, magnitude(c, w, v), number(c, w, 1));
  x.leaveIf(c.op(`${integer(w)}.lt_u`, less, number(c, w, NORMAL[w] - 1)));
}
const isZero = (c: FoldingCode, w: 32 | 64, v: Node): Node => c.op(`${float(w)}.eq`, v, w === 64 ? c.f64(0) : c.f32(0));

/** The result of an operation on numbers. */
function arithmetic(x: Context, op: Arithmetic, w: 32 | 64, a: Node, b: Node): Node {
  const { c } = x;
  notDenormal(x, w, a);
  if (op !== 'sqrt') notDenormal(x, w, b);
  if (op === 'min' || op === 'max') {
    // The second operand unless the first is less, or more; NaNs are the interpreter's.
    const unordered = c.op('i32.or', c.op(`${float(w)}.ne`, a, a), c.op(`${float(w)}.ne`, b, b));
    x.leaveIf(unordered);
    const r = c.select(c.op(`${float(w)}.${op === 'min' ? 'lt' : 'gt'}` as Op, a, b), a, b);
    x.plain.add(r);
    return r;
  }
  const r = op === 'sqrt' ? c.op(`${float(w)}.sqrt`, a) : c.op(`${float(w)}.${op}` as Op, a, b);
  const m = magnitude(c, w, r);
  if (op === 'add' || op === 'sub') {
    // A result too small for a normal number is exact.
    x.leaveIf(c.op(`${integer(w)}.ge_u`, m, number(c, w, INFINITE[w])));
    if (x.careful) x.leaveIf(c.op('i32.eqz', exact(c, op, w, a, b, r)));
    return r;
  }
  const normal = c.op(
    `${integer(w)}.lt_u`,
    c.op(`${integer(w)}.sub`, m, number(c, w, NORMAL[w])),
    number(c, w, w === 64 ? 0x7fen << 53n : 0xfe << 24),
  );
  c.block((fine) => {
    c.brIf(fine, normal);
    const none = op === 'mul' ? c.op('i32.or', isZero(c, w, a), isZero(c, w, b)) : isZero(c, w, a);
    x.leaveIf(c.op('i32.eqz', c.op('i32.and', isZero(c, w, r), none)));
  });
  if (x.careful) notInexact(x, op, w, a, b, r);
  x.plain.add(r);
  return r;
}

const short = (c: FoldingCode, v: Node): Node => c.op('f64.eq', c.op('f64.promote_f32', c.op('f32.demote_f64', v)), v);
/** Leaves where a product, quotient or root isn't shown to be exact. */
function notInexact(x: Context, op: 'mul' | 'div' | 'sqrt', w: 32 | 64, a: Node, b: Node, r: Node): void {
  const { c } = x;
  c.block((fine) => {
    // A zero, or factors of so few digits that all of the product's fit.
    c.brIf(fine, isZero(c, w, r));
    if (op === 'mul' && w === 64) c.brIf(fine, c.op('i32.and', short(c, a), short(c, b)));
    x.leaveIf(c.op('i32.eqz', exact(c, op, w, a, b, r)));
  });
}

/** Operands of a comparison whose outcome is less, equal or greater: anything else is the interpreter's. */
function ordered(x: Context, w: 32 | 64, a: Node, b: Node): void {
  const { c } = x;
  notDenormal(x, w, a);
  notDenormal(x, w, b);
  x.leaveIf(c.op('i32.or', c.op(`${float(w)}.ne`, a, a), c.op(`${float(w)}.ne`, b, b)));
}

const value = (c: FoldingCode, w: 32 | 64, bits: Node): Node =>
  w === 64 ? c.op('f64.reinterpret_i64', bits) : c.op('f32.reinterpret_i32', c.op('i32.wrap_i64', bits));
const bits = (c: FoldingCode, w: 32 | 64, x: Node): Node =>
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
          ordered(x, w, value(x.c, w, a!), value(x.c, w, b!));
          return orderOf(x.c, w, a!, b!);
        },
      ]);
    for (const to of [32, 64] as const)
      list.push([`trunc${w}to${to}`, (x, [a]) => truncated(x, w, to, value(x.c, w, a!))]);
    list.push([`fromInt${w}`, (x, [a]) => bits(x.c, w, fromInteger(x, w, a!))]);
    if (w === 32)
      list.push([
        'widen',
        (x, [a]) => {
          const v = value(x.c, 32, a!);
          notDenormal(x, 32, v);
          x.leaveIf(x.c.op('f32.ne', v, v));
          return bits(x.c, 64, x.c.op('f64.promote_f32', v));
        },
      ]);
    else list.push(['narrow', (x, [a]) => bits(x.c, 32, narrowed(x, value(x.c, 64, a!)))]);
    return list;
  }),
);
function truncated(x: Context, w: 32 | 64, to: 32 | 64, v: Node): Node {
  const { c } = x;
  const d = w === 64 ? v : c.op('f64.promote_f32', v);
  const limit = to === 32 ? 2147483647 : 2 ** 63 - 1024;
  x.leaveIf(c.op('i32.eqz', c.op('f64.le', c.op('f64.abs', d), c.f64(limit))));
  if (x.careful) x.leaveIf(c.op('f64.ne', d, c.op('f64.trunc', d)));
  return to === 32 ? c.op('i64.extend_i32_u', c.op('i32.trunc_sat_f64_s', d)) : c.op('i64.trunc_sat_f64_s', d);
}
function fromInteger(x: Context, w: 32 | 64, n: Node): Node {
  const { c } = x;
  const small = c.narrow(n);
  if (small && w === 64) return c.op('f64.convert_i32_s', small);
  const r = c.op(w === 64 ? 'f64.convert_i64_s' : 'f32.convert_i64_s', n);
  if (x.careful) {
    // Up to so many digits it is exact, whatever they are.
    const limit = w === 64 ? 2 ** 53 : 2 ** 24;
    x.leaveIf(c.op('i64.gt_u', c.op('i64.add', n, c.i64(limit)), c.i64(2 * limit)));
  }
  return r;
}
function narrowed(x: Context, v: Node): Node {
  const { c } = x;
  const r = c.op('f32.demote_f64', v);
  const m = c.op('i32.sub', magnitude(c, 32, r), c.i32(NORMAL[32]));
  const normal = c.op('i32.lt_u', m, c.i32(0xfe << 24));
  c.block((fine) => {
    c.brIf(fine, normal);
    x.leaveIf(c.op('i32.eqz', isZero(c, 64, v)));
  });
  if (x.careful) x.leaveIf(c.op('f64.ne', c.op('f64.promote_f32', r), v));
  return r;
}

/** The same on all lanes at once; undefined where there is no operator for it. */
export function packed(x: Context, op: Arithmetic, w: 32 | 64, a: Node, b: Node): Node | undefined {
  if (op === 'min' || op === 'max' || op === 'sqrt' || (x.careful && op === 'div')) return undefined;
  const { c } = x;
  const shape = w === 64 ? 'i64x2' : 'i32x4';
  const floats = w === 64 ? 'f64x2' : 'f32x4';
  const splat = (n: number | bigint): Node => c.op(`${shape}.splat`, number(c, w, n));
  // Comparisons are signed: magnitudes are moved by half the range.
  const half = w === 64 ? 1n << 63n : 1n << 31n;
  const one = (v: Node): Node => c.op(`${shape}.shl`, v, c.i32(1));
  const below = (v: Node, from: bigint, size: bigint): Node =>
    c.op(
      `${shape}.gt_s`,
      splat(BigInt.asIntN(w, size - half)),
      c.op(`${shape}.add`, v, splat(BigInt.asIntN(w, -from - half))),
    );
  const normal = BigInt(NORMAL[w]);
  const denormal = (v: Node): Node => below(one(v), 1n, normal - 1n);
  const r = c.op(`${floats}.${op}` as Op, a, b);
  const bad = c.op('v128.or', denormal(a), denormal(b));
  const infinite = BigInt.asUintN(w, BigInt(INFINITE[w]));
  const m = one(r);
  if (op === 'add' || op === 'sub') {
    const large = below(m, infinite, (1n << BigInt(w)) - infinite);
    x.leaveIf(c.op('v128.any_true', c.op('v128.or', bad, large)));
    if (x.careful) {
      // Knuth's two-sum: what was rounded off.
      const f = (name: 'add' | 'sub', p: Node, q: Node): Node => c.op(`${floats}.${name}` as Op, p, q);
      const other = op === 'sub' ? c.op(`${floats}.neg` as Op, b) : b;
      const bb = f('sub', r, a);
      const error = f('add', f('sub', a, f('sub', r, bb)), f('sub', other, bb));
      x.leaveIf(c.op('v128.any_true', c.op(`${floats}.ne` as Op, error, c.v128(new Array<number>(16).fill(0)))));
    }
    return r;
  }
  const fine = below(m, normal, infinite - normal);
  const unclear = c.op('v128.any_true', c.op('v128.or', bad, c.op('v128.not', fine)));
  c.if(unclear, () => {
    const zero = c.v128(new Array<number>(16).fill(0));
    const none = (v: Node): Node => c.op(`${floats}.eq`, v, zero);
    const cause = op === 'mul' ? c.op('v128.or', none(a), none(b)) : none(a);
    const right = c.op('v128.or', fine, c.op('v128.and', none(r), cause));
    x.leaveIf(c.op('v128.any_true', c.op('v128.or', bad, c.op('v128.not', right))));
  });
  if (x.careful) productsExact(x, w, a, b, r);
  return r;
}
/** Leaves where a product of lanes isn't shown to be exact. */
function productsExact(x: Context, w: 32 | 64, a: Node, b: Node, r: Node): void {
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
