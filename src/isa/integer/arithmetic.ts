// Addition, subtraction, comparison, logic, and the locked forms of them.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';

/** The eight two-operand operations share one layout of opcodes. */
const alu = (base: number, n: number, lock: ' lock' | ''): string[] => {
  const h = (k: number): string => (base + k).toString(16).padStart(2, '0');
  return [
    `${h(0)} Eb,Gb${lock}`,
    `${h(1)} Ev,Gv${lock}`,
    `${h(2)} Gb,Eb`,
    `${h(3)} Gv,Ev`,
    `${h(4)} AL,Ib`,
    `${h(5)} rAX,Iz`,
    `80/${n} Eb,Ib${lock}`,
    `82/${n} Eb,Ib i64`,
    `81/${n} Ev,Iz${lock}`,
    `83/${n} Ev,Ibs${lock}`,
  ];
};

export const add = op('add', {
  enc: alu(0x00, 0, ' lock'),
  hot: true,
  sem(b, d, s) {
    const r = b.add(d!, s!);
    b.f.add(r, d!, s!);
    return r;
  },
});
export const or = op('or', {
  enc: alu(0x08, 1, ' lock'),
  hot: true,
  undef: 'a',
  sem: (b, d, s) => logic(b, b.or(d!, s!)),
});
export const adc = op('adc', {
  enc: alu(0x10, 2, ' lock'),
  sem(b, d, s) {
    const carry = b.f.cf;
    const r = b.add(b.add(d!, s!), truth(b, carry, d!));
    b.f.adc(r, d!, s!, carry);
    return r;
  },
});
export const sbb = op('sbb', {
  enc: alu(0x18, 3, ' lock'),
  sem(b, d, s) {
    const borrow = b.f.cf;
    const r = b.sub(b.sub(d!, s!), truth(b, borrow, d!));
    b.f.sbb(r, d!, s!, borrow);
    return r;
  },
});
export const and = op('and', {
  enc: alu(0x20, 4, ' lock'),
  hot: true,
  undef: 'a',
  sem: (b, d, s) => logic(b, b.and(d!, s!)),
});
export const sub = op('sub', {
  enc: alu(0x28, 5, ' lock'),
  hot: true,
  sem(b, d, s) {
    const r = b.sub(d!, s!);
    b.f.sub(r, d!, s!);
    return r;
  },
});
export const xor = op('xor', {
  enc: alu(0x30, 6, ' lock'),
  hot: true,
  undef: 'a',
  sem: (b, d, s) => logic(b, b.xor(d!, s!)),
});
export const cmp = op('cmp', {
  enc: alu(0x38, 7, ''),
  access: ['r', 'r'],
  hot: true,
  sem(b, d, s) {
    b.f.sub(b.sub(d!, s!), d!, s!);
  },
});
export const test = op('test', {
  enc: ['84 Eb,Gb', '85 Ev,Gv', 'a8 AL,Ib', 'a9 rAX,Iz', 'f6/0 Eb,Ib', 'f6/1 Eb,Ib', 'f7/0 Ev,Iz', 'f7/1 Ev,Iz'],
  access: ['r', 'r'],
  hot: true,
  undef: 'a',
  sem(b, d, s) {
    b.f.logic(b.and(d!, s!));
  },
});
export const inc = op('inc', {
  enc: ['fe/0 Eb lock', 'ff/0 Ev lock', '40 Zv i64'],
  hot: 'registers',
  sem: (b, d) => step(b, d!, 1),
});
export const dec = op('dec', {
  enc: ['fe/1 Eb lock', 'ff/1 Ev lock', '48 Zv i64'],
  hot: 'registers',
  sem: (b, d) => step(b, d!, -1),
});
export const neg = op('neg', {
  enc: ['f6/3 Eb lock', 'f7/3 Ev lock'],
  hot: 'registers',
  sem(b, d) {
    const r = b.neg(d!);
    b.f.sub(r, b.k(d!.w, 0), d!);
    return r;
  },
});
export const not = op('not', { enc: ['f6/2 Eb lock', 'f7/2 Ev lock'], sem: (b, d) => b.not(d!) });

function logic(b: Sem, r: V): V {
  b.f.logic(r);
  return r;
}
function step(b: Sem, d: V, by: 1 | -1): V {
  const r = b.add(d, b.k(d.w, by));
  b.f.step(r, d, by);
  return r;
}
/** A truth value at another value's width. */
export function truth(b: Sem, v: V, like: V): V {
  return like.w === 64 ? b.zx(v, 64) : { n: v.n, w: like.w };
}

export const cmpxchg = op('cmpxchg', {
  enc: ['0f b0 Eb,Gb lock', '0f b1 Ev,Gv lock'],
  sem(b, d, s) {
    const w = d!.w as 8 | 16 | 32 | 64;
    const a = b.gpr(0, w);
    const same = b.eq(a, d!);
    b.f.sub(b.sub(a, d!), a, d!);
    // Memory is written in any case; of registers the one that isn't stays as it is, its upper half too.
    if (b.operand(0).mem) {
      b.if(b.not(same), () => b.setGpr(0, d!));
      return b.sel(same, s!, d!);
    }
    b.if(
      same,
      () => b.operand(0).set(s!),
      () => b.setGpr(0, d!),
    );
    return undefined;
  },
});
export const xadd = op('xadd', {
  enc: ['0f c0 Eb,Gb lock', '0f c1 Ev,Gv lock'],
  access: ['rw', 'rw'],
  sem(b, d, s) {
    const r = b.add(d!, s!);
    b.f.add(r, d!, s!);
    return [r, d!];
  },
});
export const cmpxchg8b = op('cmpxchg8b', {
  enc: ['w0 0f c7/1 Mq lock'],
  access: ['a'],
  sem(b, at) {
    const p = b.place(at!, 8, 'w');
    const old = b.loadAt(p, 64);
    const pair = (hi: number, lo: number): V =>
      b.or(b.shl(b.zx(b.gpr(hi, 32), 64), b.k(32, 32)), b.zx(b.gpr(lo, 32), 64));
    const same = b.eq(old, pair(2, 0));
    b.storeAt(p, b.sel(same, pair(1, 3), old));
    b.if(b.not(same), () => {
      b.setGpr(0, b.lo(old, 32));
      b.setGpr(2, b.lo(b.shr(old, b.k(32, 32)), 32));
    });
    b.f.zero(same);
  },
});
export const cmpxchg16b = op('cmpxchg16b', {
  enc: ['w1 0f c7/1 Mdq lock'],
  access: ['a'],
  sem(b, at) {
    b.if(b.ne(b.and(at!, b.k(64, 15)), b.k(64, 0)), () => b.fault(13));
    const p = b.place(at!, 16, 'w');
    const lo = b.loadAt(p, 64);
    const hi = b.loadAt(p, 64, 8);
    const same = b.and(b.eq(lo, b.gpr(0, 64)), b.eq(hi, b.gpr(2, 64)));
    b.storeAt(p, b.sel(same, b.gpr(3, 64), lo));
    b.storeAt(p, b.sel(same, b.gpr(1, 64), hi), 8);
    b.if(b.not(same), () => {
      b.setGpr(0, lo);
      b.setGpr(2, hi);
    });
    b.f.zero(same);
  },
});
