// SSE and SSE2 floating-point instructions.
import { op } from '../op.ts';
import type { PackedConversion, PackedOp, Sem, V } from '../sem.ts';
import { FP_RAISED, MXCSR } from '../state.ts';
import './fp.ts';
import { mmx } from './mmx.ts';

const XM = 19;
/** Runs `body`, then settles what exceptions came up: #XM if one is unmasked; results are written after that. */
function checked<T>(b: Sem, body: () => T): T {
  const r = body();
  b.if(b.ne(b.state(FP_RAISED, 32), b.k(32, 0)), () => b.if({ n: b.shared('settle'), w: 1 }, () => b.fault(XM)));
  return r;
}
const call64 = (b: Sem, name: string, ...args: V[]): V => ({
  n: b.shared(name, ...args.map((a) => b.zx(a, 64).n)),
  w: 64,
});
const lanes = (w: 32 | 64): number[] => (w === 64 ? [0, 1] : [0, 1, 2, 3]);
export const lane = (b: Sem, v: V, w: 32 | 64, i: number): V => (w === 64 ? b.lane64(v, i) : b.lane32(v, i));
const setLane = (b: Sem, v: V, i: number, x: V): V => (x.w === 64 ? b.setLane64(v, i, x) : b.setLane32(v, i, x));
const cut = (b: Sem, v: V, w: 32 | 64): V => b.lo(v, w);

/** What a compiler makes of ordinary arithmetic. */
const SCALAR = new Set(['add', 'sub', 'mul', 'div']);
/** An operation on all lanes or the lowest one: ps, pd, ss, sd. */
function family(name: PackedOp, opcode: string, fn: (w: 32 | 64) => string, unary: boolean): void {
  const one = (b: Sem, w: 32 | 64, d: V, s: V): V => cut(b, unary ? call64(b, fn(w), s, s) : call64(b, fn(w), d, s), w);
  for (const [suffix, prefix, w] of [
    ['ps', 'np', 32],
    ['pd', '66', 64],
  ] as const) {
    op(`${name}${suffix}`, {
      enc: [`${prefix} 0f ${opcode} Vx,Wx`],
      access: [unary ? 'w' : 'rw', 'r'],
      sem: (b, d, s) =>
        checked(b, () =>
          b.packed(name, w, unary ? s! : d!, s!, () =>
            lanes(w).reduce(
              (r, i) => setLane(b, r, i, one(b, w, unary ? lane(b, s!, w, i) : lane(b, d!, w, i), lane(b, s!, w, i))),
              b.zero128(),
            ),
          ),
        ),
    });
  }
  for (const [suffix, prefix, w, letter] of [
    ['ss', 'f3', 32, 'd'],
    ['sd', 'f2', 64, 'q'],
  ] as const) {
    op(`${name}${suffix}`, {
      enc: [`${prefix} 0f ${opcode} V${letter},W${letter}`],
      access: [unary ? 'w' : 'rw', 'r'],
      ...(SCALAR.has(name) ? { hot: true } : {}),
      sem: (b, d, s) => checked(b, () => one(b, w, unary ? s! : d!, s!)),
    });
  }
}
family('add', '58', (w) => `add${w}`, false);
family('mul', '59', (w) => `mul${w}`, false);
family('sub', '5c', (w) => `sub${w}`, false);
family('min', '5d', (w) => `min${w}`, false);
family('div', '5e', (w) => `div${w}`, false);
family('max', '5f', (w) => `max${w}`, false);
family('sqrt', '51', (w) => `sqrt${w}`, true);

const compared = (b: Sem, w: 32 | 64, x: V, y: V, predicate: V): V => ({
  n: b.shared(`cmp${w}`, b.zx(x, 64).n, b.zx(y, 64).n, b.and(b.zx(predicate, 32), b.k(32, 7)).n),
  w: 64,
});
const rounded = (b: Sem, w: 32 | 64, x: V, imm: V): V => ({
  n: b.shared(`round${w}`, b.zx(x, 64).n, b.zx(imm, 32).n),
  w: 64,
});

