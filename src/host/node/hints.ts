// Hints for V8: which branches of generated code are hardly ever taken. Browsers heed them by themselves, Node 20's V8 only while a flag is set.
import { builtin } from './builtin.ts';

const FLAG = 'experimental-wasm-branch-hinting';
let set = false;

/** V8 doesn't take code that was kept from under other flags, Node's own modules among it: the flag is set no longer than until other work is done. */
function unset(): void {
  set = false;
  builtin('node:v8').setFlagsFromString(`--no-${FLAG}`);
}
/**
 * Compiles a module whose hints are heeded: what is hardly ever reached goes out of the way, and values are kept in registers across it. Changing flags takes
 * V8 a quarter of a millisecond, so modules that are compiled in one go share that.
 */
export function compileHinted(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  if (!set) {
    set = true;
    builtin('node:v8').setFlagsFromString(`--${FLAG}`);
    setImmediate(unset).unref();
  }
  return new WebAssembly.Module(bytes);
}
