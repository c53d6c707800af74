import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactCode, type X87Form } from '../isa/x87/unit.ts';
import { Cpu } from './cpu.ts';
import { X87 } from './helpers/x87.ts';
import { interpreterModule } from './interp/module.ts';
import * as L from './layout.ts';
import { readTables } from './read-tables.ts';
import { makeTables } from './tables.ts';

const { packed, handlers } = makeTables();
const cpu = new Cpu({ module: new WebAssembly.Module(interpreterModule(handlers)), tables: readTables(packed) });
const CODE = 0x220000;
const DATA = 0x240000;
cpu.protect(CODE, 0x10000, 7);
cpu.protect(DATA, 0x1000, 3);
const SYSCALL = [0x0f, 0x05];
let next = CODE;
const placed = new Map<string, number>();
/** Where the instruction stands, a system call behind it. */
function place(code: readonly number[]): number {
  const key = code.join();
  const known = placed.get(key);
  if (known !== undefined) return known;
  const at = next;
  cpu.u8.set([...code, ...SYSCALL], at);
  next += 16;
  placed.set(key, at);
  return at;
}
/** Runs one instruction with rdi at DATA; the exit's vector, or -1. */
function run(code: readonly number[]): number {
  cpu.set('rip', place(code));
  cpu.set('rdi', DATA);
  const exit = cpu.run(100);
  return exit.kind === 'fault' ? exit.vector : -1;
}
interface State {
  readonly control: number;
  readonly status: number;
  readonly used: number;
  readonly registers: readonly bigint[];
  readonly memory: bigint;
}
function load(view: DataView, s: State): void {
  view.setUint16(L.X87, s.control, true);
  view.setUint16(L.X87 + 2, s.status, true);
  view.setUint8(L.X87 + 4, s.used);
  s.registers.forEach((r, i) => {
    view.setBigUint64(L.X87_REGS + 16 * i, BigInt.asUintN(64, r), true);
    view.setUint16(L.X87_REGS + 16 * i + 8, Number(r >> 64n), true);
  });
}
function show(view: DataView): string {
  const registers = Array.from({ length: 8 }, (_, i) => {
    const at = L.X87_REGS + 16 * i;
    return `${view.getUint16(at + 8, true).toString(16)}:${view.getBigUint64(at, true).toString(16)}`;
  });
  const [status, used] = [view.getUint16(L.X87 + 2, true), view.getUint8(L.X87 + 4)];
  return `status ${status.toString(16)} used ${used.toString(16)} ${registers.join(' ')}`;
}

const significand = fc.oneof(
  fc.constantFrom(0n, 1n, (1n << 63n) - 1n, 1n << 62n, (1n << 53n) - 1n, 1n << 10n, 0x7fff_ffff_ffff_fc00n),
  fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
);
/** Numbers whose exponents meet, are far apart, near the edges of the formats, and what is none. */
const value = fc
  .oneof(
    { weight: 8, arbitrary: fc.tuple(fc.integer({ min: 0x3fff - 70, max: 0x3fff + 70 }), significand, fc.boolean()) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom(0, 1, 2, 0x7ffd, 0x7ffe, 0x7fff, 0x3c01, 0x43fe, 0x3f81, 0x407e),
        significand,
        fc.boolean(),
      ),
    },
  )
  .map(([e, m, negative]) => (BigInt(e | (negative ? 0x8000 : 0)) << 64n) | (e ? 1n << 63n : 0n) | m);
const register = fc.oneof(
  { weight: 20, arbitrary: value },
  { weight: 1, arbitrary: fc.constantFrom(0n, 1n << 79n, 0x4000_40000000_00000000n) },
);
const state: fc.Arbitrary<State> = fc.record({
  control: fc.constantFrom(0x37f, 0x37f, 0x37f, 0xf7f, 0x27f, 0x77f, 0x35f),
  status: fc.integer({ min: 0, max: 7 }).map((top) => top << 11),
  used: fc.constantFrom(0xff, 0xff, 0x7f, 0x55),
  registers: fc.array(register, { minLength: 8, maxLength: 8 }),
  memory: fc.oneof(
    fc.double().map((d) => new BigUint64Array(new Float64Array([d]).buffer)[0] as bigint),
    fc.float().map((d) => BigInt(new Uint32Array(new Float32Array([d]).buffer)[0] as number)),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.integer({ min: -40000, max: 40000 }).map((n) => BigInt.asUintN(64, BigInt(n))),
  ),
});

