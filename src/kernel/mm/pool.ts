// The machine's memory, counted: what all address spaces and shared mappings have touched.

export class MemoryPool {
  /** Pages there are, and pages in use. */
  readonly limit: number;
  used = 0;
  /** Asked when nothing is left: frees memory by ending a program. False: the one that asks is to end itself. */
  onExhausted: () => boolean = () => false;

  constructor(bytes: number) {
    this.limit = Math.floor(bytes / 4096);
  }
  take(pages: number): boolean {
    while (this.used + pages > this.limit) if (!this.onExhausted()) return false;
    this.used += pages;
    return true;
  }
  give(pages: number): void {
    this.used -= pages;
  }
}
