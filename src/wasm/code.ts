// Function bodies from a small graph: values are single-assignment nodes, effects are statements in order. Written out, a value used once goes where it is
// used, one used more often into a local, one never used nowhere: whoever builds code needn't care. Loads, calls and reads of mutable locals keep their place.

import { Bytes } from './bytes.ts';
import { LOADS, type Load, OPS, type Op, STORES, type Store, VALTYPE, type ValType } from './ops.ts';

const NO_NODES: readonly Node[] = [];
const NONE: readonly number[] = [];
const CONST: Record<'i32' | 'i64', readonly number[]> = { i32: [0x41], i64: [0x42] };
const LOCAL_GET = [0x20];
const LOCAL_SET = [0x21];
const CALL = [0x10];
const SELECT = [0x1b];
const SELECT_V128 = [0x1c, 1, VALTYPE.v128];
const UNREACHABLE = [0x00];
/** Operators with the alignment byte of their memarg (0: no promise): the offset follows as the immediate. */
const LOAD_CODES = new Map<Load, readonly number[]>(
  (Object.keys(LOADS) as Load[]).map((name) => [name, [...LOADS[name].code, 0]]),
);
const STORE_CODES = new Map<Store, readonly number[]>(
  (Object.keys(STORES) as Store[]).map((name) => [name, [...STORES[name], 0]]),
);

export class Node {
  readonly s = 'def';
  readonly type: ValType;
  readonly args: readonly Node[];
  /** The operator's bytes, written behind its arguments; `imm` follows as unsigned LEB128 unless it is -1. */
  readonly code: ArrayLike<number>;
  imm: number;
  /** May be written where it is used: depends on its arguments alone. */
  readonly pure: boolean;
  /** Constant value, for folding; an i64's is a number where that is exact. */
  readonly value: number | bigint | undefined;
  /** Uses not written yet. */
  uses = 0;
  local = -1;
  /** Loops around the definition, while written. */
  depth = 0;
  /** Equal to `base` + `offset` (an i64), where whoever made it knows. */
  base: Node | undefined = undefined;
  offset = 0;
  constructor(
    type: ValType,
    args: readonly Node[],
    code: ArrayLike<number>,
    imm: number,
    pure: boolean,
    value?: number | bigint,
  ) {
    this.type = type;
    this.args = args;
    this.code = code;
    this.imm = imm;
    this.pure = pure;
    this.value = value;
  }
}
/** A mutable local: guest registers, flags, counters. */
export interface Var {
  readonly type: ValType;
  local: number;
}
export interface Label {
  readonly of: 'block' | 'loop' | 'if';
}
/** A place in the code that is filled later. */
export interface Hole {
  readonly s: 'hole';
  readonly body: Statement[];
}
/** An effect whose memory offset may be set until the code is written. */
export interface Effect {
  readonly s: 'do';
  readonly args: readonly Node[];
  readonly code: readonly number[];
  imm: number;
}

type Statement =
  | Node
  | Hole
  | Effect
  | { readonly s: 'block'; readonly label: Label; readonly body: Statement[]; readonly result?: Node }
  | {
      readonly s: 'if';
      readonly cond: Node;
      readonly label: Label;
      readonly yes: Statement[];
      readonly no: Statement[];
    }
  | { readonly s: 'br'; readonly label: Label; readonly cond?: Node; readonly value?: Node }
  | { readonly s: 'return'; readonly value?: Node }
  | { readonly s: 'switch'; readonly on: Node; readonly labels: readonly Label[]; readonly other: Label };

export class Code {
  readonly params: readonly ValType[];
  readonly #locals: ValType[] = [];
  #at: Statement[] = [];
  readonly #body: Statement[];
  /** Locals that came free: while building (`ifElse` results) and while writing (values), two pools that must not mix. */
  readonly #freeBuilt: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly #freeWritten: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #built: Var[] = [];
  // While writing: the output, the labels around the place, and how many of them are loops.
  #out = new Bytes(0);
  readonly #labels: Label[] = [];
  #loops = 0;

  constructor(params: readonly ValType[] = []) {
    this.params = params;
    this.#body = this.#at;
  }

