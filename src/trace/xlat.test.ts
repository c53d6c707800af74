import { describe, expect, test } from 'vitest';
import { names } from '../abi/type.ts';
import { constant, flagText, nameOf, split } from './xlat.ts';

const colours = names('COLOUR', { RED: 0, GREEN: 1, BLUE: -1 });
const flags = names('F', { F_BOTH: 3, F_ONE: 1, F_TWO: 2, F_TOP: 0x80000000, F_WIDE: 0x100000000 });

describe('constants', () => {
  test('by name', () => {
    expect([0, 1, 2, 0xffffffff].map((v) => constant(colours, v, 0, 'abbrev'))).toEqual([
      'RED',
      'GREEN',
      '0x2 /* COLOUR_??? */',
      'BLUE',
    ]);
    expect(nameOf(colours, 1)).toBe('GREEN');
    expect(nameOf(colours, 5)).toBeUndefined();
  });
  test('as numbers, and as both', () => {
    expect(constant(colours, 1, 0, 'raw')).toBe('0x1');
    expect(constant(colours, 1, 0, 'verbose')).toBe('0x1 /* GREEN */');
    expect(constant(colours, 2, 0, 'raw')).toBe('0x2');
    expect(constant(colours, 2, 0, 'verbose')).toBe('0x2 /* COLOUR_??? */');
  });
  test('a prefix with a question mark is the whole comment', () => {
    expect(constant(names('SOL_??', { SOL_A: 1 }), 2, 0, 'abbrev')).toBe('0x2 /* SOL_?? */');
  });
});
describe('flags', () => {
  test.each([
    [0, 0, '0'],
    [1, 0, 'F_ONE'],
    [3, 0, 'F_BOTH'],
    [6, 0, 'F_TWO|0x4'],
    [4, 0, '0x4 /* F_??? */'],
    [0x80000001, 0, 'F_ONE|F_TOP'],
    [1, 1, 'F_ONE|F_WIDE'],
    [0, 2, '0x200000000 /* F_??? */'],
  ])('%i, %i', (lo, hi, text) => {
    expect(flagText(flags, lo, hi, 'abbrev')).toBe(text);
    // Once more: texts are remembered.
    expect(flagText(flags, lo, hi, 'abbrev')).toBe(text);
  });
  test('a name for none', () => {
    expect(flagText(names('M', { M_NONE: 0, M_A: 1 }), 0, 0, 'abbrev')).toBe('M_NONE');
    expect(flagText(flags, 6, 0, 'verbose')).toBe('0x6 /* F_TWO|0x4 */');
    expect(flagText(flags, 6, 0, 'raw')).toBe('0x6');
  });
  test('what is left', () => {
    expect(split(flags, 0x17)).toEqual({ text: 'F_BOTH', lo: 0x14, hi: 0 });
  });
});
