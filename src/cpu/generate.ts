// Build time: what the running CPU loads instead of making it.
import { interpreterModule } from './interp/module.ts';
import { makeTables } from './tables.ts';

/** Files of dist/ by name: the interpreter's module, the tables for readTables, and what the compiler knows handlers by. */
export function generate(): Map<string, Uint8Array | string> {
  const { packed, handlers, packedHandlers } = makeTables();
  return new Map([
    ['interp.wasm', interpreterModule(handlers)],
    ['tables.bin', packed],
    ['handlers.bin', packedHandlers],
  ]);
}
