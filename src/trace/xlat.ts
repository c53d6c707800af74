// Names for numbers: single constants and sets of flags, by the tables of abi/.
import type { NameTable } from '../abi/type.ts';
import { hex } from './number.ts';
import type { StraceOptions } from './options.ts';

export type Style = StraceOptions['constants'];
/** Texts remembered per table: programs repeat themselves, but a hostile one must not fill our memory. */
const MOST = 1024;

/** A table prepared for look-up. */
interface Prepared {
  readonly byValue: Map<number, string>;
  readonly bits: readonly (readonly [name: string, lo: number, hi: number])[];
  readonly texts: Map<number, string>;
}
const prepared = new WeakMap<NameTable, Prepared>();
/** 32-bit values by their unsigned number, wider ones as they are. */
const key = (v: number): number => (v < 0 ? v >>> 0 : v);
function prepare(table: NameTable): Prepared {
  const known = prepared.get(table);
  if (known) return known;
  const byValue = new Map<number, string>();
  for (const [name, v] of table.entries) if (!byValue.has(key(v))) byValue.set(key(v), name);
  const bits = table.entries
    .filter(([, v]) => v !== 0)
    .map(([name, v]) => [name, v >>> 0, Math.floor(key(v) / 0x1_0000_0000)] as const);
  const made = { byValue, bits, texts: new Map<number, string>() };
  prepared.set(table, made);
  return made;
}

/** What stands in the comment of an unknown value; a prefix with a question mark in it is the whole of it. */
const unknown = (table: NameTable): string => (table.prefix.includes('?') ? table.prefix : `${table.prefix}_???`);
/** The name of a value, or undefined. */
export const nameOf = (table: NameTable, value: number): string | undefined => prepare(table).byValue.get(key(value));

/** A named constant in one of the styles. `number`: the value as the raw style writes it. */
export function styled(style: Style, number: string, name: string): string {
  return style === 'abbrev' ? name : style === 'raw' ? number : `${number} /* ${name} */`;
}
/** A constant of the table; one it doesn't know is a hexadecimal number with the table's prefix in a comment. */
export function constant(table: NameTable, lo: number, hi: number, style: Style): string {
  const name = prepare(table).byValue.get(hi === 0 ? lo >>> 0 : (hi >>> 0) * 0x1_0000_0000 + (lo >>> 0));
  if (name !== undefined) return styled(style, hex(lo, hi), name);
  return style === 'raw' ? hex(lo, hi) : `${hex(lo, hi)} /* ${unknown(table)} */`;
}

/** Flags joined by |: the table's entries in order, what is left as a number. */
export function flagText(table: NameTable, lo: number, hi: number, style: Style): string {
  if (style === 'raw') return hex(lo, hi);
  const p = prepare(table);
  if (style === 'abbrev' && hi === 0) {
    const known = p.texts.get(lo);
    if (known !== undefined) return known;
  }
  const names = p.byValue.get(0);
  if ((lo | hi) === 0) return names === undefined ? '0' : styled(style, '0', names);
  const { text, lo: restLo, hi: restHi } = takeFlags(p, lo, hi);
  const rest = restLo | restHi ? hex(restLo, restHi) : '';
  let out: string;
  if (text === '') out = `${rest} /* ${unknown(table)} */`;
  else out = styled(style, hex(lo, hi), rest ? `${text}|${rest}` : text);
  if (style === 'abbrev' && hi === 0 && p.texts.size < MOST) p.texts.set(lo, out);
  return out;
}
function takeFlags(p: Prepared, lo: number, hi: number): { text: string; lo: number; hi: number } {
  let text = '';
  for (const [name, l, h] of p.bits) {
    if ((lo & l) >>> 0 !== l || (hi & h) >>> 0 !== h) continue;
    text += text === '' ? name : `|${name}`;
    lo = (lo & ~l) >>> 0;
    hi = (hi & ~h) >>> 0;
  }
  return { text, lo, hi };
}
/** The names of the flags of the table that are set, and what is left: for texts put together of several tables. */
export function split(table: NameTable, lo: number, hi = 0): { text: string; lo: number; hi: number } {
  return takeFlags(prepare(table), lo >>> 0, hi >>> 0);
}
