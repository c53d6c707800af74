// Code with what is known when it is written worked out: constants folded, conversions that undo each other left out, sums of a value and a constant kept as
// such. The optimizer behind would find most of it; the baseline compiler wouldn't, and less code is compiled sooner.
import { Code, type Node } from '../../wasm/code.ts';
import { OPS, type Op, operator, type Store } from '../../wasm/ops.ts';

type Fold = (c: FoldingCode, a: Node, b: Node | undefined) => Node | undefined;

const low32 = (v: number | bigint): number =>
  typeof v === 'number' ? (v % 0x1_0000_0000) | 0 : Number(BigInt.asIntN(32, v));
const wide = (n: Node): bigint => BigInt.asIntN(64, BigInt(n.value as number | bigint));
const unsigned = (n: Node): bigint => BigInt.asUintN(64, wide(n));

const commuted = new Set<Op>([
  'i32.add',
  'i32.and',
  'i32.or',
  'i32.xor',
  'i32.mul',
  'i64.add',
  'i64.and',
  'i64.or',
  'i64.xor',
  'i64.mul',
]);
const I32: Partial<Record<Op, (a: number, b: number) => number>> = {
  'i32.add': (a, b) => a + b,
  'i32.sub': (a, b) => a - b,
  'i32.mul': Math.imul,
  'i32.and': (a, b) => a & b,
  'i32.or': (a, b) => a | b,
  'i32.xor': (a, b) => a ^ b,
  'i32.shl': (a, b) => a << b,
  'i32.shr_u': (a, b) => a >>> b,
  'i32.shr_s': (a, b) => a >> b,
  'i32.rotl': (a, b) => (a << b) | (a >>> (32 - b)),
  'i32.rotr': (a, b) => (a >>> b) | (a << (32 - b)),
  'i32.eq': (a, b) => (a === b ? 1 : 0),
  'i32.ne': (a, b) => (a !== b ? 1 : 0),
  'i32.lt_u': (a, b) => (a >>> 0 < b >>> 0 ? 1 : 0),
  'i32.lt_s': (a, b) => (a < b ? 1 : 0),
};
const I64: Partial<Record<Op, (a: bigint, b: bigint) => bigint>> = {
  'i64.add': (a, b) => a + b,
  'i64.sub': (a, b) => a - b,
  'i64.mul': (a, b) => a * b,
  'i64.and': (a, b) => a & b,
  'i64.or': (a, b) => a | b,
  'i64.xor': (a, b) => a ^ b,
  'i64.shl': (a, b) => a << (b & 63n),
  'i64.shr_u': (a, b) => BigInt.asUintN(64, a) >> (b & 63n),
  'i64.shr_s': (a, b) => a >> (b & 63n),
};
const I64_TRUTH: Partial<Record<Op, (a: bigint, b: bigint) => boolean>> = {
  'i64.eq': (a, b) => a === b,
  'i64.ne': (a, b) => a !== b,
  'i64.lt_s': (a, b) => a < b,
  'i64.lt_u': (a, b) => BigInt.asUintN(64, a) < BigInt.asUintN(64, b),
};
/** The node's operator, where it has operands. */
const opcode = (n: Node): number => (n.a ? n.op : -1);
const EXTEND_U = 0xad;
const EXTEND32_S = 0xc4;
const I32_AND = 0x71;
const I32_SHR_U = 0x76;
const WRAP = 0xa7;
const I64_ADD = 0x7c;
const I64_AND = 0x83;
const I64_SHR_U = 0x88;
/** Loads of parts of an i64, every other without the sign. */
const LOAD64_8 = { from: 0x30, to: 0x35 };
const LOAD8_U = 0x2d;
const LOAD16_U = 0x2f;
const TRUTHS = { from: 0x45, to: 0x66 };
const I32_EQZ = 0x45;
const I64_EQZ = 0x50;
/** Comparisons of integers and what is true where they aren't, by opcode. Of floating-point ones that holds for (in)equality alone. */
const OPPOSITE = new Map<number, Op>();
for (const [a, b] of [
  ['eq', 'ne'],
  ['lt_s', 'ge_s'],
  ['lt_u', 'ge_u'],
  ['gt_s', 'le_s'],
  ['gt_u', 'le_u'],
] as const)
  for (const p of ['i32', 'i64'] as const) {
    OPPOSITE.set(OPS[`${p}.${a}`].code[0], `${p}.${b}`);
    OPPOSITE.set(OPS[`${p}.${b}`].code[0], `${p}.${a}`);
  }
