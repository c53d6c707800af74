// The parts of the CPU from where the build left them.
import { readFileSync } from 'node:fs';
import type { CpuParts } from '../src/cpu/cpu.ts';
import { makeTables } from '../src/cpu/tables.ts';

export function cpuParts(): CpuParts {
  const module = new WebAssembly.Module(readFileSync(new URL('./interp.wasm', import.meta.url)));
  return { module, tables: makeTables() };
}
