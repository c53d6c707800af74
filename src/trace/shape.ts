// The forms in which decode/ says what argument types can't.
import type { Abi, Custom, Type } from '../abi/type.ts';
import type { Context } from './context.ts';
import { hex } from './number.ts';

/** Writes an argument from its register's two halves. */
export type Show = (c: Context, lo: number, hi: number) => void;
/** Writes a value in memory. */
export type ShowField = (c: Context, v: DataView, at: number) => void;
/** Names and types of a call's arguments, for decoders that look at others than their own. */
export interface Scope {
  readonly abi: Abi;
  readonly names: readonly string[];
  readonly types: readonly Type[];
  /** How a Length is found while a call is shown; without one: 1. */
  readonly length: (l: Custom['len']) => (c: Context) => number;
}
/** Makes the formatter of a Custom type that names this decoder. */
export type Decoder = (t: Custom, scope: Scope) => Show;

/** What decode/ says of one call, beyond the types of its arguments. */
export interface CallDecoder {
  /** Arguments shown otherwise than by their types, by name. */
  readonly args?: Readonly<Record<string, Show>>;
  /** Arguments shown at the end of the call though their types say they go in, and the other way round. */
  readonly late?: readonly string[];
  /** The same on a condition. */
  readonly lateIf?: Readonly<Record<string, (c: Context) => boolean>>;
  readonly early?: readonly string[];
  /** Arguments that are there on a condition only. */
  readonly given?: Readonly<Record<string, (c: Context) => boolean>>;
  /** The whole list of arguments, in two parts. `enter` gives true where nothing is left for the end. */
  readonly enter?: (c: Context) => boolean;
  readonly leave?: (c: Context) => void;
  /** Called at the end of a call that succeeded: may set Context.note. Gives the result's text, or undefined for the usual one. */
  readonly result?: (c: Context) => string | undefined;
}
/** What decode/ says of one structure. */
export interface StructureDecoder {
  /** Shown when structures may be cut short; then `...` follows. */
  readonly brief?: readonly string[];
  /** Never shown. */
  readonly hide?: readonly string[];
  /** Members by other means than their types. */
  readonly fields?: Readonly<Record<string, ShowField>>;
  /** All of it by other means. */
  readonly show?: ShowField;
}
/** The contents of one file of decode/. */
export interface Decoders {
  readonly calls?: Readonly<Record<string, CallDecoder>>;
  readonly decoders?: Readonly<Record<string, Decoder>>;
  /** Forms of integers (`show` of an Int). Halves are cut to the type's size. */
  readonly integers?: Readonly<Record<string, Show>>;
  readonly structures?: Readonly<Record<string, StructureDecoder>>;
}

/** An address as text. */
export const addressText = (n: number): string => (n === 0 ? 'NULL' : hex(n >>> 0, Math.floor(n / 0x1_0000_0000)));

/** Elements in memory, as many as can be read and -s lets through. */
export function showArray(c: Context, at: number, n: number, size: number, each: ShowField): void {
  if (at === 0) return c.w.null();
  if (n === 0) {
    c.w.open('[');
    return c.w.close(']');
  }
  let v = c.verbose ? c.view(at, size) : undefined;
  if (!v) return c.address(at);
  c.w.open('[');
  const most = c.abbreviate ? c.options.stringLimit : n;
  for (let i = 0; i < n; i++) {
    if (i >= most) {
      c.w.more();
      break;
    }
    if (i > 0) v = c.view(at + i * size, size);
    if (!v) {
      c.w.more();
      c.w.comment(addressText(at + i * size));
      break;
    }
    c.w.separate();
    each(c, v, 0);
  }
  c.w.close(']');
}
/** A structure behind a pointer; `out`: one that the call fills. */
export const behind =
  (size: number, show: ShowField, out = false): Show =>
  (c, lo, hi) => {
    const v = (out && c.failed) || !c.verbose || (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, size);
    if (v) show(c, v, 0);
    else c.w.address(lo, hi);
  };
