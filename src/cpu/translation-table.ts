// What the translator (interp/translate.ts) knows of instructions: their forms and what records of them need, packed at build time, in each process's memory at
// TRANSLATION. Forms with VEX, EVEX or XOP prefixes aren't there: none of them has a meaning yet, so what they are is the decoder's business (isa/decode.ts).
import { IMM_8, IMM_NONE, IMM_ONE } from '../isa/form.ts';
import type { DecodeTable } from '../isa/table.ts';
import * as L from './layout.ts';
import { FIXED, type Plan, planOf, type Slot } from './plan.ts';

/** A byte for each byte an instruction may start with: what prefix it is. */
export const BYTES = 0;
/** An opcode. */
export const NO_PREFIX = 0;
export const P_66 = 1;
export const P_67 = 2;
export const P_F0 = 3;
export const P_F2 = 4;
export const P_F3 = 5;
export const P_FS = 6;
export const P_GS = 7;
/** A segment that is flat, and in 64-bit code nothing at all. */
export const P_FLAT = 8;
/** In code of 32 bits an opcode. */
export const P_REX = 9;
/** An opcode or the start of a VEX, EVEX or XOP prefix. */
export const P_VEX = 10;
export const P_XOP = 11;

/** Base and index of an address of 16 bits by ModRM.rm: two u16 each. */
export const BASES16 = 0x100;
/** Bytes of an immediate: u8 by [kind * 4 + size], size 0 for 16 bits, 1 for 32, 2 for 64. */
export const IMMEDIATES = 0x120;
/** First form of each opcode, u16 by map * 256 + opcode; where it ends the next one's start. */
export const ROOTS = 0x200;
/** Legacy maps: one byte, 0f, 0f38, 0f3a. */
const MAP_COUNT = 4;
export const FORMS = 0xb00;
/** A form. */
export const FORM = 40;
export const F_MASK = 0; // u16, of the decoder's key
export const F_VALUE = 2; // u16
export const F_FLAGS = 4; // u32
export const F_HANDLERS = 8; // 6 u16 by [size * 2 + memory]
export const F_SLOTS = 20; // 3 u32, see slotWord
export const F_IMM1 = 32; // u8 IMM_*
export const F_IMM2 = 33; // u8
export const F_CONSTANT = 34; // u8 of IMM_ONE

const FLAG_NAMES = [
  'modrm',
  'd64',
  'lock',
  'ends',
  'string',
  'masked',
  'segment',
  'wideImmediate',
  'bits',
  'lea',
  'enter',
  'pop',
  'shadow',
  'x87',
] as const;
type FlagName = (typeof FLAG_NAMES)[number];
/** Bits of F_FLAGS; `modrm` is 1. `shadow`: loads a segment register; `x87`: its immediate is what the environment keeps of the opcode; the others as in Plan and Form. */
export const FLAG = Object.fromEntries(FLAG_NAMES.map((name, i) => [name, 1 << i])) as Readonly<
  Record<FlagName, number>
>;

/** A register operand: offset of its bank (of itself, if fixed); log2 of the stride at bit 16, mask at 20, where its number stands (FROM_*) at 24, byte register at 28. 0: none. */
function slotWord(s: Slot): number {
  const base = s.from === FIXED ? s.base + s.stride * (s.number & s.mask) : s.base;
  return base | (Math.log2(s.stride) << 16) | (s.mask << 20) | (s.from << 24) | (s.byte ? 1 << 28 : 0);
}

function prefixClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const put = (kind: number, ...bytes: number[]): void => bytes.forEach((b) => (classes[b] = kind));
  put(P_66, 0x66);
  put(P_67, 0x67);
  put(P_F0, 0xf0);
  put(P_F2, 0xf2);
  put(P_F3, 0xf3);
  put(P_FS, 0x64);
  put(P_GS, 0x65);
  put(P_FLAT, 0x26, 0x2e, 0x36, 0x3e);
  for (let b = 0x40; b < 0x50; b++) put(P_REX, b);
  put(P_VEX, 0xc4, 0xc5, 0x62);
  put(P_XOP, 0x8f);
  return classes;
}

/** Packs what the translator needs of the decoder's table. `numbers`: see HandlerTable. */
export function packTranslation(decode: DecodeTable, numbers: Uint16Array): Uint8Array {
  const legacy = decode.roots[MAP_COUNT * 256] as number;
  const packed = new Uint8Array(FORMS + FORM * legacy);
  const view = new DataView(packed.buffer);
  packed.set(prefixClasses(), BYTES);
  const general = (n: number): number => (n < 0 ? L.ZERO : L.GPR + 8 * n);
  [3, 3, 5, 5, 6, 7, 5, 3].forEach((base, rm) => view.setUint16(BASES16 + 4 * rm, general(base), true));
  [6, 7, 6, 7, -1, -1, -1, -1].forEach((index, rm) => view.setUint16(BASES16 + 4 * rm + 2, general(index), true));
  // By kind, see form.ts: none, 8, 16, z, v, 32; addresses are counted elsewhere; one; far.
  [
    [0, 0, 0],
    [1, 1, 1],
    [2, 2, 2],
    [2, 4, 4],
    [2, 4, 8],
    [4, 4, 4],
    [0, 0, 0],
    [0, 0, 0],
    [4, 6, 6],
  ].forEach((bytes, kind) => packed.set(bytes, IMMEDIATES + 4 * kind));
  decode.roots.subarray(0, MAP_COUNT * 256 + 1).forEach((id, i) => view.setUint16(ROOTS + 2 * i, id, true));
  for (let id = legacy; id < decode.size; id++)
    if (numbers.subarray(id * 6, id * 6 + 6).some((n) => n))
      throw new Error(`${decode.form(id).name}: the translator knows no VEX prefixes`);
  let root = 0;
  for (let id = 0; id < legacy; id++) {
    while (id >= (decode.roots[root + 1] as number)) root++;
    const form = decode.form(id);
    const plan = planOf(form, numbers);
    const at = FORMS + FORM * id;
    const bits = decode.bits(id);
    view.setUint16(at + F_MASK, bits.mask, true);
    view.setUint16(at + F_VALUE, bits.value, true);
    const first = form.operands[0];
    const flags: Partial<Record<FlagName, boolean>> & Plan = {
      ...plan,
      modrm: form.modrm,
      d64: form.d64,
      shadow: form.modrm && first?.bank === 'seg' && first.access === 'w',
      x87: (root & ~7) === 0xd8,
    };
    view.setUint32(
      at + F_FLAGS,
      FLAG_NAMES.reduce((r, name) => r | (flags[name] ? FLAG[name] : 0), 0),
      true,
    );
    plan.handlers.forEach((n, i) => view.setUint16(at + F_HANDLERS + 2 * i, n, true));
    plan.slots.slice(0, 3).forEach((s, i) => view.setUint32(at + F_SLOTS + 4 * i, slotWord(s), true));
    if (form.imm2 !== IMM_NONE && !(plan.enter && form.imm2 === IMM_8) && plan.handlers.some((n) => n))
      throw new Error(`${form.name}: the translator knows no second immediate but enter's`);
    packed[at + F_IMM1] = form.imm1;
    packed[at + F_IMM2] = form.imm2;
    if (form.imm1 === IMM_ONE)
      packed[at + F_CONSTANT] = form.operands.findLast((o) => o.source === 'fixed' && o.bank === 'none')?.number ?? 0;
  }
  return packed;
}
