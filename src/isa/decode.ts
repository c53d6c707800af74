// Instruction decoding: prefixes, opcode, ModRM, SIB, displacement, immediates (SDM vol. 2 chapter 2). One decoder object is filled anew for each instruction:
// decoding is on the path of every newly reached block, so nothing is allocated.
import { type Form, KEY, type MapName } from './encoding.ts';

export type ByOpcode = Readonly<Record<MapName, readonly (readonly Form[])[]>>;
export const MAX_LENGTH = 15;

export class Decoder {
  readonly #tables: ByOpcode;
  constructor(tables: ByOpcode) {
    this.#tables = tables;
  }
  /** Bytes of the instruction; 0 where more bytes are needed than there are. */
  length = 0;
  /** Undefined: no instruction (#UD); `length` is then what was looked at. */
  form: Form | undefined;
  size: 16 | 32 | 64 = 32;
  mode64 = true;
  address32 = false;
  /** Index of the segment override (0 es .. 5 gs), -1 none. */
  segment = -1;
  rex = 0;
  operand16 = false;
  lock = false;
  /** 0 none, 1 f3, 2 f2. */
  repeat = 0;
  modrm = 0;
  /** Memory operand. base, index: register numbers, -1 none, base -2: rip. */
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

  get reg(): number {
    return ((this.modrm >> 3) & 7) | ((this.rex & 4) << 1);
  }
  get rm(): number {
    return (this.modrm & 7) | ((this.rex & 1) << 3);
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
    this.segment = -1;
    this.rex = 0;
    this.operand16 = false;
    this.address32 = !mode64;
    this.lock = false;
    this.repeat = 0;
    this.mem = false;
    this.modrm = 0;
    this.imm = this.immHigh = this.imm2 = 0;
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
    if (address) this.address32 = mode64;
    const address16 = address && !mode64;
    let map: MapName = 'one';
    if (b === 0x0f) {
      if (at >= limit) return this.#short(start, end, limit);
      b = bytes[at++] as number;
      map = '0f';
      if (b === 0x38 || b === 0x3a) {
        map = b === 0x38 ? '0f38' : '0f3a';
        if (at >= limit) return this.#short(start, end, limit);
        b = bytes[at++] as number;
      }
    }
    this.opcode = b;
    const candidates = this.#tables[map][b] as readonly Form[];
    const prefix = this.repeat === 2 ? 3 : this.repeat === 1 ? 2 : this.operand16 ? 1 : 0;
    let key = (prefix << KEY.prefix) | ((this.rex & 8 ? 1 : 0) << KEY.w) | ((mode64 ? 1 : 0) << KEY.mode64);
    let modrmRead = false;
    for (const f of candidates) {
      if (f.modrm && !modrmRead) {
        if (at >= limit) return this.#short(start, end, limit);
        const m = bytes[at] as number;
        this.modrm = m;
        modrmRead = true;
        key |= (((m >> 3) & 7) << KEY.reg) | ((m >= 0xc0 ? 1 : 0) << KEY.mod3) | ((m & 7) << KEY.rm);
      }
      if ((key & f.mask) === f.value) {
        this.form = f;
        break;
      }
    }
    const form = this.form;
    if (!form) {
      this.length = at - start;
      return true;
    }
    this.size = this.rex & 8 ? 64 : this.operand16 ? 16 : form.d64 && mode64 ? 64 : 32;
    if (form.modrm) {
      if (modrmRead) at++;
      const m = this.modrm;
      if (m < 0xc0) {
        this.mem = true;
        at = address16 ? this.#address16(bytes, at) : this.#address(bytes, at);
        if (at > limit) return this.#short(start, end, limit);
      }
    }
    let seen = false;
    for (const o of form.operands) {
      let n = 0;
      if (o.source === 'imm')
        n =
          o.size === 'b' || o.size === 'bs'
            ? 1
            : o.size === 'w'
              ? 2
              : o.size === 'v'
                ? this.size / 8
                : this.size === 16
                  ? 2
                  : 4;
      else if (o.source === 'rel') n = o.size === 'bs' ? 1 : mode64 || !this.operand16 ? 4 : 2;
      else if (o.source === 'moffs') {
        n = this.address32 ? 4 : 8;
        this.mem = true;
        this.base = this.index = -1;
        this.scale = 0;
      } else {
        if (o.source === 'fixed' && o.bank === 'none') this.imm = o.number;
        continue;
      }
      if (at + n > limit) return this.#short(start, end, limit);
      const lo =
        n === 1
          ? ((bytes[at] as number) << 24) >> 24
          : n === 2
            ? (((bytes[at] as number) | ((bytes[at + 1] as number) << 8)) << 16) >> 16
            : word(bytes, at);
      if (o.source === 'moffs') {
        this.disp = n === 4 ? lo >>> 0 : word(bytes, at + 4) * 0x1_0000_0000 + (lo >>> 0);
      } else if (seen) this.imm2 = lo;
      else {
        this.imm = lo;
        this.immHigh = n === 8 ? word(bytes, at + 4) : lo < 0 ? -1 : 0;
        seen = true;
      }
      at += n;
    }
    this.length = at - start;
    return true;
  }

  #short(start: number, end: number, limit: number): boolean {
    // Longer than 15 bytes is an error of its own (#GP); else bytes ran out.
    if (limit < end || limit - start >= MAX_LENGTH) {
      this.length = MAX_LENGTH;
      this.form = undefined;
      return true;
    }
    this.length = 0;
    return false;
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
      if (index !== 4) {
        this.index = index;
        this.scale = sib >> 6;
      }
      if ((sib & 7) === 5 && mod === 0) {
        this.base = -1;
        this.disp = word(bytes, at);
        return at + 4;
      }
    } else if (rm === 5 && mod === 0) {
      this.base = this.mode64 ? -2 : -1;
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
    const pairs = [
      [3, 6],
      [3, 7],
      [5, 6],
      [5, 7],
      [6, -1],
      [7, -1],
      [5, -1],
      [3, -1],
    ] as const;
    const [base, index] = pairs[rm] as readonly [number, number];
    this.base = base;
    this.index = index;
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

function isPrefix(b: number): boolean {
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
