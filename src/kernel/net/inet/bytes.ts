// Bytes in order, in the pieces they came in, numbered from the start of the stream.

export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  /** Bytes of the first piece that are gone. */
  #offset = 0;
  length = 0;
  /** Number of the next byte to be taken. */
  position = 0;

  get end(): number {
    return this.position + this.length;
  }
  /** Takes over the bytes. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.length += bytes.length;
  }
  /** Shows up to n bytes from `skip` on, piece by piece; gives how many until `each` says stop. */
  look<E>(n: number, skip: number, each: (piece: Uint8Array) => E | undefined): E | undefined {
    let left = Math.min(n, this.length - skip);
    let pass = skip + this.#offset;
    for (const p of this.#pieces) {
      if (left <= 0) return undefined;
      if (pass >= p.length) {
        pass -= p.length;
        continue;
      }
      const part = p.subarray(pass, pass + left);
      pass = 0;
      const stop = each(part);
      if (stop !== undefined) return stop;
      left -= part.length;
    }
    return undefined;
  }
  drop(n: number): void {
    let left = Math.min(n, this.length);
    this.length -= left;
    this.position += left;
    while (left > 0) {
      const first = this.#pieces[0] as Uint8Array;
      const here = first.length - this.#offset;
      if (left < here) {
        this.#offset += left;
        return;
      }
      left -= here;
      this.#pieces.shift();
      this.#offset = 0;
    }
  }
  clear(): void {
    this.drop(this.length);
  }
}
