// What an instruction's meaning is written with. A definition's `sem` runs when code is generated: it gets operands as values and builds code through a
// `Sem`, whose bindings decide where registers, flags and memory are (the interpreter: linear memory and decoded records; the compiler: locals and constants).
import type { Code, Node } from '../wasm/code.ts';
import type { Op } from '../wasm/ops.ts';
import type { Flags } from './flags.ts';
import { AC, REST_FLAGS, RIP, TF } from './state.ts';

/** Bits of a value: 1 is a truth value (i32 0 or 1); 8 and 16 are held zero-extended in an i32, 32 in an i32, 64 in an i64, 128 in a v128. */
export type Width = 1 | 8 | 16 | 32 | 64 | 128;
/** A value. Floating-point operands come as their bits; `f32`/`f64` reinterpret them. */
export interface V {
  readonly n: Node;
  readonly w: Width;
}
/** A guest memory operand whose rights were checked: loads and stores through it cannot fault. */
export interface Place {
  readonly at: Node;
  readonly bytes: number;
}

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;

export type PackedOp = 'add' | 'sub' | 'mul' | 'div' | 'sqrt' | 'min' | 'max';
/** A conversion of all lanes: the shared function for one (isa/sse/fp.ts). */
export type PackedConversion = 'fromInt32' | 'fromInt64' | 'widen' | 'narrow' | `${'trunc' | 'nearest'}${32 | 64}to32`;

/** How an instruction ends a run: the kernel takes over; or flags that decide how code runs have changed, rip
 * being behind the instruction or in the state; or a repetition is to be gone on with, the instruction not being done. */
export type ExitKind = 'syscall' | 'sysenter' | 'int80' | 'flags' | 'return' | 'again';

/**
 * What repeated string instructions do in one go: `move` (source, target, count) and `fill` (target, value, count) all of it, giving 1, or nothing, giving 0;
 * `compare` (source, target, count) and `scan` (target, value, count) go on as long as elements are equal, `seek` (target, value, count) as long as they aren't,
 * which gives the number of elements looked at, the last of which decided; 0: not to be done in one go.
 */
export type StringFunction = 'move' | 'fill' | 'compare' | 'scan' | 'seek';

export abstract class Sem {
  readonly c: Code;
  constructor(c: Code) {
    this.c = c;
  }
  abstract readonly f: Flags;
  /** Size in bits of the operation (the `v` of the encoding), and of addresses in this mode's stack and string operations. */
  abstract readonly size: 8 | 16 | 32 | 64;

