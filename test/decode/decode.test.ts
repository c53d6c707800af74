// The decoder and the text against objdump, in small: files of this machine, and every form of the definitions. The long run: `npm run decode-check`.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTables } from '../../src/cpu/read-tables.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import { Disassembler, type Syntax } from '../../src/isa/disassemble.ts';
import { forms } from '../../src/isa/encoding.ts';
import { ops } from '../../src/isa/index.ts';
import { compareFile, compareRandom, type Difference } from './compare.ts';
import { encode, in64 } from './encode.ts';
import { noObjdump } from './objdump.ts';
import { random } from './random.ts';

const table = readTables(makeTables().packed).decode;
const show = (d: Difference): string => `${d.bytes}: objdump ${d.theirs}, ring3 ${d.ours}`;

/**
 * Where objdump and the CPU are of different minds, by our text: undocumented x87 encodings and fences with other registers (valid on CPUs), names objdump has for REX.W
 * without effect, its slips with vmovss between registers, registers FP16 and AMX want different, bound registers above three, and prefixes of what it prints by itself.
 */
const KNOWN =
  /\b(fcomp?|fxch|fstp1?|[lms]fence|p?movmsk(ps|pd|b)|pcmpistr[im]|vmovs[sd]|vfc?(mul|madd)c[ps]h|tdp\w+|bnd\w+|x(crypt-\w+|sha\w+|store-rng)|montmul|vcvtu?si2sd)\b/;

describe.skipIf(noObjdump)('objdump agrees', () => {
  for (const [path, ...syntaxes] of [
    ['/bin/true', 'att', 'intel'],
    ['/bin/ls', 'att'],
    ['/usr/lib/x86_64-linux-gnu/libmvec.so.1', 'att', 'intel'],
  ] as const satisfies [string, ...Syntax[]][])
    for (const syntax of syntaxes)
      test.skipIf(!existsSync(path))(`${path} ${syntax}`, async () => {
        const differences: string[] = [];
        const d = new Disassembler(table, { syntax });
        const r = await compareFile(path, d, syntax, (x) => differences.push(show(x)));
        expect(differences).toEqual([]);
        expect(r?.instructions).toBeGreaterThan(100);
      });
  test('on every form of the definitions', async () => {
    const next = random(1);
    const slots = forms(ops)
      .filter(in64)
      .map((f) => encode(f, next));
    const differences: string[] = [];
    await compareRandom(slots, true, new Disassembler(table), 'att', (d) => {
      if (!KNOWN.test(d.ours)) differences.push(show(d));
    });
    expect(differences).toEqual([]);
  });
});
if (noObjdump) console.log(`skipped: the comparison with objdump (${noObjdump})`);
