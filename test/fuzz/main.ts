// `npm run fuzz -- [--seconds N] [--seed S] [--only NAME | --kind KIND] [--case INDEX] [--most N] [--jit off,young,eager,on]`: the long comparison with the host's CPU,
// of the interpreter and of what is compiled, at once or when it is hot.
import { parseArgs } from 'node:util';
import { exclusions } from './excluded.ts';
import { CASE_KINDS, Generator } from './generate.ts';
import { Native } from './native.ts';
import { fuzz } from './run.ts';
import { maker, WAYS } from './ways.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() & 0xffffff) },
    only: { type: 'string' },
    kind: { type: 'string' },
    case: { type: 'string' },
    most: { type: 'string', default: '20' },
    jit: { type: 'string', default: WAYS.join() },
  },
});
const native = Native.create(process.cwd());
if (typeof native === 'string') {
  console.error(`ring3: fuzz: nothing to compare with: ${native}`);
  process.exit(1);
}
const seed = Number(values.seed);
const kind = CASE_KINDS.find((k) => k === values.kind);
const generator = new Generator(seed, { only: values.only, kind });
const until = Date.now() + Number(values.seconds) * 1000;
const single = values.case === undefined ? undefined : Number(values.case);
try {
  const summary = await fuzz({
    native,
    cpus: WAYS.filter((w) => values.jit.split(',').includes(w)).map(maker()),
    generator,
    first: single ?? 0,
    enough: single === undefined ? () => Date.now() > until : (n) => n > 0,
    most: Number(values.most),
  });
  const only = values.only ? ` --only ${values.only}` : kind ? ` --kind ${kind}` : '';
  const shown = new Map<string, number>();
  for (const d of summary.differences) {
    // A fault of one instruction comes up in every state: two of each tell enough.
    const times = shown.get(d.case.name) ?? 0;
    shown.set(d.case.name, times + 1);
    if (times >= 2) continue;
    console.log(`${d.case.name}: ${d.what.join('; ')}`);
    console.log(`  ${d.text}\n  npm run fuzz -- --seed ${seed}${only} --case ${d.case.index}`);
  }
  const total = [...summary.compared.values()].reduce((a, b) => a + b, 0);
  const names = [...new Set(summary.differences.map((d) => d.case.name))];
  console.log(
    `seed ${seed}: ${total} states of ${generator.instructions.variants.length} variants compared, ${summary.skipped} without end left out, ${summary.differences.length} differences${names.length ? ` (${names.join(' ')})` : ''}`,
  );
  console.log(`left out: ${exclusions()}`);
  process.exitCode = summary.differences.length ? 1 : 0;
} finally {
  native.close();
}