for (const [name, opcode] of [
  ['ucomi', '2e'],
  ['comi', '2f'],
] as const) {
  for (const [suffix, prefix, w, letter] of [
    ['ss', 'np', 32, 'd'],
    ['sd', '66', 64, 'q'],
  ] as const) {
    op(`${name}${suffix}`, {
      enc: [`${prefix} 0f ${opcode} V${letter},W${letter}`],
      access: ['r', 'r'],
      hot: true,
      sem(b, d, s) {
        const flags = checked(b, () => b.lo(call64(b, `${name}${w}`, d!, s!), 32));
        b.f.comparison(flags, d!, s!);
      },
    });
  }
}
/** The text names the predicate. */
const predicate = (suffix: string): { text: string } => ({ text: `cmp{fp8}${suffix}` });
/** Comparison to a mask; predicates 0 to 7. */
for (const [suffix, prefix, w] of [
  ['ps', 'np', 32],
  ['pd', '66', 64],
] as const) {
  op(`cmp${suffix}`, {
    enc: [`${prefix} 0f c2 Vx,Wx,Ib`],
    ...predicate(suffix),
    sem: (b, d, s, n) =>
      checked(b, () =>
        b.packedCompare(w, d!, s!, n!, () =>
          lanes(w).reduce(
            (r, i) => setLane(b, r, i, cut(b, compared(b, w, lane(b, d!, w, i), lane(b, s!, w, i), n!), w)),
            b.zero128(),
          ),
        ),
      ),
  });
}
for (const [suffix, prefix, w, letter] of [
  ['ss', 'f3', 32, 'd'],
  ['sd', 'f2', 64, 'q'],
] as const) {
  op(`cmp${suffix}`, {
    enc: [`${prefix} 0f c2 V${letter},W${letter},Ib`],
    ...predicate(suffix),
    sem: (b, d, s, n) => checked(b, () => cut(b, compared(b, w, d!, s!, n!), w)),
  });
}

// --- conversions
op('cvtsi2ss', {
  enc: ['f3 0f 2a Vd,Ey'],
  access: ['w', 'r'],
  sem: (b, _d, s) => checked(b, () => cut(b, { n: b.shared('fromInt32', b.sx(s!, 64).n), w: 64 }, 32)),
});
op('cvtsi2sd', {
  enc: ['f2 0f 2a Vq,Ey'],
  access: ['w', 'r'],
  hot: 'registers',
  sem: (b, _d, s) => checked(b, () => ({ n: b.shared('fromInt64', b.sx(s!, 64).n), w: 64 })),
});
for (const [suffix, prefix, w, letter] of [
  ['ss', 'f3', 32, 'd'],
  ['sd', 'f2', 64, 'q'],
] as const) {
  op(`cvtt${suffix}2si`, {
    enc: [`${prefix} 0f 2c Gy,W${letter}`],
    access: ['w', 'r'],
    hot: 'registers',
    sem(b, _d, s) {
      const to = b.size === 64 ? 64 : 32;
      return checked(b, () => cut(b, { n: b.shared(`trunc${w}to${to}`, b.zx(s!, 64).n), w: 64 }, to));
    },
  });
  op(`cvt${suffix}2si`, {
    enc: [`${prefix} 0f 2d Gy,W${letter}`],
    access: ['w', 'r'],
    sem(b, _d, s) {
      const to = b.size === 64 ? 64 : 32;
      return checked(b, () => cut(b, call64(b, `nearest${w}to${to}`, s!), to));
    },
  });
}
const widen = (b: Sem, v: V): V => call64(b, 'widen', v);
const narrow = (b: Sem, v: V): V => b.lo(call64(b, 'narrow', v), 32);
op('cvtss2sd', { enc: ['f3 0f 5a Vq,Wd'], access: ['w', 'r'], sem: (b, _d, s) => checked(b, () => widen(b, s!)) });
op('cvtsd2ss', { enc: ['f2 0f 5a Vd,Wq'], access: ['w', 'r'], sem: (b, _d, s) => checked(b, () => narrow(b, s!)) });
op('cvtps2pd', {
  enc: ['np 0f 5a Vx,Wq'],
  access: ['w', 'r'],
  sem: (b, _d, s) =>
    checked(b, () =>
      b.packedConversion('widen', s!, () =>
        b.setLane64(b.setLane64(b.zero128(), 0, widen(b, b.lo(s!, 32))), 1, widen(b, b.lo(b.shrk(s!, 32), 32))),
      ),
    ),
});
op('cvtpd2ps', {
  enc: ['66 0f 5a Vx,Wx'],
  access: ['w', 'r'],
  sem: (b, _d, s) =>
    checked(b, () =>
      b.packedConversion('narrow', s!, () =>
        b.setLane32(b.setLane32(b.zero128(), 0, narrow(b, b.lane64(s!, 0))), 1, narrow(b, b.lane64(s!, 1))),
      ),
    ),
});
const eachLane32 = (b: Sem, s: V, f: (x: V) => V): V =>
  [0, 1, 2, 3].reduce((r, i) => b.setLane32(r, i, f(b.lane32(s, i))), b.zero128());
