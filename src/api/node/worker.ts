// The worker's entry in Node.
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { YOUNG } from '../../cpu/cpu.ts';
import { type CompilerParts, compilerParts } from '../../cpu/jit/compiler.ts';
import { readTables } from '../../cpu/read-tables.ts';
import { compileHinted } from '../../host/node/hints.ts';
import type { ToWorker } from '../messages.ts';
import { type Platform, serve } from '../serve.ts';

const built = (name: string): Uint8Array<ArrayBuffer> => readFileSync(new URL(`../${name}`, import.meta.url));
const parts: Platform['parts'] = async (jit) => {
  const cpu = {
    module: await WebAssembly.compile(built('interp.wasm')),
    tables: readTables(built('tables.bin')),
    young: { left: YOUNG },
  };
  if (jit === 'off') return cpu;
  let loaded: CompilerParts | undefined;
  const load = (): CompilerParts => (loaded ??= compilerParts(built('handlers.bin')));
  return { ...cpu, jit: { eager: jit === 'eager', parts: load, compile: compileHinted } };
};
const port = parentPort;
if (!port) throw new Error("ring3's worker is started by its Machine");
serve(
  {
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    listen: (hear) => port.on('message', (m: ToWorker) => hear(m)),
  },
  { parts, tick: () => new Promise((done) => setImmediate(done)) },
);
