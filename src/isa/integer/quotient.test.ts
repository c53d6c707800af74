import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Code } from '../../wasm/code.ts';
import { ModuleWriter } from '../../wasm/module.ts';
import { SHARED } from '../shared.ts';
import { QUOTIENT } from './quotient.ts';

const f = SHARED.find((s) => s.name === QUOTIENT) as (typeof SHARED)[number];
const c = new Code(f.params);
c.return(f.body(c, () => c.i64(0)));
c.trapHere();
const m = new ModuleWriter();
m.export('quotient', m.function(f.params, [f.result], c));
const module = new WebAssembly.Module(m.bytes() as Uint8Array<ArrayBuffer>);
const quotient = new WebAssembly.Instance(module).exports.quotient as (low: bigint, high: bigint, by: bigint) => bigint;

test('128 bits by 64', () => {
  const edges = [
    0n,
    1n,
    0xffff_ffffn,
    1n << 32n,
    (1n << 32n) + 1n,
    1n << 63n,
    (1n << 63n) - 1n,
    0x8000_0000_ffff_ffffn,
  ];
  const word = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.constantFrom(...edges, ...edges.map((e) => BigInt.asUintN(64, ~e))),
  );
  fc.assert(
    fc.property(word, word, word, (low, a, b) => {
      fc.pre(a !== b);
      const [high, by] = a < b ? [a, b] : [b, a];
      expect(BigInt.asUintN(64, quotient(low, high, by))).toBe(((high << 64n) | low) / by);
    }),
    { numRuns: 5000 },
  );
});
