// Packed integer instructions, and the logic ones of floating point.
import type { Node } from '../../wasm/code.ts';
import type { Op } from '../../wasm/ops.ts';
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { mmx } from './mmx.ts';

type Binary = (b: Sem, d: V, s: V) => V;
const vec =
  (name: Op): Binary =>
  (b, d, s) =>
    b.vec(name, d, s);
const swapped =
  (name: Op): Binary =>
  (b, d, s) =>
    b.vec(name, s, d);
/** name, opcode in map 0f with 66, meaning. `hot` ones are in every string function, there between registers. */
const packed = (name: string, opcode: string, f: Binary, hot = false, map = '0f', wide = true): void => {
  // The mmx form works on the low half: every operation here keeps lanes apart.
  op(name, {
    enc: [`66 ${map} ${opcode} Vx,Wx`],
    ...(hot ? { hot: 'registers' } : {}),
    sem: (b, d, s) => f(b, d!, s!),
  });
  if (wide)
    op(name, {
      enc: [`np ${map} ${opcode} Pq,Qq`],
      sem: mmx((b, d, s) => b.lane64(f(b, b.low128(d!), b.low128(s!)), 0)),
    });
};

packed('paddb', 'fc', vec('i8x16.add'));
packed('paddw', 'fd', vec('i16x8.add'));
packed('paddd', 'fe', vec('i32x4.add'));
packed('paddq', 'd4', vec('i64x2.add'));
packed('psubb', 'f8', vec('i8x16.sub'));
packed('psubw', 'f9', vec('i16x8.sub'));
packed('psubd', 'fa', vec('i32x4.sub'));
packed('psubq', 'fb', vec('i64x2.sub'));
packed('paddsb', 'ec', vec('i8x16.add_sat_s'));
packed('paddsw', 'ed', vec('i16x8.add_sat_s'));
packed('paddusb', 'dc', vec('i8x16.add_sat_u'));
packed('paddusw', 'dd', vec('i16x8.add_sat_u'));
packed('psubsb', 'e8', vec('i8x16.sub_sat_s'));
packed('psubsw', 'e9', vec('i16x8.sub_sat_s'));
packed('psubusb', 'd8', vec('i8x16.sub_sat_u'));
packed('psubusw', 'd9', vec('i16x8.sub_sat_u'));
packed('pcmpeqb', '74', vec('i8x16.eq'), true);
packed('pcmpeqw', '75', vec('i16x8.eq'));
packed('pcmpeqd', '76', vec('i32x4.eq'));
packed('pcmpgtb', '64', vec('i8x16.gt_s'));
packed('pcmpgtw', '65', vec('i16x8.gt_s'));
packed('pcmpgtd', '66', vec('i32x4.gt_s'));
packed('pminub', 'da', vec('i8x16.min_u'), true);
packed('pmaxub', 'de', vec('i8x16.max_u'));
packed('pminsw', 'ea', vec('i16x8.min_s'));
packed('pmaxsw', 'ee', vec('i16x8.max_s'));
packed('pavgb', 'e0', vec('i8x16.avgr_u'));
packed('pavgw', 'e3', vec('i16x8.avgr_u'));
packed('pand', 'db', vec('v128.and'), true);
packed('pandn', 'df', swapped('v128.andnot'));
packed('por', 'eb', vec('v128.or'), true);
packed('pxor', 'ef', vec('v128.xor'), true);
packed('pmullw', 'd5', vec('i16x8.mul'));
packed('pmaddwd', 'f5', vec('i32x4.dot_i16x8_s'));
const bytesOf = (size: number, lanes: readonly number[]): number[] =>
  lanes.flatMap((l) => Array.from({ length: size }, (_, i) => l * size + i));
const highWords =
  (low: Op, high: Op): Binary =>
  (b, d, s) => ({
    n: b.c.shuffle(b.vec(low, d, s).n, b.vec(high, d, s).n, bytesOf(2, [1, 3, 5, 7, 9, 11, 13, 15])),
    w: 128,
  });