/** Instructions that have generated code of their own: bytes, and what the exact routine is told. */
const CASES: readonly (readonly [string, readonly number[], number, X87Form?])[] = [
  ['fadd st, st(1)', [0xd8, 0xc1], exactCode('add')],
  ['fsub st, st(1)', [0xd8, 0xe1], exactCode('sub')],
  ['fsubrp st(1), st', [0xde, 0xe1], exactCode('sub', { toSti: true, reversed: true, pops: 1 })],
  ['fmul st(1), st', [0xdc, 0xc9], exactCode('mul', { toSti: true })],
  ['fdiv st, st(1)', [0xd8, 0xf1], exactCode('div')],
  ['fdivr st, st(1)', [0xd8, 0xf9], exactCode('div', { reversed: true })],
  ['fadd m64', [0xdc, 0x07], exactCode('add', { form: 'm64' }), 'm64'],
  ['fmul m32', [0xd8, 0x0f], exactCode('mul', { form: 'm32' }), 'm32'],
  ['fisub m16', [0xde, 0x27], exactCode('sub', { form: 'i16' }), 'i16'],
  ['fidiv m32', [0xda, 0x37], exactCode('div', { form: 'i32' }), 'i32'],
  ['fld st(1)', [0xd9, 0xc1], exactCode('ld')],
  ['fld m32', [0xd9, 0x07], exactCode('ld', { form: 'm32' }), 'm32'],
  ['fld m64', [0xdd, 0x07], exactCode('ld', { form: 'm64' }), 'm64'],
  ['fild m64', [0xdf, 0x2f], exactCode('ld', { form: 'i64' }), 'i64'],
  ['fstp st(1)', [0xdd, 0xd9], exactCode('st', { toSti: true, pops: 1 })],
  ['fxch', [0xd9, 0xc9], exactCode('xch')],
  ['fchs', [0xd9, 0xe0], exactCode('chs')],
  ['fst m32', [0xd9, 0x17], exactCode('st', { form: 'm32' }), 'm32'],
  ['fstp m64', [0xdd, 0x1f], exactCode('st', { form: 'm64', pops: 1 }), 'm64'],
  ['fist m16', [0xdf, 0x17], exactCode('st', { form: 'i16' }), 'i16'],
  ['fistp m32', [0xdb, 0x1f], exactCode('st', { form: 'i32', pops: 1 }), 'i32'],
  ['fistp m64', [0xdf, 0x3f], exactCode('st', { form: 'i64', pops: 1 }), 'i64'],
  ['fisttp m64', [0xdd, 0x0f], exactCode('sttrunc', { form: 'i64', pops: 1 }), 'i64'],
  ['fcom', [0xd8, 0xd1], exactCode('com')],
  ['fucompp', [0xda, 0xe9], exactCode('ucom', { pops: 2 })],
  ['ftst', [0xd9, 0xe4], exactCode('tst')],
  ['frndint', [0xd9, 0xfc], exactCode('rndint')],
  ['fldpi', [0xd9, 0xeb], exactCode('const')],
];
const MASK: Partial<Record<X87Form, bigint>> = { m32: 0xffff_ffffn, i32: 0xffff_ffffn, i16: 0xffffn };

