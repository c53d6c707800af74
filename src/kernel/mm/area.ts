// A mapping: one line of /proc/PID/maps.
import type { OpenFile } from '../fs/vfs.ts';

/** Pages that several address spaces see at once: of a shared file, or of anonymous memory shared by fork. */
export interface SharedPages {
  page(index: number): Uint8Array | undefined;
}
export interface Area {
  start: number;
  end: number;
  /** PROT_READ | PROT_WRITE | PROT_EXEC */
  prot: number;
  readonly shared: boolean;
  /** What it maps, from byte `offset` on; undefined: anonymous memory. */
  readonly file: OpenFile | undefined;
  offset: number;
  /** Shared anonymous memory. */
  readonly anonymous: SharedPages | undefined;
  readonly growsDown: boolean;
  /** "[heap]", "[stack]", "[vdso]": how maps names it. */
  readonly name: string;
  readonly noFork: boolean;
  readonly wipeOnFork: boolean;
}

export class AnonymousPages implements SharedPages {
  readonly #pages = new Map<number, Uint8Array>();
  page(index: number): Uint8Array {
    let p = this.#pages.get(index);
    if (!p) {
      p = new Uint8Array(4096);
      this.#pages.set(index, p);
    }
    return p;
  }
}

/** The mappings of an address space, sorted by address, never overlapping. */
export class Areas {
  list: Area[] = [];

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
  /** Cuts areas so that `at` is a boundary. */
  split(at: number): void {
    const i = this.after(at);
    const a = this.list[i];
    if (!a || a.start >= at) return;
    const upper: Area = { ...a, start: at, offset: a.offset + (at - a.start) };
    if (a.file) a.file.references++;
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
    return this.list.splice(i, j - i);
  }
  insert(a: Area): void {
    const i = this.after(a.start);
    this.list.splice(i, 0, a);
    this.#merge(i + 1);
    this.#merge(i);
  }
  /** Joins areas i-1 and i where they continue one another. */
  #merge(i: number): void {
    const a = this.list[i - 1];
    const b = this.list[i];
    if (
      !a ||
      !b ||
      a.end !== b.start ||
      a.prot !== b.prot ||
      a.shared !== b.shared ||
      a.file !== b.file ||
      a.anonymous !== b.anonymous ||
      a.name !== b.name
    )
      return;
    if (a.growsDown !== b.growsDown || a.noFork !== b.noFork || a.wipeOnFork !== b.wipeOnFork) return;
    if ((a.file || a.anonymous) && a.offset + (a.end - a.start) !== b.offset) return;
    a.end = b.end;
    if (b.file) b.file.references--;
    this.list.splice(i, 1);
  }
  mergeAround(start: number, end: number): void {
    for (let i = Math.min(this.after(end), this.list.length - 1); i > 0 && (this.list[i] as Area).end >= start; i--)
      this.#merge(i);
  }
  /** Highest gap of `size` bytes in [low, high), ending at its top; undefined where there's none. */
  gapBelow(size: number, low: number, high: number): number | undefined {
    let top = high;
    for (let i = this.list.length - 1; i >= 0; i--) {
      const a = this.list[i] as Area;
      if (a.start >= high) continue;
      if (Math.min(top, high) - a.end >= size && a.end <= top) break;
      top = Math.min(top, a.start);
      if (top - size < low) return undefined;
    }
    return top - size >= low ? top - size : undefined;
  }
}
