// Which code is translated and where, and the permission bytes that go with it: a page that holds translated code is not writable by its byte (W_CODE), so that a store
// there is seen and the translation dropped. Blocks are in the memory (record.ts): by address in BUCKETS, by page in PAGE_BLOCKS, each a list through the blocks.
import { zero } from '../bits/zero.ts';
import type { Prot } from '../kernel/cpu.ts';
import * as L from './layout.ts';
import * as R from './record.ts';

/** A block as the compiler and others who ask for it know it: one object as long as the block is there. */
export interface Block {
  readonly rip: number;
  /** Address behind its last instruction. */
  readonly end: number;
  readonly first: number;
  readonly last: number;
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
/** Who must hear of what is dropped: the compiler. */
export interface Listener {
  dropped(b: Block): void;
  reset(): void;
}
/** addFunction and clearFunction. */
export interface Lists {
  add(block: number): void;
  clear(): void;
}

export class Translations {
  readonly #u8: Uint8Array;
  readonly #view: DataView;
  readonly #u32: Uint32Array;
  readonly #lists: Lists;
  /** Blocks someone asked for, by their place. */
  readonly #known = new Map<number, Block>();
  /** Pages from which the right to write was withdrawn. */
  readonly #withdrawn = new Set<number>();
  /** The permission bytes as generated code sees them, and as they are: another array only while alignment is checked. */
  readonly #table: Uint8Array;
  #rights: Uint8Array;
  listener: Listener | undefined;

