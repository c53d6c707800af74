import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ElfFile } from './elf-file.ts';
import { UnwindTable } from './unwind-table.ts';

const HEADER = 0x400;
const CIE = 0x500;
const FDE = 0x540;
const BEGIN = 0x1000;
/** A file, addresses as offsets, with one function of 0x40 bytes that has those frame instructions. */
function file(...program: number[]): Uint8Array {
  const bytes = new Uint8Array(0x1100);
  const v = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  v.setBigUint64(32, 64n, true);
  v.setUint16(56, 2, true);
  const segment = (at: number, type: number, start: number, size: number): void => {
    v.setUint32(at, type, true);
    for (const place of [8, 16]) v.setBigUint64(at + place, BigInt(start), true);
    v.setBigUint64(at + 32, BigInt(size), true);
  };
  segment(64, 1, 0, bytes.length);
  segment(120, 0x6474e550, HEADER, 20);
  bytes.set([1, 0x1b, 3, 0x3b], HEADER);
  v.setUint32(HEADER + 8, 1, true);
  v.setInt32(HEADER + 12, BEGIN - HEADER, true);
  v.setInt32(HEADER + 16, FDE - HEADER, true);
  // zR; alignments 1 and -8; pointers relative, 4 bytes; CFA = rsp + 8, return address at CFA - 8
  const cie = [0, 0, 0, 0, 1, 0x7a, 0x52, 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0];
  v.setUint32(CIE, cie.length, true);
  bytes.set(cie, CIE + 4);
  v.setUint32(FDE, 13 + program.length, true);
  v.setUint32(FDE + 4, FDE + 4 - CIE, true);
  v.setInt32(FDE + 8, BEGIN - FDE - 8, true);
  v.setUint32(FDE + 12, 0x40, true);
  bytes.set([0, ...program], FDE + 16);
  return bytes;
}
const table = (bytes: Uint8Array): UnwindTable =>
  new UnwindTable(new ElfFile((offset, length) => bytes.slice(offset, offset + length)));

// push rbp (1 byte); mov rbp, rsp (3); ... pop rbp at 0x30
const usual = file(0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x6c, 0x0a, 0x0c, 7, 8, 0xc6, 0x44, 0x0b);
test.each([
  [0, { register: 7, offset: 8 }, false],
  [1, { register: 7, offset: 16 }, true],
  [4, { register: 6, offset: 16 }, true],
  [0x2f, { register: 6, offset: 16 }, true],
  [0x30, { register: 7, offset: 8 }, false],
  [0x34, { register: 6, offset: 16 }, true],
])('rules at %x', (at, cfa, saved) => {
  const row = table(usual).row(BEGIN + at);
  expect(row?.cfa).toEqual(cfa);
  expect(row?.rules.get(16)).toEqual({ offset: -8 });
  expect(row?.rules.get(6)).toEqual(saved ? { offset: -16 } : undefined);
});
test('outside of functions there are none', () => {
  expect(table(usual).row(BEGIN - 1)).toBeUndefined();
  expect(table(usual).row(BEGIN + 0x40)).toBeUndefined();
});
test('what makes no sense gives none', () => {
  expect(table(file(0x0b)).row(BEGIN)).toBeUndefined();
  expect(table(file(0x3f)).row(BEGIN)).toBeUndefined();
});
test('whatever a file holds, looking ends and throws nothing', () => {
  const change = fc.tuple(fc.integer({ min: HEADER, max: FDE + 40 }), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.nat(0x50), (changes, at) => {
      const bytes = usual.slice();
      for (const [place, value] of changes) bytes[place] = value;
      table(bytes).row(BEGIN + at);
    }),
  );
});
