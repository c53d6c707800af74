// Which linear pages hold data, a byte a page, counted by chunks of 2 MiB so that huge ranges where nothing was touched cost nothing.

const PAGE = 4096;
const CHUNK = 512;

/** The page has contents of this address space. */
export const TOUCHED = 1;
/** The contents are its own: not those of the file it maps. Comes with TOUCHED only. */
export const DIRTY = 2;

export class Residence {
  readonly #state: Uint8Array;
  readonly #inChunk: Uint16Array;
  /** Pages touched. */
  count = 0;

  /** `state`: a byte for every page, all zero. */
  constructor(state: Uint8Array) {
    this.#state = state;
    this.#inChunk = new Uint16Array(Math.ceil(state.length / CHUNK));
  }
  /** State bits of the page at an address. */
  get(page: number): number {
    return this.#state[page / PAGE] as number;
  }
  set(page: number, bits: number): void {
    const n = page / PAGE;
    if (!this.#state[n]) {
      this.count++;
      this.#inChunk[(n / CHUNK) | 0]!++;
    }
    this.#state[n] = bits;
  }
  clear(page: number): void {
    const n = page / PAGE;
    if (!this.#state[n]) return;
    this.#state[n] = 0;
    this.count--;
    this.#inChunk[(n / CHUNK) | 0]!--;
  }
  /** Calls `each` for the runs of touched pages of one state in [start, end), as addresses. It may change the run's own state. */
  runs(start: number, end: number, each: (from: number, to: number, bits: number) => void): void {
    const state = this.#state;
    const last = end / PAGE;
    for (let p = start / PAGE; p < last; ) {
      const chunk = (p / CHUNK) | 0;
      if (!this.#inChunk[chunk]) {
        p = (chunk + 1) * CHUNK;
        continue;
      }
      const bits = state[p] as number;
      if (!bits) {
        p++;
        continue;
      }
      let q = p + 1;
      while (q < last && state[q] === bits) q++;
      each(p * PAGE, q * PAGE, bits);
      p = q;
    }
  }
  /** No page of [start, end) is touched. */
  isEmpty(start: number, end: number): boolean {
    let empty = true;
    this.runs(start, end, () => {
      empty = false;
    });
    return empty;
  }
}
