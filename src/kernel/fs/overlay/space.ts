// The memory that files may take, out of the machine's.

/** The machine's pages: what there are, and what is in use. */
export interface Pages {
  readonly limit: number;
  used: number;
}
export class FileSpace {
  readonly #pool: Pages;
  /** Pages that files may have: half of the machine's, as a tmpfs takes by default. */
  readonly limit: number;
  used = 0;
  constructor(pool: Pages) {
    this.#pool = pool;
    this.limit = Math.floor(pool.limit / 2);
  }
  /** One more page; false where the file system or the machine is full. */
  take(): boolean {
    if (this.used >= this.limit || this.#pool.used >= this.#pool.limit) return false;
    this.used++;
    this.#pool.used++;
    return true;
  }
  /** One that is there already, whatever the limits say. */
  force(): void {
    this.used++;
    this.#pool.used++;
  }
  give(pages: number): void {
    this.used -= pages;
    this.#pool.used -= pages;
  }
  get free(): number {
    return Math.max(0, Math.min(this.limit - this.used, this.#pool.limit - this.#pool.used));
  }
}
