// What MMX has beyond the packed integer instructions: moves to and from its registers, which are the significands of the x87's.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { IN_USE, STATUS, waiting } from '../x87/unit.ts';

const copy = (_b: Sem, _d?: V, s?: V): V => s!;
op('movq', { enc: ['np 0f 6f Pq,Qq', 'np 0f 7f Qq,Pq'], access: ['w', 'r'], sem: copy });
op('movd', {
  enc: ['np 0f 6e Pq,Ey att=movd|movd|movq intel=movd|movd|movq'],
  access: ['w', 'r'],
  sem: (b, _d, s) => b.zx(s!, 64),
});
op('movd', { enc: ['w0 np 0f 7e Ed,Pq'], access: ['w', 'r'], sem: (b, _d, s) => b.lo(s!, 32) });
op('movq', { enc: ['w1 np 0f 7e Eq,Pq'], access: ['w', 'r'], sem: copy });
op('movntq', { enc: ['np 0f e7 Mq,Pq'], access: ['w', 'r'], sem: copy });
op('movdq2q', { enc: ['f2 0f d6 Pq,Uq'], access: ['w', 'r'], sem: copy });
op('movq2dq', { enc: ['f3 0f d6 Vx,Nq'], access: ['w', 'r'], sem: (b, _d, s) => b.low128(s!) });
op('pmovmskb', {
  enc: ['np 0f d7 Gd,Nq'],
  access: ['w', 'r'],
  sem: (b, _d, s) => b.op('i8x16.bitmask', 32, b.low128(s!)),
});
/** emms empties the register stack; what its registers hold stays. */
op('emms', {
  enc: ['np 0f 77'],
  sem(b) {
    waiting(b);
    b.setState(IN_USE, b.k(8, 0));
    b.setState(STATUS, b.and(b.state(STATUS, 16), b.k(16, 0xc7ff)));
  },
});
