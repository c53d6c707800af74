// Formatters made of call definitions: once per call and ABI, from its types; what types can't say is in decode/.
import { signalName } from '../abi/signal.ts';
import { layout, sizeOf } from '../abi/struct.ts';
import type { Abi, Bytes, Int, Length, Pointer, StringVector, Struct, Switch, Type } from '../abi/type.ts';
import type { Syscall } from '../kernel/syscall.ts';
import type { Context } from './context.ts';
import { calls, decoders, integers, structures } from './decode/index.ts';
import { hex, octal, signed, unsigned, whole } from './number.ts';
import { addressText, type CallDecoder, type Scope, type Show, type ShowField, showArray } from './shape.ts';
import { flagText } from './xlat.ts';

/** A call's formatter: `enter` writes what is known before the call and says if that was all; `leave` the rest; `result` a success. */
export interface Format {
  readonly enter: (c: Context) => boolean;
  readonly leave: (c: Context) => void;
  readonly result: (c: Context) => string;
}

const formats = { x64: new WeakMap<Syscall, Format>(), i386: new WeakMap<Syscall, Format>() };
export function formatOf(s: Syscall, abi: Abi): Format {
  let f = formats[abi].get(s);
  if (!f) {
    f = compile(s, abi);
    formats[abi].set(s, f);
  }
  return f;
}

interface Argument {
  readonly name: string;
  readonly index: number;
  readonly show: Show;
  readonly late: (c: Context) => boolean;
  readonly given: ((c: Context) => boolean) | undefined;
}
type Condition = (c: Context) => boolean;
const both = (a: Condition | undefined, b: Condition | undefined): Condition | undefined =>
  a && b ? (c) => a(c) && b(c) : (a ?? b);
const either = (a: Condition | undefined, b: Condition): Condition => (a ? (c) => a(c) || b(c) : b);
const always = (): boolean => true;
const never = (): boolean => false;
function compile(s: Syscall, abi: Abi): Format {
  const own: CallDecoder = calls[s.name] ?? {};
  const names = Object.keys(s.args);
  const scope = scopeOf(abi, names, Object.values(s.args));
  const args: Argument[] = scope.types.map((t, index) => {
    const name = names[index] as string;
    return {
      name,
      index,
      show: own.args?.[name] ?? showOf(t, scope),
      late: own.late?.includes(name)
        ? always
        : own.early?.includes(name)
          ? never
          : either(own.lateIf?.[name], lateness(t, scope)),
      given: both(own.given?.[name], presence(t, scope)),
    };
  });
  const usual = resultOf(s.returns, scope);
  // Where the list is cut depends on a command's type in a few calls only.
  const cut = args.every((a) => a.late === always || a.late === never)
    ? args.findIndex((a) => a.late === always)
    : undefined;
  const split = (c: Context): number => {
    const at = cut ?? args.findIndex((a) => a.late(c));
    return at < 0 ? args.length : at;
  };
  const write = (c: Context, from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const a = args[i] as Argument;
      if (a.given !== undefined && !a.given(c)) continue;
      c.w.argument(a.name);
      a.show(c, c.raw[2 * a.index] as number, c.raw[2 * a.index + 1] as number);
    }
  };
  const more = (c: Context, from: number): boolean => {
    for (let i = from; i < args.length; i++) if ((args[i] as Argument).given?.(c) ?? true) return true;
    return false;
  };
  return {
    enter:
      own.enter ??
      ((c) => {
        const at = split(c);
        write(c, 0, at);
        if (at === args.length) return true;
        if (at > 0 && more(c, at)) c.w.sign(', ');
        return false;
      }),
    leave: own.leave ?? ((c) => write(c, split(c), args.length)),
    result: own.result ? (c) => own.result?.(c) ?? usual(c) : usual,
  };
}
function scopeOf(abi: Abi, names: readonly string[], types: readonly Type[]): Scope {
  const scope: Scope = { abi, names, types, length: (l) => lengthOf(l, scope) };
  return scope;
}
/** Arguments that the call fills are shown at its end. */
function lateness(t: Type, scope: Scope): (c: Context) => boolean {
  if (t.k === 'ptr' || t.k === 'buffer' || t.k === 'custom') return t.dir === 'out' ? always : never;
  if (t.k !== 'switch') return never;
  const chosen = chooser(t, scope, (u) => lateness(u, scope));
  return (c) => chosen(c)(c);
}
/** An argument that nobody looks at isn't shown. */
function presence(t: Type, scope: Scope): ((c: Context) => boolean) | undefined {
  if (t.k === 'int' && t.show === 'ignored') return never;
  if (t.k !== 'switch') return undefined;
  const chosen = chooser(t, scope, (u) => presence(u, scope) ?? always);
  return (c) => chosen(c)(c);
}
/** Something made of each case of a Switch, found by the argument it depends on. */
function chooser<T>(t: Switch, scope: Scope, make: (u: Type) => T): (c: Context) => T {
  const index = scope.names.indexOf(t.on);
  const cases = new Map([...t.cases].map(([n, u]) => [n >>> 0, make(u)]));
  const other = make(t.other);
  return (c) => cases.get(c.uint(index)) ?? other;
}

