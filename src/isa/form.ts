// What the running CPU knows of an encoding. encoding.ts makes forms from the definitions at build time; table.ts packs them and reads them back.

/**
 * Where an operand's number stands. 'rm': ModRM register or memory; 'mem', 'rmreg': memory, register only; 'opreg': the opcode's low bits; 'vvvv': of the
 * VEX prefix; 'is4': high half of the last immediate; 'fixed': known from the letter.
 */
export const SOURCES = [
  'rm',
  'mem',
  'rmreg',
  'reg',
  'opreg',
  'vvvv',
  'is4',
  'imm',
  'rel',
  'moffs',
  'fixed',
  'si',
  'di',
] as const;
export type Source = (typeof SOURCES)[number];
export const BANKS = ['none', 'gpr', 'xmm', 'mm', 'seg', 'cr', 'dr', 'st', 'k', 'tmm', 'bnd'] as const;
export type Bank = (typeof BANKS)[number];
/**
 * Size letters: b w d q; u: w, of a register shown as wide as the operation; v 16/32/64 by operand size, z 16/32/32, y 32/32/64; n 32/64 by mode; m by address size; dq qq dqq 128 256 512 bits; x a vector of the
 * prefix's length, hx qx ox a half, a quarter, an eighth of it; bs: byte sign-extended to the operation; t 80 bits; p far pointer; s descriptor table; none: an
 * address alone, or a size the name tells (fxsave's area).
 */
export const SIZES = [
  'none',
  'b',
  'w',
  'u',
  'd',
  'q',
  'v',
  'z',
  'y',
  'n',
  'm',
  'dq',
  'qq',
  'dqq',
  'x',
  'hx',
  'qx',
  'ox',
  'bs',
  't',
  'p',
  's',
] as const;
export type Size = (typeof SIZES)[number];
/** What an operand is used for: r read, w written, rw both, a its address alone. */
export const ACCESSES = ['r', 'w', 'rw', 'a'] as const;
export type Access = (typeof ACCESSES)[number];

export interface Operand {
  readonly source: Source;
  readonly bank: Bank;
  readonly size: Size;
  /** Register number, or the constant, of a fixed operand. */
  readonly number: number;
  readonly access: Access;
}

/** Bits of the key that the decoder builds and a form compares: `(key & mask) === value`. */
export const KEY = {
  prefix: 0,
  reg: 2,
  mod3: 5,
  rm: 6,
  w: 9,
  mode64: 10,
  l: 11,
  rexB: 13,
  rexR: 14,
  bits: 15,
} as const;

/** Opcode maps: legacy, VEX, EVEX, XOP, 3DNow! (its opcode is the last byte). */
export const MAPS = [
  'one',
  '0f',
  '0f38',
  '0f3a',
  'vex1',
  'vex2',
  'vex3',
  'evex1',
  'evex2',
  'evex3',
  'evex5',
  'evex6',
  'xop8',
  'xop9',
  'xopa',
  '3dnow',
] as const;
export type MapName = (typeof MAPS)[number];

/** Bytes behind ModRM that an operand takes: see Decoder. */
export const IMM_NONE = 0;
export const IMM_8 = 1;
export const IMM_16 = 2;
/** 32 bits, 16 with a 16-bit operand size. */
export const IMM_Z = 3;
/** As wide as the operation, up to 64 bits. */
export const IMM_V = 4;
export const IMM_32 = 5;
/** An absolute address, as wide as addresses are. */
export const IMM_MOFFS = 6;
/** The constant of a fixed operand: no bytes. */
export const IMM_ONE = 7;
/** A z-sized offset and a selector behind it. */
export const IMM_FAR = 8;

export interface Form {
  /** Its place in the table: forms of one map and opcode are neighbours, the most particular first. */
  readonly id: number;
  readonly name: string;
  /** Hints for AT&T and Intel syntax (disassemble.ts). */
  readonly att: string;
  readonly intel: string;
  /** The mandatory prefix: 0 none of them, 1 66, 2 f3, 3 f2; -1: any. */
  readonly prefix: number;
  /** REX.W is part of the encoding. */
  readonly usesW: boolean;
  /** The condition code of a jcc-like form, else -1. */
  readonly cc: number;
  readonly modrm: boolean;
  readonly operands: readonly Operand[];
  /** IMM_*, of the first and second operand that stands behind ModRM. */
  readonly imm1: number;
  readonly imm2: number;
  readonly lock: boolean;
  readonly d64: boolean;
  readonly rep: boolean;
  /** A 16-byte memory operand needn't be aligned. */
  readonly unaligned: boolean;
  /** VEX.vvvv names an operand; otherwise it must be 1111. */
  readonly vvvv: boolean;
  /** EVEX: a write mask may be given, may zero, must be given; element bytes of a broadcast (0 none); rounding or only exceptions can be set. */
  readonly mask: boolean;
  readonly zeroing: boolean;
  readonly mustMask: boolean;
  readonly broadcast: number;
  readonly rounding: boolean;
  readonly sae: boolean;
  /** The address must have a SIB byte. */
  readonly sib: boolean;
  /** The index of the address is a vector: its size letter, else 'none'. */
  readonly vsib: Size;
}
