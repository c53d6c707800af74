// Times as structures have them.
import type { Time } from './vfs.ts';

const BILLION = 1_000_000_000n;
const WIDE = 1n << 63n;
const halves = new DataView(new ArrayBuffer(8));
/** Seconds (rounded down) and nanoseconds of a time. */
export function parts(t: Time): { sec: number; nsec: number } {
  if (t >= WIDE || t < -WIDE) {
    const rest = ((t % BILLION) + BILLION) % BILLION;
    return { sec: Number((t - rest) / BILLION), nsec: Number(rest) };
  }
  // In numbers, which are exact in these steps: dividing bigints takes ten times as long. 2^32 ns are 4 s and 294967296 ns.
  halves.setBigInt64(0, t);
  const high = halves.getInt16(0) * 294_967_296;
  const whole = Math.floor(high / 1e9);
  const rest = (high - whole * 1e9) * 65536 + halves.getUint16(2) * 294_967_296 + halves.getUint32(4);
  const more = Math.floor(rest / 1e9);
  return { sec: halves.getInt32(0) * 4 + whole * 65536 + more, nsec: rest - more * 1e9 };
}
export const timeOf = (sec: number, nsec: number): Time => BigInt(sec) * BILLION + BigInt(nsec);
