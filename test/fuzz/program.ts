// Random programs as trees: what a statement is, and how a tree becomes machine code. A tree can be cut down and assembled again, which is how a failing program gets small.
import { CODE, DATA, PAGE, WRITABLE_CODE } from './batch.ts';

/** Code of one way on only. */
export type Body = readonly Step[];
export type Step =
  | { readonly op: 'bytes'; readonly bytes: readonly number[] }
  /** `counter`: r8 to r10. `form` picks how it counts. */
  | {
      readonly op: 'loop';
      readonly counter: number;
      readonly count: number;
      readonly form: number;
      readonly body: Body;
    }
  | { readonly op: 'if'; readonly cc: number; readonly yes: Body; readonly no: Body }
  | { readonly op: 'call'; readonly way: 'direct' | 'register' | 'memory'; readonly to: number }
  /** One of several functions (a power of two), by the low bits of a register. */
  | { readonly op: 'call one of'; readonly by: number; readonly to: readonly number[] }
  | { readonly op: 'switch'; readonly by: number; readonly cases: readonly Body[] }
  /** Calls itself: r12 counts down, and is afterwards what it was. */
  | { readonly op: 'recursion'; readonly depth: number; readonly before: Body; readonly after: Body }
  /** What a `patch` changes: an immediate of 32 bits, an instruction of a byte, or how far a jump goes. */
  | { readonly op: 'slot'; readonly slot: number; readonly kind: SlotKind }
  /** Anywhere in the same function, into loops and out of them, while there is fuel. Counters are small from there on. */
  | { readonly op: 'goto'; readonly label: number }
  | { readonly op: 'label'; readonly label: number }
  | {
      readonly op: 'patch';
      readonly slot: number;
      readonly kind: SlotKind;
      readonly value: number;
      readonly way: number;
    };
export type SlotKind = 'immediate' | 'byte' | 'jump';

export interface Program {
  readonly start: number;
  readonly main: Body;
  readonly functions: readonly Body[];
  /** Tables of addresses lie in memory that can't be written, or can. */
  readonly writableTables: boolean;
}
/** A slot's jump goes at most so far. */
export const JUMP_ROOM = 4;
/** A word that says how often `goto` goes. */
export const FUEL = DATA + PAGE + 0x380;
/** Where programs keep tables. */
const TABLES = { readable: DATA + 2 * PAGE + 0x200, writable: DATA + PAGE + 0x400 } as const;
const TABLE_ROOM = 0x800;

type Label = number;
class Assembler {
  readonly bytes: number[] = [];
  readonly #start: number;
  readonly #labels: number[] = [];
  /** rel32 at `at`, counted from `from`. */
  readonly #fixups: { readonly at: number; readonly from: number; readonly to: Label; readonly add: number }[] = [];
  readonly #tables: { readonly at: number; readonly to: readonly Label[] }[] = [];
  readonly functions: readonly Label[];
  readonly #slots = new Map<number, Label>();
  readonly #gotos = new Map<number, Label>();
  #tableAt: number;
  readonly #tablesStart: number;