packed('pmulhw', 'e5', highWords('i32x4.extmul_low_i16x8_s', 'i32x4.extmul_high_i16x8_s'));
packed('pmulhuw', 'e4', highWords('i32x4.extmul_low_i16x8_u', 'i32x4.extmul_high_i16x8_u'));
const evenDwords = (b: Sem, v: V): V => ({ n: b.c.shuffle(v.n, v.n, bytesOf(4, [0, 2, 0, 2])), w: 128 });
packed('pmuludq', 'f4', (b, d, s) => b.vec('i64x2.extmul_low_i32x4_u', evenDwords(b, d), evenDwords(b, s)));
packed('psadbw', 'f6', (b, d, s) => {
  const difference = b.vec('v128.or', b.vec('i8x16.sub_sat_u', d, s), b.vec('i8x16.sub_sat_u', s, d));
  const fours = b.vec('i32x4.extadd_pairwise_i16x8_u', b.vec('i16x8.extadd_pairwise_i8x16_u', difference));
  const even = b.vec('v128.and', fours, { n: b.c.op('i64x2.splat', b.c.i64(0xffffffffn)), w: 128 });
  return b.vec('i64x2.add', even, { n: b.c.op('i64x2.shr_u', fours.n, b.c.i32(32)), w: 128 });
});

for (const [name, opcode, w] of [
  ['and', '54', vec('v128.and')],
  ['andn', '55', swapped('v128.andnot')],
  ['or', '56', vec('v128.or')],
  ['xor', '57', vec('v128.xor')],
] as const) {
  for (const [suffix, prefix] of [
    ['ps', 'np'],
    ['pd', '66'],
  ] as const)
    op(`${name}${suffix}`, { enc: [`${prefix} 0f ${opcode} Vx,Wx`], sem: (b, d, s) => w(b, d!, s!) });
}

// --- packing and unpacking
const unpack = (name: string, opcode: string, size: number, high: boolean): void => {
  const half = 8 / size;
  const from = high ? half : 0;
  const lanes = (n: number, start: number): number[] =>
    Array.from({ length: n }, (_, i) => start + i).flatMap((i) => [i, i + 16 / size]);
  op(name, {
    enc: [`66 0f ${opcode} Vx,Wx`],
    sem: (b, d, s) => ({ n: b.c.shuffle(d!.n, s!.n, bytesOf(size, lanes(half, from))), w: 128 }),
  });
  if (size === 8) return;
  op(name, {
    enc: [`np 0f ${opcode} Pq,Q${high ? 'q' : 'd'}`],
    sem: mmx((b, d, s) => {
      const x = b.low128(d!);
      const y = b.low128(s!);
      const q = half / 2;
      const all = lanes(q, high ? q : 0);
      return b.lane64({ n: b.c.shuffle(x.n, y.n, bytesOf(size, [...all, ...all])), w: 128 }, 0);
    }),
  });
};
unpack('punpcklbw', '60', 1, false);
unpack('punpcklwd', '61', 2, false);
unpack('punpckldq', '62', 4, false);
unpack('punpcklqdq', '6c', 8, false);
unpack('punpckhbw', '68', 1, true);
unpack('punpckhwd', '69', 2, true);
unpack('punpckhdq', '6a', 4, true);
unpack('punpckhqdq', '6d', 8, true);
const interleave = (name: string, prefix: string, opcode: string, size: number, lanes: readonly number[]): void => {
  op(name, {
    enc: [`${prefix} 0f ${opcode} Vx,Wx`],
    sem: (b, d, s) => ({ n: b.c.shuffle(d!.n, s!.n, bytesOf(size, lanes)), w: 128 }),
  });
};
interleave('unpcklps', 'np', '14', 4, [0, 4, 1, 5]);
interleave('unpckhps', 'np', '15', 4, [2, 6, 3, 7]);
interleave('unpcklpd', '66', '14', 8, [0, 2]);
interleave('unpckhpd', '66', '15', 8, [1, 3]);
const pack = (name: string, opcode: string, narrow: Op, map = '0f'): void => {
  op(name, { enc: [`66 ${map} ${opcode} Vx,Wx`], sem: (b, d, s) => b.vec(narrow, d!, s!) });
  if (map === '0f')
    op(name, {
      enc: [`np 0f ${opcode} Pq,Qq`],
      sem: mmx((b, d, s) => b.lane64(b.vec(narrow, b.setLane64(b.low128(d!), 1, s!), b.zero128()), 0)),
    });
};
pack('packsswb', '63', 'i8x16.narrow_i16x8_s');
pack('packuswb', '67', 'i8x16.narrow_i16x8_u');
pack('packssdw', '6b', 'i16x8.narrow_i32x4_s');
pack('packusdw', '2b', 'i16x8.narrow_i32x4_u', '0f38');

