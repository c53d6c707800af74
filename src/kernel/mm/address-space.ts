// An address space: its mappings, and the paging that makes them real. Pages of the linear memory become present when first touched; shared pages and what
// lies above the linear part are held here and served to the CPU's slow path.
import { EACCES, EEXIST, EFAULT, EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import { RLIMIT_AS, RLIMIT_STACK } from '../../abi/resource.ts';
import type { Cpu } from '../cpu.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { AnonymousPages, type Area, Areas } from './area.ts';

export const PAGE = 4096;
/** End of user space (47 bits, less the guard page). */
export const TASK_SIZE = 0x7fff_ffff_f000;
const STACK_GAP = 256 * PAGE;
/** What the layout leaves for the stack at most. */
const MOST_STACK = 64 * 1024 * 1024;

export const pageUp = (n: number): number => Math.ceil(n / PAGE) * PAGE;
export const pageDown = (n: number): number => Math.floor(n / PAGE) * PAGE;

export interface MapRequest {
  readonly address: number;
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
  readonly file?: OpenFile | undefined;
  readonly offset?: number;
  readonly name?: string;
}

export class AddressSpace {
  readonly cpu: Cpu;
  readonly areas = new Areas();
  /** Tasks that use it; the memory is given back with the last. */
  users = 1;
  brkStart = 0;
  brk = 0;
  stackLimit = 8 * 1024 * 1024;
  /** RLIMIT_AS and the machine's memory, in bytes. */
  limit = Number.POSITIVE_INFINITY;
  memoryLimit = Number.POSITIVE_INFINITY;
  /** Where exec put the program's arguments and environment, for /proc. */
  layout = {
    argStart: 0,
    argEnd: 0,
    envStart: 0,
    envEnd: 0,
    startCode: 0,
    endCode: 0,
    startStack: 0,
    auxv: new Uint8Array(0),
    vdso: 0,
    exe: undefined as OpenFile | undefined,
  };
  faults = { minor: 0, major: 0 };
  /** Linear pages that hold data of this space (a byte a page): what fork copies and unmapping zeroes. */
  readonly #touched = new Set<number>();
  /** Private pages above the linear part, by page number. */
  readonly #high = new Map<number, Uint8Array>();
  /** Why the last refused page was refused: SIGBUS behind a file's end, else by the mapping. */
  lastRefusal: 'unmapped' | 'rights' | 'bus' | 'memory' = 'unmapped';

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    cpu.onPageFault = (page, access) => this.fault(page, access);
  }
  /** Takes over RLIMIT_STACK and RLIMIT_AS. */
  setLimits(limits: readonly { readonly cur: number }[]): void {
    this.stackLimit = Math.min(limits[RLIMIT_STACK]?.cur ?? Number.POSITIVE_INFINITY, MOST_STACK);
    this.limit = limits[RLIMIT_AS]?.cur ?? Number.POSITIVE_INFINITY;
  }
  get resident(): number {
    return this.#touched.size + this.#high.size;
  }
  get size(): number {
    return this.areas.list.reduce((n, a) => n + (a.end - a.start), 0);
  }

  // --- paging
  fault(page: number, access: 'read' | 'write' | 'exec'): 'retry' | { readonly bytes: Uint8Array } | 0 | 1 {
    let area = this.areas.find(page);
    if (!area) area = this.#growStack(page);
    if (!area) {
      this.lastRefusal = 'unmapped';
      return 0;
    }
    const need =
      access === 'read' ? M.PROT_READ | M.PROT_WRITE | M.PROT_EXEC : access === 'write' ? M.PROT_WRITE : M.PROT_EXEC;
    if (!(area.prot & need)) {
      this.lastRefusal = 'rights';
      return this.#touched.has(page / PAGE) || this.#high.has(page / PAGE) ? 1 : 0;
    }
    if (area.shared) {
      const bytes = this.#sharedPage(area, page);
      if (!bytes) {
        this.lastRefusal = 'bus';
        return 0;
      }
      return { bytes };
    }
    const number = page / PAGE;
    if (page < this.cpu.guestEnd) {
      if (!this.#touched.has(number)) {
        if (this.resident * PAGE >= this.memoryLimit) {
          this.lastRefusal = 'memory';
          return 0;
        }
        if (!this.#fill(area, page, this.cpu.u8.subarray(page, page + PAGE))) {
          this.lastRefusal = 'bus';
          return 0;
        }
        this.#touched.add(number);
        this.faults.minor++;
      }
      this.cpu.protect(page, PAGE, area.prot);
      if (area.file && access !== 'write') this.#around(area, page);
      return 'retry';
    }
    let bytes = this.#high.get(number);
    if (!bytes) {
      bytes = new Uint8Array(PAGE);
      if (!this.#fill(area, page, bytes)) {
        this.lastRefusal = 'bus';
        return 0;
      }
      this.#high.set(number, bytes);
      this.faults.minor++;
    }
    return { bytes };
  }
  /** File pages next to one that was touched come along: programs read on. */
  #around(area: Area, page: number): void {
    for (let p = page + PAGE; p < Math.min(area.end, page + 16 * PAGE, this.cpu.guestEnd); p += PAGE) {
      if (this.#touched.has(p / PAGE) || !this.#fill(area, p, this.cpu.u8.subarray(p, p + PAGE))) return;
      this.#touched.add(p / PAGE);
      this.cpu.protect(p, PAGE, area.prot);
    }
  }
  #sharedPage(area: Area, page: number): Uint8Array | undefined {
    const index = (area.offset + page - area.start) / PAGE;
    return area.anonymous ? area.anonymous.page(index) : area.file?.page?.(index);
  }
  /** A word in memory that other address spaces may see too: what stands for its page, and its place there. */
  sharedWord(at: number): { readonly of: object; readonly at: number } | undefined {
    const area = this.areas.find(at);
    const of = area?.shared ? (area.anonymous ?? area.file?.inode) : undefined;
    return area && of && { of, at: area.offset + at - area.start };
  }
  /** A private page's first contents; linear memory is zero where nothing was. False behind the end of a file. */
  #fill(area: Area, page: number, into: Uint8Array): boolean {
    const file = area.file;
    if (!file) return true;
    const at = area.offset + page - area.start;
    const n = file.inode.pread(into, at);
    if (n instanceof Errno) return false;
    return n > 0 || at < file.inode.attributes().size;
  }
  /** The stack grows to where it is touched, down to its limit and not onto another mapping. */
  #growStack(page: number): Area | undefined {
    const area = this.areas.list[this.areas.after(page)];
    if (!area?.growsDown || area.start <= page) return undefined;
    if (area.end - page > this.stackLimit) return undefined;
    const below = this.areas.list[this.areas.after(page) - 1];
    if (below && !below.growsDown && below.prot !== 0 && page - below.end < STACK_GAP) return undefined;
    area.start = page;
    return area;
  }
  /** Pages of [start, end) forget their contents. */
  #discard(start: number, end: number): void {
    for (let p = start; p < Math.min(end, this.cpu.guestEnd); p += PAGE)
      if (this.#touched.delete(p / PAGE)) this.cpu.u8.fill(0, p, p + PAGE);
    if (end > this.cpu.guestEnd)
      for (const n of this.#high.keys()) if (n * PAGE >= start && n * PAGE < end) this.#high.delete(n);
  }
  #present(start: number, end: number, prot: number | 'none'): void {
    const to = Math.min(end, this.cpu.guestEnd);
    if (to > start) this.cpu.protect(start, to - start, prot);
  }

  // --- mapping
  /** Where a mapping would go: the address asked for if it must be that, else one chosen (mm/mmap.c, __get_unmapped_area). */
  place(address: number, length: number, flags: number): number | Errno {
    if (flags & (M.MAP_FIXED | M.MAP_FIXED_NOREPLACE)) {
      if (address > TASK_SIZE - length) return ENOMEM;
      if (address % PAGE) return EINVAL;
      if (flags & M.MAP_FIXED_NOREPLACE && this.areas.overlapping(address, address + length).length) return EEXIST;
      return address;
    }
    return this.#choose(pageDown(address), length, flags) ?? ENOMEM;
  }
  map(r: MapRequest): number | Errno {
    const length = pageUp(r.length);
    const type = r.flags & M.MAP_TYPE;
    const fixed = (r.flags & (M.MAP_FIXED | M.MAP_FIXED_NOREPLACE)) !== 0;
    const at = this.place(r.address, length, r.flags);
    if (at instanceof Errno) return at;
    if (this.size + length > this.limit) return ENOMEM;
    if (fixed) this.unmap(at, length);
    const shared = type !== M.MAP_PRIVATE;
    if (r.file) r.file.references++;
    this.areas.insert({
      start: at,
      end: at + length,
      prot: r.prot & 7,
      shared,
      file: r.file,
      offset: r.offset ?? 0,
      anonymous: shared && !r.file ? new AnonymousPages() : undefined,
      growsDown: (r.flags & M.MAP_GROWSDOWN) !== 0,
      name: r.name ?? '',
      noFork: false,
      wipeOnFork: false,
    });
    return at;
  }
  /** Top down below the stack, as Linux; what doesn't fit the linear part goes above it. */
  #choose(hint: number, length: number, flags: number): number | undefined {
    const low = this.cpu.guestStart;
    if (hint >= low && hint + length <= this.cpu.guestEnd && !this.areas.overlapping(hint, hint + length).length)
      return hint;
    const top = flags & M.MAP_32BIT ? 0x8000_0000 : this.mmapBase;
    return this.areas.gapBelow(length, low, top) ?? this.areas.gapBelow(length, 0x1_0000_0000, TASK_SIZE);
  }
  mmapBase = 0;

  unmap(start: number, length: number): void {
    const end = start + pageUp(length);
    const gone = this.areas.remove(start, end);
    if (!gone.length) return;
    for (const a of gone) {
      this.#present(a.start, a.end, 'none');
      this.#discard(a.start, a.end);
      if (a.file) this.#drop(a.file);
    }
  }
  #drop(file: OpenFile): void {
    if (--file.references === 0) file.release();
  }
  protect(start: number, length: number, prot: number): Errno | undefined {
    const end = start + pageUp(length);
    let at = start;
    for (const a of this.areas.overlapping(start, end)) {
      if (a.start > at) return ENOMEM;
      if (prot & M.PROT_WRITE && a.shared && a.file && (a.file.flags & 3) === 0) return EACCES;
      at = a.end;
    }
    if (at < end) return ENOMEM;
    this.areas.split(start);
    this.areas.split(end);
    for (const a of this.areas.overlapping(start, end)) {
      a.prot = prot & 7;
      // Present pages get the new rights, the others when they are touched.
      for (let p = a.start; p < Math.min(a.end, this.cpu.guestEnd); ) {
        if (a.shared || !this.#touched.has(p / PAGE)) {
          p += PAGE;
          continue;
        }
        let q = p + PAGE;
        while (q < a.end && this.#touched.has(q / PAGE)) q += PAGE;
        this.#present(p, q, prot & 7 ? prot & 7 : 'none');
        p = q;
      }
    }
    this.areas.mergeAround(start, end);
    return undefined;
  }
  /** MADV_DONTNEED: private pages become what they were at first. */
  dontNeed(start: number, length: number): Errno | undefined {
    const end = start + pageUp(length);
    let at = start;
    let hole = false;
    for (const a of this.areas.overlapping(start, end)) {
      if (a.start > at) hole = true;
      at = a.end;
      if (a.shared) continue;
      const [from, to] = [Math.max(start, a.start), Math.min(end, a.end)];
      this.#present(from, to, 'none');
      this.#discard(from, to);
    }
    return hole || at < end ? ENOMEM : undefined;
  }
  isMapped(start: number, end: number): boolean {
    let at = start;
    for (const a of this.areas.overlapping(start, end)) {
      if (a.start > at) return false;
      at = a.end;
    }
    return at >= end;
  }
  isResident(page: number): boolean {
    return this.#touched.has(page / PAGE) || this.#high.has(page / PAGE);
  }

  remap(old: number, oldLength: number, newLength: number, flags: number, to: number): number | Errno {
    const oldSize = pageUp(oldLength);
    const newSize = pageUp(newLength);
    const area = this.areas.find(old);
    if (!area) return EFAULT;
    if (newSize <= oldSize && !(flags & (M.MREMAP_FIXED | M.MREMAP_DONTUNMAP))) {
      if (newSize < oldSize) this.unmap(old + newSize, oldSize - newSize);
      return old;
    }
    if (oldSize !== 0 && old + oldSize > area.end) return EFAULT;
    const fixed = (flags & M.MREMAP_FIXED) !== 0;
    if (
      !fixed &&
      !(flags & M.MREMAP_DONTUNMAP) &&
      old + oldSize === area.end &&
      !this.areas.overlapping(area.end, old + newSize).length &&
      old + newSize <= this.cpu.guestEnd &&
      oldSize
    ) {
      area.end = old + newSize;
      return old;
    }
    if (!(flags & M.MREMAP_MAYMOVE)) return ENOMEM;
    const made = this.map({
      address: fixed ? to : 0,
      length: newSize,
      prot: area.prot,
      flags: (area.shared ? M.MAP_SHARED : M.MAP_PRIVATE) | (fixed ? M.MAP_FIXED : 0),
      file: area.file,
      offset: area.offset + old - area.start,
    });
    if (made instanceof Errno) return made;
    const target = this.areas.find(made) as Area;
    if (area.anonymous) this.#replaceAnonymous(target, area);
    else if (!area.shared) this.#movePages(old, made, Math.min(oldSize, newSize));
    if (flags & M.MREMAP_DONTUNMAP) this.dontNeed(old, oldSize);
    else if (oldSize) this.unmap(old, oldSize);
    return made;
  }
  #replaceAnonymous(target: Area, from: Area): void {
    const i = this.areas.list.indexOf(target);
    this.areas.list[i] = { ...target, anonymous: from.anonymous };
  }
  #movePages(from: number, to: number, length: number): void {
    for (let at = 0; at < length; at += PAGE) {
      const source = this.pageBytes(from + at);
      if (!source) continue;
      const n = (to + at) / PAGE;
      if (to + at < this.cpu.guestEnd) {
        this.cpu.u8.set(source, to + at);
        this.#touched.add(n);
      } else this.#high.set(n, source.slice());
    }
  }
  /** A private page that was touched. */
  pageBytes(page: number): Uint8Array | undefined {
    if (this.#touched.has(page / PAGE)) return this.cpu.u8.subarray(page, page + PAGE);
    return this.#high.get(page / PAGE);
  }

  /** brk: moves the end of the heap; where it can't, the old end. */
  setBrk(to: number): number {
    if (to < this.brkStart) return this.brk;
    const old = pageUp(this.brk);
    const next = pageUp(to);
    if (next > old) {
      if (
        this.areas.overlapping(old, next + PAGE).length ||
        next > this.cpu.guestEnd ||
        this.size + next - old > this.limit
      )
        return this.brk;
      this.areas.insert({
        start: old,
        end: next,
        prot: 3,
        shared: false,
        file: undefined,
        offset: 0,
        anonymous: undefined,
        growsDown: false,
        name: '[heap]',
        noFork: false,
        wipeOnFork: false,
      });
    } else if (next < old) this.unmap(next, old - next);
    this.brk = to;
    return to;
  }

  /** A copy for fork on another CPU: private pages that were touched are copied, shared ones stay shared. */
  fork(cpu: Cpu): AddressSpace {
    const child = new AddressSpace(cpu);
    child.brkStart = this.brkStart;
    child.brk = this.brk;
    child.stackLimit = this.stackLimit;
    child.limit = this.limit;
    child.memoryLimit = this.memoryLimit;
    child.mmapBase = this.mmapBase;
    child.layout = { ...this.layout };
    if (this.layout.exe) this.layout.exe.references++;
    for (const a of this.areas.list) {
      if (a.noFork) continue;
      if (a.file) a.file.references++;
      child.areas.list.push({ ...a });
      if (a.shared || a.wipeOnFork) continue;
      const end = Math.min(a.end, this.cpu.guestEnd);
      for (let p = a.start; p < end; p += PAGE) {
        if (!this.#touched.has(p / PAGE)) continue;
        let q = p + PAGE;
        while (q < end && this.#touched.has(q / PAGE)) q += PAGE;
        cpu.u8.set(this.cpu.u8.subarray(p, q), p);
        for (let x = p; x < q; x += PAGE) child.#touched.add(x / PAGE);
        if (a.prot) cpu.protect(p, q - p, a.prot);
        p = q;
      }
    }
    for (const [n, bytes] of this.#high) child.#high.set(n, bytes.slice());
    return child;
  }
  /** Its last task is gone: files are let go. What lies in the memory stays until `clean`. */
  release(): void {
    for (const a of this.areas.list) if (a.file) this.#drop(a.file);
    this.areas.list = [];
    if (this.layout.exe) this.#drop(this.layout.exe);
    this.layout.exe = undefined;
  }
  /** After `release`: makes the CPU's memory zero again, ready for another address space. */
  clean(): Cpu {
    for (const n of this.#touched) this.cpu.u8.fill(0, n * PAGE, (n + 1) * PAGE);
    this.#touched.clear();
    this.#high.clear();
    this.cpu.recycle();
    return this.cpu;
  }
}
