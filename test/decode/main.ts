// `npm run decode-check -- [--intel] [--most N] [--quiet | --verbose] [PATHS]`: every instruction of the files against objdump; default: /usr/bin and the libraries.
// `npm run decode-check -- --forms N [--seed S]`: N instructions of each form of the definitions.
// `npm run decode-check -- --random N [--seed S] [--kind legacy|vex|evex|xop] [--i386]`: N random instructions.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readTables } from '../../src/cpu/read-tables.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import { Disassembler } from '../../src/isa/disassemble.ts';
import { forms } from '../../src/isa/encoding.ts';
import { ops } from '../../src/isa/index.ts';
import { compareFile, compareRandom, type Difference, type Report, type Result } from './compare.ts';
import { encode, in64 } from './encode.ts';
import { noObjdump } from './objdump.ts';
import { instruction, type Kind, random } from './random.ts';

const { values, positionals } = parseArgs({
  options: {
    intel: { type: 'boolean', default: false },
    most: { type: 'string', default: '40' },
    quiet: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    random: { type: 'string' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
    i386: { type: 'boolean', default: false },
    forms: { type: 'string' },
  },
  allowPositionals: true,
});
if (noObjdump) {
  console.error(`ring3: decode-check: ${noObjdump}`);
  process.exit(1);
}
const roots = positionals.length ? positionals : ['/usr/bin', '/usr/lib/x86_64-linux-gnu'];
/** Files that have several names are read once. */
const seen = new Set<string>();
function* files(path: string): Generator<string> {
  const s = statSync(path, { throwIfNoEntry: false });
  const inode = `${s?.dev} ${s?.ino}`;
  if (seen.has(inode)) return;
  seen.add(inode);
  if (s?.isDirectory())
    for (const e of readdirSync(path, { withFileTypes: true })) {
      if (e.isDirectory() || e.isFile()) yield* files(join(path, e.name));
    }
  else if (s?.isFile()) yield path;
}
const syntax = values.intel ? 'intel' : 'att';
const disassembler = new Disassembler(readTables(makeTables().packed).decode, { syntax });
/** Differences of one kind: the mnemonics of both sides. */
const classes = new Map<string, { count: number; example: Difference; file: string }>();
const total = { files: 0, instructions: 0, bad: 0, pieces: 0, data: 0, lengthDifferences: 0, textDifferences: 0 };
const began = Date.now();
const word = (t: string): string => t.split(' ')[0] as string;
const report =
  (file: string): Report =>
  (d, kind) => {
    const key = `${kind}: ${word(d.theirs)} / ${word(d.ours)}`;
    const c = classes.get(key);
    if (c) c.count++;
    else classes.set(key, { count: 1, example: d, file });
  };
const add = (file: string, r: Result): void => {
  total.files++;
  for (const k of ['instructions', 'bad', 'pieces', 'data', 'lengthDifferences', 'textDifferences'] as const)
    total[k] += r[k];
  if (values.verbose || (!values.quiet && (r.lengthDifferences || r.textDifferences)))
    console.log(
      `${file}: ${r.instructions} instructions, ${r.lengthDifferences} lengths and ${r.textDifferences} texts differ`,
    );
};
if (values.forms) {
  const next = random(Number(values.seed));
  for (let n = Number(values.forms); n > 0; n--) {
    const slots = forms(ops)
      .filter(in64)
      .map((f) => encode(f, next));
    add('forms', await compareRandom(slots, true, disassembler, syntax, report('forms')));
  }
} else if (values.random) {
  const next = random(Number(values.seed));
  const kinds: Kind[] = values.kind ? [values.kind as Kind] : ['legacy', 'vex', 'evex', 'xop'];
  const mode64 = !values.i386;
  for (let left = Number(values.random); left > 0; left -= 50_000) {
    const slots = Array.from({ length: Math.min(left, 50_000) }, (_, i) =>
      instruction(next, kinds[i % kinds.length] as Kind, mode64),
    );
    add('random', await compareRandom(slots, mode64, disassembler, syntax, report('random')));
  }
} else
  for (const root of roots)
    for (const file of files(root)) {
      const r = await compareFile(file, disassembler, syntax, report(file));
      if (r) add(file, r);
    }
for (const [key, c] of [...classes].sort((a, b) => b[1].count - a[1].count).slice(0, Number(values.most))) {
  const e = c.example;
  console.log(
    `${c.count} ${key}\n    ${c.file} ${e.address.toString(16)}: ${e.bytes}\n    objdump ${e.theirs}\n    ring3   ${e.ours}`,
  );
}
const equal = total.instructions - total.lengthDifferences - total.textDifferences;
console.log(
  `${total.files} files, ${total.instructions} instructions (${total.bad} of them (bad), ${total.pieces} shown in other pieces than the CPU takes), ${total.data} bytes of data, ${total.lengthDifferences} lengths differ, ` +
    `text equal in ${((100 * equal) / total.instructions).toFixed(5)} % (${total.textDifferences} differ), ${((Date.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = total.lengthDifferences ? 1 : 0;
