// Function bodies from a small graph: values are single-assignment nodes, effects are statements in order. Written out (writer.ts), a value used once goes
// where it is used, one used more often into a local, one never used nowhere: whoever builds code needn't care.

import type { Bytes } from './bytes.ts';
import { KIND, type Kind, type Node, Nodes, Var } from './node.ts';
import { LOADS, type Load, OPS, type Op, operator, STORES, type Store, type ValType } from './ops.ts';
import { type Hint, Writer } from './writer.ts';

export type { Node, Var } from './node.ts';

interface Operator {
  readonly op: number;
  readonly type: ValType;
}
function operators<K extends string>(
  table: Readonly<Record<K, { readonly code: readonly number[]; readonly type: ValType }>>,
): Readonly<Record<K, Operator>> {
  const all = {} as Record<K, Operator>;
  for (const name of Object.keys(table) as K[]) all[name] = { op: operator(table[name].code), type: table[name].type };
  return all;
}
const OPERATORS = operators(OPS);
const LOADING = operators(LOADS);
const STORING = {} as Record<Store, number>;
for (const name of Object.keys(STORES) as Store[]) STORING[name] = operator(STORES[name]);

const SELECT = 0x1b;
const SELECT_V128 = 0x1c;
const CALL = 0x10;
/** The bits of a function's first mutable locals are their own; those behind share the last. */
const BITS = 60;

/** A block, loop or condition as branches name it. */
export type Label = Node;
/** A place in the code that is filled later. */
export type Hole = Node;

export class Code {
  readonly params: readonly ValType[];
  readonly #nodes = new Nodes();
  readonly #locals: ValType[] = [];
  #vars = 0;
  readonly #body: Node;
  /** The list that grows. */
  #at: Node;
  /** Mutable locals that came free again: results of `ifElse`, those of a case. */
  readonly #freeVars: Record<ValType, Var[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #caseVars: Var[] = [];

  constructor(params: readonly ValType[] = []) {
    this.params = params;
    this.#body = this.#at = this.#nodes.make(KIND.list, 'i32', 0, -1);
  }

