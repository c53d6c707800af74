// A file's bytes: those of the host's file below until something is written, then a page map of our own.
import { EFBIG, ENOSPC, type Errno } from '../../../abi/errno.ts';
import type { HostFile } from '../../../host/host.ts';

const PAGE = 4096;
const MAX_SIZE = 0x7fff_ffff_ffff_f000;

export class Contents {
  /** The lower file, read where no page of ours is; up to `lowerSize`. */
  #lower: HostFile | undefined;
  #lowerSize = 0;
  readonly #pages = new Map<number, Uint8Array>();
  size = 0;
  /** Pages handed out to shared mappings: their owner may change them at any time. */
  constructor(lower?: { file: HostFile; size: number }) {
    if (!lower) return;
    this.#lower = lower.file;
    this.#lowerSize = this.size = lower.size;
  }
  get pages(): number {
    return this.#pages.size;
  }
  #lowerInto(into: Uint8Array, at: number): void {
    let done = 0;
    while (this.#lower && done < into.length && at + done < this.#lowerSize) {
      const n = this.#lower.pread(into.subarray(done, Math.min(into.length, this.#lowerSize - at)), at + done);
      if (n <= 0) break;
      done += n;
    }
    into.fill(0, done);
  }
  read(into: Uint8Array, at: number): number | Errno {
    const n = Math.max(0, Math.min(into.length, this.size - at));
    for (let done = 0; done < n; ) {
      const index = Math.floor((at + done) / PAGE);
      const from = at + done - index * PAGE;
      let m = Math.min(n - done, PAGE - from);
      const page = this.#pages.get(index);
      if (page) into.set(page.subarray(from, from + m), done);
      else {
        // A run of pages that only the lower file has goes in one read.
        while (done + m < n && !this.#pages.has(Math.floor((at + done + m) / PAGE))) m = Math.min(n - done, m + PAGE);
        this.#lowerInto(into.subarray(done, done + m), at + done);
      }
      done += m;
    }
    return n;
  }
  page(index: number): Uint8Array {
    let p = this.#pages.get(index);
    if (!p) {
      p = new Uint8Array(PAGE);
      this.#lowerInto(p, index * PAGE);
      this.#pages.set(index, p);
    }
    return p;
  }
  write(from: Uint8Array, at: number): number | Errno {
    if (at + from.length > MAX_SIZE) return EFBIG;
    try {
      for (let done = 0; done < from.length; ) {
        const index = Math.floor((at + done) / PAGE);
        const to = at + done - index * PAGE;
        const m = Math.min(from.length - done, PAGE - to);
        this.page(index).set(from.subarray(done, done + m), to);
        done += m;
      }
    } catch (e) {
      if (e instanceof RangeError) return ENOSPC;
      throw e;
    }
    this.size = Math.max(this.size, at + from.length);
    return from.length;
  }
  truncate(size: number): Errno | undefined {
    if (size > MAX_SIZE) return EFBIG;
    if (size < this.size) {
      const keep = Math.ceil(size / PAGE);
      for (const i of [...this.#pages.keys()]) if (i >= keep) this.#pages.delete(i);
      this.#lowerSize = Math.min(this.#lowerSize, size);
      if (size % PAGE) {
        const last = this.page(Math.floor(size / PAGE));
        last.fill(0, size % PAGE);
      }
    }
    this.size = size;
    return undefined;
  }
  /** Makes a hole read as zeros (fallocate's PUNCH_HOLE). */
  zero(at: number, length: number): void {
    for (let p = at; p < Math.min(at + length, this.size); ) {
      const index = Math.floor(p / PAGE);
      const end = Math.min((index + 1) * PAGE, at + length);
      this.page(index).fill(0, p - index * PAGE, end - index * PAGE);
      p = end;
    }
  }
  close(): void {
    this.#lower?.close();
    this.#lower = undefined;
  }
}
