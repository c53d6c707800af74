// The arithmetic flags, held so that setting them is cheap and reading needs no memory of which instruction set them:
//   res  i64  result, sign-extended: ZF is res == 0, SF its sign (xor bit 16 of aux), PF the parity of its low byte (xor bits 8..15 of aux)
//   cf, of  i32  0 or 1
//   aux  i32  bit 4: AF; bits 8..15 and bit 16: corrections of PF and SF, 0 but after popf, sahf, comis* and the like
// Where a flag is undefined by the manual the definition says so (`undef`) and leaves what comes cheapest.
import type { Node } from '../wasm/code.ts';
import type { Sem, V } from './sem.ts';

/** The four places the flags live in: set by each binding. */
export interface FlagStore {
  get(which: 'res' | 'cf' | 'of' | 'aux'): Node;
  set(which: 'res' | 'cf' | 'of' | 'aux', value: Node): void;
}

/** Operation and operands that a result's flags can be worked out from again. */
export interface Origin {
  readonly kind: 'shl' | 'shr' | 'sar' | 'imul';
  readonly d: V;
  readonly s: V;
}

/** CF and OF of an operation. */
export interface Carry {
  readonly cf: V;
  readonly of: V;
}

export class Flags {
  readonly #b: Sem;
  readonly #s: FlagStore;
  constructor(b: Sem, store: FlagStore) {
    this.#b = b;
    this.#s = store;
  }
  #res(r: V): void {
    const wide = r.w === 64 ? r : this.#b.sx(r, 64);
    this.#s.set('res', wide.n);
  }
  #aux(r: V, d: V, s: V): void {
    const b = this.#b;
    this.#s.set('aux', b.and(b.lo(b.xor(b.xor(d, s), r), 32), b.k(32, 0x10)).n);
  }
  #overflow(r: V, d: V, s: V, sub: boolean): Node {
    const b = this.#b;
    const v = sub ? b.and(b.xor(d, s), b.xor(d, r)) : b.and(b.xor(d, r), b.xor(s, r));
    return b.sign(v).n;
  }
  /** r = d + s */
  add(r: V, d: V, s: V): void {
    this.#s.set('cf', this.#b.ltu(r, d).n);
    this.#s.set('of', this.#overflow(r, d, s, false));
    this.#aux(r, d, s);
    this.#res(r);
  }
  /** r = d + s + carry (a truth value read before) */
  adc(r: V, d: V, s: V, carry: V): void {
    const b = this.#b;
    const cf = b.or(b.ltu(r, d), b.and(carry, b.eq(r, d)));
    this.#s.set('cf', cf.n);
    this.#s.set('of', this.#overflow(r, d, s, false));
    this.#aux(r, d, s);
    this.#res(r);
  }
  /** r = d - s */
  sub(r: V, d: V, s: V): void {
    this.#s.set('cf', this.#b.ltu(d, s).n);
    this.#s.set('of', this.#overflow(r, d, s, true));
    this.#aux(r, d, s);
    this.#res(r);
  }
  /** r = d - s - borrow */
  sbb(r: V, d: V, s: V, borrow: V): void {
    const b = this.#b;
    const cf = b.or(b.ltu(d, s), b.and(borrow, b.eq(d, s)));
    this.#s.set('cf', cf.n);
    this.#s.set('of', this.#overflow(r, d, s, true));
    this.#aux(r, d, s);
    this.#res(r);
  }
  /** and, or, xor, test: CF and OF cleared, AF undefined (the CPU clears it). */
  logic(r: V): void {
    const zero = this.#b.k(32, 0).n;
    this.#s.set('cf', zero);
    this.#s.set('of', zero);
    this.#s.set('aux', zero);
    this.#res(r);
  }
  /** inc (by = 1) and dec (by = -1): CF kept. */
  step(r: V, d: V, by: 1 | -1): void {
    const b = this.#b;
    const s = b.k(d.w, 1);
    this.#s.set('of', this.#overflow(r, d, s, by < 0));
    this.#aux(r, d, s);
    this.#res(r);
  }
  /** SF ZF PF by r, CF and OF by `carry` (shifts, multiplications), AF cleared. A binding may keep the origin instead, and ask for the others when it needs them. */
  result(r: V, carry: () => Carry, _origin?: Origin): void {
    const { cf, of } = carry();
    this.#s.set('cf', cf.n);
    this.#s.set('of', of.n);
    this.#s.set('aux', this.#b.k(32, 0).n);
    this.#res(r);
  }
  /** The same where a count isn't zero; else no flag changes. A binding may put that off too. */
  resultUnless(count: V, r: V, carry: () => Carry, origin?: Origin): void {
    const b = this.#b;
    b.if(b.ne(count, b.k(32, 0)), () => this.result(r, carry, origin));
  }
  /** All six from a word laid out as rflags: the outcome of comparing two floating-point numbers. A binding may keep the operands instead. */
  comparison(flags: V, _d: V, _s: V): void {
    this.setArithmetic(flags);
  }
  /** Only the carry and overflow flags (rotates, stc...). */
  carry(cf: V): void {
    this.#s.set('cf', cf.n);
  }
  overflow(of: V): void {
    this.#s.set('of', of.n);
  }
  /** ZF alone, as if by a result (bsf, cmpxchg8b): SF PF kept through the corrections. */
  zero(zf: V): void {
    const all = this.arithmetic();
    const b = this.#b;
    this.setArithmetic(b.or(b.and(all, b.k(32, ~0x40)), b.shl(b.zx(zf, 32), b.k(32, 6))));
  }
  /** ZF alone, all others clear (popcnt). */
  onlyZero(zf: V): void {
    const b = this.#b;
    const clear = b.k(32, 0).n;
    this.#s.set('cf', clear);
    this.#s.set('of', clear);
    // A result of 1 has no parity; one of 0 has, which is corrected.
    this.#s.set('aux', b.shlk(b.zx(zf, 32), 8).n);
    this.#s.set('res', b.zx(b.not(zf), 64).n);
  }
  get cf(): V {
    return { n: this.#s.get('cf'), w: 1 };
  }
  get of(): V {
    return { n: this.#s.get('of'), w: 1 };
  }
  get zf(): V {
    return { n: this.#b.c.op('i64.eqz', this.#s.get('res')), w: 1 };
  }
  get sf(): V {
    const c = this.#b.c;
    const sign = c.op('i64.lt_s', this.#s.get('res'), c.i64(0));
    return { n: c.op('i32.xor', sign, c.op('i32.shr_u', this.#s.get('aux'), c.i32(16))), w: 1 };
  }
  get pf(): V {
    const c = this.#b.c;
    const bits = c.op(
      'i32.xor',
      c.op('i32.wrap_i64', this.#s.get('res')),
      c.op('i32.shr_u', this.#s.get('aux'), c.i32(8)),
    );
    const ones = c.op('i32.popcnt', c.op('i32.and', bits, c.i32(0xff)));
    return { n: c.op('i32.xor', c.op('i32.and', ones, c.i32(1)), c.i32(1)), w: 1 };
  }
  get af(): V {
    const c = this.#b.c;
    return { n: c.op('i32.and', c.op('i32.shr_u', this.#s.get('aux'), c.i32(4)), c.i32(1)), w: 1 };
  }
  /** Condition code of Jcc, SETcc, CMOVcc (SDM vol. 1 appendix B). */
  condition(cc: number): V {
    const b = this.#b;
    const base = [
      () => this.of,
      () => this.cf,
      () => this.zf,
      () => b.or(this.cf, this.zf),
      () => this.sf,
      () => this.pf,
      () => b.xor(this.sf, this.of),
      () => b.or(b.xor(this.sf, this.of), this.zf),
    ][cc >> 1] as () => V;
    const v = base();
    return cc & 1 ? b.not(v) : v;
  }
  /** CF PF AF ZF SF OF at their places in rflags, other bits 0 (32 bits wide). */
  arithmetic(): V {
    const b = this.#b;
    const at = (v: V, n: number): V => b.shl(b.zx(v, 32), b.k(32, n));
    return [at(this.pf, 2), at(this.af, 4), at(this.zf, 6), at(this.sf, 7), at(this.of, 11)].reduce(
      (x, y) => b.or(x, y),
      b.zx(this.cf, 32),
    );
  }
  /** All six from a word laid out as rflags. */
  setArithmetic(flags: V): void {
    const b = this.#b;
    const bit = (n: number): V => b.bit(flags, b.k(32, n));
    const zf = bit(6);
    const sf = bit(7);
    // res is 0 or 1: its parity is odd exactly when it is 1, its sign is plus.
    const parityFix = b.xor(b.xor(bit(2), b.k(1, 1)), b.not(zf));
    const aux = b.or(
      b.or(b.and(flags, b.k(32, 0x10)), b.shl(b.zx(parityFix, 32), b.k(32, 8))),
      b.shl(b.zx(sf, 32), b.k(32, 16)),
    );
    this.#s.set('cf', bit(0).n);
    this.#s.set('of', bit(11).n);
    this.#s.set('aux', aux.n);
    this.#s.set('res', b.zx(b.not(zf), 64).n);
  }
}
