// Shifts, rotates and single bits.
import type { Carry, Origin } from '../flags.ts';
import { op } from '../op.ts';
import type { Sem, V, Width } from '../sem.ts';

const group = (n: number): string[] => [
  `c0/${n} Eb,Ib`,
  `c1/${n} Ev,Ib`,
  `d0/${n} Eb,1`,
  `d1/${n} Ev,1`,
  `d2/${n} Eb,CL`,
  `d3/${n} Ev,CL`,
];
/** The count as the CPU masks it, 32 bits wide. */
const count = (b: Sem, d: V, n: V): V => b.and(b.zx(n, 32), b.k(32, d.w === 64 ? 63 : 31));
const bitAt = (b: Sem, v: V, n: V): V => b.bit(v, n);

/** Flags change only where the count isn't zero. */
function shifted(b: Sem, n: V, r: V, carry: () => Carry, origin?: Origin): V {
  b.f.resultUnless(n, r, carry, origin);
  return r;
}

const shlMeaning = (b: Sem, d?: V, s?: V): V => {
  const n = count(b, d!, s!);
  const r = b.shl(d!, n);
  const carry = (): Carry => {
    const cf =
      d!.w < 32
        ? b.bit({ n: b.c.op('i32.shl', d!.n, n.n), w: 32 }, b.k(32, d!.w))
        : bitAt(b, d!, b.sub(b.k(32, d!.w), n));
    return { cf, of: b.xor(b.sign(r), cf) };
  };
  return shifted(b, n, r, carry, { kind: 'shl', d: d!, s: n });
};
export const shl = op('shl', {
  enc: [...group(4), ...group(6)],
  hot: 'registers',
  undef: 'a',
  undefIf: 'shift',
  sem: shlMeaning,
});
export const shr = op('shr', {
  enc: group(5),
  hot: 'registers',
  undef: 'a',
  undefIf: 'shift',
  sem(b, d, s) {
    const n = count(b, d!, s!);
    const carry = (): Carry => ({ cf: bitAt(b, d!, b.sub(n, b.k(32, 1))), of: b.sign(d!) });
    return shifted(b, n, b.shr(d!, n), carry, { kind: 'shr', d: d!, s: n });
  },
});
export const sar = op('sar', {
  enc: group(7),
  hot: 'registers',
  undef: 'a',
  undefIf: 'shift',
  sem(b, d, s) {
    const n = count(b, d!, s!);
    const carry = (): Carry => {
      const wide = d!.w < 32 ? b.sx(d!, 32) : d!;
      return { cf: bitAt(b, wide, b.sub(n, b.k(32, 1))), of: b.k(1, 0) };
    };
    return shifted(b, n, b.sar(d!, n), carry, { kind: 'sar', d: d!, s: n });
  },
});

function rotated(b: Sem, n: V, r: V, left: boolean): V {
  const top = b.sign(r);
  const cf = left ? b.bit(r, b.k(32, 0)) : top;
  const of = left ? b.xor(top, cf) : b.xor(top, b.bit(r, b.k(32, r.w - 2)));
  b.if(b.ne(n, b.k(32, 0)), () => {
    b.f.carry(cf);
    b.f.overflow(of);
  });
  return r;
}
const rotate = (b: Sem, d: V, s: V, left: boolean): V => {
  const n = count(b, d, s);
  if (d.w >= 32)
    return rotated(
      b,
      n,
      b.op(`${d.w === 64 ? 'i64' : 'i32'}.rot${left ? 'l' : 'r'}`, d.w, d, d.w === 64 ? b.zx(n, 64) : n),
      left,
    );
  const k = b.and(n, b.k(32, d.w - 1));
  const back = b.sub(b.k(32, d.w), k);
  return rotated(b, n, left ? b.or(b.shl(d, k), b.shr(d, back)) : b.or(b.shr(d, k), b.shl(d, back)), left);
};
export const rol = op('rol', {
  enc: group(0),
  hot: 'registers',
  undefIf: 'rotate',
  sem: (b, d, s) => rotate(b, d!, s!, true),
});
export const ror = op('ror', {
  enc: group(1),
  hot: 'registers',
  undefIf: 'rotate',
  sem: (b, d, s) => rotate(b, d!, s!, false),
});