  constructor(memory: ArrayBufferLike, lists: Lists) {
    this.#u8 = new Uint8Array(memory);
    this.#table = new Uint8Array(memory, L.PERM, L.PERM_END - L.PERM);
    this.#rights = this.#table;
    this.#view = new DataView(memory);
    this.#u32 = new Uint32Array(memory);
    this.#lists = lists;
    this.#empty();
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
  /** The block at an address. */
  find(rip: number): Block | undefined {
    const lo = rip >>> 0;
    const hi = Math.floor(rip / 0x1_0000_0000);
    let b = this.#u32[bucketOf(lo)] as number;
    while (b && (this.#word(b, R.BLK_RIP) !== lo || this.#word(b, R.BLK_RIP + 4) !== hi))
      b = this.#word(b, R.BLK_BUCKET);
    return b ? this.at(b) : undefined;
  }
  /** The block at its place in the memory. */
  at(place: number): Block {
    let b = this.#known.get(place);
    if (!b) {
      const rip = this.#rip(place);
      const end = rip + this.#length(place);
      const [first, last] = [this.#word(place, R.BLK_FIRST), this.#word(place, R.BLK_LAST)];
      b = { rip, end, first, last, heat: 0, copy: 0, image: undefined };
      this.#known.set(place, b);
    }
    return b;
  }
  #word(block: number, field: number): number {
    return this.#u32[(block + field) >>> 2] as number;
  }
  #rip(block: number): number {
    return this.#word(block, R.BLK_RIP + 4) * 0x1_0000_0000 + this.#word(block, R.BLK_RIP);
  }
  #length(block: number): number {
    return this.#word(block, R.BLK_LENGTH) & 0xffff;
  }
  /** The next free block, as the translator left it, is one from now on. `image`: see Block. */
  add(place: number, image: Uint8Array | undefined): Block {
    this.#lists.add(place);
    const b = this.at(place);
    b.image = image;
    if (image) this.#view.setUint16(place + R.BLK_IMAGE, 1, true);
    for (let p = Math.floor(b.rip / L.PAGE); p * L.PAGE < Math.min(b.end, L.GUEST_END); p++) {
      const bits = this.#rights[p] as number;
      if (bits & L.W) this.#withdraw(p, bits);
    }
    return b;
  }
  #withdraw(p: number, bits: number): void {
    this.#withdrawn.add(p);
    this.#permit(p, (bits & ~L.W) | L.W_CODE);
  }
  /** Is there code of a page, by its number? (Or of one whose number has the same low bits.) */
  #has(p: number): boolean {
    return this.#u32[pageList(p)] !== 0;
  }
  get #any(): boolean {
    return this.#u32[L.NEXT_BLOCK >>> 2] !== L.BLOCKS;
  }
  protect(start: number, length: number, prot: Prot | 'none'): void {
    const first = start / L.PAGE;
    const last = (start + length) / L.PAGE;
    const bits = prot === 'none' ? 0 : (prot & 7 ? L.R : 0) | (prot & 2 ? L.W : 0) | (prot & 4 ? L.X : 0);
    if (!(bits & L.X)) {
      if (this.#any)
        for (let p = first; p < last; p++) if (this.#has(p)) this.#dropOverlap(p, p * L.PAGE, (p + 1) * L.PAGE);
      const pairs = (bits & L.R ? L.RR : 0) | (bits & L.W ? L.WW : 0);
      this.#rights.fill(bits | pairs, first, last);
    } else
      for (let p = first; p < last; p++)
        if (bits & L.W && this.#has(p)) this.#withdraw(p, bits);
        else this.#permit(p, bits);
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
    if (!this.#any) return;
    const end = start + length;
    for (let p = Math.floor(start / L.PAGE); p * L.PAGE < end; p++) if (this.#has(p)) this.dropRange(p, start, end);
  }
  /** Drops blocks that overlap [start, end) in page p; gives write back where no code is left. */
  dropRange(p: number, start: number, end: number): void {
    this.#dropOverlap(p, start, end);
    if (!this.#has(p) && p * L.PAGE < L.GUEST_END) this.#giveBack(p);
  }
  #giveBack(p: number): void {
    this.#withdrawn.delete(p);
    const bits = this.#rights[p] as number;
    if (bits & L.W_CODE) this.#permit(p, (bits & ~L.W_CODE) | L.W);
  }
  #dropOverlap(p: number, start: number, end: number): void {
    for (let b = this.#u32[pageList(p)] as number; b; ) {
      const next = this.#word(b, this.#nextOf(b, p));
      const rip = this.#rip(b);
      if (rip < end && rip + this.#length(b) > start) this.#drop(b);
      b = next;
    }
  }
  /** The field by which a block is in the list of a page. */
  #nextOf(b: number, p: number): number {
    return ((Math.floor(this.#rip(b) / L.PAGE) ^ p) & (L.PAGE_BLOCKS_COUNT - 1)) === 0 ? R.BLK_PAGE : R.BLK_PAGE2;
  }
  drop(b: Block): void {
    for (let at = this.#u32[bucketOf(b.rip >>> 0)] as number; at; at = this.#word(at, R.BLK_BUCKET))
      if (this.#known.get(at) === b) return this.#drop(at);
  }
  #drop(b: number): void {
    const known = this.#known.get(b);
    const [first, last] = [this.#word(b, R.BLK_FIRST), this.#word(b, R.BLK_LAST)];
    if (known) {
      this.listener?.dropped(known);
      this.#known.delete(b);
      if (known.copy) this.#invalidate(known.copy, known.copy + (last - first));
    }
    this.#invalidate(first, last);
    const rip = this.#rip(b);
    const slot = L.RIP_HASH + ((rip & (L.RIP_HASH_ENTRIES - 1)) << 4);
    if (this.#u32[(slot + 8) >>> 2] === first) this.#u32.fill(0, (slot + 8) >>> 2, (slot + 16) >>> 2);
    this.#unlink(b, bucketOf(rip >>> 0), () => R.BLK_BUCKET);
    const pages = [Math.floor(rip / L.PAGE), Math.floor((rip + this.#length(b) - 1) / L.PAGE)];
    for (const p of new Set(pages)) this.#unlink(b, pageList(p), (other) => this.#nextOf(other, p));
  }
  /** Takes a block out of the list that starts at a word. */
  #unlink(b: number, head: number, field: (b: number) => number): void {
    let place = head;
    for (let at = this.#u32[place] as number; at && at !== b; at = this.#u32[place] as number)
      place = (at + field(at)) >>> 2;
    this.#u32[place] = this.#word(b, field(b));
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
    for (const p of this.#withdrawn) this.#giveBack(p);
    this.#lists.clear();
    this.#known.clear();
    this.#empty();
  }
  #empty(): void {
    this.#u32[L.NEXT_RECORD >>> 2] = L.CODE;
    this.#u32[L.NEXT_BLOCK >>> 2] = L.BLOCKS;
  }
}
/** Index of the word that starts the list of an address's blocks (interp/find.ts has the same). */
function bucketOf(lo: number): number {
  return (L.BUCKETS >>> 2) + ((lo ^ (lo >>> R.BUCKET_SHIFT)) & (L.BUCKET_COUNT - 1));
}
/** Of a page's blocks, by its number. */
function pageList(p: number): number {
  return (L.PAGE_BLOCKS >>> 2) + (p & (L.PAGE_BLOCKS_COUNT - 1));
}
