// A function's nodes as bytes. Uses are counted first, from the effects back. Reads of memory are put off until they are used or something might change what
// they read; reads of a mutable local stand for the local itself until it is set, and are saved then if they are used later.

import { Bytes } from './bytes.ts';
import { KIND, type Node, type Var } from './node.ts';
import { LOADS, type Load, OPS, type Op, operator, STORES, type Store, VALTYPE, type ValType } from './ops.ts';

const GET = 0x20;
const SET = 0x21;
const TEE = 0x22;
const END = 0x0b;
const UNREACHABLE = 0x00;

/** Bodies are written here before their size is known. */
const body = new Bytes(1 << 16);
const head = new Bytes(256);

/** Of a conditional branch: where it stands, in bytes from the body's start (behind its size), and whether it is nearly always or hardly ever taken. */
export interface Hint {
  at: number;
  readonly taken: boolean;
}

export class Writer {
  readonly #params: number;
  readonly #locals: ValType[];
  readonly #free: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly #out = body;
  #labels = 0;
  #loops = 0;
  /** Mutable locals, and before each arm of a condition what stood for them, where the arm sets them. */
  readonly #vars: Var[] = [];
  readonly #log: { readonly of: Var; readonly aliases: Node | undefined }[] = [];
  #arms = 0;
  /** Reads of memory that are put off, of the list being written. */
  #pending: Node[] = [];
  /** Where the last operator ended, if it set a local, and which. */
  #setEnd = -1;
  #setLocal = -1;
  readonly #hints: Hint[] = [];

