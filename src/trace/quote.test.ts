import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeBytes, escapeText, type HexStyle, latin1 } from './quote.ts';

const bytesOf = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));
const NAMED: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };
/** As a C compiler reads a string. */
const read = (s: string): number[] =>
  [...s.matchAll(/\\x([0-9a-f]{2})|\\([0-7]{1,3})|\\(.)|([^\\])/g)].map((m) => {
    if (m[1] !== undefined) return Number.parseInt(m[1], 16);
    if (m[2] !== undefined) return Number.parseInt(m[2], 8);
    return m[3] !== undefined ? (NAMED[m[3]] as number) : (m[4] as string).charCodeAt(0);
  });

describe('strings', () => {
  test.each<[string, HexStyle, string]>([
    ['plain text', 'none', 'plain text'],
    ['a"b\\c', 'none', 'a\\"b\\\\c'],
    ['\t\n\v\f\r', 'none', '\\t\\n\\v\\f\\r'],
    ['\0', 'none', '\\0'],
    ['\x001', 'none', '\\0001'],
    ['\x018', 'none', '\\18'],
    ['\x017', 'none', '\\0017'],
    ['\x7f\xff', 'none', '\\177\\377'],
    ['a\xffb\n', 'non-ascii-chars', 'a\\xffb\\n'],
    ['a\n', 'non-ascii', 'a\\n'],
    ['a\xff', 'non-ascii', '\\x61\\xff'],
    ['ab', 'all', '\\x61\\x62'],
  ])('%j in the style %s', (s, style, text) => {
    expect(escapeText(s, style)).toBe(text);
    expect(escapeBytes(bytesOf(s), 0, s.length, style)).toBe(text);
  });
  test('further characters', () => {
    expect(escapeText('a<b>c', 'none', '<>')).toBe('a\\74b\\76c');
    expect(escapeText('<7', 'none', '<>')).toBe('\\0747');
  });
  test('mean the same bytes in every style', () => {
    const style = fc.constantFrom<HexStyle>('none', 'non-ascii-chars', 'non-ascii', 'all');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), style, (b, s) => {
        expect(read(escapeBytes(b, 0, b.length, s))).toEqual([...b]);
      }),
    );
  });
  test('bytes as characters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (b, from) => {
        expect(latin1(b, Math.min(from, b.length), b.length)).toBe(String.fromCharCode(...b.subarray(from)));
      }),
    );
  });
});
