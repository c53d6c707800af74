import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Area, Areas } from './area.ts';

const PAGE = 4096;
const PAGES = 40;
type Step = {
  readonly kind: 'map' | 'unmap' | 'protect';
  readonly from: number;
  readonly n: number;
  readonly prot: number;
};
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('map', 'unmap', 'protect'),
  from: fc.nat(PAGES - 1),
  n: fc.integer({ min: 1, max: 12 }),
  prot: fc.nat(3),
});
const area = (from: number, to: number, prot: number): Area => ({
  start: from * PAGE,
  end: to * PAGE,
  prot,
  may: 7,
  shared: false,
  file: undefined,
  offset: 0,
  anonymous: undefined,
  traits: 0,
  written: false,
  name: '',
});

describe('the areas of an address space', () => {
  it('are what a table of pages says, joined wherever they can be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const areas = new Areas();
        const pages: (number | undefined)[] = Array.from({ length: PAGES + 12 }, () => undefined);
        for (const s of steps) {
          const to = s.from + s.n;
          if (s.kind === 'protect') {
            areas.split(s.from * PAGE);
            areas.split(to * PAGE);
            for (const a of areas.overlapping(s.from * PAGE, to * PAGE)) a.prot = s.prot;
            areas.mergeAround(s.from * PAGE, to * PAGE);
          } else {
            areas.remove(s.from * PAGE, to * PAGE);
            if (s.kind === 'map') areas.insert(area(s.from, to, s.prot));
          }
          for (let p = s.from; p < to; p++)
            if (s.kind === 'unmap') pages[p] = undefined;
            else if (s.kind === 'map' || pages[p] !== undefined) pages[p] = s.prot;
        }
        const wanted: [from: number, to: number, prot: number][] = [];
        pages.forEach((prot, p) => {
          const last = wanted.at(-1);
          if (prot === undefined) return;
          if (last && last[1] === p && last[2] === prot) last[1] = p + 1;
          else wanted.push([p, p + 1, prot]);
        });
        expect(areas.list.map((a) => [a.start / PAGE, a.end / PAGE, a.prot])).toEqual(wanted);
        expect(areas.size).toBe(pages.filter((p) => p !== undefined).length * PAGE);
      }),
    );
  });
  it('give the highest gap that is large enough', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        (used, n) => {
          const areas = new Areas();
          used.forEach((u, p) => {
            if (u) areas.insert(area(p, p + 1, p % 4));
          });
          let wanted: number | undefined;
          for (let p = 30 - n; p >= 3 && wanted === undefined; p--)
            if (!used.slice(p, p + n).includes(true)) wanted = p * PAGE;
          expect(areas.gapBelow(n * PAGE, 3 * PAGE, 30 * PAGE)).toBe(wanted);
        },
      ),
    );
  });
  it('keep a part that was written apart from one that was not, unless the neighbour was', () => {
    const areas = new Areas();
    areas.insert({ ...area(0, 2, 1), written: false });
    areas.insert({ ...area(2, 4, 3), written: true });
    const upper = areas.list[1] as Area;
    upper.prot = 1;
    areas.mergeAround(2 * PAGE, 4 * PAGE);
    expect(areas.list.length).toBe(2);
    areas.insert(area(4, 6, 1));
    expect(areas.list.map((a) => a.end / PAGE)).toEqual([2, 6]);
  });
});
