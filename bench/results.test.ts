import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Figure, least } from './measure.ts';
import { parseOptions } from './options.ts';
import { changeLines, inPage, tables } from './report.ts';
import { changes, mean, merge, quotients, type Results, ratiosOf } from './results.ts';

const figure = (cpu: number, resident = 1): Figure => ({ cpu, wall: 2 * cpu, resident });
const results = (figures: Results['figures'], scale = 1): Results => ({
  machine: { cpu: 'c', cores: 2, memory: '8 GiB', system: 's', node: '20', v8: '11', date: 'd' },
  scale,
  best: 3,
  figures,
  ratios: ratiosOf(figures),
});
const gzip = { native: figure(0.25), qemu: figure(1), on: figure(0.5) };
const hello = { native: figure(0.001, 100), node: figure(0.05, 1000), on: figure(0.1, 1500) };

describe('arithmetic', () => {
  test('ratios are of CPU time by native, of starts and memory by node', () => {
    expect(ratiosOf({ programs: { gzip }, start: { hello }, memory: { hello } })).toEqual({
      'programs/gzip/qemu': 4,
      'programs/gzip/on': 2,
      'start/hello/native': 0.02,
      'start/hello/on': 2,
      'memory/hello/native': 0.1,
      'memory/hello/on': 1.5,
    });
  });
  test('a row without what it is divided by has none', () => {
    expect(ratiosOf({ programs: { gzip: { on: figure(1) }, xz: { native: figure(0), on: figure(1) } } })).toEqual({});
  });
  test('geometric mean', () => {
    expect(mean([])).toBeUndefined();
    expect(mean([2, 8])).toBeCloseTo(4);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1 }), (list) => {
        const m = mean(list) as number;
        expect(m).toBeGreaterThanOrEqual(Math.min(...list) * 0.999999);
        expect(m).toBeLessThanOrEqual(Math.max(...list) * 1.000001);
      }),
    );
  });
  test('quotients leave out rows that lack one of the two', () => {
    expect(quotients({ gzip, xz: { native: figure(1) } }, 'on', 'qemu')).toEqual([0.5]);
  });
  test('the least of rounds is taken figure by figure', () => {
    expect(least(undefined, figure(1))).toEqual(figure(1));
    expect(least({ cpu: 1, wall: 5, resident: 3 }, { cpu: 2, wall: 4, resident: 3 })).toEqual({
      cpu: 1,
      wall: 4,
      resident: 3,
    });
  });
});

describe('comparing with what is stored', () => {
  test('beyond the threshold only, the worst first; the ways of others never', () => {
    const stored = {
      'programs/a/on': 2,
      'programs/b/on': 2,
      'programs/c/off': 30,
      'programs/a/qemu': 1,
      'calls/d/strace': 1,
    };
    const now = {
      'programs/a/on': 2.39,
      'programs/b/on': 3,
      'programs/c/off': 60,
      'programs/a/qemu': 9,
      'calls/d/strace': 9,
    };
    const { worse, better } = changes(stored, now, 0.2);
    expect(worse.map((c) => c.key)).toEqual(['programs/c/off', 'programs/b/on']);
    expect(better).toEqual([]);
    expect(changeLines('worse', worse)).toBe(
      'worse:\n  programs/c/off: 30 -> 60 (100 %)\n  programs/b/on: 2 -> 3 (50 %)\n',
    );
    expect(changeLines('worse', [])).toBe('');
  });
  test('better is what would be worse the other way round', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (a, b) => {
          const there = changes({ 'programs/x/on': a }, { 'programs/x/on': b }, 0.25);
          const back = changes({ 'programs/x/on': b }, { 'programs/x/on': a }, 0.25);
          expect(there.worse.length).toBe(back.better.length);
          expect(there.better.length).toBe(back.worse.length);
        },
      ),
    );
  });
  test('new rows and modes are not compared', () => {
    expect(changes({}, { 'programs/x/on': 9 }, 0.2)).toEqual({ worse: [], better: [] });
  });
  test('saving keeps what was not measured, at the same scale', () => {
    const before = results({ programs: { gzip, xz: gzip } });
    const now = results({ programs: { gzip: { native: figure(0.25), on: figure(1) } } });
    const both = merge(before, now);
    expect(both.ratios).toEqual({
      'programs/gzip/qemu': 4,
      'programs/gzip/on': 4,
      'programs/xz/qemu': 4,
      'programs/xz/on': 2,
    });
    expect(merge(undefined, now)).toBe(now);
    const other = results({ programs: { gzip } }, 0.5);
    expect(merge(before, other)).toBe(other);
  });
});

test('tables show the ways that were measured, ratios and means', () => {
  const text = tables(results({ programs: { gzip }, start: { hello } }));
  expect(text).toContain('|  | native | qemu | on | qemu/native | on/native | on/qemu |');
  expect(text).toContain('| gzip | 0.25 | 1.00 | 0.50 | 4.00 | 2.00 | 0.50 |');
  expect(text).toContain('| geometric mean |  |  |  | 4.00 | 2.00 | 0.50 |');
  expect(text).toContain('| hello | 2 (1) | 100 (50) | 200 (100) +100 |');
});

test('what is stored is what docs/PERFORMANCE.md shows', () => {
  if (!existsSync('bench/results.json')) return;
  const page = readFileSync('docs/PERFORMANCE.md', 'utf8');
  expect(inPage(page, JSON.parse(readFileSync('bench/results.json', 'utf8')) as Results)).toBe(page);
});
test('a page without a place for results is refused', () => {
  expect(() => inPage('nothing', results({}))).toThrow('no place');
});

describe('options', () => {
  test('as documented', () => {
    expect(
      parseOptions(['--only=gzip,calls', '--modes', 'on', '--best=5', '--scale=0.5', '--no-qemu', '--check']),
    ).toMatchObject({
      only: new Set(['gzip', 'calls']),
      modes: ['on'],
      best: 5,
      scale: 0.5,
      qemu: false,
      check: true,
      save: false,
      action: 'measure',
    });
    expect(parseOptions(['-h'])).toMatchObject({ action: 'help' });
  });
  test.each([
    ['--modes=fast'],
    ['--best=0'],
    ['--best=1.5'],
    ['--scale=x'],
    ['--threshold=0'],
    ['--nothing'],
    ['word'],
  ])('%s is refused', (word) => expect(parseOptions([word])).toHaveProperty('error'));
});
