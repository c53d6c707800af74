// Statements of random programs that are a few instructions of their own making.
import { DATA, HIGH, PAGE } from './batch.ts';
import type { Random } from './random.ts';
import { define } from './sequence.ts';

const word = (n: number): number[] => [n & 0xff, (n >> 8) & 0xff, (n >> 16) & 0xff, n >>> 24];
/** Any but rsp. */
const LOW = [0, 1, 2, 3, 5, 6, 7];
type Size = 8 | 16 | 32 | 64;
const SIZES: readonly Size[] = [8, 16, 32, 64];

/** Prefixes of an instruction on low registers; `wide` registers of a byte are as many as without REX, or as with it. */
function prefix(r: Random, size: Size): number[] {
  return size === 16 ? [0x66] : size === 64 ? [0x48] : size === 8 && r.chance(50) ? [0x40] : [];
}
const two = (opcode: readonly number[], size: Size, r: Random, reg: number, rm: number): number[] => [
  ...prefix(r, size),
  ...opcode,
  0xc0 | (reg << 3) | rm,
];
const byte = (opcode: number, size: Size): number => opcode + (size === 8 ? 0 : 1);

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const CARRY_AND_OVERFLOW = [0, 1, 2, 3];
/** All but those that need OF. */
const NO_OVERFLOW = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

const inBoth = (a: readonly number[], b: readonly number[]): number[] => a.filter((x) => b.includes(x));

/** An instruction that sets flags, and the conditions that the manual defines behind it, of those defined `before`. CF always is. */
function producer(r: Random, before: readonly number[]): { bytes: number[]; conditions: readonly number[] } {
  const size = r.pick(SIZES);
  const [a, b] = [r.pick(LOW), r.pick(LOW)];
  const n = r.below(15);
  if (n < 5) {
    // add or adc sbb and sub xor cmp, of registers or with an immediate
    const op = r.below(8);
    if (r.chance(50)) return { bytes: two([byte(op << 3, size)], size, r, a, b), conditions: ALL };
    const imm = r.chance(50) ? r.below(4) : r.below(256);
    return { bytes: [...two([size === 8 ? 0x80 : 0x83], size, r, op, a), imm], conditions: ALL };
  }
  if (n === 5) return { bytes: two([byte(0x84, size)], size, r, a, b), conditions: ALL };
  if (n === 6) return { bytes: two([byte(0xfe, size)], size, r, r.below(2), a), conditions: ALL };
  if (n === 7) return { bytes: two([byte(0xf6, size)], size, r, 3, a), conditions: ALL };
  if (n === 8) return { bytes: two([byte(0xd0, size)], size, r, r.pick([4, 5, 7]), a), conditions: ALL };
  if (n === 9) {
    const most = size === 64 ? 63 : size === 8 ? 7 : size === 16 ? 15 : 31;
    const count = 1 + r.below(most);
    return {
      bytes: [...two([byte(0xc0, size)], size, r, r.pick([4, 5, 7]), a), count],
      conditions: count === 1 ? ALL : NO_OVERFLOW,
    };
  }
  if (n === 10) {
    const wide = size === 8 ? 32 : size;
    return { bytes: two([0x0f, 0xaf], wide, r, a, b), conditions: CARRY_AND_OVERFLOW };
  }
  if (n === 11) {
    // A shift by cl: by nothing it leaves all flags, by more than one OF undefined.
    const wide = r.chance(50) ? 64 : 32;
    return { bytes: two([0xd3], wide, r, r.pick([4, 5, 7]), a), conditions: inBoth(before, NO_OVERFLOW) };
  }
  if (n === 12) {
    // A rotation, by cl or by one: the others of the flags stay.
    if (r.chance(50)) return { bytes: two([byte(0xd0, size)], size, r, r.below(4), a), conditions: before };
    const wide = r.chance(50) ? 64 : 32;
    return { bytes: two([0xd3], wide, r, r.below(4), a), conditions: inBoth(before, NO_OVERFLOW) };
  }
  if (n === 13) return { bytes: [r.pick([0xf8, 0xf9, 0xf5])], conditions: before };
  // ucomiss, comisd
  const double = r.chance(50);
  return {
    bytes: [...(double ? [0x66] : []), 0x0f, r.pick([0x2e, 0x2f]), 0xc0 | (r.below(8) << 3) | r.below(8)],
    conditions: ALL,
  };
}
/** Instructions that make flags and use them, a condition that can be asked of them, and what defines all of them again. */
export function flagged(r: Random): { bytes: number[]; cc: number; after: number[] } {
  const out: number[] = [];
  let conditions: readonly number[] = ALL;
  for (let n = 1 + (r.chance(50) ? r.below(3) : 0); n > 0; n--) {
    const made = producer(r, conditions);
    out.push(...made.bytes);
    conditions = made.conditions;
  }
  for (let n = r.below(3); n > 0; n--) {
    const cc = r.pick(conditions);
    const [a, b] = [r.pick(LOW), r.pick(LOW)];
    const way = r.below(4);
    if (way === 0) out.push(0x40, 0x0f, 0x90 | cc, 0xc0 | a);
    else if (way === 1) out.push(...prefix(r, r.pick([16, 32, 64])), 0x0f, 0x40 | cc, 0xc0 | (a << 3) | b);
    // mov and lea leave flags as they are
    else if (way === 2) out.push(0x48, 0x89, 0xc0 | (a << 3) | b);
    else out.push(0x48, 0x8d, 0x40 | (a << 3) | (b === 4 ? 5 : b), r.below(256));
  }
  return { bytes: out, cc: r.pick(conditions), after: define(r) };
}

