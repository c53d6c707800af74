// C structures as Linux lays them out, described once and read or written by ABI. Alignment is natural, except that i386 aligns 64-bit
// integers to 4 (System V ABI, Intel386 supplement).
import type { Abi, ArrayOf, Bytes, Int, Struct, Type } from './type.ts';

/** The JavaScript value of a field: numbers (64-bit ones exact below 2^53), bigint where `big`, Uint8Array for bytes, arrays and objects. */
export type ValueOf<T> = T extends { k: 'int'; big: true }
  ? bigint
  : T extends Int
    ? number
    : T extends Bytes
      ? Uint8Array
      : T extends ArrayOf
        ? (number | bigint)[]
        : T extends StructType<infer F>
          ? { -readonly [K in keyof F]: ValueOf<F[K]> }
          : number;

export interface StructType<F extends Readonly<Record<string, Type>>> extends Struct {
  readonly fields: F;
}
export function struct<const F extends Readonly<Record<string, Type>>>(
  name: string,
  fields: F,
  packed?: true,
): StructType<F> {
  return { k: 'struct', name, fields, ...(packed ? { packed } : {}) };
}

/** Size and alignment in bytes of a type in memory. Pointers and everything shown by address are pointer-sized. */
export function sizeOf(t: Type, abi: Abi): { size: number; align: number } {
  const word = abi === 'x64' ? 8 : 4;
  switch (t.k) {
    case 'int': {
      const n = t.size === 'long' ? word : t.size;
      return { size: n, align: Math.min(n, word) };
    }
    case 'bytes':
      return { size: t.n, align: 1 };
    case 'array': {
      const e = sizeOf(t.of, abi);
      return { size: e.size * t.n, align: e.align };
    }
    case 'struct': {
      const l = layout(t, abi);
      return { size: l.size, align: l.align };
    }
    case 'custom':
      if (t.size !== undefined) return { size: t.size, align: Math.min(t.size, word) };
  }
  return { size: word, align: word };
}

interface Layout {
  readonly size: number;
  readonly align: number;
  readonly offsets: Readonly<Record<string, number>>;
  readonly fields: readonly { readonly name: string; readonly type: Type; readonly at: number }[];
}
const layouts = { x64: new WeakMap<Struct, Layout>(), i386: new WeakMap<Struct, Layout>() };

/** Field offsets and total size. */
export function layout(s: Struct, abi: Abi): Layout {
  const known = layouts[abi].get(s);
  if (known) return known;
  const offsets: Record<string, number> = {};
  const fields: { name: string; type: Type; at: number }[] = [];
  let at = 0;
  let most = 1;
  for (const [name, t] of Object.entries(s.fields)) {
    const { size, align: natural } = sizeOf(t, abi);
    const align = s.packed ? 1 : natural;
    at = Math.ceil(at / align) * align;
    offsets[name] = at;
    fields.push({ name, type: t, at });
    at += size;
    most = Math.max(most, align);
  }
  const made = { size: Math.ceil(at / most) * most, align: most, offsets, fields };
  layouts[abi].set(s, made);
  return made;
}

function readInt(t: Int, v: DataView, at: number, abi: Abi): number | bigint {
  const n = t.size === 'long' ? (abi === 'x64' ? 8 : 4) : t.size;
  if (n === 8) {
    if (t.big) return v.getBigUint64(at, true);
    const hi = t.signed ? v.getInt32(at + 4, true) : v.getUint32(at + 4, true);
    return hi * 0x1_0000_0000 + v.getUint32(at, true);
  }
  if (n === 4) return t.signed ? v.getInt32(at, true) : v.getUint32(at, true);
  if (n === 2) return t.signed ? v.getInt16(at, true) : v.getUint16(at, true);
  return t.signed ? v.getInt8(at) : v.getUint8(at);
}

function writeInt(t: Int, v: DataView, at: number, abi: Abi, value: number | bigint): void {
  const n = t.size === 'long' ? (abi === 'x64' ? 8 : 4) : t.size;
  if (n === 8) {
    if (typeof value === 'number' && value === (value | 0)) {
      v.setInt32(at, value, true);
      v.setInt32(at + 4, value >> 31, true);
      return;
    }
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      v.setInt32(at, value | 0, true);
      v.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
      return;
    }
    v.setBigInt64(
      at,
      typeof value === 'bigint' ? BigInt.asIntN(64, value) : BigInt.asIntN(64, BigInt(Math.trunc(value))),
      true,
    );
  } else if (n === 4) v.setInt32(at, Number(value) | 0, true);
  else if (n === 2) v.setInt16(at, Number(value), true);
  else v.setInt8(at, Number(value));
}

/** Reads the value at `at` of a view over memory. Pointers and other pointer-sized things come as numbers. */
export function read<const T extends Type>(t: T, v: DataView, at: number, abi: Abi): ValueOf<T> {
  return readAny(t, v, at, abi) as ValueOf<T>;
}
type Any = number | bigint | Uint8Array | Any[] | { [k: string]: Any };
const pointer: Int = { k: 'int', size: 'long', signed: false, show: 'addr' };
function readAny(t: Type, v: DataView, at: number, abi: Abi): Any {
  switch (t.k) {
    case 'int':
      return readInt(t, v, at, abi);
    case 'bytes':
      return new Uint8Array(v.buffer, v.byteOffset + at, t.n).slice();
    case 'array': {
      const { size } = sizeOf(t.of, abi);
      return Array.from({ length: t.n }, (_, i) => readAny(t.of, v, at + i * size, abi));
    }
    case 'struct': {
      const out: { [k: string]: Any } = {};
      for (const f of layout(t, abi).fields) out[f.name] = readAny(f.type, v, at + f.at, abi);
      return out;
    }
    default:
      return readInt(pointer, v, at, abi);
  }
}

/** Writes a value; absent fields of a structure become zero. The bytes between fields become zero too. */
export function write<const T extends Type>(
  t: T,
  v: DataView,
  at: number,
  abi: Abi,
  value: Partial<ValueOf<T>> | ValueOf<T>,
): void {
  new Uint8Array(v.buffer, v.byteOffset + at, sizeOf(t, abi).size).fill(0);
  writeAny(t, v, at, abi, value as Any);
}
/** Into bytes that are zero already. */
function writeAny(t: Type, v: DataView, at: number, abi: Abi, value: Any | undefined): void {
  switch (t.k) {
    case 'int':
      return writeInt(t, v, at, abi, (value as number | bigint | undefined) ?? 0);
    case 'bytes': {
      const into = new Uint8Array(v.buffer, v.byteOffset + at, t.n);
      into.fill(0);
      if (value) into.set((value as Uint8Array).subarray(0, t.n));
      return;
    }
    case 'array': {
      const { size } = sizeOf(t.of, abi);
      for (let i = 0; i < t.n; i++) writeAny(t.of, v, at + i * size, abi, (value as Any[] | undefined)?.[i]);
      return;
    }
    case 'struct': {
      if (value === undefined) return;
      for (const f of layout(t, abi).fields) {
        const part = (value as { [k: string]: Any })[f.name];
        if (part === undefined) continue;
        if (f.type.k === 'int') writeInt(f.type, v, at + f.at, abi, part as number | bigint);
        else writeAny(f.type, v, at + f.at, abi, part);
      }
      return;
    }
    default:
      return writeInt(pointer, v, at, abi, (value as number | undefined) ?? 0);
  }
}
