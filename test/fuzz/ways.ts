// The ways to run a case: CPUs of ours that do it each in another manner.
import { Cpu } from '../../src/cpu/cpu.ts';
import { interpreterModule } from '../../src/cpu/interp/module.ts';
import { compilerParts } from '../../src/cpu/jit/compiler.ts';
import { MOST_BEYOND } from '../../src/cpu/jit/float.ts';
import { readTables } from '../../src/cpu/read-tables.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import type { Named } from './run.ts';

/** In the interpreter's loop; in that of a program's first instructions; compiled at once; so, for large numbers, for any; compiled where it is hot, and young before. */
export const WAYS = ['off', 'young', 'eager', 'large', 'any', 'on'] as const;
export type Way = (typeof WAYS)[number];

/** Visits after which blocks are compiled: cases run for a few hundred thousand instructions. */
const HOT = 512;
/** Instructions of the young loop before what is compiled takes over. */
const YOUNG = 200_000_000;

/** Makes CPUs that share what the CPUs of a machine do. */
export function maker(): (way: Way) => Named {
  const { packed, handlers, packedHandlers } = makeTables();
  const parts = { module: new WebAssembly.Module(interpreterModule(handlers)), tables: readTables(packed) };
  const compiler = compilerParts(packedHandlers);
  const jit = { threshold: HOT, parts: () => compiler };
  const kinds = {
    off: {},
    young: { young: { left: Number.POSITIVE_INFINITY } },
    eager: { jit: { ...jit, eager: true } },
    large: { jit: { ...jit, eager: true } },
    any: { jit: { ...jit, eager: true } },
    on: { jit: { ...jit, eager: false }, young: { left: YOUNG } },
  };
  return (way) => ({
    name: way,
    cpu: new Cpu({ ...parts, ...kinds[way] }),
    beyond: way === 'large' ? MOST_BEYOND.ordinary + 1 : way === 'any' ? MOST_BEYOND.large + 1 : 0,
  });
}
