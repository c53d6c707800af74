// Function bodies from a small graph: values are single-assignment nodes, effects are statements in order. Written out, a value used once goes where it is
// used, one used more often into a local, one never used nowhere: whoever builds code needn't care. Loads, calls and reads of mutable locals keep their place.

import { sleb, sleb32, uleb } from './leb.ts';
import { LOADS, type Load, OPS, type Op, STORES, type Store, VALTYPE, type ValType } from './ops.ts';

export interface Node {
  readonly type: ValType;
  readonly args: readonly Node[];
  /** Encodes the operator itself, behind its arguments. */
  readonly code: readonly number[];
  /** May be written where it is used: depends on its arguments alone. */
  readonly pure: boolean;
  /** Constant value, for folding. */
  readonly value?: number | bigint;
  uses: number;
  local: number;
}
/** A mutable local: guest registers, flags, counters. */
export interface Var {
  readonly type: ValType;
  local: number;
}
export interface Label {
  readonly of: 'block' | 'loop' | 'if';
}

type Statement =
  | { readonly s: 'def'; readonly node: Node }
  | { readonly s: 'do'; readonly args: readonly Node[]; readonly code: readonly number[] }
  | { readonly s: 'block'; readonly label: Label; readonly body: Statement[] }
  | {
      readonly s: 'if';
      readonly cond: Node;
      readonly label: Label;
      readonly yes: Statement[];
      readonly no: Statement[];
    }
  | { readonly s: 'br'; readonly label: Label; readonly cond?: Node }
  | { readonly s: 'return'; readonly value?: Node }
  | { readonly s: 'switch'; readonly on: Node; readonly labels: readonly Label[]; readonly other: Label };

const memarg = (offset: number): number[] => {
  const out = [0];
  uleb(out, offset);
  return out;
};
const withIndex = (op: number, n: number): number[] => {
  const out = [op];
  uleb(out, n);
  return out;
};

export class Code {
  readonly params: readonly ValType[];
  readonly #locals: ValType[] = [];
  #at: Statement[] = [];
  readonly #body: Statement[];
  /** Locals that a finished section gave back: while building (`ifElse` results) and while writing (values), two pools that must not mix. */
  readonly #freeBuilt: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly #freeWritten: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #built: Var[] = [];
  #written: Var[] = [];

  constructor(params: readonly ValType[] = []) {
    this.params = params;
    this.#body = this.#at;
  }

