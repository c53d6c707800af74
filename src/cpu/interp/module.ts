// The interpreter's module: `run(record)` with the loop and the hot handlers, and a table of functions for the others.
import { SHARED } from '../../isa/shared.ts';
import { Code, type Node, type Var } from '../../wasm/code.ts';
import { ModuleWriter } from '../../wasm/module.ts';
import type { ValType } from '../../wasm/ops.ts';
import { HELPER_NAMES } from '../helper-names.ts';
import { CARRY } from '../jit/frame.ts';
import { carryFunction, settleFunction } from '../jit/lazy.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import { stateFlags } from '../state-flags.ts';
import { stringFunctions } from '../strings.ts';
import { type Frame, type Imports, InterpreterSem } from './binding.ts';
import { compiledLoop, lookUp, reachFunction, slotOf, warmFunction } from './compiled.ts';
import { addFunction, clearFunction, findFunction, lookupFunction, resolveFunction } from './find.ts';
import type { Handler, HandlerTable } from './handlers.ts';
import { translateFunction } from './translate.ts';

type FlagName = 'res' | 'cf' | 'of' | 'aux';
const FLAG_NAMES: readonly FlagName[] = ['res', 'cf', 'of', 'aux'];
/**
 * Exports: `run` (record; 0: from state RIP), which gives an exit code (record.ts), and `start`, which does the same in a loop so small that V8 optimizes it at once: the
 * other one takes it 50 to 100 ms, which a program that ends soon would have to wait for; `table`, into which the compiler puts its entries behind the handlers,
 * and `stub`, which stands there for an entry that is gone; `settle flags` and `carry flag` (jit/lazy.ts); `translate`, `add` and `clear` (translate.ts, find.ts); the shared functions
 * by name.
 */
export function interpreterModule(table: HandlerTable): Uint8Array {
  const m = new ModuleWriter();
  m.importMemory('e', 'memory', 1, 65536);
  const imports: Imports = {
    slow: m.importFunction('e', 'slow', ['i32', 'i32', 'i32'], ['i32']),
    commit: m.importFunction('e', 'commit', [], []),
    helper: m.importFunction('e', 'helper', ['i32', 'i32'], ['i32']),
    helperIds: new Map(HELPER_NAMES.map((n, i) => [n, i])),
  };
  const resolveOther = m.importFunction('e', 'resolve', ['i32', 'i32'], ['i32']);
  const lookupOther = m.importFunction('e', 'lookup', ['i32', 'i32'], ['i32']);
  const hot = m.importFunction('e', 'hot', ['i32'], ['i32']);
  const often = m.importFunction('e', 'often', ['i32'], ['i32']);
  const metered = m.importFunction('e', 'metered', ['i32'], []);
  const shared = new Map<string, { index: number; result: ValType }>();
  for (const s of SHARED) {
    for (const name of s.imports ?? [])
      if (!shared.has(name.name))
        shared.set(name.name, {
          index: m.importFunction('e', name.name, name.params, [name.result]),
          result: name.result,
        });
  }
  for (const s of SHARED) {
    const index = m.declare(s.params, [s.result]);
    shared.set(s.name, { index, result: s.result });
    m.export(s.name, index);
  }
  for (const s of SHARED) {
    const c = new Code(s.params);
    c.return(
      s.body(c, (name, ...args) =>
        c.call(
          (shared.get(name) as { index: number }).index,
          (shared.get(name) as { result: ValType }).result,
          ...args,
        ),
      ),
    );
    c.trapHere();
    m.define((shared.get(s.name) as { index: number }).index, c);
  }
  for (const { name, params, result, code } of stringFunctions()) {
    const index = m.function(params, [result], code);
    shared.set(name, { index, result });
    m.export(name, index);
  }
  // Those of the loop have a function as well, behind the others, for the small loop.
  const functions = [...table.handlers.slice(table.inline), ...table.handlers.slice(0, table.inline)].map((h) =>
    m.function(['i32'], ['i32'], coldHandler(h, imports, shared)),
  );
  const type = m.type(['i32'], ['i32']);
  m.table(functions, 'table');
  const stub = new Code(['i32']);
  stub.return(stub.i32(0));
  stub.trapHere();
  m.export('stub', m.function(['i32'], ['i32'], stub));
  const settle = m.function(['i32', 'i64', 'i64'], [], settleFunction());
  m.export('settle flags', settle);
  m.export(CARRY.name, m.function(CARRY.params, ['i32'], carryFunction(settle)));
  const translate = m.function(['i64', 'i32', 'i32', 'i32'], ['i32'], translateFunction());
  const add = m.function(['i32'], [], addFunction());
  m.export('translate', translate);
  m.export('add', add);
  m.export('clear', m.function([], [], clearFunction()));
  const find = m.function(['i32'], ['i32'], findFunction({ translate, add, metered }));
  const lookup = m.function(['i32', 'i32'], ['i32'], lookupFunction(find, lookupOther));
  const resolve = m.function(['i32', 'i32'], ['i32'], resolveFunction(find, resolveOther));
  const warm = m.function(['i32'], ['i32'], warmFunction(hot));
  const reach = m.function(['i32'], ['i32'], reachFunction(warm));
  const compiled = m.function(['i32'], ['i32'], compiledLoop({ type, lookup, reach, settle, often }));
  const own = { resolve, lookup, warm, reach, compiled, type };
  m.export('run', m.function(['i32'], ['i32'], mainLoop(table, imports, shared, own, table.inline)));
  m.export('start', m.function(['i32'], ['i32'], mainLoop(table, imports, shared, own, 0)));
  return m.bytes();
}

