// A growing byte buffer with WebAssembly's number encodings: what code and modules are written into.
import { sleb } from './leb.ts';

export class Bytes {
  #u8: Uint8Array;
  length = 0;
  constructor(capacity = 1024) {
    this.#u8 = new Uint8Array(capacity);
  }
  #grow(more: number): void {
    const next = new Uint8Array(Math.max(this.#u8.length * 2, this.length + more));
    next.set(this.#u8);
    this.#u8 = next;
  }
  byte(b: number): void {
    if (this.length === this.#u8.length) this.#grow(1);
    this.#u8[this.length++] = b;
  }
  change(at: number, b: number): void {
    this.#u8[at] = b;
  }
  /** Unsigned LEB128 of a value below 2^53. */
  uleb(n: number): void {
    if (this.length + 8 > this.#u8.length) this.#grow(8);
    const u8 = this.#u8;
    while (n >= 0x80) {
      u8[this.length++] = (n % 0x80) | 0x80;
      n = n > 0x7fff_ffff ? Math.floor(n / 0x80) : n >>> 7;
    }
    u8[this.length++] = n;
  }
  sleb32(n: number): void {
    n |= 0;
    for (;;) {
      const b = n & 127;
      n >>= 7;
      if ((n === 0 && b < 64) || (n === -1 && b >= 64)) return this.byte(b);
      this.byte(b | 128);
    }
  }
  sleb64(n: number | bigint): void {
    if (typeof n === 'number' && (n | 0) === n) return this.sleb32(n);
    const out: number[] = [];
    sleb(out, BigInt(n));
    this.all(out);
  }
  all(list: ArrayLike<number>): void {
    const n = list.length;
    if (this.length + n > this.#u8.length) this.#grow(n);
    const u8 = this.#u8;
    for (let i = 0; i < n; i++) u8[this.length++] = list[i] as number;
  }
  append(other: Bytes): void {
    const part = other.view();
    if (this.length + part.length > this.#u8.length) this.#grow(part.length);
    this.#u8.set(part, this.length);
    this.length += part.length;
  }
  /** What was written, until more is. */
  view(): Uint8Array {
    return this.#u8.subarray(0, this.length);
  }
}
