import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DIRTY, Residence, TOUCHED } from './residence.ts';

const PAGE = 4096;
it('tells the runs of touched pages of one state, and how many there are', () => {
  const page = fc.oneof(fc.nat(20), fc.integer({ min: 505, max: 520 }), fc.integer({ min: 2040, max: 2047 }));
  const change = fc.tuple(page, fc.constantFrom(0, TOUCHED, TOUCHED | DIRTY));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), page, page, (changes, a, b) => {
      const state = new Uint8Array(2048);
      const r = new Residence(state);
      const model = new Map<number, number>();
      for (const [p, bits] of changes)
        if (bits) {
          r.set(p * PAGE, bits);
          model.set(p, bits);
        } else {
          r.clear(p * PAGE);
          model.delete(p);
        }
      expect(r.count).toBe(model.size);
      const [from, to] = [Math.min(a, b), Math.max(a, b) + 1];
      const seen = new Map<number, number>();
      r.runs(from * PAGE, to * PAGE, (start, end, bits) => {
        for (let p = start / PAGE; p < end / PAGE; p++) seen.set(p, bits);
      });
      expect(seen).toEqual(new Map([...model].filter(([p]) => p >= from && p < to).sort((x, y) => x[0] - y[0])));
    }),
  );
});
