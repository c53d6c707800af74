// A region's function: its blocks nested as their graph says, an entry or a far jump going through one br_table, the budget looked at on every way back.

import type { Hole, Node, Var } from '../../wasm/code.ts';
import { analyse, type Flow, nest, type Way } from '../../wasm/structure.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import { CompilerSem } from './binding.ts';
import type { Blocks } from './blocks.ts';
import type { Flavour } from './float.ts';
import { FoldingCode } from './fold.ts';
import { Frame, type ImportCall } from './frame.ts';
import { flagsNeeded } from './liveness.ts';
import type { Edge, Plan, RegionNode } from './region.ts';
import { State } from './state.ts';
import { lead, type Registers, transfer, Use } from './transfer.ts';

export interface Emitted {
  readonly code: FoldingCode;
  /** Calls whose function index isn't known yet. */
  readonly calls: readonly ImportCall[];
  /** Entries refuse where MXCSR isn't as usual. */
  readonly float: boolean;
}

/** Space for tables that compiled code reads. */
export interface Tables {
  /** The address of so many bytes, all zero. */
  table(bytes: number): number;
  /** Where the number of the entry at an address stands, 0 where there is none. */
  entryCell(rip: number): number;
}
/** More guesses than these are looked up in a table instead of compared one after another. */
const COMPARED = 4;
const MOST_IN_TABLE = 255;
/** Addresses further apart than this get no table. */
const WIDEST_TABLE = 0x1_0000;

export class Emitter {
  readonly #view: DataView;
  readonly #blocks: Blocks;
  readonly #plan: Plan;
  readonly #c = new FoldingCode(['i32']);
  readonly #frame: Frame;
  readonly #sem: CompilerSem;
  /** Numbers of nodes in the graph; 0 is the dispatcher in front of them. */
  readonly #number: Map<RegionNode, number>;
  /** Where the dispatcher leads, in order of its br_table; entries first. */
  readonly #targets: RegionNode[];
  /** Edges that go through the dispatcher: from * size + to. */
  readonly #far = new Set<number>();
  #flow!: Flow;
  /** Are the flags needed where a node starts? By its number less one. */
  #flags: readonly boolean[] = [];
  /** Instructions at most from a node to the next look at the budget. */
  readonly #cost: number[] = [];
  readonly #states: (State | undefined)[] = [];
  #label: Var | undefined;
  /** What nodes do with registers, by their number less one. */
  readonly #uses: Use[];
  /** Where what an entry needs is loaded, and the number of its node. */
  readonly #loads: { readonly node: number; readonly hole: Hole }[] = [];
  readonly #owner: Tables;