  constructor(params: number, locals: ValType[]) {
    this.#params = params;
    this.#locals = locals;
  }
  /** Gives the hints of branches in order. */
  write(list: Node, to: Bytes): readonly Hint[] {
    count(list.last);
    const out = this.#out;
    out.length = 0;
    this.#list(list);
    out.byte(END);
    head.length = 0;
    const locals = this.#locals;
    let runs = 0;
    for (let i = 0; i < locals.length; i++) if (i === 0 || locals[i] !== locals[i - 1]) runs++;
    head.uleb(runs);
    for (let i = 0, from = 0; i < locals.length; i++) {
      if (i + 1 < locals.length && locals[i + 1] === locals[i]) continue;
      head.uleb(i + 1 - from);
      head.byte(VALTYPE[locals[i] as ValType]);
      from = i + 1;
    }
    to.uleb(head.length + out.length);
    to.append(head);
    to.append(out);
    for (const h of this.#hints) h.at += head.length;
    return this.#hints;
  }

  // --- statements
  #list(list: Node): void {
    for (let s = list.first; s; s = s.next) this.#statement(s);
  }
  #statement(s: Node): void {
    const out = this.#out;
    switch (s.kind) {
      case KIND.pure:
        if (s.uses > 1) {
          this.#operator(s);
          this.#keep(s);
        }
        return;
      case KIND.load:
        if (s.uses === 1) this.#pending.push(s);
        else if (s.uses > 1) {
          this.#operator(s);
          this.#keep(s);
        }
        return;
      case KIND.get:
        if (s.uses === 0) return;
        this.#standFor(s, s.variable as Var);
        return;
      case KIND.call:
        this.#operator(s);
        if (s.uses) this.#keep(s);
        else out.byte(0x1a);
        return;
      case KIND.effect:
        this.#operator(s);
        if (s.op === UNREACHABLE) this.#pending.length = 0;
        return;
      case KIND.set:
        this.#value(s.a as Node);
        this.#set(s.variable as Var);
        return;
      case KIND.hole:
        return this.#list(s);
      case KIND.block:
        return this.#block(s);
      case KIND.if:
        return this.#if(s);
      case KIND.branch:
        if (s.a) this.#value(s.a);
        if (s.b) this.#value(s.b);
        this.#hint(s);
        out.byte(s.op);
        out.uleb(this.#depth(s.c as Node));
        if (s.a && s.b) out.byte(0x1a);
        if (!s.b) this.#pending.length = 0;
        return;
      case KIND.return:
        if (s.a) this.#value(s.a);
        out.byte(s.op);
        this.#pending.length = 0;
        return;
      case KIND.switch: {
        const labels = s.list as readonly Node[];
        this.#value(s.a as Node);
        out.byte(s.op);
        out.uleb(labels.length);
        for (const l of labels) out.uleb(this.#depth(l));
        out.uleb(this.#depth(s.c as Node));
        this.#pending.length = 0;
      }
    }
  }
  #hint(s: Node): void {
    if (s.hint !== undefined) this.#hints.push({ at: this.#out.length, taken: s.hint });
  }
  /** Blocks know how many labels are around them. */
  #depth(label: Node): number {
    if (label.local < 0) throw new Error('branch to a label that does not enclose it');
    return this.#labels - 1 - label.local;
  }
  #block(s: Node): void {
    const out = this.#out;
    const loop = s.op === 0x03;
    this.#settle();
    this.#save(s.low, s.high);
    out.byte(s.op);
    out.byte(s.imm === 0 ? VALTYPE[s.type] : 0x40);
    s.local = this.#labels++;
    if (loop) this.#loops++;
    this.#list(s);
    this.#settle();
    if (loop) this.#loops--;
    this.#labels--;
    s.local = -1;
    if (s.imm === 0) out.byte(UNREACHABLE);
    out.byte(END);
    if (s.imm === 0) {
      s.imm = -1;
      this.#keep(s);
    }
  }
  #if(s: Node): void {
    const out = this.#out;
    this.#value(s.a as Node);
    this.#settle();
    const other = s.b;
    this.#save(s.ends ? 0 : s.low, s.ends ? 0 : s.high);
    if (other && !other.ends) this.#save(other.low, other.high);
    this.#hint(s);
    out.byte(s.op);
    out.byte(0x40);
    s.local = this.#labels++;
    this.#arm(s);
    if (other?.first) {
      out.byte(0x05);
      this.#arm(other);
    }
    this.#labels--;
    s.local = -1;
    out.byte(END);
  }
  /** What an arm does to the reads of locals is undone behind it. */
  #arm(list: Node): void {
    const log = this.#log;
    const before = log.length;
    this.#arms++;
    this.#list(list);
    this.#settle();
    this.#arms--;
    while (log.length > before) {
      const { of, aliases } = log.pop()!;
      of.aliases = aliases;
      for (let n = aliases; n; n = n.alias)
        if (n.uses > 0 && n.local !== of.local) {
          this.#free[n.type].push(n.local);
          n.local = of.local;
        }
    }
  }

  // --- mutable locals
  #standFor(n: Node, v: Var): void {
    n.local = v.local;
    n.variable = v;
    n.depth = this.#loops;
    n.alias = v.aliases;
    v.aliases = n;
    if (v.known) return;
    v.known = true;
    this.#vars.push(v);
  }
  /** Sets it to the value on the stack. */
  #set(v: Var): void {
    this.#saved(v);
    this.#put(SET, v.local);
  }
  /** Keeps what stands for a local that is about to be set. */
  #saved(v: Var): void {
    const { aliases } = v;
    if (!aliases) return;
    if (standing(v)) {
      this.#settle();
      for (let n: Node | undefined = aliases; n; n = n.alias)
        if (n.uses > 0 && n.local === v.local) {
          this.#put(GET, v.local);
          n.local = this.#local(n.type);
          this.#put(SET, n.local);
        }
    }
    if (this.#arms) this.#log.push({ of: v, aliases });
    v.aliases = undefined;
  }
  /** The same for all of a mask. */
  #save(low: number, high: number): void {
    if (!(low | high)) return;
    for (const v of this.#vars)
      if (v.bit < 30 ? low & (1 << v.bit) : high & (1 << (v.bit - 30))) if (standing(v)) this.#saved(v);
  }

  // --- values
  /** Makes what was put off: it goes no further. */
  #settle(): void {
    const pending = this.#pending;
    if (!pending.length) return;
    this.#pending = [];
    for (let i = pending.length - 1; i >= 0; i--) {
      const n = pending[i] as Node;
      if (n.uses === 0 || n.local >= 0) continue;
      this.#operator(n);
      this.#keep(n);
    }
    pending.length = 0;
    this.#pending = pending;
  }
  /** The value on the stack goes into a local until its last use: a mutable one, where the next thing is to set that to it, or one of its own. */
  #keep(n: Node): void {
    const to = setNext(n);
    if (to) {
      to.kind = KIND.done;
      const v = to.variable as Var;
      this.#set(v);
      if (--n.uses > 0) this.#standFor(n, v);
      return;
    }
    n.depth = this.#loops;
    n.local = this.#local(n.type);
    this.#put(SET, n.local);
  }
  #local(type: ValType): number {
    return this.#free[type].pop() ?? this.#params + this.#locals.push(type) - 1;
  }
  #put(op: number, local: number): void {
    const out = this.#out;
    out.byte(op);
    out.uleb(local);
    if (op !== SET) return;
    this.#setEnd = out.length;
    this.#setLocal = local;
  }
  #operator(n: Node): void {
    const { a, list } = n;
    let { op, imm } = n;
    if (a) {
      const within = MERGED.get(op);
      const inner = within && (n.b ?? a);
      // Read or written as the wider number: the conversion is part of it.
      const merged = inner && inner.uses === 1 && inner.local < 0 ? within.get(inner.op) : undefined;
      if (inner && merged) {
        inner.uses = 0;
        op = merged;
        if (n.b) this.#value(a);
        else imm = inner.imm;
        this.#value(inner.a as Node);
      } else {
        this.#value(a);
        if (n.b) this.#value(n.b);
        if (n.c) this.#value(n.c);
      }
    } else if (list) for (const v of list) this.#value(v);
    // What changes memory, or may: reads from before are made now.
    if (n.kind === KIND.effect || n.kind === KIND.call) this.#settle();
    const out = this.#out;
    if (op < 0x100) out.byte(op);
    else {
      out.byte(op < 0x200 ? 0xfc : 0xfd);
      out.uleb(op & 0xff);
    }
    if (imm >= 0) {
      // No alignment is promised.
      if (accesses(op)) out.byte(0);
      out.uleb(imm);
    } else if (n.value !== undefined) {
      if (n.type === 'i32') out.sleb32(n.value as number);
      else out.sleb64(n.value);
    }
    if (n.raw) out.all(n.raw);
  }
  #value(n: Node): void {
    const { local } = n;
    n.uses--;
    if (local < 0) return this.#operator(n);
    const out = this.#out;
    const own = local !== n.variable?.local;
    const again = out.length === this.#setEnd && local === this.#setLocal;
    if (!again) this.#put(GET, local);
    else {
      this.#setEnd = -1;
      const at = out.length - (local < 0x80 ? 2 : 3);
      if (own && n.uses === 0) out.length = at;
      else out.change(at, TEE);
    }
    // Not within a loop that the definition stands before: the next round reads it again.
    if (own && n.uses === 0 && n.depth === this.#loops) this.#free[n.type].push(local);
  }
}

