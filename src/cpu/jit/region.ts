// Which blocks are compiled together: the hottest ones reached from a hot block without leaving its function, with small functions it calls written where they
// are called. Code that can be entered elsewhere already isn't compiled again: control goes on there.
import type { Block } from '../translations.ts';
import type { Blocks, Ending } from './blocks.ts';

/**
 * The first time little is compiled together. What is entered from elsewhere very often is compiled again: with the functions it calls, small ones written in
 * place, and with what was compiled before.
 */
export type Tier = 1 | 2;
/** Blocks and instructions of a region at most: V8's optimizer takes more than proportional time. */
const MOST = { 1: { blocks: 30, instructions: 300 }, 2: { blocks: 60, instructions: 600 } } as const;
/** A function this small is written where it is called. */
const INLINE_BLOCKS = 14;
const INLINE_INSTRUCTIONS = 120;
const INLINE_DEPTH = 3;
/** Functions that an indirect call is compared with. */
const MOST_CALLEES = 2;
/** A block is left out when it was reached this many times less often than the region's first. */
const COLD = 32;
/** So much less often, and a call isn't worth the room that its function takes. */
const COLD_CALL = 4;

/** A call being inside of: where it returns to, in which call's code that is. */
export interface Context {
  readonly entry: number;
  readonly back: number;
  readonly outer: Context | undefined;
  readonly depth: number;
}
/** Where control may go: to another node, or out of the region at an address. */
export type Edge = { readonly to: RegionNode } | { readonly out: number };
export interface RegionNode {
  readonly block: Block;
  readonly context: Context | undefined;
  readonly ending: Ending;
  readonly instructions: number;
  /** By the ending: jump, call: one; branch: taken, next. */
  edges: Edge[];
  /** Return or indirect: where control is thought to go. */
  guesses: RegionNode[];
}
export interface Plan {
  readonly nodes: readonly RegionNode[];
  /** The first, and where control comes from elsewhere: behind calls, from indirect jumps, at starts of loops and functions. */
  readonly entries: readonly RegionNode[];
}
export interface Source {
  readonly blocks: Blocks;
  readonly ripBase: number;
  /** The block at an address, if it was ever reached. */
  find(rip: number): Block | undefined;
  readonly tier: Tier;
  /** How often a block was run, roughly. */
  heat(b: Block): number;
  /** Compiled code can be entered there already, and that is good enough. */
  isEntry(b: Block): boolean;
}
interface Candidate {
  readonly block: Block;
  readonly context: Context | undefined;
  readonly visits: number;
}

export class Planner {
  readonly #s: Source;
  readonly #nodes = new Map<Context | undefined, Map<number, RegionNode>>();
  readonly #list: RegionNode[] = [];
  readonly #entries = new Set<RegionNode>();
  readonly #candidates: Candidate[] = [];
  /** Of calls written in place, by the node that calls and the function's address. */
  readonly #inlined = new Map<RegionNode, Map<number, Context>>();
  #instructions = 0;
  readonly #most: { readonly blocks: number; readonly instructions: number };
  #least = 0;
  #often = 0;

