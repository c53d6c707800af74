// Loads, stores, constants, exchanges, conditional moves.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import {
  exact,
  exactCode,
  fromMemory,
  plain,
  pointers,
  sti,
  toMemory,
  waiting,
  X87_CONSTANTS,
  type X87Form,
} from './unit.ts';

op('fld', { enc: ['d9/0 STi'], access: ['r'], sem: plain('ld') });
const load = (name: string, enc: string, form: X87Form): void => {
  op(name, { enc: [enc], access: ['a'], sem: fromMemory('ld', form) });
};
load('fld', 'd9/0 Md', 'm32');
load('fld', 'dd/0 Mq', 'm64');
load('fld', 'db/5 Mt', 'm80');
load('fild', 'df/0 Mw', 'i16');
load('fild', 'db/0 Md', 'i32');
load('fild', 'df/5 Mq', 'i64');
load('fbld', 'df/4 Mt', 'bcd');
X87_CONSTANTS.forEach((name, i) => op(name, { enc: [`d9:${(0xe8 + i).toString(16)}`], sem: plain('const') }));

op('fst', { enc: ['dd/2 STi'], access: ['w'], sem: plain('st', { toSti: true }) });
op('fstp', {
  enc: ['dd/3 STi', 'df/2 STi', 'df/3 STi'],
  access: ['w'],
  sem: plain('st', { toSti: true, pops: 1 }),
});
/** The alias differs: with an empty ST(0) it raises nothing and only pops. */
op('fstp1', { enc: ['d9/3 STi'], access: ['w'], sem: plain('st1', { toSti: true, pops: 1 }) });
const store = (name: string, enc: string, form: X87Form, pops: 0 | 1, truncating = false): void => {
  op(name, { enc: [enc], access: ['a'], sem: toMemory(truncating ? 'sttrunc' : 'st', form, { pops }) });
};
store('fst', 'd9/2 Md', 'm32', 0);
store('fst', 'dd/2 Mq', 'm64', 0);
store('fstp', 'd9/3 Md', 'm32', 1);
store('fstp', 'dd/3 Mq', 'm64', 1);
store('fstp', 'db/7 Mt', 'm80', 1);
store('fist', 'df/2 Mw', 'i16', 0);
store('fist', 'db/2 Md', 'i32', 0);
store('fistp', 'df/3 Mw', 'i16', 1);
store('fistp', 'db/3 Md', 'i32', 1);
store('fistp', 'df/7 Mq', 'i64', 1);
store('fisttp', 'df/1 Mw', 'i16', 1, true);
store('fisttp', 'db/1 Md', 'i32', 1, true);
store('fisttp', 'dd/1 Mq', 'i64', 1, true);
store('fbstp', 'df/6 Mt', 'bcd', 1);

op('fxch', { enc: ['d9/1 STi', 'dd/1 STi', 'df/1 STi'], access: ['rw'], sem: plain('xch') });

/** Condition code of the integer condition that each tests. */
const conditional = (name: string, enc: string, cc: number): void => {
  op(name, {
    enc: [enc],
    sem(b: Sem): void {
      waiting(b);
      pointers(b);
      const yes: V = b.zx(b.f.condition(cc), 64);
      exact(b, exactCode('cmov'), yes, b.k(32, 0), sti(b));
    },
  });
};
conditional('fcmovb', 'da/0 ST0,STi', 2);
conditional('fcmove', 'da/1 ST0,STi', 4);
conditional('fcmovbe', 'da/2 ST0,STi', 6);
conditional('fcmovu', 'da/3 ST0,STi', 10);
conditional('fcmovnb', 'db/0 ST0,STi', 3);
conditional('fcmovne', 'db/1 ST0,STi', 5);
conditional('fcmovnbe', 'db/2 ST0,STi', 7);
conditional('fcmovnu', 'db/3 ST0,STi', 11);
