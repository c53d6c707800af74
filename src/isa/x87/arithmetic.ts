// fadd and its family in all forms, and what works on ST(0) alone.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { always, below, conditions, inUse, pop, register, set, top, widened } from './stack.ts';
import { begin, C1, type ExactOptions, exact, exactCode, plain, sti, type X87Form, type X87Kind } from './unit.ts';

/** The fast function behind each kind. */
const FAST = { add: 'x87add', sub: 'x87add', mul: 'x87mul', div: 'x87div' } as const;

const arithmetic =
  (kind: keyof typeof FAST, form: X87Form, o: ExactOptions) =>
  (b: Sem, address?: V): void => {
    const { low, high } = begin(b, form, address);
    const first = register(b, top(b));
    const sti0 = form === 'st' ? register(b, below(b, first.index, sti(b))) : undefined;
    const other = sti0 ?? widened(b, form, low, high);
    const [x, y] = o.toSti === o.reversed ? [first, other] : [other, first];
    const ready = b.and(sti0 ? inUse(b, first, sti0) : inUse(b, first), other.fit ?? always(b));
    const sign = b.k(32, kind === 'sub' ? 0x8000 : 0);
    const done = b.ifElse(
      ready,
      () => ({
        n: b.shared(FAST[kind], (o.toSti ? sti0! : first).at.n, x.word.n, x.m.n, b.xor(y.word, sign).n, y.m.n),
        w: 32,
      }),
      () => b.k(32, 0),
    );
    b.if(
      b.ne(done, b.k(32, 0)),
      () => o.pops && pop(b),
      () => exact(b, exactCode(kind, { ...o, form }), low, high),
    );
  };

/** name, kind, reversed, /digit of d8 da dc de. With ST(i) as the destination the digits of the reversed ones are exchanged. */
const family = (name: string, kind: keyof typeof FAST, reversed: boolean, digit: number): void => {
  const other = digit >= 4 ? digit ^ 1 : digit;
  op(name, { enc: [`d8/${digit} ST0,STi`], sem: arithmetic(kind, 'st', { reversed, toSti: false }) });
  op(name, { enc: [`dc/${other} STi,ST0`], sem: arithmetic(kind, 'st', { reversed, toSti: true }) });
  op(`${name}p`, { enc: [`de/${other} STi,ST0`], sem: arithmetic(kind, 'st', { reversed, toSti: true, pops: 1 }) });
  const memory = (full: string, enc: string, form: X87Form): void => {
    op(full, { enc: [enc], access: ['a'], sem: arithmetic(kind, form, { reversed, toSti: false }) });
  };
  memory(name, `d8/${digit} Md`, 'm32');
  memory(name, `dc/${digit} Mq`, 'm64');
  memory(`fi${name.slice(1)}`, `da/${digit} Md`, 'i32');
  memory(`fi${name.slice(1)}`, `de/${digit} Mw`, 'i16');
};
family('fadd', 'add', false, 0);
family('fmul', 'mul', false, 1);
family('fsub', 'sub', false, 4);
family('fsubr', 'sub', true, 5);
family('fdiv', 'div', false, 6);
family('fdivr', 'div', true, 7);

/** fchs and fabs change the sign alone, of whatever it is. */
const signOnly = (kind: X87Kind, change: (b: Sem, word: V) => V) => (b: Sem) => {
  begin(b);
  const first = register(b, top(b));
  b.if(
    inUse(b, first),
    () => {
      set(b, first, { word: change(b, first.word), m: first.m });
      conditions(b, 0xffff & ~C1, b.k(32, 0));
    },
    () => exact(b, exactCode(kind)),
  );
};
op('fchs', { enc: ['d9:e0'], sem: signOnly('chs', (b, word) => b.xor(word, b.k(32, 0x8000))) });
op('fabs', { enc: ['d9:e1'], sem: signOnly('abs', (b, word) => b.and(word, b.k(32, 0x7fff))) });
op('fsqrt', { enc: ['d9:fa'], sem: plain('sqrt') });
op('frndint', {
  enc: ['d9:fc'],
  sem(b) {
    begin(b);
    const first = register(b, top(b));
    const done = b.ifElse(
      inUse(b, first),
      () => ({ n: b.shared('x87round2int', first.at.n, first.word.n, first.m.n), w: 32 }),
      () => b.k(32, 0),
    );
    b.if(b.isZero(done), () => exact(b, exactCode('rndint')));
  },
});
op('fscale', { enc: ['d9:fd'], sem: plain('scale') });
op('fxtract', { enc: ['d9:f4'], sem: plain('xtract') });
op('fprem', { enc: ['d9:f8'], sem: plain('prem') });
op('fprem1', { enc: ['d9:f5'], sem: plain('prem1') });
