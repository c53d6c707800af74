// The quick part of the comparison with the host's CPU: every variant of every form a few times, fixed seed. `npm run fuzz` goes on from there.
import { afterAll, describe, expect, test } from 'vitest';
import { CASE_KINDS, type CaseKind, Generator } from './generate.ts';
import { Native } from './native.ts';
import { fuzz } from './run.ts';
import { maker, WAYS, type Way } from './ways.ts';

const native = Native.create(process.cwd());
if (typeof native === 'string') console.log(`the CPU isn't compared with the host's: ${native}`);
const ROUNDS = 2;
const OTHERS = 1000;
/** Every case is compiled, which takes a while. */
const COMPILED = 400;
const PROGRAMS = 150;

describe.skipIf(typeof native === 'string')('our CPU does what the host CPU does', () => {
  afterAll(() => (native as Native).close());
  const make = maker();
  const run = (kind: CaseKind, ways: readonly Way[], seed: number, count: number) => ({ kind, ways, seed, count });
  const all = ROUNDS * new Generator(1, { kind: 'form' }).round;
  const cases = CASE_KINDS.flatMap((kind) =>
    kind === 'program'
      ? [run(kind, WAYS, 3, PROGRAMS)]
      : [run(kind, ['off', 'young'], 1, kind === 'form' ? all : OTHERS), run(kind, ['eager'], 2, COMPILED)],
  );
  test.each(cases)('$kind, $ways', async ({ kind, ways, seed, count }) => {
    const summary = await fuzz({
      native: native as Native,
      cpus: ways.map(make),
      generator: new Generator(seed, { kind }),
      first: 0,
      enough: (n) => n >= count,
      most: 10,
      batch: Math.min(count, 500),
    });
    const total = [...summary.compared.values()].reduce((a, b) => a + b, 0);
    expect(summary.differences.map((d) => `${d.case.name}: ${d.what.join('; ')}\n  ${d.text}`)).toEqual([]);
    expect(total + summary.skipped).toBeGreaterThanOrEqual(count);
  });
});