  // --- values
  param(index: number): Node {
    return new Node(this.params[index] as ValType, NO_NODES, LOCAL_GET, index, true);
  }
  i32(n: number): Node {
    return new Node('i32', NO_NODES, CONST.i32, -1, true, n | 0);
  }
  i64(n: bigint | number): Node {
    let v = n;
    if (typeof v === 'bigint') {
      v = BigInt.asIntN(64, v);
      const small = Number(v);
      if (Number.isSafeInteger(small)) v = small;
    }
    return new Node('i64', NO_NODES, CONST.i64, -1, true, v);
  }
  f64(n: number): Node {
    return new Node('f64', NO_NODES, [0x44, ...new Uint8Array(new Float64Array([n]).buffer)], -1, true);
  }
  f32(n: number): Node {
    return new Node('f32', NO_NODES, [0x43, ...new Uint8Array(new Float32Array([n]).buffer)], -1, true);
  }
  v128(bytes: readonly number[]): Node {
    return new Node('v128', NO_NODES, [0xfd, 12, ...bytes], -1, true);
  }
  op(name: Op, ...args: Node[]): Node {
    const { code, type } = OPS[name];
    return this.def(new Node(type, args, code, -1, true));
  }
  /** extract_lane and replace_lane. */
  lane(name: Op, lane: number, ...args: Node[]): Node {
    const { code, type } = OPS[name];
    return this.def(new Node(type, args, code, lane, true));
  }
  /** i8x16.shuffle: 16 lane numbers of the 32 bytes of a and b. */
  shuffle(a: Node, b: Node, lanes: readonly number[]): Node {
    return this.def(new Node('v128', [a, b], [0xfd, 13, ...lanes], -1, true));
  }
  select(cond: Node, yes: Node, no: Node): Node {
    return this.def(new Node(yes.type, [yes, no, cond], yes.type === 'v128' ? SELECT_V128 : SELECT, -1, true));
  }
  load(name: Load, address: Node, offset = 0): Node {
    return this.def(new Node(LOADS[name].type, [address], LOAD_CODES.get(name)!, offset, false));
  }
  /** A load of what no statement of this function changes (decoded records, tables): may move. */
  loadConst(name: Load, address: Node, offset = 0): Node {
    return this.def(new Node(LOADS[name].type, [address], LOAD_CODES.get(name)!, offset, true));
  }
  get(v: Var): Node {
    return this.def(new Node(v.type, NO_NODES, LOCAL_GET, v.local, false));
  }
  call(index: number, result: ValType, ...args: Node[]): Node {
    return this.#effective(new Node(result, args, CALL, index, false));
  }
  /** call_indirect through table 0. */
  callIndirect(typeIndex: number, result: ValType, index: Node, ...args: Node[]): Node {
    const b = new Bytes(8);
    b.byte(0x11);
    b.uleb(typeIndex);
    b.byte(0);
    return this.#effective(new Node(result, [...args, index], b.view(), -1, false));
  }
  /** A value that is made even if nobody uses it. */
  #effective(node: Node): Node {
    this.def(node);
    this.#at.push({ s: 'do', args: [node], code: [0x1a], imm: -1 });
    return node;
  }
  protected def(node: Node): Node {
    this.#at.push(node);
    return node;
  }

  // --- effects
  #do(args: readonly Node[], code: readonly number[], imm: number): Effect {
    const e: Effect = { s: 'do', args, code, imm };
    this.#at.push(e);
    return e;
  }
  store(name: Store, address: Node, value: Node, offset = 0): Effect {
    return this.#do([address, value], STORE_CODES.get(name)!, offset);
  }
  set(v: Var, value: Node): void {
    this.#do([value], LOCAL_SET, v.local);
  }
  callVoid(index: number, ...args: Node[]): Effect {
    return this.#do(args, CALL, index);
  }
  memoryCopy(to: Node, from: Node, n: Node): void {
    this.#do([to, from, n], [0xfc, 10, 0, 0], -1);
  }
  memoryFill(to: Node, byte: Node, n: Node): void {
    this.#do([to, byte, n], [0xfc, 11, 0], -1);
  }
  var(type: ValType): Var {
    return { type, local: this.#local(type) };
  }
  /** A mutable local for use within the current case of `cases` only. */
  tempVar(type: ValType): Var {
    const v = { type, local: this.#freeBuilt[type].pop() ?? this.#local(type) };
    this.#built.push(v);
    return v;
  }
  #local(type: ValType): number {
    this.#locals.push(type);
    return this.params.length + this.#locals.length - 1;
  }

  // --- control
  block(body: (label: Label) => void): void {
    const label: Label = { of: 'block' };
    this.#at.push({ s: 'block', label, body: this.#nested(() => body(label)) });
  }
  loop(body: (label: Label) => void): void {
    const label: Label = { of: 'loop' };
    this.#at.push({ s: 'block', label, body: this.#nested(() => body(label)) });
  }
  /** A block whose value comes with the branches to its label; its own end isn't reached. */
  blockValue(type: ValType, body: (label: Label) => void): Node {
    const label: Label = { of: 'block' };
    const result = new Node(type, NO_NODES, NONE, -1, false);
    this.#at.push({ s: 'block', label, body: this.#nested(() => body(label)), result });
    return result;
  }
  #nested(body: () => void): Statement[] {
    const outer = this.#at;
    const inner: Statement[] = [];
    this.#at = inner;
    body();
    this.#at = outer;
    return inner;
  }
  /** Marks this place, to be filled when more is known. */
  hole(): Hole {
    const h: Hole = { s: 'hole', body: [] };
    this.#at.push(h);
    return h;
  }
  fill(hole: Hole, body: () => void): void {
    for (const s of this.#nested(body)) hole.body.push(s);
  }
  if(cond: Node, yes: () => void, no?: () => void): void {
    const a = this.#nested(yes);
    const b = no ? this.#nested(no) : [];
    this.#at.push({ s: 'if', cond, label: { of: 'if' }, yes: a, no: b });
  }
  /** The value of one of two branches. */
  ifElse(cond: Node, yes: () => Node, no: () => Node): Node {
    let v: Var | undefined;
    this.if(
      cond,
      () => {
        const n = yes();
        v = { type: n.type, local: this.#freeBuilt[n.type].pop() ?? this.#local(n.type) };
        this.set(v, n);
      },
      () => this.set(v as Var, no()),
    );
    const result = v as Var | undefined;
    if (!result) throw new Error('ifElse without a value');
    // Read here, the local is free for the next one.
    const n = this.get(result);
    this.#freeBuilt[result.type].push(result.local);
    return n;
  }
  br(label: Label, value?: Node): void {
    this.#at.push(value ? { s: 'br', label, value } : { s: 'br', label });
  }
  brIf(label: Label, cond: Node, value?: Node): void {
    this.#at.push(value ? { s: 'br', label, cond, value } : { s: 'br', label, cond });
  }
  return(value?: Node): void {
    this.#at.push(value ? { s: 'return', value } : { s: 'return' });
  }
  /** Marks a place that control never reaches, as the validator wants it. */
  trapHere(): void {
    this.#do(NO_NODES, UNREACHABLE, -1);
  }
  /** br_table over labels that enclose this place. */
  switch(on: Node, labels: readonly Label[], other: Label): void {
    this.#at.push({ s: 'switch', on, labels, other });
  }
  /**
   * `switch` with a body per case, in nested blocks (wasm's only form): `cases[i]` runs for i, behind all of them `other` for the rest. Bodies that don't
   * leave by themselves fall out to behind the whole. Locals of one case are used again by the next.
   */
  cases(on: Node, cases: readonly (() => void)[], other: () => void): void {
    const labels: Label[] = cases.map(() => ({ of: 'block' }));
    const end: Label = { of: 'block' };
    const outer = this.#at;
    const otherLabel: Label = { of: 'block' };
    let body: Statement[] = [{ s: 'switch', on, labels, other: otherLabel }];
    cases.forEach((emit, i) => {
      const next: Statement[] = [{ s: 'block', label: labels[i] as Label, body }];
      this.#at = next;
      this.#section(emit);
      next.push({ s: 'br', label: end });
      body = next;
    });
    const last: Statement[] = [{ s: 'block', label: otherLabel, body }];
    this.#at = last;
    this.#section(other);
    this.#at = outer;
    outer.push({ s: 'block', label: end, body: last });
  }
  #section(emit: () => void): void {
    const outer = this.#built;
    this.#built = [];
    emit();
    for (const t of this.#built) this.#freeBuilt[t.type].push(t.local);
    this.#built = outer;
  }

  // --- writing
  /** The function body: local declarations and code, with its size in front. To be called once. */
  write(to: Bytes): void {
    count(this.#body);
    this.#out = new Bytes(4096);
    this.#all(this.#body);
    this.#out.byte(0x0b);
    const head = new Bytes(64);
    const runs: [number, ValType][] = [];
    for (const t of this.#locals) {
      const last = runs.at(-1);
      if (last && last[1] === t) last[0]++;
      else runs.push([1, t]);
    }
    head.uleb(runs.length);
    for (const [n, t] of runs) {
      head.uleb(n);
      head.byte(VALTYPE[t]);
    }
    to.uleb(head.length + this.#out.length);
    to.append(head);
    to.append(this.#out);
  }
  #all(list: readonly Statement[]): void {
    for (let i = 0; i < list.length; i++) this.#statement(list[i] as Statement);
  }
  #depth(l: Label): number {
    const at = this.#labels.lastIndexOf(l);
    if (at < 0) throw new Error('branch to a label that does not enclose it');
    return this.#labels.length - 1 - at;
  }
  #statement(s: Statement): void {
    const out = this.#out;
    switch (s.s) {
      case 'def':
        if (s.uses === 0 || (s.pure && s.uses === 1)) return;
        this.#operator(s);
        this.#keep(s);
        return;
      case 'hole':
        return this.#all(s.body);
      case 'do':
        // A call whose value only this statement takes is made here; the value of others lies in a local already.
        if (s.code[0] === 0x1a) {
          const n = s.args[0] as Node;
          if (--n.uses === 0) this.#free(n);
          return;
        }
        for (const a of s.args) this.#value(a);
        out.all(s.code);
        if (s.imm >= 0) out.uleb(s.imm);
        return;
      case 'block': {
        const loop = s.label.of === 'loop';
        out.byte(loop ? 0x03 : 0x02);
        out.byte(s.result ? VALTYPE[s.result.type] : 0x40);
        this.#labels.push(s.label);
        if (loop) this.#loops++;
        this.#all(s.body);
        if (loop) this.#loops--;
        this.#labels.pop();
        if (s.result) out.byte(0x00);
        out.byte(0x0b);
        if (s.result) this.#keep(s.result);
        return;
      }
      case 'if':
        this.#value(s.cond);
        out.byte(0x04);
        out.byte(0x40);
        this.#labels.push(s.label);
        this.#all(s.yes);
        if (s.no.length) {
          out.byte(0x05);
          this.#all(s.no);
        }
        this.#labels.pop();
        out.byte(0x0b);
        return;
      case 'br':
        if (s.value) this.#value(s.value);
        if (s.cond) this.#value(s.cond);
        out.byte(s.cond ? 0x0d : 0x0c);
        out.uleb(this.#depth(s.label));
        if (s.value && s.cond) out.byte(0x1a);
        return;
      case 'return':
        if (s.value) this.#value(s.value);
        out.byte(0x0f);
        return;
      case 'switch':
        this.#value(s.on);
        out.byte(0x0e);
        out.uleb(s.labels.length);
        for (const l of s.labels) out.uleb(this.#depth(l));
        out.uleb(this.#depth(s.other));
    }
  }
  /** The value on the stack goes into a local of its own until its last use. */
  #keep(n: Node): void {
    n.local = this.#freeWritten[n.type].pop() ?? this.#local(n.type);
    n.depth = this.#loops;
    this.#out.byte(0x21);
    this.#out.uleb(n.local);
    if (n.uses === 0) this.#free(n);
  }
  #free(n: Node): void {
    // Not within a loop that the definition stands before: the next round reads it again.
    if (n.depth === this.#loops) this.#freeWritten[n.type].push(n.local);
  }
  #operator(n: Node): void {
    const { args } = n;
    for (let i = 0; i < args.length; i++) this.#value(args[i] as Node);
    const out = this.#out;
    out.all(n.code);
    if (n.imm >= 0) out.uleb(n.imm);
    else if (n.value !== undefined) {
      if (n.type === 'i32') out.sleb32(n.value as number);
      else out.sleb64(n.value);
    }
  }
  #value(n: Node): void {
    if (n.local < 0) return this.#operator(n);
    this.#out.byte(0x20);
    this.#out.uleb(n.local);
    if (--n.uses === 0) this.#free(n);
  }
}

/** Counts uses from the effects back; a definition nobody uses counts for nothing. Constants and parameters (never defined) are written where used. */
function count(list: readonly Statement[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const s = list[i] as Statement;
    switch (s.s) {
      case 'def':
        if (s.uses > 0) for (const a of s.args) a.uses++;
        break;
      case 'do':
        for (const a of s.args) a.uses++;
        break;
      case 'hole':
        count(s.body);
        break;
      case 'block':
        count(s.body);
        break;
      case 'if':
        count(s.no);
        count(s.yes);
        s.cond.uses++;
        break;
      case 'br':
        if (s.cond) s.cond.uses++;
        if (s.value) s.value.uses++;
        break;
      case 'return':
        if (s.value) s.value.uses++;
        break;
      case 'switch':
        s.on.uses++;
    }
  }
}
