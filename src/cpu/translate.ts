// Decoded instructions to records: a block at a time, ended by a jump, the page's end or its own length.

import { Decoder } from '../isa/decode.ts';
import type { Operand } from '../isa/form.ts';
import { FIRST_HANDLER, OP_EA32, OP_GOTO, OP_INVALID, OP_UD } from './interp/handlers.ts';
import * as L from './layout.ts';
import type { Tables } from './read-tables.ts';
import * as R from './record.ts';

export { FIRST_HANDLER, OP_INVALID };

/** Instructions after which control goes elsewhere, or may leave the run with another mode or time of day. */
const ENDS = new Set([
  'j',
  'jmp',
  'call',
  'ret',
  'loop',
  'loope',
  'loopne',
  'jrcxz',
  'syscall',
  'sysenter',
  'int',
  'int3',
  'int1',
  'ud2',
  'hlt',
]);
/** A block's most instructions: what the budget may be overrun by. */
const MOST = 64;

export interface Block {
  readonly rip: number;
  /** Address behind its last instruction. */
  end: number;
  readonly first: number;
  last: number;
}
/** What `fetch` gives: bytes and the bounds of what may be read of them; `base` is the guest address of bytes[0]. */
export interface Fetched {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly end: number;
}

export class Translator {
  readonly #t: Tables;
  readonly #decoder: Decoder;
  #u8: Uint8Array;
  #u16: Uint16Array;
  #u32: Uint32Array;
  #i32: Int32Array;
  /** Next free record. Records are given back all at once. */
  next = L.CODE;

  constructor(tables: Tables, memory: ArrayBufferLike) {
    this.#t = tables;
    this.#decoder = new Decoder(tables.decode);
    this.#u8 = new Uint8Array(memory);
    this.#u16 = new Uint16Array(memory);
    this.#u32 = new Uint32Array(memory);
    this.#i32 = new Int32Array(memory);
  }
  get full(): boolean {
    return this.next + (MOST + 2) * 2 * R.RECORD > L.CODE_END;
  }

  /** Translates the block at rip. `fetch(rip, n)` gives the code bytes there; n = 1: only the page of rip, 2: the next page is needed too (undefined: it can't be had). */
  block(rip: number, mode64: boolean, fetch: (rip: number, pages: 1 | 2) => Fetched | undefined): Block | undefined {
    const d = this.#decoder;
    const first = this.next;
    let at = rip;
    let count = 0;
    let f = fetch(rip, 1);
    if (!f) return undefined;
    const page = Math.floor(rip / L.PAGE);
    for (;;) {
      let ok = d.decode(f.bytes, at - f.base, f.end - f.base, mode64);
      if (!ok) {
        const wide = fetch(at, 2);
        if (!wide) {
          // The next page can't be executed: the fault comes when the instruction is reached.
          if (count === 0) return undefined;
          break;
        }
        f = wide;
        ok = d.decode(f.bytes, at - f.base, f.end - f.base, mode64);
      }
      count++;
      this.#lower(at, count);
      at += d.length;
      const name = d.form?.name;
      if (name === undefined || ENDS.has(name)) return { rip, end: at, first, last: this.next };
      if (count === MOST || Math.floor(at / L.PAGE) !== page) break;
    }
    const r = this.#record(at, OP_GOTO);
    this.#u8[r + R.REC_COUNT] = count;
    this.#i32[(r + R.REC_IMM) >>> 2] = 0;
    return { rip, end: at, first, last: this.next };
  }

