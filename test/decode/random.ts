// Random instructions: every opcode of every map comes up, with prefixes and operands that mostly make sense.
const LEGACY_PREFIXES = [0x66, 0x66, 0xf2, 0xf3, 0xf3, 0x67, 0xf0, 0x2e, 0x3e, 0x64, 0x65];

/** A generator of 32-bit numbers (mulberry32). */
export function random(seed: number): () => number {
  let s = seed | 0;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

export type Kind = 'legacy' | 'vex' | 'evex' | 'xop';
/** Fifteen bytes that begin with an instruction, if the bytes make one. */
export function instruction(next: () => number, kind: Kind, mode64: boolean): Uint8Array {
  const out: number[] = [];
  const byte = (): number => next() & 0xff;
  const one = <T>(of: readonly T[]): T => of[next() % of.length] as T;
  if (kind === 'legacy') {
    for (let n = one([0, 0, 0, 1, 1, 2]); n > 0; n--) out.push(one(LEGACY_PREFIXES));
    if (mode64 && next() % 3 === 0) out.push(0x40 | (next() & 15));
    out.push(...one([[], [0x0f], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]]));
  } else if (kind === 'vex') {
    if (next() % 3 === 0) out.push(0xc5, (mode64 ? byte() : byte() | 0xc0) | (next() % 3 ? 0x78 : 0));
    else out.push(0xc4, (byte() & 0xe0) | (mode64 ? 0 : 0xc0) | one([1, 2, 3]), byte() | (next() % 3 ? 0x78 : 0));
  } else if (kind === 'xop') out.push(0x8f, (byte() & 0xe0) | one([8, 9, 10]), byte() & (next() % 3 ? 0xff : 0xfb));
  else if (next() % 4 === 0) {
    // As VEX could have it.
    out.push(0x62, 0xf0 | one([1, 2, 3]), (byte() & 0x83) | 0x7c, 0x08 | (next() & 0x20));
  } else {
    const plain = next() % 3;
    out.push(0x62, (byte() & 0xf0) | (mode64 ? 0 : 0xc0) | one([1, 2, 3, 5, 6]));
    out.push(byte() | 4 | (plain ? 0x78 : 0), (byte() & (next() % 2 ? 0x6f : 0xff)) | (plain ? 8 : 0));
  }
  while (out.length < 15) out.push(byte());
  return Uint8Array.from(out);
}