function resultOf(t: Type | undefined, scope: Scope): (c: Context) => string {
  if (t?.k === 'switch') {
    const chosen = chooser(t, scope, (u) => resultOf(u, scope));
    return (c) => chosen(c)(c);
  }
  if (t?.k !== 'int') return (c) => String(c.result);
  const { names } = t;
  switch (t.show) {
    case 'fd':
      return (c) => c.fdText(c.result);
    case 'addr':
    case 'hex':
      return (c) => hex(c.result >>> 0, Math.floor(c.result / 0x1_0000_0000) >>> 0);
    case 'oct':
      return (c) => octal(c.result);
    case 'pid':
      return (c) => pidText(c, c.result);
    case 'flags':
      return (c) => {
        if (c.result !== 0 && names) c.note = `flags ${flagText(names, c.result >>> 0, 0, 'abbrev')}`;
        return hex(c.result >>> 0, 0);
      };
    default:
      return (c) => String(c.result);
  }
}
function pidText(c: Context, n: number): string {
  if (!c.options.decodeComm) return String(n);
  const before = c.w.out;
  c.w.out = '';
  c.pid(n);
  const text = c.w.out;
  c.w.out = before;
  return text;
}

// --- types
/** How a value of a type is written from a register. */
export function showOf(t: Type, scope: Scope): Show {
  switch (t.k) {
    case 'int':
      return intShow(t, scope.abi);
    case 'path':
      return (c, lo, hi) => c.path(whole(lo, hi));
    case 'cstring':
      return (c, lo, hi) => c.cstring(whole(lo, hi));
    case 'strings':
      return stringsShow(t);
    case 'buffer': {
      const length = lengthOf(t.len, scope);
      const out = t.dir === 'out';
      return (c, lo, hi) => {
        if (out && c.failed) c.w.address(lo, hi);
        else c.buffer(whole(lo, hi), length(c));
      };
    }
    case 'ptr':
      return pointerShow(t, scope);
    case 'switch': {
      const chosen = chooser(t, scope, (u) => showOf(u, scope));
      return (c, lo, hi) => chosen(c)(c, lo, hi);
    }
    case 'custom':
      return decoders[t.decoder]?.(t, scope) ?? ((c, lo, hi) => c.w.address(lo, hi));
    default:
      return (c, lo, hi) => c.w.address(lo, hi);
  }
}
/** How many elements or bytes a Length means, asked while a call is shown. */
export function lengthOf(l: Length | undefined, scope: Scope): (c: Context) => number {
  if (typeof l === 'number') return () => l;
  if (!l) return () => 1;
  if ('ret' in l) return (c) => c.result;
  const index = scope.names.indexOf(l.arg);
  const unit = l.unit ?? 1;
  const t = scope.types[index];
  const short = t?.k === 'int' && t.size === 4;
  return (c) => (short ? c.uint(index) : c.number(index)) * unit;
}

/** Integers by their `show`; halves beyond the type's size are not looked at. */
function intShow(t: Int, abi: Abi): Show {
  const size = t.size === 'long' ? (abi === 'x64' ? 8 : 4) : t.size;
  const wide = size === 8;
  const mask = size === 1 ? 0xff : size === 2 ? 0xffff : 0xffffffff;
  const low = (lo: number): number => (lo & mask) >>> 0;
  const form = integers[t.show];
  if (form) return (c, lo, hi) => form(c, low(lo), wide ? hi >>> 0 : 0);
  const { names } = t;
  switch (t.show) {
    case 'enum':
      if (names) return (c, lo, hi) => c.w.constant(names, low(lo), wide ? hi : 0);
      break;
    case 'flags':
      if (names) return (c, lo, hi) => c.w.flags(names, low(lo), wide ? hi : 0);
      break;
    case 'hex':
      return (c, lo, hi) => c.w.number(hex(low(lo), wide ? hi : 0));
    case 'addr':
      return (c, lo, hi) => c.w.address(low(lo), wide ? hi : 0);
    case 'oct':
      return (c, lo) => c.w.number(octal(lo & 0xffff));
    case 'fd':
      return (c, lo) => c.fd(lo | 0);
    case 'dirfd':
      return (c, lo) => c.dirfd(lo | 0);
    case 'pid':
      return (c, lo) => c.pid(lo | 0);
    case 'uid':
      return (c, lo) => c.w.number(low(lo) === 0xffffffff ? '-1' : String(low(lo)));
    case 'signal':
      return (c, lo) => {
        const name = signalName(lo | 0);
        if (name.startsWith('SIG')) c.w.named(String(lo | 0), name);
        else c.w.number(name);
      };
  }
  if (wide) return t.signed ? (c, lo, hi) => c.w.number(signed(lo, hi)) : (c, lo, hi) => c.w.number(unsigned(lo, hi));
  if (!t.signed) return (c, lo) => c.w.number(String(low(lo)));
  const shift = 32 - 8 * size;
  return (c, lo) => c.w.number(String((lo << shift) >> shift));
}

