// Hints for V8: which branches of generated code are hardly ever taken. Browsers heed them by themselves, Node 20's V8 only while a flag is set.
import { builtin } from './builtin.ts';

const FLAG = 'experimental-wasm-branch-hinting';

/**
 * Compiles a module whose hints are heeded: what is hardly ever reached goes out of the way, and values are kept in registers across it. The flag is set no
 * longer than that: V8 doesn't take code that was kept from under other flags, Node's own modules among it.
 */
export function compileHinted(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const { setFlagsFromString } = builtin('node:v8');
  setFlagsFromString(`--${FLAG}`);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString(`--no-${FLAG}`);
  }
}
