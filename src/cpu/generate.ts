// Build time: what the running CPU loads instead of making it.
import { interpreterModule } from './interp/module.ts';
import { makeTables } from './tables.ts';

export function generate(): Map<string, Uint8Array | string> {
  return new Map([['interp.wasm', interpreterModule(makeTables().handlers)]]);
}
