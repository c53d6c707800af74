// Which blocks are compiled together: what is hot and reached from a hot block without leaving its function, with small functions it calls written where they
// are called.
import type { Block } from '../translations.ts';
import type { Blocks, Ending } from './blocks.ts';

/** Blocks of a region at most: V8's optimizer takes more than proportional time. */
const MOST_BLOCKS = 60;
const MOST_INSTRUCTIONS = 700;
/** A function this small is written where it is called. */
const INLINE_BLOCKS = 14;
const INLINE_INSTRUCTIONS = 120;
const INLINE_DEPTH = 3;
/** Functions that an indirect call is compared with. */
const MOST_CALLEES = 2;
/** A block is left out when it was reached this many times less often than the region's first. */
const COLD = 32;

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
  /** The first, and where control comes back to from calls of functions that aren't here. */
  readonly entries: readonly RegionNode[];
}
export interface Source {
  readonly blocks: Blocks;
  readonly ripBase: number;
  /** The block at an address, if it was ever reached. */
  find(rip: number): Block | undefined;
}

export class Planner {
  readonly #s: Source;
  readonly #nodes = new Map<Context | undefined, Map<number, RegionNode>>();
  readonly #list: RegionNode[] = [];
  readonly #entries: RegionNode[] = [];
  readonly #queue: RegionNode[] = [];
  /** Return sites of calls to functions of the region itself that aren't written in place (recursion). */
  readonly #backs: RegionNode[] = [];
  #instructions = 0;
  #least = 0;

  constructor(source: Source) {
    this.#s = source;
  }
  plan(root: Block): Plan {
    this.#least = this.#s.blocks.visits(root) / COLD;
    const first = this.#node(root, undefined);
    this.#entries.push(first);
    for (let n = this.#queue.shift(); n; n = this.#queue.shift()) this.#expand(n);
    for (const n of this.#list) if (n.ending.kind === 'return' && !n.context) n.guesses = this.#backs;
    return { nodes: this.#list, entries: this.#entries };
  }
  #node(block: Block, context: Context | undefined): RegionNode {
    let of = this.#nodes.get(context);
    if (!of) {
      of = new Map();
      this.#nodes.set(context, of);
    }
    const there = of.get(block.rip);
    if (there) return there;
    const { blocks, ripBase } = this.#s;
    const ending = blocks.ending(block, ripBase);
    const n: RegionNode = { block, context, ending, instructions: blocks.count(block), edges: [], guesses: [] };
    of.set(block.rip, n);
    this.#list.push(n);
    this.#queue.push(n);
    this.#instructions += n.instructions;
    return n;
  }
  /** The node at an address, if it is there, or hot and there is room. */
  #find(rip: number, context: Context | undefined): RegionNode | undefined {
    const there = this.#nodes.get(context)?.get(rip);
    if (there) return there;
    if (this.#list.length >= MOST_BLOCKS || this.#instructions >= MOST_INSTRUCTIONS) return undefined;
    const b = this.#s.find(rip);
    return b && this.#s.blocks.visits(b) >= this.#least ? this.#node(b, context) : undefined;
  }
  #edge(rip: number, context: Context | undefined): Edge {
    const to = this.#find(rip, context);
    return to ? { to } : { out: rip };
  }
  #expand(n: RegionNode): void {
    const e = n.ending;
    const { context } = n;
    switch (e.kind) {
      case 'jump':
        n.edges = [this.#edge(e.to, context)];
        return;
      case 'branch':
        n.edges = [this.#edge(e.taken, context), this.#edge(e.next, context)];
        return;
      case 'call':
        n.edges = [this.#call(e.to, e.back, context)];
        return;
      case 'return': {
        const back = context && this.#find(context.back, context.outer);
        if (back) n.guesses = [back];
        return;
      }
      case 'indirect jump':
        for (const t of e.targets) {
          const to = this.#find(t, context);
          if (to) n.guesses.push(to);
        }
        return;
      case 'indirect call':
        for (const t of e.targets.slice(0, MOST_CALLEES)) {
          const to = this.#inline(t, e.back, context);
          if (to) n.guesses.push(to);
        }
        this.#comeBack(e.back, context);
    }
  }
  /** The start of a function written in place for this call, if it is small. */
  #inline(to: number, back: number, context: Context | undefined): RegionNode | undefined {
    const room = MOST_BLOCKS - this.#list.length;
    const depth = (context?.depth ?? 0) + 1;
    if (depth > INLINE_DEPTH || room <= 2) return undefined;
    const size = this.#measure(to, context, depth);
    if (!size || size.blocks >= room || this.#instructions + size.instructions >= MOST_INSTRUCTIONS) return undefined;
    return this.#find(to, { entry: to, back, outer: context, depth });
  }
  #call(to: number, back: number, context: Context | undefined): Edge {
    const inline = this.#inline(to, back, context);
    if (inline) return { to: inline };
    // Recursion into a function that starts the region.
    const self = context ? undefined : this.#nodes.get(undefined)?.get(to);
    if (self && this.#entries.includes(self)) {
      const site = this.#find(back, undefined);
      if (site) this.#backs.push(site);
      return { to: self };
    }
    this.#comeBack(back, context);
    return { out: to };
  }
  #comeBack(back: number, context: Context | undefined): void {
    if (context) return;
    const site = this.#find(back, undefined);
    if (site && !this.#entries.includes(site)) this.#entries.push(site);
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
      if (!b || blocks.visits(b) < this.#least) {
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