/** A handler of its own: flags in the state; 0 to go on with the next record, else an exit code. */
export function coldHandler(h: Handler, imports: Imports, shared: Frame['shared']): Code {
  const c = new Code(['i32']);
  const record = c.param(0);
  const setRip = (target: Node): void => {
    c.store('i64.store', c.i32(0), target, L.RIP);
  };
  const next = (): Node => new InterpreterSem(c, frame, h).nextRip().n;
  const frame: Frame = {
    record: () => record,
    imports,
    shared,
    flags: stateFlags(c),
    leave: (code) => c.return(code),
    branch: (condition) => {
      const behind = next();
      const far = c.op('i64.add', behind, c.loadConst('i64.load32_s', record, R.REC_IMM));
      // The operand size of 16 bits cuts the instruction pointer (AMD; Intel ignores the prefix in 64-bit mode).
      const to = h.size === 16 ? c.op('i64.and', far, c.i64(0xffff)) : far;
      setRip(condition ? c.select(condition, to, behind) : to);
      c.return(c.i32(R.EXIT_JUMP));
    },
    jump: (target) => {
      setRip(target);
      c.return(c.i32(R.EXIT_JUMP));
    },
  };
  new InterpreterSem(c, frame, h).emit();
  c.return(c.i32(0));
  c.trapHere();
  return c;
}