for (const p of ['f32', 'f64'] as const) {
  OPPOSITE.set(OPS[`${p}.eq`].code[0], `${p}.ne`);
  OPPOSITE.set(OPS[`${p}.ne`].code[0], `${p}.eq`);
}
/** An upper bound of an i32's value that is known from its operator. */
function most(n: Node): number {
  if (n.value !== undefined) return (n.value as number) >>> 0;
  const op = opcode(n);
  if (op === LOAD8_U) return 0xff;
  if (op === LOAD16_U) return 0xffff;
  if (op >= TRUTHS.from && op <= TRUTHS.to) return 1;
  if (op === I32_AND) {
    const mask = (n.b as Node).value;
    if (mask !== undefined) return (mask as number) >>> 0;
  }
  if (op === I32_SHR_U) {
    const by = (n.b as Node).value;
    if (by !== undefined) return 0xffff_ffff >>> ((by as number) & 31);
  }
  return 0xffff_ffff;
}

const UNARY: Partial<Record<Op, Fold>> = {
  'i32.wrap_i64': (c, a) => {
    if (a.value !== undefined) return c.i32(low32(a.value));
    const op = opcode(a);
    if (op === EXTEND_U || op === 0xac) return a.a;
    return undefined;
  },
  'i64.extend_i32_u': (c, a) => (a.value !== undefined ? c.i64((a.value as number) >>> 0) : undefined),
  'i64.extend_i32_s': (c, a) => (a.value !== undefined ? c.i64(a.value as number) : undefined),
  'i64.extend32_s': (c, a) => {
    if (a.value !== undefined) return c.i64(low32(a.value));
    return opcode(a) === EXTEND_U ? c.op('i64.extend_i32_s', a.a as Node) : undefined;
  },
  'i32.eqz': (c, a) => {
    if (a.value !== undefined) return c.i32(a.value === 0 ? 1 : 0);
    const opposite = c.opposite(a);
    if (opposite) return opposite;
    // The difference is zero where the operands are equal.
    if (opcode(a) === 0x6b) return c.op('i32.eq', a.a as Node, a.b as Node);
    return undefined;
  },
  'i64.eqz': (c, a) => {
    if (a.value !== undefined) return c.i32(a.value === 0 ? 1 : 0);
    const op = opcode(a);
    if (op === EXTEND_U) return c.op('i32.eqz', a.a as Node);
    if (op === EXTEND32_S) {
      const inner = a.a as Node;
      return c.op('i32.eqz', c.op('i32.wrap_i64', inner));
    }
    if (op === 0x7d) return c.op('i64.eq', a.a as Node, a.b as Node);
    return undefined;
  },
  'i8x16.splat': (c, a) =>
    a.value !== undefined ? c.v128(new Array<number>(16).fill((a.value as number) & 0xff)) : undefined,
  'i64x2.splat': (c, a) => {
    if (a.value === undefined) return undefined;
    const value = unsigned(a);
    return c.v128(Array.from({ length: 16 }, (_, i) => Number((value >> BigInt((i & 7) * 8)) & 0xffn)));
  },
  'f64.reinterpret_i64': (_c, a) => (opcode(a) === 0xbd ? a.a : undefined),
  'i64.reinterpret_f64': (_c, a) => (opcode(a) === 0xbf ? a.a : undefined),
  'f32.reinterpret_i32': (_c, a) => (opcode(a) === 0xbc ? a.a : undefined),
  'i32.reinterpret_f32': (_c, a) => (opcode(a) === 0xbe ? a.a : undefined),
};

const F64_REPLACE = operator(OPS['f64x2.replace_lane'].code);
const F64_EXTRACT = operator(OPS['f64x2.extract_lane'].code);
const F32_REPLACE = operator(OPS['f32x4.replace_lane'].code);
const REINTERPRETED = { f64: 0xbd, f32: 0xbc } as const;

/** Is it a vector's bytes in another order, and no others? */
const within = (n: Node): boolean => n.op === SHUFFLE && n.a === n.b;
const V128_CONST = 0x20c;
const SHUFFLE = 0x20d;
/** The bytes of a vector that is known. */
const bytesOf = (n: Node): ArrayLike<number> | undefined => (n.op === V128_CONST ? n.raw : undefined);
const LANES: Partial<Record<Op, 4 | 8>> = { 'i32x4.replace_lane': 4, 'i64x2.replace_lane': 8 };
type Bytes = (a: number, b: number) => number;
const BYTEWISE: Partial<Record<Op, Bytes>> = { 'i8x16.add': (a, b) => a + b, 'i8x16.sub': (a, b) => a - b };
const FIRST_OF_SECOND = 16;

