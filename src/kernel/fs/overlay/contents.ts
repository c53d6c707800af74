// A file's bytes in memory: pages of our own over those of a lower file, which is read where there are none.
import { ENOSPC, type Errno } from '../../../abi/errno.ts';
import type { FileSpace } from './space.ts';

export const PAGE = 4096;
/** Stand for pages that read as zeros: one that has been allocated, and a hole where the lower file may have something. */
const ALLOCATED = new Uint8Array(PAGE);
const HOLE = new Uint8Array(PAGE);

/** The file below: bytes of [at, at + into.length), as many as there are. */
export type Lower = (into: Uint8Array, at: number) => number;

export class Contents {
  size: number;
  readonly #space: FileSpace;
  readonly #pages = new Map<number, Uint8Array>();
  #lower: Lower | undefined;
  /** Up to here the lower file counts. */
  #lowerSize: number;
  /** Pages that take space. */
  #taken = 0;

  constructor(space: FileSpace, lower?: Lower, size = 0) {
    this.#space = space;
    this.#lower = lower;
    this.size = this.#lowerSize = size;
  }
  /** 512-byte blocks in use. */
  get blocks(): number {
    let below = 0;
    if (this.#lowerSize) {
      below = Math.ceil(this.#lowerSize / PAGE);
      for (const i of this.#pages.keys()) if (i * PAGE < this.#lowerSize) below--;
    }
    return (this.#taken + below) * (PAGE / 512);
  }
  #isLower(index: number): boolean {
    return index * PAGE < this.#lowerSize;
  }
  #lowerInto(into: Uint8Array, at: number): void {
    let done = 0;
    const most = Math.min(into.length, this.#lowerSize - at);
    while (this.#lower && done < most) {
      const n = this.#lower(into.subarray(done, most), at + done);
      if (n <= 0) break;
      done += n;
    }
    into.fill(0, done);
  }
  read(into: Uint8Array, at: number): number {
    const n = Math.max(0, Math.min(into.length, this.size - at));
    for (let done = 0; done < n; ) {
      const index = Math.floor((at + done) / PAGE);
      const from = at + done - index * PAGE;
      let m = Math.min(n - done, PAGE - from);
      const page = this.#pages.get(index);
      if (page) into.set(page.subarray(from, from + m), done);
      else if (!this.#isLower(index)) into.fill(0, done, done + m);
      else {
        // A run of pages that only the lower file has goes in one read.
        for (let i = index + 1; done + m < n && this.#isLower(i) && !this.#pages.has(i); i++)
          m = Math.min(n - done, m + PAGE);
        this.#lowerInto(into.subarray(done, done + m), at + done);
      }
      done += m;
    }
    return n;
  }
  #drop(index: number): void {
    const page = this.#pages.get(index);
    if (page && page !== HOLE) {
      this.#taken--;
      this.#space.give(1);
    }
    this.#pages.delete(index);
  }
  /** A page that can be written; undefined where no space is left. `whole`: the caller overwrites it all. */
  #own(index: number, whole = false): Uint8Array | undefined {
    const known = this.#pages.get(index);
    if (known && known !== ALLOCATED && known !== HOLE) return known;
    if (known !== ALLOCATED) {
      if (!this.#space.take()) return undefined;
      this.#taken++;
    }
    const made = new Uint8Array(PAGE);
    if (!known && !whole && this.#isLower(index)) this.#lowerInto(made, index * PAGE);
    this.#pages.set(index, made);
    return made;
  }
  /** A page that is mapped already becomes the file's, over what space there may be. */
  adopt(index: number, page: Uint8Array): void {
    if (index * PAGE >= this.size) return;
    if (!this.#pages.has(index)) {
      this.#space.force();
      this.#taken++;
    }
    this.#pages.set(index, page);
  }
  /** The page itself, for shared mappings: their writes are the file's. */
  page(index: number): Uint8Array | undefined {
    return this.#own(index);
  }
  /** Writes what there is space for. */
  write(from: Uint8Array, at: number): number | Errno {
    let done = 0;
    while (done < from.length) {
      const index = Math.floor((at + done) / PAGE);
      const to = at + done - index * PAGE;
      const m = Math.min(from.length - done, PAGE - to);
      const page = this.#own(index, m === PAGE);
      if (!page) break;
      page.set(from.subarray(done, done + m), to);
      done += m;
    }
    if (done === 0) return from.length > 0 ? ENOSPC : 0;
    this.size = Math.max(this.size, at + done);
    return done;
  }
  truncate(size: number): Errno | undefined {
    if (size < this.size) {
      const keep = Math.ceil(size / PAGE);
      if (size % PAGE) {
        const last = this.#pages.get(keep - 1);
        if (last || this.#isLower(keep - 1)) {
          const page = this.#own(keep - 1);
          if (!page) return ENOSPC;
          page.fill(0, size % PAGE);
        }
      }
      this.#lowerSize = Math.min(this.#lowerSize, size);
      for (const i of [...this.#pages.keys()]) if (i >= keep) this.#drop(i);
    }
    this.size = size;
    return undefined;
  }

  /** Space for [at, at + length), also behind the end (fallocate's mode 0). */
  allocate(at: number, length: number): Errno | undefined {
    for (let i = Math.floor(at / PAGE); i * PAGE < at + length; i++) {
      const known = this.#pages.get(i);
      if (known ? known !== HOLE : this.#isLower(i)) continue;
      if (!this.#space.take()) return ENOSPC;
      this.#taken++;
      this.#pages.set(i, ALLOCATED);
    }
    return undefined;
  }
  /** Zeros in [at, at + length); `hole`: whole pages give their space back. */
  zero(at: number, length: number, hole: boolean): Errno | undefined {
    const end = at + length;
    const first = Math.ceil(at / PAGE);
    const last = Math.floor(end / PAGE);
    if (first > last) return this.#zeroWithin(first - 1, at, end);
    const refused = this.#zeroWithin(first - 1, at, first * PAGE) ?? this.#zeroWithin(last, last * PAGE, end);
    if (refused) return refused;
    return hole ? this.#punch(first, last) : this.#zeroPages(first, last);
  }
  /** Part of a page. */
  #zeroWithin(index: number, from: number, to: number): Errno | undefined {
    const known = this.#pages.get(index);
    if (from >= to || (known ? known === HOLE || known === ALLOCATED : !this.#isLower(index))) return undefined;
    const page = this.#own(index);
    if (!page) return ENOSPC;
    page.fill(0, from - index * PAGE, to - index * PAGE);
    return undefined;
  }
  /** Pages [first, last) become a hole: what is there is looked at, not the range, which may be as long as a file can be. */
  #punch(first: number, last: number): undefined {
    if (last - first > this.#pages.size) {
      for (const i of [...this.#pages.keys()]) if (i >= first && i < last) this.#drop(i);
    } else for (let i = first; i < last; i++) this.#drop(i);
    const lower = Math.min(last, Math.ceil(this.#lowerSize / PAGE));
    for (let i = first; i < lower; i++) this.#pages.set(i, HOLE);
  }
  #zeroPages(first: number, last: number): Errno | undefined {
    for (let i = first; i < last; i++) {
      const known = this.#pages.get(i);
      if (known && known !== HOLE) {
        if (known !== ALLOCATED) known.fill(0);
        continue;
      }
      if (!this.#space.take()) return ENOSPC;
      this.#taken++;
      this.#pages.set(i, ALLOCATED);
    }
    return undefined;
  }
  /** Takes [at, at + length) out, or makes room there; both whole pages. What follows moves. */
  shift(at: number, length: number, insert: boolean): Errno | undefined {
    const first = at / PAGE;
    const n = length / PAGE;
    // The lower file can't move: its pages behind the place are taken over.
    for (let i = first; i * PAGE < this.#lowerSize; i++) if (!this.#pages.has(i) && !this.#own(i)) return ENOSPC;
    this.#lowerSize = Math.min(this.#lowerSize, at);
    const moved: [number, Uint8Array][] = [];
    for (const [i, page] of [...this.#pages]) {
      if (i < first) continue;
      if (!insert && i < first + n) this.#drop(i);
      else {
        this.#pages.delete(i);
        if (page !== HOLE) moved.push([insert ? i + n : i - n, page]);
      }
    }
    for (const [i, page] of moved) this.#pages.set(i, page);
    this.size += insert ? length : -length;
    return undefined;
  }
  /** Where data, or a hole, begins at or behind `at` (lseek's SEEK_DATA and SEEK_HOLE); undefined: none before the end. */
  find(what: 'data' | 'hole', at: number): number | undefined {
    const isData = (page: Uint8Array): boolean => page !== HOLE && page !== ALLOCATED;
    let i = Math.floor(at / PAGE);
    while (i * PAGE < this.size) {
      const known = this.#pages.get(i);
      const data = known ? isData(known) : this.#isLower(i);
      if (data === (what === 'data')) return Math.max(at, i * PAGE);
      if (data && this.#pages.size === 0) i = Math.ceil(this.#lowerSize / PAGE);
      else if (!data && !this.#isLower(i)) {
        // Behind the lower file only our own pages are data.
        let next = Number.POSITIVE_INFINITY;
        for (const [n, page] of this.#pages) if (n > i && n < next && isData(page)) next = n;
        i = next;
      } else i++;
    }
    return undefined;
  }
  /** The file is gone: its space is free again. */
  clear(): void {
    this.#pages.clear();
    this.#space.give(this.#taken);
    this.#taken = 0;
    this.#lower = undefined;
    this.#lowerSize = 0;
    this.size = 0;
  }
}