/** The interpreter, with so many of the handlers in its loop. Without any the flags are where the handlers' functions have them. */
function mainLoop(
  table: HandlerTable,
  imports: Imports,
  shared: Frame['shared'],
  own: { resolve: number; lookup: number; warm: number; reach: number; compiled: number; type: number },
  inlined: number,
): Code {
  const c = new Code(['i32']);
  const ip = c.var('i32');
  const code = c.var('i32');
  const budget = c.var('i32');
  const flags: Record<FlagName, Var> = { res: c.var('i64'), cf: c.var('i32'), of: c.var('i32'), aux: c.var('i32') };
  const memory = stateFlags(c);
  const held = inlined ? FLAG_NAMES : [];
  const loadFlags = (): void => held.forEach((n) => c.set(flags[n], memory.get(n)));
  const storeFlags = (): void => held.forEach((n) => memory.set(n, c.get(flags[n])));
  c.set(ip, c.param(0));
  c.if(c.op('i32.eqz', c.param(0)), () => {
    const rip = c.load('i64.load', c.i32(0), L.RIP);
    const found = c.ifElse(
      c.op('i64.eq', c.load('i64.load', slotOf(c, rip), L.RIP_HASH), rip),
      () => c.load('i32.load', slotOf(c, rip), L.RIP_HASH + 8),
      () => c.i32(0),
    );
    c.set(ip, found);
    c.if(c.op('i32.eqz', c.get(ip)), () => c.set(ip, lookUp(c, own.lookup, rip)));
    c.if(c.op('i32.eqz', c.get(ip)), () => c.return(c.i32(R.EXIT_FETCH)));
    c.set(ip, c.call(own.reach, 'i32', c.get(ip)));
    c.if(c.op('i32.eqz', c.get(ip)), () => c.return(c.i32(R.EXIT_FETCH)));
  });
  c.set(budget, c.load('i32.load', c.i32(0), L.BUDGET));
  loadFlags();
  c.block((exit) => {
    c.loop((top) => {
      const record = c.get(ip);
      const leave = (why: Node): void => {
        c.set(code, why);
        c.br(exit);
      };
      const charge = (): Node => {
        const left = c.op('i32.sub', c.get(budget), c.loadConst('i32.load8_u', record, R.REC_COUNT));
        c.set(budget, left);
        return left;
      };
      /** Goes on at the record in `ip`, which another look may have to find; the instructions up to here are charged. */
      const goTo = (left: Node, find: () => Node): void => {
        const found = (): void =>
          c.if(c.op('i32.eqz', c.get(ip)), () => {
            c.set(ip, record);
            leave(c.i32(R.EXIT_FETCH));
          });
        c.if(c.op('i32.eqz', c.get(ip)), () => {
          c.set(ip, find());
          found();
        });
        const to = c.get(ip);
        const heat = c.op('i32.add', c.load('i32.load8_u', to, R.REC_HEAT), c.i32(1));
        c.store('i32.store8', to, heat, R.REC_HEAT);
        c.if(c.op('i32.le_s', left, c.i32(0)), () => leave(c.i32(R.EXIT_BUDGET)));
        c.brIf(top, c.op('i32.le_u', heat, c.i32(0xff)));
        c.store('i32.store', c.i32(0), record, L.EXIT_FROM);
        c.set(ip, c.call(own.warm, 'i32', to));
        found();
        c.br(top);
      };
      const jump = (target: Node): void => {
        const left = charge();
        const slot = slotOf(c, target);
        const hit = c.op('i64.eq', c.load('i64.load', slot, L.RIP_HASH), target);
        c.set(ip, c.select(hit, c.load('i32.load', slot, L.RIP_HASH + 8), c.i32(0)));
        goTo(left, () => lookUp(c, own.lookup, target));
      };
      const frame: Frame = {
        record: () => record,
        imports,
        shared,
        leave,
        jump,
        flags: { get: (w) => c.get(flags[w]), set: (w, v) => c.set(flags[w], v) },
        branch: (condition) => {
          const left = charge();
          // Two branches and not one with a link chosen by the condition: what is predicted isn't waited for.
          const follow = (field: number, taken: number): void => {
            c.set(ip, c.load('i32.load', record, field));
            goTo(left, () => c.call(own.resolve, 'i32', record, c.i32(taken)));
          };
          if (condition) c.if(condition, () => follow(R.REC_TAKEN, 1));
          follow(condition ? R.REC_NEXT : R.REC_TAKEN, condition ? 0 : 1);
        },
      };
      const step = (): void => {
        c.set(ip, c.op('i32.add', record, c.i32(R.RECORD)));
        c.br(top);
      };
      const inline = table.handlers.slice(0, inlined).map((h) => (): void => {
        new InterpreterSem(c, frame, h).emit();
        if (!ENDS.has(h.op.name)) step();
      });
      /** The record's code is gone (self-modified): count what came before it, look its place up again. */
      const invalid = (): void => {
        const left = c.op(
          'i32.sub',
          c.get(budget),
          c.op('i32.sub', c.loadConst('i32.load8_u', record, R.REC_COUNT), c.i32(1)),
        );
        c.set(budget, left);
        const hi = c.load('i32.load', c.i32(0), L.RIP_BASE + 4);
        c.set(ip, c.i32(0));
        goTo(left, () => c.call(own.lookup, 'i32', c.loadConst('i32.load', record, R.REC_RIP), hi));
      };
      /** Works an address out, of 32 bits or as it is, and adds its segment. */
      const workOut = (narrow: boolean) => (): void => {
        const reg = (at: number): Node => c.load('i64.load', c.loadConst('i32.load16_u', record, at));
        const index = c.op('i64.shl', reg(R.REC_INDEX), c.loadConst('i64.load8_u', record, R.REC_SCALE));
        const sum = c.op(
          'i64.add',
          c.op('i64.add', reg(R.REC_BASE), c.loadConst('i64.load', record, R.REC_DISP)),
          index,
        );
        const offset = narrow ? c.op('i64.and', sum, c.i64(0xffffffffn)) : sum;
        c.store('i64.store', c.i32(0), c.op('i64.add', offset, reg(R.REC_SEG)), L.SCRATCH_REG);
        step();
      };
      const faulting = (): void => {
        c.store('i32.store', c.i32(0), c.loadConst('i32.load', record, R.REC_IMM), L.FAULT_VECTOR);
        c.store('i32.store', c.i32(0), c.i32(0), L.FAULT_ERROR);
        leave(c.i32(R.EXIT_FAULT));
      };
      const enter = (): void => {
        storeFlags();
        c.store('i32.store', c.i32(0), c.get(budget), L.BUDGET);
        c.set(ip, c.call(own.compiled, 'i32', c.load('i32.load', record, R.REC_ENTRY)));
        loadFlags();
        const left = c.load('i32.load', c.i32(0), L.BUDGET);
        if (!inlined) {
          const used = c.op('i32.sub', c.get(budget), left);
          c.store('i32.store', c.i32(0), c.op('i32.add', c.load('i32.load', c.i32(0), L.COMPILED), used), L.COMPILED);
        }
        c.set(budget, left);
        c.brIf(top, c.get(ip));
        c.set(ip, record);
        const ranOut = c.op('i32.le_s', c.get(budget), c.i32(0));
        leave(c.select(ranOut, c.i32(R.EXIT_RAN_OUT), c.i32(R.EXIT_FETCH)));
      };
      const op = c.loadConst('i32.load16_u', record, R.REC_OP);
      const coldCase = (): void => {
        storeFlags();
        const behind = c.op(
          'i32.sub',
          c.loadConst('i32.load16_u', record, R.REC_OP),
          c.i32(R.FIRST_HANDLER + table.inline),
        );
        const total = c.i32(table.handlers.length);
        const index = inlined
          ? behind
          : c.select(c.op('i32.lt_s', behind, c.i32(0)), c.op('i32.add', behind, total), behind);
        const result = c.callIndirect(own.type, 'i32', index, record);
        loadFlags();
        c.if(c.op('i32.eqz', result), step);
        c.if(c.op('i32.eq', result, c.i32(R.EXIT_JUMP)), () => jump(c.load('i64.load', c.i32(0), L.RIP)));
        leave(result);
      };
      const ours = [invalid, () => frame.branch(undefined), workOut(true), faulting, enter, workOut(false)];
      c.cases(op, [...ours, ...inline], coldCase);
    });
  });
  storeFlags();
  c.store('i32.store', c.i32(0), c.get(budget), L.BUDGET);
  c.store('i32.store', c.i32(0), c.get(ip), L.EXIT_RECORD);
  c.return(c.get(code));
  c.trapHere();
  return c;
}

/** Operations whose meaning always leaves for another record. */
const ENDS = new Set(['j', 'jmp', 'call', 'ret']);
