// The compiler's binding of the instruction definitions: a record's operands are constants, registers and flags are values at hand or in locals of the
// region's function, a memory access that isn't plainly allowed leaves the region at the instruction, which the interpreter then does.
import type { FlagStore } from '../../isa/flags.ts';
import type { PackedConversion, PackedOp, Place, StringFunction, V } from '../../isa/sem.ts';
import type { Node } from '../../wasm/code.ts';
import type { Load, Store } from '../../wasm/ops.ts';
import { HandlerSem } from '../handler-sem.ts';
import type { Handler, HandlerOperand } from '../interp/handlers.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import { MOST_FILLED, MOST_MOVED, pieces, STRINGS } from '../strings.ts';
import { close, covers, type Group } from './checks.ts';
import { JitFlags } from './flags.ts';
import * as F from './float.ts';
import type { FoldingCode } from './fold.ts';
import { type Frame, sharedImport } from './frame.ts';
import { compare, convert, packed } from './packed.ts';
import { type FlagState, State } from './state.ts';

const LOAD: Record<number, Load> = {
  8: 'i32.load8_u',
  16: 'i32.load16_u',
  32: 'i32.load',
  64: 'i64.load',
  128: 'v128.load',
};
const STORE: Record<number, Store> = {
  8: 'i32.store8',
  16: 'i32.store16',
  32: 'i32.store',
  64: 'i64.store',
  128: 'v128.store',
};
/** How a block ends, but for leaving. */
export type End =
  | { readonly kind: 'jump' }
  | { readonly kind: 'branch'; readonly condition: Node }
  | { readonly kind: 'indirect'; readonly target: Node };

/** An access to memory: its group, once the check is written, knows the offset. */
interface JitPlace extends Place {
  readonly group: Group;
  readonly offset: number;
}

export class CompilerSem extends HandlerSem {
  override readonly c: FoldingCode;
  readonly f: JitFlags;
  readonly #frame: Frame;
  readonly #view: DataView;
  readonly #ripBase: number;
  now = new State();
  end: End | undefined;
  /** Control has left for good: what follows on this path isn't reached. */
  gone = false;
  protected handler!: Handler;
  #record = 0;
  #node = 0;
  /** The instruction has a vector register. */
  #vector = false;
  /** It called a function that may have noted exceptions. */
  #mayRaise = false;
  /** It compared two numbers that are in order. */
  ordered = false;
  /** Where the interpreter does the instruction instead: its record, or that of its address before it. */
  #resume = 0;
  #address: V | undefined;
  /** 32-bit address worked out by a record of its own before the instruction's. */
  #workedOut: V | undefined;
  /** Checks whose range isn't settled. */
  #open: Group[] = [];
  /** Stands for the base of addresses that are constants. */
  readonly #absolute: Node;

