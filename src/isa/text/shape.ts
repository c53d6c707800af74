// What the text of a form depends on besides the bytes: worked out once a form.
import type { Form, Operand } from '../form.ts';

export interface Shape {
  /** Name before suffixes, by the hint (disassemble.ts). */
  readonly hint: string;
  /** A suffix is wanted where the operand is in memory. */
  readonly auto: boolean;
  /** The operand the suffix is read from. */
  readonly sized: Operand | undefined;
  /** REX.W or the operand-size prefix change something, */
  readonly usesW: boolean;
  readonly usesData: boolean;
  /** but only with a register. */
  readonly wideRegister: boolean;
  /** REX.R and REX.B can matter; the latter with a register. */
  readonly usesR: boolean;
  readonly usesB: boolean;
  readonly string: boolean;
  /** A source of a string instruction, absolute address, near branch, indirect branch. */
  readonly stringSource: boolean;
  readonly moffs: boolean;
  readonly branch: boolean;
  readonly indirect: boolean;
}

/** The shape of 90 shown as an exchange. */
export const EXCHANGE: Shape = {
  hint: 'xchg',
  auto: false,
  sized: undefined,
  usesW: true,
  usesData: true,
  wideRegister: false,
  usesR: false,
  usesB: false,
  string: false,
  stringSource: false,
  moffs: false,
  branch: false,
  indirect: false,
};

export function shapeOf(form: Form, att: boolean): Shape {
  const hint = att ? form.att : form.intel;
  const has = (test: (o: Operand) => boolean): boolean => form.operands.some(test);
  const string = has((o) => o.source === 'si' || o.source === 'di');
  const sized = form.operands.find(
    (o) => (o.source === 'rm' && o.bank === 'gpr') || o.source === 'si' || o.source === 'di',
  );
  const [by16, by32, by64] = hint.split('|');
  return {
    hint: hint === '' || hint === '=' ? form.name : hint,
    auto: hint === '' && !form.d64 && sized !== undefined && 'bvyz'.includes(sized.size) && !has(tellsSize),
    sized: sized ?? form.operands.find((o) => o.bank === 'gpr'),
    usesW: form.usesW || (!form.d64 && (by32 !== by64 || has((o) => variable(o) && o.size !== 'z'))),
    usesData: form.d64 || (by32 !== undefined && by16 !== by32) || has(variable),
    wideRegister: has((o) => o.size === 'u') && !has((o) => o.size === 'v'),
    usesR: has((o) => o.source === 'reg' && o.bank !== 'mm' && o.bank !== 'seg'),
    usesB: has(
      (o) =>
        o.source === 'opreg' || ((o.source === 'rm' || o.source === 'rmreg') && o.bank !== 'mm' && o.bank !== 'st'),
    ),
    string,
    stringSource: has((o) => o.source === 'si'),
    moffs: has((o) => o.source === 'moffs'),
    branch: /^(j|jmp|call|ret)$/.test(form.name),
    indirect: /^l?(jmp|call)$/.test(form.name) && has((o) => o.source === 'rm' || o.source === 'mem'),
  };
}
/** Does the operand's size vary with the operation's? */
function variable(o: Operand): boolean {
  return ['v', 'y', 'z', 'u'].includes(o.size) || (o.size === 'bs' && o.source !== 'rel');
}
/** A general register tells the operation's size, but for cl of shifts and dx of ports. */
function tellsSize(o: Operand): boolean {
  if (o.bank !== 'gpr') return false;
  if (o.source === 'fixed') return !((o.number === 1 && o.size === 'b') || (o.number === 2 && o.size === 'w'));
  return o.source === 'reg' || o.source === 'opreg' || o.source === 'vvvv';
}
