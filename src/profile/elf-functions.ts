// The functions of an ELF file by address: what its symbol tables name, else where its unwind table says that one begins.
import { type ElfFile, lastAtMost, u64, viewOf } from './elf-file.ts';
import type { UnwindTable } from './unwind-table.ts';

interface Named {
  readonly start: number;
  /** 0: not known, up to the next one. */
  readonly size: number;
  readonly name: string;
  /** Of several names of one function the one with the least is shown. */
  readonly rank: number;
}
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const STT_NOTYPE = 0;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
const SYMBOL = 24;

export class ElfFunctions {
  readonly #file: ElfFile;
  readonly #unwind: UnwindTable;
  /** Sorted by start. */
  readonly #named: readonly Named[];

  constructor(file: ElfFile, unwind: UnwindTable) {
    this.#file = file;
    this.#unwind = unwind;
    const all: Named[] = [];
    const v = file.sections;
    for (let at = 0; at + 64 <= v.byteLength; at += 64) {
      const type = v.getUint32(at + 4, true);
      const strings = 64 * v.getUint32(at + 40, true);
      if ((type === SHT_SYMTAB || type === SHT_DYNSYM) && strings + 64 <= v.byteLength)
        collect(this.#section(at), this.#section(strings), all);
    }
    all.sort((a, b) => a.start - b.start || a.rank - b.rank || b.size - a.size || a.name.length - b.name.length);
    this.#named = all.filter((n, i) => n.start !== all[i - 1]?.start);
  }
  #section(at: number): Uint8Array {
    return this.#file.read(u64(this.#file.sections, at + 24), u64(this.#file.sections, at + 32));
  }
  /** The function at a file offset: its name where it has one, and where in the file's addresses it begins. */
  at(offset: number): { readonly name: string | undefined; readonly start: number } | undefined {
    const s = this.#file.loadedAt(offset);
    if (!s) return undefined;
    const address = offset - s.offset + s.address;
    const i = lastAtMost(this.#named, (n) => n.start, address);
    const n = this.#named[i];
    if (n && address < (n.size ? n.start + n.size : (this.#named[i + 1]?.start ?? Number.POSITIVE_INFINITY)))
      return { name: n.name, start: n.start };
    const begin = this.#unwind.begin(address);
    return begin === undefined || begin < s.address ? undefined : { name: undefined, start: begin };
  }
}

/** Adds a symbol table's functions. */
function collect(symbols: Uint8Array, strings: Uint8Array, to: Named[]): void {
  const v = viewOf(symbols);
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
