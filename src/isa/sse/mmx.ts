// What MMX has beyond the packed integer instructions: moves to and from its registers, which are the significands of the x87's.
import { type Meaning, op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { X87_IN_USE, X87_STATUS } from '../state.ts';
import { waiting } from '../x87/unit.ts';

/**
 * The meaning of an instruction with mmx registers: an unmasked exception of the x87 that is pending comes first, and the registers become the stack's, all in
 * use, the top at 0 (SDM vol. 1 section 9.5). Bindings set the sign and exponent of an mmx register they write to ones.
 */
export const mmx =
  (sem: Meaning): Meaning =>
  (b, ...operands) => {
    waiting(b);
    b.setState(X87_IN_USE, b.k(8, 0xff));
    b.setState(X87_STATUS, b.and(b.state(X87_STATUS, 16), b.k(16, 0xc7ff)));
    return sem(b, ...operands);
  };
const copy = mmx((_b: Sem, _d?: V, s?: V): V => s!);
op('movq', { enc: ['np 0f 6f Pq,Qq', 'np 0f 7f Qq,Pq'], access: ['w', 'r'], sem: copy });
op('movd', {
  enc: ['np 0f 6e Pq,Ey text=movd|movd|movq'],
  access: ['w', 'r'],
  sem: mmx((b, _d, s) => b.zx(s!, 64)),
});
op('movd', { enc: ['w0 np 0f 7e Ed,Pq'], access: ['w', 'r'], sem: mmx((b, _d, s) => b.lo(s!, 32)) });
op('movq', { enc: ['w1 np 0f 7e Eq,Pq'], access: ['w', 'r'], sem: copy });
op('movntq', { enc: ['np 0f e7 Mq,Pq'], access: ['w', 'r'], sem: copy });
op('movdq2q', { enc: ['f2 0f d6 Pq,Uq'], access: ['w', 'r'], sem: copy });
op('movq2dq', { enc: ['f3 0f d6 Vx,Nq'], access: ['w', 'r'], sem: mmx((b, _d, s) => b.low128(s!)) });
op('pmovmskb', {
  enc: ['np 0f d7 Gd,Nq'],
  access: ['w', 'r'],
  sem: mmx((b, _d, s) => b.op('i8x16.bitmask', 32, b.low128(s!))),
});
op('pmovmskb', {
  enc: ['w1 np 0f d7 Gq,Nq'],
  access: ['w', 'r'],
  sem: mmx((b, _d, s) => b.zx(b.op('i8x16.bitmask', 32, b.low128(s!)), 64)),
});
/** emms empties the register stack; what its registers hold stays. */
op('emms', {
  enc: ['np 0f 77'],
  sem(b) {
    waiting(b);
    b.setState(X87_IN_USE, b.k(8, 0));
    b.setState(X87_STATUS, b.and(b.state(X87_STATUS, 16), b.k(16, 0xc7ff)));
  },
});

const insertWord = mmx((b, d, s, n) => {
  const shift = b.shlk(b.and(b.zx(n!, 32), b.k(32, 3)), 4);
  const word = b.and(b.zx(s!, 64), b.k(64, 0xffff));
  return b.or(b.and(d!, b.not(b.shl(b.k(64, 0xffff), shift))), b.shl(word, shift));
});
op('pinsrw', { enc: ['np 0f c4 Pq,Mw,Ib', 'np 0f c4 Pq,Rd,Ib'], sem: insertWord });
op('pextrw', {
  enc: ['np 0f c5 Gd,Nq,Ib'],
  access: ['w', 'r', 'r'],
  sem: mmx((b, _d, s, n) => {
    const shift = b.shlk(b.and(b.zx(n!, 32), b.k(32, 3)), 4);
    return b.lo(b.and(b.shr(s!, shift), b.k(64, 0xffff)), 32);
  }),
});
/** The bytes of `v` whose mask byte has its top bit set go to [rdi]; all must be writable. */
op('maskmovq', {
  enc: ['np 0f f7 Pq,Nq'],
  access: ['r', 'r'],
  sem: mmx((b, d, mask) => {
    const p = b.place(b.stringTarget(), 8, 'w');
    const on = b.vec('i8x16.lt_s', b.low128(mask!), b.zero128());
    const kept = b.low128(b.loadAt(p, 64));
    b.storeAt(p, b.lane64(b.vec('v128.bitselect', b.low128(d!), kept, on), 0));
  }),
});
