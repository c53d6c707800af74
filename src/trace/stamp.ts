// Times in front of and behind a line.
import type { Precision, StraceOptions } from './options.ts';

const DIGITS: Readonly<Record<Precision, number>> = { s: 0, ms: 3, us: 6, ns: 9 };
/** Seconds and a fraction cut to the precision. */
export function secondsText(ns: bigint, precision: Precision, width = 0): string {
  const s = ns / 1_000_000_000n;
  const digits = DIGITS[precision];
  const whole = String(s).padStart(width);
  return digits === 0
    ? whole
    : `${whole}.${String(ns % 1_000_000_000n)
        .padStart(9, '0')
        .slice(0, digits)}`;
}
/** -t: the time of day, or seconds since the Epoch. */
export function absoluteText(realtime: bigint, { format, precision }: NonNullable<StraceOptions['absolute']>): string {
  if (format === 'unix') return `${secondsText(realtime, precision)} `;
  const d = new Date(Number(realtime / 1_000_000n));
  const two = (n: number): string => String(n).padStart(2, '0');
  const fraction = secondsText(realtime % 1_000_000_000n, precision).slice(1);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}${fraction} `;
}
