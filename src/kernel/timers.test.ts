import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Timer, Timers } from './timers.ts';

it('fires what is due in order of time, then of setting, and never what was cancelled', () => {
  const entry = fc.record({ at: fc.nat(20), cancel: fc.boolean() });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 50 }), fc.nat(25), (entries, now) => {
      const timers = new Timers();
      const fired: number[] = [];
      const set: Timer[] = entries.map((e, i) => timers.at(BigInt(e.at), () => fired.push(i)));
      entries.forEach((e, i) => {
        if (e.cancel) timers.cancel(set[i] as Timer);
      });
      const order = entries.map((e, i) => ({ ...e, i })).filter((e) => !e.cancel);
      order.sort((x, y) => x.at - y.at || x.i - y.i);
      timers.fireDue(BigInt(now));
      expect(fired).toEqual(order.filter((e) => e.at <= now).map((e) => e.i));
      const rest = order.find((e) => e.at > now);
      expect(timers.next).toBe(rest && BigInt(rest.at));
    }),
  );
});
it('lets a timer set the next one', () => {
  const timers = new Timers();
  const fired: bigint[] = [];
  const again = (at: bigint): void => {
    timers.at(at, () => {
      fired.push(at);
      if (at < 5n) again(at + 2n);
    });
  };
  again(1n);
  timers.fireDue(4n);
  expect(fired).toEqual([1n, 3n]);
  expect(timers.next).toBe(5n);
});
