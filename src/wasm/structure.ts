// Structured control flow from a graph: WebAssembly has blocks and loops only. After Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control
// Flow to Structured Control Flow" (ICFP 2022): the dominator tree gives the nesting, join points become ends of blocks, back edges branches to loops.
import type { Code, Label } from './code.ts';

/** The graph as it will be nested. Nodes are numbers; node 0 is the entry. */
export interface Flow {
  /** Place of a node in reverse postorder, -1 where it can't be reached. */
  readonly place: Int32Array;
  /** Nodes in reverse postorder. */
  readonly order: readonly number[];
  readonly dominator: Int32Array;
  /** Reached from more than one place going forward: the end of a block. */
  readonly join: readonly boolean[];
  /** Reached by a back edge: the start of a loop. */
  readonly loop: readonly boolean[];
  /** Edges back to a node that doesn't dominate their start: they can't be nested, the graph is irreducible. */
  readonly irreducible: readonly (readonly [from: number, to: number])[];
}

/** Analyses a graph. `labelled`: nodes that must be the end of a block even with one edge to them (a br_table leads there). */
export function analyse(successors: readonly (readonly number[])[], labelled: ReadonlySet<number>): Flow {
  const size = successors.length;
  const place = new Int32Array(size).fill(-1);
  const order = reversePostorder(successors);
  order.forEach((n, i) => {
    place[n] = i;
  });
  const predecessors: number[][] = Array.from({ length: size }, () => []);
  for (const n of order) for (const t of successors[n] as readonly number[]) (predecessors[t] as number[]).push(n);
  const dominator = dominators(order, place, predecessors);
  const join: boolean[] = new Array(size).fill(false);
  const loop: boolean[] = new Array(size).fill(false);
  const irreducible: [number, number][] = [];
  for (const n of order) {
    let forward = 0;
    for (const p of predecessors[n] as number[]) {
      if ((place[p] as number) < (place[n] as number)) forward++;
      else if (dominates(dominator, place, n, p)) loop[n] = true;
      else irreducible.push([p, n]);
    }
    join[n] = forward > 1 || (labelled.has(n) && n !== 0);
  }
  return { place, order, dominator, join, loop, irreducible };
}

function reversePostorder(successors: readonly (readonly number[])[]): number[] {
  const seen = new Uint8Array(successors.length);
  const done: number[] = [];
  const stack: [node: number, next: number][] = [[0, 0]];
  seen[0] = 1;
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = (successors[top[0]] as readonly number[])[top[1]++];
    if (next === undefined) {
      done.push(top[0]);
      stack.pop();
    } else if (!seen[next]) {
      seen[next] = 1;
      stack.push([next, 0]);
    }
  }
  return done.reverse();
}
/** Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". */
function dominators(order: readonly number[], place: Int32Array, predecessors: readonly number[][]): Int32Array {
  const dominator = new Int32Array(place.length).fill(-1);
  dominator[0] = 0;
  const common = (a: number, b: number): number => {
    while (a !== b) {
      while ((place[a] as number) > (place[b] as number)) a = dominator[a] as number;
      while ((place[b] as number) > (place[a] as number)) b = dominator[b] as number;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const n of order) {
      if (n === 0) continue;
      let d = -1;
      for (const p of predecessors[n] as number[]) if (dominator[p] !== -1) d = d === -1 ? p : common(d, p);
      if (dominator[n] !== d) {
        dominator[n] = d;
        changed = true;
      }
    }
  }
  return dominator;
}
function dominates(dominator: Int32Array, place: Int32Array, a: number, b: number): boolean {
  while ((place[b] as number) > (place[a] as number)) b = dominator[b] as number;
  return a === b;
}

/** How control gets to a node from where the asker is: by a branch, or by writing the node's code right there. */
export type Way =
  | { readonly label: Label; readonly inline?: never }
  | { readonly label?: never; readonly inline: () => void };

/**
 * Writes all nodes of a reducible flow. `emit(node, way)` writes a node's code with its branches; `way(to)` tells how each successor is reached, and is
 * asked once for an edge. Control must not fall out of a node's end.
 */
export function nest(c: Code, flow: Flow, emit: (node: number, way: (to: number) => Way) => void): void {
  const { order, place, dominator, join, loop } = flow;
  const joins: number[][] = order.map(() => []);
  for (const n of order) if (join[n]) (joins[place[dominator[n] as number] as number] as number[]).push(n);
  const blocks: (Label | undefined)[] = [];
  const loops: (Label | undefined)[] = [];
  const within = (n: number, left: number): void => {
    if (left === 0) return emit(n, (to) => wayFrom(n, to));
    // The join that comes first in order ends the innermost block.
    const j = (joins[place[n] as number] as number[])[left - 1] as number;
    c.block((label) => {
      blocks[j] = label;
      within(n, left - 1);
    });
    tree(j);
  };
  const tree = (n: number): void => {
    const count = (joins[place[n] as number] as number[]).length;
    if (!loop[n]) return within(n, count);
    c.loop((label) => {
      loops[n] = label;
      within(n, count);
    });
  };
  const wayFrom = (from: number, to: number): Way => {
    if ((place[to] as number) <= (place[from] as number)) return { label: loops[to] as Label };
    const label = join[to] ? blocks[to] : undefined;
    return label ? { label } : { inline: () => tree(to) };
  };
  tree(0);
}
