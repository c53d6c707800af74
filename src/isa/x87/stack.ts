// The register stack as definitions see it, and operands on their way into it.
import type { Node } from '../../wasm/code.ts';
import type { Sem, V } from '../sem.ts';
import { X87_IN_USE, X87_REGS, X87_STATUS } from '../state.ts';
import type { X87Form } from './unit.ts';

/** A number as the fast functions take it: sign and exponent, significand. `fit`: it is one (a truth value; absent: always). */
export interface Number80 {
  readonly word: V;
  readonly m: V;
  readonly fit?: V;
}
export interface Register extends Number80 {
  /** Its number, and where it stands. */
  readonly index: V;
  readonly at: V;
}

export const top = (b: Sem): V => b.and(b.shrk(b.zx(b.state(X87_STATUS, 16), 32), 11), b.k(32, 7));
/** Number of the register `i` below the top. */
export const below = (b: Sem, from: V, i: V): V => b.and(b.add(from, i), b.k(32, 7));
export function register(b: Sem, index: V): Register {
  const at = b.add(b.shlk(index, 4), b.k(32, X87_REGS));
  return {
    index,
    at,
    word: { n: b.c.load('i32.load16_u', at.n, 8), w: 32 },
    m: { n: b.c.load('i64.load', at.n), w: 64 },
  };
}
const used = (b: Sem): V => b.zx(b.state(X87_IN_USE, 8), 32);
/** All these registers are in use. */
export const inUse = (b: Sem, ...list: readonly Register[]): V => {
  const word = used(b);
  const bits = list.map((r) => b.shr(word, r.index)).reduce((x, y) => b.and(x, y));
  return { n: b.and(bits, b.k(32, 1)).n, w: 1 };
};
/** Writes a register and marks it used. */
export function set(b: Sem, to: Register, value: Number80): void {
  b.c.store('i64.store', to.at.n, value.m.n);
  b.c.store('i32.store16', to.at.n, value.word.n, 8);
  b.setState(X87_IN_USE, b.lo(b.or(used(b), b.shl(b.k(32, 1), to.index)), 8));
}
/** Frees the top register and makes the next one the top. */
export function pop(b: Sem): void {
  const status = b.zx(b.state(X87_STATUS, 16), 32);
  const free = b.not(b.shl(b.k(32, 1), b.and(b.shrk(status, 11), b.k(32, 7))));
  b.setState(X87_IN_USE, b.lo(b.and(used(b), free), 8));
  const next = b.and(b.add(status, b.k(32, 0x800)), b.k(32, 0x3800));
  b.setState(X87_STATUS, b.lo(b.or(b.and(status, b.k(32, 0xc7ff)), next), 16));
}
/** Status with other condition codes; `keep` masks what stays. */
export function conditions(b: Sem, keep: number, bits: V): void {
  b.setState(X87_STATUS, b.lo(b.or(b.and(b.zx(b.state(X87_STATUS, 16), 32), b.k(32, keep)), bits), 16));
}
/** A truth value that is always 1. */
export const always = (b: Sem): V => b.k(1, 1);

const BIAS = 16383;
/** A number from memory whose conversion raises nothing; `fit` is 0 for those that might. */
export function widened(b: Sem, form: X87Form, low: V, high: V): Number80 {
  const node = (n: Node, w: 32 | 64): V => ({ n, w });
  switch (form) {
    case 'm64': {
      const e = b.and(b.lo(b.shrk(low, 52), 32), b.k(32, 0x7ff));
      return ieee(b, e, 0x7fe, BIAS - 1023, b.and(b.lo(b.shrk(low, 48), 32), b.k(32, 0x8000)), b.shlk(low, 11));
    }
    case 'm32': {
      const bits = b.lo(low, 32);
      const e = b.and(b.shrk(bits, 23), b.k(32, 0xff));
      return ieee(b, e, 0xfe, BIAS - 127, b.and(b.shrk(bits, 16), b.k(32, 0x8000)), b.shlk(low, 40));
    }
    case 'i16':
    case 'i32':
    case 'i64': {
      const n = form === 'i64' ? low : b.sx(b.lo(low, form === 'i16' ? 16 : 32), 64);
      const negative = b.sign(n);
      const size = b.sel(negative, b.neg(n), n);
      const by = node(b.c.op('i64.clz', size.n), 64);
      const word = b.or(b.sub(b.k(32, BIAS + 63), b.lo(by, 32)), b.shlk(b.zx(negative, 32), 15));
      return { word: b.sel(b.isZero(n), b.k(32, 0), word), m: b.shl(size, by) };
    }
    default:
      return { word: high, m: low };
  }
}
/** Normal numbers and zeros of a format: biased exponent, its largest, what to add to it, sign at bit 15, the fraction moved up. */
function ieee(b: Sem, e: V, largest: number, add: number, sign: V, fraction: V): Number80 {
  const m = b.or(b.and(fraction, b.k(64, (1n << 63n) - 1n)), b.k(64, 1n << 63n));
  const zero = b.isZero(b.or(b.shlk(fraction, 1), b.zx(e, 64)));
  const normal = b.ltu(b.sub(e, b.k(32, 1)), b.k(32, largest));
  return {
    word: b.or(b.sel(zero, b.k(32, 0), b.add(e, b.k(32, add))), sign),
    m: b.sel(zero, b.k(64, 0), m),
    fit: b.or(normal, zero),
  };
}
