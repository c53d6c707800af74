// Floating-point arithmetic of SSE as functions of the generated module: WebAssembly's own operator where its result is provably x86's, with no flag to
// raise that isn't raised already; the exact routine otherwise.
import type { Code, Node } from '../../wasm/code.ts';
import type { Op, ValType } from '../../wasm/ops.ts';
import { shared } from '../shared.ts';
import { FP_RAISED, MXCSR } from '../state.ts';
import { FP_KINDS, type FpKind } from './kinds.ts';

/** (kind | width << 8 | immediate << 16, a, b) -> result bits. */
const SLOW = { name: 'fpExact', params: ['i32', 'i64', 'i64'] as readonly ValType[], result: 'i64' as ValType };
export const slowCode = (kind: FpKind, w: 32 | 64, imm = 0): number => FP_KINDS.indexOf(kind) | (w << 8) | (imm << 16);

/** MXCSR with all exceptions masked, nearest, no FTZ or DAZ; other flags as they are. */
const MODE = 0xffc0;
const DEFAULT = 0x1f80;
const PE = 0x20;

const bits = (c: Code, w: 32 | 64, n: Node): Node =>
  w === 64 ? c.op('i64.reinterpret_f64', n) : c.op('i64.extend_i32_u', c.op('i32.reinterpret_f32', n));
/**
 * The exponent is neither all ones nor zero: a normal number. A `result` must be above the least normal numbers as well: what is rounded up to them may have been
 * tiny, which raises UE.
 */
function normal(c: Code, w: 32 | 64, b: Node, result = false): Node {
  const least = result ? 2 : 1;
  const e =
    w === 64
      ? c.op('i64.and', c.op('i64.shr_u', b, c.i64(52)), c.i64(0x7ff))
      : c.op('i64.and', c.op('i64.shr_u', b, c.i64(23)), c.i64(0xff));
  return c.op('i64.lt_u', c.op('i64.sub', e, c.i64(least)), c.i64((w === 64 ? 0x7ff : 0xff) - least));
}
const isZero = (c: Code, w: 32 | 64, b: Node): Node => c.op('i64.eqz', c.op('i64.shl', b, c.i64(w === 64 ? 1 : 33)));
const plain = (c: Code, w: 32 | 64, b: Node, result = false): Node =>
  c.op('i32.or', normal(c, w, b, result), isZero(c, w, b));
/** No NaN and no denormal: order and equality are the operators', and nothing is raised. */
function comparable(c: Code, w: 32 | 64, b: Node): Node {
  const [magnitude, least, infinity] =
    w === 64
      ? [c.op('i64.and', b, c.i64((1n << 63n) - 1n)), 1n << 52n, 0x7ffn << 52n]
      : [c.op('i64.and', b, c.i64(0x7fff_ffffn)), 1n << 23n, 0xffn << 23n];
  const number = c.op('i64.le_u', c.op('i64.sub', magnitude, c.i64(least)), c.i64(infinity - least));
  return c.op('i32.or', number, c.op('i64.eqz', magnitude));
}
const PM = 0x1000;
const ROUNDING = 0x6000;
/** May a result differ from the exact one without anything to raise? PE is set already, and masked. */
const inexactKnown = (c: Code, m: Node): Node => c.op('i32.eq', c.op('i32.and', m, c.i32(PM | PE)), c.i32(PM | PE));
const value = (c: Code, w: 32 | 64, b: Node): Node =>
  w === 64 ? c.op('f64.reinterpret_i64', b) : c.op('f32.reinterpret_i32', c.op('i32.wrap_i64', b));
const mxcsr = (c: Code): Node => c.load('i32.load', c.i32(0), MXCSR);
const isDefault = (c: Code, m: Node): Node => c.op('i32.eq', c.op('i32.and', m, c.i32(MODE)), c.i32(DEFAULT));