/** Rotation through carry: of w+1 bits, done in 64 where they fit. */
const throughCarry = (b: Sem, d: V, s: V, left: boolean): V => {
  const masked = count(b, d, s);
  const w = d.w;
  const cf = b.f.cf;
  const n = w === 8 || w === 16 ? { n: b.c.op('i32.rem_u', masked.n, b.c.i32(w + 1)), w: 32 as Width } : masked;
  let r: V;
  let out: V;
  if (w === 64) {
    const c = b.zx(cf, 64);
    const one = b.k(32, 1);
    const back = b.sub(b.k(32, 64), n);
    if (left) {
      const high = b.shr(b.shr(d, back), one);
      r = b.or(b.or(b.shl(d, n), b.shl(c, b.sub(n, one))), b.sel(b.eq(n, one), b.k(64, 0), high));
      out = b.bit(d, back);
    } else {
      const low = b.shl(b.shl(d, back), one);
      r = b.or(b.or(b.shr(d, n), b.shl(c, back)), b.sel(b.eq(n, one), b.k(64, 0), low));
      out = b.bit(d, b.sub(n, one));
    }
  } else {
    const all = b.or(b.zx(d, 64), b.shl(b.zx(cf, 64), b.k(32, w)));
    const back = b.sub(b.k(32, w + 1), n);
    const x = left ? b.or(b.shl(all, n), b.shr(all, back)) : b.or(b.shr(all, n), b.shl(all, back));
    r = b.lo(x, w as 8 | 16 | 32);
    out = b.bit(x, b.k(32, w));
  }
  const moved = b.ne(n, b.k(32, 0));
  const result = b.sel(moved, r, d);
  const of = left ? b.xor(b.sign(result), out) : b.xor(b.sign(result), b.bit(result, b.k(32, w - 2)));
  b.if(moved, () => {
    b.f.carry(out);
    b.f.overflow(of);
  });
  return result;
};
export const rcl = op('rcl', { enc: group(2), undefIf: 'rotate', sem: (b, d, s) => throughCarry(b, d!, s!, true) });
export const rcr = op('rcr', { enc: group(3), undefIf: 'rotate', sem: (b, d, s) => throughCarry(b, d!, s!, false) });

/** Double shifts; with 16-bit operands and a count above 16 (undefined) the bits that follow are the source's again, as on AMD's CPUs. */
const double = (b: Sem, d: V, s: V, by: V, left: boolean): V => {
  const n = count(b, d, by);
  const w = d.w;
  let r: V;
  let cf: V;
  const back = b.sub(b.k(32, w), n);
  if (w === 16) {
    const wide = (v: V): V => b.zx(v, 64);
    const at = (v: V, k: number): V => b.shl(wide(v), b.k(32, k));
    const three = left ? b.or(b.or(at(d, 32), at(s, 16)), wide(s)) : b.or(b.or(wide(d), at(s, 16)), at(s, 32));
    r = left ? b.lo(b.shr(b.shl(three, n), b.k(32, 32)), 16) : b.lo(b.shr(three, n), 16);
    cf = left ? b.bit(b.shl(three, n), b.k(32, 48)) : b.bit(three, b.sub(n, b.k(32, 1)));
  } else {
    const zero = b.isZero(n);
    const other = left ? b.shr(s, back) : b.shl(s, back);
    r = b.sel(zero, d, left ? b.or(b.shl(d, n), other) : b.or(b.shr(d, n), other));
    cf = left ? b.bit(d, back) : b.bit(d, b.sub(n, b.k(32, 1)));
  }
  return shifted(b, n, r, () => ({ cf, of: b.xor(b.sign(r), b.sign(d)) }));
};
export const shld = op('shld', {
  enc: ['0f a4 Ev,Gv,Ib', '0f a5 Ev,Gv,CL'],
  undef: 'a',
  undefIf: 'shift',
  sem: (b, d, s, n) => double(b, d!, s!, n!, true),
});
export const shrd = op('shrd', {
  enc: ['0f ac Ev,Gv,Ib', '0f ad Ev,Gv,CL'],
  undef: 'a',
  undefIf: 'shift',
  sem: (b, d, s, n) => double(b, d!, s!, n!, false),
});

