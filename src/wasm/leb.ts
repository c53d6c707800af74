/** Unsigned LEB128 of a value below 2^53. */
export function uleb(out: number[], n: number): void {
  while (n >= 0x80) {
    out.push((n % 0x80) | 0x80);
    n = Math.floor(n / 0x80);
  }
  out.push(n);
}

/** Signed LEB128 of a 64-bit value. */
export function sleb(out: number[], n: bigint): void {
  for (;;) {
    const byte = Number(n & 127n);
    n >>= 7n;
    if ((n === 0n && byte < 64) || (n === -1n && byte >= 64)) {
      out.push(byte);
      return;
    }
    out.push(byte | 128);
  }
}

export function sleb32(out: number[], n: number): void {
  n |= 0;
  for (;;) {
    const byte = n & 127;
    n >>= 7;
    if ((n === 0 && byte < 64) || (n === -1 && byte >= 64)) {
      out.push(byte);
      return;
    }
    out.push(byte | 128);
  }
}
