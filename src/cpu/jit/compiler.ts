// The compiler on one address space: which blocks are hot, what is compiled, and that nothing stale is run.
import { ops } from '../../isa/index.ts';
import { ModuleWriter } from '../../wasm/module.ts';
import { entryHashSlot } from '../interp/compiled.ts';
import * as L from '../layout.ts';
import type { Meter } from '../meter.ts';
import * as R from '../record.ts';
import type { Block } from '../translations.ts';
import { Blocks } from './blocks.ts';
import { type Emitted, Emitter } from './emit.ts';
import { type Flavour, flavourOf } from './float.ts';
import { type Import, type ImportCall, REFUSED } from './frame.ts';
import { PackedHandlers } from './handler-table.ts';
import { type Plan, Planner, type RegionNode, type Tier } from './region.ts';

/**
 * Visits of a block before it is compiled: a region costs some 50 microseconds an instruction, as much as the interpreter takes for several thousand. While a
 * program is young more of them, as it may end soon; with each instruction less from GROWN on until it is OLD.
 */
const THRESHOLD = 4096;
const YOUNG_THRESHOLD = 131072;
const GROWN = 32e6;
const OLD = 64e6;
/** Times an entry is found taken (one of R.SAMPLED is looked at) before it is compiled together with what leads to it and what it leads to. */
const OFTEN = 256;
/** Where everything is compiled at once: that, and of how many entries one is looked at. */
const EAGER = { often: 1, sampled: 5 } as const;
/** Beyond it a region's tables may not find room. */
const TABLES_FULL = L.JIT_TABLES_END - 0x100_0000;
/** Drops of a page's compiled code from which on it is compiled with more patience each time. */
const MANY_DROPS = 8;
/** Regions of one module at most. */
const MOST_TOGETHER = 16;
/** A region of the second tier larger than this is gone on in, a smaller one's code is written in place. */
const LARGE = 150;
/** Times a block is compiled anew because MXCSR has changed, or numbers had; then for any MXCSR. */
const MOST_TURNS = 8;
const HASH = L.ENTRY_HASH >>> 2;
/** An address that isn't looked for in a slot of ENTRY_HASH, as it belongs into another. */
const nowhere = (slot: number): number => (slot === HASH ? 1 : 0);
const MOST_ENTRIES = (L.ENTRIES_END - L.ENTRIES) / 4;

/** What all compilers of a machine share. */
export interface CompilerParts {
  readonly Compiler: typeof Compiler;
  readonly handlers: PackedHandlers;
}
/** From what packHandlers made. */
export function compilerParts(packedHandlers: Uint8Array): CompilerParts {
  return { Compiler, handlers: new PackedHandlers(packedHandlers, ops) };
}
/** The compiler as a CPU is given it. */
export interface Jit {
  /** Everything is compiled when it is first reached. */
  readonly eager: boolean;
  /** Visits of a block before it is compiled, in however short a program; default: what compiling is worth. */
  readonly threshold?: number;
  /** Its parts: the first to ask has them loaded. Undefined while they are on their way: programs go on in the interpreter. */
  readonly parts: () => CompilerParts | undefined;
  /** How modules are made, where there is more to it than the constructor. */
  readonly compile?: (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;
}

/** What the compiler asks of its CPU. */
export interface Owner {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly u32: Uint32Array;
  /** Exports of the interpreter's instance (interp/module.ts). */
  readonly shared: Record<string, unknown>;
  readonly ripBase: () => number;
  /** Instructions retired up to some place not long ago. */
  retired(): number;
  find(rip: number): Block | undefined;
  copy(b: Block): number;
  /** Where indirect jumps went, by the address of the jump. */
  readonly jumps: ReadonlyMap<number, readonly number[]>;
  /** Blocks start anew: the space for something is used up. */
  dropAll(): void;
  readonly meter: Meter | undefined;
}

interface Region {
  readonly root: Block;
  readonly tier: Tier;
  readonly first: number;
  readonly entries: readonly Block[];
  readonly blocks: readonly Block[];
  /** Instructions. */
  readonly size: number;
  /** What it takes MXCSR to be; undefined where that doesn't matter. */
  readonly flavour: Flavour | undefined;
}

export class Compiler {
  readonly #owner: Owner;
  readonly #blocks: Blocks;
  readonly #eager: boolean;
  readonly #threshold: number | undefined;
  readonly #compileModule: (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;
  readonly #often: number;
  readonly #sampled: number;
  /** How often entries were found taken, by number. */
  readonly #taken: number[] = [];
  /** Blocks that were hot, but not hot enough yet. */
  readonly #warm = new Set<Block>();
  readonly #table: WebAssembly.Table;
  readonly #stub: unknown;
  readonly #imports: Readonly<Record<string, WebAssembly.ImportValue>>;
  /** Entry numbers by block, and the regions a block is part of. */
  readonly #entry = new Map<Block, number>();
  readonly #entries: (Block | undefined)[] = [];
  readonly #regions = new Map<Block, Region[]>();
  /** Times compiled code of a page was dropped, by page number. */
  readonly #dropped = new Map<number, number>();
  /** Times an entry was compiled anew because of MXCSR, by block. */
  readonly #turns = new Map<Block, number>();
  /** Where the numbers of entries stand for other regions, by address. */
  readonly #cells = new Map<number, number>();
  /** Table slots before it are the interpreter's. */
  readonly #start: number;
  #next: number;
  #tables = L.JIT_TABLES;

