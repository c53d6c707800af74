// Times as structures have them.
import type { Time } from './vfs.ts';

const BILLION = 1_000_000_000n;
/** Seconds (rounded down) and nanoseconds of a time. */
export function parts(t: Time): { sec: number; nsec: number } {
  const nsec = BigInt.asIntN(64, t % BILLION);
  const rest = nsec < 0n ? nsec + BILLION : nsec;
  return { sec: Number((t - rest) / BILLION), nsec: Number(rest) };
}
export const timeOf = (sec: number, nsec: number): Time => BigInt(sec) * BILLION + BigInt(nsec);
