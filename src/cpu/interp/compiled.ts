// How the interpreter gets into compiled code and out of it again: one entry after another, until something is to be interpreted.
import { Code, type Node } from '../../wasm/code.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';

/** Offset of an address's slot in the hash, which is at RIP_HASH. */
export function slotOf(c: Code, rip: Node): Node {
  return c.op('i32.shl', c.op('i32.and', c.op('i32.wrap_i64', rip), c.i32(L.RIP_HASH_ENTRIES - 1)), c.i32(4));
}
/** What spreads addresses over ENTRY_HASH (2^32 over the golden ratio), and the bits that are left of the product. */
const SPREAD = 0x9e3779b1;
const SPREAD_SHIFT = 32 - Math.log2(L.ENTRY_HASH_ENTRIES);
/** Offset of an address's slot in ENTRY_HASH. */
function entrySlot(c: Code, rip: Node): Node {
  const spread = c.op('i32.mul', c.op('i32.wrap_i64', rip), c.i32(SPREAD));
  return c.op('i32.shl', c.op('i32.shr_u', spread, c.i32(SPREAD_SHIFT)), c.i32(3));
}
/** The same for JavaScript. */
export function entryHashSlot(rip: number): number {
  return L.ENTRY_HASH + ((Math.imul(rip, SPREAD) >>> SPREAD_SHIFT) << 3);
}
/** The record at an address by `lookup` (function index), 0 where nothing can be fetched. */
export function lookUp(c: Code, lookup: number, rip: Node): Node {
  const hi = c.op('i32.wrap_i64', c.op('i64.shr_u', rip, c.i64(32)));
  return c.call(lookup, 'i32', c.op('i32.wrap_i64', rip), hi);
}

/** (record): its block was reached another 256 times. Gives the record to go on at, 0 where nothing can be fetched any more. `hot`: the import that hears of it. */
export function warmFunction(hot: number): Code {
  const c = new Code(['i32']);
  const at = c.op('i32.and', c.op('i32.shr_u', c.param(0), c.i32(5)), c.i32(L.HEATS_COUNT - 1));
  const times = c.op('i32.add', c.load('i32.load8_u', at, L.HEATS), c.i32(1));
  const due = c.op('i32.ge_u', times, c.load('i32.load', c.i32(0), L.HEAT_STEP));
  c.store('i32.store8', at, c.select(due, c.i32(0), times), L.HEATS);
  c.if(c.op('i32.eqz', due), () => c.return(c.param(0)));
  c.return(c.call(hot, 'i32', c.param(0)));
  c.trapHere();
  return c;
}

/** (record): counts that it was reached, at its block's start. Gives the record to go on at, 0 where nothing can be fetched any more. */
export function reachFunction(warm: number): Code {
  const c = new Code(['i32']);
  const heat = c.op('i32.add', c.load('i32.load8_u', c.param(0), R.REC_HEAT), c.i32(1));
  c.store('i32.store8', c.param(0), heat, R.REC_HEAT);
  c.if(c.op('i32.le_u', heat, c.i32(0xff)), () => c.return(c.param(0)));
  c.return(c.call(warm, 'i32', c.param(0)));
  c.trapHere();
  return c;
}

/**
 * (entry): runs compiled code from there. Gives the record to interpret, or 0: rip is in the state, and either the budget is used up or nothing can be fetched
 * there. An entry gives the next one, or a record (negative), or 0: rip is in the state.
 */
export function compiledLoop(own: {
  type: number;
  lookup: number;
  reach: number;
  settle: number;
  often: number;
}): Code {
  const c = new Code(['i32']);
  const entry = c.var('i32');
  const result = c.var('i32');
  c.set(entry, c.param(0));
  c.block((done) => {
    c.loop((again) => {
      const left = c.op('i32.sub', c.load('i32.load', c.i32(0), L.SAMPLE), c.i32(1));
      c.store('i32.store', c.i32(0), left, L.SAMPLE);
      c.if(c.op('i32.eqz', left), () => c.set(entry, c.call(own.often, 'i32', c.get(entry))));
      c.store('i32.store', c.i32(0), c.i32(0), L.EXIT_FROM);
      const r = c.callIndirect(own.type, 'i32', c.get(entry), c.get(entry));
      c.set(entry, r);
      c.brIf(again, c.op('i32.gt_s', r, c.i32(0)));
      // With nothing left an entry gives its record, but the run ends: who led there has left rip in the state.
      c.set(result, c.i32(0));
      c.brIf(done, c.op('i32.le_s', c.load('i32.load', c.i32(0), L.BUDGET), c.i32(0)));
      c.set(result, r);
      c.brIf(done, r);
      const rip = c.load('i64.load', c.i32(0), L.RIP);
      const near = entrySlot(c, rip);
      c.set(entry, c.load('i32.load', near, L.ENTRY_HASH + 4));
      c.brIf(again, c.op('i64.eq', c.load('i64.load32_u', near, L.ENTRY_HASH), rip));
      const slot = slotOf(c, rip);
      c.if(c.op('i64.eq', c.load('i64.load', slot, L.RIP_HASH), rip), () => {
        c.set(entry, c.load('i32.load', slot, L.RIP_HASH + 12));
        c.if(c.get(entry), () => {
          c.store('i32.store', near, c.op('i32.wrap_i64', rip), L.ENTRY_HASH);
          c.store('i32.store', near, c.get(entry), L.ENTRY_HASH + 4);
          c.br(again);
        });
        c.set(result, c.load('i32.load', slot, L.RIP_HASH + 8));
      });
      c.if(c.op('i32.eqz', c.get(result)), () => {
        c.set(result, lookUp(c, own.lookup, rip));
        c.brIf(done, c.op('i32.eqz', c.get(result)));
      });
      c.set(result, c.call(own.reach, 'i32', c.get(result)));
    });
  });
  const kind = c.load('i32.load', c.i32(0), L.FLAG_KIND);
  c.if(kind, () =>
    c.callVoid(own.settle, kind, c.load('i64.load', c.i32(0), L.FLAG_RES), c.load('i64.load', c.i32(0), L.FLAG_WORD)),
  );
  c.return(c.get(result));
  c.trapHere();
  return c;
}
