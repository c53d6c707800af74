// Makes random programs: loops, branches on whatever the flags are, calls, recursion, tables, strings, faults in the middle, code that changes code.
import { AC, TF } from '../../src/isa/state.ts';
import { CODE, DATA, HIGH, type Made, PAGE, type Piece, S, WRITABLE_CODE } from './batch.ts';
import { APPROXIMATE } from './compare.ts';
import { mask } from './flags.ts';
import type { Instructions } from './generate.ts';
import type { Variant } from './instruction.ts';
import { assemble, type Body, FUEL, JUMP_ROOM, type Program, type SlotKind, type Step } from './program.ts';
import type { Random, Words } from './random.ts';
import { define } from './sequence.ts';
import { CaseState } from './state.ts';
import { fault, flagged, guard, memory, modes, stack, string, walk } from './steps.ts';

/** Registers that random instructions address memory through. */
const POINTERS = [13, 14, 15];
const STACK = DATA + 2 * PAGE - 0x200;
/** Instructions a program runs, about. */
const MOST = 400_000;
/** A tangled program runs parts of itself so often again. */
const FUEL_MOST = 2000;
const COUNTERS = [8, 9, 10];
const RSP = 4;

const LEFT_OUT =
  /^(int|int3|popf|pushf|into|ud[012]|syscall|sysenter|iret|lret|ljmp|lcall|jmp|j|call|ret|loopn?e?|jrcxz|push|pop|enter|leave|fxsave|fxrstor|sgdt|sidt|smsw|sldt|str|fn?stenv|fldenv|fn?save|frstor|fldcw|ldmxcsr|stmxcsr|mov[ds]r|l[sfg]s|movs|stos|lods|cmps|scas|xlat|maskmov.*|i?div)$/;
/** What may stand anywhere without being the end, or leaving the stack pointer elsewhere. */
function suits({ form, mem }: Variant): boolean {
  const { op } = form;
  if (op.privileged || LEFT_OUT.test(op.name) || APPROXIMATE.test(op.name)) return false;
  // A bit's number reaches far beyond its operand.
  if (mem && /^bt[src]?$/.test(op.name) && form.operands.some((o) => o.source === 'reg')) return false;
  return !form.operands.some((o) => o.bank === 'seg' || o.source === 'rel' || o.source === 'moffs');
}

class Grower {
  readonly #instructions: Instructions;
  readonly #variants: readonly Variant[];
  readonly #r: Random;
  readonly #g: CaseState;
  readonly #changing: boolean;
  readonly #tangled: boolean;
  readonly #most: number;
  /** Of the function being made. */
  #labels: number[] = [];
  #lastLabel = 0;
  readonly functions: Body[] = [];
  /** Instructions a function runs. */
  readonly #costs: number[] = [];
  #slots: { readonly slot: number; readonly kind: SlotKind }[] = [];
  #recursing = false;
  /** Times the code being made runs. */
  #times = 1;
  cost = 0;