export class FoldingCode extends Code {
  override lane(name: Op, lane: number, a: Node, b?: Node): Node {
    const size = LANES[name];
    const known = bytesOf(a);
    if (!size || !known || b?.value === undefined) return super.lane(name, lane, a, b);
    const bytes = Array.from(known);
    const value = unsigned(b);
    for (let i = 0; i < size; i++) bytes[lane * size + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    return this.v128(bytes);
  }
  /** One of shuffles is one. */
  override shuffle(a: Node, b: Node, lanes: readonly number[]): Node {
    if (!within(a) || !within(b)) return super.shuffle(a, b, lanes);
    const from = lanes.map((l) =>
      l < FIRST_OF_SECOND
        ? (a.raw?.[l] as number) % FIRST_OF_SECOND
        : FIRST_OF_SECOND + ((b.raw?.[l - FIRST_OF_SECOND] as number) % FIRST_OF_SECOND),
    );
    return super.shuffle(a.a as Node, b.a as Node, from);
  }
  /** On vectors, where one is known or both. */
  #vector(name: Op, a: Node, b: Node): Node | undefined {
    const y = bytesOf(b);
    if (!y) return undefined;
    if (name === 'i8x16.swizzle') {
      const lanes = Array.from(y, (i) => Math.min(i, FIRST_OF_SECOND));
      const outside = lanes.includes(FIRST_OF_SECOND);
      return this.shuffle(a, outside ? this.v128(new Array<number>(16).fill(0)) : a, lanes);
    }
    const x = bytesOf(a);
    const bytewise = BYTEWISE[name];
    return x && bytewise ? this.v128(Array.from(x, (v, i) => bytewise(v, y[i] as number) & 0xff)) : undefined;
  }
  /** The lowest lane as a floating-point number, which it may have been made from. */
  lowest(w: 32 | 64, v: Node): Node {
    if (v.imm === 0 && v.op === (w === 64 ? F64_REPLACE : F32_REPLACE)) return v.b as Node;
    return super.lane(w === 64 ? 'f64x2.extract_lane' : 'f32x4.extract_lane', 0, v);
  }
  /** A vector whose lower half is a number's bits, whatever the upper one is. */
  vector(x: Node): Node {
    if (x.imm === 0 && x.op === F64_EXTRACT) return x.a as Node;
    return this.withLowest(64, this.v128(new Array<number>(16).fill(0)), x);
  }
  /** v with its lowest lane replaced. */
  withLowest(w: 32 | 64, v: Node, x: Node): Node {
    const replace = w === 64 ? F64_REPLACE : F32_REPLACE;
    const under = v.imm === 0 && v.op === replace ? (v.a as Node) : v;
    return super.lane(w === 64 ? 'f64x2.replace_lane' : 'f32x4.replace_lane', 0, under, x);
  }
  /** Is an i64 known to be below 2^32? */
  isNarrow(n: Node): boolean {
    if (n.value !== undefined) return n.value >= 0 && n.value <= 0xffff_ffff;
    const op = opcode(n);
    if (op === EXTEND_U || (op >= LOAD64_8.from && op <= LOAD64_8.to && (op & 1) === 1)) return true;
    const k = n.b?.value;
    if (op === I64_AND && typeof k === 'number') return k >= 0 && k <= 0xffff_ffff;
    return op === I64_SHR_U && typeof k === 'number' && (k & 63) >= 32;
  }
  /** What an i64 was sign-extended from. */
  narrow(n: Node): Node | undefined {
    const op = opcode(n);
    if (op === 0xac) return n.a;
    if (op === EXTEND32_S) return this.op('i32.wrap_i64', n.a as Node);
    return undefined;
  }
  override store(name: Store, address: Node, value: Node, offset = 0): Node {
    if (name === 'i64.store' && opcode(value) === REINTERPRETED.f64)
      return super.store('f64.store', address, value.a as Node, offset);
    if (name === 'i32.store' && opcode(value) === REINTERPRETED.f32)
      return super.store('f32.store', address, value.a as Node, offset);
    return super.store(name, address, value, offset);
  }
  /** What is true where a comparison isn't; undefined of anything else. */
  opposite(n: Node): Node | undefined {
    const op = opcode(n);
    const name = OPPOSITE.get(op);
    if (name) return this.op(name, n.a as Node, n.b as Node);
    if (op === I64_EQZ) return this.op('i64.ne', n.a as Node, this.i64(0));
    if (op === I32_EQZ) return this.op('i32.ne', n.a as Node, this.i32(0));
    return undefined;
  }
  /** Defines a node made elsewhere at this place. */
  place(n: Node): void {
    this.add(n);
  }
  override op(name: Op, a: Node, b?: Node, c?: Node): Node {
    if (!b) return UNARY[name]?.(this, a, undefined) ?? super.op(name, a);
    if (a.type === 'v128') return (c ? undefined : this.#vector(name, a, b)) ?? super.op(name, a, b, c);
    return (c ? undefined : this.#binary(name, a, b)) ?? super.op(name, a, b, c);
  }
  #binary(name: Op, a: Node, b: Node): Node | undefined {
    if (a.value !== undefined) {
      if (b.value !== undefined) {
        const f32 = I32[name];
        if (f32) return this.i32(f32(a.value as number, b.value as number));
        const f64 = I64[name];
        if (f64) return this.i64(f64(wide(a), wide(b)));
        const t64 = I64_TRUTH[name];
        if (t64) return this.i32(t64(wide(a), wide(b)) ? 1 : 0);
        return undefined;
      }
      return commuted.has(name) ? this.op(name, b, a) : undefined;
    }
    if (b.value === undefined) {
      // Two cuts of one value are one.
      if (a === b || (a.a === b.a && opcode(a) === WRAP && opcode(b) === WRAP)) {
        if (name === 'i32.xor' || name === 'i32.sub') return this.i32(0);
        if (name === 'i64.xor' || name === 'i64.sub') return this.i64(0);
        if (name === 'i32.and' || name === 'i32.or' || name === 'i64.and' || name === 'i64.or') return a;
      }
      return undefined;
    }
    const k = b.value;
    switch (name) {
      case 'i32.xor': {
        if (k === 0) return a;
        const opposite = k === 1 ? this.opposite(a) : undefined;
        if (opposite) return opposite;
        break;
      }
      case 'i32.add':
      case 'i32.sub':
      case 'i32.or':
      case 'i32.shl':
      case 'i32.shr_u':
      case 'i32.shr_s':
      case 'i32.rotl':
      case 'i32.rotr':
        if (k === 0) return a;
        break;
      case 'i32.and': {
        if (k === 0) return b;
        if (k === -1) return a;
        const mask = (k as number) >>> 0;
        // A mask of low ones that the value fits in already.
        if ((mask & (mask + 1)) === 0 && most(a) <= mask) return a;
        if (opcode(a) === I32_AND && (a.b as Node).value !== undefined)
          return this.op('i32.and', a.a as Node, this.i32(((a.b as Node).value as number) & (k as number)));
        break;
      }
      case 'i64.and':
        if (k === 0) return b;
        if (k === -1) return a;
        if (opcode(a) === EXTEND_U && unsigned(b) >= 0xffff_ffffn && (unsigned(b) & 0xffff_ffffn) === 0xffff_ffffn)
          return a;
        break;
      case 'i64.or':
      case 'i64.xor':
      case 'i64.shl':
      case 'i64.shr_u':
      case 'i64.shr_s':
        if (k === 0) return a;
        break;
      case 'i64.sub':
        if (typeof k === 'number') return this.#sum(a, -k);
        break;
      case 'i64.add':
        if (typeof k === 'number') return this.#sum(a, k);
        break;
      default:
    }
    return undefined;
  }
  /** An address that nothing else needs, moved by k. */
  moved(a: Node, k: number): Node {
    if (k === 0) return a;
    if (typeof a.value === 'number') return this.i64(a.value + k);
    const more = a.b?.value;
    if (opcode(a) === I64_ADD && typeof more === 'number') return super.op('i64.add', a.a as Node, this.i64(more + k));
    return super.op('i64.add', a, this.i64(k));
  }
  /** a + k, remembered as such. */
  #sum(a: Node, k: number): Node {
    if (k === 0) return a;
    const base = a.base ?? a;
    const offset = a.offset + k;
    const n = super.op('i64.add', a, this.i64(k));
    if (Number.isSafeInteger(offset)) {
      n.base = base;
      n.offset = offset;
    }
    return n;
  }
  override select(cond: Node, yes: Node, no: Node): Node {
    if (cond.value !== undefined) return cond.value ? yes : no;
    return yes === no ? yes : super.select(cond, yes, no);
  }
  override if(cond: Node, yes: () => void, no?: () => void): void {
    if (cond.value === undefined) return super.if(cond, yes, no);
    if (cond.value) yes();
    else no?.();
  }
  override ifElse(cond: Node, yes: () => Node, no: () => Node): Node {
    if (cond.value === undefined) return super.ifElse(cond, yes, no);
    return cond.value ? yes() : no();
  }
}