/** Operators that are one with what they take: conversions of what is loaded, stores of what is converted. */
const MERGED: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map(
  (
    [
      ['i64.extend_i32_u', 'i32.load', 'i64.load32_u'],
      ['i64.extend_i32_u', 'i32.load8_u', 'i64.load8_u'],
      ['i64.extend_i32_u', 'i32.load16_u', 'i64.load16_u'],
      ['i64.extend_i32_s', 'i32.load', 'i64.load32_s'],
      ['i32.extend8_s', 'i32.load8_u', 'i32.load8_s'],
      ['i32.extend16_s', 'i32.load16_u', 'i32.load16_s'],
      ['i32.store', 'i32.wrap_i64', 'i64.store32'],
      ['i32.store8', 'i32.wrap_i64', 'i64.store8'],
      ['i32.store16', 'i32.wrap_i64', 'i64.store16'],
    ] as const
  ).reduce((map, [outer, inner, as]) => {
    const of = map.get(code(outer)) ?? new Map<number, number>();
    return map.set(code(outer), of.set(code(inner), code(as)));
  }, new Map<number, Map<number, number>>()),
);
function code(name: Op | Load | Store): number {
  return operator(
    name in OPS ? OPS[name as Op].code : name in LOADS ? LOADS[name as Load].code : STORES[name as Store],
  );
}
function accesses(op: number): boolean {
  return op < 0x200 ? op >= 0x28 && op <= 0x3e : op <= 0x20b || op === 0x25c || op === 0x25d;
}
/** Is the local read for a use that is still to come? */
function standing(v: Var): boolean {
  for (let n = v.aliases; n; n = n.alias) if (n.uses > 0 && n.local === v.local) return true;
  return false;
}
/** The statement that sets a mutable local to the value, if nothing is written between them that reads it. */
function setNext(value: Node): Node | undefined {
  let s = value.next;
  while (s && (s.kind === KIND.get || (s.kind <= KIND.load && s.uses <= 1))) s = s.next;
  if (s?.kind !== KIND.set || s.a !== value) return undefined;
  for (let n = value.next; n !== s; n = n?.next)
    if (n?.kind === KIND.get && n.variable === s.variable && n.uses > 0) return undefined;
  return s;
}

/** Counts uses from the effects back; a definition nobody uses counts for nothing. */
function count(last: Node | undefined): void {
  for (let s = last; s; s = s.previous) {
    switch (s.kind) {
      case KIND.pure:
      case KIND.load:
        if (s.uses === 0) continue;
        break;
      case KIND.get:
        continue;
      case KIND.hole:
      case KIND.block:
        count(s.last);
        continue;
      case KIND.if:
        if (s.b) count(s.b.last);
        count(s.last);
        (s.a as Node).uses++;
        continue;
      case KIND.branch:
        if (s.a) s.a.uses++;
        if (s.b) s.b.uses++;
        continue;
      case KIND.switch:
        (s.a as Node).uses++;
        continue;
    }
    const { a, list } = s;
    if (a) {
      a.uses++;
      if (s.b) s.b.uses++;
      if (s.c) s.c.uses++;
    } else if (list) for (const v of list) v.uses++;
  }
}
