// Control: the words of the state, whole environments, the stack pointer.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';
import { X87_CONTROL, X87_FCS, X87_FDP, X87_FDS, X87_FIP, X87_FOP, X87_IN_USE, X87_STATUS } from '../state.ts';
import { BUSY, ES, pointers, sti, waiting } from './unit.ts';

const top = (b: Sem): V => b.and(b.shrk(b.zx(b.state(X87_STATUS, 16), 32), 11), b.k(32, 7));
/** Control instructions leave the pointers alone; `fincstp` and `fdecstp` count as operations. */
op('fwait', { enc: ['9b'], sem: waiting });
op('fnop', {
  enc: ['d9:d0'],
  sem(b) {
    waiting(b);
    pointers(b);
  },
});
/** The 8087's feni, fdisi and the 287's fsetpm do nothing any more. */
for (const [name, byte] of [
  ['fneni', 'e0'],
  ['fndisi', 'e1'],
  ['fnsetpm', 'e4'],
] as const)
  op(name, { enc: [`db:${byte}`], text: `${name}(${name === 'fnsetpm' ? 287 : 8087} only)`, sem: () => undefined });

/** It left the 287's protected mode; CPUs since don't know it. */
op('frstpm', { enc: ['db:e5'], text: 'frstpm(287 only)' });

op('fninit', {
  enc: ['db:e3'],
  sem(b) {
    b.setState(X87_CONTROL, b.k(16, 0x37f));
    b.setState(X87_STATUS, b.k(16, 0));
    b.setState(X87_IN_USE, b.k(8, 0));
    b.setState(X87_FIP, b.k(64, 0));
    b.setState(X87_FDP, b.k(64, 0));
    b.setState(X87_FOP, b.k(16, 0));
    b.setState(X87_FCS, b.k(16, 0));
    b.setState(X87_FDS, b.k(16, 0));
  },
});
op('fnclex', { enc: ['db:e2'], sem: (b) => b.setState(X87_STATUS, b.and(b.state(X87_STATUS, 16), b.k(16, 0x7f00))) });
op('fnstcw', { enc: ['d9/7 Mw'], access: ['w'], sem: (b) => b.state(X87_CONTROL, 16) });
op('fldcw', {
  enc: ['d9/5 Mw'],
  access: ['a'],
  sem(b, address) {
    waiting(b);
    const word = b.load(address!, 16);
    b.setState(X87_CONTROL, b.or(b.and(word, b.k(16, 0x1f7f)), b.k(16, 0x40)));
    summarize(b);
  },
});
/** ES and B tell whether an exception that is set is unmasked. */
function summarize(b: Sem): void {
  const status = b.state(X87_STATUS, 16);
  const pending = b.ne(b.and(b.and(status, b.not(b.state(X87_CONTROL, 16))), b.k(16, 0x3f)), b.k(16, 0));
  const clear = b.and(status, b.k(16, 0xffff & ~(ES | BUSY)));
  b.setState(X87_STATUS, b.or(clear, b.sel(pending, b.k(16, ES | BUSY), b.k(16, 0))));
}
op('fnstsw', { enc: ['dd/7 Mw'], access: ['w'], sem: (b) => b.state(X87_STATUS, 16) });
op('fnstsw', { enc: ['df:e0 AX'], access: ['w'], sem: (b) => b.state(X87_STATUS, 16) });

/** Adds to the stack pointer; tags stay. */
const rotate =
  (by: 1 | 7) =>
  (b: Sem): void => {
    waiting(b);
    pointers(b);
    const to = b.and(b.add(top(b), b.k(32, by)), b.k(32, 7));
    b.setState(X87_STATUS, b.or(b.and(b.state(X87_STATUS, 16), b.k(16, 0xc5ff)), b.lo(b.shlk(to, 11), 16)));
  };
op('fincstp', { enc: ['d9:f7'], sem: rotate(1) });
op('fdecstp', { enc: ['d9:f6'], sem: rotate(7) });
const free =
  (pop: boolean) =>
  (b: Sem): void => {
    waiting(b);
    pointers(b);
    const at = b.and(b.add(top(b), sti(b)), b.k(32, 7));
    const bit = b.lo(b.shl(b.k(32, 1), at), 8);
    b.setState(X87_IN_USE, b.and(b.state(X87_IN_USE, 8), b.not(bit)));
    if (!pop) return b.setState(X87_STATUS, b.and(b.state(X87_STATUS, 16), b.k(16, 0xfdff)));
    const old = top(b);
    b.setState(X87_IN_USE, b.and(b.state(X87_IN_USE, 8), b.not(b.lo(b.shl(b.k(32, 1), old), 8))));
    const next = b.and(b.add(old, b.k(32, 1)), b.k(32, 7));
    b.setState(X87_STATUS, b.or(b.and(b.state(X87_STATUS, 16), b.k(16, 0xc5ff)), b.lo(b.shlk(next, 11), 16)));
  };
op('ffree', { enc: ['dd/0 STi'], access: ['w'], sem: free(false) });
op('ffreep', { enc: ['df/0 STi'], access: ['w'], sem: free(true) });

/** Argument: the address; the operand size chooses the 14- and 28-byte environment. Waiting ones check first. */
const environment =
  (helper: string, waits: boolean) =>
  (b: Sem, address?: V): void => {
    if (waits) waiting(b);
    b.helper(helper, address!, b.k(64, b.size === 16 ? 16 : 32));
  };
op('fnstenv', { enc: ['d9/6 Mnone'], access: ['a'], sem: environment('fnstenv', false) });
op('fldenv', { enc: ['d9/4 Mnone'], access: ['a'], sem: environment('fldenv', true) });
op('fnsave', { enc: ['dd/6 Mnone'], access: ['a'], sem: environment('fnsave', false) });
op('frstor', { enc: ['dd/4 Mnone'], access: ['a'], sem: environment('frstor', true) });
