// Numbers as strace writes them. Registers come as two 32-bit halves, so that all 64 bits survive.

const WORD = 0x1_0000_0000;
const SAFE = 0x1f_ffff;

/** Hexadecimal with 0x; zero is `0`. */
export function hex(lo: number, hi: number): string {
  if (hi === 0) return lo === 0 ? '0' : `0x${(lo >>> 0).toString(16)}`;
  return `0x${(hi >>> 0).toString(16)}${(lo >>> 0).toString(16).padStart(8, '0')}`;
}
export function unsigned(lo: number, hi: number): string {
  if (hi === 0) return String(lo >>> 0);
  const high = hi >>> 0;
  return high <= SAFE ? String(high * WORD + (lo >>> 0)) : String((BigInt(high) << 32n) | BigInt(lo >>> 0));
}
export function signed(lo: number, hi: number): string {
  const high = hi | 0;
  if (high >= -SAFE && high <= SAFE) return String(high * WORD + (lo >>> 0));
  return String(BigInt.asIntN(64, (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)));
}
/** Octal with a leading zero, of at least three characters, as modes are written: 000, 022, 0644. */
export function octal(n: number): string {
  const digits = n.toString(8);
  return n === 0 ? '000' : digits.length < 3 ? digits.padStart(3, '0') : `0${digits}`;
}
/** Both halves as one number (exact below 2^53): addresses and lengths to compute with. */
export const whole = (lo: number, hi: number): number => (hi >>> 0) * WORD + (lo >>> 0);
