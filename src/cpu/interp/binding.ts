// The interpreter's binding of the instruction definitions: operands come from the decoded record, registers are words of the state, flags are locals of the
// loop (inline handlers) or words of the state (handlers that are functions of their own).
import { Flags } from '../../isa/flags.ts';
import type { ExitKind, Place, StringFunction, V } from '../../isa/sem.ts';
import type { Code, Node, Var } from '../../wasm/code.ts';
import type { Load, Store, ValType } from '../../wasm/ops.ts';
import { HandlerSem } from '../handler-sem.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import { STRINGS } from '../strings.ts';
import type { Handler, HandlerOperand } from './handlers.ts';

/** What a binding needs of the function it writes into. */
export interface Frame {
  /** The current record's address. */
  readonly record: () => Node;
  readonly flags: {
    get(which: 'res' | 'cf' | 'of' | 'aux'): Node;
    set(which: 'res' | 'cf' | 'of' | 'aux', value: Node): void;
  };
  /** Leaves with an exit code: code that follows isn't reached. */
  readonly leave: (code: Node) => void;
  /** Goes on at another record (inline: the loop's top). `target` gives the record or 0 where nothing can be fetched. */
  readonly branch: (condition: Node | undefined) => void;
  readonly jump: (target: Node) => void;
  readonly imports: Imports;
  readonly shared: ReadonlyMap<string, { readonly index: number; readonly result: ValType }>;
}
/** Function indices of the module's imports. */
export interface Imports {
  /** (lo, hi, bytes | write << 8) -> linear address to use, 0 after a fault. */
  readonly slow: number;
  /** Writes a bounced store back. */
  readonly commit: number;
  /** (helper, record) -> exit code, 0 to go on. */
  readonly helper: number;
  readonly helperIds: ReadonlyMap<string, number>;
}

const GPR_LOAD: Record<number, Load> = {
  8: 'i32.load8_u',
  16: 'i32.load16_u',
  32: 'i32.load',
  64: 'i64.load',
  128: 'v128.load',
};
const PLAIN_STORE: Record<number, Store> = {
  8: 'i32.store8',
  16: 'i32.store16',
  32: 'i32.store',
  64: 'i64.store',
  128: 'v128.store',
};

export class InterpreterSem extends HandlerSem {
  readonly f: Flags;
  protected readonly handler: Handler;
  readonly #frame: Frame;
  #address: V | undefined;

  constructor(c: Code, frame: Frame, h: Handler) {
    super(c);
    this.#frame = frame;
    this.handler = h;
    this.f = new Flags(this, frame.flags);
  }

