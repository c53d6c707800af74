// Strings between quotation marks, with C's escapes, octal ones as short as they can be.
import type { StraceOptions } from './options.ts';

export type HexStyle = StraceOptions['hexStrings'];

const NAMED: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};
/** Printable without an escape, in a string. */
const plain = Uint8Array.from({ length: 256 }, (_, b) => (b >= 32 && b < 127 && b !== 34 && b !== 92 ? 1 : 0));
const white = (b: number): boolean => b >= 9 && b <= 13;
const HEX = Array.from({ length: 256 }, (_, b) => `\\x${b.toString(16).padStart(2, '0')}`);
const ESCAPES = Array.from(
  { length: 256 },
  (_, b) => NAMED[b] ?? (plain[b] ? String.fromCharCode(b) : `\\${b.toString(8)}`),
);

/** Bytes as characters. Several at a time: joining single ones is what a trace would spend most of its time with. */
export function latin1(b: Uint8Array, from: number, to: number): string {
  let out = '';
  let i = from;
  for (; i + 8 <= to; i += 8) {
    out += String.fromCharCode(
      b[i] as number,
      b[i + 1] as number,
      b[i + 2] as number,
      b[i + 3] as number,
      b[i + 4] as number,
      b[i + 5] as number,
      b[i + 6] as number,
      b[i + 7] as number,
    );
  }
  for (; i < to; i++) out += String.fromCharCode(b[i] as number);
  return out;
}

/** The bytes from `from` to `to`, escaped, without the quotation marks. `also`: further characters to escape (`<>` in descriptors' paths). */
export function escapeBytes(bytes: Uint8Array, from: number, to: number, style: HexStyle, also = ''): string {
  if (style === 'all' || (style === 'non-ascii' && unusual(bytes, from, to))) {
    let out = '';
    for (let i = from; i < to; i++) out += HEX[bytes[i] as number];
    return out;
  }
  let i = from;
  if (also === '') while (i < to && plain[bytes[i] as number]) i++;
  let out = latin1(bytes, from, i);
  for (; i < to; i++) {
    const b = bytes[i] as number;
    if (plain[b] && !(also !== '' && also.includes(String.fromCharCode(b)))) out += ESCAPES[b];
    else if (NAMED[b] !== undefined) out += NAMED[b];
    else if (style === 'non-ascii-chars') out += HEX[b];
    else {
      const next = i + 1 < to ? (bytes[i + 1] as number) : 0;
      out += next >= 48 && next <= 55 ? `\\${b.toString(8).padStart(3, '0')}` : `\\${b.toString(8)}`;
    }
  }
  return out;
}
/** -x writes a string in hexadecimal when a byte is neither printable nor white space. */
function unusual(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const b = bytes[i] as number;
    if (b >= 127 || (b < 32 && !white(b))) return true;
  }
  return false;
}

const PLAIN_TEXT = /^[ !#-[\]-~]*$/;
/** The same for a byte string (one character a byte). */
export function escapeText(s: string, style: HexStyle, also = ''): string {
  if (style !== 'all' && also === '' && PLAIN_TEXT.test(s)) return s;
  const bytes = new Uint8Array(s.length);
  for (let i = 0; i < s.length; i++) bytes[i] = s.charCodeAt(i);
  return escapeBytes(bytes, 0, bytes.length, style, also);
}
