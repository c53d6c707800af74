// The parts of the CPU from where the build left them.
import { readFileSync } from 'node:fs';
import type { CpuParts } from '../src/cpu/cpu.ts';
import { readTables } from '../src/cpu/read-tables.ts';

export function cpuParts(): CpuParts {
  const built = (name: string): Uint8Array<ArrayBuffer> => readFileSync(new URL(`./${name}`, import.meta.url));
  return { module: new WebAssembly.Module(built('interp.wasm')), tables: readTables(built('tables.bin')) };
}
