// Any opcode of any map with any prefixes and bytes behind it: what the definitions don't have must be no instruction on the host either.
import { AC, TF } from '../../src/isa/state.ts';
import { CODE, DATA, HIGH, type Made, S } from './batch.ts';
import { EMULATED, excluded } from './excluded.ts';
import type { Instructions } from './generate.ts';
import type { Random, Words } from './random.ts';
import { CaseState } from './state.ts';

const PREFIXES = [0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x64, 0x65, 0x2e];
const MAPS = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];

function bytes(r: Random): Uint8Array {
  const out: number[] = [];
  while (r.chance(30)) out.push(r.pick(PREFIXES));
  if (r.chance(40)) out.push(0x40 | r.below(16));
  out.push(...r.pick(MAPS), r.below(256), r.below(256));
  for (let i = 0; i < 10; i++) out.push(r.chance(60) ? r.below(4) : r.below(256));
  return Uint8Array.from(out);
}

export function anyOpcode(instructions: Instructions, r: Random, words: Words): Made {
  const g = new CaseState(r, r.pick(['integer', 'f32', 'f64']), words);
  // Most registers lead somewhere, small ones serve as index.
  for (let n = 0; n < 16; n++)
    if (r.chance(70)) g.setGpr(n, BigInt(r.pick([DATA + 0x180, HIGH + 0x180, 8, 1])) + BigInt(r.below(32)));
  g.setGpr(4, BigInt(DATA + 0x200 + 8 * r.below(8)));
  g.fill(DATA + 0x180, 128);
  const rip = CODE + 0x400 + r.below(0x400);
  let code = bytes(r);
  let d = instructions.decode(code);
  while (d.length === 0 || excluded(d, instructions.ops) !== undefined) {
    code = bytes(r);
    d = instructions.decode(code);
  }
  code = code.subarray(0, d.form ? d.length : Math.min(15, code.length));
  g.set(S.rip, BigInt(rip));
  g.put(rip, code);
  const name = d.form?.name ?? 'no instruction';
  if (EMULATED.has(name) || name.startsWith('fx')) g.clearFlags(TF | AC);
  return { state: g.bytes, pieces: g.pieces, code, name, undefinedFlags: instructions.undefinedFlags(d, g.bytes) };
}
