import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Errno } from '../../../abi/errno.ts';
import { Contents, PAGE } from './contents.ts';
import { FileSpace } from './space.ts';

const space = (pages = 1000): FileSpace => new FileSpace({ limit: 2 * pages, used: 0 });
const text = (c: Contents, at: number, n: number): string => {
  const into = new Uint8Array(n);
  return String.fromCharCode(...into.subarray(0, c.read(into, at)));
};
const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));

/** What a file does, done to a plain array. */
type Step =
  | { do: 'write'; at: number; n: number; value: number }
  | { do: 'truncate'; at: number }
  | { do: 'zero' | 'punch'; at: number; n: number }
  | { do: 'collapse' | 'insert'; at: number; n: number };
const offset = fc.oneof(
  fc.nat(5 * PAGE),
  fc.constantFrom(0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 3 * PAGE - 1, 3 * PAGE),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    at: offset,
    n: fc.nat(2 * PAGE),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ do: fc.constant('truncate' as const), at: offset }),
  fc.record({ do: fc.constantFrom('zero' as const, 'punch' as const), at: offset, n: offset }),
  fc.record({
    do: fc.constantFrom('collapse' as const, 'insert' as const),
    at: fc.nat(3).map((p) => p * PAGE),
    n: fc.integer({ min: 1, max: 2 }).map((p) => p * PAGE),
  }),
);
function model(file: number[], s: Step): number[] {
  const padded = (n: number): number[] =>
    file.length < n ? [...file, ...new Array<number>(n - file.length).fill(0)] : file;
  switch (s.do) {
    case 'write':
      return s.n === 0 ? file : padded(s.at + s.n).map((b, i) => (i >= s.at && i < s.at + s.n ? s.value : b));
    case 'truncate':
      return padded(s.at).slice(0, s.at);
    case 'zero':
    case 'punch':
      return file.map((b, i) => (i >= s.at && i < s.at + s.n ? 0 : b));
    case 'collapse':
      return s.at + s.n < file.length ? [...file.slice(0, s.at), ...file.slice(s.at + s.n)] : file;
    case 'insert':
      return s.at < file.length
        ? [...file.slice(0, s.at), ...new Array<number>(s.n).fill(0), ...file.slice(s.at)]
        : file;
  }
}
function apply(c: Contents, s: Step): void {
  if (s.do === 'write') c.write(new Uint8Array(s.n).fill(s.value), s.at);
  else if (s.do === 'truncate') c.truncate(s.at);
  else if (s.do === 'zero' || s.do === 'punch') c.zero(s.at, s.n, s.do === 'punch');
  else if (s.do === 'collapse' ? s.at + s.n < c.size : s.at < c.size) c.shift(s.at, s.n, s.do === 'insert');
}

describe("a file's contents", () => {
  it('is what its history says, with a file below or without', () => {
    const lower = Uint8Array.from({ length: 2 * PAGE + 100 }, (_, i) => 1 + (i % 200));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.boolean(), (steps, below) => {
        const read = (into: Uint8Array, at: number): number => {
          const piece = lower.subarray(at, at + into.length);
          into.set(piece);
          return piece.length;
        };
        const c = below ? new Contents(space(), read, lower.length) : new Contents(space());
        let expected = below ? [...lower] : [];
        for (const s of steps) {
          apply(c, s);
          expected = model(expected, s);
        }
        const into = new Uint8Array(expected.length + 10);
        expect(c.read(into, 0)).toBe(expected.length);
        expect(into.subarray(0, expected.length)).toEqual(Uint8Array.from(expected));
      }),
      { numRuns: 60 },
    );
  });
  it('takes no space for holes, and gives it back', () => {
    const s = space();
    const c = new Contents(s);
    c.write(bytes('x'), 100 * PAGE);
    expect(s.used).toBe(1);
    expect(c.blocks).toBe(8);
    c.zero(0, 200 * PAGE, true);
    expect(s.used).toBe(0);
    expect(c.size).toBe(100 * PAGE + 1);
    c.allocate(0, 5 * PAGE);
    expect(c.blocks).toBe(40);
    c.clear();
    expect(s.used).toBe(0);
  });
  it('finds data and holes in a file as large as files get', () => {
    const c = new Contents(space());
    c.truncate(2 ** 52);
    c.write(bytes('data'), 2 ** 40);
    expect(c.find('data', 5)).toBe(2 ** 40);
    expect(c.find('hole', 2 ** 40)).toBe(2 ** 40 + PAGE);
    expect(c.find('data', 2 ** 40 + PAGE)).toBeUndefined();
    expect(c.zero(0, 2 ** 52, true)).toBeUndefined();
    expect(c.find('data', 0)).toBeUndefined();
    expect(text(c, 2 ** 40, 4)).toBe('\0\0\0\0');
  });
  it('writes what there is space for, then says that there is none', () => {
    const c = new Contents(space(2));
    expect(c.write(new Uint8Array(5 * PAGE).fill(1), 10)).toBe(2 * PAGE - 10);
    expect(c.write(bytes('x'), 9 * PAGE)).toBeInstanceOf(Errno);
    expect(c.size).toBe(2 * PAGE);
  });
});
