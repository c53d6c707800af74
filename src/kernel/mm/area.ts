// A mapping: one line of /proc/PID/maps.
import type { OpenFile } from '../fs/vfs.ts';

/** Pages of anonymous memory that several address spaces see at once. Index: page number in the mapping. */
export class AnonymousPages {
  /** Areas that map it, of all address spaces. */
  references = 0;
  readonly #pages = new Map<number, Uint8Array>();
  /** The page, made at its first use; undefined where `take` says that the machine has no memory left. */
  page(index: number, take: () => boolean): Uint8Array | undefined {
    let p = this.#pages.get(index);
    if (!p && take()) {
      p = new Uint8Array(4096);
      this.#pages.set(index, p);
    }
    return p;
  }
  has(index: number): boolean {
    return this.#pages.has(index);
  }
  get size(): number {
    return this.#pages.size;
  }
  /** Gives back pages [from, to); how many there were. */
  drop(from: number, to: number): number {
    let n = 0;
    if (to - from > this.#pages.size) {
      for (const i of this.#pages.keys()) if (i >= from && i < to && this.#pages.delete(i)) n++;
    } else for (let i = from; i < to; i++) if (this.#pages.delete(i)) n++;
    return n;
  }
}

/** Traits of an area that set it apart from its neighbours; bits of `traits`. */
export const GROWS_DOWN = 1;
export const DONT_FORK = 2;
export const WIPE_ON_FORK = 4;
export const LOCKED = 8;
export const NO_RESERVE = 16;
export const DONT_DUMP = 32;

export interface Area {
  start: number;
  end: number;
  /** PROT_READ | PROT_WRITE | PROT_EXEC */
  prot: number;
  /** The rights that mprotect may give. */
  readonly may: number;
  readonly shared: boolean;
  /** What it maps, from byte `offset` on; undefined: anonymous memory. */
  readonly file: OpenFile | undefined;
  offset: number;
  /** Shared anonymous memory. */
  readonly anonymous: AnonymousPages | undefined;
  traits: number;
  /** Pages of it were written: Linux has set up what finds them (anon_vma), and joins it to a neighbour that has the same only. */
  written: boolean;
  /** "[heap]", "[stack]", "[vdso]": how maps names it. */
  readonly name: string;
}

/** The mappings of an address space, sorted by address, never overlapping. */
export class Areas {
  list: Area[] = [];
  /** Bytes mapped. */
  size = 0;

  /** Index of the first area that ends above `at`. */
  after(at: number): number {
    let lo = 0;
    let hi = this.list.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if ((this.list[mid] as Area).end <= at) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }
  find(at: number): Area | undefined {
    const a = this.list[this.after(at)];
    return a && a.start <= at ? a : undefined;
  }
  /** Areas that overlap [start, end). */
  overlapping(start: number, end: number): Area[] {
    const out: Area[] = [];
    for (let i = this.after(start); i < this.list.length && (this.list[i] as Area).start < end; i++)
      out.push(this.list[i] as Area);
    return out;
  }
  isFree(start: number, end: number): boolean {
    const next = this.list[this.after(start)];
    return !next || next.start >= end;
  }
  /** Every byte of [start, end) is mapped. */
  covers(start: number, end: number): boolean {
    let at = start;
    for (let i = this.after(start); at < end; i++) {
      const a = this.list[i];
      if (!a || a.start > at) return false;
      at = a.end;
    }
    return true;
  }
  /** Cuts areas so that `at` is a boundary. */
  split(at: number): void {
    const i = this.after(at);
    const a = this.list[i];
    if (!a || a.start >= at) return;
    const upper: Area = { ...a, start: at, offset: a.offset + (at - a.start) };
    if (a.file) a.file.references++;
    if (a.anonymous) a.anonymous.references++;
    a.end = at;
    this.list.splice(i + 1, 0, upper);
  }
  /** Takes out what lies in [start, end) and gives it. */
  remove(start: number, end: number): Area[] {
    this.split(start);
    this.split(end);
    const i = this.after(start);
    let j = i;
    while (j < this.list.length && (this.list[j] as Area).start < end) j++;
    const gone = this.list.splice(i, j - i);
    for (const a of gone) this.size -= a.end - a.start;
    return gone;
  }
  insert(a: Area): void {
    const i = this.after(a.start);
    this.list.splice(i, 0, a);
    this.size += a.end - a.start;
    this.#merge(i + 1, 'lower');
    this.#merge(i, 'upper');
  }
  /** Moves an area's borders outwards. */
  extend(a: Area, start: number, end: number): void {
    this.size += a.start - start + (end - a.end);
    a.start = start;
    a.end = end;
  }
  /** Joins areas i-1 and i where they continue one another; `changed` is the one that is new or different now. */
  #merge(i: number, changed: 'lower' | 'upper'): void {
    const a = this.list[i - 1];
    const b = this.list[i];
    if (!a || !b || a.end !== b.start || a.prot !== b.prot || a.may !== b.may || a.traits !== b.traits) return;
    if (a.shared !== b.shared || a.file !== b.file || a.anonymous !== b.anonymous || a.name !== b.name) return;
    if ((a.file || a.anonymous) && a.offset + (a.end - a.start) !== b.offset) return;
    if (a.written !== b.written && !(changed === 'lower' ? b : a).written) return;
    a.end = b.end;
    a.written ||= b.written;
    if (b.file) b.file.references--;
    if (b.anonymous) b.anonymous.references--;
    this.list.splice(i, 1);
  }
  mergeAround(start: number, end: number): void {
    for (let i = Math.min(this.after(end), this.list.length - 1); i > 0 && (this.list[i] as Area).end >= start; i--)
      this.#merge(i, (this.list[i] as Area).start >= end ? 'lower' : 'upper');
  }
  /** Highest gap of `size` bytes in [low, high), ending at its top; undefined where there's none. */
  gapBelow(size: number, low: number, high: number): number | undefined {
    let top = high;
    for (let i = this.after(high - 1); i >= 0; i--) {
      const a = this.list[i];
      if (!a || a.start >= high) continue;
      if (top - a.end >= size) break;
      top = Math.min(top, a.start);
      if (top - size < low) return undefined;
    }
    return top - size >= low ? top - size : undefined;
  }
}
