// The generated code of small functions, and what instructions of each kind cost, as they were when last looked at. `npm run golden` writes them anew.
import { expect, test } from 'vitest';
import { Disassembler } from '../../src/isa/disassemble.ts';
import { forms } from '../../src/isa/encoding.ts';
import { ops } from '../../src/isa/index.ts';
import { DecodeTable, packForms } from '../../src/isa/table.ts';
import { CODE, emitted } from './emitted.ts';
import { COSTS, DATA, SAMPLES } from './functions.ts';
import { listing } from './listing.ts';

const disassembler = new Disassembler(new DecodeTable(packForms(forms(ops))), { syntax: 'intel' });
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
function disassembled(code: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < code.length; at += disassembler.length) {
    const text = disassembler.text(code, at, code.length, BigInt(CODE + at), true);
    lines.push(`${(CODE + at).toString(16)}  ${text}`);
  }
  return lines;
}

test.each(SAMPLES)('$name: $about', async ({ name, about, code, runs }) => {
  const bytes = bytesOf(code);
  const e = emitted(bytes, runs);
  const [f] = listing(e.module);
  const lines = (f?.lines ?? []).map((line) =>
    line.replace(/i32\.const (-?)0x([0-9a-f]+)$/, (whole, sign: string, digits: string) => {
      const record = e.name(Number.parseInt(sign + digits, 16));
      return record ? `i32.const ${record}` : whole;
    }),
  );
  const head = [about, '', ...disassembled(bytes), ''];
  const size = `${e.instructions} instructions, ${f?.operators} operators, ${e.module.length} bytes`;
  await expect([...head, size, '', ...lines, ''].join('\n')).toMatchFileSnapshot(`golden/${name}.txt`);
});

test('operators an instruction takes', async () => {
  const operators = (hex: string): number =>
    listing(emitted(bytesOf(`${hex}c3`), [[DATA, 8, 8]]).module)[0]?.operators ?? 0;
  const none = operators('');
  const rows = COSTS.map(([text, code]) => {
    const one = operators(code);
    const more = (operators(code.repeat(5)) - one) / 4;
    return `${String(one - none).padStart(5)}${more.toFixed(2).padStart(9)}  ${text}`;
  });
  const head = [
    'Operators of WebAssembly that instructions take: alone, with what a region loads and stores for it, and each of more of the same.',
    '',
    'alone     more',
  ];
  await expect([...head, ...rows, ''].join('\n')).toMatchFileSnapshot('golden/cost.txt');
});
