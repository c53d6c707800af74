// What repeated string instructions do in one go, forward, where all of it is plainly allowed: functions of the interpreter's module that compiled code calls,
// too. Most repetitions are of a few dozen bytes, for which a call of V8's copying routines would take longer than everything else.
import type { StringFunction } from '../isa/sem.ts';
import { Code, type Node, type Var } from '../wasm/code.ts';
import type { Load, ValType } from '../wasm/ops.ts';
import * as L from './layout.ts';

/** Elements at most, as a power of two: longer repetitions are done in pieces, with looks at what else there is to do. */
const MOST_SHIFT = 17;
/** Bytes from which on V8's routines are worth their call. */
const LONG = 256;
const VECTOR = 16;

/** One as other modules import it. `shift`: the logarithm of an element's bytes, the last parameter of all. */
export interface StringImport {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly result: ValType;
}
const named = (name: StringFunction, result: ValType): StringImport => ({
  name: `strings ${name}`,
  params: ['i64', 'i64', 'i64', 'i32'],
  result,
});
export const STRINGS: Readonly<Record<StringFunction, StringImport>> = {
  move: named('move', 'i32'),
  fill: named('fill', 'i32'),
  compare: named('compare', 'i64'),
  scan: named('scan', 'i64'),
  seek: named('seek', 'i64'),
};
/** Bytes up to which compiled code does it by itself where the count is known, and the accesses that make up so many, the widest first. */
export const MOST_FILLED = 256;
export const MOST_MOVED = 128;
export function pieces(bytes: number): readonly { readonly at: number; readonly w: 8 | 16 | 32 | 64 | 128 }[] {
  const all: { at: number; w: 8 | 16 | 32 | 64 | 128 }[] = [];
  let at = 0;
  for (const w of [128, 64, 32, 16, 8] as const) for (; bytes - at >= w / 8; at += w / 8) all.push({ at, w });
  return all;
}
const BODIES: Readonly<Record<StringFunction, () => Code>> = {
  move: moveFunction,
  fill: fillFunction,
  compare: () => searchFunction('compare'),
  scan: () => searchFunction('scan'),
  seek: () => searchFunction('seek'),
};
/** The functions with their code. */
export function stringFunctions(): readonly (StringImport & { readonly code: Code })[] {
  return (Object.keys(STRINGS) as StringFunction[]).map((n) => ({ ...STRINGS[n], code: BODIES[n]() }));
}

class StringCode extends Code {
  add32(a: Node, b: Node | number): Node {
    return this.op('i32.add', a, typeof b === 'number' ? this.i32(b) : b);
  }
  sub32(a: Node, b: Node | number): Node {
    return this.op('i32.sub', a, typeof b === 'number' ? this.i32(b) : b);
  }
  /** A variable with a value. */
  is(value: Node): Var {
    const v = this.var(value.type);
    this.set(v, value);
    return v;
  }
  low(v: Node): Node {
    return this.op('i32.wrap_i64', v);
  }
  while(condition: () => Node, body: (done: Node) => void): void {
    this.block((done) =>
      this.loop((again) => {
        this.brIf(done, this.op('i32.eqz', condition()));
        body(done);
        this.br(again);
      }),
    );
  }
  right(page: Node, bit: number): Node {
    return this.op('i32.and', this.load('i32.load8_u', page, L.PERM), this.i32(bit));
  }
  /** Returns 0 unless all of the pages of so many bytes, one at least, have the right. */
  permitted(at: Node, bytes: Node, bit: number): void {
    const last = this.is(this.op('i32.shr_u', this.sub32(this.add32(at, bytes), 1), this.i32(12)));
    const page = this.is(this.op('i32.shr_u', at, this.i32(12)));
    this.loop((again) => {
      this.if(this.op('i32.eqz', this.right(this.get(page), bit)), () => this.return(this.i32(0)));
      this.set(page, this.add32(this.get(page), 1));
      this.brIf(again, this.op('i32.le_u', this.get(page), this.get(last)));
    });
  }
  /** The bytes of that many elements; returns 0 where there are more than are done at once, or an address has more than 32 bits. */
  bytes(count: Node, shift: Node, ...addresses: Node[]): Var {
    let bits = this.op('i64.shr_u', count, this.i64(MOST_SHIFT));
    for (const a of addresses) bits = this.op('i64.or', bits, this.op('i64.shr_u', a, this.i64(32)));
    this.if(this.op('i64.ne', bits, this.i64(0)), () => this.return(this.i32(0)));
    return this.is(this.op('i32.shl', this.low(count), shift));
  }
  /** All bytes by two accesses of the widest that fits, which may overlap; `copy`: moves so many from the offset on. */
  short(bytes: Var, copy: (parts: readonly { readonly at: Node | number; readonly size: number }[]) => void): void {
    const until = (most: number, body: () => void): void => {
      this.if(this.op('i32.le_u', this.get(bytes), this.i32(most)), () => {
        body();
        this.return(this.i32(1));
      });
    };
    const ends = (size: number): void =>
      copy([
        { at: 0, size },
        { at: this.sub32(this.get(bytes), size), size },
      ]);
    until(VECTOR, () => {
      for (const size of [8, 4, 2])
        this.if(this.op('i32.ge_u', this.get(bytes), this.i32(size)), () => {
          ends(size);
          this.return(this.i32(1));
        });
      copy([{ at: 0, size: 1 }]);
    });
    until(2 * VECTOR, () => ends(VECTOR));
    until(4 * VECTOR, () =>
      copy([
        { at: 0, size: VECTOR },
        { at: VECTOR, size: VECTOR },
        { at: this.sub32(this.get(bytes), 2 * VECTOR), size: VECTOR },
        { at: this.sub32(this.get(bytes), VECTOR), size: VECTOR },
      ]),
    );
  }
}
const LOADS: Readonly<Record<number, Load>> = {
  1: 'i32.load8_u',
  2: 'i32.load16_u',
  4: 'i32.load',
  8: 'i64.load',
  16: 'v128.load',
};
const STORES = { 1: 'i32.store8', 2: 'i32.store16', 4: 'i32.store', 8: 'i64.store', 16: 'v128.store' } as const;

