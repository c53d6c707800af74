// Accesses that the fast path refuses: pages not yet present, shared ones, those above the linear memory, and what raises a fault. Bytes that aren't linear go through the
// bounce buffer. Everything here has the rights of ring 3.
import type { PageFault } from '../kernel/cpu.ts';
import * as L from './layout.ts';
import * as R from './record.ts';
import type { Registers } from './registers.ts';
import type { Translations } from './translations.ts';

/**
 * Where a long access of a helper faults first: at its last byte, or at its first word and then its last byte. `wraps`: at so many bytes from its start it goes
 * on 4 GiB lower, as words with 32-bit addresses do.
 */
export type Probe = 'last first' | { readonly word: number; readonly wraps?: number };
const FOUR_GIB = 0x1_0000_0000;
const PF = 14;
const GP = 13;
const AC = 17;
const FXSAVE_ALIGNMENT = 16;

export class Access {
  readonly #u8: Uint8Array;
  readonly #view: DataView;
  readonly #registers: Registers;
  readonly #code: Translations;
  onPageFault: PageFault = () => 0;
  /** Flag AC is set: accesses must be aligned. */
  alignment = false;
  /** A store that went to the bounce buffer: where its bytes belong. Between `access` and `commit`. */
  #pending: readonly { at: number; bytes: number }[] = [];
  #stray: bigint | undefined;

  constructor(registers: Registers, code: Translations) {
    this.#u8 = registers.u8;
    this.#view = registers.view;
    this.#registers = registers;
    this.#code = code;
  }
  reset(): void {
    this.#pending = [];
    this.onPageFault = () => 0;
  }
  /** The address of a fault at no canonical address, once. */
  takeStray(): bigint | undefined {
    const stray = this.#stray;
    this.#stray = undefined;
    return stray;
  }
  fault(vector: number, error: number, address: bigint): number {
    this.#view.setUint32(L.FAULT_VECTOR, vector, true);
    this.#view.setUint32(L.FAULT_ERROR, error, true);
    this.#view.setBigUint64(L.FAULT_ADDRESS, BigInt.asUintN(64, address), true);
    return R.EXIT_FAULT;
  }

