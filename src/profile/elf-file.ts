// An ELF file's headers (ELF-64 object file format). The file is the guest's: nothing in it is believed.

/** Bytes of a file from an offset on; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array;
export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const PT_LOAD = 1;
const MOST_HEADERS = 4096;
/** What no honest table exceeds. */
const MOST_BYTES = 64 * 2 ** 20;

export const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
/** Exact below 2^53. */
export const u64 = (v: DataView, at: number): number => Number(v.getBigUint64(at, true));

/** Of what is no ELF file of 64 bits: without segments and sections. */
export class ElfFile {
  readonly segments: readonly Segment[];
  /** The section headers, 64 bytes each. */
  readonly sections: DataView;
  readonly #readAt: ReadAt;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
    const head = readAt(0, 64);
    const magic = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
    const good = head.length === 64 && magic.every((byte, i) => head[i] === byte);
    const h = viewOf(good ? head : new Uint8Array(64));
    this.sections = viewOf(this.read(u64(h, 40), 64 * Math.min(h.getUint16(60, true), MOST_HEADERS)));
    const v = viewOf(this.read(u64(h, 32), 56 * Math.min(h.getUint16(56, true), MOST_HEADERS)));
    this.segments = Array.from({ length: Math.floor(v.byteLength / 56) }, (_, i) => ({
      type: v.getUint32(56 * i, true),
      offset: u64(v, 56 * i + 8),
      address: u64(v, 56 * i + 16),
      size: u64(v, 56 * i + 32),
    }));
  }
  read(offset: number, length: number): Uint8Array {
    return this.#readAt(offset, Math.min(length, MOST_BYTES));
  }
  /** The loaded segment that holds a file offset. */
  loadedAt(offset: number): Segment | undefined {
    return this.segments.find((s) => s.type === PT_LOAD && offset >= s.offset && offset < s.offset + s.size);
  }
  /** Bytes at an address of the file's own. */
  readAddress(address: number, length: number): Uint8Array {
    const s = this.segments.find((x) => x.type === PT_LOAD && address >= x.address && address < x.address + x.size);
    return s ? this.read(address - s.address + s.offset, length) : new Uint8Array(0);
  }
}
/** Index of the last element whose key is at most that; -1 where there is none. */
export function lastAtMost<T>(list: ArrayLike<T>, key: (t: T) => number, at: number): number {
  let lo = 0;
  let hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (key(list[mid] as T) <= at) lo = mid + 1;
    else hi = mid;
  }
  return lo - 1;
}
