// Blocks of records from code: done by the interpreter's module (interp/translate.ts) but for what is no instruction, which the decoder tells.
import { Decoder } from '../isa/decode.ts';
import * as L from './layout.ts';
import type { Tables } from './read-tables.ts';
import * as R from './record.ts';

const UD = 6;
const GP = 13;
/** Instructions that use the stack without saying so. */
const STACK = new Set(['push', 'pop', 'pushf', 'popf', 'call', 'ret', 'leave', 'enter', 'lcall', 'lret', 'iret']);

/** What `fetch` gives: bytes and the bounds of what may be read of them; `base` is the guest address of bytes[0]. */
export interface Fetched {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly end: number;
  /** Some of it lies outside the linear memory. */
  readonly shared: boolean;
}
/** Gives the code bytes at rip; pages = 1: only the page of rip, 2: the next page is needed too. Undefined: it can't be had, and the fault is set. */
export type Fetch = (rip: number, pages: 1 | 2) => Fetched | undefined;
/** translateFunction. */
export type Translate = (rip: bigint, at: number, end: number, most: number) => number;

export class Translator {
  readonly #tables: Tables;
  readonly #translate: Translate;
  #decoder: Decoder | undefined;
  readonly #u8: Uint8Array;
  readonly #u32: Uint32Array;
  readonly #u64: BigUint64Array;

  constructor(tables: Tables, memory: ArrayBufferLike, translate: Translate) {
    this.#tables = tables;
    this.#translate = translate;
    this.#u8 = new Uint8Array(memory);
    this.#u32 = new Uint32Array(memory);
    this.#u64 = new BigUint64Array(memory);
    this.#u8.set(tables.translation, L.TRANSLATION);
  }
  /** Next free record. */
  get next(): number {
    return this.#u32[L.NEXT_RECORD >>> 2] as number;
  }
  set next(at: number) {
    this.#u32[L.NEXT_RECORD >>> 2] = at;
  }
  get full(): boolean {
    return this.next > L.CODE_FULL || (this.#u32[L.NEXT_BLOCK >>> 2] as number) >= L.BLOCKS_END;
  }
  get #decode(): Decoder {
    this.#decoder ??= new Decoder(this.#tables.decode);
    return this.#decoder;
  }

  /** Translates the block at rip: the next free one, to be added. 0 where it can't be fetched. */
  block(rip: number, mode64: boolean, fetch: Fetch, most = R.MOST): number {
    for (const pages of [1, 2] as const) {
      const f = fetch(rip, pages);
      if (!f) return 0;
      let at = rip;
      let end = f.end;
      if (f.bytes.length !== this.#u8.length) {
        const moved = L.CODE_BYTES - f.base;
        this.#u8.set(f.bytes.subarray(0, f.end - f.base), L.CODE_BYTES);
        at += moved;
        end += moved;
      }
      const block = this.#translate(BigInt(rip), at, end, most) >>> 0;
      if (block) return block;
      const d = this.#decode;
      if (d.decode(f.bytes, rip - f.base, f.end - f.base, mode64))
        return this.#fault(rip, d.length, d.tooLong ? GP : UD);
    }
    throw new Error(`no end of the instruction at ${rip.toString(16)}`);
  }
  /** A block that raises a fault. */
  #fault(rip: number, length: number, vector: number): number {
    const words = this.#u32;
    const record = this.next;
    const heat = words[L.FIRST_HEAT >>> 2] as number;
    words.set(
      [R.OP_FAULT | (length << 16), 0, L.ZERO | (L.ZERO << 16), L.ZERO | (1 << 16) | (heat << 24), 0, 0, vector, rip],
      record >>> 2,
    );
    this.next = record + R.RECORD;
    words[L.SHADOW >>> 2] = 0;
    const block = words[L.NEXT_BLOCK >>> 2] as number;
    this.#u64[(block + R.BLK_RIP) >>> 3] = BigInt(rip);
    words[(block + R.BLK_FIRST) >>> 2] = record;
    words[(block + R.BLK_LAST) >>> 2] = record + R.RECORD;
    words[(block + R.BLK_LENGTH) >>> 2] = length;
    return block;
  }

  /** A copy of records. */
  copy(first: number, last: number): number {
    const to = this.next;
    this.#u32.copyWithin(to >>> 2, first >>> 2, last >>> 2);
    this.next += last - first;
    return to;
  }
  /** The one instruction at rip, for stepping: its record, which holds until the next call. `shadow`: no trap comes between it and the next one. */
  step(rip: number, mode64: boolean, fetch: Fetch): { first: number; shadow: boolean } | undefined {
    const { next } = this;
    this.next = L.STEP;
    const block = this.block(rip, mode64, fetch, 1);
    this.next = next;
    return block ? { first: L.STEP, shadow: this.#u32[L.SHADOW >>> 2] === 1 } : undefined;
  }

  /**
   * Did the instruction at rip reach an address that isn't canonical through the stack segment: by rsp or rbp as base, or as push and its like do? `address`
   * where it is known.
   */
  throughStack(rip: number, mode64: boolean, fetch: Fetch, address: bigint | undefined): boolean {
    const d = this.#decode;
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
}