/** bt and its kin: with memory and a register index the bit string extends beyond the operand. */
const bitOp = (
  b: Sem,
  d: V | undefined,
  index: V,
  change: ((value: V, one: V) => V) | undefined,
  fromRegister: boolean,
): void => {
  const w = b.size as 16 | 32 | 64;
  const o = b.operand(0);
  const n = b.and(b.zx(index, 32), b.k(32, w - 1));
  if (o.mem) {
    const shift = w === 64 ? 6 : w === 32 ? 5 : 4;
    const step = fromRegister ? b.mul(b.sar(b.sx(index, 64), b.k(32, shift)), b.k(64, w / 8)) : undefined;
    const p = b.place(o.address(step), w / 8, change ? 'w' : 'r');
    const v = b.loadAt(p, w);
    b.f.carry(b.bit(v, n));
    if (change) b.storeAt(p, change(v, b.shl(b.k(w, 1), n)));
    return;
  }
  const v = d ?? o.get();
  b.f.carry(b.bit(v, n));
  if (change) o.set(change(v, b.shl(b.k(w, 1), n)));
};
const bitOps = (n: number, opcode: string, lock: string): string[] => [
  `0f ${opcode} Ev,Gv${lock}`,
  `0f ba/${n} Ev,Ib${lock}`,
];
const define = (name: string, n: number, opcode: string, change?: (b: Sem, v: V, one: V) => V) =>
  op(name, {
    enc: bitOps(n, opcode, change ? ' lock' : ''),
    access: ['a', 'r'],
    undef: 'oszap',
    sem: (b, _d, index) => bitOp(b, undefined, index!, change && ((v, one) => change(b, v, one)), index!.w !== 8),
  });
export const bt = define('bt', 4, 'a3');
export const bts = define('bts', 5, 'ab', (b, v, one) => b.or(v, one));
export const btr = define('btr', 6, 'b3', (b, v, one) => b.and(v, b.not(one)));
export const btc = define('btc', 7, 'bb', (b, v, one) => b.xor(v, one));

/** bsf and bsr: with a zero source the destination stays as it is, its upper half too (AMD's manual says so, Intel's CPUs do it). */
const scan = (b: Sem, s: V, forward: boolean): void => {
  const wide = s.w === 16 ? b.zx(s, 32) : s;
  const p = s.w === 64 ? 'i64' : 'i32';
  const found = forward
    ? b.op(`${p}.ctz`, wide.w, wide)
    : b.sub(b.k(wide.w, wide.w - 1), b.op(`${p}.clz`, wide.w, wide));
  const zero = b.isZero(s);
  // Of the flags only ZF is defined: it is that of the source.
  b.f.logic(s);
  b.if(b.not(zero), () => b.operand(0).set(s.w === 16 ? b.lo(found, 16) : found));
};
export const bsf = op('bsf', {
  enc: ['0f bc Gv,Ev'],
  undef: 'cosap',
  access: ['a', 'r'],
  sem: (b, _d, s) => scan(b, s!, true),
});
export const bsr = op('bsr', {
  enc: ['0f bd Gv,Ev'],
  undef: 'cosap',
  access: ['a', 'r'],
  sem: (b, _d, s) => scan(b, s!, false),
});
/** Counts of zeros, which CPUs without them take for bsf and bsr: with a source that isn't zero tzcnt gives the same. */
const zeros = (b: Sem, s: V, trailing: boolean): V => {
  const p = s.w === 64 ? 'i64' : 'i32';
  const wide = s.w === 16 ? b.zx(s, 32) : s;
  let n = b.op(`${p}.${trailing ? 'ctz' : 'clz'}`, wide.w, wide);
  if (s.w === 16) n = trailing ? b.op('i32.ctz', 32, b.or(wide, b.k(32, 0x10000))) : b.sub(n, b.k(32, 16));
  const r = s.w === 16 ? b.lo(n, 16) : n;
  b.f.result(r, () => ({ cf: b.isZero(s), of: b.k(1, 0) }));
  return r;
};
export const tzcnt = op('tzcnt', {
  enc: ['f3 0f bc Gv,Ev'],
  access: ['w', 'r'],
  undef: 'osap',
  sem: (b, _d, s) => zeros(b, s!, true),
});
export const lzcnt = op('lzcnt', {
  enc: ['f3 0f bd Gv,Ev'],
  access: ['w', 'r'],
  undef: 'osap',
  sem: (b, _d, s) => zeros(b, s!, false),
});
export const popcnt = op('popcnt', {
  enc: ['f3 0f b8 Gv,Ev'],
  access: ['w', 'r'],
  sem(b, _d, s) {
    // All flags but ZF are cleared: PF too, so no result of its own serves.
    b.f.onlyZero(b.isZero(s!));
    return b.op(s!.w === 64 ? 'i64.popcnt' : 'i32.popcnt', s!.w, s!);
  },
});
