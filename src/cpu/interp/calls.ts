// What an instruction's generated code calls outside itself: for the documentation.
import { SHARED } from '../../isa/shared.ts';
import { Code } from '../../wasm/code.ts';
import type { ValType } from '../../wasm/ops.ts';
import { HELPER_NAMES } from '../helper-names.ts';
import { STRINGS } from '../strings.ts';
import type { Frame } from './binding.ts';
import type { Handler } from './handlers.ts';
import { coldHandler } from './module.ts';

/** A map that remembers what it was asked for. */
class Asked<V> extends Map<string, V> {
  readonly names = new Set<string>();
  override get(name: string): V | undefined {
    this.names.add(name);
    return super.get(name);
  }
}
type Functions = Frame['shared'];

/** Functions of the host that each shared function can reach. */
function reaches(functions: Functions): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map<string, Set<string>>();
  for (const s of SHARED) {
    const called = new Set<string>();
    const c = new Code(s.params);
    s.body(c, (name, ...args) => {
      called.add(name);
      return c.call(0, (functions.get(name) as { result: ValType }).result, ...args);
    });
    direct.set(s.name, called);
  }
  const all = (name: string, seen: Set<string>): Set<string> => {
    if (seen.has(name)) return seen;
    seen.add(name);
    for (const n of direct.get(name) ?? []) all(n, seen);
    return seen;
  };
  const imported = new Set(SHARED.flatMap((s) => (s.imports ?? []).map((i) => i.name)));
  return new Map(
    SHARED.map((s) => [s.name, new Set([...all(s.name, new Set())].filter((n) => imported.has(n)))] as const),
  );
}

/** Gives for a handler the helpers it always calls, and the host's exact routines that its rare cases take. */
export function callsOf(): (h: Handler) => { helpers: ReadonlySet<string>; rarely: ReadonlySet<string> } {
  const functions = new Map(
    [...SHARED.flatMap((s) => [s, ...(s.imports ?? [])]), ...Object.values(STRINGS)].map(
      (f) => [f.name, { index: 0, result: f.result }] as const,
    ),
  );
  const reached = reaches(functions);
  return (h) => {
    const helperIds = new Asked<number>(HELPER_NAMES.map((n, i) => [n, i]));
    const shared: Functions & Asked<{ index: number; result: ValType }> = new Asked(functions);
    coldHandler(h, { slow: 0, commit: 0, helper: 0, helperIds }, shared);
    const rarely = new Set([...shared.names].flatMap((n) => [...(reached.get(n) ?? [])]));
    return { helpers: helperIds.names, rarely };
  };
}