  constructor(instructions: Instructions, r: Random, g: CaseState, changing: boolean, tangled: boolean) {
    this.#instructions = instructions;
    this.#variants = suitable(instructions);
    this.#r = r;
    this.#g = g;
    this.#changing = changing;
    this.#tangled = tangled;
    this.#most = tangled ? MOST / FUEL_MOST : MOST;
  }
  /** A function that may call those made before. */
  function(): void {
    const before = this.cost;
    this.cost = 0;
    const body = this.#scope(() => this.body(1, 2 + this.#r.below(5), 2));
    this.functions.push(body);
    this.#costs.push(this.cost);
    this.cost = before;
  }
  /** Jumps made meanwhile stay within. */
  #scope<T>(make: () => T): T {
    const labels = this.#labels;
    this.#labels = [];
    const made = make();
    this.#labels = labels;
    return made;
  }
  body(depth: number, steps: number, room: number): Body {
    return Array.from({ length: steps }, () => this.#step(depth, room)).flat();
  }
  #bytes(bytes: readonly number[], instructions = 1): Step {
    this.cost += instructions * this.#times;
    return { op: 'bytes', bytes };
  }
  #step(depth: number, room: number): Body {
    const r = this.#r;
    if (this.#tangled && r.chance(35)) return [this.#tangle()];
    const n = r.below(100);
    if (n < 22) return [this.#random()];
    if (n < 36) return this.#flagged(depth, room);
    if (n < 46) return [this.#bytes(memory(r, COUNTERS.slice(0, depth)), 3)];
    if (n < 49) return [this.#bytes(walk(r))];
    if (n < 54) return [this.#bytes(stack(r), 3)];
    if (n < 58) return [this.#bytes(string(r), 20)];
    if (n < 60) return [this.#bytes(modes(r), 3)];
    if (n < 63) return this.#fault(depth);
    if (n < 74 && room > 0 && depth < COUNTERS.length) return [this.#loop(depth, room)];
    if (n < 84 && this.functions.length) return this.#call();
    if (n < 88 && room > 0) return [this.#switch(depth, room)];
    if (n < 90 && room > 0 && !this.#recursing) return [this.#recursion(room)];
    if (n < 98 && this.#changing) return [this.#change()];
    return [this.#random(), this.#random(), this.#random()];
  }
  #random(): Step {
    const r = this.#r;
    for (;;) {
      const variant = r.pick(this.#variants);
      const bytes = this.#instructions.write(variant, 0, this.#g, {
        stray: false,
        pointers: POINTERS,
        relative: false,
      });
      const d = this.#instructions.decoder;
      const { form } = d;
      if (!form) continue;
      const touched = form.operands.some((o) => {
        if (o.bank !== 'gpr' || (o.size === 'b' && d.rex === 0)) return false;
        if (o.source === 'reg') return d.reg === RSP;
        if (o.source === 'opreg') return d.opreg === RSP;
        return (o.source === 'rm' || o.source === 'mem') && !d.mem && d.rm === RSP;
      });
      if (touched) continue;
      const op = this.#instructions.ops[form.id];
      const open = op && (mask(op.undef ?? '') || op.undefIf);
      return this.#bytes([...bytes, ...(open ? define(r) : [])], 2);
    }
  }
  /** Flags made and used: what is undefined of them isn't. */
  #flagged(depth: number, room: number): Body {
    const r = this.#r;
    const { bytes, cc, after } = flagged(r);
    const steps: Step[] = [this.#bytes(bytes, 3)];
    if (r.chance(60) && room > 0) {
      const arm = (): Body => [this.#bytes(after), ...this.body(depth, 1 + r.below(2), room - 1)];
      steps.push({ op: 'if', cc, yes: arm(), no: r.chance(50) ? arm() : [] });
    }
    steps.push(this.#bytes(after));
    return steps;
  }
  #loop(depth: number, room: number): Step {
    const r = this.#r;
    const counter = COUNTERS[depth] as number;
    const left = Math.max(1, Math.floor((this.#most - this.cost) / this.#times / 40));
    const count = Math.min(
      left,
      r.chance(this.#times > 1 ? 20 : 60) ? 1100 + r.below(3000) : r.chance(50) ? 1 + r.below(12) : 1 + r.below(300),
    );
    const before = this.#times;
    this.#times *= count;
    this.cost += 3 * this.#times;
    const body = this.body(depth + 1, 1 + r.below(4), room - 1);
    this.#times = before;
    return { op: 'loop', counter, count, form: r.below(4), body };
  }
  #fault(depth: number): Body {
    const r = this.#r;
    const bytes = fault(r);
    // Outside of loops it would be over too soon.
    if (depth === 0 && !r.chance(10)) return [];
    if (depth === 0) return [this.#bytes(bytes)];
    const counter = COUNTERS[r.below(depth)] as number;
    const when = r.chance(50) ? 1 + r.below(4) : r.chance(50) ? r.below(64) : r.below(2000);
    return [this.#bytes(guard(counter, when), 2), { op: 'if', cc: 4, yes: [{ op: 'bytes', bytes }], no: [] }];
  }
  #call(): Body {
    const r = this.#r;
    const affordable = this.functions
      .map((_, i) => i)
      .filter((i) => this.cost + (this.#costs[i] as number) * this.#times < this.#most);
    if (!affordable.length) return [];
    const pick = (): number => {
      const to = r.pick(affordable);
      this.cost += (this.#costs[to] as number) * this.#times;
      return to;
    };
    if (r.chance(25)) {
      const to = Array.from({ length: r.chance(50) ? 2 : r.chance(50) ? 4 : 8 }, pick);
      return [{ op: 'call one of', by: r.pick([0, 1, 2, 3, 5, 6, 7]), to }];
    }
    return [{ op: 'call', way: r.pick(['direct', 'direct', 'direct', 'register', 'memory'] as const), to: pick() }];
  }
  #switch(depth: number, room: number): Step {
    const r = this.#r;
    const cases = Array.from({ length: r.chance(50) ? 4 : r.chance(50) ? 2 : 8 }, () =>
      this.body(depth, r.below(3), room - 1),
    );
    return { op: 'switch', by: r.below(8) & ~RSP, cases };
  }
  #recursion(room: number): Step {
    const r = this.#r;
    const most = r.chance(80) ? 12 : 150;
    const levels = 1 + r.below(Math.max(1, Math.min(most, Math.floor((this.#most - this.cost) / this.#times / 100))));
    const before = this.#times;
    this.#times *= levels;
    this.cost += 6 * this.#times;
    this.#recursing = true;
    const step: Step = {
      op: 'recursion',
      depth: levels,
      before: this.#scope(() => this.body(COUNTERS.length, 1 + r.below(2), Math.min(room - 1, 1))),
      after: this.#scope(() => this.body(COUNTERS.length, r.below(2), 0)),
    };
    this.#recursing = false;
    this.#times = before;
    return step;
  }
  /** A label, or a jump to one: to one before, or one to come (which may never come). */
  #tangle(): Step {
    const r = this.#r;
    this.cost += 7 * this.#times;
    if (this.#labels.length && r.chance(60)) return { op: 'goto', label: r.pick(this.#labels) };
    if (r.chance(25)) {
      // The next label made here is the jump's.
      return { op: 'goto', label: this.#lastLabel + 1 };
    }
    const label = ++this.#lastLabel;
    this.#labels.push(label);
    return { op: 'label', label };
  }
  #change(): Step {
    const r = this.#r;
    if (!this.#slots.length || r.chance(45)) {
      const kind = r.pick(['immediate', 'immediate', 'byte', 'jump'] as const);
      const slot = this.#slots.length;
      this.#slots.push({ slot, kind });
      this.cost += this.#times;
      return { op: 'slot', slot, kind };
    }
    const { slot, kind } = r.pick(this.#slots);
    const value = kind === 'immediate' ? r.u32() : kind === 'byte' ? r.pick(HARMLESS) : r.below(JUMP_ROOM + 1);
    return { op: 'patch', slot, kind, value, way: r.below(3) };
  }
}
/** nop, clc, stc, cmc, cwde, cdq, sahf's opposite and exchanges with eax. */
const HARMLESS = [0x90, 0xf8, 0xf9, 0xf5, 0x98, 0x99, 0x9f, 0x91, 0x97];
const known = new WeakMap<Instructions, readonly Variant[]>();
function suitable(instructions: Instructions): readonly Variant[] {
  let list = known.get(instructions);
  if (!list) {
    list = instructions.variants.filter(suits);
    known.set(instructions, list);
  }
  return list;
}

/** The case of a program, from registers and memory as the base has them. */
export function programCase(
  p: Program,
  base: { readonly state: Buffer; readonly pieces: readonly Piece[] },
): Made | undefined {
  const made = assemble(p);
  if (!made) return undefined;
  const state = Buffer.from(base.state);
  state.writeBigUInt64LE(BigInt(p.start), S.rip);
  const pieces = [...base.pieces, ...made.tables];
  for (let at = 0; at < made.code.length; ) {
    const n = Math.min(made.code.length - at, PAGE - ((p.start + at) % PAGE));
    pieces.push({ address: p.start + at, bytes: made.code.subarray(at, at + n) });
    at += n;
  }
  return { state, pieces, code: made.code, name: 'program', undefinedFlags: 0, program: p, data: base.pieces };
}

export function program(instructions: Instructions, r: Random, words: Words): Made {
  for (;;) {
    const g = new CaseState(r, r.pick(['integer', 'integer', 'f32', 'f64']), words, true);
    g.clearFlags(TF | (r.chance(97) ? AC : 0));
    g.setGpr(13, BigInt(DATA + 0x180 + 16 * r.below(8)));
    g.setGpr(14, BigInt(DATA + 0x180 + r.below(0x800)));
    g.setGpr(15, BigInt(r.chance(85) ? DATA + PAGE - r.below(64) : HIGH + 0x180));
    g.setGpr(4, BigInt(STACK + 8 * r.below(8)));
    // All exceptions masked mostly.
    if (r.chance(95)) g.bytes.writeUInt32LE(g.bytes.readUInt32LE(S.fx + 24) | 0x1f80, S.fx + 24);
    const changing = r.chance(25);
    const tangled = r.chance(30);
    if (tangled) g.put(FUEL, Uint8Array.of(r.below(256), r.below(FUEL_MOST >> 8), 0, 0));
    const grower = new Grower(instructions, r, g, changing, tangled);
    for (let n = r.below(5); n > 0; n--) grower.function();
    const main = grower.body(0, 4 + r.below(10), 3);
    const area = changing || r.chance(15) ? WRITABLE_CODE : CODE;
    const start = area + (r.chance(70) ? r.below(0x400) : PAGE - r.below(0x200));
    const p: Program = { start, main, functions: grower.functions, writableTables: r.chance(40) };
    const made = programCase(p, { state: g.bytes, pieces: g.pieces });
    if (made) return made;
  }
}
