// Which registers are loaded where a region is entered and stored where it is left: an entry loads what may be read behind it before it is set, a way out
// stores what may have been set before it. While the code is written it is noted what each node does; where all is known the rest is filled in.
import type { Label, Node } from '../../wasm/code.ts';

/** Registers as bits: general ones by number and FLAGS; vector ones by number. */
export interface Registers {
  gpr: number;
  xmm: number;
}
export const FLAGS = 1 << 16;

/** What a node may have set at some place, and what it has set for certain. */
interface Done {
  readonly may: Registers;
  readonly sure: Registers;
}
/** A way out of the region: the branch, whose label is still to be found. */
interface Leave extends Done {
  readonly branch: Node;
}
/** A way to another node, by its number. */
interface Edge extends Done {
  readonly to: number;
}
/** What a node does with registers. */
export class Use {
  /** Read before they are set for certain. */
  readonly reads: Registers = { gpr: 0, xmm: 0 };
  readonly may: Registers = { gpr: 0, xmm: 0 };
  readonly sure: Registers = { gpr: 0, xmm: 0 };
  readonly leaves: Leave[] = [];
  readonly edges: Edge[] = [];
}
/** Ways out that store the same. */
export interface Group {
  readonly stores: Registers;
  readonly leaves: readonly Node[];
}
export interface Transfer {
  /** By node: what is loaded where that is an entry. */
  readonly loads: readonly Registers[];
  readonly groups: readonly Group[];
}

/** More different ways out than these are put together. */
const MOST_GROUPS = 8;

function add(to: Registers, gpr: number, xmm: number): boolean {
  if ((gpr & ~to.gpr) === 0 && (xmm & ~to.xmm) === 0) return false;
  to.gpr |= gpr;
  to.xmm |= xmm;
  return true;
}
function count(r: Registers): number {
  let n = 0;
  for (let bits = r.gpr; bits; bits &= bits - 1) n++;
  for (let bits = r.xmm; bits; bits &= bits - 1) n++;
  return n;
}

/** By the number of a node; entries are entered with everything in the state. */
export function transfer(uses: readonly Use[]): Transfer {
  const dirty = uses.map((): Registers => ({ gpr: 0, xmm: 0 }));
  for (let changed = true; changed; ) {
    changed = false;
    uses.forEach((u, i) => {
      const d = dirty[i] as Registers;
      for (const { to, may } of u.edges)
        if (add(dirty[to] as Registers, d.gpr | may.gpr, d.xmm | may.xmm)) changed = true;
    });
  }
  const groups = grouped(uses, dirty);
  const loads = uses.map((u): Registers => ({ ...u.reads }));
  for (const g of groups)
    for (const { node, leave } of g.members)
      add(loads[node] as Registers, g.stores.gpr & ~leave.sure.gpr, g.stores.xmm & ~leave.sure.xmm);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = uses.length - 1; i >= 0; i--) {
      for (const { to, sure } of (uses[i] as Use).edges) {
        const then = loads[to] as Registers;
        if (add(loads[i] as Registers, then.gpr & ~sure.gpr, then.xmm & ~sure.xmm)) changed = true;
      }
    }
  }
  return { loads, groups: groups.map((g) => ({ stores: g.stores, leaves: g.members.map((m) => m.leave.branch) })) };
}

interface Growing {
  readonly stores: Registers;
  readonly members: { readonly node: number; readonly leave: Leave }[];
}
function grouped(uses: readonly Use[], dirty: readonly Registers[]): Growing[] {
  const groups: Growing[] = [];
  uses.forEach((u, node) => {
    const before = dirty[node] as Registers;
    for (const leave of u.leaves) {
      const stores = { gpr: before.gpr | leave.may.gpr, xmm: before.xmm | leave.may.xmm };
      const same = groups.find((g) => g.stores.gpr === stores.gpr && g.stores.xmm === stores.xmm);
      if (same) same.members.push({ node, leave });
      else groups.push({ stores, members: [{ node, leave }] });
    }
  });
  while (groups.length > MOST_GROUPS) {
    // The two whose ways out get least to store beyond what they must.
    let [one, other, least] = [0, 1, Number.POSITIVE_INFINITY];
    for (let i = 0; i < groups.length; i++)
      for (let k = i + 1; k < groups.length; k++) {
        const [a, b] = [groups[i] as Growing, groups[k] as Growing];
        const both = { gpr: a.stores.gpr | b.stores.gpr, xmm: a.stores.xmm | b.stores.xmm };
        const more =
          a.members.length * (count(both) - count(a.stores)) + b.members.length * (count(both) - count(b.stores));
        if (more < least) [one, other, least] = [i, k, more];
      }
    const [from] = groups.splice(other, 1) as [Growing];
    const into = groups[one] as Growing;
    add(into.stores, from.stores.gpr, from.stores.xmm);
    into.members.push(...from.members);
  }
  return groups;
}

/** Gives the branches of a group their label. */
export function lead(g: Group, to: Label): void {
  for (const b of g.leaves) b.c = to;
}
