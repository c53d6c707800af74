// SSSE3, SSE4.1 and SSE4.2.
import type { Op } from '../../wasm/ops.ts';
import { op } from '../op.ts';
import { RAX, RCX, RDX, type Sem, type V } from '../sem.ts';
import { HELPER_RESULTS } from '../state.ts';
import { laneDown } from './integer.ts';
import { mmx } from './mmx.ts';

type Binary = (b: Sem, d: V, s: V) => V;
const both = (name: string, opcode: string, f: Binary): void => {
  op(name, { enc: [`66 0f38 ${opcode} Vx,Wx`], sem: (b, d, s) => f(b, d!, s!) });
  op(name, { enc: [`np 0f38 ${opcode} Pq,Qq`], sem: mmx((b, d, s) => b.lane64(f(b, b.low128(d!), b.low128(s!)), 0)) });
};
const splat = (b: Sem, bytes: number): V => ({ n: b.c.v128(new Array<number>(16).fill(bytes)), w: 128 });
op('pshufb', {
  enc: ['66 0f38 00 Vx,Wx'],
  sem: (b, d, s) => b.vec('i8x16.swizzle', d!, b.vec('v128.and', s!, splat(b, 0x8f))),
});
op('pshufb', {
  enc: ['np 0f38 00 Pq,Qq'],
  sem: mmx((b, d, s) =>
    b.lane64(b.vec('i8x16.swizzle', b.low128(d!), b.vec('v128.and', b.low128(s!), splat(b, 0x87))), 0),
  ),
});
const shuffle = (b: Sem, x: V, y: V, size: number, lanes: readonly number[]): V => ({
  n: b.c.shuffle(
    x.n,
    y.n,
    lanes.flatMap((l) => Array.from({ length: size }, (_, i) => l * size + i)),
  ),
  w: 128,
});
/** Sums or differences of neighbours: even lanes of both operands against odd ones. */
const horizontal = (name: string, opcode: string, size: number, operator: Op): void => {
  const n = 16 / size;
  const pick = (odd: number, mmx: boolean): number[] => {
    const half = Array.from({ length: n / 2 }, (_, i) => 2 * i + odd);
    return mmx
      ? [...half.slice(0, n / 4), ...half.slice(0, n / 4).map((l) => l + n), ...half].slice(0, n)
      : [...half, ...half.map((l) => l + n)];
  };
  const f =
    (mmx: boolean): Binary =>
    (b, d, s) =>
      b.vec(operator, shuffle(b, d, s, size, pick(0, mmx)), shuffle(b, d, s, size, pick(1, mmx)));
  op(name, { enc: [`66 0f38 ${opcode} Vx,Wx`], sem: (b, d, s) => f(false)(b, d!, s!) });
  op(name, {
    enc: [`np 0f38 ${opcode} Pq,Qq`],
    sem: mmx((b, d, s) => b.lane64(f(true)(b, b.low128(d!), b.low128(s!)), 0)),
  });
};
horizontal('phaddw', '01', 2, 'i16x8.add');
horizontal('phaddd', '02', 4, 'i32x4.add');
horizontal('phaddsw', '03', 2, 'i16x8.add_sat_s');
horizontal('phsubw', '05', 2, 'i16x8.sub');
horizontal('phsubd', '06', 4, 'i32x4.sub');
horizontal('phsubsw', '07', 2, 'i16x8.sub_sat_s');
both('pmaddubsw', '04', (b, d, s) => {
  const part = (half: 'low' | 'high'): V =>
    b.vec('i16x8.mul', b.vec(`i16x8.extend_${half}_i8x16_u`, d), b.vec(`i16x8.extend_${half}_i8x16_s`, s));
  const [lo, hi] = [part('low'), part('high')];
  return b.vec(
    'i16x8.add_sat_s',
    shuffle(b, lo, hi, 2, [0, 2, 4, 6, 8, 10, 12, 14]),
    shuffle(b, lo, hi, 2, [1, 3, 5, 7, 9, 11, 13, 15]),
  );
});
const sign =
  (shape: 'i8x16' | 'i16x8' | 'i32x4'): Binary =>
  (b, d, s) => {
    const zero = b.zero128();
    const kept = b.vec('v128.andnot', d, b.vec(`${shape}.eq`, s, zero));
    return b.vec('v128.bitselect', b.vec(`${shape}.neg`, kept), kept, b.vec(`${shape}.lt_s`, s, zero));
  };
