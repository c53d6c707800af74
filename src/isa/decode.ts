// Instruction decoding: prefixes, opcode, ModRM, SIB, displacement, immediates (SDM vol. 2 chapter 2). One decoder object is filled anew for each instruction:
// decoding is on the path of every newly reached block, so nothing is allocated.
import {
  type Form,
  IMM_8,
  IMM_16,
  IMM_32,
  IMM_FAR,
  IMM_MOFFS,
  IMM_NONE,
  IMM_ONE,
  IMM_V,
  KEY,
  MAPS,
  type Size,
  type Source,
} from './form.ts';
import type { DecodeTable } from './table.ts';

export const MAX_LENGTH = 15;
/** How the opcode was prefixed: its map's family. */
export const LEGACY = 0;
export const VEX = 1;
export const EVEX = 2;
export const XOP = 3;

/** Bases that are no registers. */
export const RIP = -2;
export const ABSOLUTE = -3;

const MAP_0F = MAPS.indexOf('0f');
const MAP_0F38 = MAPS.indexOf('0f38');
const MAP_0F3A = MAPS.indexOf('0f3a');
const MAP_3DNOW = MAPS.indexOf('3dnow');
/** Map numbers in the prefix to ours, -1 for none. */
const VEX_MAPS = mapsOf('vex', 32);
const EVEX_MAPS = mapsOf('evex', 8);
const XOP_MAPS = mapsOf('xop', 32);

export class Decoder {
  readonly #table: DecodeTable;
  constructor(table: DecodeTable) {
    this.#table = table;
  }
  /** Bytes of the instruction; 0 where more bytes are needed than there are. */
  length = 0;
  /** Undefined: no instruction (#UD); `length` is then what was looked at. */
  form: Form | undefined;
  size: 16 | 32 | 64 = 32;
  mode64 = true;
  /** Addresses have 32 bits (in i386 code: unless address16). */
  address32 = false;
  address16 = false;
  /** Index of the segment override (0 es .. 5 gs), -1 none. */
  segment = -1;
  /** More than 15 bytes: #GP instead of #UD. */
  tooLong = false;
  /** The REX prefix, 0 none; W R X B of a VEX prefix at the same places. */
  rex = 0;
  operand16 = false;
  lock = false;
  /** 0 none, 1 f3, 2 f2. */
  repeat = 0;
  /** LEGACY, VEX, EVEX or XOP, and what those prefixes hold: vector length (0: 128 bits, 1: 256, 2: 512), register, mask register, zeroing, broadcast or rounding, rounding mode. */
  family = LEGACY;
  l = 0;
  vvvv = 0;
  mask = 0;
  zeroing = false;
  evexB = false;
  rounding = 0;
  /** Prefixes stand before VEX that it doesn't go with: #UD, though the instruction has a length and a text. */
  refused = false;
  modrm = 0;
  /** Memory operand. base, index: register numbers, -1 none, base RIP or ABSOLUTE: an address of which disp is the low word, immHigh the high one. */
  mem = false;
  base = -1;
  index = -1;
  scale = 0;
  disp = 0;
  /** Immediate, sign-extended to 32 bits; for 64-bit ones low and high halves; a second one (enter). */
  imm = 0;
  immHigh = 0;
  imm2 = 0;
  opcode = 0;
  /** Index of the opcode's map in MAPS. */
  map = 0;
  /** Bytes up to and with the opcode. */
  opcodeLength = 0;
  /** Bit 4 of a vector register's number (EVEX): of reg; of rm, or of a vector index. */
  #reg16 = 0;
  #rm16 = 0;