  constructor(p: Program) {
    this.#start = p.start;
    this.functions = p.functions.map(() => this.label());
    this.#tableAt = this.#tablesStart = p.writableTables ? TABLES.writable : TABLES.readable;
  }
  label(): Label {
    return this.#labels.push(-1) - 1;
  }
  here(l: Label): void {
    this.#labels[l] = this.bytes.length;
  }
  put(...bytes: readonly number[]): void {
    for (const b of bytes) this.bytes.push(b & 0xff);
  }
  /** A distance of 32 bits to a label, `behind` bytes before the instruction's end. */
  relative(to: Label, behind = 0, add = 0): void {
    const at = this.bytes.length;
    this.put(0, 0, 0, 0);
    this.#fixups.push({ at, from: at + 4 + behind, to, add });
  }
  #numbered(list: Map<number, Label>, n: number): Label {
    let l = list.get(n);
    if (l === undefined) {
      l = this.label();
      list.set(n, l);
    }
    return l;
  }
  slot(n: number): Label {
    return this.#numbered(this.#slots, n);
  }
  goto(n: number): Label {
    return this.#numbered(this.#gotos, n);
  }
  /** Address of a table of labels. */
  table(to: readonly Label[]): number {
    const at = this.#tableAt;
    this.#tableAt += 8 * to.length;
    this.#tables.push({ at, to });
    return at;
  }
  get fits(): boolean {
    return (this.#start % (2 * PAGE)) + this.bytes.length < 2 * PAGE && this.#tableAt - this.#tablesStart < TABLE_ROOM;
  }
  finish(): { code: Uint8Array; tables: { address: number; bytes: Uint8Array }[] } {
    const code = Uint8Array.from(this.bytes);
    const view = new DataView(code.buffer);
    // A slot that was cut away: the patch changes what lies at the start.
    const place = (l: Label): number => Math.max(0, this.#labels[l] as number);
    const gotos = new Set(this.#gotos.values());
    // A jump whose label was cut away goes on behind itself.
    const nowhere = (l: Label): boolean => gotos.has(l) && (this.#labels[l] as number) < 0;
    for (const f of this.#fixups) if (!nowhere(f.to)) view.setInt32(f.at, place(f.to) + f.add - f.from, true);
    const tables = this.#tables.map(({ at, to }) => {
      const bytes = new Uint8Array(8 * to.length);
      to.forEach((l, i) => new DataView(bytes.buffer).setUint32(8 * i, this.#start + place(l), true));
      return { address: at, bytes };
    });
    return { code, tables };
  }
}

const word = (n: number): number[] => [n & 0xff, (n >> 8) & 0xff, (n >> 16) & 0xff, n >>> 24];
/** dec, sub, add of a negative number, lea and test: each ends with ZF as it is to be. */
function countDown(a: Assembler, counter: number, form: number): void {
  const r = counter & 7;
  if (form === 0) a.put(0x41, 0xff, 0xc8 | r);
  else if (form === 1) a.put(0x49, 0x83, 0xe8 | r, 1);
  else if (form === 2) a.put(0x41, 0x83, 0xc0 | r, 0xff);
  else a.put(0x4d, 0x8d, 0x40 | (r << 3) | r, 0xff, 0x4d, 0x85, 0xc0 | (r << 3) | r);
}
/** and of r11 with a mask, r11 a copy of a register. */
function pickIndex(a: Assembler, by: number, mask: number): void {
  a.put(0x41, 0x89, 0xc3 | (by << 3), 0x41, 0x83, 0xe3, mask);
}

function emit(a: Assembler, s: Step): void {
  switch (s.op) {
    case 'bytes':
      a.put(...s.bytes);
      return;
    case 'loop': {
      const again = a.label();
      a.put(0x41, 0xb8 | (s.counter & 7), ...word(s.count));
      a.here(again);
      emitAll(a, s.body);
      countDown(a, s.counter, s.form);
      a.put(0x0f, 0x85);
      a.relative(again);
      return;
    }
    case 'if': {
      const [no, end] = [a.label(), a.label()];
      a.put(0x0f, 0x80 | (s.cc ^ 1));
      a.relative(no);
      emitAll(a, s.yes);
      if (s.no.length) {
        a.put(0xe9);
        a.relative(end);
      }
      a.here(no);
      emitAll(a, s.no);
      a.here(end);
      return;
    }
    case 'call': {
      const f = a.functions[s.to] as Label;
      if (s.way === 'direct') {
        a.put(0xe8);
        a.relative(f);
      } else if (s.way === 'register') {
        a.put(0x4c, 0x8d, 0x1d);
        a.relative(f);
        a.put(0x41, 0xff, 0xd3);
      } else a.put(0xff, 0x14, 0x25, ...word(a.table([f])));
      return;
    }
    case 'call one of':
      pickIndex(a, s.by, s.to.length - 1);
      a.put(0x42, 0xff, 0x14, 0xdd, ...word(a.table(s.to.map((f) => a.functions[f] as Label))));
      return;
    case 'switch': {
      const end = a.label();
      const labels = s.cases.map(() => a.label());
      pickIndex(a, s.by, s.cases.length - 1);
      a.put(0x42, 0xff, 0x24, 0xdd, ...word(a.table(labels)));
      s.cases.forEach((body, i) => {
        a.here(labels[i] as Label);
        emitAll(a, body);
        if (i === s.cases.length - 1) return;
        a.put(0xe9);
        a.relative(end);
      });
      a.here(end);
      return;
    }
    case 'recursion': {
      const [f, out, end] = [a.label(), a.label(), a.label()];
      a.put(0x41, 0x54, 0x41, 0xbc, ...word(s.depth), 0xe8);
      a.relative(f);
      a.put(0xe9);
      a.relative(end);
      a.here(f);
      // A copy of the counter lies on the stack meanwhile.
      a.put(0x41, 0x54, 0x41, 0xff, 0xcc, 0x0f, 0x88);
      a.relative(out);
      emitAll(a, s.before);
      a.put(0xe8);
      a.relative(f);
      emitAll(a, s.after);
      a.here(out);
      a.put(0x41, 0x5c, 0xc3);
      a.here(end);
      a.put(0x41, 0x5c);
      return;
    }
    case 'goto': {
      const dry = a.label();
      a.put(0x83, 0x3c, 0x25, ...word(FUEL), 0, 0x0f, 0x84);
      a.relative(dry);
      a.put(0xff, 0x0c, 0x25, ...word(FUEL));
      for (const counter of [0, 1, 2]) a.put(0x41, 0xb8 | counter, ...word(3 - counter));
      a.put(0xe9);
      a.relative(a.goto(s.label));
      a.here(dry);
      return;
    }
    case 'label':
      a.here(a.goto(s.label));
      return;
    case 'slot':
      if (s.kind === 'immediate') a.put(0xb8);
      else if (s.kind === 'jump') a.put(0xeb);
      a.here(a.slot(s.slot));
      if (s.kind === 'immediate') a.put(...word(0x12345678));
      else if (s.kind === 'byte') a.put(0x90);
      else a.put(0, ...new Array<number>(JUMP_ROOM).fill(0x90));
      return;
    case 'patch': {
      const l = a.slot(s.slot);
      const wide = s.kind === 'immediate';
      if (s.way === 0) {
        // mov [rip + slot], immediate
        a.put(wide ? 0xc7 : 0xc6, 0x05);
        a.relative(l, wide ? 4 : 1);
        a.put(...(wide ? word(s.value) : [s.value]));
        return;
      }
      // lea r11, [rip + slot]; then a store through it, of r11's own copy of the value where it is wide.
      a.put(0x4c, 0x8d, 0x1d);
      a.relative(l);
      if (!wide) a.put(0x41, 0xc6, 0x03, s.value);
      else if (s.way === 1) a.put(0x41, 0xc7, 0x03, ...word(s.value));
      else a.put(0x41, 0x31, 0x03);
    }
  }
}
function emitAll(a: Assembler, body: Body): void {
  for (const s of body) emit(a, s);
}

/** The program's code and tables; undefined where it has no room. It ends with int3. */
export function assemble(
  p: Program,
): { code: Uint8Array; tables: { address: number; bytes: Uint8Array }[] } | undefined {
  const a = new Assembler(p);
  emitAll(a, p.main);
  a.put(0xcc);
  p.functions.forEach((f, i) => {
    a.here(a.functions[i] as Label);
    // The caller's counters are kept.
    a.put(0x41, 0x51, 0x41, 0x52);
    emitAll(a, f);
    a.put(0x41, 0x5a, 0x41, 0x59, 0xc3);
  });
  return a.fits ? a.finish() : undefined;
}
/** Start of the two pages that a program lies in. */
export const areaOf = (p: Program): number => (p.start >= WRITABLE_CODE ? WRITABLE_CODE : CODE);

/** The instructions that bytes are. */
export type Split = (bytes: readonly number[]) => readonly (readonly number[])[];
/** All programs with one thing less, the largest cuts first. */
export function* smaller(p: Program, split: Split): Generator<Program> {
  const [main, ...functions] = [p.main, ...p.functions];
  for (let i = 0; i < functions.length; i++)
    if ((functions[i] as Body).length) yield { ...p, functions: functions.map((f, k) => (k === i ? [] : f)) };
  for (const body of cuts(main as Body, split)) yield { ...p, main: body };
  for (let i = 0; i < functions.length; i++)
    for (const body of cuts(functions[i] as Body, split))
      yield { ...p, functions: functions.map((f, k) => (k === i ? body : f)) };
}
function* cuts(body: Body, split: Split): Generator<Body> {
  for (let n = body.length; n >= 1; n >>= 1)
    for (let at = 0; at + n <= body.length; at += n) yield [...body.slice(0, at), ...body.slice(at + n)];
  for (let i = 0; i < body.length; i++)
    for (const s of within(body[i] as Step, split)) yield [...body.slice(0, i), ...s, ...body.slice(i + 1)];
}
function* within(s: Step, split: Split): Generator<Body> {
  switch (s.op) {
    case 'bytes': {
      const list = split(s.bytes);
      if (list.length > 1)
        for (let i = 0; i < list.length; i++) yield [{ ...s, bytes: list.filter((_, k) => k !== i).flat() }];
      return;
    }
    case 'loop':
      yield s.body;
      if (s.count > 1) yield [{ ...s, count: s.count >> 1 }];
      if (s.count > 1) yield [{ ...s, count: s.count - 1 }];
      for (const body of cuts(s.body, split)) yield [{ ...s, body }];
      return;
    case 'if':
      yield s.yes;
      yield s.no;
      for (const yes of cuts(s.yes, split)) yield [{ ...s, yes }];
      for (const no of cuts(s.no, split)) yield [{ ...s, no }];
      return;
    case 'switch':
      for (const c of s.cases) yield c;
      for (let i = 0; i < s.cases.length; i++)
        for (const c of cuts(s.cases[i] as Body, split))
          yield [{ ...s, cases: s.cases.map((x, k) => (k === i ? c : x)) }];
      return;
    case 'recursion':
      yield [...s.before, ...s.after];
      if (s.depth > 1) yield [{ ...s, depth: s.depth >> 1 }];
      for (const before of cuts(s.before, split)) yield [{ ...s, before }];
      for (const after of cuts(s.after, split)) yield [{ ...s, after }];
      return;
    case 'call one of':
      yield [{ op: 'call', way: 'direct', to: s.to[0] as number }];
      return;
    case 'call':
      if (s.way !== 'direct') yield [{ ...s, way: 'direct' }];
  }
}