  // --- values
  #constant(type: ValType, op: number, imm = -1): Node {
    return this.#nodes.make(KIND.constant, type, op, imm);
  }
  param(index: number): Node {
    return this.#constant(this.params[index] as ValType, 0x20, index);
  }
  i32(n: number): Node {
    const c = this.#constant('i32', 0x41);
    c.value = n | 0;
    return c;
  }
  i64(n: bigint | number): Node {
    let v = n;
    if (typeof v === 'bigint') {
      v = BigInt.asIntN(64, v);
      const small = Number(v);
      if (Number.isSafeInteger(small)) v = small;
    }
    const c = this.#constant('i64', 0x42);
    c.value = v;
    return c;
  }
  f64(n: number): Node {
    return this.#bytes('f64', 0x44, new Uint8Array(new Float64Array([n]).buffer));
  }
  f32(n: number): Node {
    return this.#bytes('f32', 0x43, new Uint8Array(new Float32Array([n]).buffer));
  }
  v128(bytes: readonly number[]): Node {
    return this.#bytes('v128', 0x200 + 12, bytes);
  }
  #bytes(type: ValType, op: number, raw: ArrayLike<number>): Node {
    const c = this.#constant(type, op);
    c.raw = raw;
    return c;
  }
  #value(kind: Kind, type: ValType, op: number, imm: number, a?: Node, b?: Node, c?: Node): Node {
    const n = this.#nodes.make(kind, type, op, imm);
    n.a = a;
    n.b = b;
    n.c = c;
    return this.add(n);
  }
  op(name: Op, a: Node, b?: Node, c?: Node): Node {
    const { op, type } = OPERATORS[name];
    return this.#value(KIND.pure, type, op, -1, a, b, c);
  }
  /** extract_lane and replace_lane. */
  lane(name: Op, lane: number, a: Node, b?: Node): Node {
    const { op, type } = OPERATORS[name];
    return this.#value(KIND.pure, type, op, lane, a, b);
  }
  /** i8x16.shuffle: 16 lane numbers of the 32 bytes of a and b. */
  shuffle(a: Node, b: Node, lanes: readonly number[]): Node {
    const n = this.#value(KIND.pure, 'v128', 0x200 + 13, -1, a, b);
    n.raw = lanes;
    return n;
  }
  select(cond: Node, yes: Node, no: Node): Node {
    const n = this.#value(KIND.pure, yes.type, yes.type === 'v128' ? SELECT_V128 : SELECT, -1, yes, no, cond);
    if (yes.type === 'v128') n.raw = [1, 0x7b];
    return n;
  }
  load(name: Load, address: Node, offset = 0): Node {
    const { op, type } = LOADING[name];
    return this.#value(KIND.load, type, op, offset, address);
  }
  /** A load of what no statement of this function changes (decoded records, tables): may move. */
  loadConst(name: Load, address: Node, offset = 0): Node {
    const { op, type } = LOADING[name];
    return this.#value(KIND.pure, type, op, offset, address);
  }
  /** A value that is given its operand and its place later. */
  later(name: Op): Node {
    const { op, type } = OPERATORS[name];
    return this.#nodes.make(KIND.pure, type, op, -1);
  }
  get(v: Var): Node {
    const n = this.#nodes.make(KIND.get, v.type, 0x20, v.local);
    n.variable = v;
    return this.add(n);
  }
  call(index: number, result: ValType, ...args: Node[]): Node {
    const n = this.#value(KIND.call, result, CALL, index);
    n.list = args;
    return n;
  }
  /** call_indirect through table 0. */
  callIndirect(typeIndex: number, result: ValType, index: Node, ...args: Node[]): Node {
    const n = this.#value(KIND.call, result, 0x11, typeIndex);
    n.list = [...args, index];
    n.raw = [0];
    return n;
  }
  /** Puts a node made elsewhere at the end of the code. */
  protected add(n: Node): Node {
    const list = this.#at;
    const { last } = list;
    if (last) last.next = n;
    else list.first = n;
    n.previous = last;
    list.last = n;
    return n;
  }

  // --- effects
  #effect(op: number, imm: number, a?: Node, b?: Node, c?: Node): Node {
    return this.#value(KIND.effect, 'i32', op, imm, a, b, c);
  }
  /** The store: its `imm` is the offset until the code is written. */
  store(name: Store, address: Node, value: Node, offset = 0): Node {
    return this.#effect(STORING[name], offset, address, value);
  }
  set(v: Var, value: Node): void {
    const n = this.#value(KIND.set, v.type, 0x21, v.local, value);
    n.variable = v;
    if (v.bit < 30) this.#at.low |= 1 << v.bit;
    else this.#at.high |= 1 << (v.bit - 30);
  }
  callVoid(index: number, ...args: Node[]): Node {
    const n = this.#effect(CALL, index);
    n.list = args;
    return n;
  }
  memoryCopy(to: Node, from: Node, n: Node): void {
    this.#effect(0x100 + 10, -1, to, from, n).raw = [0, 0];
  }
  memoryFill(to: Node, byte: Node, n: Node): void {
    this.#effect(0x100 + 11, -1, to, byte, n).raw = [0];
  }
  var(type: ValType): Var {
    const bit = Math.min(this.#vars++, BITS - 1);
    return new Var(type, this.params.length + this.#locals.push(type) - 1, bit);
  }
  /** A mutable local for use within the current case of `cases` only. */
  tempVar(type: ValType): Var {
    const v = this.#freeVars[type].pop() ?? this.var(type);
    this.#caseVars.push(v);
    return v;
  }

  // --- control
  block(body: (label: Label) => void): void {
    this.#block(0x02, body);
  }
  loop(body: (label: Label) => void): void {
    this.#block(0x03, body);
  }
  /** A block whose value comes with the branches to its label; its own end isn't reached. */
  blockValue(type: ValType, body: (label: Label) => void): Node {
    const n = this.#block(0x02, body);
    n.type = type;
    n.imm = 0;
    return n;
  }
  /** Puts all that was written from a statement on into a block as `blockValue` makes it; the statement is one of the list that grows. */
  enclose(type: ValType, from: Node): Label {
    const list = this.#at;
    const n = this.#nodes.make(KIND.block, type, 0x02, 0);
    n.first = from;
    n.last = list.last;
    n.low = list.low;
    n.high = list.high;
    list.last = from.previous;
    if (from.previous) from.previous.next = undefined;
    else list.first = undefined;
    from.previous = undefined;
    return this.add(n);
  }
  /** `imm` 0: it has a value. */
  #block(op: number, body: (label: Label) => void): Node {
    const n = this.#nodes.make(KIND.block, 'i32', op, -1);
    this.#within(n, () => body(n));
    // What falls out of a loop's end only has gone through it.
    n.ends = op === 0x03 && endsIn(n);
    return this.add(n);
  }
  /** Makes the list's statements; those around it know what it sets. */
  #within(list: Node, body: () => void): Node {
    const outer = this.#at;
    this.#at = list;
    body();
    this.#at = outer;
    outer.low |= list.low;
    outer.high |= list.high;
    return list;
  }
  /** Marks this place, to be filled when more is known. */
  hole(): Hole {
    return this.add(this.#nodes.make(KIND.hole, 'i32', 0, -1));
  }
  /** To be called while the list that the hole is in is written still. */
  fill(hole: Hole, body: () => void): void {
    this.#within(hole, body);
  }
  if(cond: Node, yes: () => void, no?: () => void): void {
    this.#if(cond, undefined, yes, no);
  }
  /** `if`, where the condition hardly ever holds: an engine that heeds hints keeps its code out of the way. */
  unlikely(cond: Node, yes: () => void): void {
    this.#if(cond, false, yes);
  }
  #if(cond: Node, hint: boolean | undefined, yes: () => void, no?: () => void): void {
    const n = this.#nodes.make(KIND.if, 'i32', 0x04, -1);
    n.a = cond;
    n.hint = hint;
    this.#within(n, yes);
    n.ends = endsIn(n);
    if (no) {
      n.b = this.#within(this.#nodes.make(KIND.list, 'i32', 0, -1), no);
      n.b.ends = endsIn(n.b);
    }
    this.add(n);
  }
  /** The value of one of two branches. */
  ifElse(cond: Node, yes: () => Node, no: () => Node): Node {
    let v: Var | undefined;
    this.if(
      cond,
      () => {
        const n = yes();
        v = this.#freeVars[n.type].pop() ?? this.var(n.type);
        this.set(v, n);
      },
      () => this.set(v as Var, no()),
    );
    const result = v as Var | undefined;
    if (!result) throw new Error('ifElse without a value');
    // Read here, the local is free for the next one.
    this.#freeVars[result.type].push(result);
    return this.get(result);
  }
  /** The branch: another label may be put in as `c` until the code is written. */
  br(label: Label, value?: Node): Node {
    return this.#branch(label, undefined, value);
  }
  brIf(label: Label, cond: Node, value?: Node): void {
    this.#branch(label, cond, value);
  }
  /** `brIf`, where the condition hardly ever holds. */
  brUnlikely(label: Label, cond: Node, value?: Node): Node {
    const n = this.#branch(label, cond, value);
    n.hint = false;
    return n;
  }
  /** `brIf`, where the condition nearly always holds. */
  brLikely(label: Label, cond: Node): void {
    this.#branch(label, cond, undefined).hint = true;
  }
  /** Operands: the value, the condition; `c` is the label. */
  #branch(label: Label, cond: Node | undefined, value: Node | undefined): Node {
    const n = this.#value(KIND.branch, 'i32', cond ? 0x0d : 0x0c, -1, value, cond, label);
    n.ends = !cond;
    return n;
  }
  return(value?: Node): void {
    this.#value(KIND.return, 'i32', 0x0f, -1, value).ends = true;
  }
  /** Marks a place that control never reaches, as the validator wants it. */
  trapHere(): void {
    this.#effect(0x00, -1).ends = true;
  }
  /** br_table over labels that enclose this place. */
  switch(on: Node, labels: readonly Label[], other: Label): void {
    const n = this.#value(KIND.switch, 'i32', 0x0e, -1, on, undefined, other);
    n.list = labels;
    n.ends = true;
  }
  /**
   * `switch` with a body per case, in nested blocks (wasm's only form): `cases[i]` runs for i, behind all of them `other` for the rest. Bodies that don't
   * leave by themselves fall out to behind the whole. Locals of one case are used again by the next.
   */
  cases(on: Node, cases: readonly (() => void)[], other: () => void): void {
    this.block((end) => {
      const labels: Label[] = [];
      const nest = (left: number): void => {
        if (left === 0) return this.switch(on, labels.slice(1).reverse(), labels[0] as Label);
        this.block((label) => {
          labels.push(label);
          nest(left - 1);
        });
        if (left === cases.length + 1) return this.#case(other);
        this.#case(cases[left - 1] as () => void);
        this.br(end);
      };
      nest(cases.length + 1);
    });
  }
  #case(emit: () => void): void {
    const outer = this.#caseVars;
    this.#caseVars = [];
    emit();
    for (const v of this.#caseVars) this.#freeVars[v.type].push(v);
    this.#caseVars = outer;
  }

  /**
   * The function body: local declarations and code, with its size in front. To be called once: its nodes are used for other functions then. Gives the hints
   * of branches in order.
   */
  write(to: Bytes): readonly Hint[] {
    const hints = new Writer(this.params.length, this.#locals).write(this.#body, to);
    this.#nodes.release();
    return hints;
  }
}

/** Does control never come out at the list's end? */
function endsIn(list: Node): boolean {
  let { last } = list;
  // Values behind don't matter: nothing is done for them there.
  while (last && last.kind <= KIND.get) last = last.previous;
  if (last?.kind === KIND.if) return last.ends && (last.b?.ends ?? false);
  return last?.ends ?? false;
}
