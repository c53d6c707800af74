import { expect, test } from 'vitest';
import { absoluteText, secondsText } from './stamp.ts';

test('seconds and fractions, cut and not rounded', () => {
  expect(secondsText(1_234_567_899n, 's')).toBe('1');
  expect(secondsText(1_234_567_899n, 'ms')).toBe('1.234');
  expect(secondsText(1_234_567_899n, 'us')).toBe('1.234567');
  expect(secondsText(1_234_567_899n, 'ns')).toBe('1.234567899');
  expect(secondsText(5_000n, 'us', 6)).toBe('     0.000005');
});
test('the time of day', () => {
  const at = BigInt(new Date(2024, 1, 29, 7, 8, 9).getTime()) * 1_000_000n + 12_345_678n;
  expect(absoluteText(at, { format: 'time', precision: 's' })).toBe('07:08:09 ');
  expect(absoluteText(at, { format: 'time', precision: 'us' })).toBe('07:08:09.012345 ');
});
test('seconds since the Epoch', () => {
  expect(absoluteText(1_700_000_000_123_456_789n, { format: 'unix', precision: 'us' })).toBe('1700000000.123456 ');
});
