// The translator, which is WebAssembly, against the decoder: the same records for code of this machine and for random instructions, in both modes.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { interpreterModule } from '../../src/cpu/interp/module.ts';
import * as L from '../../src/cpu/layout.ts';
import { readTables } from '../../src/cpu/read-tables.ts';
import * as R from '../../src/cpu/record.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import type { Translate } from '../../src/cpu/translate.ts';
import { codeOf } from './elf.ts';
import { instruction, random } from './random.ts';
import { Reference } from './reference.ts';

const { packed, handlers } = makeTables();
const tables = readTables(packed);
const module = new WebAssembly.Module(interpreterModule(handlers));
const memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536, shared: true });
const unused = WebAssembly.Module.imports(module).map(({ name }) => [name, (): number => 0]);
const instance = new WebAssembly.Instance(module, { e: { ...Object.fromEntries(unused), memory } });
const translate = instance.exports.translate as Translate;
const u8 = new Uint8Array(memory.buffer);
const u32 = new Uint32Array(memory.buffer);
u8.set(tables.translation, L.TRANSLATION);
u32[L.NEXT_BLOCK >>> 2] = L.BLOCKS;
const reference = new Reference(tables.decode, handlers.numbers);
const AT = 0x40_0000;
const ROOM = 64;

/** Compares blocks of code, one behind the other; where there is no instruction a byte is passed. */
function compare(code: Uint8Array, mode64: boolean, address = AT): { blocks: number; differences: string[] } {
  u8.set(code, AT);
  u32[L.CODE_32 >>> 2] = mode64 ? 0 : 1;
  const differences: string[] = [];
  let blocks = 0;
  for (let at = AT; at < AT + code.length && differences.length < 5; blocks++) {
    u32[L.NEXT_RECORD >>> 2] = L.CODE;
    const end = AT + code.length;
    const block = translate(BigInt(address + at - AT), at, end, R.MOST) >>> 0;
    const expected = reference.block(u8, at, end, address + at - AT, mode64) ? reference.words : [];
    const got = block ? [...u32.subarray(L.CODE >>> 2, (u32[L.NEXT_RECORD >>> 2] as number) >>> 2)] : [];
    const length = block ? (u32[(block + R.BLK_LENGTH) >>> 2] as number) : 0;
    if (
      got.length !== expected.length ||
      got.some((w, i) => (w | 0) !== (expected[i] as number | 0)) ||
      length !== reference.length
    ) {
      const hex = (words: readonly number[]): string => words.map((w) => (w >>> 0).toString(16)).join(' ');
      differences.push(
        `${Buffer.from(u8.slice(at, at + ROOM)).toString('hex')}:\n  ${hex(got)}, not\n  ${hex(expected)}`,
      );
    }
    at += reference.length || 1;
  }
  u32[L.CODE_32 >>> 2] = 0;
  return { blocks, differences };
}

describe('the translator writes what the decoder says', () => {
  for (const path of [process.execPath, '/usr/lib/x86_64-linux-gnu/libc.so.6', '/usr/bin/python3'])
    test.skipIf(!existsSync(path))(`in ${path}`, () => {
      for (const { bytes, address } of codeOf(path)?.sections ?? []) {
        // In parts, each of which may end within an instruction.
        for (let at = 0; at < Math.min(bytes.length, 800_000); at += 200_000) {
          const part = bytes.subarray(at, at + 200_000);
          expect(compare(part, true, address + at).differences).toEqual([]);
        }
      }
    });
  for (const mode64 of [true, false])
    test(`for random instructions, mode ${mode64 ? 64 : 32}`, () => {
      const next = random(mode64 ? 1 : 2);
      const code = Buffer.concat(
        Array.from({ length: 20_000 }, (_, i) =>
          instruction(next, i % 16 ? 'legacy' : (['vex', 'evex', 'xop'] as const)[next() % 3]!, mode64),
        ),
      );
      const r = compare(code, mode64, mode64 ? 0x7fff_f000 : AT);
      expect(r.differences).toEqual([]);
      expect(r.blocks).toBeGreaterThan(20_000);
    });
  test('where bytes run out', () => {
    const next = random(3);
    for (let n = 0; n < 20_000; n++) {
      const code = instruction(next, 'legacy', true).subarray(0, next() % 15);
      expect(compare(code, true).differences).toEqual([]);
    }
  });
});
