// The parts of the CPU from where the build left them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CpuParts, YOUNG } from '../src/cpu/cpu.ts';
import type { CompilerParts } from '../src/cpu/jit/compiler.ts';
import { readTables } from '../src/cpu/read-tables.ts';
import { builtin } from '../src/host/node/builtin.ts';
import { compileHinted } from '../src/host/node/hints.ts';
import type { JitMode } from './options.ts';

/** bin/load.js. */
interface Loader {
  loadBundle(path: string): typeof import('../src/cpu/jit/compiler.ts');
}

export function cpuParts(jit: JitMode): CpuParts {
  const built = (name: string): Uint8Array<ArrayBuffer> => readFileSync(new URL(`./${name}`, import.meta.url));
  const parts = {
    module: new WebAssembly.Module(built('interp.wasm')),
    tables: readTables(built('tables.bin')),
    young: { left: YOUNG },
  };
  if (jit === 'off') return parts;
  // Programs that end soon never need the compiler: it is loaded when something is found hot.
  let loaded: CompilerParts | undefined;
  const load = (): CompilerParts => {
    // From the bundle the way to bin/ is the same as from here.
    const { createRequire } = builtin('node:module');
    const { loadBundle } = createRequire(import.meta.url)('../bin/load.js') as Loader;
    const path = fileURLToPath(new URL('./compiler.cjs', import.meta.url));
    loaded = loadBundle(path).compilerParts(built('handlers.bin'));
    return loaded;
  };
  return { ...parts, jit: { eager: jit === 'eager', parts: () => loaded ?? load(), compile: compileHinted } };
}