both('psignb', '08', sign('i8x16'));
both('psignw', '09', sign('i16x8'));
both('psignd', '0a', sign('i32x4'));
both('pabsb', '1c', (b, _d, s) => b.vec('i8x16.abs', s));
both('pabsw', '1d', (b, _d, s) => b.vec('i16x8.abs', s));
both('pabsd', '1e', (b, _d, s) => b.vec('i32x4.abs', s));
/** (product >> 14) + 1 >> 1 without saturation: only -1 * -1 differs from the saturating form. */
both('pmulhrsw', '0b', (b, d, s) => {
  const part = (half: 'low' | 'high'): V => {
    const p = b.vec(`i32x4.extmul_${half}_i16x8_s`, d, s);
    const one: V = { n: b.c.op('i32x4.splat', b.c.i32(1)), w: 128 };
    return {
      n: b.c.op(
        'i32x4.shr_s',
        b.vec('i32x4.add', { n: b.c.op('i32x4.shr_s', p.n, b.c.i32(14)), w: 128 }, one).n,
        b.c.i32(1),
      ),
      w: 128,
    };
  };
  return shuffle(b, part('low'), part('high'), 2, [0, 2, 4, 6, 8, 10, 12, 14]);
});
/** Bytes n.. of the operands' concatenation: two swizzles, each reading zero where the other one's bytes are. */
const alignr = (b: Sem, d: V, s: V, n: V, width: number): V => {
  const by = b.zx(n, 32);
  const count = b.sel(b.ltu(b.k(32, 2 * width), by), b.k(32, 2 * width), by);
  const identity: V = { n: b.c.v128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), w: 128 };
  const index = b.vec('i8x16.add', identity, { n: b.c.op('i8x16.splat', count.n), w: 128 });
  const upper = b.vec('i8x16.sub', index, splat(b, width));
  return b.vec('v128.or', b.vec('i8x16.swizzle', s, index), b.vec('i8x16.swizzle', d, upper));
};
op('palignr', { enc: ['66 0f3a 0f Vx,Wx,Ib'], sem: (b, d, s, n) => alignr(b, d!, s!, n!, 16) });
op('palignr', {
  enc: ['np 0f3a 0f Pq,Qq,Ib'],
  sem: mmx((b, d, s, n) => b.lane64(alignr(b, b.low128(d!), b.low128(s!), n!, 8), 0)),
});

const only = (name: string, opcode: string, f: Binary): void => {
  op(name, { enc: [`66 0f38 ${opcode} Vx,Wx`], sem: (b, d, s) => f(b, d!, s!) });
};
const vec =
  (name: Op): Binary =>
  (b, d, s) =>
    b.vec(name, d, s);