  constructor(c: FoldingCode, frame: Frame, view: DataView, ripBase: number) {
    super(c);
    this.c = c;
    this.#frame = frame;
    this.#view = view;
    this.#ripBase = ripBase;
    this.#absolute = c.i64(0);
    const store: FlagStore = { get: (w) => this.#flag(w), set: (w, v) => this.#setFlag(w, v) };
    this.f = new JitFlags(this, store);
    frame.words = (lazy, set) => this.f.words(lazy, set);
  }

  // --- a block, instruction by instruction
  /** `node`: the region's node that the block is. */
  begin(state: State, node: number): void {
    this.#node = node;
    this.now = state;
    this.end = undefined;
    this.gone = false;
    this.#workedOut = undefined;
  }
  instruction(record: number, handler: Handler): void {
    this.#record = record;
    if (!this.#workedOut) this.#resume = record;
    this.handler = handler;
    this.#vector = handler.operands.some((o) => o.kind === 'x');
    this.ordered = this.#mayRaise = false;
    this.#address = undefined;
    this.emit();
    this.#workedOut = undefined;
  }
  /** The record that only works an address out; `narrow`: one of 32 bits. The segment is added by the instruction. */
  workedOut(record: number, narrow: boolean): void {
    this.#record = this.#resume = record;
    this.#address = undefined;
    const sum = this.#inSegment();
    this.#workedOut = narrow ? this.and(sum, this.k(64, 0xffffffffn)) : sum;
  }
  /** The interpreter does the instruction, and goes on from there. */
  giveUp(record: number): void {
    if (!this.#workedOut) this.#resume = record;
    this.#leave();
  }
  /** Writes all checks: nothing is added to them from now on. */
  close(): void {
    for (const o of this.#open) close(this.#frame, o);
    this.#open = [];
  }
  #leaveIf(condition: Node, resume: number): void {
    if (condition.value === 0) return;
    this.#frame.leaveIf(condition, this.c.i32(resume));
  }
  /** Leaves, and counts that. */
  #beyond(): void {
    const { c } = this;
    const zero = c.i32(0);
    c.store('i32.store', zero, c.op('i32.add', c.load('i32.load', zero, L.FP_BEYOND), c.i32(1)), L.FP_BEYOND);
    this.#frame.leave(c.i32(this.#resume));
  }
  #leave(): void {
    this.#frame.flush(this.now);
    this.#frame.leave(this.c.i32(this.#resume));
    this.gone = true;
  }

  // --- the record
  #u16(field: number): number {
    return this.#view.getUint16(this.#record + field, true);
  }
  #i32(field: number): number {
    return this.#view.getInt32(this.#record + field, true);
  }
  #i64(field: number): Node {
    return this.c.i64(this.#view.getBigInt64(this.#record + field, true));
  }
  #ripNumber(): number {
    return this.#ripBase + this.#view.getUint32(this.#record + R.REC_RIP, true);
  }
  nextRip(): V {
    return this.k(64, this.#ripNumber() + this.#view.getUint8(this.#record + R.REC_LEN));
  }
  rip(): V {
    return this.k(64, this.#ripNumber());
  }
  imm(w: 8 | 16 | 32 | 64): V {
    const n = this.#i32(R.REC_IMM);
    return w === 64 ? { n: this.c.i64(n), w } : this.k(w, n);
  }
  override constantImm(): number {
    return this.#i32(R.REC_IMM);
  }
  protected wideImm(): V {
    return { n: this.#i64(R.REC_DISP), w: 64 };
  }
  stringForm(): { mask: V; sourceBase: V; repeat: V } {
    return {
      mask: { n: this.#i64(R.REC_DISP), w: 64 },
      sourceBase: this.#segment(),
      repeat: { n: this.c.i32(this.#i32(R.REC_IMM)), w: 32 },
    };
  }
  #segment(): V {
    const at = this.#u16(R.REC_SEG);
    // Segment bases change in the interpreter and the kernel only.
    return { n: at === L.ZERO ? this.c.i64(0) : this.c.loadConst('i64.load', this.c.i32(0), at), w: 64 };
  }
  dataOffset(): V {
    return this.sub(this.address(), this.#segment());
  }

  // --- registers
  gpr(n: number, w: 8 | 16 | 32 | 64): V {
    const s = this.now;
    const whole: V = { n: (s.gpr[n] ??= this.#frame.gpr(n)), w: 64 };
    return w === 64 ? whole : this.lo(whole, w);
  }
  setGpr(n: number, v: V): void {
    const s = this.now;
    let whole: V;
    if (v.w === 64) whole = v;
    else if (v.w === 32) whole = this.zx(v, 64);
    else {
      const old = this.and(this.gpr(n, 64), this.k(64, v.w === 8 ? ~0xffn : ~0xffffn));
      whole = this.or(old, this.zx(v, 64));
    }
    s.gpr[n] = whole.n;
    this.#frame.setGpr(n, whole.n);
  }
  xmm(n: number): V {
    return { n: (this.now.xmm[n] ??= this.#frame.xmm(n)), w: 128 };
  }
  override lane64(v: V, i: number): V {
    if (i !== 0) return super.lane64(v, i);
    return this.ofF64(this.#lowest(64, v.n));
  }
  override lane32(v: V, i: number): V {
    if (i !== 0) return super.lane32(v, i);
    return this.ofF32(this.#lowest(32, v.n));
  }
  #lowest(w: 32 | 64, v: Node): Node {
    const known = w === 64 ? this.now.low64 : this.now.low32;
    let n = known.get(v);
    if (!n) {
      n = this.c.lowest(w, v);
      known.set(v, n);
    }
    return n;
  }
  override setLane64(v: V, i: number, x: V): V {
    return i === 0 && x.n.value === undefined
      ? { n: this.c.withLowest(64, v.n, this.f64(x)), w: 128 }
      : super.setLane64(v, i, x);
  }
  override setLane32(v: V, i: number, x: V): V {
    return i === 0 && x.n.value === undefined
      ? { n: this.c.withLowest(32, v.n, this.f32(x)), w: 128 }
      : super.setLane32(v, i, x);
  }
  setXmm(n: number, v: V): void {
    this.now.xmm[n] = v.n;
    this.#frame.setXmm(n, v.n);
  }
  /** Offset in the state of a register operand. */
  #offset(o: HandlerOperand, slot: number): number {
    if (o.fixed !== undefined) return o.kind === 'x' ? L.XMM + 16 * o.fixed : L.GPR + 8 * o.fixed;
    return this.#u16(slot);
  }
  protected readRegister(o: HandlerOperand, slot: number): V {
    const at = this.#offset(o, slot);
    if (at >= L.GPR && at < L.ZERO) {
      const n = (at - L.GPR) >> 3;
      if (at & 1) return this.lo(this.shrk(this.gpr(n, 32), 8), 8);
      return this.gpr(n, o.w as 8 | 16 | 32 | 64);
    }
    if (at >= L.XMM && at < L.XMM + 256) {
      const v = this.xmm((at - L.XMM) >> 4);
      if (o.w === 128) return v;
      return o.w === 64 ? this.lane64(v, 0) : this.lo(this.lane32(v, 0), o.w as 8 | 16 | 32);
    }
    return { n: this.c.load(LOAD[o.w] as Load, this.c.i32(0), at), w: o.w };
  }
  protected writeRegister(o: HandlerOperand, slot: number, v: V): void {
    const at = this.#offset(o, slot);
    if (at >= L.GPR && at < L.ZERO) {
      const n = (at - L.GPR) >> 3;
      if (!(at & 1)) return this.setGpr(n, v);
      const old = this.and(this.gpr(n, 64), this.k(64, ~0xff00n));
      return this.setGpr(n, this.or(old, this.shlk(this.zx(v, 64), 8)));
    }
    if (at >= L.XMM && at < L.XMM + 256) {
      const n = (at - L.XMM) >> 4;
      if (v.w === 128) return this.setXmm(n, v);
      const old = this.xmm(n);
      return this.setXmm(n, v.w === 64 ? this.setLane64(old, 0, v) : this.setLane32(old, 0, v));
    }
    this.c.store(STORE[v.w] as Store, this.c.i32(0), v.n, at);
    if (o.kind === 'n') this.c.store('i32.store16', this.c.i32(0), this.c.i32(0xffff), at + 8);
  }
  state(offset: number, w: 8 | 16 | 32 | 64): V {
    if (offset === L.FP_RAISED && !this.#mayRaise) return this.k(w, 0);
    return { n: this.c.load(LOAD[w] as Load, this.c.i32(0), offset), w };
  }
  setState(offset: number, v: V): void {
    this.c.store(STORE[v.w] as Store, this.c.i32(0), v.n, offset);
  }
  restFlags(): V {
    return this.state(L.FLAG_REST, 32);
  }
  setRestFlags(v: V): void {
    this.setState(L.FLAG_REST, v);
  }

  // --- flags
  setFlags(f: FlagState): void {
    this.now.flags = f.res && f.cf && f.of && f.aux && f.lazy ? { res: f.res, cf: f.cf, of: f.of, aux: f.aux } : f;
    this.now.dirtyFlags = true;
  }
  #setFlag(which: 'res' | 'cf' | 'of' | 'aux', value: Node): void {
    this.resolveFlags();
    this.setFlags({ ...this.now.flags, [which]: value });
  }
  /** Flags that depend on a count are in the locals from here on. */
  resolveFlags(): void {
    if (!this.now.flags?.unless) return;
    this.#frame.flush(this.now);
    this.now.flags = undefined;
  }
  #flag(which: 'res' | 'cf' | 'of' | 'aux'): Node {
    this.resolveFlags();
    const f: FlagState = (this.now.flags ??= this.#frame.loadFlags());
    const known = f[which];
    if (known) return known;
    const whole = this.#frame.complete(f);
    // What came from the locals stays known; what an operation gives is made again where it is needed, which may be on another path.
    if (!f.lazy) this.now.flags = whole;
    return whole[which];
  }

  // --- memory
  /** The memory operand's address in its segment. */
  #inSegment(): V {
    const disp: V = { n: this.#i64(R.REC_DISP), w: 64 };
    const base = this.#u16(R.REC_BASE);
    const index = this.#u16(R.REC_INDEX);
    if (base === L.SCRATCH_REG) return this.#workedOut!;
    // The constant last: what accesses share is what stands before it.
    let registers: V | undefined;
    if (base !== L.ZERO) registers = this.gpr((base - L.GPR) >> 3, 64);
    if (index !== L.ZERO) registers = this.#indexed(registers, this.gpr((index - L.GPR) >> 3, 64));
    return registers ? this.add(registers, disp) : disp;
  }
  /** The same sum of the same values is made once. */
  #indexed(base: V | undefined, index: V): V {
    const shift = this.#view.getUint8(this.#record + R.REC_SCALE);
    const { now } = this;
    for (let s = now.sums; s; s = s.before)
      if (s.index === index.n && s.base === base?.n && s.shift === shift) return s.is;
    const scaled = this.shlk(index, shift);
    const is = base ? this.add(base, scaled) : scaled;
    now.sums = { base: base?.n, index: index.n, shift, is, before: now.sums };
    return is;
  }
  protected address(offset?: V): V {
    if (this.#address && !offset) return this.#address;
    const sum = this.#inSegment();
    const segment = this.#u16(R.REC_SEG) === L.ZERO ? undefined : this.#segment();
    if (!offset) {
      this.#address = segment ? this.add(sum, segment) : sum;
      return this.#address;
    }
    const cut = this.imm(64);
    const moved = this.shr(this.shl(this.add(sum, offset), cut), cut);
    return segment ? this.add(moved, segment) : moved;
  }
  place(address: V, bytes: number, access: 'r' | 'w'): JitPlace {
    const { c } = this;
    const n = address.n;
    const constant = n.value;
    const write = access === 'w';
    if (constant !== undefined && (typeof constant !== 'number' || constant < 0 || constant > 0xffff_ffff)) {
      this.#leave();
      const group: Group = {
        min: 0,
        end: bytes,
        write,
        open: undefined,
        low: c.i32(0),
        origin: 0,
        within: this.#node,
        accesses: [],
      };
      return { at: c.i32(0), bytes, group, offset: 0 };
    }
    const base = constant === undefined ? (n.base ?? n) : undefined;
    const offset = constant === undefined ? n.offset : (constant as number);
    const key = base ?? this.#absolute;
    let known = this.now.checked;
    while (known && (known.base !== key || !covers(known.group, offset, bytes, write, this.#node)))
      known = known.before;
    const group = known?.group ?? this.#check(key, n, offset, bytes, write);
    return { at: group.low, bytes, group, offset };
  }
  #check(key: Node, address: Node, offset: number, bytes: number, write: boolean): Group {
    const { c } = this;
    const { flags, dirtyFlags } = this.now;
    // At a fixed address, within a page.
    const fixed = key === this.#absolute && (offset & (L.PAGE - 1)) <= L.PAGE - bytes;
    const group: Group = {
      min: offset,
      end: offset + bytes,
      write,
      open: {
        hole: c.hole(),
        place: this.#frame.place(),
        resume: this.#resume,
        address,
        offset,
        flags: { flags, dirtyFlags },
      },
      low: fixed ? c.i32(0) : c.later('i32.wrap_i64'),
      origin: fixed ? 0 : undefined,
      within: this.#node,
      accesses: [],
    };
    this.now.checked = { base: key, group, before: this.now.checked };
    this.#open.push(group);
    return group;
  }
  #accessed(p: JitPlace, at: Node): void {
    if (p.group.open) p.group.accesses.push({ at, offset: p.offset });
    else at.imm += p.offset - (p.group.origin ?? p.group.min);
  }
  loadAt(p: Place, w: 8 | 16 | 32 | 64 | 128, offset = 0): V {
    // What goes to a vector register is loaded as a floating-point number: its bits are the same.
    const float = this.#vector && (w === 64 || w === 32);
    const n = this.c.load(float ? (w === 64 ? 'f64.load' : 'f32.load') : (LOAD[w] as Load), p.at, offset);
    this.#accessed(p as JitPlace, n);
    return float ? (w === 64 ? this.ofF64(n) : this.ofF32(n)) : { n, w };
  }
  storeAt(p: Place, v: V, offset = 0): void {
    this.#accessed(p as JitPlace, this.c.store(STORE[v.w] as Store, p.at, v.n, offset));
  }
  movable(): V {
    throw new Error("what isn't done in one go is the interpreter's");
  }
  fillable(): V {
    return this.movable();
  }
  strings(name: StringFunction, ...args: V[]): V {
    const count = args[2]?.n.value;
    const bytes = typeof count === 'number' ? (count * this.size) / 8 : -1;
    if (name === 'fill' && bytes >= 0 && bytes <= MOST_FILLED) return this.#fill(args[0] as V, args[1] as V, bytes);
    if (name === 'move' && bytes >= 0 && bytes <= MOST_MOVED) return this.#move(args[0] as V, args[1] as V, bytes);
    const n = this.#frame.call(STRINGS[name], ...args.map((a) => a.n), this.c.i32(Math.log2(this.size / 8)));
    return { n, w: n.type === 'i64' ? 64 : 1 };
  }
  /** So many bytes with 64 bits of a pattern, written out. */
  #fill(target: V, pattern: V, bytes: number): V {
    if (bytes === 0) return this.k(1, 1);
    const place = this.place(target, bytes, 'w');
    const vector: V = { n: this.c.op('i64x2.splat', pattern.n), w: 128 };
    for (const { at, w } of pieces(bytes)) this.storeAt(place, w === 128 ? vector : this.lo(pattern, w), at);
    return this.k(1, 1);
  }
  #move(source: V, target: V, bytes: number): V {
    if (bytes === 0) return this.k(1, 1);
    // A target just behind the source repeats a pattern.
    this.rare(this.ltu(this.sub(target, source), this.k(64, bytes)));
    const from = this.place(source, bytes, 'r');
    const to = this.place(target, bytes, 'w');
    const values = pieces(bytes).map(({ at, w }) => ({ at, v: this.loadAt(from, w, at) }));
    for (const { at, v } of values) this.storeAt(to, v, at);
    return this.k(1, 1);
  }
  override rare(condition: V): V {
    this.faultIf(condition);
    return this.k(1, 0);
  }

  // --- conditional parts of an instruction
  override if(cond: V, yes: () => void, no?: () => void): void {
    if (cond.n.value !== undefined) {
      if (cond.n.value) yes();
      else no?.();
      return;
    }
    this.#arms((arm) => this.c.if(cond.n, () => arm(yes), no && (() => arm(no))));
  }
  override ifElse(cond: V, yes: () => V, no: () => V): V {
    if (cond.n.value !== undefined) return cond.n.value ? yes() : no();
    let w: V['w'] = 32;
    let n: Node | undefined;
    this.#arms((arm) => {
      const valued = (body: () => V) => (): Node => {
        let v: V | undefined;
        arm(() => {
          v = body();
        });
        w = (v as V).w;
        return (v as V).n;
      };
      n = this.c.ifElse(cond.n, valued(yes), valued(no));
    });
    return { n: n as Node, w };
  }
  /** Code on several paths from here that join again: what one of them changes isn't known then, and is in the locals. */
  #arms(code: (arm: (body: () => void) => void) => void): void {
    const { c } = this;
    const before = this.now;
    const { flags } = before;
    const was = before.dirtyFlags;
    const hole = was ? c.hole() : undefined;
    const ends: State[] = [];
    code((body) => {
      this.now = new State(before);
      this.#frame.arm(() => {
        body();
        if (!this.gone && this.now.flags !== flags) this.#frame.flush(this.now);
      });
      if (!this.gone) ends.push(this.now);
      this.gone = false;
    });
    this.now = before;
    // Only now it shows whether some path goes on with other flags than were to be kept.
    if (hole && ends.some((e) => e.flags !== flags)) c.fill(hole, () => this.#frame.flush(before));
    for (const e of ends) before.join(e);
  }

  // --- leaving
  /** The interpreter raises it. */
  override faultIf(condition: V): void {
    if (condition.n.value) return this.#leave();
    const { flags, dirtyFlags } = this.now;
    if (!dirtyFlags || condition.n.value === 0) return this.#leaveIf(condition.n, this.#resume);
    this.c.unlikely(condition.n, () =>
      this.#frame.way(() => {
        this.#frame.flush({ flags, dirtyFlags });
        this.#frame.leave(this.c.i32(this.#resume));
      }),
    );
  }
  faultWith(): void {
    this.#leave();
  }
  fault(): void {
    this.#leave();
  }
  trap(): void {
    this.#leave();
  }
  exit(): void {
    this.#leave();
  }
  jcc(condition: V): void {
    this.end = { kind: 'branch', condition: condition.n };
  }
  jmpRel(): void {
    this.end = { kind: 'jump' };
  }
  jmpTo(target: V): void {
    this.end = { kind: 'indirect', target: target.n };
  }
  /** Addresses of the lower half are taken as they are; anything else is looked at by the interpreter. */
  override near(target: V): V {
    if (target.w !== 64) return this.zx(target, 64);
    // The block ends: the flags are brought up to date in any case.
    this.#frame.flush(this.now);
    this.#leaveIf(this.c.op('i32.wrap_i64', this.c.op('i64.shr_u', target.n, this.c.i64(47))), this.#resume);
    return target;
  }
  helper(): void {
    this.#leave();
  }
  helped(i: number, w: 32 | 64 | 128): V {
    return { n: this.c.load(LOAD[w] as Load, this.c.i32(0), L.HELPER_RESULTS + (w === 128 ? 16 : 8) * i), w };
  }
  shared(name: string, ...args: Node[]): Node {
    const n = this.#frame.flavour.mode === 'exact' ? undefined : this.#usually(name, args);
    if (n) return n;
    this.#mayRaise = true;
    return this.#frame.call(sharedImport(name), ...args);
  }

  // --- floating point with MXCSR as usual
  #float(): F.Context {
    this.#frame.float = true;
    this.#frame.flush(this.now);
    return {
      c: this.c,
      ranges: this.now.ranges,
      lanes: (w) => (w === 64 ? this.now.lanes64 : this.now.lanes32),
      flavour: this.#frame.flavour,
      careful: this.#frame.flavour.mode === 'careful',
      leaveIf: (condition) => this.#leaveIf(condition, this.#resume),
      beyondIf: (condition) => this.c.unlikely(condition, () => this.#frame.way(() => this.#beyond())),
    };
  }
  /** What a shared function gives, by an operator; undefined where there is none. */
  #usually(name: string, args: readonly Node[]): Node | undefined {
    const f = F.FUNCTIONS.get(name);
    if (!f) return undefined;
    const n = f(this.#float(), args);
    if (name.includes('comi')) this.ordered = true;
    return n;
  }
  override packedCompare(w: 32 | 64, d: V, s: V, predicate: V, each: () => V): V {
    if (this.#frame.flavour.mode === 'exact') return each();
    return { n: compare(this.#float(), w, d.n, s.n, predicate.n.value as number), w: 128 };
  }
  override packedConversion(name: PackedConversion, s: V, each: () => V): V {
    const v = s.w === 64 ? this.c.vector(this.f64(s)) : s.n;
    const n = this.#frame.flavour.mode === 'exact' ? undefined : convert(this.#float(), name, v);
    return n ? { n, w: 128 } : each();
  }
  override packed(op: PackedOp, w: 32 | 64, d: V, s: V, each: () => V): V {
    const n = this.#frame.flavour.mode === 'exact' ? undefined : packed(this.#float(), op, w, d.n, s.n);
    return n ? { n, w: 128 } : each();
  }
}