  /** One page of an access: 'linear' when it may go straight, bytes when it lies elsewhere, false after a fault. */
  page(
    page: number,
    access: 'read' | 'write' | 'exec',
    low: number,
    end: number,
    faultAt: number,
  ): 'linear' | Uint8Array | false {
    const bit = access === 'read' ? L.R : access === 'write' ? L.W : L.X;
    for (let tries = 0; tries < 3; tries++) {
      if (page < L.GUEST_END) {
        const bits = this.#code.rights(page / L.PAGE);
        if (bits & bit) return 'linear';
        if (access === 'write' && bits & L.W_CODE) {
          this.#code.dropRange(page / L.PAGE, low, end);
          return 'linear';
        }
      }
      const answer = this.onPageFault(page, access);
      if (typeof answer === 'object') return answer.bytes;
      if (answer !== 'retry') {
        this.fault(PF, 4 | answer | (access === 'write' ? 2 : 0) | (access === 'exec' ? 16 : 0), BigInt(faultAt));
        return false;
      }
    }
    throw new Error(`page ${page.toString(16)} stays inaccessible for ${access}`);
  }
  /**
   * Raises the fault of an access at no canonical address, of one that isn't aligned where that is checked, or in the kernel's half, which isn't mapped for ring 3.
   * `word`: what must be aligned.
   */
  #strays(at: bigint, bytes: number, write: boolean, reported = 0, word = bytes): boolean {
    const low = at + BigInt(bytes) <= 0x8000_0000_0000n;
    if (!low && at >> 47n !== 0x1ffffn) {
      this.fault(GP, 0, 0n);
      this.#stray = at;
    } else if (this.alignment && at % BigInt(word) !== 0n) this.fault(AC, 0, 0n);
    else if (low) return false;
    else this.fault(PF, 5 | (write ? 2 : 0), at + BigInt(reported));
    return true;
  }
  /** An access the fast path refused: linear address to use, or of the bounce buffer, or 0 after a fault. */
  #slow(lo: number, hi: number, bytes: number, write: boolean): number {
    if (this.#registers.mode === 32) hi = 0;
    const at = hi * 0x1_0000_0000 + lo;
    const end = at + bytes;
    const odd = end > 0x8000_0000_0000 || this.alignment;
    if (odd && this.#strays((BigInt(hi) << 32n) | BigInt(lo), bytes, write)) return 0;
    const first = Math.floor(at / L.PAGE) * L.PAGE;
    const access = write ? 'write' : 'read';
    const a = this.page(first, access, at, end, at);
    if (!a) return 0;
    const second = first + L.PAGE;
    if (end <= second) {
      if (a === 'linear') return lo;
      const into = L.BOUNCE + (write ? 64 : 0);
      this.#u8.set(a.subarray(at - first, end - first), into);
      if (write) this.#pending = [{ at, bytes }];
      return into;
    }
    const b = this.page(second, access, at, end, second);
    if (!b) return 0;
    if (a === 'linear' && b === 'linear') return lo;
    const into = L.BOUNCE + (write ? 64 : 0);
    const split = second - at;
    this.#u8.set(a === 'linear' ? this.#u8.subarray(at, second) : a.subarray(at - first), into);
    this.#u8.set(
      (b === 'linear' ? this.#u8.subarray(second, end) : b.subarray(0, end - second)).subarray(0, bytes - split),
      into + split,
    );
    if (write) this.#pending = [{ at, bytes }];
    return into;
  }
  /** `what`: bytes, 0x100 for a store. An operand of 80 bits is two, of which 0x200 puts the second 4 GiB lower. */
  access(lo: number, hi: number, what: number): number {
    const bytes = what & 0xff;
    const write = (what & 0x100) !== 0;
    if (bytes !== 10) return this.#slow(lo, hi, bytes, write);
    const first = this.#slow(lo, hi, 8, write);
    if (!first) return 0;
    const low = this.#view.getBigUint64(first, true);
    const nextLo = (lo + 8) >>> 0;
    const nextHi = (hi + (nextLo < lo ? 1 : 0) - (what & 0x200 ? 1 : 0)) >>> 0;
    const second = this.#slow(nextLo, nextHi, 2, write);
    if (!second) return 0;
    if (first === lo && second === lo + 8) return lo;
    const high = this.#view.getUint16(second, true);
    const into = L.BOUNCE + (write ? 64 : 0);
    this.#view.setBigUint64(into, low, true);
    this.#view.setUint16(into + 8, high, true);
    if (write) {
      const at = (n: number, h: number): number => (this.#registers.mode === 32 ? 0 : h) * FOUR_GIB + n;
      this.#pending = [
        { at: at(lo, hi), bytes: 8 },
        { at: at(nextLo, nextHi), bytes: 2 },
      ];
    }
    return into;
  }
  commit(): void {
    let from = L.BOUNCE + 64;
    const pieces = this.#pending;
    this.#pending = [];
    for (const p of pieces) {
      for (let at = p.at; at < p.at + p.bytes; ) {
        const page = Math.floor(at / L.PAGE) * L.PAGE;
        const n = Math.min(p.at + p.bytes, page + L.PAGE) - at;
        const place = this.page(page, 'write', at, at + n, at);
        if (!place) throw new Error('a page went away between check and store');
        if (place === 'linear') this.#u8.copyWithin(at, from, from + n);
        else {
          place.set(this.#u8.subarray(from, from + n), at - page);
          this.#code.invalidate(at, n);
        }
        from += n;
        at += n;
      }
    }
  }

  /**
   * What a helper reads or writes, as pieces in the order of addresses; undefined after a fault. Rights are looked at before anything is done: at the first
   * word, then at the last byte, or the other way round, as the CPU's own routines do.
   */
  #reach(
    at: bigint,
    bytes: number,
    write: boolean,
    probe: Probe,
  ): { from: Uint8Array; start: number; length: number; linear: boolean }[] | undefined {
    const wide = BigInt.asUintN(64, at);
    const start = Number(wide);
    const inTurn = probe === 'last first' ? undefined : probe;
    const lower = start + (inTurn?.wraps ?? bytes);
    const wrap = (n: number): number => (n >= lower ? n - FOUR_GIB : n);
    const strays = (n: number, reported = 0): boolean =>
      this.#strays(wide, n, write, reported, inTurn?.word ?? FXSAVE_ALIGNMENT);
    if (strays(inTurn?.word ?? bytes, inTurn ? 0 : bytes - 1)) return undefined;
    const access = write ? 'write' : 'read';
    const last = start + bytes - 1;
    const page = (n: number): number => Math.floor(n / L.PAGE) * L.PAGE;
    const second = page(start) + L.PAGE;
    const end = start + bytes;
    const reach = (n: number): boolean => Boolean(this.page(page(wrap(n)), access, wrap(n), wrap(n) + 1, wrap(n)));
    if (!inTurn && !reach(last)) return undefined;
    if (!reach(start)) return undefined;
    if (inTurn && page(start + inTurn.word - 1) !== page(start) && !reach(second)) return undefined;
    if (inTurn && (strays(bytes) || !reach(last))) return undefined;
    const pieces: { from: Uint8Array; start: number; length: number; linear: boolean }[] = [];
    for (let n = start, length = 0; n < end; n += length) {
      const at = wrap(n);
      length = Math.min(n < lower ? Math.min(lower, end) : end, n + L.PAGE - (at - page(at))) - n;
      const place = this.page(page(at), access, at, at + length, at);
      if (!place) return undefined;
      pieces.push({
        from: (place === 'linear' ? this.#u8.subarray(page(at)) : place).subarray(
          at - page(at),
          at - page(at) + length,
        ),
        start: at,
        length,
        linear: place === 'linear',
      });
    }
    return pieces;
  }
  /** May a helper write so many bytes there? False after a fault. */
  writable(at: bigint, bytes: number): boolean {
    return this.#reach(at, bytes, true, { word: bytes }) !== undefined;
  }
  /** Bytes a helper reads; undefined after a fault. `probe`: see #reach. */
  loadBytesForHelper(at: bigint, n: number, probe: Probe): Uint8Array | undefined {
    const pieces = this.#reach(at, n, false, probe);
    if (!pieces) return undefined;
    const image = new Uint8Array(n);
    let done = 0;
    for (const p of pieces) {
      image.set(p.from, done);
      done += p.length;
    }
    return image;
  }
  /** Writes all of the image or, after a fault, nothing. */
  storeBytesForHelper(at: bigint, image: Uint8Array, probe: Probe): boolean {
    const pieces = this.#reach(at, image.length, true, probe);
    if (!pieces) return false;
    let done = 0;
    for (const p of pieces) {
      p.from.set(image.subarray(done, done + p.length));
      if (!p.linear) this.#code.invalidate(p.start, p.length);
      done += p.length;
    }
    return true;
  }
}