/** Accesses around the pointers, at an index that changes from turn to turn, unaligned and across the border of two pages. */
export function memory(r: Random, counters: readonly number[]): number[] {
  const size = r.pick(SIZES);
  // r11 = counter (or any register) & mask
  const from = counters.length && r.chance(70) ? r.pick(counters) : r.pick(LOW);
  const most = r.pick([0x0f, 0x3f, 0x7f]);
  const index = [0x41 | (from >> 3 ? 4 : 0), 0x89, 0xc3 | ((from & 7) << 3), 0x41, 0x83, 0xe3, most];
  const base = r.pick([13, 14, 15]);
  const scale = r.below(4);
  const disp = r.chance(80) ? [r.below(256)] : word(r.below(0x800));
  const reg = r.pick(LOW);
  const rex = 0x43 | (size === 64 ? 8 : 0);
  const modrm = [(disp.length === 1 ? 0x44 : 0x84) | (reg << 3), (scale << 6) | (3 << 3) | (base & 7), ...disp];
  const opcode = r.pick([0x8a, 0x8a, 0x88, 0x88, 0x02, 0x00, 0x3a, 0x38, 0x32, 0x30, 0x86]);
  return [...index, ...(size === 16 ? [0x66] : []), rex, byte(opcode, size), ...modrm, ...define(r)];
}
/** Moves a pointer, so that accesses get to another page in the end. */
export function walk(r: Random): number[] {
  // add r14, imm8 of either sign; or back to where it was
  if (r.chance(30)) return [0x41, 0xbe, ...word(DATA + 0x180 + r.below(0xf00))];
  return [0x49, 0x83, 0xc6, r.pick([1, 2, 4, 8, 16, 0x7f, 0xff, 0xf8, 0xc0])];
}
/** Values through the stack: what is pushed is popped. */
export function stack(r: Random): number[] {
  const a = r.pick(LOW);
  const b = r.pick(LOW);
  switch (r.below(7)) {
    case 0:
      return [0x50 | a, 0x58 | b];
    case 1:
      return [0x50 | a, 0x50 | b, 0x58 | a, 0x58 | b];
    // pushf, with a look at what was pushed; popf
    case 2:
      return [0x9c, 0x48, 0x8b, 0x04, 0x24, 0x9d];
    case 3:
      return [0x68, ...word(r.u32()), 0x58 | b];
    case 4:
      return [0x6a, r.below(256), 0x58 | b];
    // push and pop of 16 bits; enter and leave around nothing
    case 5:
      return [0x66, 0x50 | a, 0x66, 0x58 | b];
    default:
      return [0xc8, 8 * r.below(4), 0, r.below(3), 0xc9];
  }
}
/** String instructions of every size with a count, forwards or backwards, apart or overlapping. */
export function string(r: Random): number[] {
  const at = r.chance(80) ? DATA + 0x400 : r.chance(70) ? DATA + PAGE - 0x20 : HIGH + 0x100;
  const to = r.chance(50) ? at + r.below(33) - 16 : DATA + 0x500 + r.below(64);
  const count = r.chance(10) ? 0 : r.below(40);
  const wide = r.pick([0, 1, 1, 2, 3]);
  const opcode = r.pick([0xa4, 0xa4, 0xaa, 0xaa, 0xac, 0xa6, 0xae]) + (wide ? 1 : 0);
  const high = (address: number): number[] =>
    address > 0xffff_ffff ? word(Math.floor(address / 2 ** 32)) : [0, 0, 0, 0];
  return [
    ...[0xb9, ...word(count)],
    ...[0x48, 0xbe, ...word(at | 0), ...high(at)],
    ...[0x48, 0xbf, ...word(to | 0), ...high(to)],
    r.chance(25) ? 0xfd : 0xfc,
    ...(r.chance(85) ? [r.pick([0xf3, 0xf3, 0xf2])] : []),
    ...(wide === 2 ? [0x66] : wide === 3 ? [0x48] : []),
    opcode,
    0xfc,
  ];
}
/** Another rounding mode, flushing of denormals, cleared flags: through the stack into MXCSR or the x87 control word. */
export function modes(r: Random): number[] {
  if (r.chance(30)) {
    const control = 0x7f | (r.pick([0, 2, 3]) << 8) | (r.below(4) << 10);
    return [0x68, ...word(control), 0xd9, 0x2c, 0x24, 0x58];
  }
  const mode = 0x1f80 | (r.chance(50) ? 0 : r.below(4) << 13) | (r.chance(20) ? 0x8040 : 0) | (r.chance(60) ? 0x20 : 0);
  return [0x68, ...word(mode), 0x0f, 0xae, 0x14, 0x24, 0x58];
}
/** cmp of a counter with a number. */
export function guard(counter: number, when: number): number[] {
  return [0x41, 0x81, 0xf8 | (counter & 7), ...word(when)];
}
/** Something that faults, or isn't for a program to do. */
export function fault(r: Random): number[] {
  const at = (address: number): number[] => [0x49, 0xbb, ...word(address | 0), ...word(Math.floor(address / 2 ** 32))];
  const access = r.pick([
    [0x45, 0x8b, 0x1b],
    [0x45, 0x89, 0x1b],
    [0x41, 0x00, 0x03],
    [0xf3, 0x41, 0x0f, 0x6f, 0x0b],
    [0xf3, 0x41, 0x0f, 0x7f, 0x0b],
    [0x41, 0xff, 0x33],
    [0x41, 0x8f, 0x03],
    [0x41, 0xff, 0x13],
    [0x41, 0xff, 0x23],
  ]);
  switch (r.below(8)) {
    case 0:
      return [...at(DATA + 3 * PAGE - r.below(20)), ...access];
    case 1:
      return [...at(DATA + 2 * PAGE - r.below(8)), ...access];
    case 2:
      return [...at(DATA + 0x6000), ...access];
    case 3:
      return [...at(2 ** 47 - r.below(24)), ...access];
    // xor ecx, ecx; div ecx
    case 4:
      return [0x31, 0xc9, 0xf7, 0xf1];
    case 5:
      return r.pick([[0x0f, 0x0b], [0xf4], [0xcc], [0x0f, 0x05], [0xcd, 0x80], [0x0f, 0x34]]);
    // A jump to what can't be executed
    case 6:
      return [...at(r.pick([DATA + 0x100, DATA + 0x6000, HIGH + 0x100])), 0x41, 0xff, 0xe3];
    // movaps of no multiple of 16
    default:
      return [...at(DATA + 0x101 + r.below(15)), 0x41, 0x0f, 0x28, 0x0b];
  }
}
