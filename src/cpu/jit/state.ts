// What the compiler knows of the guest's registers at a place in the code: values it has at hand, and which of them the locals don't have yet.
import type { V } from '../../isa/sem.ts';
import type { Node } from '../../wasm/code.ts';
import type { Group } from './checks.ts';
import type { LazyKind } from './lazy.ts';

/** An operation and its result; where its flags are more than a comparison away, the two that are. */
export interface Lazy {
  readonly kind: LazyKind;
  readonly d: V;
  readonly s: V;
  readonly r: V;
  readonly cf?: V;
  readonly of?: V;
}
/** The arithmetic flags: words that are known (see isa/flags.ts), the others from an operation's operands, or else from the locals. */
export interface FlagState {
  readonly lazy?: Lazy;
  readonly res?: Node;
  readonly cf?: Node;
  readonly of?: Node;
  readonly aux?: Node;
}

export class State {
  /** 64-bit values; undefined: in the register's local. */
  readonly gpr: (Node | undefined)[];
  readonly xmm: (Node | undefined)[];
  /** Undefined: in the locals, in whatever form. */
  flags: FlagState | undefined;
  /** Registers whose local is out of date, a bit each. */
  dirtyGpr = 0;
  dirtyXmm = 0;
  dirtyFlags = false;
  /** The lowest floating-point number of vectors, by vector: of 64 bits, of 32. */
  readonly low64: Map<Node, Node>;
  readonly low32: Map<Node, Node>;
  /** Floating-point numbers known not to be denormal. */
  readonly plain: Set<Node>;
  /** Checked memory, by the value its addresses are counted from. */
  readonly checked: Map<Node, Group[]>;

  constructor(from?: State) {
    this.gpr = from ? from.gpr.slice() : new Array<Node | undefined>(16).fill(undefined);
    this.xmm = from ? from.xmm.slice() : new Array<Node | undefined>(16).fill(undefined);
    this.checked = new Map(from?.checked);
    this.low64 = new Map(from?.low64);
    this.low32 = new Map(from?.low32);
    this.plain = new Set(from?.plain);
    if (!from) return;
    this.flags = from.flags;
    this.dirtyGpr = from.dirtyGpr;
    this.dirtyXmm = from.dirtyXmm;
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
