// The function a region becomes: the guest's registers in locals, loaded when it is entered and stored where it is left.
import type { FlagStore } from '../../isa/flags.ts';
import { SHARED } from '../../isa/shared.ts';
import type { Hole, Node, Var } from '../../wasm/code.ts';
import type { ValType } from '../../wasm/ops.ts';
import * as L from '../layout.ts';
import { type Flavour, otherFlavour } from './float.ts';
import type { FoldingCode } from './fold.ts';
import { CF_BIT, CF_GIVEN, lazyCode, OF_BIT, OF_GIVEN, ONE_OPERAND } from './lazy.ts';
import { type FlagState, type Lazy, type State, stepping } from './state.ts';
import { FLAGS, type Registers, Use } from './transfer.ts';

/** A function of another module that a region calls: its index is known when the module is put together. */
export interface Import {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly result: ValType | undefined;
}
export interface ImportCall {
  readonly of: Import;
  readonly at: { imm: number };
}

/** The flags' words, see isa/flags.ts. */
type Words = Record<'res' | 'cf' | 'of' | 'aux', Node>;
/** Works an operation's flags out into the state (kind, d, s). */
const SETTLE: Import = { name: 'settle flags', params: ['i32', 'i64', 'i64'], result: undefined };
/** CF of an operation (kind, d, s). */
export const CARRY: Import = { name: 'carry flag', params: ['i32', 'i64', 'i64'], result: 'i32' };
/** (entry): the entry, but for another MXCSR. */
export const REFUSED: Import = { name: 'refused', params: ['i32'], result: 'i32' };

const sharedImports = new Map<string, Import>();
/** One of isa's shared functions. */
export function sharedImport(name: string): Import {
  let i = sharedImports.get(name);
  if (!i) {
    const f = SHARED.find((x) => x.name === name);
    if (!f) throw new Error(`no shared function ${name}`);
    i = { name, params: f.params, result: f.result };
    sharedImports.set(name, i);
  }
  return i;
}

/** A place in the code, with what its node does up to there. */
export interface Place {
  readonly use: Use;
  readonly may: Registers;
  readonly sure: Registers;
  readonly depth: number;
}

export class Frame {
  readonly c: FoldingCode;
  readonly #prologue: Hole;
  readonly #gpr: (Var | undefined)[] = new Array<Var | undefined>(16).fill(undefined);
  readonly #xmm: (Var | undefined)[] = new Array<Var | undefined>(16).fill(undefined);
  #flagVars: { readonly kind: Var; readonly d: Var; readonly s: Var } | undefined;
  /** What the node being written does with registers, and how many conditions its code is in. */
  use = new Use();
  #depth = 0;
  readonly budget: Var;
  /** What MXCSR and numbers are taken to be (float.ts): entries look whether it is, if `float` says that it matters. */
  readonly flavour: Flavour;
  float = false;
  readonly calls: ImportCall[] = [];

  /** Makes the words of an operation: the binding's. */
  words!: (l: Lazy, set: FlagStore['set']) => void;