  get reg(): number {
    return ((this.modrm >> 3) & 7) | ((this.rex & 4) << 1) | this.#reg16;
  }
  get rm(): number {
    return (this.modrm & 7) | ((this.rex & 1) << 3);
  }
  /** rm as a vector register: EVEX numbers 32 of them. */
  get rmVector(): number {
    return this.rm | this.#rm16;
  }
  /** A vector register from 16 on is named, which VEX can't. */
  get usesUpper(): boolean {
    return (this.#reg16 | (this.mem ? 0 : this.#rm16) | (this.vvvv & 16)) !== 0;
  }
  get opreg(): number {
    return (this.opcode & 7) | ((this.rex & 1) << 3);
  }

  /** Decodes at bytes[at]; `end` bounds what may be read. Returns false where bytes run out. */
  decode(bytes: Uint8Array, at: number, end: number, mode64: boolean): boolean {
    const limit = Math.min(end, at + MAX_LENGTH);
    const start = at;
    this.mode64 = mode64;
    this.form = undefined;
    this.tooLong = false;
    this.opcodeLength = 0;
    this.segment = -1;
    this.rex = 0;
    this.operand16 = false;
    this.lock = false;
    this.repeat = 0;
    this.mem = false;
    this.modrm = 0;
    this.imm = this.immHigh = this.imm2 = 0;
    this.family = LEGACY;
    this.l = this.vvvv = this.mask = this.rounding = this.#reg16 = this.#rm16 = 0;
    this.zeroing = this.evexB = this.refused = false;
    let address = false;
    let b = 0;
    for (;;) {
      if (at >= limit) return this.#short(start, end, limit);
      b = bytes[at++] as number;
      if (b === 0x66) this.operand16 = true;
      else if (b === 0x67) address = true;
      else if (b === 0xf0) this.lock = true;
      else if (b === 0xf2) this.repeat = 2;
      else if (b === 0xf3) this.repeat = 1;
      else if (b === 0x2e) this.segment = mode64 ? this.segment : 1;
      else if (b === 0x36) this.segment = mode64 ? this.segment : 2;
      else if (b === 0x3e) this.segment = mode64 ? this.segment : 3;
      else if (b === 0x26) this.segment = mode64 ? this.segment : 0;
      else if (b === 0x64) this.segment = 4;
      else if (b === 0x65) this.segment = 5;
      else if (mode64 && b >= 0x40 && b < 0x50) {
        // A REX prefix counts only right before the opcode.
        if (at >= limit) return this.#short(start, end, limit);
        const next = bytes[at] as number;
        if (isPrefix(next)) continue;
        this.rex = b;
        b = next;
        at++;
        break;
      } else break;
    }
    this.address32 = !mode64 || address;
    this.address16 = !mode64 && address;
    let prefix = this.repeat === 2 ? 3 : this.repeat === 1 ? 2 : this.operand16 ? 1 : 0;
    let map = 0;
    if (b === 0x0f) {
      if (at >= limit) return this.#short(start, end, limit);
      b = bytes[at++] as number;
      map = MAP_0F;
      if (b === 0x38 || b === 0x3a) {
        map = b === 0x38 ? MAP_0F38 : MAP_0F3A;
        if (at >= limit) return this.#short(start, end, limit);
        b = bytes[at++] as number;
      }
    } else if (b === 0xc5 || b === 0xc4 || b === 0x62 || b === 0x8f) {
      // In i386 code these are les, lds and bound with memory operands; 8f is pop where the byte behind it has no map number.
      if (at >= limit) return this.#short(start, end, limit);
      const p = bytes[at] as number;
      if (b === 0x8f ? (p & 0x1f) >= 8 : mode64 || p >= 0xc0) {
        const n = b === 0xc5 ? 2 : b === 0x62 ? 4 : 3;
        if (at + n > limit) return this.#short(start, end, limit);
        this.refused = prefix !== 0 || this.lock || this.rex !== 0;
        this.operand16 = false;
        if (!this.#vector(b, bytes, at)) {
          this.length = this.opcodeLength = at + n - start;
          return true;
        }
        map = this.#map;
        prefix = this.#pp;
        at += n;
        b = bytes[at - 1] as number;
      }
    }
    let suffix = 0;
    if (map === MAP_0F && b === 0x0f) {
      // 3DNow!: the opcode stands behind the operands.
      if (at >= limit) return this.#short(start, end, limit);
      this.modrm = bytes[at] as number;
      const behind = this.modrm >= 0xc0 ? at + 1 : this.#memory(bytes, at + 1);
      if (behind >= limit) return this.#short(start, end, limit);
      b = bytes[behind] as number;
      map = MAP_3DNOW;
      suffix = 1;
    }
    this.opcode = b;
    this.map = map;
    this.opcodeLength = at - start;
    const table = this.#table;
    const root = map * 256 + b;
    const last = table.roots[root + 1] as number;
    let key =
      (prefix << KEY.prefix) |
      ((this.rex & 8 ? 1 : 0) << KEY.w) |
      ((mode64 ? 1 : 0) << KEY.mode64) |
      ((this.rex & 1) << KEY.rexB) |
      ((this.rex & 4 ? 1 : 0) << KEY.rexR) |
      (this.l << KEY.l);
    let modrmRead = false;
    for (let id = table.roots[root] as number; id < last; id++) {
      if (!modrmRead && table.hasModrm(id)) {
        if (at >= limit) return this.#short(start, end, limit);
        let m = bytes[at] as number;
        // mov of control and debug registers: always between registers.
        if (map === MAP_0F && (b & 0xfc) === 0x20) m |= 0xc0;
        this.modrm = m;
        modrmRead = true;
        key |= (((m >> 3) & 7) << KEY.reg) | ((m >= 0xc0 ? 1 : 0) << KEY.mod3) | ((m & 7) << KEY.rm);
        if (this.evexB && m >= 0xc0) {
          // The length bits hold a rounding mode; the operation is on whole or scalar registers.
          key = (key & ~(3 << KEY.l)) | (2 << KEY.l);
          this.rounding = this.l;
          this.l = 2;
        }
      }
      if (table.matches(id, key)) {
        this.form = table.form(id);
        break;
      }
    }
    const form = this.form;
    if (!form || (this.family !== LEGACY && !this.#allowed(form))) {
      this.form = undefined;
      // Bytes of operands are fetched before an opcode turns out to be none.
      if (modrmRead || map >= MAP_0F38) {
        if (at >= limit) return this.#short(start, end, limit);
        this.modrm = bytes[at++] as number;
        const behind =
          (this.modrm < 0xc0 ? this.#memory(bytes, at) : at) + (map === MAP_0F3A || this.#hasByte(root) ? 1 : 0);
        if (behind > limit) return this.#short(start, end, limit);
      }
      this.length = at - start;
      return true;
    }
    this.size = this.rex & 8 ? 64 : this.operand16 ? 16 : form.d64 && mode64 ? 64 : 32;
    if (form.modrm) {
      if (modrmRead) at++;
      if (this.modrm < 0xc0) {
        this.mem = true;
        at = this.#memory(bytes, at);
        if (at > limit) return this.#short(start, end, limit);
        if (this.family === EVEX) this.#evexMemory(form);
        else if (form.vsib !== 'none' && this.index < 0) this.index = 4;
        if (form.vsib !== 'none' && !this.#distinct(form)) {
          this.form = undefined;
          this.length = at - start;
          return true;
        }
      }
    }
    at += suffix;
    // The x87's last opcode, which its environment holds; its low bits are i of ST(i).
    if (map === 0 && (b & 0xf8) === 0xd8) this.imm = ((b & 7) << 8) | this.modrm;
    if (form.imm1 !== IMM_NONE) {
      const n1 = this.#bytesOf(form.imm1);
      if (at + n1 > limit) return this.#short(start, end, limit);
      this.#immediate(form.imm1, n1, bytes, at, form);
      at += n1;
      if (form.imm2 !== IMM_NONE) {
        const n2 = this.#bytesOf(form.imm2);
        if (at + n2 > limit) return this.#short(start, end, limit);
        if (n2) this.imm2 = signed(bytes, at, n2);
        else this.imm2 = form.operands[form.operands.length - 1]?.number ?? 0;
        at += n2;
      }
    }
    this.length = at - start;
    return true;
  }

  #bytesOf(imm: number): number {
    switch (imm) {
      case IMM_8:
        return 1;
      case IMM_16:
        return 2;
      case IMM_32:
        return 4;
      case IMM_ONE:
        return 0;
      case IMM_V:
        return this.size / 8;
      case IMM_MOFFS:
        return this.address16 ? 2 : this.address32 ? 4 : 8;
      case IMM_FAR:
        return this.size === 16 ? 4 : 6;
      default:
        return this.size === 16 ? 2 : 4;
    }
  }
  #immediate(imm: number, n: number, bytes: Uint8Array, at: number, form: Form): void {
    if (imm === IMM_ONE) {
      for (const o of form.operands) if (o.source === 'fixed' && o.bank === 'none') this.imm = o.number;
      return;
    }
    if (imm === IMM_FAR) {
      this.imm = n === 4 ? signed(bytes, at, 2) : word(bytes, at);
      this.imm2 = signed(bytes, at + n - 2, 2);
      return;
    }
    const lo = signed(bytes, at, n);
    if (imm === IMM_MOFFS) {
      this.mem = true;
      this.base = ABSOLUTE;
      this.index = -1;
      this.scale = 0;
      this.disp = n === 2 ? lo & 0xffff : lo;
      this.immHigh = n === 8 ? word(bytes, at + 4) : 0;
      return;
    }
    this.imm = lo;
    this.immHigh = n === 8 ? word(bytes, at + 4) : lo < 0 ? -1 : 0;
  }

  #map = 0;
  /** Numbered as KEY.prefix is. */
  #pp = 0;
  /** Reads a VEX, EVEX or XOP prefix's bytes behind its first; false: reserved bits are set. */
  #vector(first: number, bytes: Uint8Array, at: number): boolean {
    const p0 = bytes[at] as number;
    if (first === 0xc5) {
      this.family = VEX;
      this.#map = VEX_MAPS[1] as number;
      this.rex = p0 & 0x80 ? 0 : 4;
      this.vvvv = (~p0 >> 3) & 15;
      this.l = (p0 >> 2) & 1;
      this.#pp = p0 & 3;
      return this.#bare();
    }
    const p1 = bytes[at + 1] as number;
    this.rex = ((~p0 >> 5) & 7) | (p1 & 0x80 ? 8 : 0);
    this.vvvv = (~p1 >> 3) & 15;
    this.#pp = p1 & 3;
    if (first !== 0x62) {
      this.family = first === 0x8f ? XOP : VEX;
      this.#map = (first === 0x8f ? XOP_MAPS : VEX_MAPS)[p0 & 0x1f] as number;
      this.l = (p1 >> 2) & 1;
      return this.#map >= 0 && this.#bare();
    }
    const p2 = bytes[at + 2] as number;
    this.family = EVEX;
    this.#map = EVEX_MAPS[p0 & 7] as number;
    this.#reg16 = p0 & 0x10 ? 0 : 16;
    this.#rm16 = p0 & 0x40 ? 0 : 16;
    this.vvvv |= p2 & 8 ? 0 : 16;
    this.l = (p2 >> 5) & 3;
    this.mask = p2 & 7;
    this.zeroing = (p2 & 0x80) !== 0;
    this.evexB = (p2 & 0x10) !== 0;
    return this.#map >= 0 && (p0 & 8) === 0 && (p1 & 4) !== 0 && this.#bare();
  }
  /** i386 code has eight registers: the bits for more don't count. */
  #bare(): boolean {
    if (!this.mode64) {
      this.rex &= 8;
      this.vvvv &= 7;
      this.#reg16 = this.#rm16 = 0;
    }
    return true;
  }
  /** Are the VEX or EVEX prefix's fields such as the form has them? */
  #allowed(form: Form): boolean {
    if (!form.vvvv && (form.vsib === 'none' ? this.vvvv : this.vvvv & 15) !== 0) return false;
    if (form.sib && (this.modrm & 7) !== 4) return false;
    for (const o of form.operands) {
      if ((o.bank === 'k' || o.bank === 'tmm') && !this.#low(o.source)) return false;
      if (o.bank === 'gpr' && o.source === 'reg' && this.#reg16 !== 0) return false;
    }
    if (this.family !== EVEX) return true;
    const register = this.modrm >= 0xc0;
    if (this.l === 3) return false;
    if (this.evexB && !(register ? form.rounding || form.sae : form.broadcast !== 0)) return false;
    if (this.mask !== 0 ? !form.mask : form.mustMask) return false;
    return !this.zeroing || (form.zeroing && (register || form.operands[0]?.source !== 'rm'));
  }
  /** A gather's destination, index and VEX mask are three registers. */
  #distinct(form: Form): boolean {
    if (form.operands[0]?.source !== 'reg') return true;
    if (this.reg === this.index) return false;
    return this.family !== VEX || (this.vvvv !== this.index && this.vvvv !== this.reg);
  }
  /** Is the number in such a place below eight? */
  #low(source: Source): boolean {
    if (source === 'vvvv') return this.vvvv < 8;
    if (source === 'reg') return (this.rex & 4) === 0 && this.#reg16 === 0;
    return (this.rex & 1) === 0 || this.modrm < 0xc0;
  }
  /** Displacements of one byte count in units of the memory operand; a vector index has a fifth bit. */
  #evexMemory(form: Form): void {
    if (form.vsib !== 'none') this.index = (this.index < 0 ? 4 : this.index) | (this.vvvv & 16);
    if (this.modrm >> 6 !== 1) return;
    if (this.evexB) {
      this.disp *= form.broadcast;
      return;
    }
    for (const o of form.operands)
      if (o.source === 'rm' || o.source === 'mem') {
        this.disp *= bytesOf(o.size, this.l, this.size);
        return;
      }
  }

  /** Is the opcode one with an immediate byte, whatever form of it is meant? */
  #hasByte(root: number): boolean {
    const id = this.#table.roots[root] as number;
    return id < (this.#table.roots[root + 1] as number) && this.#table.form(id).imm1 === IMM_8;
  }
  #short(start: number, end: number, limit: number): boolean {
    // Longer than 15 bytes is an error of its own (#GP); else bytes ran out.
    if (limit < end || limit - start >= MAX_LENGTH) {
      this.length = MAX_LENGTH;
      this.form = undefined;
      this.tooLong = true;
      return true;
    }
    this.length = 0;
    return false;
  }
  #memory(bytes: Uint8Array, at: number): number {
    return this.address16 ? this.#address16(bytes, at) : this.#address(bytes, at);
  }
  #address(bytes: Uint8Array, at: number): number {
    const mod = this.modrm >> 6;
    const rm = this.modrm & 7;
    this.index = -1;
    this.scale = 0;
    this.disp = 0;
    this.base = rm | ((this.rex & 1) << 3);
    if (rm === 4) {
      const sib = bytes[at++] ?? 0;
      this.base = (sib & 7) | ((this.rex & 1) << 3);
      const index = ((sib >> 3) & 7) | ((this.rex & 2) << 2);
      this.scale = sib >> 6;
      if (index !== 4) this.index = index;
      if ((sib & 7) === 5 && mod === 0) {
        this.base = -1;
        this.disp = word(bytes, at);
        return at + 4;
      }
    } else if (rm === 5 && mod === 0) {
      this.base = this.mode64 ? RIP : -1;
      this.disp = word(bytes, at);
      return at + 4;
    }
    if (mod === 1) {
      this.disp = ((bytes[at] ?? 0) << 24) >> 24;
      return at + 1;
    }
    if (mod === 2) {
      this.disp = word(bytes, at);
      return at + 4;
    }
    return at;
  }
  /** 16-bit addressing (SDM vol. 2 table 2-1), in i386 code with 67. */
  #address16(bytes: Uint8Array, at: number): number {
    const mod = this.modrm >> 6;
    const rm = this.modrm & 7;
    this.base = BASE16[rm] as number;
    this.index = INDEX16[rm] as number;
    this.scale = 0;
    this.disp = 0;
    if (mod === 0 && rm === 6) {
      this.base = -1;
      this.disp = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
      return at + 2;
    }
    if (mod === 1) {
      this.disp = ((bytes[at] ?? 0) << 24) >> 24;
      return at + 1;
    }
    if (mod === 2) {
      this.disp = (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) << 16) >> 16;
      return at + 2;
    }
    return at;
  }
}