  constructor(source: Source) {
    this.#s = source;
    this.#most = MOST[source.tier];
  }
  plan(root: Block): Plan {
    const visits = this.#s.heat(root);
    this.#least = visits / COLD;
    this.#often = visits / COLD_CALL;
    this.#entries.add(this.#node(root, undefined));
    for (let c = this.#hottest(); c; c = this.#hottest())
      if (!this.#nodes.get(c.context)?.has(c.block.rip)) this.#node(c.block, c.context);
    const backs: RegionNode[] = [];
    for (const n of this.#list) this.#connect(n, backs);
    for (const n of this.#list) if (n.ending.kind === 'return' && !n.context) n.guesses = backs;
    this.#loops();
    return { nodes: this.#list, entries: [...this.#entries] };
  }
  #hottest(): Candidate | undefined {
    if (this.#list.length >= this.#most.blocks || this.#instructions >= this.#most.instructions) return undefined;
    const list = this.#candidates;
    let best = 0;
    for (let i = 1; i < list.length; i++)
      if ((list[i] as Candidate).visits > (list[best] as Candidate).visits) best = i;
    return list.splice(best, 1)[0];
  }
  #node(block: Block, context: Context | undefined): RegionNode {
    let of = this.#nodes.get(context);
    if (!of) {
      of = new Map();
      this.#nodes.set(context, of);
    }
    const { blocks, ripBase } = this.#s;
    const ending = blocks.ending(block, ripBase);
    const n: RegionNode = { block, context, ending, instructions: blocks.count(block), edges: [], guesses: [] };
    of.set(block.rip, n);
    this.#list.push(n);
    this.#instructions += n.instructions;
    this.#reach(n);
    return n;
  }
  /** Blocks that control may go to from a node become candidates. */
  #reach(n: RegionNode): void {
    const e = n.ending;
    const { context } = n;
    switch (e.kind) {
      case 'jump':
        return this.#candidate(e.to, context);
      case 'branch':
        this.#candidate(e.taken, context);
        return this.#candidate(e.next, context);
      case 'call':
        if (this.#inline(n, e.to, e.back)) return;
        if (this.#s.tier === 2 || this.#passes(e.to)) this.#candidate(e.to, undefined);
        return context ? undefined : this.#candidate(e.back, undefined);
      case 'return':
        return context && this.#candidate(context.back, context.outer);
      case 'indirect jump':
        for (const t of e.targets) this.#candidate(t, context);
        return;
      case 'indirect call':
        for (const t of e.targets.slice(0, MOST_CALLEES)) this.#inline(n, t, e.back);
        if (!context) this.#candidate(e.back, undefined);
    }
  }
  #candidate(rip: number, context: Context | undefined): void {
    const block = this.#s.find(rip);
    if (!block || this.#nodes.get(context)?.has(rip)) return;
    const visits = this.#s.heat(block);
    // Within a function written in place everything is: it was found small.
    if (visits < this.#least || (!context && this.#s.isEntry(block))) return;
    this.#candidates.push({ block, context, visits });
  }
  /** Is there nothing but a jump through a pointer: a linkage table's? */
  #passes(rip: number): boolean {
    const block = this.#s.find(rip);
    if (!block || this.#s.blocks.count(block) > 2) return false;
    return this.#s.blocks.ending(block, this.#s.ripBase).kind === 'indirect jump';
  }
  /** Starts writing a function in place for a call, if it is small. */
  #inline(n: RegionNode, to: number, back: number): boolean {
    if (this.#s.tier === 1) return false;
    const outer = n.context;
    const depth = (outer?.depth ?? 0) + 1;
    if (depth > INLINE_DEPTH || this.#s.heat(n.block) < this.#often) return false;
    const size = this.#measure(to, outer, depth);
    if (!size || this.#list.length + size.blocks > this.#most.blocks) return false;
    if (this.#instructions + size.instructions > this.#most.instructions) return false;
    const context: Context = { entry: to, back, outer, depth };
    this.#node(this.#s.find(to) as Block, context);
    let of = this.#inlined.get(n);
    if (!of) {
      of = new Map();
      this.#inlined.set(n, of);
    }
    of.set(to, context);
    return true;
  }
  #at(rip: number, context: Context | undefined): RegionNode | undefined {
    return this.#nodes.get(context)?.get(rip);
  }
  #edge(rip: number, context: Context | undefined): Edge {
    const to = this.#at(rip, context);
    return to ? { to } : { out: rip };
  }
  /** Now that it is known which nodes there are: where a node leads. */
  #connect(n: RegionNode, backs: RegionNode[]): void {
    const e = n.ending;
    const { context } = n;
    const comeBack = (back: number): RegionNode | undefined => {
      const site = context ? undefined : this.#at(back, undefined);
      if (site) this.#entries.add(site);
      return site;
    };
    const inlined = (to: number): RegionNode | undefined => {
      const inside = this.#inlined.get(n)?.get(to);
      return inside && this.#at(to, inside);
    };
    switch (e.kind) {
      case 'jump':
        n.edges = [this.#edge(e.to, context)];
        return;
      case 'branch':
        n.edges = [this.#edge(e.taken, context), this.#edge(e.next, context)];
        return;
      case 'call': {
        const start = inlined(e.to);
        n.edges = [start ? { to: start } : this.#edge(e.to, undefined)];
        if (start) return;
        const site = comeBack(e.back);
        // Recursion, or what leads to another function.
        const here = this.#at(e.to, undefined);
        if (here) this.#entries.add(here);
        if (here && site && !this.#passes(e.to)) backs.push(site);
        return;
      }
      case 'return': {
        const back = context && this.#at(context.back, context.outer);
        if (back) n.guesses = [back];
        return;
      }
      case 'indirect jump':
        for (const t of e.targets) {
          const to = this.#at(t, context);
          if (!to) continue;
          n.guesses.push(to);
          if (!context) this.#entries.add(to);
        }
        return;
      case 'indirect call':
        for (const t of e.targets.slice(0, MOST_CALLEES)) {
          const to = inlined(t);
          if (to) n.guesses.push(to);
        }
        comeBack(e.back);
    }
  }
  /** Starts of loops, and what comes behind instructions that the interpreter does, are where it finds back in. */
  #loops(): void {
    const seen = new Set<RegionNode>();
    const open = new Set<RegionNode>();
    const walk = (n: RegionNode): void => {
      seen.add(n);
      open.add(n);
      const interrupted = this.#s.blocks.interrupted(n.block);
      for (const e of n.edges) {
        if (!('to' in e)) continue;
        if ((open.has(e.to) || interrupted) && !e.to.context) this.#entries.add(e.to);
        if (!seen.has(e.to)) walk(e.to);
      }
      for (const g of n.guesses) if (!seen.has(g)) walk(g);
      open.delete(n);
    };
    for (const e of [...this.#entries]) if (!seen.has(e)) walk(e);
  }
  /** Size of a function's hot part, if it is small and returns without calling what isn't. */
  #measure(
    entry: number,
    outer: Context | undefined,
    depth: number,
  ): { readonly blocks: number; readonly instructions: number } | undefined {
    for (let c = outer; c; c = c.outer) if (c.entry === entry) return undefined;
    const { blocks, ripBase } = this.#s;
    const seen = new Set<number>();
    const queue = [entry];
    let instructions = 0;
    let inner = 0;
    let returns = false;
    const reach = (rip: number): void => {
      if (!seen.has(rip)) queue.push(rip);
    };
    for (let rip = queue.pop(); rip !== undefined; rip = queue.pop()) {
      if (seen.has(rip)) continue;
      const b = this.#s.find(rip);
      if (!b || this.#s.heat(b) < this.#least) {
        if (rip === entry) return undefined;
        continue;
      }
      seen.add(rip);
      instructions += blocks.count(b);
      if (seen.size + inner > INLINE_BLOCKS || instructions > INLINE_INSTRUCTIONS) return undefined;
      const e = blocks.ending(b, ripBase);
      switch (e.kind) {
        case 'jump':
          reach(e.to);
          break;
        case 'branch':
          reach(e.taken);
          reach(e.next);
          break;
        case 'call': {
          if (depth >= INLINE_DEPTH || e.to === entry) return undefined;
          const size = this.#measure(e.to, { entry, back: 0, outer, depth }, depth + 1);
          if (!size) return undefined;
          inner += size.blocks;
          instructions += size.instructions;
          reach(e.back);
          break;
        }
        case 'indirect jump':
          if (e.targets.length !== 1) return undefined;
          reach(e.targets[0] as number);
          break;
        case 'return':
          returns = true;
          break;
        default:
          return undefined;
      }
    }
    return returns ? { blocks: seen.size + inner, instructions } : undefined;
  }
}
