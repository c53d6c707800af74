// The x87 exactly: operands, stack faults, masked and unmasked exceptions, condition codes (SDM vol. 1 chapter 8). What isa/x87 hands over.
import { F32, F64, IE, type Rounding, type Unpacked, ZE } from '../../bits/float/soft.ts';
import * as F from '../../bits/float/x87.ts';
import { constant } from '../../bits/float/x87-constants.ts';
import * as T from '../../bits/float/x87-functions.ts';
import { BUSY, C0, C1, C2, C3, ES, SF, X87_FORMS, X87_KINDS, type X87Form } from '../../isa/x87/unit.ts';
import * as L from '../layout.ts';

const CONDITIONS = C0 | C1 | C2 | C3;
const DE = 2;
const OE = 8;
const UE = 16;
const PE = 32;
/** Exceptions found before the operation: unmasked, they keep it from being done. */
const BEFORE = IE | DE | ZE;
const POSITIVE_ZERO = 0n;
const ONE = 0x3fff8000000000000000n;

/** One CPU's x87. Its fields are the instruction in execution; nothing lives on between two. */
export class X87 {
  readonly #view: DataView;
  readonly #c: F.X87Context = {
    rounding: 0,
    flags: 0,
    masks: 0x3f,
    flushToZero: false,
    denormalsAreZero: false,
    roundedUp: false,
    precision: 64,
  };
  #status = 0;
  /** C1 as it was: a few instructions keep it. */
  #oldC1 = 0;
  #top = 0;
  #used = 0;
  #pops = 0;
  #form: X87Form = 'st';

  constructor(view: DataView) {
    this.#view = view;
  }
  /** See EXACT in isa/x87/unit.ts. */
  execute(code: number, low: bigint, high: number): number {
    const view = this.#view;
    const control = view.getUint16(L.X87, true);
    const c = this.#c;
    c.rounding = ((control >> 10) & 3) as Rounding;
    c.masks = control & 0x3f;
    c.flags = 0;
    c.roundedUp = false;
    c.precision = ([24, 64, 53, 64] as const)[((control >> 8) & 3) as 0 | 1 | 2 | 3];
    const status = view.getUint16(L.X87 + 2, true);
    this.#oldC1 = status & C1;
    this.#status = status & ~C1;
    this.#top = (this.#status >> 11) & 7;
    this.#used = view.getUint8(L.X87 + 4);
    this.#pops = (code >> 14) & 3;
    this.#form = X87_FORMS[(code >> 11) & 7] as X87Form;
    const i = (code >> 8) & 7;
    const answer = this.#do(code, i, BigInt.asUintN(64, low), high & 0xffff);
    this.#finish();
    return answer;
  }

  #finish(): void {
    let s = this.#status;
    const c = this.#c;
    s |= c.flags;
    if (c.roundedUp) s |= C1;
    s &= ~(ES | BUSY);
    if (s & 0x3f & ~c.masks) s |= ES | BUSY;
    s = (s & ~0x3800) | (this.#top << 11);
    this.#view.setUint16(L.X87 + 2, s, true);
    this.#view.setUint8(L.X87 + 4, this.#used);
  }

  // --- the stack
  #at(i: number): number {
    return L.X87_REGS + 16 * ((this.#top + i) & 7);
  }
  #isUsed(i: number): boolean {
    return (this.#used & (1 << ((this.#top + i) & 7))) !== 0;
  }
  #get(i: number): bigint {
    const at = this.#at(i);
    return (BigInt(this.#view.getUint16(at + 8, true)) << 64n) | this.#view.getBigUint64(at, true);
  }
  #set(i: number, value: bigint): void {
    const at = this.#at(i);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
    this.#view.setUint16(at + 8, Number(value >> 64n), true);
    this.#used |= 1 << ((this.#top + i) & 7);
  }
  #pop(): void {
    for (let n = this.#pops; n > 0; n--) {
      this.#used &= ~(1 << this.#top);
      this.#top = (this.#top + 1) & 7;
    }
  }
  #push(value: bigint): void {
    this.#top = (this.#top + 7) & 7;
    this.#set(0, value);
  }
  /** Stack fault: C1 tells overflow from underflow. True: masked, the indefinite goes where the result would. */
  #fault(overflow: boolean): boolean {
    this.#status |= SF;
    if (overflow) this.#status |= C1;
    this.#c.flags |= IE;
    return (this.#c.masks & IE) !== 0;
  }
  /** After an operation: an unmasked exception found before it withholds the result, and drops what came of it. */
  #allowed(): boolean {
    const c = this.#c;
    if (!(c.flags & ~c.masks & BEFORE)) return true;
    c.flags &= BEFORE;
    c.roundedUp = false;
    return false;
  }
  #conditions(bits: number): void {
    this.#status = (this.#status & ~CONDITIONS) | bits;
  }

  // --- operations
  #do(code: number, i: number, low: bigint, high: number): number {
    const kind = X87_KINDS[code & 0xff] as (typeof X87_KINDS)[number];
    switch (kind) {
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
        return this.#binary(kind, code, i, low, high);
      case 'com':
      case 'ucom':
        return this.#compare(kind === 'ucom', i, low, high);
      case 'comi':
      case 'ucomi':
        return this.#compareToFlags(kind === 'ucomi', i);
      case 'tst':
        if (!this.#isUsed(0)) return this.#unordered();
        return this.#order(F.compare80(this.#c, F.open(this.#get(0)), F.open(POSITIVE_ZERO), false));
      case 'ld':
        return this.#load(i, low, high);
      case 'const':
        if (this.#isUsed(7)) return this.#overflow();
        this.#push(constant(i, this.#c.rounding));
        return 0;
      case 'st':
      case 'sttrunc':
        return this.#form === 'st' ? this.#copy(i) : this.#store(kind === 'sttrunc');
      case 'st1':
        if (this.#isUsed(0)) this.#set(i, this.#get(0));
        this.#pop();
        return 0;
      case 'xch':
        return this.#exchange(i);
      case 'cmov':
        if (!this.#isUsed(0) || !this.#isUsed(i)) {
          if (this.#fault(false)) this.#set(0, F.INDEFINITE);
        } else {
          this.#status |= this.#oldC1;
          if (low) this.#set(0, this.#get(i));
        }
        return 0;
      case 'abs':
      case 'chs':
        if (!this.#isUsed(0)) {
          if (this.#fault(false)) this.#set(0, F.INDEFINITE);
        } else this.#set(0, kind === 'abs' ? this.#get(0) & ~(1n << 79n) : this.#get(0) ^ (1n << 79n));
        return 0;
      case 'sqrt':
        return this.#unary((x) => F.squareRoot80(this.#c, x));
      case 'rndint':
        return this.#unary((x) => F.roundToInteger(this.#c, x));
      case '2xm1':
        return this.#unary((x) => T.f2xm1(this.#c, x));
      case 'scale':
        return this.#pair(false, (x, y) => F.scale(this.#c, x, y));
      case 'yl2x':
        return this.#pair(true, (x, y) => T.fyl2x(this.#c, x, y));
      case 'yl2xp1':
        return this.#pair(true, (x, y) => T.fyl2xp1(this.#c, x, y));
      case 'patan':
        return this.#pair(true, (x, y) => T.fpatan(this.#c, x, y));
      case 'prem':
      case 'prem1':
        return this.#remainder(kind === 'prem1');
      case 'xtract':
        return this.#twoResults((x) => {
          const r = F.extract(this.#c, x);
          return [r.exponent, r.significand];
        });
      case 'sin':
      case 'cos':
      case 'sincos':
      case 'ptan':
        return this.#trigonometric(kind);
    }
  }

  /** The operand from memory as a register's bits. */
  #fromMemory(low: bigint, high: number): bigint {
    switch (this.#form) {
      case 'm32':
        return F.widen(F32, this.#c, low & 0xffffffffn);
      case 'm64':
        return F.widen(F64, this.#c, low);
      case 'i16':
        return F.fromInteger80(BigInt.asIntN(16, low));
      case 'i32':
        return F.fromInteger80(BigInt.asIntN(32, low));
      case 'i64':
        return F.fromInteger80(BigInt.asIntN(64, low));
      case 'bcd':
        return F.fromDecimal((BigInt(high) << 64n) | low);
      default:
        return (BigInt(high) << 64n) | low;
    }
  }
  /** The operand of an operation: a register's, or memory's. */
  #operand(i: number, low: bigint, high: number): Unpacked {
    switch (this.#form) {
      case 'st':
        return F.open(this.#get(i));
      case 'm32':
        return F.openNarrow(F32, low & 0xffffffffn);
      case 'm64':
        return F.openNarrow(F64, low);
      default:
        return F.open(this.#fromMemory(low, high));
    }
  }
  #binary(kind: F.Arithmetic, code: number, i: number, low: bigint, high: number): number {
    const memory = this.#form !== 'st';
    const to = code & (1 << 16) ? i : 0;
    if (!this.#isUsed(0) || !(memory || this.#isUsed(i))) {
      if (this.#fault(false)) {
        this.#set(to, F.INDEFINITE);
        this.#pop();
      }
      return 0;
    }
    const other = this.#operand(i, low, high);
    const first = F.open(this.#get(0));
    const [x, y] = to ? [other, first] : [first, other];
    const r = code & (1 << 17) ? F.arithmetic(kind, this.#c, y, x) : F.arithmetic(kind, this.#c, x, y);
    if (!this.#allowed()) return 0;
    this.#set(to, r);
    this.#pop();
    return 0;
  }
  #order(order: number | 'unordered'): number {
    // The codes tell the order even where an unmasked exception keeps the stack as it is.
    this.#conditions(order === 'unordered' ? C3 | C2 | C0 : order < 0 ? C0 : order === 0 ? C3 : 0);
    if (this.#allowed()) this.#pop();
    return 0;
  }
  #unordered(): number {
    if (this.#fault(false)) this.#pop();
    this.#conditions(C3 | C2 | C0);
    return 0;
  }
  #compare(quiet: boolean, i: number, low: bigint, high: number): number {
    const memory = this.#form !== 'st';
    if (!this.#isUsed(0) || !(memory || this.#isUsed(i))) return this.#unordered();
    return this.#order(F.compare80(this.#c, F.open(this.#get(0)), this.#operand(i, low, high), quiet));
  }
  /** ZF PF CF at their places. */
  #compareToFlags(quiet: boolean, i: number): number {
    let order: number | 'unordered' = 'unordered';
    if (!this.#isUsed(0) || !this.#isUsed(i)) this.#fault(false);
    else {
      this.#status |= this.#oldC1;
      order = F.compare80(this.#c, F.open(this.#get(0)), F.open(this.#get(i)), quiet);
    }
    if (this.#allowed()) this.#pop();
    return order === 'unordered' ? 0x45 : order < 0 ? 1 : order === 0 ? 0x40 : 0;
  }
  #overflow(): number {
    if (this.#fault(true)) this.#push(F.INDEFINITE);
    return 0;
  }
  #load(i: number, low: bigint, high: number): number {
    if (this.#form === 'st') {
      if (!this.#isUsed(i)) {
        if (this.#fault(false)) this.#push(F.INDEFINITE);
        return 0;
      }
      if (this.#isUsed(7)) return this.#overflow();
      this.#push(this.#get(i));
      return 0;
    }
    if (this.#isUsed(7)) return this.#overflow();
    const x = this.#fromMemory(low, high);
    // An unmasked DE doesn't keep a denormal from being loaded.
    if (!(this.#c.flags & ~this.#c.masks & IE)) this.#push(x);
    return 0;
  }
  #copy(i: number): number {
    if (!this.#isUsed(0)) {
      if (!this.#fault(false)) return 0;
      this.#set(i, F.INDEFINITE);
    } else this.#set(i, this.#get(0));
    this.#pop();
    return 0;
  }
  #exchange(i: number): number {
    if (!this.#isUsed(0) || !this.#isUsed(i)) {
      if (!this.#fault(false)) return 0;
      if (!this.#isUsed(0)) this.#set(0, F.INDEFINITE);
      if (!this.#isUsed(i)) this.#set(i, F.INDEFINITE);
    }
    const x = this.#get(0);
    this.#set(0, this.#get(i));
    this.#set(i, x);
    return 0;
  }
  /** 1: memory is to be written. */
  #store(truncating: boolean): number {
    const c = this.#c;
    let x: bigint;
    if (!this.#isUsed(0)) {
      if (!this.#fault(false)) return 0;
      x = F.INDEFINITE;
    } else x = this.#get(0);
    const form = this.#form;
    const before = c.flags;
    let r: bigint;
    switch (form) {
      case 'm32':
      case 'm64':
        r = F.narrow(form === 'm32' ? F32 : F64, c, x);
        break;
      case 'i16':
      case 'i32':
      case 'i64':
        r = F.toInteger80(c, x, form === 'i16' ? 16 : form === 'i32' ? 32 : 64, truncating ? 3 : c.rounding);
        break;
      case 'bcd':
        r = F.toDecimal(c, x);
        break;
      default:
        r = x;
    }
    if (before & IE) c.flags = before;
    if (!this.#allowed()) return 0;
    // Memory can't hold a wrapped result: overflow and underflow withhold it too.
    if (c.flags & ~c.masks & (OE | UE)) {
      c.flags &= ~PE | 0;
      c.roundedUp = false;
      return 0;
    }
    this.#view.setBigUint64(L.HELPER_RESULTS, BigInt.asUintN(64, r), true);
    this.#view.setUint32(L.HELPER_RESULTS + 8, Number((r >> 64n) & 0xffffn), true);
    this.#pop();
    return 1;
  }
  #unary(f: (x: bigint) => bigint): number {
    if (!this.#isUsed(0)) {
      if (this.#fault(false)) this.#set(0, F.INDEFINITE);
      return 0;
    }
    const r = f(this.#get(0));
    if (this.#allowed()) this.#set(0, r);
    return 0;
  }
  /** f(ST0, ST1): to ST(0), or with a pop to ST(1). */
  #pair(pop: boolean, f: (x: bigint, y: bigint) => bigint): number {
    const to = pop ? 1 : 0;
    this.#pops = to;
    if (!this.#isUsed(0) || !this.#isUsed(1)) {
      if (this.#fault(false)) {
        this.#set(to, F.INDEFINITE);
        this.#pop();
      }
      return 0;
    }
    const r = f(this.#get(0), this.#get(1));
    if (!this.#allowed()) return 0;
    this.#set(to, r);
    this.#pop();
    return 0;
  }
  #remainder(nearest: boolean): number {
    this.#status &= ~C2;
    if (!this.#isUsed(0) || !this.#isUsed(1)) {
      if (this.#fault(false)) this.#set(0, F.INDEFINITE);
      return 0;
    }
    const r = F.remainder(this.#c, this.#get(0), this.#get(1), nearest);
    if (!this.#allowed()) return 0;
    this.#set(0, r.value);
    const q = r.quotient;
    if (q !== undefined)
      this.#conditions((r.partial ? C2 : 0) | (q & 1 ? C1 : 0) | (q & 2 ? C3 : 0) | (q & 4 ? C0 : 0));
    this.#c.roundedUp = false;
    return 0;
  }
  /** Replaces ST(0) by the first result and pushes the second. */
  #twoResults(f: (x: bigint) => readonly [bigint, bigint]): number {
    if (!this.#isUsed(0) || this.#isUsed(7)) {
      if (this.#fault(this.#isUsed(0))) {
        this.#set(0, F.INDEFINITE);
        this.#push(F.INDEFINITE);
      }
      return 0;
    }
    const [first, second] = f(this.#get(0));
    if (!this.#allowed()) return 0;
    this.#set(0, first);
    this.#push(second);
    return 0;
  }
  #trigonometric(kind: 'sin' | 'cos' | 'sincos' | 'ptan'): number {
    this.#status &= ~C2;
    const room = kind === 'sin' || kind === 'cos' || !this.#isUsed(7);
    if (this.#isUsed(0) && room && T.outOfRange(this.#get(0))) {
      this.#status |= C2;
      return 0;
    }
    if (kind === 'sin') return this.#unary((x) => T.fsin(this.#c, x));
    if (kind === 'cos') return this.#unary((x) => T.fcos(this.#c, x));
    if (kind === 'sincos') return this.#twoResults((x) => T.fsincos(this.#c, x));
    return this.#twoResults((x) => {
      const r = T.ftan(this.#c, x);
      return [r, F.isNaN80(F.open(r)) ? r : ONE];
    });
  }
}
