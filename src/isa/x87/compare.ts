// Comparisons: to the condition codes of the status word, or to rflags.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { always, below, conditions, inUse, type Number80, pop, register, top, widened } from './stack.ts';
import { begin, C0, C1, C2, C3, exact, exactCode, sti, type X87Form, type X87Kind } from './unit.ts';

const ZERO = (b: Sem): Number80 => ({ word: b.k(32, 0), m: b.k(64, 0) });
/**
 * Compares ST(0) with a register or memory. `order` gets CF and ZF at their places in rflags for numbers, before the pops; `otherwise` is the exact routine's
 * way.
 */
function compare(
  b: Sem,
  form: X87Form | 'zero',
  pops: number,
  operand: { readonly low: V; readonly high: V },
  order: (flags: V) => void,
  otherwise: () => void,
): void {
  const first = register(b, top(b));
  const second = form === 'st' ? register(b, below(b, first.index, sti(b))) : undefined;
  const other = second ?? (form === 'zero' ? ZERO(b) : widened(b, form, operand.low, operand.high));
  const ready = b.and(second ? inUse(b, first, second) : inUse(b, first), other.fit ?? always(b));
  const flags = b.ifElse(
    ready,
    () => ({ n: b.shared('x87compare', first.word.n, first.m.n, other.word.n, other.m.n), w: 32 }),
    () => b.k(32, -1),
  );
  b.if(b.lts(flags, b.k(32, 0)), otherwise, () => {
    order(flags);
    for (let n = 0; n < pops; n++) pop(b);
  });
}
const KEEP = 0xffff & ~(C0 | C1 | C2 | C3);
/** To C3 and C0, which lie where ZF and CF do, eight bits up. */
const toCodes =
  (kind: X87Kind, form: X87Form = 'st', pops: 0 | 1 | 2 = 0) =>
  (b: Sem, address?: V): void => {
    const operand = begin(b, form, address);
    compare(
      b,
      form,
      pops,
      operand,
      (flags) => conditions(b, KEEP, b.shlk(flags, 8)),
      () => exact(b, exactCode(kind, { form, pops }), operand.low, operand.high),
    );
  };
op('fcom', { enc: ['d8/2 STi', 'dc/2 STi'], access: ['r'], sem: toCodes('com') });
op('fcomp', { enc: ['d8/3 STi', 'dc/3 STi', 'de/2 STi'], access: ['r'], sem: toCodes('com', 'st', 1) });
op('fcompp', { enc: ['de:d9'], sem: toCodes('com', 'st', 2) });
op('fucom', { enc: ['dd/4 STi'], access: ['r'], sem: toCodes('ucom') });
op('fucomp', { enc: ['dd/5 STi'], access: ['r'], sem: toCodes('ucom', 'st', 1) });
op('fucompp', { enc: ['da:e9'], sem: toCodes('ucom', 'st', 2) });
op('fcom', { enc: ['d8/2 Md'], access: ['a'], sem: toCodes('com', 'm32') });
op('fcom', { enc: ['dc/2 Mq'], access: ['a'], sem: toCodes('com', 'm64') });
op('fcomp', { enc: ['d8/3 Md'], access: ['a'], sem: toCodes('com', 'm32', 1) });
op('fcomp', { enc: ['dc/3 Mq'], access: ['a'], sem: toCodes('com', 'm64', 1) });
op('ficom', { enc: ['da/2 Md'], access: ['a'], sem: toCodes('com', 'i32') });
op('ficom', { enc: ['de/2 Mw'], access: ['a'], sem: toCodes('com', 'i16') });
op('ficomp', { enc: ['da/3 Md'], access: ['a'], sem: toCodes('com', 'i32', 1) });
op('ficomp', { enc: ['de/3 Mw'], access: ['a'], sem: toCodes('com', 'i16', 1) });
op('ftst', {
  enc: ['d9:e4'],
  sem(b) {
    const operand = begin(b);
    const order = (flags: V): void => conditions(b, KEEP, b.shlk(flags, 8));
    compare(b, 'zero', 0, operand, order, () => exact(b, exactCode('tst')));
  },
});
/** C1 is the sign, of an empty register too. */
op('fxam', {
  enc: ['d9:e5'],
  sem(b) {
    begin(b);
    const first = register(b, top(b));
    const known: V = { n: b.shared('x87class', first.word.n, first.m.n), w: 32 };
    const codes = b.sel(inUse(b, first), known, b.k(32, C3 | C0));
    const sign = b.shlk(b.shrk(first.word, 15), 9);
    conditions(b, KEEP, b.or(codes, sign));
  },
});

/** To ZF PF CF; OF SF AF are cleared, even where an unmasked exception keeps the stack as it is. C1 stays. */
const toFlags =
  (kind: X87Kind, pops: 0 | 1 = 0) =>
  (b: Sem): void => {
    const operand = begin(b);
    compare(
      b,
      'st',
      pops,
      operand,
      (flags) => b.f.setArithmetic(flags),
      () => b.f.setArithmetic(exact(b, exactCode(kind, { pops }))),
    );
  };
op('fcomi', { enc: ['db/6 ST0,STi'], access: ['r', 'r'], sem: toFlags('comi') });
op('fcomip', { enc: ['df/6 ST0,STi'], access: ['r', 'r'], sem: toFlags('comi', 1) });
op('fucomi', { enc: ['db/5 ST0,STi'], access: ['r', 'r'], sem: toFlags('ucomi') });
op('fucomip', { enc: ['df/5 ST0,STi'], access: ['r', 'r'], sem: toFlags('ucomi', 1) });