/** Significant bits fit so that the product of a and b is exact (all in f64 bits). */
export function productExact(c: Code, a: Node, b: Node): Node {
  const zeros = (x: Node): Node =>
    c.op('i64.ctz', c.op('i64.or', c.op('i64.and', x, c.i64((1n << 52n) - 1n)), c.i64(1n << 52n)));
  return c.op('i64.ge_u', c.op('i64.add', zeros(a), zeros(b)), c.i64(53));
}
const wide = (c: Code, w: 32 | 64, n: Node): Node => (w === 64 ? n : c.op('f64.promote_f32', n));
/** a + b = s exactly (two-sum, Knuth); operands f64. */
function sumExact(c: Code, a: Node, b: Node, s: Node): Node {
  const bb = c.op('f64.sub', s, a);
  const error = c.op('f64.add', c.op('f64.sub', a, c.op('f64.sub', s, bb)), c.op('f64.sub', b, bb));
  return c.op('f64.eq', error, c.f64(0));
}
/** With PE still clear: is the result of numbers exact? What isn't shown exact here goes the exact way. */
export function exact(c: Code, op: FpKind, w: 32 | 64, a: Node, b: Node, r: Node): Node {
  const [x, y, z] = [wide(c, w, a), wide(c, w, b), wide(c, w, r)];
  const asBits = (n: Node): Node => c.op('i64.reinterpret_f64', n);
  switch (op) {
    case 'add':
    case 'sub': {
      const other = op === 'sub' ? c.op('f64.neg', y) : y;
      const s = c.op('f64.add', x, other);
      return c.op('i32.and', sumExact(c, x, other, s), c.op('f64.eq', s, z));
    }
    case 'mul':
      return c.op('i32.and', productExact(c, asBits(x), asBits(y)), c.op('f64.eq', c.op('f64.mul', x, y), z));
    case 'div':
      return c.op('i32.and', productExact(c, asBits(z), asBits(y)), c.op('f64.eq', c.op('f64.mul', z, y), x));
    default:
      return c.op('i32.and', productExact(c, asBits(z), asBits(z)), c.op('f64.eq', c.op('f64.mul', z, z), x));
  }
}

/** What ucomi gives for operands (their bits) of which neither is NaN: CF and ZF at their places in rflags. */
export function orderOf(c: Code, w: 32 | 64, a: Node, b: Node): Node {
  const [x, y] = [value(c, w, a), value(c, w, b)];
  const p = w === 64 ? 'f64' : 'f32';
  const equal = c.op('i64.extend_i32_u', c.op(`${p}.eq`, x, y));
  return c.op('i64.or', c.op('i64.extend_i32_u', c.op(`${p}.lt`, x, y)), c.op('i64.shl', equal, c.i64(6)));
}

