// Loads, stores, constants, exchanges, conditional moves.
import { constant } from '../../bits/float/x87-constants.ts';
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { X87_CONTROL } from '../state.ts';
import { always, below, conditions, inUse, type Number80, pop, register, set, top, widened } from './stack.ts';
import {
  begin,
  C1,
  exact,
  exactCode,
  fromMemory,
  plain,
  sti,
  toMemory,
  X87_CONSTANTS,
  type X87Form,
  type X87Kind,
} from './unit.ts';

const KEEP = 0xffff & ~C1;
const PUSHED = KEEP & ~0x3800;
/** Pushes a number if there is room and it is fit; else the exact routine loads. */
function push(b: Sem, value: Number80, ready: V, otherwise: () => void): void {
  const to = register(b, below(b, top(b), b.k(32, 7)));
  b.if(
    b.and(ready, b.not(inUse(b, to))),
    () => {
      set(b, to, value);
      conditions(b, PUSHED, b.shlk(to.index, 11));
    },
    otherwise,
  );
}
op('fld', {
  enc: ['d9/0 STi'],
  access: ['r'],
  sem(b) {
    begin(b);
    const from = register(b, below(b, top(b), sti(b)));
    push(b, from, inUse(b, from), () => exact(b, exactCode('ld')));
  },
});
const load = (name: string, enc: string, form: X87Form): void => {
  op(name, {
    enc: [enc],
    access: ['a'],
    sem(b, address) {
      const { low, high } = begin(b, form, address);
      const value = widened(b, form, low, high);
      push(b, value, value.fit ?? always(b), () => exact(b, exactCode('ld', { form }), low, high));
    },
  });
};
load('fld', 'd9/0 Md', 'm32');
load('fld', 'dd/0 Mq', 'm64');
load('fld', 'db/5 Mt', 'm80');
load('fild', 'df/0 Mw', 'i16');
load('fild', 'db/0 Md', 'i32');
load('fild', 'df/5 Mq', 'i64');
op('fbld', { enc: ['df/4 Mt'], access: ['a'], sem: fromMemory('ld', 'bcd') });
/** With rounding to nearest a constant is what it always was. */
X87_CONSTANTS.forEach((name, i) =>
  op(name, {
    enc: [`d9:${(0xe8 + i).toString(16)}`],
    sem(b) {
      begin(b);
      const bits = constant(i, 0);
      const value = { word: b.k(32, bits >> 64n), m: b.k(64, BigInt.asIntN(64, bits)) };
      const nearest = b.isZero(b.and(b.zx(b.state(X87_CONTROL, 16), 32), b.k(32, 0xc00)));
      push(b, value, nearest, () => exact(b, exactCode('const')));
    },
  }),
);

/** fst and fstp to a register. */
const copy = (pops: 0 | 1) => (b: Sem) => {
  begin(b);
  const from = register(b, top(b));
  b.if(
    inUse(b, from),
    () => {
      set(b, register(b, below(b, from.index, sti(b))), from);
      conditions(b, KEEP, b.k(32, 0));
      if (pops) pop(b);
    },
    () => exact(b, exactCode('st', { toSti: true, pops })),
  );
};
op('fst', { enc: ['dd/2 STi'], access: ['w'], sem: copy(0) });
op('fstp', { enc: ['dd/3 STi', 'df/2 STi', 'df/3 STi'], access: ['w'], sem: copy(1) });
/** The alias differs: with an empty ST(0) it raises nothing and only pops. */
op('fstp1', { enc: ['d9/3 STi'], access: ['w'], sem: plain('st1', { toSti: true, pops: 1 }) });
const store = (name: string, enc: string, form: X87Form, pops: 0 | 1, fast: string, kind: X87Kind = 'st'): void => {
  op(name, { enc: [enc], access: ['a'], sem: toMemory(kind, form, { pops }, fast) });
};
store('fst', 'd9/2 Md', 'm32', 0, 'x87st32');
store('fst', 'dd/2 Mq', 'm64', 0, 'x87st64');
store('fstp', 'd9/3 Md', 'm32', 1, 'x87st32');
store('fstp', 'dd/3 Mq', 'm64', 1, 'x87st64');
store('fstp', 'db/7 Mt', 'm80', 1, 'x87st80');
store('fist', 'df/2 Mw', 'i16', 0, 'x87sti16');
store('fist', 'db/2 Md', 'i32', 0, 'x87sti32');
store('fistp', 'df/3 Mw', 'i16', 1, 'x87sti16');
store('fistp', 'db/3 Md', 'i32', 1, 'x87sti32');
store('fistp', 'df/7 Mq', 'i64', 1, 'x87sti64');
store('fisttp', 'df/1 Mw', 'i16', 1, 'x87stt16', 'sttrunc');
store('fisttp', 'db/1 Md', 'i32', 1, 'x87stt32', 'sttrunc');
store('fisttp', 'dd/1 Mq', 'i64', 1, 'x87stt64', 'sttrunc');
store('fbstp', 'df/6 Mt', 'bcd', 1, 'x87');

op('fxch', {
  enc: ['d9/1 STi', 'dd/1 STi', 'df/1 STi'],
  access: ['rw'],
  sem(b) {
    begin(b);
    const first = register(b, top(b));
    const other = register(b, below(b, first.index, sti(b)));
    b.if(
      inUse(b, first, other),
      () => {
        set(b, first, other);
        set(b, other, first);
        conditions(b, KEEP, b.k(32, 0));
      },
      () => exact(b, exactCode('xch')),
    );
  },
});

/** Condition code of the integer condition that each tests. */
const conditional = (name: string, enc: string, cc: number): void => {
  op(name, {
    enc: [enc],
    sem(b: Sem): void {
      begin(b);
      const first = register(b, top(b));
      const other = register(b, below(b, first.index, sti(b)));
      const yes = b.f.condition(cc);
      b.if(
        inUse(b, first, other),
        () => b.if(yes, () => set(b, first, other)),
        () => exact(b, exactCode('cmov'), b.zx(yes, 64)),
      );
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