  constructor(owner: Owner, parts: CompilerParts, jit: Jit) {
    this.#owner = owner;
    this.#eager = jit.eager;
    this.#threshold = jit.threshold;
    this.#compileModule = jit.compile ?? ((bytes) => new WebAssembly.Module(bytes));
    // Who wants it early wants all of it early.
    const early = jit.eager || jit.threshold !== undefined;
    this.#often = early ? EAGER.often : OFTEN;
    this.#sampled = early ? EAGER.sampled : R.SAMPLED;
    this.#blocks = new Blocks(owner.view, parts.handlers, owner.jumps);
    this.#table = owner.shared.table as WebAssembly.Table;
    this.#start = this.#next = this.#table.length;
    this.#stub = owner.shared.stub;
    this.#imports = {
      ...(owner.shared as Record<string, WebAssembly.ImportValue>),
      [REFUSED.name]: (entry: number) => this.#refused(entry),
      memory: owner.memory,
    };
    this.#clear();
  }
  /** No entry was ever taken. */
  #clear(): void {
    const { u32 } = this.#owner;
    u32[L.SAMPLE >>> 2] = this.#sampled;
    u32.fill(0, HASH, HASH + 2 * L.ENTRY_HASH_ENTRIES);
    u32[HASH] = nowhere(HASH);
    this.#taken.length = 0;
  }
  /** The number of a block's entry, 0 where it has none. */
  entryOf(b: Block): number {
    return this.#entry.get(b) ?? 0;
  }
  /** An entry doesn't let in because of MXCSR: the block is compiled anew. Gives where to go on, as the entry would. */
  #refused(number: number): number {
    const { u32 } = this.#owner;
    const b = this.#entries[number] as Block;
    u32[L.RIP >>> 2] = b.rip >>> 0;
    u32[(L.RIP >>> 2) + 1] = Math.floor(b.rip / 0x1_0000_0000);
    const turns = (this.#turns.get(b) ?? 0) + 1;
    this.#turns.set(b, turns);
    let tier: Tier = 1;
    for (const r of this.#regions.get(b) ?? [])
      if (r.flavour && r.entries.includes(b)) {
        if (r.tier === 2) tier = 2;
        this.#drop(r);
      }
    this.#compile([b], turns > MOST_TURNS ? { ...this.#flavour, mode: 'exact' } : this.#flavour, tier);
    return this.#entry.get(b) ?? 0;
  }
  get #flavour(): Flavour {
    const { u32 } = this.#owner;
    return flavourOf(u32[L.MXCSR >>> 2] as number, u32[L.FP_BEYOND >>> 2] as number);
  }
  /** The block of an entry. */
  at(number: number): Block | undefined {
    return this.#entries[number];
  }
  /** An entry was found taken: where that was often it is compiled in a larger region. Gives the entry to take, which may be one that leads to state RIP. */
  taken(number: number): number {
    const { u32 } = this.#owner;
    u32[L.SAMPLE >>> 2] = this.#sampled;
    const b = this.#entries[number];
    if (!b) return number;
    const times = (this.#taken[number] ?? 0) + 1;
    this.#taken[number] = times;
    if (times < this.#often || this.#secondTier(b)) return number;
    u32[L.RIP >>> 2] = b.rip >>> 0;
    u32[(L.RIP >>> 2) + 1] = Math.floor(b.rip / 0x1_0000_0000);
    this.#compile([b], this.#flavour, 2);
    return this.#entry.get(b) ?? number;
  }
  /** How often a block was run, as far as that is known: within compiled code by how often that was entered. */
  #heat(b: Block): number {
    let most = this.#blocks.visits(b);
    for (const r of this.#regions.get(b) ?? []) {
      let entered = 0;
      for (let i = 0; i < r.entries.length; i++) entered += this.#taken[r.first + i] ?? 0;
      entered *= this.#sampled;
      const share = Math.min(1, this.#blocks.visits(b) / Math.max(1, this.#blocks.visits(r.root)));
      most = Math.max(most, entered * share);
    }
    return most;
  }
  /** The region of the second tier that a block is an entry of. */
  #secondTier(b: Block): Region | undefined {
    const number = this.#entry.get(b);
    if (number === undefined) return undefined;
    return this.#regions.get(b)?.find((r) => r.tier === 2 && r.entries[number - r.first] === b);
  }
  /** There is compiled code of the block, as an entry or within a region. */
  has(b: Block): boolean {
    return this.#regions.has(b);
  }
  /** A block was reached another 256 times. */
  hot(b: Block): void {
    if (this.#entry.has(b)) return;
    const times = this.#dropped.get(Math.floor(b.rip / L.PAGE)) ?? 0;
    // Code that is written again and again isn't worth it, unless it runs that much more often.
    const patience = times > MANY_DROPS ? 256 << Math.min(times - MANY_DROPS, 20) : 0;
    if (this.#eager) return this.#compile([b], this.#flavour, 1);
    const enough = this.#enough();
    if (b.heat >= enough + patience) {
      this.#warm.delete(b);
      this.#compileWarm(b, enough);
    } else if (!patience) this.#warm.add(b);
  }
  #enough(): number {
    if (this.#threshold !== undefined) return this.#threshold;
    const age = Math.min(1, Math.max(0, (this.#owner.retired() - GROWN) / (OLD - GROWN)));
    return YOUNG_THRESHOLD + age * (THRESHOLD - YOUNG_THRESHOLD);
  }

  /** Compiles what is about as hot as a block that is due together with it: modules cost V8 more than functions. */
  #compileWarm(b: Block, enough: number): void {
    const roots = [b];
    for (const w of this.#warm) {
      if (roots.length === MOST_TOGETHER) break;
      if (w === b || w.heat * 2 < enough) continue;
      this.#warm.delete(w);
      roots.push(w);
    }
    this.#compile(roots, this.#flavour, 1);
  }
  /** A region for each of the blocks that has none by then, in one module. */
  #compile(roots: readonly Block[], flavour: Flavour, tier: Tier): void {
    const owner = this.#owner;
    const made: Region[] = [];
    const calls: ImportCall[] = [];
    const functions: Emitted[] = [];
    let nodes: readonly RegionNode[] = [];
    for (const root of roots) {
      if (made.length && this.#regions.has(root)) continue;
      const plan = this.#plan(root, tier);
      const entries = plan.entries.map((n) => n.block);
      if (this.#next + entries.length > MOST_ENTRIES || this.#tables > TABLES_FULL) return owner.dropAll();
      const first = this.#next;
      this.#next += entries.length;
      // Before the next region may find no room: reset() empties the slots of all numbers given out.
      if (this.#table.length < this.#next) this.#table.grow(Math.max(1024, this.#next - this.#table.length));
      for (const b of entries) b.copy ||= owner.copy(b);
      const code = new Emitter(this, owner.view, this.#blocks, owner.ripBase(), plan, flavour).emit(first);
      functions.push(code);
      calls.push(...code.calls);
      nodes = nodes.concat(plan.nodes);
      const region = {
        root,
        tier,
        first,
        entries,
        blocks: [...new Set(plan.nodes.map((n) => n.block))],
        size: plan.nodes.reduce((sum, n) => sum + n.instructions, 0),
        flavour: code.float && flavour.mode !== 'exact' ? flavour : undefined,
      };
      made.push(region);
      for (const b of region.blocks) {
        const list = this.#regions.get(b);
        if (list) list.push(region);
        else this.#regions.set(b, [region]);
      }
      entries.forEach((b, i) => this.#entry.set(b, first + i));
    }
    const f = this.#instantiate(functions, calls, nodes);
    made.forEach((r, i) => this.#enter(r, f[i] as unknown));
  }
  #plan(root: Block, tier: Tier): Plan {
    const owner = this.#owner;
    const known = new Map<Block, number>();
    const heat = (b: Block): number => {
      let h = known.get(b);
      if (h === undefined) {
        h = this.#heat(b);
        known.set(b, h);
      }
      return h;
    };
    return new Planner({
      blocks: this.#blocks,
      ripBase: owner.ripBase(),
      find: (rip) => owner.find(rip),
      tier,
      heat: tier === 1 ? (b) => this.#blocks.visits(b) : heat,
      isEntry: (b) => (tier === 1 ? this.#entry.has(b) : (this.#secondTier(b)?.size ?? 0) > LARGE),
    }).plan(root);
  }
  /** Leads control into a region by its function. */
  #enter(region: Region, f: unknown): void {
    const owner = this.#owner;
    const { first, entries } = region;
    const before = new Set(entries.flatMap((b) => this.#regions.get(b) ?? []));
    entries.forEach((b, i) => {
      const number = first + i;
      this.#table.set(number, f);
      this.#entries[number] = b;
      owner.u32[(L.ENTRIES >>> 2) + number] = b.copy;
      this.#taken[number] = 0;
      owner.view.setUint16(b.first + R.REC_OP, R.OP_ENTER, true);
      owner.u32[(b.first + R.REC_ENTRY) >>> 2] = number;
      this.#lead(b, number);
    });
    // What can be entered nowhere any more is gone.
    for (const r of before)
      if (r !== region && r.entries.every((b, i) => this.#entry.get(b) !== r.first + i)) this.#drop(r);
  }
  #instantiate(
    functions: readonly Emitted[],
    calls: readonly ImportCall[],
    nodes: readonly RegionNode[],
  ): readonly unknown[] {
    const owner = this.#owner;
    const m = new ModuleWriter();
    m.importMemory('e', 'memory', 1, 65536, !(owner.memory.buffer instanceof ArrayBuffer));
    const indices = new Map<Import, number>();
    const imports: Record<string, WebAssembly.ImportValue> = { memory: owner.memory };
    for (const { of, at } of calls) {
      let index = indices.get(of);
      if (index === undefined) {
        index = m.importFunction('e', of.name, of.params, of.result ? [of.result] : []);
        indices.set(of, index);
        imports[of.name] = this.#imports[of.name] as WebAssembly.ImportValue;
      }
      at.imm = index;
    }
    functions.forEach(({ code }, i) => m.export(`${i}`, m.function(['i32'], ['i32'], code)));
    const bytes = m.bytes();
    const { meter } = owner;
    const before = meter?.begin('build');
    const { exports } = new WebAssembly.Instance(this.#compileModule(bytes), { e: imports });
    if (meter && before) {
      meter.begin(before);
      meter.compiled(functions.length, nodes, bytes.length);
    }
    return functions.map((_, i) => exports[`${i}`]);
  }
  entryCell(rip: number): number {
    let cell = this.#cells.get(rip);
    if (cell === undefined) {
      cell = this.table(4);
      this.#cells.set(rip, cell);
      const b = this.#owner.find(rip);
      if (b) this.#owner.u32[cell >>> 2] = this.entryOf(b);
    }
    return cell;
  }
  table(bytes: number): number {
    const at = this.#tables;
    this.#tables += (bytes + 3) & ~3;
    new Uint8Array(this.#owner.view.buffer, at, bytes).fill(0);
    return at;
  }
  /** Makes the ways to a block from elsewhere lead to an entry, or with 0 no longer to one. */
  #lead(b: Block, number: number): void {
    const { u32 } = this.#owner;
    const cell = this.#cells.get(b.rip);
    if (cell !== undefined) u32[cell >>> 2] = number;
    const near = entryHashSlot(b.rip) >>> 2;
    if (number || u32[near] === b.rip) {
      u32[near] = number ? b.rip : nowhere(near);
      u32[near + 1] = number;
    }
    const slot = (L.RIP_HASH + ((b.rip & (L.RIP_HASH_ENTRIES - 1)) << 4)) >>> 2;
    if (u32[slot] === b.rip >>> 0 && u32[slot + 1] === Math.floor(b.rip / 0x1_0000_0000)) u32[slot + 3] = number;
  }

  /** A block is gone: so is all code that was made from it. */
  dropped(b: Block): void {
    this.#warm.delete(b);
    if (this.#regions.has(b)) {
      const page = Math.floor(b.rip / L.PAGE);
      this.#dropped.set(page, (this.#dropped.get(page) ?? 0) + 1);
    }
    for (const r of this.#regions.get(b) ?? []) this.#drop(r);
    this.#regions.delete(b);
  }
  #drop(region: Region): void {
    const { meter } = this.#owner;
    if (meter) meter.counts.dropped++;
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
      this.#entries[number] = undefined;
      if (this.#entry.get(b) !== number) return;
      this.#entry.delete(b);
      this.#lead(b, 0);
      const { view } = this.#owner;
      view.setUint16(b.first + R.REC_OP, view.getUint16(b.copy + R.REC_OP, true), true);
      view.setUint32(b.first + R.REC_IMM, view.getUint32(b.copy + R.REC_IMM, true), true);
      b.heat = 0;
    });
  }
  /** All blocks are gone. */
  reset(): void {
    for (let i = this.#start; i < this.#next; i++) this.#table.set(i, this.#stub);
    this.#next = this.#start;
    this.#entries.length = 0;
    this.#turns.clear();
    this.#cells.clear();
    this.#tables = L.JIT_TABLES;
    this.#owner.u32[L.FP_BEYOND >>> 2] = 0;
    this.#clear();
    this.#entry.clear();
    this.#regions.clear();
    this.#dropped.clear();
    this.#warm.clear();
  }
}
