// Decoded instructions to records: a block at a time, ended by a jump, the page's end or its own length.

import { ABSOLUTE, Decoder, RIP } from '../isa/decode.ts';
import * as L from './layout.ts';
import { FIXED, FROM_OPCODE, FROM_REG, FROM_RM_OR_MEMORY, type Plan, planOf, type Slot } from './plan.ts';
import type { Tables } from './read-tables.ts';
import * as R from './record.ts';

const UD = 6;
const GP = 13;
/** Instructions that use the stack without saying so. */
const STACK = new Set(['push', 'pop', 'pushf', 'popf', 'call', 'ret', 'leave', 'enter', 'lcall', 'lret', 'iret']);
/** A block's most instructions: what the budget may be overrun by. */
const MOST = 64;

export interface Block {
  readonly rip: number;
  /** Address behind its last instruction. */
  end: number;
  readonly first: number;
  last: number;
  /** Times it was reached by the interpreter, but for what its first record has counted since. */
  heat: number;
  /** Where it is compiled as an entry: its records before the first was changed. 0: nowhere. */
  copy: number;
  /**
   * Code in pages that aren't linear (shared mappings): its bytes as they were translated. Others may write there unseen, so such a block is compared each time it is
   * reached, never linked to and never compiled.
   */
  image: Uint8Array | undefined;
}
/** What `fetch` gives: bytes and the bounds of what may be read of them; `base` is the guest address of bytes[0]. */
export interface Fetched {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly end: number;
  /** Some of it lies outside the linear memory. */
  readonly shared: boolean;
}

export class Translator {
  readonly #t: Tables;
  readonly #decoder: Decoder;
  /** By form. */
  readonly #plans: (Plan | undefined)[] = [];
  readonly #i32: Int32Array;
  readonly #u64: BigUint64Array;
  /** Next free record. Records are given back all at once. */
  next = L.CODE;

  constructor(tables: Tables, memory: ArrayBufferLike) {
    this.#t = tables;
    this.#decoder = new Decoder(tables.decode);
    this.#i32 = new Int32Array(memory);
    this.#u64 = new BigUint64Array(memory);
  }
  get full(): boolean {
    return this.next + (MOST + 2) * 2 * R.RECORD > L.CODE_END;
  }

