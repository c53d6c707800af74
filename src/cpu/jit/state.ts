// What the compiler knows of the guest's registers at a place in the code. The locals have the registers' values everywhere; what a local is known to hold is
// here as well, and which flags the locals don't have yet.
import type { Carry } from '../../isa/flags.ts';
import type { V } from '../../isa/sem.ts';
import type { Node } from '../../wasm/code.ts';
import type { Group } from './checks.ts';
import type { LazyKind } from './lazy.ts';
import type { Range } from './range.ts';

/** An operation and its result; where its flags are more than a comparison away, what works the two out that are. */
export interface Lazy {
  readonly kind: LazyKind;
  readonly d: V;
  readonly s: V;
  readonly r: V;
  readonly carry?: () => Carry;
}
/** The arithmetic flags: words that are known (see isa/flags.ts), the others from an operation's operands, or else from the locals. */
export interface FlagState {
  readonly lazy?: Lazy;
  readonly res?: Node;
  readonly cf?: Node;
  readonly of?: Node;
  readonly aux?: Node;
  /** These flags hold where the count isn't zero; else those from before do (undefined: the locals'). */
  readonly unless?: { readonly count: Node; readonly before: FlagState | undefined };
}
/** After inc or dec: is CF what the locals say? */
export const stepping = (f: FlagState): boolean => !f.cf && (f.lazy?.kind === 'inc' || f.lazy?.kind === 'dec');
/** Checked memory, by the value its addresses are counted from; the latest first. */
export interface Checked {
  readonly base: Node;
  readonly group: Group;
  readonly before: Checked | undefined;
}

/** Sums of registers that addresses were made of. */
export interface Sum {
  readonly base: Node | undefined;
  readonly index: Node;
  readonly shift: number;
  readonly is: V;
  readonly before: Sum | undefined;
}

const copy = <T>(m: ReadonlyMap<Node, T> | undefined): Map<Node, T> => (m?.size ? new Map(m) : new Map());

export class State {
  /** 64-bit values; undefined: whatever the register's local holds. */
  readonly gpr: (Node | undefined)[];
  readonly xmm: (Node | undefined)[];
  /** Undefined: in the locals, in whatever form. */
  flags: FlagState | undefined;
  /** The locals don't have the flags yet. */
  dirtyFlags = false;
  /** The lowest floating-point number of vectors, by vector: of 64 bits, of 32. */
  readonly low64: Map<Node, Node>;
  readonly low32: Map<Node, Node>;
  /** What floating-point numbers are known to be; all lanes of vectors, as numbers of 64 bits, of 32. */
  readonly ranges: Map<Node, Range>;
  readonly lanes64: Map<Node, Range>;
  readonly lanes32: Map<Node, Range>;
  checked: Checked | undefined;
  sums: Sum | undefined;

  constructor(from?: State) {
    this.gpr = from ? from.gpr.slice() : new Array<Node | undefined>(16).fill(undefined);
    this.xmm = from ? from.xmm.slice() : new Array<Node | undefined>(16).fill(undefined);
    this.low64 = copy(from?.low64);
    this.low32 = copy(from?.low32);
    this.ranges = copy(from?.ranges);
    this.lanes64 = copy(from?.lanes64);
    this.lanes32 = copy(from?.lanes32);
    if (!from) return;
    this.checked = from.checked;
    this.sums = from.sums;
    this.flags = from.flags;
    this.dirtyFlags = from.dirtyFlags;
  }
  /** Forgets what a path that joins this one has changed. */
  join(other: State): void {
    for (let i = 0; i < 16; i++) {
      if (this.gpr[i] !== other.gpr[i]) this.gpr[i] = undefined;
      if (this.xmm[i] !== other.xmm[i]) this.xmm[i] = undefined;
    }
    if (this.flags !== other.flags) this.flags = undefined;
  }
}