  constructor(c: FoldingCode, flavour: Flavour) {
    this.c = c;
    this.flavour = flavour;
    this.#prologue = c.hole();
    this.budget = c.var('i32');
  }
  #gprVar(n: number): Var {
    return (this.#gpr[n] ??= this.c.var('i64'));
  }
  #xmmVar(n: number): Var {
    return (this.#xmm[n] ??= this.c.var('v128'));
  }
  get #flags(): { readonly kind: Var; readonly d: Var; readonly s: Var } {
    this.#flagVars ??= { kind: this.c.var('i32'), d: this.c.var('i64'), s: this.c.var('i64') };
    return this.#flagVars;
  }
  #reads(gpr: number, xmm: number): void {
    const { reads, sure } = this.use;
    reads.gpr |= gpr & ~sure.gpr;
    reads.xmm |= xmm & ~sure.xmm;
  }
  #sets(gpr: number, xmm: number): void {
    const { may, sure } = this.use;
    may.gpr |= gpr;
    may.xmm |= xmm;
    if (this.#depth) return;
    sure.gpr |= gpr;
    sure.xmm |= xmm;
  }
  gpr(n: number): Node {
    this.#reads(1 << n, 0);
    return this.c.get(this.#gprVar(n));
  }
  xmm(n: number): Node {
    this.#reads(0, 1 << n);
    return this.c.get(this.#xmmVar(n));
  }
  setGpr(n: number, value: Node): void {
    this.#sets(1 << n, 0);
    this.c.set(this.#gprVar(n), value);
  }
  setXmm(n: number, value: Node): void {
    this.#sets(0, 1 << n);
    this.c.set(this.#xmmVar(n), value);
  }
  /** Code that is run only under a condition: what it sets isn't set for certain. */
  arm(body: () => void): void {
    this.#depth++;
    body();
    this.#depth--;
  }
  /** Code that control doesn't come out of: what it sets isn't set behind it. */
  way(body: () => void): void {
    const { may, sure } = this.use;
    const before = [may.gpr, may.xmm, sure.gpr, sure.xmm] as const;
    body();
    [may.gpr, may.xmm, sure.gpr, sure.xmm] = before;
  }
  /** Writes a node of the region, from somewhere in another's code. */
  node(use: Use, body: () => void): void {
    const outer = this.use;
    const depth = this.#depth;
    this.use = use;
    this.#depth = 0;
    body();
    this.use = outer;
    this.#depth = depth;
  }
  /** Control goes on at another node from here. */
  goes(to: number): void {
    const { may, sure, edges } = this.use;
    edges.push({ may: { ...may }, sure: { ...sure }, to });
  }
  /** Leaves the region with a value: next entry, 0 to look rip up, or a record (negative) to interpret. */
  leave(value: Node): void {
    this.#left(this.c.br(value, value));
  }
  /** The same under a condition that hardly ever holds. */
  leaveIf(condition: Node, value: Node): void {
    this.#left(this.c.brUnlikely(value, condition, value));
  }
  #left(branch: Node): void {
    const { may, sure, leaves } = this.use;
    leaves.push({ may: { ...may }, sure: { ...sure }, branch });
  }
  /** What is written later, for a place in the code that is passed now. */
  place(): Place {
    const { use } = this;
    return { use, may: { ...use.may }, sure: { ...use.sure }, depth: this.#depth };
  }
  /** Writes code for that place. */
  at(place: Place, body: () => void): void {
    const { use } = this;
    const depth = this.#depth;
    this.use = { ...place.use, may: { ...place.may }, sure: { ...place.sure } };
    this.#depth = place.depth;
    body();
    this.use = use;
    this.#depth = depth;
  }
  /** Brings the locals up to date with what is known of the flags. */
  flush(s: Pick<State, 'flags' | 'dirtyFlags'>): void {
    if (s.dirtyFlags) this.#flushFlags(s);
  }
  #flushFlags(s: Pick<State, 'flags' | 'dirtyFlags'>): void {
    const { c } = this;
    const v = this.#flags;
    const f = s.flags;
    s.dirtyFlags = false;
    if (!f) throw new Error('flags are out of date, but not known');
    if (f.unless) {
      const { count, before } = f.unless;
      const { unless: _, ...flags } = f;
      const set = (of: FlagState | undefined): void => this.flush({ flags: of, dirtyFlags: of !== undefined });
      c.if(count, () => this.arm(() => set(flags)), before && (() => this.arm(() => set(before))));
      return;
    }
    if (!f.res && !f.aux) {
      let kind: Node;
      if (f.lazy) {
        const wide = (x: { n: Node; w: number }): Node => (x.w === 64 ? x.n : c.op('i64.extend_i32_u', x.n));
        kind = c.i32(lazyCode(f.lazy.kind, f.lazy.d.w));
        if (stepping(f)) {
          this.#reads(FLAGS, 0);
          const carry = this.call(CARRY, c.get(v.kind), c.get(v.d), c.get(v.s));
          const given = c.op('i32.or', c.op('i32.shl', carry, c.i32(CF_BIT)), c.i32(CF_GIVEN));
          kind = c.op('i32.or', given, kind);
        }
        c.set(v.d, wide(f.lazy.d));
        if (!ONE_OPERAND.has(f.lazy.kind)) c.set(v.s, wide(f.lazy.s));
      } else {
        this.#reads(FLAGS, 0);
        const replaced = (f.cf ? CF_GIVEN | (1 << CF_BIT) : 0) | (f.of ? OF_GIVEN | (1 << OF_BIT) : 0);
        kind = c.op('i32.and', c.get(v.kind), c.i32(~replaced));
      }
      const given = (value: Node | undefined, mark: number, bit: number): void => {
        if (!value) return;
        const bits = c.op('i32.or', c.op('i32.shl', value, c.i32(bit)), c.i32(mark));
        kind = c.op('i32.or', kind, bits);
      };
      given(f.cf, CF_GIVEN, CF_BIT);
      given(f.of, OF_GIVEN, OF_BIT);
      c.set(v.kind, kind);
      this.#sets(FLAGS, 0);
      return;
    }
    const w = this.complete(f);
    const low = c.op('i32.or', w.cf, c.op('i32.shl', w.of, c.i32(8)));
    const high = c.op('i64.shl', c.op('i64.extend_i32_u', w.aux), c.i64(32));
    this.#sets(FLAGS, 0);
    c.set(v.kind, c.i32(0));
    c.set(v.d, w.res);
    c.set(v.s, c.op('i64.or', c.op('i64.extend_i32_u', low), high));
  }
  /** All four words: those that are known, the others from the operation, or from the locals. */
  complete(f: FlagState): Words {
    if (f.res && f.cf && f.of && f.aux) return { res: f.res, cf: f.cf, of: f.of, aux: f.aux };
    let words: Partial<Words>;
    if (f.lazy) {
      words = {};
      this.words(f.lazy, (w, n) => {
        words[w] = n;
      });
    } else words = this.loadFlags();
    for (const w of ['res', 'cf', 'of', 'aux'] as const) if (f[w]) words[w] = f[w];
    if (stepping(f)) words.cf = this.loadFlags().cf;
    return words as Words;
  }
  /** Flags that came in the locals, as words. */
  loadFlags(): Words {
    const { c } = this;
    const v = this.#flags;
    this.#reads(FLAGS, 0);
    // In another form from here on.
    this.use.may.gpr |= FLAGS;
    c.if(c.get(v.kind), () => {
      this.callVoid(SETTLE, c.get(v.kind), c.get(v.d), c.get(v.s));
      c.set(v.kind, c.i32(0));
      c.set(v.d, c.load('i64.load', c.i32(0), L.FLAG_RES));
      c.set(v.s, c.load('i64.load', c.i32(0), L.FLAG_WORD));
    });
    const word = c.get(v.s);
    const low = c.op('i32.wrap_i64', word);
    return {
      res: c.get(v.d),
      cf: c.op('i32.and', low, c.i32(1)),
      of: c.op('i32.and', c.op('i32.shr_u', low, c.i32(8)), c.i32(1)),
      aux: c.op('i32.wrap_i64', c.op('i64.shr_u', word, c.i64(32))),
    };
  }

  call(of: Import, ...args: Node[]): Node {
    const { c } = this;
    const n = c.call(0, of.result ?? 'i32', ...args);
    this.calls.push({ of, at: n });
    return n;
  }
  callVoid(of: Import, ...args: Node[]): void {
    this.calls.push({ of, at: this.c.callVoid(0, ...args) });
  }

  /** Fills in what is done at every entry: it is left before anything is done, by `refuse`, unless the budget is above `most`. */
  prologue(most: number, refuse: () => void): void {
    const { c } = this;
    const zero = c.i32(0);
    c.fill(this.#prologue, () => {
      c.set(this.budget, c.load('i32.load', zero, L.BUDGET));
      c.unlikely(c.op('i32.le_s', c.get(this.budget), c.i32(most)), refuse);
      if (this.float && this.flavour.mode !== 'exact') {
        const beyond = c.load('i32.load', zero, L.FP_BEYOND);
        c.unlikely(otherFlavour(c, this.flavour, c.load('i32.load', zero, L.MXCSR), beyond), () =>
          c.return(this.call(REFUSED, c.param(0))),
        );
      }
    });
  }
  load(what: Registers): void {
    const { c } = this;
    const zero = c.i32(0);
    this.#gpr.forEach((v, i) => {
      if (v && what.gpr & (1 << i)) c.set(v, c.load('i64.load', zero, L.GPR + 8 * i));
    });
    this.#xmm.forEach((v, i) => {
      if (v && what.xmm & (1 << i)) c.set(v, c.load('v128.load', zero, L.XMM + 16 * i));
    });
    if (!(what.gpr & FLAGS)) return;
    const { kind, d, s } = this.#flags;
    c.set(kind, c.load('i32.load', zero, L.FLAG_KIND));
    c.set(d, c.load('i64.load', zero, L.FLAG_RES));
    c.set(s, c.load('i64.load', zero, L.FLAG_WORD));
  }
  /** Also what is left of the budget. */
  store(what: Registers): void {
    const { c } = this;
    const zero = c.i32(0);
    c.store('i32.store', zero, c.get(this.budget), L.BUDGET);
    this.#gpr.forEach((v, i) => {
      if (v && what.gpr & (1 << i)) c.store('i64.store', zero, c.get(v), L.GPR + 8 * i);
    });
    this.#xmm.forEach((v, i) => {
      if (v && what.xmm & (1 << i)) c.store('v128.store', zero, c.get(v), L.XMM + 16 * i);
    });
    if (!(what.gpr & FLAGS)) return;
    const { kind, d, s } = this.#flags;
    c.store('i32.store', zero, c.get(kind), L.FLAG_KIND);
    c.store('i64.store', zero, c.get(d), L.FLAG_RES);
    c.store('i64.store', zero, c.get(s), L.FLAG_WORD);
  }
}
