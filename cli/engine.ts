// The parts of the CPU from where the build left them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type CpuParts, YOUNG } from '../src/cpu/cpu.ts';
import type { CompilerParts } from '../src/cpu/jit/compiler.ts';
import { readTables } from '../src/cpu/read-tables.ts';
import type { JitMode } from './options.ts';

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
    const compiler = createRequire(import.meta.url)('./compiler.cjs') as typeof import('../src/cpu/jit/compiler.ts');
    loaded = compiler.compilerParts(built('handlers.bin'));
    return loaded;
  };
  return { ...parts, jit: { eager: jit === 'eager', parts: () => loaded ?? load() } };
}