  /** Condition code of the form being built, for jcc, setcc, cmovcc. */
  abstract readonly cc: number;
  /** An operand itself, for meanings that treat memory and registers differently. */
  abstract operand(i: number): {
    readonly mem: boolean;
    /** Of memory; `offset` is added to it before it is cut to 32 bits, where addresses have so many. */
    readonly address: (offset?: V) => V;
    readonly get: () => V;
    readonly set: (v: V) => void;
    /** Of a register: its low bits alone, at any width. */
    readonly setLow: (v: V) => void;
  };
  /** String instructions: address mask (all ones, or 32 bits), base of the source's segment, and repetition: 0 none, 1 rep/repe, 2 repne (32 bits wide). */
  abstract stringForm(): { readonly mask: V; readonly sourceBase: V; readonly repeat: V };
  /** The target of an instruction that stores to [rdi] without saying so, its segment the default one (maskmovq). */
  stringTarget(): V {
    const { mask, sourceBase } = this.stringForm();
    return this.add(this.and(this.gpr(RDI, 64), mask), sourceBase);
  }
  // --- machine access (bindings)
  /** General register by encoding number, its low `w` bits. */
  abstract gpr(n: number, w: 8 | 16 | 32 | 64): V;
  /** 32-bit writes clear the upper half, 8- and 16-bit ones keep the rest. */
  abstract setGpr(n: number, v: V): void;
  abstract xmm(n: number): V;
  abstract setXmm(n: number, v: V): void;
  /** Checks rights of `bytes` at a linear address; faults precisely. Do this before anything is changed. */
  abstract place(address: V, bytes: number, access: 'r' | 'w'): Place;
  abstract loadAt(p: Place, w: 8 | 16 | 32 | 64 | 128, offset?: number): V;
  abstract storeAt(p: Place, v: V, offset?: number): void;
  /** A word of the machine's state (cpu/layout.ts). */
  abstract state(offset: number, w: 8 | 16 | 32 | 64): V;
  abstract setState(offset: number, v: V): void;
  /** Raises an exception of the CPU; nothing of the instruction may have been done. */
  abstract fault(vector: number, error?: number): void;
  /** The same where the condition holds. */
  faultIf(condition: V, vector: number): void {
    this.if(condition, () => this.fault(vector));
  }
  abstract faultWith(vector: number, error: V): void;
  /** A trap: raised behind the instruction, which is done. */
  abstract trap(vector: number): void;
  abstract exit(kind: ExitKind): void;
  /** Copies or fills `bytes` within one page of each side if rights allow without more ado; false: nothing was done. */
  abstract movable(source: V, target: V, bytes: V): V;
  abstract fillable(target: V, byte: V, bytes: V): V;
  /** A string function (cpu/strings.ts) on elements of the operation's size, forward. */
  abstract strings(name: StringFunction, ...args: V[]): V;
  /** A case that needn't be quick: a compiler leaves the instruction, of which nothing may be done yet, to the interpreter, and it isn't the case then. */
  rare(condition: V): V {
    return condition;
  }
  /** Address behind this instruction, and its own. */
  abstract nextRip(): V;
  abstract rip(): V;
  /** Address of the memory operand as the program computes it: without its segment's base. */
  abstract dataOffset(): V;
  /** The immediate, sign-extended to w. */
  abstract imm(w: 8 | 16 | 32 | 64): V;
  /** The immediate as a number where it is known when code is built (the compiler), else undefined (the interpreter). */
  constantImm(): number | undefined {
    return undefined;
  }
  /** Control: a conditional or unconditional relative jump, an indirect one, a relative call. They end the instruction. */
  abstract jcc(condition: V): void;
  abstract jmpRel(): void;
  abstract jmpTo(target: V): void;
  /** Runs a helper (cpu/helpers) by name with up to four 64-bit arguments; it may fault; then `helped(i)` are its results. */
  abstract helper(name: string, ...args: V[]): void;
  abstract helped(i: number, w: 32 | 64 | 128): V;
  /** An arithmetic operation on all lanes; `each` does it lane by lane. A binding may do them at once where that gives the same. */
  packed(_op: PackedOp, _w: 32 | 64, _d: V, _s: V, each: () => V): V {
    return each();
  }
  /** The same of comparisons to masks. */
  packedCompare(_w: 32 | 64, _d: V, _s: V, _predicate: V, each: () => V): V {
    return each();
  }
  /** The same of conversions: of a vector, or of the 64 bits that are its lower half. */
  packedConversion(_name: PackedConversion, _s: V, each: () => V): V {
    return each();
  }
  /** A shared function of the generated module (isa/functions.ts) by name. */
  abstract shared(name: string, ...args: Node[]): Node;

  /** Flags that are held as they are: TF DF NT AC ID, at their places in rflags (32 bits wide). */
  abstract restFlags(): V;
  abstract setRestFlags(v: V): void;
  /** rflags as pushf shows them: bit 1 and IF set, RF and VM clear. */
  rflags(): V {
    return this.or(this.or(this.f.arithmetic(), this.restFlags()), this.k(32, 0x202));
  }
  /** popf at ring 3 (IF and IOPL keep); `low` changes the lower 16 bits only. */
  setRflags(v: V, low: boolean): void {
    const mask = low ? REST_FLAGS & 0xffff : REST_FLAGS;
    this.f.setArithmetic(v);
    this.setRestFlags(this.or(this.and(v, this.k(32, mask)), this.and(this.restFlags(), this.k(32, ~mask))));
  }

  /** After a change of the flags from `before`: leaves the run if code is to be run in another way now (step by step, with alignment checks). */
  heedFlags(before: V, rip?: V): void {
    const changed = this.and(this.xor(before, this.restFlags()), this.k(32, TF | AC));
    this.if(this.ne(changed, this.k(32, 0)), () => {
      if (rip) this.setState(RIP, rip);
      this.exit(rip ? 'return' : 'flags');
    });
  }