only('pminsb', '38', vec('i8x16.min_s'));
only('pminsd', '39', vec('i32x4.min_s'));
only('pminuw', '3a', vec('i16x8.min_u'));
only('pminud', '3b', vec('i32x4.min_u'));
only('pmaxsb', '3c', vec('i8x16.max_s'));
only('pmaxsd', '3d', vec('i32x4.max_s'));
only('pmaxuw', '3e', vec('i16x8.max_u'));
only('pmaxud', '3f', vec('i32x4.max_u'));
only('pmulld', '40', vec('i32x4.mul'));
only('pcmpeqq', '29', vec('i64x2.eq'));
only('pcmpgtq', '37', vec('i64x2.gt_s'));
only('pmuldq', '28', (b, d, s) =>
  b.vec('i64x2.extmul_low_i32x4_s', shuffle(b, d, d, 4, [0, 2, 0, 2]), shuffle(b, s, s, 4, [0, 2, 0, 2])),
);
/** Variable blends by the sign bits of xmm0. */
for (const [name, opcode, by] of [
  ['pblendvb', '10', 'i8x16'],
  ['blendvps', '14', 'i32x4'],
  ['blendvpd', '15', 'i64x2'],
] as const) {
  op(name, {
    enc: [`66 0f38 ${opcode} Vx,Wx,XMM0`],
    sem: (b, d, s, m) => b.vec('v128.bitselect', s!, d!, { n: b.c.op(`${by}.lt_s`, m!.n, b.zero128().n), w: 128 }),
  });
}
const blend = (name: string, opcode: string, size: number): void => {
  op(name, {
    enc: [`66 0f3a ${opcode} Vx,Wx,Ib`],
    sem(b, d, s, n) {
      const shape = size === 2 ? 'i16x8' : size === 4 ? 'i32x4' : 'i64x2';
      const bits = Array.from({ length: 16 }, (_, i) => (i % size === 0 ? 1 << (i / size) : 0));
      const wide = size === 8 ? b.c.op('i64x2.splat', b.zx(n!, 64).n) : b.c.op(`${shape}.splat` as Op, n!.n);
      const mask = b.c.v128(bits);
      return b.vec('v128.bitselect', s!, d!, {
        n: b.c.op(`${shape}.eq` as Op, b.c.op('v128.and', wide, mask), mask),
        w: 128,
      });
    },
  });
};
blend('pblendw', '0e', 2);
blend('blendps', '0c', 4);
blend('blendpd', '0d', 8);
/** Sign and zero extension of the low lanes. */
for (const [base, how] of [
  [0x20, 's'],
  [0x30, 'u'],
] as const) {
  const x = how === 's' ? 'sx' : 'zx';
  const chain: [string, number, string, Op[]][] = [
    ['bw', 0, 'q', [`i16x8.extend_low_i8x16_${how}`]],
    ['bd', 1, 'd', [`i16x8.extend_low_i8x16_${how}`, `i32x4.extend_low_i16x8_${how}`]],
    ['bq', 2, 'w', [`i16x8.extend_low_i8x16_${how}`, `i32x4.extend_low_i16x8_${how}`, `i64x2.extend_low_i32x4_${how}`]],
    ['wd', 3, 'q', [`i32x4.extend_low_i16x8_${how}`]],
    ['wq', 4, 'd', [`i32x4.extend_low_i16x8_${how}`, `i64x2.extend_low_i32x4_${how}`]],
    ['dq', 5, 'q', [`i64x2.extend_low_i32x4_${how}`]],
  ];
  for (const [name, n, size, steps] of chain) {
    op(`pmov${x}${name}`, {
      enc: [`66 0f38 ${(base + n).toString(16)} Vx,W${size}`],
      access: ['w', 'r'],
      sem: (b, _d, s) => steps.reduce((v, f) => b.vec(f, v), b.low128(s!.w === 16 ? b.zx(s!, 32) : s!)),
    });
  }
}
op('ptest', {
  enc: ['66 0f38 17 Vx,Wx'],
  access: ['r', 'r'],
  sem(b, d, s) {
    const none = (v: V): V => b.not({ n: b.c.op('v128.any_true', v.n), w: 1 });
    const zf = none(b.vec('v128.and', d!, s!));
    const cf = none(b.vec('v128.andnot', s!, d!));
    b.f.setArithmetic(b.or(b.zx(cf, 32), b.shl(b.zx(zf, 32), b.k(32, 6))));
  },
});
op('phminposuw', {
  enc: ['66 0f38 41 Vx,Wx'],
  access: ['w', 'r'],
  sem(b, _d, s) {
    // Value above index in one number: the least has the least value, and of equals the lowest index.
    let best = b.k(32, -1);
    for (let i = 0; i < 8; i++) {
      const v = b.or(b.shl({ n: b.c.lane('i16x8.extract_lane_u', i, s!.n), w: 32 }, b.k(32, 3)), b.k(32, i));
      best = b.sel(b.ltu(v, best), v, best);
    }
    return b.low128(b.or(b.shr(best, b.k(32, 3)), b.shl(b.and(best, b.k(32, 7)), b.k(32, 16))));
  },
});
op('mpsadbw', {
  enc: ['66 0f3a 42 Vx,Wx,Ib'],
  sem(b, d, s, n) {
    const imm = b.zx(n!, 32);
    const block = laneDown(b, s!, imm, 4);
    const shifted = laneDown(b, d!, b.shl(b.bit(imm, b.k(32, 2)), b.k(32, 2)), 1);
    const byte = (v: V, i: number): V => ({ n: b.c.lane('i8x16.extract_lane_u', i, v.n), w: 32 });
    let r = b.zero128();
    for (let i = 0; i < 8; i++) {
      let total = b.k(32, 0);
      for (let k = 0; k < 4; k++) {
        const x = b.sub(byte(shifted, i + k), byte(block, k));
        const m = b.sar(x, b.k(32, 31));
        total = b.add(total, b.sub(b.xor(x, m), m));
      }
      r = { n: b.c.lane('i16x8.replace_lane', i, r.n, total.n), w: 128 };
    }
    return r;
  },
});
const extract = (name: string, size: 1 | 2 | 4 | 8, enc: string[]): void => {
  const lane = (b: Sem, s: V, n: V): V => {
    const v = laneDown(b, s, n, size);
    return size === 8
      ? b.lane64(v, 0)
      : size === 4
        ? b.lane32(v, 0)
        : { n: b.c.lane(size === 1 ? 'i8x16.extract_lane_u' : 'i16x8.extract_lane_u', 0, v.n), w: 32 };
  };
  for (const e of enc)
    op(name, {
      enc: [e],
      access: ['w', 'r', 'r'],
      sem: (b, _d, s, n) => (/M[bw]/.test(e) ? b.lo(lane(b, s!, n!), (8 * size) as 8 | 16) : lane(b, s!, n!)),
    });
};
extract('pextrb', 1, ['66 0f3a 14 Mb,Vx,Ib', '66 0f3a 14 Rd,Vx,Ib']);
extract('pextrw', 2, ['66 0f3a 15 Mw,Vx,Ib', '66 0f3a 15 Rd,Vx,Ib']);
extract('pextrd', 4, ['w0 66 0f3a 16 Ed,Vx,Ib']);
extract('pextrq', 8, ['w1 66 0f3a 16 Eq,Vx,Ib']);
extract('extractps', 4, ['66 0f3a 17 Ed,Vx,Ib']);
const insert = (name: string, size: 1 | 4 | 8, enc: string): void => {
  op(name, {
    enc: [enc],
    sem(b, d, s, n) {
      const operator: Op = size === 1 ? 'i8x16.replace_lane' : size === 4 ? 'i32x4.replace_lane' : 'i64x2.replace_lane';
      const which = b.and(b.zx(n!, 32), b.k(32, 16 / size - 1));
      return Array.from({ length: 16 / size }).reduce(
        (r: V, _, i) => b.sel(b.eq(which, b.k(32, i)), { n: b.c.lane(operator, i, d!.n, s!.n), w: 128 }, r),
        d!,
      );
    },
  });
};
insert('pinsrb', 1, '66 0f3a 20 Vx,Mb,Ib');
insert('pinsrb', 1, '66 0f3a 20 Vx,Rd,Ib');
insert('pinsrd', 4, 'w0 66 0f3a 22 Vx,Ed,Ib');
insert('pinsrq', 8, 'w1 66 0f3a 22 Vx,Eq,Ib');
const insertps = (b: Sem, d: V, value: V, n: V): V => {
  const imm = b.zx(n, 32);
  const to = b.and(b.shr(imm, b.k(32, 4)), b.k(32, 3));
  return [0, 1, 2, 3].reduce((r: V, i) => {
    const x = b.sel(b.eq(to, b.k(32, i)), value, b.lane32(d, i));
    return b.setLane32(r, i, b.sel(b.bit(imm, b.k(32, i)), b.k(32, 0), x));
  }, b.zero128());
};
op('insertps', { enc: ['66 0f3a 21 Vx,Md,Ib'], sem: (b, d, s, n) => insertps(b, d!, s!, n!) });
op('insertps', {
  enc: ['66 0f3a 21 Vx,Ux,Ib'],
  sem: (b, d, s, n) => insertps(b, d!, b.lane32(laneDown(b, s!, b.shr(b.zx(n!, 32), b.k(32, 6)), 4), 0), n!),
});
/** The explicit lengths are eax and edx, or rax and rdx with REX.W: the values that count are brought down to bytes for the helper. */
const length = (b: Sem, reg: number, wide: boolean): V => {
  const v = wide ? b.gpr(reg, 64) : b.sx(b.gpr(reg, 32), 64);
  const most = b.k(64, 16);
  const size = b.sel(b.lts(v, b.k(64, 0)), b.neg(v), v);
  return b.sel(b.ltu(most, size), most, size);
};
/** pcmpistri of bytes place by place, what C libraries compare strings by: the mask of all places at once. */
const compareEach = (b: Sem, d: V, s: V, imm: V): void => {
  const places = (x: V, y: V): V => b.op('i8x16.bitmask', 32, b.vec('i8x16.eq', x, y));
  const ends = [d, s].map((x) => places(x, b.zero128())) as [V, V];
  // What stands in front of the first zero.
  const valid = ends.map((e) => b.and(b.sub(e, b.k(32, 1)), b.not(e))) as [V, V];
  const same = b.and(places(d, s), b.and(valid[0], valid[1]));
  const raw = b.or(same, b.not(b.or(valid[0], valid[1])));
  const flip = b.sel(b.bit(imm, b.k(32, 4)), b.sel(b.bit(imm, b.k(32, 5)), valid[1], b.k(32, -1)), b.k(32, 0));
  const bits = b.and(b.xor(raw, flip), b.k(32, 0xffff));
  const first = b.op('i32.ctz', 32, b.or(bits, b.k(32, 0x10000)));
  const last = b.sel(b.isZero(bits), b.k(32, 16), b.sub(b.k(32, 31), b.op('i32.clz', 32, bits)));
  const flag = (v: V, at: number): V => b.shl(b.zx(v, 32), b.k(32, at));
  const [sf, zf] = ends.map((e) => b.ne(e, b.k(32, 0))) as [V, V];
  const of = b.bit(bits, b.k(32, 0));
  const cf = b.zx(b.ne(bits, b.k(32, 0)), 32);
  b.f.setArithmetic(b.or(b.or(cf, flag(of, 11)), b.or(flag(zf, 6), flag(sf, 7))));
  b.setGpr(RCX, b.sel(b.bit(imm, b.k(32, 6)), last, first));
};
for (const [name, opcode] of [
  ['pcmpestrm', '60'],
  ['pcmpestri', '61'],
  ['pcmpistrm', '62'],
  ['pcmpistri', '63'],
] as const) {
  for (const w of [0, 1] as const)
    op(name, {
      enc: [`w${w} 66 0f3a ${opcode} Vx,Wx,Ib ua`],
      text: w === 1 && name.startsWith('pcmpe') ? `${name}q` : '',
      access: ['r', 'r', 'r'],
      sem(b, d, s, n) {
        const any = (): void => {
          if (name.startsWith('pcmpe')) {
            b.setState(HELPER_RESULTS, length(b, RAX, w === 1));
            b.setState(HELPER_RESULTS + 8, length(b, RDX, w === 1));
          }
          b.helper(name, b.lane64(d!, 0), b.lane64(d!, 1), b.lane64(s!, 0), b.lane64(s!, 1));
          b.f.setArithmetic(b.helped(3, 32));
          if (name.endsWith('i')) b.setGpr(RCX, b.helped(0, 32));
          else b.setXmm(0, b.helped(0, 128));
        };
        const imm = b.zx(n!, 32);
        if (name !== 'pcmpistri') any();
        else b.if(b.eq(b.and(imm, b.k(32, 0x0d)), b.k(32, 0x08)), () => compareEach(b, d!, s!, imm), any);
      },
    });
}
/** crc32: Castagnoli polynomial, bit by bit over the operand. */
for (const enc of ['f2 0f38 f0 Gy,Eb att=crc32+', 'f2 0f38 f1 Gy,Ev att=crc32+']) {
  op('crc32', {
    enc: [enc],
    sem(b, d, s) {
      b.helper('crc32', b.zx(d!, 64), b.zx(s!, 64), b.k(64, s!.w));
      return d!.w === 64 ? b.zx(b.helped(0, 32), 64) : b.helped(0, 32);
    },
  });
}
for (const [name, opcode] of [['movbe', 'f0']] as const) {
  op(name, {
    enc: [`np 0f38 ${opcode} Gv,Mv`, `66 0f38 ${opcode} Gv,Mv`, `np 0f38 f1 Mv,Gv`, `66 0f38 f1 Mv,Gv`],
    access: ['w', 'r'],
  });
}