describe('x87: generated code does what the exact routine does', () => {
  const other = new DataView(new ArrayBuffer(0x1000));
  const routine = new X87(other);
  for (const [name, code, exact, form] of CASES)
    test(name, () => {
      const i = (code[1] as number) & 7;
      const stores = exact !== undefined && name.startsWith('f') && /^fi?stt?p? m/.test(name);
      fc.assert(
        fc.property(state, (s) => {
          cpu.reset();
          load(cpu.view, s);
          load(other, s);
          const mask = (form && MASK[form]) ?? (1n << 64n) - 1n;
          cpu.view.setBigUint64(DATA, s.memory, true);
          expect(run(code)).toBe(-1);
          const answer = routine.execute(exact | (i << 8), s.memory & mask, 0);
          expect(show(cpu.view)).toBe(show(other));
          const written = stores && answer ? other.getBigUint64(L.HELPER_RESULTS, true) & mask : s.memory & mask;
          expect(cpu.view.getBigUint64(DATA, true)).toBe((s.memory & ~mask) | written);
        }),
        { numRuns: 300 },
      );
    });
});

describe('x87 state', () => {
  test('fxam tells unsupported, NaN, normal, infinity, zero, empty, denormal, and the sign', () => {
    const rows = [
      [0x4000_40000000_00000000n, 0],
      [0x7fff_c0000000_00000001n, 0x100],
      [0xbfff_80000000_00000000n, 0x400 | 0x200],
      [0x7fff_80000000_00000000n, 0x500],
      [0x8000_00000000_00000000n, 0x4000 | 0x200],
      [1n, 0x4400],
      [0x0000_80000000_00000000n, 0x4400],
    ] as const;
    for (const [value, codes] of rows) {
      cpu.reset();
      load(cpu.view, { control: 0x37f, status: 0, used: 1, registers: [value], memory: 0n });
      run([0xd9, 0xe5]);
      expect(cpu.view.getUint16(L.X87 + 2, true)).toBe(codes);
      cpu.view.setUint8(L.X87 + 4, 0);
      run([0xd9, 0xe5]);
      expect(cpu.view.getUint16(L.X87 + 2, true)).toBe(0x4100 | (codes & 0x200));
    }
  });
  const word = (offset: number): number => cpu.view.getUint16(DATA + offset, true);
  test('fnstenv tells tags and pointers and masks everything', () => {
    cpu.reset();
    run([0xd9, 0xe8]);
    run([0xd9, 0xee]);
    const at = place([0xd9, 0xee]);
    cpu.view.setUint16(L.X87, 0x340, true);
    expect(run([0xd9, 0x37])).toBe(-1);
    expect([word(0), word(4), word(8), cpu.view.getUint32(DATA + 12, true)]).toEqual([0x340, 0x3000, 0x1fff, at]);
    expect([word(16), word(18)]).toEqual([0x33, 0x1ee]);
    expect(cpu.view.getUint16(L.X87, true)).toBe(0x37f);
  });
  test('fnsave and frstor bring everything back, in both sizes', () => {
    for (const prefix of [[], [0x66]]) {
      cpu.reset();
      for (const code of [
        [0xd9, 0xe8],
        [0xd9, 0xeb],
        [0xd9, 0xc9],
      ])
        run(code);
      const before = show(cpu.view);
      run([...prefix, 0xdd, 0x37]);
      expect(cpu.view.getUint8(L.X87 + 4)).toBe(0);
      run([...prefix, 0xdd, 0x27]);
      expect(show(cpu.view)).toBe(before);
    }
  });
  test('an unmasked exception comes with the next waiting instruction', () => {
    const MF = 16;
    cpu.reset();
    cpu.view.setUint16(L.X87, 0x37b, true);
    run([0xd9, 0xee]);
    run([0xd9, 0xe8]);
    expect(run([0xd8, 0xf1])).toBe(-1);
    const status = cpu.view.getUint16(L.X87 + 2, true);
    expect(status & 0x80bf).toBe(0x8084);
    for (const code of [[0x9b], [0xd9, 0xe8], [0xdd, 0x07], [0xd9, 0x2f], [0x0f, 0x77], [0x0f, 0xef, 0xc0]])
      expect(run(code)).toBe(MF);
    for (const code of [
      [0xdf, 0xe0],
      [0xd9, 0x3f],
      [0xdb, 0xe4],
    ])
      expect(run(code)).toBe(-1);
    run([0xdb, 0xe2]);
    expect(run([0x9b])).toBe(-1);
  });
});
