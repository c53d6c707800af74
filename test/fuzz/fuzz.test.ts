// The quick part of the comparison with the host's CPU: every variant of every form a few times, fixed seed. `npm run fuzz` goes on from there.
import { afterAll, describe, expect, test } from 'vitest';
import { Cpu } from '../../src/cpu/cpu.ts';
import { interpreterModule } from '../../src/cpu/interp/module.ts';
import { compilerParts } from '../../src/cpu/jit/compiler.ts';
import { readTables } from '../../src/cpu/read-tables.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import { CASE_KINDS, Generator } from './generate.ts';
import { Native } from './native.ts';
import { fuzz } from './run.ts';

const native = Native.create(process.cwd());
if (typeof native === 'string') console.log(`the CPU isn't compared with the host's: ${native}`);
const ROUNDS = 2;
const OTHERS = 1000;
/** Every case is compiled, which takes a while. */
const COMPILED = 400;
const PROGRAMS = 150;

describe.skipIf(typeof native === 'string')('our CPU does what the host CPU does', () => {
  afterAll(() => (native as Native).close());
  const { packed, handlers, packedHandlers } = makeTables();
  const module = new WebAssembly.Module(interpreterModule(handlers));
  const tables = readTables(packed);
  const compiler = compilerParts(packedHandlers);
  const cases = CASE_KINDS.flatMap((kind) => [
    ...(kind === 'program'
      ? [{ kind, ways: ['off', 'eager', 'on'], seed: 3, count: PROGRAMS }]
      : [
          {
            kind,
            ways: ['off', 'young'],
            seed: 1,
            count: kind === 'form' ? ROUNDS * new Generator(1, { kind }).round : OTHERS,
          },
          { kind, ways: ['eager'], seed: 2, count: COMPILED },
        ]),
  ]);
  test.each(cases)('$kind, $ways', async ({ kind, ways, seed, count }) => {
    // In the loop that the first instructions are run in, or in the other one, or compiled.
    const how = (way: string) => {
      if (way === 'young') return { young: { left: Number.POSITIVE_INFINITY } };
      return way === 'off' ? {} : { jit: { eager: way === 'eager', parts: () => compiler } };
    };
    const summary = await fuzz({
      native: native as Native,
      cpus: ways.map((name) => ({ name, cpu: new Cpu({ module, tables, ...how(name) }) })),
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