  /** Translates the block at rip. `fetch(rip, n)` gives the code bytes there; n = 1: only the page of rip, 2: the next page is needed too (undefined: it can't be had). */
  block(
    rip: number,
    mode64: boolean,
    fetch: (rip: number, pages: 1 | 2) => Fetched | undefined,
    most = MOST,
  ): Block | undefined {
    const d = this.#decoder;
    const first = this.next;
    let at = rip;
    let count = 0;
    let length = 0;
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
      const ends = this.#lower(at, count);
      length = d.length;
      at += length;
      if (ends) return { rip, end: at, first, last: this.next, heat: 0, copy: 0, image: undefined };
      if (count === most || Math.floor(at / L.PAGE) !== page) break;
    }
    // Placed at the last instruction, which may end in the next 4 GiB.
    this.#put(R.OP_GOTO | (length << 16), count << 16, L.ZERO | (L.ZERO << 16), 0, 0, 0, 0, at - length);
    return { rip, end: at, first, last: this.next, heat: 0, copy: 0, image: undefined };
  }

  /** A copy of a block's records. */
  copy(b: Block): number {
    const to = this.next;
    this.#i32.copyWithin(to >>> 2, b.first >>> 2, b.last >>> 2);
    this.next += b.last - b.first;
    return to;
  }
  /** The one instruction at rip, for stepping: its record, which holds until the next call. `shadow`: no trap comes between it and the next one. */
  step(
    rip: number,
    mode64: boolean,
    fetch: (rip: number, pages: 1 | 2) => Fetched | undefined,
  ): { first: number; shadow: boolean } | undefined {
    const { next } = this;
    this.next = L.STEP;
    const block = this.block(rip, mode64, fetch, 1);
    this.next = next;
    const d = this.#decoder;
    const stack = d.form?.operands[0];
    return block && { first: block.first, shadow: stack?.bank === 'seg' && stack.access === 'w' && d.reg === 2 };
  }

  /**
   * Did the instruction at rip reach an address that isn't canonical through the stack segment: by rsp or rbp as base, or as push and its like do? `address`
   * where it is known.
   */
  throughStack(
    rip: number,
    mode64: boolean,
    fetch: (rip: number, pages: 1 | 2) => Fetched | undefined,
    address: bigint | undefined,
  ): boolean {
    const d = this.#decoder;
    let f = fetch(rip, 1);
    if (f && !d.decode(f.bytes, rip - f.base, f.end - f.base, mode64)) {
      f = fetch(rip, 2);
      if (f) d.decode(f.bytes, rip - f.base, f.end - f.base, mode64);
    }
    if (!f || !d.form) return false;
    const register = (n: number): bigint => (n < 0 ? 0n : (this.#u64[(L.GPR >> 3) + n] as bigint));
    if (d.mem && (d.base === 4 || d.base === 5) && d.segment < 4) {
      if (address !== undefined) return true;
      // fxsave and fxrstor look at the first word's address first, then whether it is aligned.
      const end = register(d.base) + (register(d.index) << BigInt(d.scale)) + BigInt(d.disp + 3);
      return d.form.name.startsWith('fx') && !d.address32 && BigInt.asIntN(48, end) !== BigInt.asIntN(64, end);
    }
    if (address === undefined || !STACK.has(d.form.name)) return false;
    // enter reaches as far as 31 frame pointers, and its size more.
    const frame = d.form.name === 'enter' || d.form.name === 'leave';
    const reach = frame ? 0x2_0000n : 64n;
    const near = (n: number): boolean => BigInt.asUintN(64, address - register(n) + reach) <= 2n * reach;
    return near(4) || (frame && near(5));
  }

  /** A record, word by word (record.ts); `op` with length and scale, `seg` with count. */
  #put(
    op: number,
    segCount: number,
    baseIndex: number,
    registers: number,
    disp: number,
    dispHigh: number,
    imm: number,
    rip: number,
  ): void {
    const words = this.#i32;
    const w = this.next >>> 2;
    this.next += R.RECORD;
    words[w] = op;
    words[w + 1] = registers;
    words[w + 2] = baseIndex;
    words[w + 3] = (segCount & 0xffff0000) | (segCount & 0xffff || L.ZERO);
    words[w + 4] = disp;
    words[w + 5] = dispHigh;
    words[w + 6] = imm;
    words[w + 7] = rip;
  }

  /** Writes the decoded instruction's record (two, where addresses have 32 bits in 64-bit code). True: the block ends with it. */
  #lower(rip: number, count: number): boolean {
    const d = this.#decoder;
    const form = d.form;
    const length = d.length << 16;
    const counted = count << 16;
    const none = L.ZERO | (L.ZERO << 16);
    const plan = form && (this.#plans[form.id] ?? this.#plan(form.id));
    const op = plan ? (plan.handlers[(d.size === 16 ? 0 : d.size === 32 ? 2 : 4) + (d.mem ? 1 : 0)] as number) : 0;
    if (!plan || op === R.OP_INVALID || d.refused || (d.lock && !(plan.lock && d.mem))) {
      this.#put(R.OP_FAULT | length, counted, none, 0, 0, 0, d.tooLong ? GP : UD, rip);
      return plan ? plan.ends : true;
    }
    let segment = L.ZERO;
    let baseIndex = none;
    let scale = 0;
    let disp = 0;
    let dispHigh = 0;
    if (d.mem) {
      if (!plan.lea) segment = this.#segment();
      baseIndex = (d.base >= 0 ? L.GPR + 8 * d.base : L.ZERO) | ((d.index >= 0 ? L.GPR + 8 * d.index : L.ZERO) << 16);
      scale = d.scale << 24;
      let sum = d.base === RIP ? rip + d.length + d.disp : d.disp;
      if (plan.pop && d.base === 4) sum += d.size / 8;
      disp = sum | 0;
      dispHigh = d.base === ABSOLUTE ? d.immHigh : sum === disp ? disp >> 31 : Math.floor(sum / 0x1_0000_0000);
      const narrow = d.address32 && d.mode64;
      if (narrow || segment !== L.ZERO) {
        this.#put(
          (narrow ? R.OP_EA32 : R.OP_EA) | length | scale,
          counted | segment,
          baseIndex,
          0,
          disp,
          dispHigh,
          0,
          rip,
        );
        baseIndex = L.SCRATCH_REG | (L.ZERO << 16);
        scale = narrow ? R.NARROW << 24 : 0;
        disp = dispHigh = 0;
      }
    }
    let registers = 0;
    let shift = 0;
    for (let i = 0; i < plan.slots.length && shift < 32; i++) {
      const s = plan.slots[i] as Slot;
      if (s.from === FROM_RM_OR_MEMORY && d.mem) continue;
      registers |= this.#offset(s) << shift;
      shift += 16;
    }
    let imm = d.imm;
    if (plan.wideImmediate) {
      disp = d.imm;
      dispHigh = d.immHigh;
    } else if (plan.enter) imm = (d.imm & 0xffff) | (d.imm2 << 16);
    else if (plan.bits) imm = d.address32 ? 32 : 0;
    else if (plan.masked) {
      if (plan.segment) segment = this.#segment();
      if (plan.string) imm = d.repeat;
      // loop and jrcxz jump as functions of their own do, without links, so the place of the links is free for the mask.
      disp = -1;
      dispHigh = d.address32 ? 0 : -1;
    }
    this.#put(op | length | scale, counted | segment, baseIndex, registers, disp, dispHigh, imm, rip);
    return plan.ends;
  }
  #segment(): number {
    const s = this.#decoder.segment;
    return s === 4 ? L.FS_BASE : s === 5 ? L.GS_BASE : L.ZERO;
  }
  #plan(id: number): Plan {
    const plan = planOf(this.#t.decode.form(id), this.#t);
    this.#plans[id] = plan;
    return plan;
  }
  /** Offset of a register operand in the state. */
  #offset(s: Slot): number {
    const d = this.#decoder;
    const n = s.from === FIXED ? s.number : s.from === FROM_REG ? d.reg : s.from === FROM_OPCODE ? d.opreg : d.rm;
    if (s.byte && d.rex === 0 && n >= 4 && n < 8) return L.GPR + 8 * (n - 4) + 1;
    return s.base + s.stride * (n & s.mask);
  }
}