  // --- records
  #field(load: Load, offset: number): Node {
    return this.c.loadConst(load, this.#frame.record(), offset);
  }
  get #zero(): Node {
    return this.c.i32(0);
  }
  state(offset: number, w: 8 | 16 | 32 | 64): V {
    return { n: this.c.load(GPR_LOAD[w] as Load, this.#zero, offset), w };
  }
  setState(offset: number, v: V): void {
    this.c.store(PLAIN_STORE[v.w] as Store, this.#zero, v.n, offset);
  }
  gpr(n: number, w: 8 | 16 | 32 | 64): V {
    return this.state(L.GPR + 8 * n, w);
  }
  setGpr(n: number, v: V): void {
    this.setState(L.GPR + 8 * n, v.w === 32 ? this.zx(v, 64) : v);
  }
  xmm(n: number): V {
    return { n: this.c.load('v128.load', this.#zero, L.XMM + 16 * n), w: 128 };
  }
  setXmm(n: number, v: V): void {
    this.c.store('v128.store', this.#zero, v.n, L.XMM + 16 * n);
  }
  restFlags(): V {
    return this.state(L.FLAG_REST, 32);
  }
  setRestFlags(v: V): void {
    this.setState(L.FLAG_REST, v);
  }
  nextRip(): V {
    const c = this.c;
    const low = c.op('i64.add', this.#field('i64.load32_u', R.REC_RIP), this.#field('i64.load8_u', R.REC_LEN));
    return { n: c.op('i64.add', c.load('i64.load', this.#zero, L.RIP_BASE), low), w: 64 };
  }
  rip(): V {
    const c = this.c;
    const low = c.op('i64.extend_i32_u', this.#field('i32.load', R.REC_RIP));
    return { n: c.op('i64.or', c.load('i64.load', this.#zero, L.RIP_BASE), low), w: 64 };
  }
  dataOffset(): V {
    return this.sub(this.address(), { n: this.c.load('i64.load', this.#field('i32.load16_u', R.REC_SEG)), w: 64 });
  }
  imm(w: 8 | 16 | 32 | 64): V {
    const v: V = { n: this.#field('i32.load', R.REC_IMM), w: 32 };
    return w === 64 ? this.sx(v, 64) : this.lo(v, w);
  }
  stringForm(): { mask: V; sourceBase: V; repeat: V } {
    return {
      mask: { n: this.#field('i64.load', R.REC_DISP), w: 64 },
      sourceBase: { n: this.c.load('i64.load', this.#field('i32.load16_u', R.REC_SEG)), w: 64 },
      repeat: { n: this.#field('i32.load', R.REC_IMM), w: 32 },
    };
  }

  // --- memory
  protected address(offset?: V): V {
    if (this.#address && !offset) return this.#address;
    const c = this.c;
    const reg = (at: number): Node => c.load('i64.load', this.#field('i32.load16_u', at));
    const index = c.op('i64.shl', reg(R.REC_INDEX), this.#field('i64.load8_u', R.REC_SCALE));
    const base = c.op('i64.add', reg(R.REC_BASE), this.#field('i64.load', R.REC_DISP));
    const sum = c.op('i64.add', base, index);
    if (!offset) {
      // A segment is in the scratch register already: a record of its own worked that out.
      this.#address = { n: sum, w: 64 };
      return this.#address;
    }
    // The immediate, which such instructions don't have, says how many bits to cut off.
    const cut = this.imm(64).n;
    const moved = c.op('i64.add', c.op('i64.sub', sum, reg(R.REC_SEG)), offset.n);
    return { n: c.op('i64.add', c.op('i64.shr_u', c.op('i64.shl', moved, cut), cut), reg(R.REC_SEG)), w: 64 };
  }
  place(address: V, bytes: number, access: 'r' | 'w'): Place {
    const c = this.c;
    const at = c.op('i32.wrap_i64', address.n);
    const p = c.tempVar('i32');
    c.set(p, at);
    const page = c.load('i32.load8_u', c.op('i32.shr_u', at, c.i32(12)), L.PERM);
    const bit = c.i32(access === 'w' ? L.W : L.R);
    const refused = c.op('i32.eqz', c.op('i32.and', page, bit));
    const high = c.op('i64.ne', address.n, c.op('i64.extend_i32_u', at));
    // What crosses into another page is rare enough to go the slow way.
    const crossing =
      bytes === 1
        ? refused
        : c.op('i32.or', refused, c.op('i32.gt_u', c.op('i32.and', at, c.i32(L.PAGE - 1)), c.i32(L.PAGE - bytes)));
    c.if(c.op('i32.or', high, crossing), () => {
      const hi = c.op('i32.wrap_i64', c.op('i64.shr_u', address.n, c.i64(32)));
      const what = c.i32(bytes | (access === 'w' ? 0x100 : 0));
      // The second part of an operand of 80 bits: a 32-bit address wraps on its way there, without its segment's base.
      const wraps = (): Node => {
        const base = c.op('i32.wrap_i64', c.load('i64.load', this.#field('i32.load16_u', R.REC_SEG)));
        const last = c.op('i32.gt_u', c.op('i32.sub', at, base), c.i32(-9));
        const narrow = c.op('i32.eq', this.#field('i32.load8_u', R.REC_SCALE), c.i32(R.NARROW));
        return c.op('i32.shl', c.op('i32.and', last, narrow), c.i32(9));
      };
      const more = bytes === 10 ? c.op('i32.or', what, wraps()) : what;
      c.set(p, c.call(this.#frame.imports.slow, 'i32', at, hi, more));
      c.if(c.op('i32.eqz', c.get(p)), () => this.#frame.leave(c.i32(R.EXIT_FAULT)));
    });
    return { at: c.get(p), bytes };
  }
  loadAt(p: Place, w: 8 | 16 | 32 | 64 | 128, offset = 0): V {
    return { n: this.c.load(GPR_LOAD[w] as Load, p.at, offset), w };
  }
  storeAt(p: Place, v: V, offset = 0): void {
    const c = this.c;
    c.store(PLAIN_STORE[v.w] as Store, p.at, v.n, offset);
    if (offset + v.w / 8 < p.bytes) return;
    c.if(c.op('i32.lt_u', p.at, c.i32(L.GUEST_START)), () => c.callVoid(this.#frame.imports.commit));
  }
  #within(address: V, access: 'r' | 'w'): Node {
    const c = this.c;
    const at = c.op('i32.wrap_i64', address.n);
    const rights = c.op(
      'i32.and',
      c.load('i32.load8_u', c.op('i32.shr_u', at, c.i32(12)), L.PERM),
      c.i32(access === 'w' ? L.W : L.R),
    );
    return c.op('i32.and', c.op('i64.eq', address.n, c.op('i64.extend_i32_u', at)), c.op('i32.ne', rights, c.i32(0)));
  }
  movable(source: V, target: V, bytes: V): V {
    const c = this.c;
    const ok = c.op('i32.and', this.#within(source, 'r'), this.#within(target, 'w'));
    const low = (v: V): Node => c.op('i32.wrap_i64', v.n);
    c.if(ok, () => c.memoryCopy(low(target), low(source), low(bytes)));
    return { n: ok, w: 1 };
  }
  fillable(target: V, byte: V, bytes: V): V {
    const c = this.c;
    const ok = c.op('i32.and', this.#within(target, 'w'), c.op('i64.ne', bytes.n, c.i64(0)));
    c.if(ok, () => c.memoryFill(c.op('i32.wrap_i64', target.n), byte.n, c.op('i32.wrap_i64', bytes.n)));
    return { n: ok, w: 1 };
  }
  strings(name: StringFunction, ...args: V[]): V {
    const n = this.shared(STRINGS[name].name, ...args.map((a) => a.n), this.c.i32(Math.log2(this.size / 8)));
    return { n, w: n.type === 'i64' ? 64 : 1 };
  }

  // --- operands
  protected wideImm(): V {
    return { n: this.#field('i64.load', R.REC_DISP), w: 64 };
  }
  #registerAddress(o: HandlerOperand, slot: number): Node {
    if (o.fixed !== undefined) return this.c.i32(o.kind === 'x' ? L.XMM + 16 * o.fixed : L.GPR + 8 * o.fixed);
    return this.#field('i32.load16_u', slot);
  }
  protected readRegister(o: HandlerOperand, slot: number): V {
    return { n: this.c.load(GPR_LOAD[o.w] as Load, this.#registerAddress(o, slot)), w: o.w };
  }
  protected writeRegister(o: HandlerOperand, slot: number, v: V): void {
    const value = o.kind === 'r' && v.w === 32 ? this.zx(v, 64) : v;
    const at = this.#registerAddress(o, slot);
    this.c.store(PLAIN_STORE[value.w] as Store, at, value.n);
    if (o.kind === 'n') this.c.store('i32.store16', at, this.c.i32(0xffff), 8);
  }

  // --- leaving
  faultWith(vector: number, error: V): void {
    const c = this.c;
    c.store('i32.store', this.#zero, c.i32(vector), L.FAULT_VECTOR);
    c.store('i32.store', this.#zero, error.n, L.FAULT_ERROR);
    this.#frame.leave(c.i32(R.EXIT_FAULT));
  }
  fault(vector: number, error = 0): void {
    this.faultWith(vector, this.k(32, error));
  }
  trap(vector: number): void {
    const c = this.c;
    c.store('i32.store', this.#zero, c.i32(vector), L.FAULT_VECTOR);
    c.store('i32.store', this.#zero, c.i32(0), L.FAULT_ERROR);
    this.#frame.leave(c.i32(R.EXIT_TRAP));
  }
  exit(kind: ExitKind): void {
    this.#frame.leave(this.c.i32(R.EXIT_OF[kind]));
  }
  jcc(condition: V): void {
    this.#frame.branch(condition.n);
  }
  jmpRel(): void {
    this.#frame.branch(undefined);
  }
  jmpTo(target: V): void {
    this.#frame.jump(target.n);
  }
  helper(name: string, ...args: V[]): void {
    const c = this.c;
    const id = this.#frame.imports.helperIds.get(name);
    if (id === undefined) throw new Error(`no helper ${name}`);
    args.forEach((a, i) => {
      const wide = a.w === 64 ? a : a.w === 128 ? a : this.zx(a, 64);
      this.setState(L.HELPER_ARGS + 8 * i, wide);
    });
    const code = c.call(this.#frame.imports.helper, 'i32', c.i32(id), this.#frame.record());
    c.if(code, () => this.#frame.leave(code));
  }
  helped(i: number, w: 32 | 64 | 128): V {
    return { n: this.c.load(GPR_LOAD[w] as Load, this.#zero, L.HELPER_RESULTS + (w === 128 ? 16 : 8) * i), w };
  }
  shared(name: string, ...args: Node[]): Node {
    const f = this.#frame.shared.get(name);
    if (!f) throw new Error(`no shared function ${name}`);
    return this.c.call(f.index, f.result, ...args);
  }
}

export type { Var };
