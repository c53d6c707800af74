// Which code is translated and where, and the permission bytes that go with it: a page that holds translated code is not writable by its byte (W_CODE), so that a store
// there is seen and the translation dropped.
import { zero } from '../bits/zero.ts';
import type { Prot } from '../kernel/cpu.ts';
import * as L from './layout.ts';
import * as R from './record.ts';
import type { Block, Translator } from './translate.ts';

/** Who must hear of what is dropped: the compiler. */
export interface Listener {
  dropped(b: Block): void;
  reset(): void;
}

export class Translations {
  readonly #u8: Uint8Array;
  readonly #view: DataView;
  readonly #u32: Uint32Array;
  readonly #translator: Translator;
  /** Blocks by start (rip), of one mode; and by page, to find what a write or an unmapping makes stale. */
  readonly #blocks = new Map<number, Block>();
  readonly #pages = new Map<number, Block[]>();
  /** The permission bytes as generated code sees them, and as they are: another array only while alignment is checked. */
  readonly #table: Uint8Array;
  #rights: Uint8Array;
  listener: Listener | undefined;

  constructor(memory: ArrayBufferLike, translator: Translator) {
    this.#u8 = new Uint8Array(memory);
    this.#table = new Uint8Array(memory, L.PERM, L.PERM_END - L.PERM);
    this.#rights = this.#table;
    this.#view = new DataView(memory);
    this.#u32 = new Uint32Array(memory);
    this.#translator = translator;
  }
  /** A page's permission byte, by page number. */
  rights(p: number): number {
    return this.#rights[p] as number;
  }
  /** With alignment checks every access goes the slow way: the table the fast one looks at shows no rights. */
  checkAlignment(on: boolean): void {
    if (on === (this.#rights !== this.#table)) return;
    if (on) {
      this.#rights = this.#table.slice();
      zero(this.#u8, L.PERM, L.PERM_END);
    } else {
      this.#table.set(this.#rights);
      this.#rights = this.#table;
    }
  }
  find(rip: number): Block | undefined {
    return this.#blocks.get(rip);
  }
  add(b: Block): void {
    this.#blocks.set(b.rip, b);
    for (let p = Math.floor(b.rip / L.PAGE); p * L.PAGE < b.end; p++) {
      const list = this.#pages.get(p);
      if (list) list.push(b);
      else this.#pages.set(p, [b]);
      if (p * L.PAGE < L.GUEST_END) {
        const bits = this.#rights[p] as number;
        if (bits & L.W) this.#permit(p, (bits & ~L.W) | L.W_CODE);
      }
    }
  }
  protect(start: number, length: number, prot: Prot | 'none'): void {
    const first = start / L.PAGE;
    const last = (start + length) / L.PAGE;
    const bits = prot === 'none' ? 0 : (prot & 7 ? L.R : 0) | (prot & 2 ? L.W : 0) | (prot & 4 ? L.X : 0);
    if (!(bits & L.X)) {
      if (this.#pages.size) for (let p = first; p < last; p++) this.#dropPage(p);
      const pairs = (bits & L.R ? L.RR : 0) | (bits & L.W ? L.WW : 0);
      this.#rights.fill(bits | pairs, first, last);
    } else
      for (let p = first; p < last; p++)
        this.#permit(p, bits & L.W && this.#pages.has(p) ? (bits & ~L.W) | L.W_CODE : bits);
    this.#pair(first - 1);
    this.#pair(last - 1);
  }
  /** Sets a page's rights. */
  #permit(p: number, bits: number): void {
    this.#rights[p] = bits;
    this.#pair(p);
    this.#pair(p - 1);
  }
  /** What a page and the one behind it both allow. */
  #pair(p: number): void {
    if (p < 0) return;
    const bits = this.#rights[p] as number;
    const both = bits & (this.#rights[p + 1] as number);
    this.#rights[p] = (bits & ~(L.RR | L.WW)) | (both & L.R ? L.RR : 0) | (both & L.W ? L.WW : 0);
  }
  allows(page: number, access: 'read' | 'write'): boolean {
    return ((this.#rights[page / L.PAGE] as number) & (access === 'read' ? L.R : L.W | L.W_CODE)) !== 0;
  }
  /** Code may be run from page number p where it lies in the memory. */
  isLinear(p: number): boolean {
    return p * L.PAGE < L.GUEST_END && ((this.#rights[p] as number) & L.X) !== 0;
  }
  invalidate(start: number, length: number): void {
    if (this.#pages.size === 0) return;
    const end = start + length;
    for (let p = Math.floor(start / L.PAGE); p * L.PAGE < end; p++)
      if (this.#pages.has(p)) this.dropRange(p, start, end);
  }
  /** Drops blocks that overlap [start, end) in page p; gives write back where no code is left. */
  dropRange(p: number, start: number, end: number): void {
    const list = this.#pages.get(p);
    if (!list) return;
    for (const b of [...list]) if (b.rip < end && b.end > start) this.drop(b);
    if (!this.#pages.has(p) && p * L.PAGE < L.PERM) {
      const bits = this.#rights[p] as number;
      if (bits & L.W_CODE) this.#permit(p, (bits & ~L.W_CODE) | L.W);
    }
  }
  #dropPage(p: number): void {
    for (const b of [...(this.#pages.get(p) ?? [])]) this.drop(b);
  }
  drop(b: Block): void {
    this.listener?.dropped(b);
    this.#blocks.delete(b.rip);
    this.#invalidate(b.first, b.last);
    if (b.copy) this.#invalidate(b.copy, b.copy + (b.last - b.first));
    const slot = L.RIP_HASH + ((b.rip & (L.RIP_HASH_ENTRIES - 1)) << 4);
    if (this.#u32[(slot + 8) >>> 2] === b.first) this.#forget(b.rip);
    for (let p = Math.floor(b.rip / L.PAGE); p * L.PAGE < b.end; p++) {
      const list = this.#pages.get(p);
      if (!list) continue;
      const rest = list.filter((x) => x !== b);
      if (rest.length) this.#pages.set(p, rest);
      else this.#pages.delete(p);
    }
  }
  /** The hash no longer leads to a record or to compiled code there. */
  #forget(rip: number): void {
    const slot = L.RIP_HASH + ((rip & (L.RIP_HASH_ENTRIES - 1)) << 4);
    this.#u32[(slot + 8) >>> 2] = 0;
    this.#u32[(slot + 12) >>> 2] = 0;
  }
  #invalidate(first: number, last: number): void {
    for (let r = first; r < last; r += R.RECORD) {
      // The way on to what follows holds no code, but where it leads may have changed as well.
      if (this.#view.getUint16(r + R.REC_OP, true) === R.OP_GOTO) this.#u32[(r + R.REC_TAKEN) >>> 2] = 0;
      else this.#view.setUint16(r + R.REC_OP, R.OP_INVALID, true);
    }
  }
  /** All translations: the arena is full, or the mode changed. */
  dropAll(): void {
    this.listener?.reset();
    for (const p of this.#pages.keys()) {
      const bits = this.#rights[p] as number;
      if (p * L.PAGE < L.PERM && bits & L.W_CODE) this.#permit(p, (bits & ~L.W_CODE) | L.W);
    }
    // Few blocks: their own entries alone.
    if (this.#blocks.size < L.RIP_HASH_ENTRIES / 32) for (const b of this.#blocks.values()) this.#forget(b.rip);
    else zero(this.#u8, L.RIP_HASH, L.RIP_HASH + 16 * L.RIP_HASH_ENTRIES);
    this.#blocks.clear();
    this.#pages.clear();
    this.#translator.next = L.CODE;
  }
}
