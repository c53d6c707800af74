// The arithmetic flags where they stand in the state, for code that keeps them nowhere else.
import type { FlagStore } from '../isa/flags.ts';
import type { Code } from '../wasm/code.ts';
import * as L from './layout.ts';

const AT = {
  res: { at: L.FLAG_RES, load: 'i64.load', store: 'i64.store' },
  cf: { at: L.FLAG_CF, load: 'i32.load8_u', store: 'i32.store8' },
  of: { at: L.FLAG_OF, load: 'i32.load8_u', store: 'i32.store8' },
  aux: { at: L.FLAG_AUX, load: 'i32.load', store: 'i32.store' },
} as const;

export function stateFlags(c: Code): FlagStore {
  return {
    get: (w) => c.load(AT[w].load, c.i32(0), AT[w].at),
    set: (w, v) => c.store(AT[w].store, c.i32(0), v, AT[w].at),
  };
}