/** How a value of a type is written from memory. */
export function fieldOf(t: Type, scope: Scope): ShowField {
  switch (t.k) {
    case 'struct':
      return structField(t, scope);
    case 'array': {
      const each = fieldOf(t.of, scope);
      const { size } = sizeOf(t.of, scope.abi);
      return (c, v, at) => {
        c.w.open('[');
        for (let i = 0; i < t.n; i++) {
          c.w.separate();
          each(c, v, at + i * size);
        }
        c.w.close(']');
      };
    }
    case 'bytes':
      return bytesField(t);
    default: {
      const show = showOf(t, scope);
      const { size } = sizeOf(t, scope.abi);
      if (size === 8) return (c, v, at) => show(c, v.getUint32(at, true), v.getUint32(at + 4, true));
      if (size === 4) return (c, v, at) => show(c, v.getUint32(at, true), 0);
      if (size === 2) return (c, v, at) => show(c, v.getUint16(at, true), 0);
      return (c, v, at) => show(c, v.getUint8(at), 0);
    }
  }
}
/** A structure's members in order; those whose names say padding aren't shown. */
function structField(t: Struct, scope: Scope): ShowField {
  const own = structures[t.name] ?? {};
  if (own.show) return own.show;
  const { offsets } = layout(t, scope.abi);
  const fields = Object.entries(t.fields)
    .filter(([name]) => !/^(_*pad|spare|unused|reserved)\d*$/.test(name) && !own.hide?.includes(name))
    .map(([name, type]) => ({ name, at: offsets[name] as number, show: own.fields?.[name] ?? fieldOf(type, scope) }));
  const brief = own.brief ? fields.filter((f) => own.brief?.includes(f.name)) : fields;
  const cut = brief.length < fields.length;
  return (c, v, at) => {
    c.w.open('{');
    for (const f of cut && c.abbreviate ? brief : fields) {
      c.w.field(f.name);
      f.show(c, v, at + f.at);
    }
    if (cut && c.abbreviate) c.w.more();
    c.w.close('}');
  };
}
/** A fixed array of characters: as far as its NUL. */
const bytesField =
  (t: Bytes): ShowField =>
  (c, v, at) => {
    const bytes = new Uint8Array(v.buffer, v.byteOffset + at, t.n);
    const zero = bytes.indexOf(0);
    const most = c.options.stringLimit;
    const n = zero < 0 ? t.n : zero;
    c.w.bytes(bytes, 0, Math.min(n, most), n > most);
  };

function pointerShow(t: Pointer, scope: Scope): Show {
  const each = fieldOf(t.to, scope);
  const { size } = sizeOf(t.to, scope.abi);
  const out = t.dir === 'out';
  const bracket = t.to.k === 'int' || t.to.k === 'custom';
  const one: Show = (c, lo, hi) => {
    const v = (out && c.failed) || !c.verbose || (lo | hi) === 0 ? undefined : c.reach(whole(lo, hi), size);
    if (!v) return c.w.address(lo, hi);
    if (bracket) c.w.open('[');
    each(c, v, c.from);
    if (bracket) c.w.close(']');
  };
  if (t.count === undefined) return one;
  const length = lengthOf(t.count, scope);
  return (c, lo, hi) => {
    if ((out && c.failed) || !c.verbose || (lo | hi) === 0) return c.w.address(lo, hi);
    showArray(c, whole(lo, hi), length(c), size, each);
  };
}
function stringsShow(t: StringVector): Show {
  return (c, lo, hi) => {
    const at = whole(lo, hi);
    if (at === 0 || !c.verbose || !c.view(at, c.word)) return c.w.address(lo, hi);
    if (t.env && c.abbreviate) {
      c.w.address(lo, hi);
      return c.w.comment(countStrings(c, at));
    }
    listStrings(c, at);
  };
}
/** More than this many strings aren't counted: no kernel takes them. */
const MOST_STRINGS = 0x200000;
function countStrings(c: Context, at: number): string {
  let n = 0;
  for (; n < MOST_STRINGS; n++) {
    const v = c.view(at + n * c.word, c.word);
    if (!v) return `${n} var${n === 1 ? '' : 's'}, unterminated`;
    if (c.pointerAt(v, 0) === 0) break;
  }
  return `${n} var${n === 1 ? '' : 's'}`;
}
function listStrings(c: Context, at: number): void {
  c.w.open('[');
  for (let n = 0; n < MOST_STRINGS; n++) {
    const place = at + n * c.word;
    const v = c.view(place, c.word);
    if (!v) {
      c.w.more();
      c.w.comment(addressText(place));
      break;
    }
    const p = c.pointerAt(v, 0);
    if (p === 0) break;
    if (c.abbreviate && n >= c.options.stringLimit) {
      c.w.more();
      break;
    }
    c.w.separate();
    c.cstring(p);
  }
  c.w.close(']');
}
