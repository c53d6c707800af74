// fadd and its family in all forms, and what works on ST(0) alone.
import { op } from '../op.ts';
import { type ExactOptions, fromMemory, plain, type X87Kind } from './unit.ts';

/** name, kind, reversed, /digit of d8 da dc de, register opcode byte of d8 (dc and de exchange the reversed ones). */
const family = (name: string, kind: X87Kind, reversed: boolean, digit: number): void => {
  const o: ExactOptions = reversed ? { reversed } : {};
  // With ST(i) as the destination the digits of the reversed ones are exchanged.
  const other = digit >= 4 ? digit ^ 1 : digit;
  op(name, { enc: [`d8/${digit} ST0,STi`], sem: plain(kind, o) });
  op(name, { enc: [`dc/${other} STi,ST0`], sem: plain(kind, { ...o, toSti: true }) });
  op(`${name}p`, { enc: [`de/${other} STi,ST0`], sem: plain(kind, { ...o, toSti: true, pops: 1 }) });
  op(name, { enc: [`d8/${digit} Md`], access: ['a'], sem: fromMemory(kind, 'm32', o) });
  op(name, { enc: [`dc/${digit} Mq`], access: ['a'], sem: fromMemory(kind, 'm64', o) });
  const integer = `fi${name.slice(1)}`;
  op(integer, { enc: [`da/${digit} Md`], access: ['a'], sem: fromMemory(kind, 'i32', o) });
  op(integer, { enc: [`de/${digit} Mw`], access: ['a'], sem: fromMemory(kind, 'i16', o) });
};
family('fadd', 'add', false, 0);
family('fmul', 'mul', false, 1);
family('fsub', 'sub', false, 4);
family('fsubr', 'sub', true, 5);
family('fdiv', 'div', false, 6);
family('fdivr', 'div', true, 7);

op('fchs', { enc: ['d9:e0'], sem: plain('chs') });
op('fabs', { enc: ['d9:e1'], sem: plain('abs') });
op('fsqrt', { enc: ['d9:fa'], sem: plain('sqrt') });
op('frndint', { enc: ['d9:fc'], sem: plain('rndint') });
op('fscale', { enc: ['d9:fd'], sem: plain('scale') });
op('fxtract', { enc: ['d9:f4'], sem: plain('xtract') });
op('fprem', { enc: ['d9:f8'], sem: plain('prem') });
op('fprem1', { enc: ['d9:f5'], sem: plain('prem1') });