// --- shuffles by an immediate
/** Two bits of the immediate, the i-th pair. */
const pair = (b: Sem, n: V, i: number): V => b.and(b.shr(b.zx(n, 32), b.k(32, 2 * i)), b.k(32, 3));
const selector = (b: Sem, n: V, fixed: readonly (number | undefined)[]): V =>
  fixed.reduce(
    (r: V, f, i) =>
      b.setLane32(
        r,
        i,
        f === undefined
          ? b.add(b.mul(pair(b, n, i), b.k(32, 0x04040404)), b.k(32, 0x03020100))
          : b.k(32, 0x03020100 + 0x04040404 * f),
      ),
    b.zero128(),
  );
op('pshufd', {
  enc: ['66 0f 70 Vx,Wx,Ib'],
  access: ['w', 'r', 'r'],
  sem: (b, _d, s, n) => b.vec('i8x16.swizzle', s!, selector(b, n!, [undefined, undefined, undefined, undefined])),
});
op('shufps', {
  enc: ['np 0f c6 Vx,Wx,Ib'],
  sem(b, d, s, n) {
    const m = selector(b, n!, [undefined, undefined, undefined, undefined]);
    return {
      n: b.c.shuffle(b.vec('i8x16.swizzle', d!, m).n, b.vec('i8x16.swizzle', s!, m).n, bytesOf(4, [0, 1, 6, 7])),
      w: 128,
    };
  },
});
op('shufpd', {
  enc: ['66 0f c6 Vx,Wx,Ib'],
  sem(b, d, s, n) {
    // The lane that a bit of the immediate says, in both places.
    const picked = (v: V, i: number): Node => {
      const bit = b.zx(b.bit(b.zx(n!, 32), b.k(32, i)), 64);
      const bytes = b.add(b.mul(bit, b.k(64, 0x0808080808080808n)), b.k(64, 0x0706050403020100n));
      return b.vec('i8x16.swizzle', v, b.setLane64(b.setLane64(b.zero128(), 0, bytes), 1, bytes)).n;
    };
    return { n: b.c.shuffle(picked(d!, 0), picked(s!, 1), bytesOf(8, [0, 3])), w: 128 };
  },
});
/** Words of one half by pairs of the immediate. */
const words = (b: Sem, v: V, n: V): V => {
  let r = b.k(64, 0);
  for (let i = 0; i < 4; i++) {
    const word = b.and(b.shr(v, b.shl(pair(b, n, i), b.k(32, 4))), b.k(64, 0xffff));
    r = b.or(r, b.shl(word, b.k(32, 16 * i)));
  }
  return r;
};
/** The words of the lower half of a vector by pairs of the immediate, or those of the upper one; the others stay. */
const halfWords = (b: Sem, v: V, n: V, upper: boolean): V => {
  const word = (i: number): V => b.add(b.mul(pair(b, n, i), b.k(32, 0x0202)), b.k(32, upper ? 0x0908 : 0x0100));
  const two = (i: number): V => b.or(word(i), b.shl(word(i + 1), b.k(32, 16)));
  const first = upper ? 2 : 0;
  const stays = { n: b.c.v128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), w: 128 } as const;
  return b.vec('i8x16.swizzle', v, b.setLane32(b.setLane32(stays, first, two(0)), first + 1, two(2)));
};
op('pshuflw', {
  enc: ['f2 0f 70 Vx,Wx,Ib'],
  access: ['w', 'r', 'r'],
  sem: (b, _d, s, n) => halfWords(b, s!, n!, false),
});
op('pshufhw', {
  enc: ['f3 0f 70 Vx,Wx,Ib'],
  access: ['w', 'r', 'r'],
  sem: (b, _d, s, n) => halfWords(b, s!, n!, true),
});
op('pshufw', { enc: ['np 0f 70 Pq,Qq,Ib'], access: ['w', 'r', 'r'], sem: mmx((b, _d, s, n) => words(b, s!, n!)) });
op('pinsrw', { enc: ['66 0f c4 Vx,Mw,Ib'], sem: (b, d, s, n) => insertWord(b, d!, b.zx(s!, 32), n!) });
op('pinsrw', { enc: ['66 0f c4 Vx,Rd,Ib'], sem: (b, d, s, n) => insertWord(b, d!, s!, n!) });
function insertWord(b: Sem, d: V, s: V, n: V): V {
  return [0, 1, 2, 3, 4, 5, 6, 7].reduce(
    (r: V, i) => ({
      n: b.c.select(b.eq(b.and(n, b.k(8, 7)), b.k(8, i)).n, b.c.lane('i16x8.replace_lane', i, d.n, s.n), r.n),
      w: 128,
    }),
    d,
  );
}
/** Moves the wanted lane down to lane 0 by a swizzle. */
export const laneDown = (b: Sem, v: V, n: V, size: number): V => {
  const first = b.mul(b.and(b.zx(n, 32), b.k(32, 16 / size - 1)), b.k(32, size));
  const index = b.vec(
    'i8x16.add',
    { n: b.c.op('i8x16.splat', first.n), w: 128 },
    { n: b.c.v128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), w: 128 },
  );
  return b.vec('i8x16.swizzle', v, index);
};
op('pextrw', {
  enc: ['66 0f c5 Gd,Ux,Ib'],
  access: ['w', 'r', 'r'],
  sem: (b, _d, s, n) => ({ n: b.c.lane('i16x8.extract_lane_u', 0, laneDown(b, s!, n!, 2).n), w: 32 }),
});