const converted32 = (b: Sem, name: PackedConversion, s: V, f: (x: V) => V): V =>
  checked(b, () => b.packedConversion(name, s, () => eachLane32(b, s, f)));
op('cvtdq2ps', {
  enc: ['np 0f 5b Vx,Wx'],
  access: ['w', 'r'],
  sem: (b, _d, s) =>
    converted32(b, 'fromInt32', s!, (x) => b.lo({ n: b.shared('fromInt32', b.sx(x, 64).n), w: 64 }, 32)),
});
op('cvtps2dq', {
  enc: ['66 0f 5b Vx,Wx'],
  access: ['w', 'r'],
  sem: (b, _d, s) => converted32(b, 'nearest32to32', s!, (x) => b.lo(call64(b, 'nearest32to32', x), 32)),
});
op('cvttps2dq', {
  enc: ['f3 0f 5b Vx,Wx'],
  access: ['w', 'r'],
  sem: (b, _d, s) => converted32(b, 'trunc32to32', s!, (x) => b.lo(call64(b, 'trunc32to32', x), 32)),
});
op('cvtdq2pd', {
  enc: ['f3 0f e6 Vx,Wq'],
  access: ['w', 'r'],
  sem(b, _d, s) {
    // Always exact: nothing to settle.
    const one = (x: V): V => ({ n: b.shared('fromInt64', b.sx(x, 64).n), w: 64 });
    return b.packedConversion('fromInt64', s!, () =>
      b.setLane64(b.setLane64(b.zero128(), 0, one(b.lo(s!, 32))), 1, one(b.lo(b.shrk(s!, 32), 32))),
    );
  },
});
for (const [name, prefix, f] of [
  ['cvttpd2dq', '66', 'trunc64to32'],
  ['cvtpd2dq', 'f2', 'nearest64to32'],
] as const) {
  op(name, {
    enc: [`${prefix} 0f e6 Vx,Wx`],
    access: ['w', 'r'],
    sem: (b, _d, s) =>
      checked(b, () =>
        b.packedConversion(f, s!, () => {
          const one = (i: number): V => b.lo(call64(b, f, b.lane64(s!, i)), 32);
          return b.setLane32(b.setLane32(b.zero128(), 0, one(0)), 1, one(1));
        }),
      ),
  });
}

