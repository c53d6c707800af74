// What a form's records need, worked out at build time: translating looks at numbers, not at operands.
import { type Form, IMM_NONE, type Operand } from '../isa/form.ts';
import * as L from './layout.ts';

/** Where a register's number comes from. */
export const FROM_RM = 0;
/** As FROM_RM, and no register where the operand is in memory. */
export const FROM_RM_OR_MEMORY = 1;
export const FROM_REG = 2;
export const FROM_OPCODE = 3;
export const FIXED = 4;

/** A register operand: its state offset is base + stride * (n & mask). */
export interface Slot {
  readonly from: number;
  readonly number: number;
  readonly base: number;
  readonly stride: number;
  readonly mask: number;
  /** A byte register: without REX, 4 to 7 are ah ch dh bh. */
  readonly byte: boolean;
}
export interface Plan {
  /** Handlers by size and place: [size * 2 + memory], size 0 for 16 bits, 1 for 32, 2 for 64. */
  readonly handlers: Uint16Array;
  readonly slots: readonly Slot[];
  readonly lock: boolean;
  /** Ends a block: control goes elsewhere, or the run may go on in another mode. */
  readonly ends: boolean;
  /** Reads or writes through rsi or rdi. */
  readonly string: boolean;
  /** Its record holds a mask for rcx, rsi and rdi by address size. */
  readonly masked: boolean;
  readonly segment: boolean;
  readonly wideImmediate: boolean;
  /** A bit string: with a register's bit number it reaches beyond the operand, within what addresses can be. */
  readonly bits: boolean;
  /** lea gives the address within its segment. */
  readonly lea: boolean;
  readonly enter: boolean;
  /** `pop` to memory computes its address with the stack pointer already raised. */
  readonly pop: boolean;
}

const ENDS = new Set(
  'j jmp call ret ljmp lcall lret iret popf loop loope loopne jrcxz syscall sysenter int int3 int1 ud0 ud1 ud2 hlt'.split(
    ' ',
  ),
);
const COUNTING = new Set(['loop', 'loope', 'loopne', 'jrcxz']);
/** Instructions whose address isn't in their operands. */
const IMPLICIT = new Set(['maskmovq', 'maskmovdqu']);
const BIT_STRINGS = new Set(['bt', 'bts', 'btr', 'btc']);
const BANKS: Readonly<Partial<Record<Operand['bank'], Pick<Slot, 'base' | 'stride' | 'mask'>>>> = {
  gpr: { base: L.GPR, stride: 8, mask: 15 },
  xmm: { base: L.XMM, stride: 16, mask: 15 },
  mm: { base: L.X87_REGS, stride: 16, mask: 7 },
  seg: { base: L.SELECTORS, stride: 2, mask: 7 },
};
const SOURCES: Readonly<Partial<Record<Operand['source'], number>>> = {
  rm: FROM_RM_OR_MEMORY,
  rmreg: FROM_RM,
  reg: FROM_REG,
  opreg: FROM_OPCODE,
  fixed: FIXED,
};

function slotOf(o: Operand): Slot | undefined {
  const bank = BANKS[o.bank];
  const from = SOURCES[o.source];
  if (!bank || from === undefined) return undefined;
  return { from, number: o.number, ...bank, byte: o.bank === 'gpr' && o.size === 'b' && o.source !== 'fixed' };
}

/** `numbers`: see HandlerTable. */
export function planOf(form: Form, numbers: Uint16Array): Plan {
  const string = form.operands.some((o) => o.source === 'si' || o.source === 'di');
  const implicit = string || IMPLICIT.has(form.name);
  return {
    handlers: numbers.subarray(form.id * 6, form.id * 6 + 6),
    slots: form.operands.map(slotOf).filter((s) => s !== undefined),
    lock: form.lock,
    ends: ENDS.has(form.name),
    string,
    masked: implicit || COUNTING.has(form.name),
    segment: implicit,
    wideImmediate: form.operands.some((o) => o.source === 'imm' && o.size === 'v'),
    bits: BIT_STRINGS.has(form.name) && form.imm1 === IMM_NONE,
    lea: form.name === 'lea',
    enter: form.name === 'enter',
    pop: form.name === 'pop',
  };
}
