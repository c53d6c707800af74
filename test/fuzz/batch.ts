// What a case is, and how a batch of them goes to the harness and its results come back (harness.c has the same layouts).
import type { Program } from './program.ts';

export const PAGE = 4096;
/** Offsets in a state: general registers in encoding order, then as named. Vector, error code and cr2 stand in results only. */
export const S = {
  gpr: 0,
  rip: 128,
  rflags: 136,
  fsBase: 144,
  gsBase: 152,
  /** u16 each: es cs ss ds fs gs. */
  selectors: 160,
  vector: 176,
  error: 180,
  cr2: 184,
  /** An FXSAVE image. */
  fx: 192,
  size: 704,
} as const;
/** Vectors that are none of the CPU's: a system call was asked for; no end was reached. */
export const SYSCALL = 256;
export const HANG = 257;

export const READ = 1;
export const WRITE = 2;
export const EXEC = 4;
export interface Region {
  readonly address: number;
  readonly pages: number;
  readonly prot: number;
}
/** Code runs off the end of its second page into nothing. */
export const CODE = 0x1000_0000;
/** Code that may write to itself. */
export const WRITABLE_CODE = 0x1001_0000;
/** Two pages to write, one to read, none, one to write, none. */
export const DATA = 0x2000_0000;
/** Above what a CPU can hold linearly. */
export const HIGH = 0x5_0000_0000;
/** Both sides of where our linear part ends, and of 4 GiB. */
export const LINEAR_END = 0xd000_0000;
export const FOUR_GIB = 0x1_0000_0000;
/** The lowest page Linux maps. */
export const LOWEST = 0x1_0000;
/** Where our linear part begins. */
export const LINEAR_START = 0x11_0000;
export const REGIONS: readonly Region[] = [
  { address: CODE, pages: 2, prot: READ | EXEC },
  { address: WRITABLE_CODE, pages: 2, prot: READ | WRITE | EXEC },
  { address: DATA, pages: 2, prot: READ | WRITE },
  { address: DATA + 2 * PAGE, pages: 1, prot: READ },
  { address: DATA + 4 * PAGE, pages: 1, prot: READ | WRITE },
  { address: HIGH, pages: 2, prot: READ | WRITE },
  { address: HIGH + 2 * PAGE, pages: 1, prot: READ },
  { address: LINEAR_END - PAGE, pages: 1, prot: READ | WRITE },
  { address: LINEAR_END, pages: 1, prot: READ | WRITE },
  { address: FOUR_GIB - PAGE, pages: 2, prot: READ | WRITE | EXEC },
  { address: LOWEST, pages: 1, prot: READ | WRITE },
  { address: LINEAR_START - PAGE, pages: 1, prot: READ | WRITE },
  { address: LINEAR_START, pages: 1, prot: READ | WRITE },
];
/** What the regions hold before a case: int3 where code may be, else a pattern. */
export const TEMPLATES: readonly Buffer[] = REGIONS.map((r) =>
  r.prot & EXEC
    ? Buffer.alloc(r.pages * PAGE, 0xcc)
    : Buffer.from(Array.from({ length: r.pages * PAGE }, (_, i) => Math.imul(i + r.pages, 0x9e3779b1) >>> 24)),
);
/** Region that holds [address, address + length), or -1. */
export function regionOf(address: number, length: number): number {
  return REGIONS.findIndex((r) => address >= r.address && address + length <= r.address + r.pages * PAGE);
}

/** Bytes at an address: a case's memory before, or a difference after. */
export interface Piece {
  readonly address: number;
  readonly bytes: Uint8Array;
}
export interface Case extends Made {
  readonly seed: number;
  readonly index: number;
}
export interface Made {
  readonly state: Buffer;
  readonly pieces: Piece[];
  /** The instructions, as far as they follow one another in memory. */
  readonly code: Uint8Array;
  /** Name of the first instruction's definition. */
  readonly name: string;
  /** Flags (a mask of rflags) that some definition leaves undefined here. */
  readonly undefinedFlags: number;
  /** What the code was assembled from, and the pieces that are none of it. */
  readonly program?: Program;
  readonly data?: readonly Piece[];
}
export interface Result {
  readonly state: Buffer;
  readonly pieces: readonly Piece[];
}

const padded = (n: number): number => (n + 7) & ~7;
function pieceHeader(p: Piece): Buffer {
  const b = Buffer.alloc(16);
  b.writeBigUInt64LE(BigInt(p.address), 0);
  b.writeUInt32LE(p.bytes.length, 8);
  return b;
}
const PADDING = Buffer.alloc(8);

export function encodeBatch(cases: readonly Case[]): Buffer {
  const out: Buffer[] = [];
  const head = Buffer.alloc(8 + 16 * REGIONS.length);
  head.writeUInt32LE(REGIONS.length, 0);
  head.writeUInt32LE(cases.length, 4);
  REGIONS.forEach((r, i) => {
    head.writeBigUInt64LE(BigInt(r.address), 8 + 16 * i);
    head.writeUInt32LE(r.pages * PAGE, 16 + 16 * i);
    head.writeUInt32LE(r.prot, 20 + 16 * i);
  });
  out.push(head, ...TEMPLATES);
  for (const c of cases) {
    const count = Buffer.alloc(8);
    count.writeUInt32LE(c.pieces.length);
    out.push(count, c.state);
    for (const p of c.pieces)
      out.push(pieceHeader(p), Buffer.from(p.bytes), PADDING.subarray(0, padded(p.bytes.length) - p.bytes.length));
  }
  return Buffer.concat(out);
}
export function decodeResults(from: Buffer): Result[] {
  const results: Result[] = [];
  for (let at = 0; at < from.length; ) {
    const count = from.readUInt32LE(at);
    const state = from.subarray(at + 8, at + 8 + S.size);
    at += 8 + S.size;
    const pieces: Piece[] = [];
    for (let i = 0; i < count; i++) {
      const length = from.readUInt32LE(at + 8);
      pieces.push({
        address: Number(from.readBigUInt64LE(at)),
        bytes: from.subarray(at + 16, at + 16 + length),
      });
      at += 16 + padded(length);
    }
    results.push({ state, pieces });
  }
  return results;
}