/** Bytes in memory of an operand, by vector length and operand size; 0 where the letter doesn't tell. */
export function bytesOf(size: Size, l: number, operandSize: 16 | 32 | 64): number {
  switch (size) {
    case 'b':
      return 1;
    case 'w':
    case 'u':
      return 2;
    case 'd':
      return 4;
    case 'q':
      return 8;
    case 'y':
      return operandSize === 64 ? 8 : 4;
    case 'v':
      return operandSize / 8;
    case 'z':
      return operandSize === 16 ? 2 : 4;
    case 'dq':
      return 16;
    case 'qq':
      return 32;
    case 'dqq':
      return 64;
    case 'x':
      return 16 << l;
    case 'hx':
      return 8 << l;
    case 'qx':
      return 4 << l;
    case 'ox':
      return 2 << l;
    default:
      return 0;
  }
}

const BASE16 = [3, 3, 5, 5, 6, 7, 5, 3];
const INDEX16 = [6, 7, 6, 7, -1, -1, -1, -1];

function mapsOf(family: string, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => (MAPS as readonly string[]).indexOf(family + n.toString(16)));
}
/** Bytes that are no opcode: legacy prefixes and REX. */
export function isPrefix(b: number): boolean {
  return (
    b === 0x66 ||
    b === 0x67 ||
    b === 0xf0 ||
    b === 0xf2 ||
    b === 0xf3 ||
    b === 0x2e ||
    b === 0x36 ||
    b === 0x3e ||
    b === 0x26 ||
    b === 0x64 ||
    b === 0x65 ||
    (b >= 0x40 && b < 0x50)
  );
}
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
/** One, two or four bytes (of more the low four), sign-extended. */
function signed(bytes: Uint8Array, at: number, n: number): number {
  if (n === 1) return ((bytes[at] as number) << 24) >> 24;
  if (n === 2) return (((bytes[at] as number) | ((bytes[at + 1] as number) << 8)) << 16) >> 16;
  return word(bytes, at);
}