for (const w of [32, 64] as const) {
  const p = w === 64 ? 'f64' : 'f32';
  for (const op of ['add', 'sub', 'mul', 'div', 'sqrt'] as const) {
    shared({
      name: `${op}${w}`,
      params: ['i64', 'i64'],
      result: 'i64',
      imports: [SLOW],
      body(c, call) {
        const a = c.param(0);
        const b = c.param(1);
        const m = mxcsr(c);
        const [x, y] = [value(c, w, a), value(c, w, b)];
        const r = op === 'sqrt' ? c.op(`${p}.sqrt`, x) : c.op(`${p}.${op}` as Op, x, y);
        const rb = bits(c, w, r);
        const zeroFine = op === 'add' || op === 'sub' || op === 'sqrt' ? plain(c, w, rb, true) : normal(c, w, rb, true);
        const inputs = op === 'sqrt' ? plain(c, w, a) : c.op('i32.and', plain(c, w, a), plain(c, w, b));
        // Zero times a number.
        if (op === 'mul') {
          const none = c.op('i32.or', isZero(c, w, a), isZero(c, w, b));
          c.if(c.op('i32.and', c.op('i32.and', inputs, none), isDefault(c, m)), () => c.return(rb));
        }
        const fine = c.op('i32.and', c.op('i32.and', isDefault(c, m), zeroFine), inputs);
        c.if(fine, () => {
          c.if(c.op('i32.ne', c.op('i32.and', m, c.i32(PE)), c.i32(0)), () => c.return(rb));
          c.if(exact(c, op, w, x, y, r), () => c.return(rb));
        });
        return call('fpExact', c.i32(slowCode(op, w)), a, b);
      },
    });
  }
  for (const op of ['min', 'max'] as const) {
    shared({
      name: `${op}${w}`,
      params: ['i64', 'i64'],
      result: 'i64',
      imports: [SLOW],
      body(c, call) {
        const a = c.param(0);
        const b = c.param(1);
        const less =
          op === 'min'
            ? c.op(`${p}.lt`, value(c, w, a), value(c, w, b))
            : c.op(`${p}.gt`, value(c, w, a), value(c, w, b));
        c.if(c.op('i32.and', comparable(c, w, a), comparable(c, w, b)), () => c.return(c.select(less, a, b)));
        return call('fpExact', c.i32(slowCode(op, w)), a, b);
      },
    });
  }
  /** Result: CF PF ZF at their places in rflags (SDM: UCOMISD). */
  for (const op of ['ucomi', 'comi'] as const) {
    shared({
      name: `${op}${w}`,
      params: ['i64', 'i64'],
      result: 'i64',
      imports: [SLOW],
      body(c, call) {
        const a = c.param(0);
        const b = c.param(1);
        c.if(c.op('i32.and', comparable(c, w, a), comparable(c, w, b)), () => c.return(orderOf(c, w, a, b)));
        return call('fpExact', c.i32(slowCode(op, w)), a, b);
      },
    });
  }
  /** (a, b, predicate 0 to 7) -> a mask of ones or zero. */
  shared({
    name: `cmp${w}`,
    params: ['i64', 'i64', 'i32'],
    result: 'i64',
    imports: [SLOW],
    body(c, call) {
      const [a, b, predicate] = [c.param(0), c.param(1), c.param(2)];
      const [x, y] = [value(c, w, a), value(c, w, b)];
      c.if(c.op('i32.and', comparable(c, w, a), comparable(c, w, b)), () => {
        // eq, lt, le, unord; bit 2 negates.
        const which = c.op('i32.shl', c.op('i32.and', predicate, c.i32(3)), c.i32(3));
        const [lt, eq] = [c.op(`${p}.lt`, x, y), c.op(`${p}.eq`, x, y)];
        const bytes = c.op(
          'i32.or',
          c.op('i32.or', eq, c.op('i32.shl', lt, c.i32(8))),
          c.op('i32.shl', c.op('i32.or', lt, eq), c.i32(16)),
        );
        const on = c.op('i32.and', c.op('i32.shr_u', bytes, which), c.i32(1));
        const truth = c.op('i32.xor', on, c.op('i32.shr_u', predicate, c.i32(2)));
        const ones = c.op('i64.sub', c.i64(0), c.op('i64.extend_i32_u', truth));
        c.return(w === 64 ? ones : c.op('i64.and', ones, c.i64(0xffff_ffffn)));
      });
      const code = c.op('i32.or', c.i32(slowCode('cmp', w)), c.op('i32.shl', predicate, c.i32(16)));
      return call('fpExact', code, a, b);
    },
  });
  /** (a, immediate of roundss and roundsd) -> a rounded to an integer. */
  shared({
    name: `round${w}`,
    params: ['i64', 'i32'],
    result: 'i64',
    imports: [SLOW],
    body(c, call) {
      const [a, imm] = [c.param(0), c.param(1)];
      const x = value(c, w, a);
      const m = mxcsr(c);
      const control = c.op('i32.and', c.op('i32.shr_u', m, c.i32(13)), c.i32(3));
      const mode = c.select(c.op('i32.and', imm, c.i32(4)), control, c.op('i32.and', imm, c.i32(3)));
      const upper = c.select(c.op('i32.and', mode, c.i32(1)), c.op(`${p}.trunc`, x), c.op(`${p}.ceil`, x));
      const lower = c.select(c.op('i32.and', mode, c.i32(1)), c.op(`${p}.floor`, x), c.op(`${p}.nearest`, x));
      const r = c.select(c.op('i32.and', mode, c.i32(2)), upper, lower);
      const quiet = c.op(
        'i32.or',
        c.op('i32.or', c.op('i32.and', imm, c.i32(8)), inexactKnown(c, m)),
        c.op(`${p}.eq`, r, x),
      );
      c.if(c.op('i32.and', plain(c, w, a), c.op('i32.ne', quiet, c.i32(0))), () => c.return(bits(c, w, r)));
      const code = c.op('i32.or', c.i32(slowCode('round', w)), c.op('i32.shl', imm, c.i32(16)));
      return call('fpExact', code, a, a);
    },
  });
  /** To a signed integer by truncation, or as MXCSR says where that is to the nearest; i32 results zero-extended. */
  for (const to of [32, 64] as const) {
    for (const how of ['trunc', 'nearest'] as const) {
      const kind = how === 'trunc' ? 'cvttf2si' : 'cvtf2si';
      shared({
        name: `${how}${w}to${to}`,
        params: ['i64'],
        result: 'i64',
        imports: [SLOW],
        body(c, call) {
          const a = c.param(0);
          const x = value(c, w, a);
          const d = wide(c, w, x);
          const r = c.op(`f64.${how}`, d);
          // Rounded, it must fit: the largest number below the limit that does.
          const limit = to === 32 ? 2147483647 : 2 ** 63 - 1024;
          const inRange = c.op('i32.and', c.op('f64.le', d, c.f64(limit)), c.op('f64.ge', d, c.f64(-limit)));
          const m = mxcsr(c);
          const quiet = c.op('i32.or', inexactKnown(c, m), c.op('f64.eq', d, r));
          const set = c.op('i32.eqz', c.op('i32.and', m, c.i32(how === 'trunc' ? 0 : ROUNDING)));
          c.if(c.op('i32.and', c.op('i32.and', inRange, quiet), set), () => {
            const n = c.op('i64.trunc_sat_f64_s', r);
            c.return(to === 32 ? c.op('i64.and', n, c.i64(0xffffffffn)) : n);
          });
          return call('fpExact', c.i32(slowCode(`${kind}${to}`, w)), a, c.i64(0));
        },
      });
    }
  }
  /** From a signed 64-bit integer (32-bit ones come sign-extended). */
  shared({
    name: `fromInt${w}`,
    params: ['i64'],
    result: 'i64',
    imports: [SLOW],
    body(c, call) {
      const a = c.param(0);
      const r = c.op(w === 64 ? 'f64.convert_i64_s' : 'f32.convert_i64_s', a);
      const m = mxcsr(c);
      const back = c.op('i64.eq', c.op(w === 64 ? 'i64.trunc_sat_f64_s' : 'i64.trunc_sat_f32_s', r), a);
      const small = c.op('i64.ne', a, c.i64((1n << 63n) - 1n));
      const known = c.op('i32.and', isDefault(c, m), c.op('i32.shr_u', c.op('i32.and', m, c.i32(PE)), c.i32(5)));
      c.if(
        c.op(
          'i32.or',
          known,
          c.op(
            'i32.and',
            back,
            c.op('i32.and', small, c.op('i64.lt_u', c.op('i64.add', a, c.i64(1 << 24)), c.i64(1 << 25))),
          ),
        ),
        () => c.return(bits(c, w, r)),
      );
      return call('fpExact', c.i32(slowCode('cvtsi2f', w)), a, c.i64(0));
    },
  });
}
shared({
  name: 'widen',
  params: ['i64'],
  result: 'i64',
  imports: [SLOW],
  body(c, call) {
    const a = c.param(0);
    c.if(plain(c, 32, a), () => c.return(bits(c, 64, c.op('f64.promote_f32', value(c, 32, a)))));
    return call('fpExact', c.i32(slowCode('cvtss2sd', 32)), a, c.i64(0));
  },
});
shared({
  name: 'narrow',
  params: ['i64'],
  result: 'i64',
  imports: [SLOW],
  body(c, call) {
    const a = c.param(0);
    const m = mxcsr(c);
    const x = value(c, 64, a);
    const r = c.op('f32.demote_f64', x);
    const rb = bits(c, 32, r);
    const inexactKnown = c.op('i32.ne', c.op('i32.and', m, c.i32(PE)), c.i32(0));
    const fine = c.op(
      'i32.and',
      isDefault(c, m),
      c.op('i32.or', isZero(c, 64, a), c.op('i32.and', normal(c, 64, a), normal(c, 32, rb, true))),
    );
    c.if(c.op('i32.and', fine, c.op('i32.or', inexactKnown, c.op('f64.eq', c.op('f64.promote_f32', r), x))), () =>
      c.return(rb),
    );
    return call('fpExact', c.i32(slowCode('cvtsd2ss', 64)), a, c.i64(0));
  },
});
/**
 * Ends an instruction's floating point: exceptions found go into MXCSR; 1 if one of them is unmasked. Invalid, denormal and divide-by-zero of any element are
 * found before anything is computed: unmasked, they keep the later ones from being found in all of them.
 */
