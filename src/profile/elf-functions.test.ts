import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ElfFile, type ReadAt } from './elf-file.ts';
import { ElfFunctions } from './elf-functions.ts';
import { UnwindTable } from './unwind-table.ts';

const reader = (bytes: Uint8Array) => (offset: number, length: number) => bytes.slice(offset, offset + length);

const functions = (readAt: ReadAt): ElfFunctions => {
  const elf = new ElfFile(readAt);
  return new ElfFunctions(elf, new UnwindTable(elf));
};
/** A file with one segment (file 0x100.., addresses 0x400100..), symbols and an unwind table. */
function file(
  symbols: readonly { name: string; start: number; size: number; info: number }[],
  begins: readonly number[],
): Uint8Array {
  const bytes = new Uint8Array(0x2000);
  const v = new DataView(bytes.buffer);
  const put64 = (at: number, n: number): void => v.setBigUint64(at, BigInt(n), true);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  put64(32, 64);
  v.setUint16(56, 2, true);
  put64(40, 0x1000);
  v.setUint16(60, 3, true);
  const segment = (at: number, type: number, offset: number, address: number, size: number): void => {
    v.setUint32(at, type, true);
    put64(at + 8, offset);
    put64(at + 16, address);
    put64(at + 32, size);
  };
  segment(64, 1, 0x100, 0x400100, 0x700);
  segment(120, 0x6474e550, 0x800, 0x400800, 12 + 8 * begins.length);
  bytes.set([1, 0x1b, 3, 0x3b], 0x800);
  v.setUint32(0x808, begins.length, true);
  begins.forEach((b, i) => v.setInt32(0x80c + 8 * i, b - 0x400800, true));
  const section = (n: number, type: number, offset: number, size: number, link: number): void => {
    const at = 0x1000 + 64 * n;
    v.setUint32(at + 4, type, true);
    put64(at + 24, offset);
    put64(at + 32, size);
    v.setUint32(at + 40, link, true);
  };
  section(1, 2, 0x1200, 24 * symbols.length, 2);
  section(2, 3, 0x1800, 0x400, 0);
  let text = 1;
  symbols.forEach((s, i) => {
    const at = 0x1200 + 24 * i;
    v.setUint32(at, text, true);
    bytes[at + 4] = s.info;
    v.setUint16(at + 6, 1, true);
    put64(at + 8, s.start);
    put64(at + 16, s.size);
    bytes.set(
      [...s.name].map((c) => c.charCodeAt(0)),
      0x1800 + text,
    );
    text += s.name.length + 1;
  });
  return bytes;
}
const GLOBAL = 0x12;
const LOCAL = 0x02;
const OBJECT = 0x11;

describe('functions of a file', () => {
  const f = functions(
    reader(
      file(
        [
          { name: '__write', start: 0x400200, size: 0x20, info: GLOBAL },
          { name: 'write', start: 0x400200, size: 0x20, info: GLOBAL },
          { name: 'variable', start: 0x400300, size: 0x20, info: OBJECT },
          { name: 'local', start: 0x400400, size: 0x10, info: LOCAL },
          { name: 'unsized', start: 0x400500, size: 0, info: GLOBAL },
          { name: 'behind', start: 0x400540, size: 8, info: GLOBAL },
        ],
        [0x400240, 0x400380],
      ),
    ),
  );
  test.each([
    [0x200, 'write', 0x400200],
    [0x21f, 'write', 0x400200],
    [0x220, undefined, undefined],
    [0x240, undefined, 0x400240],
    [0x310, undefined, 0x400240],
    [0x390, undefined, 0x400380],
    [0x408, 'local', 0x400400],
    [0x410, undefined, 0x400380],
    [0x53f, 'unsized', 0x400500],
    [0x547, 'behind', 0x400540],
  ])('at %x', (offset, name, start) => {
    const at = f.at(offset);
    expect(at?.name).toBe(name);
    expect(at?.start).toBe(start);
  });
  test('outside of segments there is none', () => {
    expect(f.at(0x80)).toBeUndefined();
    expect(f.at(0x900)).toBeUndefined();
  });
});

test('whatever a file holds, reading it ends and throws nothing', () => {
  const whole = file([{ name: 'f', start: 0x400200, size: 4, info: GLOBAL }], [0x400240]);
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.nat(whole.length),
      fc.nat(0x2000),
      (changes, length, offset) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const elf = new ElfFile(reader(bytes));
        const unwind = new UnwindTable(elf);
        new ElfFunctions(elf, unwind).at(offset);
        unwind.row(0x400000 + offset);
      },
    ),
  );
});
