// The code that the compiler makes of a function: run by the interpreter first, so that its blocks are known.
import { Cpu } from '../../src/cpu/cpu.ts';
import { interpreterModule } from '../../src/cpu/interp/module.ts';
import { Blocks } from '../../src/cpu/jit/blocks.ts';
import { Compiler, type CompilerParts, compilerParts, type Jit, type Owner } from '../../src/cpu/jit/compiler.ts';
import { Emitter } from '../../src/cpu/jit/emit.ts';
import { Planner } from '../../src/cpu/jit/region.ts';
import * as L from '../../src/cpu/layout.ts';
import { readTables } from '../../src/cpu/read-tables.ts';
import * as R from '../../src/cpu/record.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import { ModuleWriter } from '../../src/wasm/module.ts';
import { DATA } from './functions.ts';

export const CODE = 0x220000;
const STACK = 0x230000;
const RETURN = 0x22f000;
const SYSCALL = [0x0f, 0x05];

const { packed, handlers, packedHandlers } = makeTables();
let owner: Owner | undefined;
/** Compiles nothing: its owner is what is wanted. */
class Recorder extends Compiler {
  constructor(of: Owner, parts: CompilerParts, jit: Jit) {
    super(of, parts, jit);
    owner = of;
  }
  override hot(): void {}
}
const parts = compilerParts(packedHandlers);
const cpu = new Cpu({
  module: new WebAssembly.Module(interpreterModule(handlers)),
  tables: readTables(packed),
  jit: { eager: true, parts: () => ({ ...parts, Compiler: Recorder }) },
});

/** The module of the function's region; `name` says what a record is that the code names. */
export function emitted(
  code: Uint8Array,
  runs: readonly (readonly number[])[],
): {
  readonly module: Uint8Array;
  readonly instructions: number;
  readonly name: (value: number) => string | undefined;
} {
  cpu.recycle();
  cpu.protect(CODE, 0x10000, 5);
  cpu.protect(STACK, 0x1000, 3);
  cpu.protect(DATA, 0x1000, 3);
  cpu.u8.fill(0x61, DATA, DATA + 0x100);
  cpu.u8.fill(0, DATA + 0x100, DATA + 0x1000);
  cpu.u8.set(code, CODE);
  cpu.u8.set(SYSCALL, RETURN);
  for (const run of runs) {
    run.forEach((value, i) => cpu.set((['rdi', 'rsi', 'rdx'] as const)[i] ?? 'rdi', value));
    cpu.set('rsp', STACK + 0x800);
    cpu.view.setBigUint64(STACK + 0x800, BigInt(RETURN), true);
    cpu.set('rip', CODE);
    for (let turns = 0; cpu.run(1000).kind !== 'syscall'; turns++)
      if (turns > 9) throw new Error(`the function doesn't return: at ${cpu.get('rip').toString(16)}`);
  }
  const o = owner as Owner;
  const blocks = new Blocks(o.view, parts.handlers, o.jumps);
  const find = (rip: number): ReturnType<Owner['find']> => (rip < RETURN ? o.find(rip) : undefined);
  const root = find(CODE);
  if (!root) throw new Error('the function was never reached');
  const plan = new Planner({
    blocks,
    ripBase: 0,
    find,
    tier: 2,
    heat: (b) => blocks.visits(b),
    isEntry: () => false,
  }).plan(root);
  for (const n of plan.entries) n.block.copy ||= o.copy(n.block);
  let tables = L.JIT_TABLES;
  const table = (bytes: number): number => {
    tables += bytes;
    return tables - bytes;
  };
  const { code: body, calls } = new Emitter({ table, entryCell: () => table(4) }, o.view, blocks, 0, plan, {
    mode: 'usual',
    size: 'ordinary',
  }).emit(1);
  const m = new ModuleWriter();
  const names = [...new Set(calls.map((c) => c.of))];
  for (const i of names) m.importFunction('e', i.name, i.params, i.result ? [i.result] : []);
  for (const c of calls) c.at.imm = names.indexOf(c.of);
  m.function(['i32'], ['i32'], body);
  return {
    module: m.bytes(),
    instructions: plan.nodes.reduce((n, x) => n + x.instructions, 0),
    name: (value) => {
      const at = value >>> 0;
      if (at < L.CODE || at >= L.CODE_END) return undefined;
      return `the record of 0x${o.view.getUint32(at + R.REC_RIP, true).toString(16)}`;
    },
  };
}