function moveFunction(): Code {
  const c = new StringCode(STRINGS.move.params);
  const [source, target, count] = [c.param(0), c.param(1), c.param(2)];
  c.if(c.op('i64.eqz', count), () => c.return(c.i32(1)));
  const bytes = c.bytes(count, c.param(3), source, target);
  const size = c.get(bytes);
  const from = c.is(c.low(source));
  const to = c.is(c.low(target));
  // A target just behind the source repeats a pattern.
  const distance = c.sub32(c.get(to), c.get(from));
  c.if(c.op('i32.lt_u', distance, size), () => c.return(c.i32(0)));
  c.permitted(c.get(from), size, L.R);
  c.permitted(c.get(to), size, L.W);
  c.short(bytes, (parts) => {
    const values = parts.map((p) => {
      const at = typeof p.at === 'number' ? c.get(from) : c.add32(c.get(from), p.at);
      return c.is(c.load(LOADS[p.size] as Load, at, typeof p.at === 'number' ? p.at : 0));
    });
    parts.forEach((p, i) => {
      const at = typeof p.at === 'number' ? c.get(to) : c.add32(c.get(to), p.at);
      const store = STORES[p.size as keyof typeof STORES];
      c.store(store, at, c.get(values[i] as Var), typeof p.at === 'number' ? p.at : 0);
    });
  });
  c.if(c.op('i32.ge_u', size, c.i32(LONG)), () => {
    c.memoryCopy(c.get(to), c.get(from), c.get(bytes));
    c.return(c.i32(1));
  });
  // The last bytes are read before they may be written over.
  const rest = c.is(c.sub32(c.get(bytes), VECTOR));
  const tail = c.is(c.load('v128.load', c.add32(c.get(from), c.get(rest))));
  const end = c.is(c.add32(c.get(to), c.get(rest)));
  c.while(
    () => c.op('i32.lt_u', c.get(to), c.get(end)),
    () => {
      c.store('v128.store', c.get(to), c.load('v128.load', c.get(from)));
      c.set(from, c.add32(c.get(from), VECTOR));
      c.set(to, c.add32(c.get(to), VECTOR));
    },
  );
  c.store('v128.store', c.get(end), c.get(tail));
  c.return(c.i32(1));
  c.trapHere();
  return c;
}

/** The value comes as 64 bits full of it. */
function fillFunction(): Code {
  const c = new StringCode(STRINGS.fill.params);
  const [target, value, count] = [c.param(0), c.param(1), c.param(2)];
  c.if(c.op('i64.eqz', count), () => c.return(c.i32(1)));
  const bytes = c.bytes(count, c.param(3), target);
  const to = c.is(c.low(target));
  c.permitted(c.get(to), c.get(bytes), L.W);
  const vector = c.is(c.op('i64x2.splat', value));
  c.short(bytes, (parts) => {
    for (const p of parts) {
      const at = typeof p.at === 'number' ? c.get(to) : c.add32(c.get(to), p.at);
      const v = p.size === VECTOR ? c.get(vector) : p.size === 8 ? value : c.low(value);
      c.store(STORES[p.size as keyof typeof STORES], at, v, typeof p.at === 'number' ? p.at : 0);
    }
  });
  const even = c.op('i64.eq', value, c.op('i64.rotl', value, c.i64(8)));
  const long = c.op('i32.ge_u', c.get(bytes), c.i32(LONG));
  c.if(c.op('i32.and', even, long), () => {
    c.memoryFill(c.get(to), c.low(value), c.get(bytes));
    c.return(c.i32(1));
  });
  const end = c.is(c.add32(c.get(to), c.sub32(c.get(bytes), VECTOR)));
  c.while(
    () => c.op('i32.lt_u', c.get(to), c.get(end)),
    () => {
      c.store('v128.store', c.get(to), c.get(vector));
      c.set(to, c.add32(c.get(to), VECTOR));
    },
  );
  c.store('v128.store', c.get(end), c.get(vector));
  c.return(c.i32(1));
  c.trapHere();
  return c;
}