  // --- values
  param(index: number): Node {
    return {
      type: this.params[index] as ValType,
      args: [],
      code: withIndex(0x20, index),
      pure: true,
      uses: 0,
      local: -1,
    };
  }
  i32(n: number): Node {
    const code = [0x41];
    sleb32(code, n);
    return { type: 'i32', args: [], code, pure: true, value: n | 0, uses: 0, local: -1 };
  }
  i64(n: bigint | number): Node {
    const code = [0x42];
    const v = BigInt.asIntN(64, BigInt(n));
    sleb(code, v);
    return { type: 'i64', args: [], code, pure: true, value: v, uses: 0, local: -1 };
  }
  f64(n: number): Node {
    return {
      type: 'f64',
      args: [],
      code: [0x44, ...new Uint8Array(new Float64Array([n]).buffer)],
      pure: true,
      uses: 0,
      local: -1,
    };
  }
  f32(n: number): Node {
    return {
      type: 'f32',
      args: [],
      code: [0x43, ...new Uint8Array(new Float32Array([n]).buffer)],
      pure: true,
      uses: 0,
      local: -1,
    };
  }
  v128(bytes: readonly number[]): Node {
    return { type: 'v128', args: [], code: [0xfd, 12, ...bytes], pure: true, uses: 0, local: -1 };
  }
  op(name: Op, ...args: Node[]): Node {
    const { code, type } = OPS[name];
    return this.#def({ type, args, code, pure: true, uses: 0, local: -1 });
  }
  /** extract_lane and replace_lane. */
  lane(name: Op, lane: number, ...args: Node[]): Node {
    const { code, type } = OPS[name];
    return this.#def({ type, args, code: [...code, lane], pure: true, uses: 0, local: -1 });
  }
  /** i8x16.shuffle: 16 lane numbers of the 32 bytes of a and b. */
  shuffle(a: Node, b: Node, lanes: readonly number[]): Node {
    return this.#def({ type: 'v128', args: [a, b], code: [0xfd, 13, ...lanes], pure: true, uses: 0, local: -1 });
  }
  select(cond: Node, yes: Node, no: Node): Node {
    const code = yes.type === 'v128' ? [0x1c, 1, VALTYPE.v128] : [0x1b];
    return this.#def({ type: yes.type, args: [yes, no, cond], code, pure: true, uses: 0, local: -1 });
  }
  load(name: Load, address: Node, offset = 0): Node {
    const { code, type } = LOADS[name];
    return this.#def({ type, args: [address], code: [...code, ...memarg(offset)], pure: false, uses: 0, local: -1 });
  }
  /** A load of what no statement of this function changes (decoded records, tables): may move. */
  loadConst(name: Load, address: Node, offset = 0): Node {
    const { code, type } = LOADS[name];
    return this.#def({ type, args: [address], code: [...code, ...memarg(offset)], pure: true, uses: 0, local: -1 });
  }
  get(v: Var): Node {
    return this.#def({ type: v.type, args: [], code: withIndex(0x20, v.local), pure: false, uses: 0, local: -1 });
  }
  call(index: number, result: ValType, ...args: Node[]): Node {
    const node: Node = { type: result, args, code: withIndex(0x10, index), pure: false, uses: 1, local: -1 };
    return this.#def(node);
  }
  /** call_indirect through table 0. */
  callIndirect(typeIndex: number, result: ValType, index: Node, ...args: Node[]): Node {
    const code = [0x11];
    uleb(code, typeIndex);
    code.push(0);
    return this.#def({ type: result, args: [...args, index], code, pure: false, uses: 1, local: -1 });
  }
  #def(node: Node): Node {
    this.#at.push({ s: 'def', node });
    return node;
  }

  // --- effects
  store(name: Store, address: Node, value: Node, offset = 0): void {
    this.#at.push({ s: 'do', args: [address, value], code: [...STORES[name], ...memarg(offset)] });
  }
  set(v: Var, value: Node): void {
    this.#at.push({ s: 'do', args: [value], code: withIndex(0x21, v.local) });
  }
  callVoid(index: number, ...args: Node[]): void {
    this.#at.push({ s: 'do', args, code: withIndex(0x10, index) });
  }
  memoryCopy(to: Node, from: Node, n: Node): void {
    this.#at.push({ s: 'do', args: [to, from, n], code: [0xfc, 10, 0, 0] });
  }
  memoryFill(to: Node, byte: Node, n: Node): void {
    this.#at.push({ s: 'do', args: [to, byte, n], code: [0xfc, 11, 0] });
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
    this.#nest('block', body);
  }
  loop(body: (label: Label) => void): void {
    this.#nest('loop', body);
  }
  #nest(of: 'block' | 'loop', body: (label: Label) => void): void {
    const outer = this.#at;
    const inner: Statement[] = [];
    const label: Label = { of };
    this.#at = inner;
    body(label);
    this.#at = outer;
    outer.push({ s: 'block', label, body: inner });
  }
  if(cond: Node, yes: () => void, no?: () => void): void {
    const outer = this.#at;
    const a: Statement[] = [];
    const b: Statement[] = [];
    this.#at = a;
    yes();
    this.#at = b;
    no?.();
    this.#at = outer;
    outer.push({ s: 'if', cond, label: { of: 'if' }, yes: a, no: b });
  }
  /** The value of one of two branches. */
  ifElse(cond: Node, yes: () => Node, no: () => Node): Node {
    const v: { local: Var | undefined } = { local: undefined };
    let type: ValType = 'i32';
    this.if(
      cond,
      () => {
        const n = yes();
        type = n.type;
        v.local = this.tempVar(type);
        this.set(v.local, n);
      },
      () => {
        this.set(v.local as Var, no());
      },
    );
    return this.get(v.local as Var);
  }
  br(label: Label): void {
    this.#at.push({ s: 'br', label });
  }
  brIf(label: Label, cond: Node): void {
    this.#at.push({ s: 'br', label, cond });
  }
  return(value?: Node): void {
    this.#at.push(value ? { s: 'return', value } : { s: 'return' });
  }
  /** Marks a place that control never reaches, as the validator wants it. */
  trapHere(): void {
    this.#at.push({ s: 'do', args: [], code: [0x00] });
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
    this.#sectionStart.set(this.#at, this.#at.length);
    emit();
    for (const t of this.#built) this.#freeBuilt[t.type].push(t.local);
    this.#built = outer;
  }
  /** Where in its statement list a case's own code begins (in front of it stand the cases nested before). */
  readonly #sectionStart = new Map<Statement[], number>();

  // --- writing
  /** The function body: local declarations and code, with its size in front. */
  bytes(): number[] {
    count(this.#body);
    const code: number[] = [];
    this.#emitAll(this.#body, code, []);
    code.push(0x0b);
    const out: number[] = [];
    const runs: [number, ValType][] = [];
    for (const t of this.#locals) {
      const last = runs.at(-1);
      if (last && last[1] === t) last[0]++;
      else runs.push([1, t]);
    }
    uleb(out, runs.length);
    for (const [n, t] of runs) {
      uleb(out, n);
      out.push(VALTYPE[t]);
    }
    const sized: number[] = [];
    uleb(sized, out.length + code.length);
    for (const x of out) sized.push(x);
    for (const x of code) sized.push(x);
    return sized;
  }
  #emitAll(list: readonly Statement[], out: number[], labels: Label[]): void {
    const start = this.#sectionStart.get(list as Statement[]);
    let outer = this.#written;
    list.forEach((s, i) => {
      if (i === start) {
        outer = this.#written;
        this.#written = [];
      }
      this.#emit(s, out, labels);
    });
    if (start !== undefined && start < list.length) {
      for (const t of this.#written) this.#freeWritten[t.type].push(t.local);
      this.#written = outer;
    }
  }
  #emit(s: Statement, out: number[], labels: Label[]): void {
    const depth = (l: Label): number => {
      const at = labels.lastIndexOf(l);
      if (at < 0) throw new Error('branch to a label that does not enclose it');
      return labels.length - 1 - at;
    };
    switch (s.s) {
      case 'def': {
        const n = s.node;
        if (n.uses === 0 || (n.pure && n.uses === 1)) return;
        this.#operands(n, out);
        n.local = this.#freeWritten[n.type].pop() ?? this.#local(n.type);
        this.#written.push({ type: n.type, local: n.local });
        out.push(...withIndex(0x21, n.local));
        return;
      }
      case 'do':
        for (const a of s.args) this.#value(a, out);
        for (const c of s.code) out.push(c);
        return;
      case 'block':
        out.push(s.label.of === 'loop' ? 0x03 : 0x02, 0x40);
        labels.push(s.label);
        this.#emitAll(s.body, out, labels);
        labels.pop();
        out.push(0x0b);
        return;
      case 'if':
        this.#value(s.cond, out);
        out.push(0x04, 0x40);
        labels.push(s.label);
        this.#emitAll(s.yes, out, labels);
        if (s.no.length) {
          out.push(0x05);
          this.#emitAll(s.no, out, labels);
        }
        labels.pop();
        out.push(0x0b);
        return;
      case 'br':
        if (s.cond) this.#value(s.cond, out);
        out.push(s.cond ? 0x0d : 0x0c);
        uleb(out, depth(s.label));
        return;
      case 'return':
        if (s.value) this.#value(s.value, out);
        out.push(0x0f);
        return;
      case 'switch':
        this.#value(s.on, out);
        out.push(0x0e);
        uleb(out, s.labels.length);
        for (const l of s.labels) uleb(out, depth(l));
        uleb(out, depth(s.other));
    }
  }
  #operands(n: Node, out: number[]): void {
    for (const a of n.args) this.#value(a, out);
    for (const c of n.code) out.push(c);
  }
  #value(n: Node, out: number[]): void {
    if (n.local >= 0) out.push(...withIndex(0x20, n.local));
    else this.#operands(n, out);
  }
}

/** Counts uses from the effects back; a definition nobody uses counts for nothing. Constants and parameters (never defined) are written where used. */
function count(list: readonly Statement[]): void {
  const use = (n: Node): void => {
    n.uses++;
  };
  for (let i = list.length - 1; i >= 0; i--) {
    const s = list[i] as Statement;
    switch (s.s) {
      case 'def':
        if (s.node.uses > 0) s.node.args.forEach(use);
        break;
      case 'do':
        s.args.forEach(use);
        break;
      case 'block':
        count(s.body);
        break;
      case 'if':
        count(s.no);
        count(s.yes);
        use(s.cond);
        break;
      case 'br':
        if (s.cond) use(s.cond);
        break;
      case 'return':
        if (s.value) use(s.value);
        break;
      case 'switch':
        use(s.on);
    }
  }
}
