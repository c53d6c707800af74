// Copying between byte arrays without views.

/** Up to here a loop is cheaper than the view that `set` needs. */
const FEW = 48;

/** Copies `n` bytes from `from` at `start` to `into` at `at`. The two don't overlap. */
export function copy(from: Uint8Array, start: number, n: number, into: Uint8Array, at: number): void {
  if (n <= FEW) for (let i = 0; i < n; i++) into[at + i] = from[start + i] as number;
  else if (n === from.length) into.set(from, at);
  else into.set(new Uint8Array(from.buffer, from.byteOffset + start, n), at);
}
