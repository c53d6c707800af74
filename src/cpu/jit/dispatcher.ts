// The module that owns the table of compiled entries: runs one after another until something else has to be done.
import { Code } from '../../wasm/code.ts';
import { ModuleWriter } from '../../wasm/module.ts';
import * as L from '../layout.ts';
import { settleFunction } from './lazy.ts';

/**
 * Exports: `table`; `settle` (kind, d, s); `enter` (entry): runs compiled code from there. It answers a record to interpret (negative), or 0: rip is in the
 * state, and either the budget is used up or nothing compiled is known there.
 */
export function dispatcherModule(): Uint8Array {
  const m = new ModuleWriter();
  m.importMemory('e', 'memory', 1, 65536);
  const nothing = new Code(['i32']);
  nothing.return(nothing.i32(0));
  nothing.trapHere();
  const stub = m.function(['i32'], ['i32'], nothing);
  const settle = m.function(['i32', 'i64', 'i64'], [], settleFunction());
  const c = new Code(['i32']);
  const entry = c.var('i32');
  const result = c.var('i32');
  c.set(entry, c.param(0));
  c.block((done) => {
    c.loop((again) => {
      c.store('i32.store', c.i32(0), c.i32(0), L.EXIT_FROM);
      const r = c.callIndirect(m.type(['i32'], ['i32']), 'i32', c.get(entry), c.get(entry));
      c.set(entry, r);
      c.brIf(again, c.op('i32.gt_s', r, c.i32(0)));
      c.set(result, r);
      c.brIf(done, r);
      c.brIf(done, c.op('i32.le_s', c.load('i32.load', c.i32(0), L.BUDGET), c.i32(0)));
      const rip = c.load('i64.load', c.i32(0), L.RIP);
      const slot = c.op('i32.shl', c.op('i32.and', c.op('i32.wrap_i64', rip), c.i32(L.RIP_HASH_ENTRIES - 1)), c.i32(4));
      c.brIf(done, c.op('i64.ne', c.load('i64.load', slot, L.RIP_HASH), rip));
      const known = c.load('i32.load', slot, L.RIP_HASH + 12);
      c.set(entry, known);
      c.brIf(again, known);
    });
  });
  const kind = c.load('i32.load', c.i32(0), L.FLAG_KIND);
  c.if(kind, () =>
    c.callVoid(settle, kind, c.load('i64.load', c.i32(0), L.FLAG_RES), c.load('i64.load', c.i32(0), L.FLAG_WORD)),
  );
  c.return(c.get(result));
  c.trapHere();
  m.export('enter', m.function(['i32'], ['i32'], c));
  m.export('settle', settle);
  m.export('stub', stub);
  m.table([stub], 'table');
  return m.bytes();
}
