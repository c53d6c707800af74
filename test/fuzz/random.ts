// Random choices that a seed repeats exactly, and the values that instructions find hardest.

/** xorshift128: fast, and the same on every host. */
export class Random {
  #a: number;
  #b = 0x9e3779b9;
  #c = 0x243f6a88;
  #d: number;
  constructor(seed: number, index: number) {
    this.#a = seed | 0;
    this.#d = Math.imul(index + 1, 0x85ebca6b) | 1;
    for (let i = 0; i < 12; i++) this.u32();
  }
  u32(): number {
    let t = this.#a ^ (this.#a << 11);
    t ^= t >>> 8;
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = (this.#d ^ (this.#d >>> 19) ^ t) | 0;
    return this.#d >>> 0;
  }
  below(n: number): number {
    return this.u32() % n;
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }
}

const ONES = 0xffff_ffff_ffff_ffffn;
/** Integers around carries and signs, of every operand size. */
const INTEGERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 15n, 16n, 31n, 32n, 33n, 63n, 64n, 65n, 127n, 128n, 255n, 256n],
  ...[7n, 8n, 15n, 16n, 31n, 32n, 47n, 62n, 63n].flatMap((n) => [1n << n, (1n << n) - 1n, (1n << n) + 1n, -(1n << n)]),
  ...[0xaan, 0x55n, 0x80808080_80808080n, 0x7f7f7f7f_7f7f7f7fn, 0x5555_5555_5555_5555n, 0xaaaa_aaaa_aaaa_aaaan],
  ...[-1n, -2n, -128n, -129n, -32768n, -32769n, 0xffff_ffffn, 0x8000_0000n, 0xffffffff_80000000n, 0x7fffffff_ffffff80n],
].map((n) => BigInt.asUintN(64, n));

export function integer(r: Random): bigint {
  switch (r.below(6)) {
    case 0:
      return r.u64();
    case 1:
      return BigInt(r.below(256));
    case 2:
      return r.u64() & (ONES >> BigInt(r.below(64)));
    case 3:
      return (r.pick(INTEGERS) + BigInt(r.below(5)) - 2n) & ONES;
    default:
      return r.pick(INTEGERS);
  }
}

/** Exponents and fractions whose combinations overflow, underflow, are exact or halfway between neighbours. */
export function float(r: Random, width: 32 | 64): bigint {
  const [expBits, fracBits] = width === 64 ? [11, 52] : [8, 23];
  const max = (1 << expBits) - 1;
  const bias = max >> 1;
  const fraction = (): bigint => {
    const all = (1n << BigInt(fracBits)) - 1n;
    switch (r.below(6)) {
      case 0:
        return 0n;
      case 1:
        return all;
      case 2:
        return 1n << BigInt(r.below(fracBits));
      case 3:
        return (r.u64() & all) >> BigInt(r.below(fracBits));
      case 4:
        return (all << BigInt(r.below(fracBits))) & all;
      default:
        return r.u64() & all;
    }
  };
  const exponent = (): number => {
    switch (r.below(11)) {
      case 0:
        return 0;
      case 1:
        return max;
      case 2:
        return r.pick([1, 2, max - 1, max - 2]);
      case 3:
        return r.pick([fracBits, fracBits + 1, fracBits + 2, (bias + fracBits) & max, bias - fracBits]);
      case 4:
        return r.below(max + 1);
      case 5:
        return bias + r.pick([6, 7, 8, 14, 15, 16, 30, 31, 32, 62, 63, 64].map((n) => Math.min(n, bias)));
      case 6:
        // Where what compiled code takes for ordinary ends (cpu/jit/float.ts).
        return bias + (r.chance(50) ? 1 : -1) * ((max + 1) / 8 - 1 + r.below(3));
      default:
        return bias + r.below(5) - 2;
    }
  };
  return (BigInt(r.below(2)) << BigInt(expBits + fracBits)) | (BigInt(exponent()) << BigInt(fracBits)) | fraction();
}

export type Kind = 'integer' | 'f32' | 'f64';
const SOME = 4096;
/** Prepared words of each kind, as pairs of u32: drawing one is cheap. */
export class Words {
  readonly #words: Record<Kind, Uint32Array>;
  constructor(seed: number) {
    const r = new Random(seed, 0x7fff);
    const prepare = (value: () => bigint): Uint32Array => {
      const words = new Uint32Array(2 * SOME);
      for (let i = 0; i < SOME; i++) {
        const v = value();
        words[2 * i] = Number(v & 0xffff_ffffn);
        words[2 * i + 1] = Number(v >> 32n);
      }
      return words;
    };
    this.#words = {
      integer: prepare(() => integer(r)),
      f64: prepare(() => float(r, 64)),
      f32: prepare(() => (float(r, 32) << 32n) | float(r, 32)),
    };
  }
  /** Puts a word into two elements of `into`. Equal, opposite and neighbouring operands are likely: a quarter are made from those put into `into` before. */
  put(r: Random, kind: Kind, into: Uint32Array, at: number): void {
    const from = this.#words[kind];
    if (at > 0 && r.chance(25)) {
      const n = 2 * r.below(at >>> 1);
      const change = r.below(4);
      into[at] = (into[n] as number) + (change === 1 ? 1 : change === 2 ? -1 : 0);
      into[at + 1] = (into[n + 1] as number) ^ (change === 3 ? 0x80000000 : 0);
      if (change === 3 && kind === 'f32') into[at] = (into[at] as number) ^ 0x80000000;
      return;
    }
    const n = 2 * r.below(SOME);
    into[at] = from[n] as number;
    into[at + 1] = from[n + 1] as number;
  }
}
