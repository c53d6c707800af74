// Types as data. One description of an argument or a field serves for copying it in and out, for showing it in a trace and for recording it.
// The kernel asks only for sizes and values; trace/ interprets `show`-like parts. Sizes: 'long' and 'ptr' are 8 bytes on x64, 4 on i386.

export type Abi = 'x64' | 'i386';
export type Dir = 'in' | 'out' | 'inout';

/** Names for values in the order strace walks them. `prefix` is for the `/* PREFIX_??? *\/` of an unknown value. */
export interface NameTable {
  readonly prefix: string;
  readonly entries: readonly (readonly [name: string, value: number])[];
}
export function names(prefix: string, entries: Readonly<Record<string, number>>): NameTable {
  return { prefix, entries: Object.entries(entries) };
}

/** How many elements or bytes a pointer points at: a constant, another argument or sibling field by name, or the call's result. */
export type Length = number | { readonly arg: string; readonly unit?: number } | { readonly ret: true };

export type IntSize = 1 | 2 | 4 | 8 | 'long';
export interface Int {
  readonly k: 'int';
  readonly size: IntSize;
  readonly signed: boolean;
  /** How a trace writes it; `big` keeps all 64 bits as bigint where a number would round. */
  readonly show:
    | 'dec'
    | 'hex'
    | 'oct'
    | 'enum'
    | 'flags'
    | 'fd'
    | 'dirfd'
    | 'pid'
    | 'uid'
    | 'mode'
    | 'dev'
    | 'signal'
    | 'sigset'
    | 'addr'
    | 'ignored'
    | (string & {});
  readonly names?: NameTable;
  readonly big?: true;
}
export interface Pointer {
  readonly k: 'ptr';
  readonly to: Type;
  readonly dir: Dir;
  readonly count?: Length;
}
export interface Path {
  readonly k: 'path';
}
export interface CString {
  readonly k: 'cstring';
}
/** char *const argv[]: NULL-terminated array of strings; environments are shown as a count. */
export interface StringVector {
  readonly k: 'strings';
  readonly env?: true;
}
export interface Buffer {
  readonly k: 'buffer';
  readonly len: Length;
  readonly dir: Dir;
}
export interface ArrayOf {
  readonly k: 'array';
  readonly of: Type;
  readonly n: number;
}
export interface Bytes {
  readonly k: 'bytes';
  readonly n: number;
}
export interface Struct {
  readonly k: 'struct';
  readonly name: string;
  readonly fields: Readonly<Record<string, Type>>;
  readonly packed?: true;
}
/** Depends on another argument (an ioctl's command, say): the first case whose value matches, else `other`. */
export interface Switch {
  readonly k: 'switch';
  readonly on: string;
  readonly cases: ReadonlyMap<number, Type>;
  readonly other: Type;
}
/** Shown by a decoder of that name in trace/ (sockaddr, msghdr, siginfo...); an opaque pointer-sized value to the kernel. */
export interface Custom {
  readonly k: 'custom';
  readonly decoder: string;
  readonly dir: Dir;
  readonly len?: Length;
  readonly size?: number;
}
export type Type = Int | Pointer | Path | CString | StringVector | Buffer | ArrayOf | Bytes | Struct | Switch | Custom;

const i = (size: IntSize, signed: boolean, show: Int['show']): Int => ({ k: 'int', size, signed, show });
export const int = i(4, true, 'dec');
export const uint = i(4, false, 'dec');
export const long = i('long', true, 'dec');
export const ulong = i('long', false, 'dec');
export const s8 = i(1, true, 'dec');
export const u8 = i(1, false, 'dec');
export const s16 = i(2, true, 'dec');
export const u16 = i(2, false, 'dec');
export const s64 = i(8, true, 'dec');
export const u64 = i(8, false, 'dec');
export const hex32 = i(4, false, 'hex');
export const hexlong = i('long', false, 'hex');
export const big64: Int & { readonly big: true } = { ...i(8, false, 'hex'), big: true };
export const size = ulong;
/** A register that a command doesn't look at: not shown. */
export const unused = i('long', false, 'ignored');
/** Addresses: hexadecimal, NULL for zero. */
export const addr = i('long', false, 'addr');
export const fd = i(4, true, 'fd');
export const dirfd = i(4, true, 'dirfd');
export const pid = i(4, true, 'pid');
export const uid = i(4, false, 'uid');
export const mode = i(4, false, 'mode');
/** umask's and open's mode: plain octal. */
export const perms = i(4, false, 'oct');
export const dev = i(8, false, 'dev');
export const signal = i(4, true, 'signal');
export const path: Path = { k: 'path' };
export const cstring: CString = { k: 'cstring' };
export const argv: StringVector = { k: 'strings' };
export const envp: StringVector = { k: 'strings', env: true };

export const enumOf = (table: NameTable, s: IntSize = 4): Int => ({
  k: 'int',
  size: s,
  signed: s === 4,
  show: 'enum',
  names: table,
});
export const flags = (table: NameTable, s: IntSize = 4): Int => ({
  k: 'int',
  size: s,
  signed: false,
  show: 'flags',
  names: table,
});
export const pin = (to: Type, count?: Length): Pointer => ({
  k: 'ptr',
  to,
  dir: 'in',
  ...(count === undefined ? {} : { count }),
});
export const pout = (to: Type, count?: Length): Pointer => ({
  k: 'ptr',
  to,
  dir: 'out',
  ...(count === undefined ? {} : { count }),
});
export const pinout = (to: Type, count?: Length): Pointer => ({
  k: 'ptr',
  to,
  dir: 'inout',
  ...(count === undefined ? {} : { count }),
});
/** Bytes the call reads (`write`'s buffer), as many as argument `len` says. */
export const inBuf = (len: string): Buffer => ({ k: 'buffer', dir: 'in', len: { arg: len } });
/** Bytes the call wrote: as many as it returned. */
export const outBuf: Buffer = { k: 'buffer', dir: 'out', len: { ret: true } };
export const bytes = (n: number): Bytes => ({ k: 'bytes', n });
export const array = (of: Type, n: number): ArrayOf => ({ k: 'array', of, n });
/** A pointer to a kernel sigset_t; its size is the argument named. */
export const sigset = (dir: Dir, len = 'sigsetsize'): Custom => ({
  k: 'custom',
  decoder: 'sigset',
  dir,
  len: { arg: len },
});
export const custom = (decoder: string, dir: Dir, len?: Length): Custom => ({
  k: 'custom',
  decoder,
  dir,
  ...(len === undefined ? {} : { len }),
});
export const switchOn = (on: string, cases: Iterable<readonly [number, Type]>, other: Type): Switch => ({
  k: 'switch',
  on,
  cases: new Map(cases),
  other,
});
