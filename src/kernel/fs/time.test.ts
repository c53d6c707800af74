import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parts, timeOf } from './time.ts';

const MOST = 2n ** 63n - 1n;
const edges = [
  0n,
  1n,
  -1n,
  999_999_999n,
  1_000_000_000n,
  2n ** 31n,
  2n ** 32n,
  2n ** 48n,
  -(2n ** 32n),
  MOST,
  -MOST - 1n,
  2n ** 63n,
  10n ** 21n + 1n,
  -(10n ** 21n) - 1n,
];
test('seconds are rounded down and nanoseconds are what is left', () => {
  const time = fc.oneof(
    fc.constantFrom(...edges),
    fc.bigInt(-MOST - 1n, MOST),
    fc.bigInt(1_600_000_000_000_000_000n, 1_900_000_000_000_000_000n),
  );
  fc.assert(
    fc.property(time, (t) => {
      const { sec, nsec } = parts(t);
      expect(nsec).toBeGreaterThanOrEqual(0);
      expect(nsec).toBeLessThan(1e9);
      expect(timeOf(sec, nsec)).toBe(t);
    }),
    { numRuns: 2000 },
  );
});