  constructor(owner: Tables, view: DataView, blocks: Blocks, ripBase: number, plan: Plan, flavour: Flavour) {
    this.#owner = owner;
    this.#view = view;
    this.#blocks = blocks;
    this.#plan = plan;
    this.#uses = plan.nodes.map(() => new Use());
    this.#number = new Map(plan.nodes.map((n, i) => [n, i + 1]));
    this.#targets = [...plan.entries];
    for (const n of plan.nodes)
      if (this.#tabled(n)) for (const g of n.guesses) if (!this.#targets.includes(g)) this.#targets.push(g);
    this.#frame = new Frame(this.#c, flavour);
    this.#sem = new CompilerSem(this.#c, this.#frame, view, ripBase);
  }

  /** The function: (entry) to the next entry, 0 to look rip up, or a record to interpret. `first` is the number of its first entry. */
  emit(first: number): Emitted {
    this.#shape();
    this.#flags = flagsNeeded(this.#plan.nodes, this.#blocks, this.#view);
    const c = this.#c;
    const start = c.hole();
    if (this.#targets.length > 1) {
      this.#label = c.var('i32');
      // Entries from outside are the numbers behind those of jumps from within.
      c.set(this.#label, c.op('i32.sub', c.param(0), c.i32(first - (this.#looped ? this.#targets.length : 0))));
    }
    nest(c, this.#flow, (n, way) =>
      n === 0 ? this.#dispatch(way) : this.#frame.node(this.#uses[n - 1] as Use, () => this.#block(n, way)),
    );
    this.#sem.close();
    this.#transfer(start);
    c.trapHere();
    const most = Math.max(...this.#plan.entries.map((e) => this.#cost[this.#number.get(e) as number] as number));
    this.#frame.prologue(most, () => c.return(c.load('i32.load', c.op('i32.shl', c.param(0), c.i32(2)), L.ENTRIES)));
    return { code: c, calls: this.#frame.calls, float: this.#frame.float };
  }

  // --- the graph
  #successors(): number[][] {
    const size = this.#plan.nodes.length + 1;
    const list: number[][] = [this.#targets.map((t) => this.#number.get(t) as number)];
    for (const n of this.#plan.nodes) {
      const from = this.#number.get(n) as number;
      const to = (t: RegionNode): number => {
        const k = this.#number.get(t) as number;
        return this.#far.has(from * size + k) ? 0 : k;
      };
      const guesses = this.#tabled(n) ? [0] : n.guesses.map(to);
      list.push([...n.edges.flatMap((e) => ('to' in e ? [to(e.to)] : [])), ...guesses]);
    }
    return list;
  }
  /** Goes to its guesses through a table and the dispatcher. */
  #tabled(n: RegionNode): boolean {
    return n.guesses.length > COMPARED;
  }
  /** Makes the graph reducible: edges that would enter a loop other than at its head go through the dispatcher, which is the head of everything. */
  #shape(): void {
    const size = this.#plan.nodes.length + 1;
    for (;;) {
      const successors = this.#successors();
      const labelled = new Set(this.#targets.length > 1 ? successors[0] : []);
      this.#flow = analyse(successors, labelled);
      if (this.#flow.irreducible.length === 0) break;
      for (const [from, to] of this.#flow.irreducible) {
        this.#far.add(from * size + to);
        const node = this.#plan.nodes[to - 1] as RegionNode;
        if (!this.#targets.includes(node)) this.#targets.push(node);
      }
    }
    const { order, place } = this.#flow;
    const successors = this.#successors();
    for (let i = order.length - 1; i >= 0; i--) {
      const n = order[i] as number;
      let most = 0;
      for (const t of successors[n] as number[])
        if ((place[t] as number) > i) most = Math.max(most, this.#cost[t] as number);
      this.#cost[n] = most + (n === 0 ? 0 : (this.#plan.nodes[n - 1] as RegionNode).instructions);
    }
  }

  // --- code
  /** Is the dispatcher jumped to from within? */
  get #looped(): boolean {
    return this.#flow.loop[0] as boolean;
  }
  #dispatch(way: (to: number) => Way): void {
    const c = this.#c;
    const ways = this.#targets.map((t) => way(this.#number.get(t) as number));
    const load = (entry: number): void => {
      this.#loads.push({ node: this.#number.get(this.#plan.entries[entry] as RegionNode) as number, hole: c.hole() });
    };
    if (!this.#label) {
      load(0);
      return this.#follow(ways[0] as Way);
    }
    const label = c.get(this.#label);
    const entries = this.#plan.entries.length;
    const labels = this.#looped ? ways.map((w) => w.label!) : [];
    const pad = (left: number): void => {
      if (left === 0) return c.switch(label, labels, labels.at(-1)!);
      c.block((l) => {
        labels.push(l);
        pad(left - 1);
      });
      load(entries - left);
      this.#follow(ways[entries - left] as Way);
    };
    pad(entries);
  }
  /** Now that all is written: what entries load and ways out store. */
  #transfer(start: Node): void {
    const c = this.#c;
    const frame = this.#frame;
    const { loads, groups } = transfer(this.#uses);
    for (const { node, hole } of this.#loads) c.fill(hole, () => frame.load(loads[node - 1] as Registers));
    let from = start;
    for (const g of groups) {
      const value = c.enclose('i32', from);
      from = value;
      lead(g, value);
      frame.store(g.stores);
      c.return(value);
    }
  }
  #follow(w: Way): void {
    if (w.label) this.#c.br(w.label);
    else w.inline?.();
  }
  #block(number: number, way: (to: number) => Way): void {
    const c = this.#c;
    const sem = this.#sem;
    const n = this.#plan.nodes[number - 1] as RegionNode;
    const state = this.#states[number] ?? new State();
    sem.begin(state, number);
    const { block } = n;
    // An entry's own first record is changed: the copy is what is read here, and where the interpreter goes on.
    for (let r = block.copy || block.first, end = r + (block.last - block.first); r < end && !sem.gone; r += R.RECORD) {
      const op = this.#view.getUint16(r + R.REC_OP, true);
      if (op === R.OP_GOTO) break;
      const handler = this.#blocks.handler(r);
      const last = r + R.RECORD === end;
      if (op === R.OP_EA || op === R.OP_EA32) sem.workedOut(r, op === R.OP_EA32);
      else if (!handler || this.#blocks.interpreted(handler) || (last && n.ending.kind === 'leave')) sem.giveUp(r);
      else sem.instruction(r, handler);
    }
    if (sem.gone) return;
    const { budget } = this.#frame;
    c.set(budget, c.op('i32.sub', c.get(budget), c.i32(n.instructions)));
    const now = sem.now;
    const { end } = sem;
    const to = (e: Edge): void => this.#go(number, e, now, way);
    if (
      end?.kind === 'indirect' ||
      n.edges.every((e) => 'out' in e || this.#flags[(this.#number.get(e.to) as number) - 1])
    )
      this.#frame.flush(now);
    if (end?.kind === 'branch') {
      const [taken, next] = n.edges as [Edge, Edge];
      c.if(end.condition, () => this.#frame.way(() => to(taken)));
      to(next);
    } else if (end?.kind === 'indirect') {
      if (this.#tabled(n)) this.#lookUp(n, end.target, way(0));
      else
        for (const g of n.guesses)
          c.if(c.op('i64.eq', end.target, c.i64(g.block.rip)), () => this.#frame.way(() => to({ to: g })));
      this.#out(end.target, n);
    } else to(n.edges[0] as Edge);
  }
  /** Goes on at the guess that is the target, if one is: by its number in the dispatcher, from a table of addresses where they aren't too far apart. */
  #lookUp(n: RegionNode, target: Node, dispatcher: Way): void {
    const c = this.#c;
    const go = (to: Node): void => {
      const budget = c.get(this.#frame.budget);
      c.unlikely(c.op('i32.le_s', budget, c.i32(this.#cost[0] as number)), () =>
        this.#frame.way(() => this.#out(target)),
      );
      c.set(this.#label!, to);
      c.br(dispatcher.label!);
    };
    for (const g of n.guesses) this.#frame.goes((this.#number.get(g) as number) - 1);
    const rips = n.guesses.map((g) => g.block.rip);
    const low = Math.min(...rips);
    const size = Math.max(...rips) - low + 1;
    if (size > WIDEST_TABLE || this.#targets.length > MOST_IN_TABLE) {
      for (const g of n.guesses.slice(0, COMPARED))
        c.if(c.op('i64.eq', target, c.i64(g.block.rip)), () => go(c.i32(this.#targets.indexOf(g))));
      return;
    }
    const table = this.#owner.table(size);
    for (const g of n.guesses) this.#view.setUint8(table + g.block.rip - low, this.#targets.indexOf(g) + 1);
    const offset = c.op('i64.sub', target, c.i64(low));
    c.if(c.op('i64.lt_u', offset, c.i64(size)), () => {
      const k = c.load('i32.load8_u', c.op('i32.wrap_i64', offset), table);
      c.if(k, () => go(c.op('i32.sub', k, c.i32(1))));
    });
  }
  /** Leaves for an address. From an indirect jump: it is noted where to. */
  #out(target: Node, from?: RegionNode): void {
    const c = this.#c;
    if (from) {
      const { block } = from;
      const last = (block.copy ? block.copy + (block.last - block.first) : block.last) - R.RECORD;
      c.store('i32.store', c.i32(0), c.i32(last), L.EXIT_FROM);
    }
    const { value } = target;
    c.store('i64.store', c.i32(0), target, L.RIP);
    // Straight to the entry there is, if there is one.
    const known = typeof value === 'number' && !from;
    this.#frame.leave(known ? c.load('i32.load', c.i32(0), this.#owner.entryCell(value)) : c.i32(0));
  }
  #go(from: number, edge: Edge, state: State, way: (to: number) => Way): void {
    const c = this.#c;
    // Other ways from here have flags of their own to bring up to date.
    const flush = (): void => this.#frame.flush({ flags: state.flags, dirtyFlags: state.dirtyFlags });
    if ('out' in edge) {
      flush();
      return this.#out(c.i64(edge.out));
    }
    const node = edge.to;
    const to = this.#number.get(node) as number;
    const far = this.#far.has(from * (this.#plan.nodes.length + 1) + to);
    const { place } = this.#flow;
    if (far || (place[to] as number) <= (place[from] as number)) {
      const budget = c.get(this.#frame.budget);
      c.unlikely(c.op('i32.le_s', budget, c.i32(this.#cost[to] as number)), () =>
        this.#frame.way(() => {
          flush();
          this.#out(c.i64(node.block.rip));
        }),
      );
    }
    if (far) c.set(this.#label!, c.i32(this.#targets.indexOf(node)));
    const w = way(far ? 0 : to);
    if ((w.label || this.#flow.loop[to]) && this.#flags[to - 1]) flush();
    // What is known goes along where nothing else leads; the locals have it everywhere.
    if (!w.label && !this.#flow.loop[to]) this.#states[to] = new State(state);
    this.#frame.goes(to - 1);
    this.#follow(w);
  }
}