shared({
  name: 'settle',
  params: [],
  result: 'i32',
  body(c) {
    const raised = c.load('i32.load', c.i32(0), FP_RAISED);
    c.if(c.op('i32.eqz', raised), () => c.return(c.i32(0)));
    c.store('i32.store', c.i32(0), c.i32(0), FP_RAISED);
    const m = mxcsr(c);
    const masks = c.op('i32.shr_u', m, c.i32(7));
    const unmasked = c.op('i32.and', c.op('i32.and', raised, c.op('i32.xor', masks, c.i32(-1))), c.i32(0x3f));
    const early = c.op('i32.ne', c.op('i32.and', unmasked, c.i32(7)), c.i32(0));
    const kept = c.select(early, c.op('i32.and', raised, c.i32(7)), raised);
    c.store('i32.store', c.i32(0), c.op('i32.or', m, kept), MXCSR);
    return c.op('i32.ne', unmasked, c.i32(0));
  },
});
for (const name of ['rcp', 'rsqrt']) {
  shared({
    name,
    params: ['i64'],
    result: 'i64',
    body(c) {
      const a = c.op('i32.wrap_i64', c.param(0));
      const sign = c.op('i32.and', a, c.i32(0x80000000));
      const magnitude = c.op('i32.and', a, c.i32(0x7fffffff));
      const wideBits = (n: Node): Node => c.op('i64.extend_i32_u', n);
      // A NaN is quieted; zeros and denormals give an infinity.
      c.if(c.op('i32.gt_u', magnitude, c.i32(0x7f800000)), () =>
        c.return(wideBits(c.op('i32.or', a, c.i32(0x400000)))),
      );
      c.if(c.op('i32.lt_u', magnitude, c.i32(0x800000)), () =>
        c.return(wideBits(c.op('i32.or', sign, c.i32(0x7f800000)))),
      );
      if (name === 'rsqrt') c.if(sign, () => c.return(c.i64(0xffc00000)));
      const x = c.op('f32.reinterpret_i32', a);
      const r = c.op('i32.reinterpret_f32', c.op('f32.div', c.f32(1), name === 'rcp' ? x : c.op('f32.sqrt', x)));
      const tiny = c.op('i32.lt_u', c.op('i32.and', r, c.i32(0x7fffffff)), c.i32(0x800000));
      return wideBits(c.select(tiny, sign, r));
    },
  });
}