/** Of `scan` and `seek` the first parameter is the target, the second 64 bits full of the value. */
function searchFunction(kind: 'compare' | 'scan' | 'seek'): Code {
  const c = new StringCode(STRINGS[kind].params);
  const [first, second, count, shift] = [c.param(0), c.param(1), c.param(2), c.param(3)];
  const two = kind === 'compare';
  const refuse = (): void => c.return(c.i64(0));
  // A long one is tried as far as is done in one go.
  const most = c.i64(2 ** MOST_SHIFT);
  const tried = c.is(c.select(c.op('i64.lt_u', count, most), count, most));
  const high = c.op('i64.shr_u', two ? c.op('i64.or', first, second) : first, c.i64(32));
  c.if(c.op('i32.or', c.op('i64.ne', high, c.i64(0)), c.op('i64.eqz', count)), refuse);
  const size = c.op('i32.shl', c.i32(1), shift);
  const from = c.is(c.low(first));
  const end = c.is(c.add32(c.get(from), c.op('i32.shl', c.low(c.get(tried)), shift)));
  const other = two ? c.is(c.sub32(c.low(second), c.get(from))) : undefined;
  /** Up to where the rights are known. */
  const known = c.is(c.op('i32.and', c.get(from), c.i32(-L.PAGE)));
  const at = c.is(c.get(from));
  const vector = two ? undefined : c.is(c.op('i64x2.splat', second));
  const value = two ? undefined : c.is(c.op('i64.shl', second, c.op('i64.extend_i32_u', gap(c, shift))));
  const there = (): Node => c.add32(c.get(at), c.get(other as Var));
  const stop = c.var('i32');
  c.loop((again) => {
    // One more page: of the other side what lies against it, which may be parts of two.
    c.if(c.op('i32.lt_s', c.sub32(c.get(known), c.get(at)), size), () => {
      const check = (address: Node): void =>
        c.if(c.op('i32.eqz', c.right(c.op('i32.shr_u', address, c.i32(12)), L.R)), refuse);
      const more = c.is(c.add32(c.get(known), L.PAGE));
      check(c.get(known));
      if (other) {
        const begin = c.op('i32.gt_u', c.get(at), c.get(known));
        check(c.add32(c.select(begin, c.get(at), c.get(known)), c.get(other)));
        const last = c.select(c.op('i32.lt_u', c.get(end), c.get(more)), c.get(end), c.get(more));
        check(c.sub32(c.add32(last, c.get(other)), 1));
      }
      c.set(known, c.get(more));
      c.br(again);
    });
    const nearest = c.op('i32.lt_u', c.get(end), c.get(known));
    c.set(stop, c.select(nearest, c.get(end), c.get(known)));
    const skip = (): void =>
      c.while(
        () => c.op('i32.le_u', c.add32(c.get(at), VECTOR), c.get(stop)),
        (done) => {
          const x = c.load('v128.load', c.get(at));
          const y = two ? c.load('v128.load', there()) : c.get(vector as Var);
          const same = c.op('i8x16.eq', x, y);
          const goOn = kind === 'seek' ? c.op('i32.eqz', c.op('v128.any_true', same)) : c.op('i8x16.all_true', same);
          c.brIf(done, c.op('i32.eqz', goOn));
          c.set(at, c.add32(c.get(at), VECTOR));
        },
      );
    // What isn't found at a byte may be found at an element.
    if (kind === 'seek') c.if(c.op('i32.eqz', shift), skip);
    else skip();
    c.while(
      () => c.op('i32.le_u', c.add32(c.get(at), size), c.get(stop)),
      () => {
        const up = c.op('i64.extend_i32_u', gap(c, shift));
        const x = c.op('i64.shl', c.load('i64.load', c.get(at)), up);
        const y = two ? c.op('i64.shl', c.load('i64.load', there()), up) : c.get(value as Var);
        const hit = c.op(kind === 'seek' ? 'i64.eq' : 'i64.ne', x, y);
        c.set(at, c.add32(c.get(at), size));
        c.if(hit, () => c.return(c.op('i64.extend_i32_u', c.op('i32.shr_u', c.sub32(c.get(at), c.get(from)), shift))));
      },
    );
    c.brIf(again, c.op('i32.lt_u', c.get(at), c.get(end)));
  });
  c.return(c.select(c.op('i64.eq', c.get(tried), count), count, c.i64(0)));
  c.trapHere();
  return c;
}
/** Bits of a quad word above an element. */
const gap = (c: StringCode, shift: Node): Node => c.sub32(c.i32(64), c.op('i32.shl', c.i32(8), shift));
