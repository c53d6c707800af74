// Sections of an ELF file that hold code, for tests of the decoder.
import { closeSync, openSync, readSync } from 'node:fs';

export interface Section {
  readonly name: string;
  readonly address: number;
  readonly bytes: Uint8Array;
}
export interface Code {
  readonly mode64: boolean;
  readonly sections: readonly Section[];
}
const SHT_NOBITS = 8;
const SHF_EXECINSTR = 4;

/** Executable sections of an x86 ELF file; undefined where the file is none. */
export function codeOf(path: string): Code | undefined {
  const fd = openSync(path, 'r');
  try {
    const read = (at: number, size: number): DataView => {
      const b = new Uint8Array(size);
      return new DataView(b.buffer, 0, readSync(fd, b, 0, size, at));
    };
    const h = read(0, 64);
    if (h.byteLength < 52 || h.getUint32(0) !== 0x7f454c46) return undefined;
    const wide = h.getUint8(4) === 2;
    if (h.getUint16(18, true) !== (wide ? 62 : 3)) return undefined;
    const word = (v: DataView, at: number): number => (wide ? Number(v.getBigUint64(at, true)) : v.getUint32(at, true));
    const shoff = word(h, wide ? 0x28 : 0x20);
    const [size, count, strings] = [0, 2, 4].map((n) => h.getUint16((wide ? 0x3a : 0x2e) + n, true)) as [
      number,
      number,
      number,
    ];
    const headers = read(shoff, size * count);
    if (headers.byteLength < size * count) return undefined;
    const header = (i: number): { name: number; type: number; flags: number; at: [number, number, number] } => {
      const v = new DataView(headers.buffer, i * size, size);
      const flags = word(v, 8);
      const at = (wide ? [0x10, 0x18, 0x20] : [0xc, 0x10, 0x14]).map((o) => word(v, o)) as [number, number, number];
      return { name: v.getUint32(0, true), type: v.getUint32(4, true), flags, at };
    };
    const names = count ? read(header(strings).at[1], header(strings).at[2]) : h;
    const sections = Array.from({ length: count }, (_, i) => header(i))
      .filter((s) => s.flags & SHF_EXECINSTR && s.type !== SHT_NOBITS && s.at[2] > 0)
      .map((s) => {
        const bytes = new Uint8Array(names.buffer, s.name);
        const name = String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
        const content = read(s.at[1], s.at[2]);
        return { name, address: s.at[0], bytes: new Uint8Array(content.buffer, 0, content.byteLength) };
      });
    return { mode64: wide, sections };
  } finally {
    closeSync(fd);
  }
}
