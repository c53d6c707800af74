// The compiler on one address space: which blocks are hot, what is compiled, and that nothing stale is run.
import { ops } from '../../isa/index.ts';
import { ModuleWriter } from '../../wasm/module.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Block } from '../translate.ts';
import { Blocks } from './blocks.ts';
import { dispatcherModule } from './dispatcher.ts';
import { Emitter } from './emit.ts';
import type { Import } from './frame.ts';
import { PackedHandlers } from './handler-table.ts';
import { type Plan, Planner } from './region.ts';

/** Visits of a block before it is compiled. */
const THRESHOLD = 1024;
const MOST_ENTRIES = (L.ENTRIES_END - L.ENTRIES) / 4;

/** What all compilers of a machine share. */
export interface CompilerParts {
  readonly Compiler: typeof Compiler;
  readonly handlers: PackedHandlers;
  readonly dispatcher: WebAssembly.Module;
}
/** From what packHandlers made. */
export function compilerParts(packedHandlers: Uint8Array): CompilerParts {
  return {
    Compiler,
    handlers: new PackedHandlers(packedHandlers, ops),
    dispatcher: new WebAssembly.Module(dispatcherModule()),
  };
}
/** The compiler as a CPU is given it. */
export interface Jit {
  /** Everything is compiled when it is first reached. */
  readonly eager: boolean;
  /** Its parts: the first to ask has them loaded. */
  readonly parts: () => CompilerParts;
}

/** What the compiler asks of its CPU. */
export interface Owner {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly u32: Uint32Array;
  /** Exports of the interpreter's instance: the shared functions by name. */
  readonly shared: Record<string, unknown>;
  readonly ripBase: () => number;
  find(rip: number): Block | undefined;
  copy(b: Block): number;
  /** Blocks start anew: the space for something is used up. */
  dropAll(): void;
}

interface Region {
  readonly first: number;
  readonly entries: readonly Block[];
  readonly blocks: readonly Block[];
}

export class Compiler {
  readonly #owner: Owner;
  readonly #blocks: Blocks;
  readonly #threshold: number;
  readonly #table: WebAssembly.Table;
  readonly #stub: unknown;
  readonly #settle: WebAssembly.ImportValue;
  /** See dispatcherModule. */
  readonly enter: (entry: number) => number;
  /** Entry numbers by block, and the regions a block is part of. */
  readonly #entry = new Map<Block, number>();
  readonly #regions = new Map<Block, Region[]>();
  #next = 1;

  constructor(owner: Owner, parts: CompilerParts, eager: boolean) {
    this.#owner = owner;
    this.#threshold = eager ? 0 : THRESHOLD;
    this.#blocks = new Blocks(owner.view, parts.handlers);
    const instance = new WebAssembly.Instance(parts.dispatcher, { e: { memory: owner.memory } });
    this.#table = instance.exports.table as WebAssembly.Table;
    this.#stub = instance.exports.stub;
    this.#settle = instance.exports.settle as WebAssembly.ImportValue;
    this.enter = instance.exports.enter as (entry: number) => number;
  }
  /** The number of a block's entry, 0 where it has none. */
  entryOf(b: Block): number {
    return this.#entry.get(b) ?? 0;
  }
  /** A block was reached another 256 times. */
  hot(b: Block): void {
    if (b.heat >= this.#threshold && !this.#entry.has(b)) this.#compile(b);
  }

  #compile(root: Block): void {
    const owner = this.#owner;
    const ripBase = owner.ripBase();
    const plan = new Planner({ blocks: this.#blocks, ripBase, find: (rip) => owner.find(rip) }).plan(root);
    const entries = plan.entries.map((n) => n.block);
    if (this.#next + entries.length > MOST_ENTRIES) return owner.dropAll();
    const first = this.#next;
    this.#next += entries.length;
    for (const b of entries) b.copy ||= owner.copy(b);
    const f = this.#instantiate(plan, ripBase, first);
    if (this.#table.length < this.#next) this.#table.grow(Math.max(1024, entries.length));
    const region: Region = { first, entries, blocks: [...new Set(plan.nodes.map((n) => n.block))] };
    for (const b of region.blocks) {
      const list = this.#regions.get(b);
      if (list) list.push(region);
      else this.#regions.set(b, [region]);
    }
    entries.forEach((b, i) => {
      const number = first + i;
      this.#table.set(number, f);
      this.#entry.set(b, number);
      owner.u32[(L.ENTRIES >>> 2) + number] = b.copy;
      owner.view.setUint16(b.first + R.REC_OP, R.OP_ENTER, true);
      this.#hash(b, number);
    });
  }
  #instantiate(plan: Plan, ripBase: number, first: number): unknown {
    const owner = this.#owner;
    const { code, calls } = new Emitter(owner.view, this.#blocks, ripBase, plan).emit(first);
    const m = new ModuleWriter();
    m.importMemory('e', 'memory', 1, 65536);
    const indices = new Map<Import, number>();
    const imports: Record<string, WebAssembly.ImportValue> = { memory: owner.memory };
    for (const { of, at } of calls) {
      let index = indices.get(of);
      if (index === undefined) {
        index = m.importFunction('e', of.name, of.params, of.result ? [of.result] : []);
        indices.set(of, index);
        imports[of.name] =
          of.name === 'settle flags' ? this.#settle : (owner.shared[of.name] as WebAssembly.ImportValue);
      }
      at.imm = index;
    }
    m.export('f', m.function(['i32'], ['i32'], code));
    return new WebAssembly.Instance(new WebAssembly.Module(m.bytes()), { e: imports }).exports.f;
  }
  /** The hash's entry, if it is about the block. */
  #hash(b: Block, number: number): void {
    const { u32 } = this.#owner;
    const slot = (L.RIP_HASH + ((b.rip & (L.RIP_HASH_ENTRIES - 1)) << 4)) >>> 2;
    if (u32[slot] === b.rip >>> 0 && u32[slot + 1] === Math.floor(b.rip / 0x1_0000_0000)) u32[slot + 3] = number;
  }

  /** A block is gone: so is all code that was made from it. */
  dropped(b: Block): void {
    for (const r of this.#regions.get(b) ?? []) this.#drop(r);
    this.#regions.delete(b);
  }
  #drop(region: Region): void {
    for (const b of region.blocks) {
      const list = this.#regions.get(b);
      if (!list) continue;
      const rest = list.filter((r) => r !== region);
      if (rest.length) this.#regions.set(b, rest);
      else this.#regions.delete(b);
    }
    region.entries.forEach((b, i) => {
      const number = region.first + i;
      this.#table.set(number, this.#stub);
      if (this.#entry.get(b) !== number) return;
      this.#entry.delete(b);
      this.#hash(b, 0);
      const { view } = this.#owner;
      view.setUint16(b.first + R.REC_OP, view.getUint16(b.copy + R.REC_OP, true), true);
      b.heat = 0;
    });
  }
  /** All blocks are gone. */
  reset(): void {
    for (let i = 1; i < this.#next; i++) this.#table.set(i, this.#stub);
    this.#next = 1;
    this.#entry.clear();
    this.#regions.clear();
  }
}