  // --- arithmetic, by the operands' width
  k(w: Width, n: number | bigint): V {
    if (w === 64) return { n: this.c.i64(n), w };
    const v = Number(BigInt.asIntN(32, BigInt(n)));
    return { n: this.c.i32(w === 8 ? v & 0xff : w === 16 ? v & 0xffff : v), w };
  }
  #p(w: Width): 'i32' | 'i64' {
    return w === 64 ? 'i64' : 'i32';
  }
  #bin(op: string, a: V, b: V): Node {
    if (a.w !== b.w) throw new Error(`${op}: widths ${a.w} and ${b.w}`);
    return this.c.op(`${this.#p(a.w)}.${op}` as Op, a.n, b.n);
  }
  /** Cuts an i32 to the width. */
  #cut(w: Width, n: Node): V {
    if (w === 8) return { n: this.c.op('i32.and', n, this.c.i32(0xff)), w };
    if (w === 16) return { n: this.c.op('i32.and', n, this.c.i32(0xffff)), w };
    return { n, w };
  }
  add(a: V, b: V): V {
    return this.#cut(a.w, this.#bin('add', a, b));
  }
  sub(a: V, b: V): V {
    return this.#cut(a.w, this.#bin('sub', a, b));
  }
  mul(a: V, b: V): V {
    return this.#cut(a.w, this.#bin('mul', a, b));
  }
  and(a: V, b: V): V {
    return { n: this.#bin('and', a, b), w: a.w };
  }
  or(a: V, b: V): V {
    return { n: this.#bin('or', a, b), w: a.w };
  }
  xor(a: V, b: V): V {
    return { n: this.#bin('xor', a, b), w: a.w };
  }
  not(a: V): V {
    return this.xor(a, this.k(a.w, a.w === 1 ? 1 : -1));
  }
  neg(a: V): V {
    return this.sub(this.k(a.w, 0), a);
  }
  /** Shifts by a count below the carrier's size (32 or 64); bits leave at the width. */
  shl(a: V, n: V): V {
    return this.#cut(a.w, this.c.op(`${this.#p(a.w)}.shl` as Op, a.n, this.#amount(a.w, n)));
  }
  shr(a: V, n: V): V {
    return { n: this.c.op(`${this.#p(a.w)}.shr_u` as Op, a.n, this.#amount(a.w, n)), w: a.w };
  }
  sar(a: V, n: V): V {
    const wide = a.w < 32 ? this.sx(a, 32) : a;
    return this.#cut(a.w, this.c.op(`${this.#p(a.w)}.shr_s` as Op, wide.n, this.#amount(a.w, n)));
  }
  #amount(w: Width, n: V): Node {
    return w === 64 ? this.zx(n, 64).n : n.w === 64 ? this.lo(n, 32).n : n.n;
  }
  shlk(a: V, n: number): V {
    return this.shl(a, this.k(32, n));
  }
  shrk(a: V, n: number): V {
    return this.shr(a, this.k(32, n));
  }
  /** Zero-extension, sign-extension, low part. */
  zx(a: V, w: 32 | 64 | 16): V {
    if (a.w === w) return a;
    if (a.w > w) return this.lo(a, w);
    return w === 64 ? { n: this.c.op('i64.extend_i32_u', a.n), w } : { n: a.n, w };
  }
  sx(a: V, w: 16 | 32 | 64): V {
    if (a.w === w) return a;
    if (a.w > w) return this.lo(a, w);
    if (w === 64) {
      const wide = this.c.op('i64.extend_i32_u', a.n);
      return { n: this.c.op(a.w === 8 ? 'i64.extend8_s' : a.w === 16 ? 'i64.extend16_s' : 'i64.extend32_s', wide), w };
    }
    return this.#cut(w, this.c.op(a.w === 8 ? 'i32.extend8_s' : 'i32.extend16_s', a.n));
  }
  lo(a: V, w: 8 | 16 | 32 | 64): V {
    if (a.w === w) return a;
    const n = a.w === 64 ? this.c.op('i32.wrap_i64', a.n) : a.n;
    return this.#cut(w, n);
  }
  eq(a: V, b: V): V {
    return { n: this.#bin('eq', a, b), w: 1 };
  }
  ne(a: V, b: V): V {
    return { n: this.#bin('ne', a, b), w: 1 };
  }
  ltu(a: V, b: V): V {
    return { n: this.#bin('lt_u', a, b), w: 1 };
  }
  lts(a: V, b: V): V {
    const [x, y] = a.w < 32 ? [this.sx(a, 32), this.sx(b, 32)] : [a, b];
    return { n: this.#bin('lt_s', x, y), w: 1 };
  }
  isZero(a: V): V {
    return { n: this.c.op(a.w === 64 ? 'i64.eqz' : 'i32.eqz', a.n), w: 1 };
  }
  /** Most significant bit. */
  sign(a: V): V {
    if (a.w === 64) return { n: this.c.op('i64.lt_s', a.n, this.c.i64(0)), w: 1 };
    return { n: this.c.op('i32.shr_u', a.n, this.c.i32(a.w - 1)), w: 1 };
  }
  bit(a: V, n: V): V {
    const s = this.shr(a, n);
    return { n: this.c.op('i32.and', s.w === 64 ? this.c.op('i32.wrap_i64', s.n) : s.n, this.c.i32(1)), w: 1 };
  }
  sel(cond: V, yes: V, no: V): V {
    return { n: this.c.select(cond.n, yes.n, no.n), w: yes.w };
  }
  if(cond: V, yes: () => void, no?: () => void): void {
    this.c.if(cond.n, yes, no);
  }
  ifElse(cond: V, yes: () => V, no: () => V): V {
    let w: Width = 32;
    const n = this.c.ifElse(
      cond.n,
      () => {
        const v = yes();
        w = v.w;
        return v.n;
      },
      () => no().n,
    );
    return { n, w };
  }
  op(name: Op, w: Width, a: V, b?: V, c?: V): V {
    return { n: this.c.op(name, a.n, b?.n, c?.n), w };
  }
  f64(a: V): Node {
    return this.c.op('f64.reinterpret_i64', a.n);
  }
  f32(a: V): Node {
    return this.c.op('f32.reinterpret_i32', a.n);
  }
  ofF64(n: Node): V {
    return { n: this.c.op('i64.reinterpret_f64', n), w: 64 };
  }
  ofF32(n: Node): V {
    return { n: this.c.op('i32.reinterpret_f32', n), w: 32 };
  }

  /** Where an indirect jump leads, as wide as rip: #GP where that is no canonical address. */
  near(target: V): V {
    if (target.w !== 64) return this.zx(target, 64);
    const n = this.k(32, 16);
    this.if(this.ne(this.sar(this.shl(target, n), n), target), () => this.fault(13));
    return target;
  }

  // --- memory and stack on top of places
  load(address: V, w: 8 | 16 | 32 | 64 | 128): V {
    return this.loadAt(this.place(address, w / 8, 'r'), w);
  }
  store(address: V, v: V): void {
    this.storeAt(this.place(address, v.w / 8, 'w'), v);
  }
  /** Stack pointer's width: 64-bit mode's. */
  push(v: V): void {
    const to = this.sub(this.gpr(RSP, 64), this.k(64, v.w / 8));
    this.store(to, v);
    this.setGpr(RSP, to);
  }
  pop(w: 16 | 32 | 64): V {
    const at = this.gpr(RSP, 64);
    const v = this.load(at, w);
    this.setGpr(RSP, this.add(at, this.k(64, w / 8)));
    return v;
  }
  // --- vectors
  vec(name: Op, a: V, b?: V, c?: V): V {
    return { n: this.c.op(name, a.n, b?.n, c?.n), w: 128 };
  }
  lane64(v: V, i: number): V {
    return { n: this.c.lane('i64x2.extract_lane', i, v.n), w: 64 };
  }
  lane32(v: V, i: number): V {
    return { n: this.c.lane('i32x4.extract_lane', i, v.n), w: 32 };
  }
  setLane64(v: V, i: number, x: V): V {
    return { n: this.c.lane('i64x2.replace_lane', i, v.n, x.n), w: 128 };
  }
  setLane32(v: V, i: number, x: V): V {
    return { n: this.c.lane('i32x4.replace_lane', i, v.n, x.n), w: 128 };
  }
  zero128(): V {
    return { n: this.c.v128(new Array<number>(16).fill(0)), w: 128 };
  }
  /** A 32- or 64-bit value in the lowest lane, zeros above. */
  low128(v: V): V {
    return v.w === 64 ? this.setLane64(this.zero128(), 0, v) : this.setLane32(this.zero128(), 0, v);
  }
}