  #record(rip: number, op: number): number {
    const r = this.next;
    this.next += R.RECORD;
    this.#u32.fill(0, r >>> 2, (r + R.RECORD) >>> 2);
    this.#u16[r >>> 1] = op;
    this.#u32[(r + R.REC_RIP) >>> 2] = rip;
    this.#u16[(r + R.REC_BASE) >>> 1] = L.ZERO;
    this.#u16[(r + R.REC_INDEX) >>> 1] = L.ZERO;
    this.#u16[(r + R.REC_SEG) >>> 1] = L.ZERO;
    return r;
  }

  #lower(rip: number, count: number): void {
    const d = this.#decoder;
    const form = d.form;
    const sizeIndex = d.size === 16 ? 0 : d.size === 32 ? 1 : 2;
    let op = form ? (this.#t.numbers[form.id * 6 + sizeIndex * 2 + (d.mem ? 1 : 0)] as number) : OP_UD;
    if (form && op === OP_INVALID) op = OP_UD;
    if (form && d.lock && !(form.lock && d.mem)) op = OP_UD;
    const string = form?.operands.some((o) => o.source === 'si' || o.source === 'di');
    if (d.mem && d.address32 && op !== OP_UD && d.mode64) {
      const r = this.#record(rip, OP_EA32);
      this.#u8[r + R.REC_LEN] = d.length;
      this.#u8[r + R.REC_COUNT] = count;
      this.#addressInto(r, rip);
    }
    const r = this.#record(rip, op);
    this.#u8[r + R.REC_LEN] = d.length;
    this.#u8[r + R.REC_COUNT] = count;
    if (!form || op === OP_UD) return;
    if (d.mem) {
      if (d.address32 && d.mode64) this.#u16[(r + R.REC_BASE) >>> 1] = L.SCRATCH_REG;
      else this.#addressInto(r, rip);
    }
    let slot = R.REC_D;
    for (const o of form.operands) {
      const at = this.#registerOffset(o);
      if (at < 0) continue;
      if (slot > R.REC_S) break;
      this.#u16[(r + slot) >>> 1] = at;
      slot += 2;
    }
    this.#i32[(r + R.REC_IMM) >>> 2] = form.name === 'enter' ? (d.imm & 0xffff) | (d.imm2 << 16) : d.imm;
    if (form.operands.some((o) => o.source === 'imm' && o.size === 'v')) {
      this.#i32[(r + R.REC_DISP) >>> 2] = d.imm;
      this.#i32[(r + R.REC_DISP + 4) >>> 2] = d.immHigh;
    }
    if (string || form.name === 'xlat' || form.name.startsWith('loop') || form.name === 'jrcxz') {
      if (string || form.name === 'xlat') this.#u16[(r + R.REC_SEG) >>> 1] = this.#segmentBase();
      if (string) this.#i32[(r + R.REC_IMM) >>> 2] = d.repeat;
      // loop and jrcxz jump as functions of their own do, without links, so the place of the links is free for the mask.
      this.#mask(r);
    }
  }
  #mask(r: number): void {
    this.#i32[(r + R.REC_DISP) >>> 2] = -1;
    this.#i32[(r + R.REC_DISP + 4) >>> 2] = this.#decoder.address32 ? 0 : -1;
  }
  #segmentBase(): number {
    const s = this.#decoder.segment;
    if (s === 4) return L.FS_BASE;
    if (s === 5) return L.GS_BASE;
    return L.ZERO;
  }
  #addressInto(r: number, rip: number): void {
    const d = this.#decoder;
    if (d.base >= 0) this.#u16[(r + R.REC_BASE) >>> 1] = L.GPR + 8 * d.base;
    if (d.index >= 0) this.#u16[(r + R.REC_INDEX) >>> 1] = L.GPR + 8 * d.index;
    this.#u8[r + R.REC_SCALE] = d.scale;
    this.#u16[(r + R.REC_SEG) >>> 1] = this.#segmentBase();
    let disp = d.base === -2 ? rip + d.length + d.disp : d.disp;
    // pop to memory computes its address with the stack pointer already raised.
    if (d.form?.name === 'pop' && d.base === 4) disp += d.size / 8;
    this.#u32[(r + R.REC_DISP) >>> 2] = disp;
    this.#i32[(r + R.REC_DISP + 4) >>> 2] = Math.floor(disp / 0x1_0000_0000);
  }
  /** Offset in the state of a register operand, -1 for operands that are none. */
  #registerOffset(o: Operand): number {
    const d = this.#decoder;
    let n: number;
    switch (o.source) {
      case 'rm':
        if (d.mem) return -1;
        n = d.rm;
        break;
      case 'rmreg':
        n = d.rm;
        break;
      case 'reg':
        n = d.reg;
        break;
      case 'opreg':
        n = d.opreg;
        break;
      case 'fixed':
        n = o.number;
        break;
      default:
        return -1;
    }
    switch (o.bank) {
      case 'gpr':
        // Without REX, byte registers 4 to 7 are ah ch dh bh.
        if (o.size === 'b' && o.source !== 'fixed' && d.rex === 0 && n >= 4 && n < 8) return L.GPR + 8 * (n - 4) + 1;
        return L.GPR + 8 * n;
      case 'xmm':
        return L.XMM + 16 * n;
      case 'mm':
        return L.X87_REGS + 16 * (n & 7);
      case 'seg':
        return L.SELECTORS + 2 * (n & 7);
      default:
        return -1;
    }
  }
}
