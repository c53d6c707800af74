// Builds a case's initial state: registers that hold edge values, pointers into the regions, or both kinds at random.
import {
  CODE,
  DATA,
  FOUR_GIB,
  HIGH,
  LINEAR_END,
  LINEAR_START,
  LOWEST,
  PAGE,
  type Piece,
  regionOf,
  S,
  WRITABLE_CODE,
} from './batch.ts';
import type { Kind, Random, Words } from './random.ts';

const MASK = 0xffff_ffff_ffff_ffffn;

export class CaseState {
  readonly r: Random;
  readonly kind: Kind;
  readonly bytes = Buffer.from(new ArrayBuffer(S.size));
  readonly pieces: Piece[] = [];
  readonly #words: Words;
  readonly #calm: boolean;
  readonly #u32 = new Uint32Array(this.bytes.buffer);

  /** `calm`: memory operands lie where they may, mostly. */
  constructor(r: Random, kind: Kind, words: Words, calm = false) {
    this.#calm = calm;
    this.r = r;
    this.kind = kind;
    this.#words = words;
    for (let n = 0; n < 16; n++) words.put(r, r.chance(85) ? 'integer' : kind, this.#u32, (S.gpr >> 2) + 2 * n);
    // What string, stack and table instructions address without saying so.
    for (const n of [3, 4, 5, 6, 7])
      if (r.chance(n === 4 ? 97 : 75)) this.setGpr(n, BigInt(this.target(r.pick([1, 8, 16]))));
    if (r.chance(60)) this.setGpr(1, BigInt(r.chance(70) ? r.below(40) : r.below(300)));
    this.set(S.rflags, BigInt(this.#flags()));
    // A base that isn't canonical can't be loaded.
    for (const at of [S.fsBase, S.gsBase])
      this.set(at, BigInt(r.chance(80) ? Math.min(this.target(8), 0x7fff_ffff_ffff) : r.below(4096)));
    [0, 0x33, 0x2b, 0, 0, 0].forEach((v, i) => this.bytes.writeUInt16LE(v, S.selectors + 2 * i));
    this.#fx();
  }
  get(offset: number): bigint {
    return this.bytes.readBigUInt64LE(offset);
  }
  set(offset: number, v: bigint): void {
    this.bytes.writeBigUInt64LE(v & MASK, offset);
  }
  gpr(n: number): bigint {
    return this.get(S.gpr + 8 * n);
  }
  setGpr(n: number, v: bigint): void {
    this.set(S.gpr + 8 * n, v);
  }
  clearFlags(mask: number): void {
    this.set(S.rflags, this.get(S.rflags) & ~BigInt(mask));
  }
  #flags(): number {
    const { r } = this;
    const flags = (r.u32() & 0x8d5) | 0x202;
    return (
      flags |
      (r.chance(12) ? 0x400 : 0) |
      (r.chance(6) ? 0x100 : 0) |
      (r.chance(3) ? 0x40000 : 0) |
      (r.chance(4) ? 0x4000 : 0) |
      (r.chance(4) ? 0x200000 : 0)
    );
  }
  #fx(): void {
    const { r, bytes } = this;
    bytes.writeUInt16LE(0x37f, S.fx);
    bytes.writeUInt16LE(r.chance(50) ? 0 : r.u32() & 0x7f00 & ~0x8000, S.fx + 2);
    bytes[S.fx + 4] = r.chance(50) ? 0 : r.u32() & 0xff;
    bytes.writeUInt32LE(this.#mxcsr(), S.fx + 24);
    for (let i = 0; i < 8; i++) {
      this.#words.put(r, 'integer', this.#u32, (S.fx + 32 + 16 * i) >> 2);
      bytes.writeUInt16LE(r.pick([0, 0x3fff, 0x4000, 0x7fff, 0xffff, 0xbfff, r.below(0x10000)]), S.fx + 40 + 16 * i);
    }
    for (let i = 0; i < 32; i++)
      this.#words.put(r, r.chance(90) ? this.kind : 'integer', this.#u32, (S.fx + 160 + 8 * i) >> 2);
  }
  /** Masked and default mostly; the flags often with PE set, which is the state a running program is in. */
  #mxcsr(): number {
    const { r } = this;
    const masks = r.chance(75) ? 0x1f80 : r.u32() & 0x1f80;
    const mode = (r.chance(35) ? r.u32() & 0x6000 : 0) | (r.chance(10) ? 0x8000 : 0) | (r.chance(10) ? 0x40 : 0);
    const flags = r.chance(40) ? 0 : r.chance(50) ? 0x20 : r.u32() & 0x3f;
    return masks | mode | flags;
  }
  /** An address for an access of so many bytes: well inside, or across each kind of border. */
  target(bytes: number): number {
    const { r } = this;
    const across = (border: number): number => border - r.below(bytes + 1);
    const n = this.#calm && r.chance(97) ? r.below(62) : r.below(100);
    if (n < 50) return DATA + 0x100 + 16 * r.below(16) + (r.chance(50) ? 0 : r.below(16));
    if (n < 62) return across(DATA + PAGE);
    if (n < 66) return across(DATA + 2 * PAGE);
    if (n < 69) return DATA + 2 * PAGE + 0x80 + r.below(64);
    if (n < 72) return across(DATA + 3 * PAGE);
    if (n < 75) return across(DATA + 4 * PAGE);
    if (n < 78) return across(DATA + 5 * PAGE);
    if (n < 83) return HIGH + 0x100 + r.below(256);
    if (n < 85) return across(HIGH + PAGE);
    if (n < 87) return across(HIGH + 2 * PAGE);
    if (n < 90) return across(LINEAR_END);
    if (n < 92) return across(FOUR_GIB);
    if (n < 94) return r.chance(50) ? across(LOWEST) + r.below(8) : across(LINEAR_START);
    if (n < 96) return r.pick([CODE + 0x800, WRITABLE_CODE + 0xf80]) + r.below(64);
    if (n < 97) return r.below(0x1_0000);
    if (n < 98) return r.pick([0x7fff_ffff_f000, 0x8000_0000_0000]) - r.below(bytes + 1);
    return DATA + 0x6000 + r.below(0x1000);
  }
  /** Puts bytes of the case's kind where an operand is; what no region holds is left out. */
  fill(address: number, length: number): void {
    const words = new Uint32Array(((length + 7) >> 3) << 1);
    for (let i = 0; i < words.length; i += 2) {
      // Now and then a copy of a register.
      if (this.r.chance(20)) {
        const from = 2 * this.r.below(S.size >> 3);
        words[i] = this.#u32[from] as number;
        words[i + 1] = this.#u32[from + 1] as number;
      } else this.#words.put(this.r, this.r.chance(90) ? this.kind : 'integer', words, i);
    }
    this.put(address, new Uint8Array(words.buffer, 0, length));
  }
  put(address: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const n = Math.min(bytes.length - at, PAGE - ((address + at) % PAGE));
      if (regionOf(address + at, n) >= 0)
        this.pieces.push({ address: address + at, bytes: bytes.subarray(at, at + n) });
      at += n;
    }
  }
}
