// The functions of an ELF file by address: what its symbol tables name, else where its unwind table says that one begins (ELF-64 object file format;
// Linux Standard Base, Exception Frames). The file is the guest's: nothing in it is believed.

/** Bytes of a file from an offset on; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array;
interface Named {
  readonly start: number;
  /** 0: not known, up to the next one. */
  readonly size: number;
  readonly name: string;
  /** Of several names of one function the one with the least is shown. */
  readonly rank: number;
}
interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const PT_LOAD = 1;
const PT_GNU_EH_FRAME = 0x6474e550;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const STT_NOTYPE = 0;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
const SYMBOL = 24;
/** What no honest file exceeds. */
const MOST_BYTES = 64 * 2 ** 20;
const MOST_HEADERS = 4096;
/** The encodings that linkers write in .eh_frame_hdr: a count of 4 bytes, a table of pairs of 4 bytes relative to its start. */
const COUNT_UDATA4 = 0x03;
const TABLE_DATAREL_SDATA4 = 0x3b;

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
const u64 = (v: DataView, at: number): number => Number(v.getBigUint64(at, true));

export class ElfFunctions {
  readonly #segments: Segment[] = [];
  /** Sorted by start. */
  #named: Named[] = [];
  /** Where functions begin by the unwind table, sorted. */
  #begins: number[] = [];

  /** Of a file that is no ELF file: none. */
  constructor(readAt: ReadAt) {
    const head = readAt(0, 64);
    if (head.length < 64 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return;
    if (head[4] !== 2 || head[5] !== 1) return;
    const h = view(head);
    this.#readSegments(readAt, u64(h, 32), h.getUint16(56, true));
    this.#readSymbols(readAt, u64(h, 40), h.getUint16(60, true));
    this.#readUnwindTable(readAt);
  }
  /** The function at a file offset: its name where it has one, and where in the file's addresses it begins. */
  at(offset: number): { readonly name: string | undefined; readonly start: number } | undefined {
    const s = this.#segments.find((x) => x.type === PT_LOAD && offset >= x.offset && offset < x.offset + x.size);
    if (!s) return undefined;
    const address = offset - s.offset + s.address;
    const i = lastAtMost(this.#named, (n) => n.start, address);
    const n = this.#named[i];
    if (n && address < (n.size ? n.start + n.size : (this.#named[i + 1]?.start ?? Number.POSITIVE_INFINITY)))
      return { name: n.name, start: n.start };
    const begin = this.#begins[lastAtMost(this.#begins, (b) => b, address)];
    return begin === undefined || begin < s.address ? undefined : { name: undefined, start: begin };
  }

  #readSegments(readAt: ReadAt, at: number, count: number): void {
    const table = readAt(at, 56 * Math.min(count, MOST_HEADERS));
    const v = view(table);
    for (let p = 0; p + 56 <= table.length; p += 56)
      this.#segments.push({
        type: v.getUint32(p, true),
        offset: u64(v, p + 8),
        address: u64(v, p + 16),
        size: u64(v, p + 32),
      });
  }
  #readSymbols(readAt: ReadAt, at: number, count: number): void {
    const table = readAt(at, 64 * Math.min(count, MOST_HEADERS));
    const v = view(table);
    const part = (section: number): Uint8Array => {
      const s = 64 * section;
      if (s + 64 > table.length) return new Uint8Array(0);
      return readAt(u64(v, s + 24), Math.min(u64(v, s + 32), MOST_BYTES));
    };
    const all: Named[] = [];
    for (let i = 0; 64 * (i + 1) <= table.length; i++) {
      const type = v.getUint32(64 * i + 4, true);
      if (type === SHT_SYMTAB || type === SHT_DYNSYM) collect(part(i), part(v.getUint32(64 * i + 40, true)), all);
    }
    all.sort((a, b) => a.start - b.start || a.rank - b.rank || b.size - a.size);
    this.#named = all.filter((n, i) => n.start !== all[i - 1]?.start);
  }
  #readUnwindTable(readAt: ReadAt): void {
    const s = this.#segments.find((x) => x.type === PT_GNU_EH_FRAME);
    if (!s) return;
    const bytes = readAt(s.offset, Math.min(s.size, MOST_BYTES));
    if (bytes.length < 12 || bytes[0] !== 1 || bytes[2] !== COUNT_UDATA4 || bytes[3] !== TABLE_DATAREL_SDATA4) return;
    const v = view(bytes);
    const count = Math.min(v.getUint32(8, true), Math.floor((bytes.length - 12) / 8));
    for (let i = 0; i < count; i++) this.#begins.push(s.address + v.getInt32(12 + 8 * i, true));
    this.#begins.sort((a, b) => a - b);
  }
}

/** Adds a symbol table's functions. */
function collect(symbols: Uint8Array, strings: Uint8Array, to: Named[]): void {
  const v = view(symbols);
  for (let p = 0; p + SYMBOL <= symbols.length; p += SYMBOL) {
    const info = symbols[p + 4] as number;
    const type = info & 15;
    const size = u64(v, p + 16);
    const code = type === STT_FUNC || type === STT_GNU_IFUNC || (type === STT_NOTYPE && size === 0);
    if (!code || v.getUint16(p + 6, true) === 0) continue;
    const from = v.getUint32(p, true);
    const end = strings.indexOf(0, from);
    if (end <= from) continue;
    const name = String.fromCharCode(...strings.subarray(from, Math.min(end, from + 1000)));
    const leading = /^_*/.exec(name)?.[0].length ?? 0;
    // Labels without type or size only where nothing better is; of a function's names a global one with few underscores.
    to.push({
      start: u64(v, p + 8),
      size,
      name,
      rank: (type === STT_NOTYPE ? 100 : 0) + (info >> 4 ? 0 : 10) + leading,
    });
  }
}
/** Index of the last element whose key is at most that; -1 where there is none. */
function lastAtMost<T>(list: readonly T[], key: (t: T) => number, at: number): number {
  let lo = 0;
  let hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (key(list[mid] as T) <= at) lo = mid + 1;
    else hi = mid;
  }
  return lo - 1;
}
