// Comparisons: to the condition codes of the status word, or to rflags.
import { op } from '../op.ts';
import type { Sem } from '../sem.ts';
import { type ExactOptions, exact, exactCode, fromMemory, plain, pointers, waiting, type X87Kind } from './unit.ts';

op('fcom', { enc: ['d8/2 STi', 'dc/2 STi'], access: ['r'], sem: plain('com') });
op('fcomp', { enc: ['d8/3 STi', 'dc/3 STi', 'de/2 STi'], access: ['r'], sem: plain('com', { pops: 1 }) });
op('fcompp', { enc: ['de:d9'], sem: plain('com', { pops: 2 }) });
op('fucom', { enc: ['dd/4 STi'], access: ['r'], sem: plain('ucom') });
op('fucomp', { enc: ['dd/5 STi'], access: ['r'], sem: plain('ucom', { pops: 1 }) });
op('fucompp', { enc: ['da:e9'], sem: plain('ucom', { pops: 2 }) });
op('fcom', { enc: ['d8/2 Md'], access: ['a'], sem: fromMemory('com', 'm32') });
op('fcom', { enc: ['dc/2 Mq'], access: ['a'], sem: fromMemory('com', 'm64') });
op('fcomp', { enc: ['d8/3 Md'], access: ['a'], sem: fromMemory('com', 'm32', { pops: 1 }) });
op('fcomp', { enc: ['dc/3 Mq'], access: ['a'], sem: fromMemory('com', 'm64', { pops: 1 }) });
op('ficom', { enc: ['da/2 Md'], access: ['a'], sem: fromMemory('com', 'i32') });
op('ficom', { enc: ['de/2 Mw'], access: ['a'], sem: fromMemory('com', 'i16') });
op('ficomp', { enc: ['da/3 Md'], access: ['a'], sem: fromMemory('com', 'i32', { pops: 1 }) });
op('ficomp', { enc: ['de/3 Mw'], access: ['a'], sem: fromMemory('com', 'i16', { pops: 1 }) });
op('ftst', { enc: ['d9:e4'], sem: plain('tst') });
op('fxam', { enc: ['d9:e5'], sem: plain('xam') });

/** Order to ZF PF CF; OF SF AF cleared; even where an unmasked exception keeps the stack as it is. */
const toFlags =
  (kind: X87Kind, o: ExactOptions = {}) =>
  (b: Sem): void => {
    waiting(b);
    pointers(b);
    b.f.setArithmetic(exact(b, exactCode(kind, o)));
  };
op('fcomi', { enc: ['db/6 ST0,STi'], access: ['r', 'r'], sem: toFlags('comi') });
op('fcomip', { enc: ['df/6 ST0,STi'], access: ['r', 'r'], sem: toFlags('comi', { pops: 1 }) });
op('fucomi', { enc: ['db/5 ST0,STi'], access: ['r', 'r'], sem: toFlags('ucomi') });
op('fucomip', { enc: ['df/5 ST0,STi'], access: ['r', 'r'], sem: toFlags('ucomi', { pops: 1 }) });