// --- conversions between mmx and xmm registers
const half = (b: Sem, v: V, i: number): V => b.lo(i ? b.shrk(v, 32) : v, 32);
const joined = (b: Sem, lo: V, hi: V): V => b.or(b.zx(lo, 64), b.shlk(b.zx(hi, 64), 32));
const toSingles = (b: Sem, _d?: V, s?: V): V =>
  checked(b, () => {
    const one = (i: number): V => b.lo({ n: b.shared('fromInt32', b.sx(half(b, s!, i), 64).n), w: 64 }, 32);
    return joined(b, one(0), one(1));
  });
const fromInts = (b: Sem, _d?: V, s?: V): V => {
  const one = (i: number): V => ({ n: b.shared('fromInt64', b.sx(half(b, s!, i), 64).n), w: 64 });
  return b.setLane64(b.setLane64(b.zero128(), 0, one(0)), 1, one(1));
};
// From memory they have nothing to do with the x87.
op('cvtpi2ps', { enc: ['np 0f 2a Vq,Mq'], access: ['w', 'r'], sem: toSingles });
op('cvtpi2ps', { enc: ['np 0f 2a Vq,Nq'], access: ['w', 'r'], sem: mmx(toSingles) });
op('cvtpi2pd', { enc: ['66 0f 2a Vx,Mq'], access: ['w', 'r'], sem: fromInts });
op('cvtpi2pd', { enc: ['66 0f 2a Vx,Nq'], access: ['w', 'r'], sem: mmx(fromInts) });
for (const [name, opcode, truncating] of [
  ['cvttp', '2c', true],
  ['cvtp', '2d', false],
] as const) {
  const to = (b: Sem, w: 32 | 64, x: V): V => b.lo(call64(b, `${truncating ? 'trunc' : 'nearest'}${w}to32`, x), 32);
  op(`${name}s2pi`, {
    enc: [`np 0f ${opcode} Pq,Wq`],
    access: ['w', 'r'],
    sem: mmx((b, _d, s) => checked(b, () => joined(b, to(b, 32, half(b, s!, 0)), to(b, 32, half(b, s!, 1))))),
  });
  op(`${name}d2pi`, {
    enc: [`66 0f ${opcode} Pq,Wx`],
    access: ['w', 'r'],
    sem: mmx((b, _d, s) => checked(b, () => joined(b, to(b, 64, b.lane64(s!, 0)), to(b, 64, b.lane64(s!, 1))))),
  });
}

// --- SSE3 horizontal, SSE4.1 rounding and dot product
const pairwise =
  (w: 32 | 64, fn: 'add' | 'sub') =>
  (b: Sem, d?: V, s?: V): V => {
    const half = lanes(w).length / 2;
    // Even lanes of both operands, and odd ones.
    const every = (odd: number): V => {
      const bytes = lanes(w).flatMap((i) => Array.from({ length: w / 8 }, (_, k) => ((2 * i + odd) * w) / 8 + k));
      return { n: b.c.shuffle(d!.n, s!.n, bytes), w: 128 };
    };
    return checked(b, () =>
      b.packed(fn, w, every(0), every(1), () =>
        lanes(w).reduce((r, i) => {
          const from = i < half ? d! : s!;
          const k = 2 * (i % half);
          return setLane(b, r, i, cut(b, call64(b, `${fn}${w}`, lane(b, from, w, k), lane(b, from, w, k + 1)), w));
        }, b.zero128()),
      ),
    );
  };