// --- shifts: by a count in the low quadword of a register, or an immediate; too large a count clears (or fills with the sign)
const shift = (
  name: string,
  opcode: string,
  group: string,
  digit: number,
  operator: Op,
  bits: number,
  arithmetic: boolean,
): void => {
  const by = (b: Sem, v: V, count: V): V => {
    const tooLarge = b.ltu(b.k(64, bits - 1), count);
    const n = b.lo(count, 32);
    if (arithmetic) return { n: b.c.op(operator, v.n, b.sel(tooLarge, b.k(32, bits - 1), n).n), w: 128 };
    return b.sel(tooLarge, b.zero128(), { n: b.c.op(operator, v.n, n.n), w: 128 });
  };
  op(name, { enc: [`66 0f ${opcode} Vx,Wx`], sem: (b, d, s) => by(b, d!, b.lane64(s!, 0)) });
  op(name, { enc: [`66 0f ${group}/${digit} Ux,Ib`], sem: (b, d, n) => by(b, d!, b.zx(n!, 64)) });
  op(name, { enc: [`np 0f ${opcode} Pq,Qq`], sem: mmx((b, d, s) => b.lane64(by(b, b.low128(d!), s!), 0)) });
  op(name, {
    enc: [`np 0f ${group}/${digit} Nq,Ib`],
    sem: mmx((b, d, n) => b.lane64(by(b, b.low128(d!), b.zx(n!, 64)), 0)),
  });
};
shift('psrlw', 'd1', '71', 2, 'i16x8.shr_u', 16, false);
shift('psraw', 'e1', '71', 4, 'i16x8.shr_s', 16, true);
shift('psllw', 'f1', '71', 6, 'i16x8.shl', 16, false);
shift('psrld', 'd2', '72', 2, 'i32x4.shr_u', 32, false);
shift('psrad', 'e2', '72', 4, 'i32x4.shr_s', 32, true);
shift('pslld', 'f2', '72', 6, 'i32x4.shl', 32, false);
shift('psrlq', 'd3', '73', 2, 'i64x2.shr_u', 64, false);
shift('psllq', 'f3', '73', 6, 'i64x2.shl', 64, false);
/** Whole-register shifts by bytes: a swizzle whose index leaves the register reads zero. */
const byteShift = (name: string, digit: number, left: boolean): void => {
  op(name, {
    enc: [`66 0f 73/${digit} Ux,Ib`],
    sem(b, d, n) {
      const identity = { n: b.c.v128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), w: 128 as const };
      const by = b.zx(n!, 32);
      const count = b.sel(b.ltu(b.k(32, 16), by), b.k(32, 16), by);
      const splat = { n: b.c.op('i8x16.splat', count.n), w: 128 as const };
      return b.vec('i8x16.swizzle', d!, b.vec(left ? 'i8x16.sub' : 'i8x16.add', identity, splat));
    },
  });
};
byteShift('psrldq', 3, false);
byteShift('pslldq', 7, true);