op('haddpd', { enc: ['66 0f 7c Vx,Wx'], sem: pairwise(64, 'add') });
op('haddps', { enc: ['f2 0f 7c Vx,Wx'], sem: pairwise(32, 'add') });
op('hsubpd', { enc: ['66 0f 7d Vx,Wx'], sem: pairwise(64, 'sub') });
op('hsubps', { enc: ['f2 0f 7d Vx,Wx'], sem: pairwise(32, 'sub') });
for (const [suffix, prefix, w] of [
  ['ps', 'f2', 32],
  ['pd', '66', 64],
] as const) {
  op(`addsub${suffix}`, {
    enc: [`${prefix} 0f d0 Vx,Wx`],
    sem: (b, d, s) =>
      checked(b, () =>
        lanes(w).reduce(
          (r, i) =>
            setLane(
              b,
              r,
              i,
              cut(b, call64(b, `${i & 1 ? 'add' : 'sub'}${w}`, lane(b, d!, w, i), lane(b, s!, w, i)), w),
            ),
          b.zero128(),
        ),
      ),
  });
}
for (const [suffix, opcode, w] of [
  ['ps', '08', 32],
  ['pd', '09', 64],
] as const) {
  op(`round${suffix}`, {
    enc: [`66 0f3a ${opcode} Vx,Wx,Ib`],
    access: ['w', 'r', 'r'],
    sem: (b, _d, s, n) =>
      checked(b, () =>
        lanes(w).reduce((r, i) => setLane(b, r, i, cut(b, rounded(b, w, lane(b, s!, w, i), n!), w)), b.zero128()),
      ),
  });
}
op('roundss', {
  enc: ['66 0f3a 0a Vd,Wd,Ib'],
  access: ['w', 'r', 'r'],
  sem: (b, _d, s, n) => checked(b, () => cut(b, rounded(b, 32, s!, n!), 32)),
});
op('roundsd', {
  enc: ['66 0f3a 0b Vq,Wq,Ib'],
  access: ['w', 'r', 'r'],
  sem: (b, _d, s, n) => checked(b, () => rounded(b, 64, s!, n!)),
});
for (const [suffix, opcode, w] of [
  ['ps', '40', 32],
  ['pd', '41', 64],
] as const) {
  op(`dp${suffix}`, {
    enc: [`66 0f3a ${opcode} Vx,Wx,Ib`],
    sem(b, d, s, n) {
      const bit = (i: number): V => b.bit(b.zx(n!, 32), b.k(32, i));
      const none = b.k(w, 0);
      // An unmasked exception of a product keeps the sums from being done.
      const parts = checked(b, () =>
        lanes(w).map((i) =>
          b.ifElse(
            bit(4 + i),
            () => cut(b, call64(b, `mul${w}`, lane(b, d!, w, i), lane(b, s!, w, i)), w),
            () => none,
          ),
        ),
      );
      return checked(b, () => {
        const add = (x: V, y: V): V => cut(b, call64(b, `add${w}`, x, y), w);
        const total = w === 64 ? add(parts[0]!, parts[1]!) : add(add(parts[0]!, parts[1]!), add(parts[2]!, parts[3]!));
        return lanes(w).reduce((r, i) => setLane(b, r, i, b.sel(bit(i), total, none)), b.zero128());
      });
    },
  });
}
/** Approximations: the manual allows a relative error below 1.5 * 2^-12; exact quotients are within it. They raise nothing and know no denormals. */
for (const [name, opcode] of [
  ['rcp', '53'],
  ['rsqrt', '52'],
] as const) {
  const one = (b: Sem, x: V): V => ({ n: b.c.op('i32.wrap_i64', b.shared(name, b.zx(x, 64).n)), w: 32 });
  op(`${name}ps`, {
    enc: [`np 0f ${opcode} Vx,Wx`],
    access: ['w', 'r'],
    sem: (b, _d, s) => eachLane32(b, s!, (x) => one(b, x)),
  });
  op(`${name}ss`, { enc: [`f3 0f ${opcode} Vd,Wd`], access: ['w', 'r'], sem: (b, _d, s) => one(b, s!) });
}
op('ldmxcsr', {
  enc: ['np 0f ae/2 Md'],
  access: ['r'],
  sem(b, v) {
    b.if(b.ne(b.and(v!, b.k(32, ~0xffff)), b.k(32, 0)), () => b.fault(13));
    b.setState(MXCSR, v!);
  },
});
op('stmxcsr', { enc: ['np 0f ae/3 Md'], access: ['w'], sem: (b) => b.state(MXCSR, 32) });
