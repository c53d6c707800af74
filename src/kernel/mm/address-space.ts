// An address space: its mappings, and the paging that makes them real. Pages of the linear memory become present when first touched; shared pages and what
// lies outside the linear part are held here and served to the CPU's slow path.
import { EACCES, EEXIST, EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_STACK } from '../../abi/resource.ts';
import { S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { zero } from '../../bits/zero.ts';
import type { Cpu } from '../cpu.ts';
import { type OpenFile, tellWatchers } from '../fs/vfs.ts';
import { AnonymousPages, type Area, Areas, GROWS_DOWN, LOCKED, NO_RESERVE } from './area.ts';
import { MemoryPool } from './pool.ts';
import { DIRTY, Residence, TOUCHED } from './residence.ts';

export const PAGE = 4096;
/** End of user space (47 bits, less the guard page). */
export const TASK_SIZE = 0x7fff_ffff_f000;
/** Where mappings end that don't fit the linear part: what Linux calls mmap_base. */
const HIGH_TOP = 0x7fff_f7ff_f000;
const NOTHING: Uint8Array = new Uint8Array(0);
const STACK_GAP = 256 * PAGE;
/** /proc/sys/vm/max_map_count */
export const MAX_MAP_COUNT = 65530;
/** Pages of a file that come along with one that was touched; and anonymous ones, where a program goes through memory in order. */
const AROUND = 16;

export const pageUp = (n: number): number => Math.ceil(n / PAGE) * PAGE;
export const pageDown = (n: number): number => Math.floor(n / PAGE) * PAGE;

export interface MapRequest {
  readonly address: number;
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
  readonly file?: OpenFile | undefined;
  readonly offset?: number;
  /** Rights mprotect may give later; default all. */
  readonly may?: number;
  readonly name?: string;
}
type Access = 'read' | 'write' | 'exec';
/** An access is allowed by any of these rights: what can be written or executed can be read on this CPU. */
const NEEDS = {
  read: M.PROT_READ | M.PROT_WRITE | M.PROT_EXEC,
  write: M.PROT_WRITE,
  exec: M.PROT_EXEC,
} as const;

/** A shared mapping of a file that nobody can write through one: its pages need not be the file's own, as long as they follow it. */
const isSteady = (a: Area): boolean =>
  a.file !== undefined &&
  !(a.may & M.PROT_WRITE) &&
  (a.file.inode.attributes().mode & S_IFMT) === S_IFREG &&
  ![...(a.file.inode.watchers ?? [])].some((w) => w.writes((a.file as OpenFile).inode));

export class AddressSpace {
  readonly cpu: Cpu;
  readonly pool: MemoryPool;
  readonly areas = new Areas();
  /** Tasks that use it; the memory is given back with the last. */
  users = 1;
  brkStart = 0;
  brk = 0;
  /** Top of what mmap chooses from in the linear part. */
  mmapBase = 0;
  /** Traits of mappings to come: LOCKED after mlockall(MCL_FUTURE). */
  futureTraits = 0;
  /** Commands that membarrier was registered for. */
  barriers = 0;
  /** RLIMIT_* by number, as the process has them. */
  limits: readonly { readonly cur: number }[] = [];
  /** Where exec put the program's arguments and environment, for /proc. */
  layout = {
    argStart: 0,
    argEnd: 0,
    envStart: 0,
    envEnd: 0,
    startCode: 0,
    endCode: 0,
    startData: 0,
    endData: 0,
    startStack: 0,
    auxv: new Uint8Array(0),
    vdso: 0,
    exe: undefined as OpenFile | undefined,
  };
  faults = { minor: 0, major: 0 };
  /** The most bytes that were mapped, and pages that were touched, at one time. */
  peak = { size: 0, resident: 0 };
  /** Linear pages that hold data of this space. */
  readonly residence: Residence;
  /** Private pages outside the linear part, by page number. */
  readonly high = new Map<number, Uint8Array>();
  /** Why the last refused page was refused: SIGBUS behind a file's end, else by the mapping. */
  lastRefusal: 'unmapped' | 'rights' | 'bus' | 'memory' = 'unmapped';
  /** The paged page that was served last, with the rights it was served by. */
  readonly #last = { page: -1, prot: 0, bytes: NOTHING };
  /** Anonymous pages touched one behind the other so far. */
  readonly #streak = { next: -1, length: 0 };
  /** Watches the files it maps, so that private pages not yet written follow them. */
  readonly #watcher = {
    contentsChanged: (file: object, from: number, to: number) => this.#follow(file, from, to),
    writes: (file: object) => this.areas.list.some((a) => a.shared && a.file?.inode === file && a.may & M.PROT_WRITE),
  };

  constructor(cpu: Cpu, pool = new MemoryPool(Number.POSITIVE_INFINITY)) {
    this.cpu = cpu;
    this.pool = pool;
    this.residence = new Residence(cpu.pageState);
    cpu.onPageFault = (page, access) => this.fault(page, access);
  }
  get resident(): number {
    return this.residence.count + this.high.size;
  }
  get size(): number {
    return this.areas.size;
  }
  isLinear(page: number): boolean {
    return page >= this.cpu.guestStart && page < this.cpu.guestEnd;
  }
  limit(which: number): number {
    return this.limits[which]?.cur ?? Number.POSITIVE_INFINITY;
  }

  // --- paging
  fault(page: number, access: Access): 'retry' | { readonly bytes: Uint8Array } | 0 | 1 {
    if (page === this.#last.page && this.#last.prot & NEEDS[access]) return this.#last;
    const area = this.areas.find(page) ?? this.#growStack(page);
    if (!area) return this.#refuse('unmapped', 0);
    if (!(area.prot & NEEDS[access])) return this.#refuse('rights', area.prot !== 0 && this.isResident(page) ? 1 : 0);
    if (area.shared && !(this.isLinear(page) && isSteady(area))) {
      const bytes = this.#sharedPage(area, page);
      return bytes ? this.#serve(page, area, bytes) : 0;
    }
    if (this.isLinear(page)) return this.#touchLinear(area, page, access);
    let bytes = this.high.get(page / PAGE);
    if (!bytes) {
      if (!this.pool.take(1)) return this.#refuse('memory', 0);
      bytes = new Uint8Array(PAGE);
      if (!this.#fill(area, page, bytes)) {
        this.pool.give(1);
        return this.#refuse('bus', 0);
      }
      this.high.set(page / PAGE, bytes);
      area.written = true;
      this.faults.minor++;
    }
    return this.#serve(page, area, bytes);
  }
  #refuse(why: AddressSpace['lastRefusal'], present: 0 | 1): 0 | 1 {
    this.lastRefusal = why;
    return present;
  }
  #serve(page: number, area: Area, bytes: Uint8Array): { readonly bytes: Uint8Array } {
    this.#last.page = page;
    this.#last.prot = area.prot;
    this.#last.bytes = bytes;
    return this.#last;
  }
  #touchLinear(area: Area, page: number, access: Access): 'retry' | 0 {
    const { residence, cpu } = this;
    const state = residence.get(page);
    if (!state && area.file && access !== 'write') return this.#readIn(area, area.file, page);
    const dirty = !area.file || (access === 'write' && !area.shared) || (state & DIRTY) !== 0;
    if (!state) {
      if (!this.pool.take(1)) return this.#refuse('memory', 0) as 0;
      if (!this.#fill(area, page, cpu.u8.subarray(page, page + PAGE))) {
        this.pool.give(1);
        return this.#refuse('bus', 0) as 0;
      }
      this.faults.minor++;
    }
    if (dirty) area.written = true;
    residence.set(page, dirty ? TOUCHED | DIRTY : TOUCHED);
    cpu.protect(page, PAGE, dirty ? area.prot : area.prot & ~M.PROT_WRITE);
    if (!state && !area.file) this.#ahead(area, page);
    return 'retry';
  }
  /** A page of a file that is read or run, and those behind it that aren't there: programs read on. */
  #readIn(area: Area, { inode }: OpenFile, page: number): 'retry' | 0 {
    const { residence, cpu } = this;
    const most = Math.min(area.end, page + (AROUND + 1) * PAGE, cpu.guestEnd);
    let to = page + PAGE;
    while (to < most && !residence.get(to)) to += PAGE;
    if (this.pool.used + (to - page) / PAGE > this.pool.limit) to = page + PAGE;
    const pages = (to - page) / PAGE;
    if (!this.pool.take(pages)) return this.#refuse('memory', 0) as 0;
    const at = area.offset + page - area.start;
    const n = inode.pread(cpu.u8.subarray(page, to), at);
    if (n instanceof Errno || (n === 0 && at >= inode.attributes().size)) {
      this.pool.give(pages);
      return this.#refuse('bus', 0) as 0;
    }
    const got = Math.max(1, Math.ceil(n / PAGE));
    this.pool.give(pages - got);
    this.faults.minor++;
    for (let i = 0; i < got; i++) residence.set(page + i * PAGE, TOUCHED);
    cpu.protect(page, got * PAGE, area.prot & ~M.PROT_WRITE);
    return 'retry';
  }
  /** A program that touches fresh memory page after page is given some at once. */
  #ahead(area: Area, page: number): void {
    const s = this.#streak;
    s.length = page === s.next ? s.length + 1 : 0;
    s.next = page + PAGE;
    if (s.length < AROUND) return;
    const most = Math.min(area.end, page + 4 * AROUND * PAGE, this.cpu.guestEnd);
    let to = page + PAGE;
    while (to < most && !this.residence.get(to)) to += PAGE;
    const pages = (to - page) / PAGE - 1;
    if (pages <= 0 || this.pool.used + pages > this.pool.limit || !this.pool.take(pages)) return;
    for (let p = page + PAGE; p < to; p += PAGE) this.residence.set(p, TOUCHED | DIRTY);
    this.cpu.protect(page + PAGE, pages * PAGE, area.prot);
    s.next = to;
  }
  #sharedPage(area: Area, page: number): Uint8Array | undefined {
    const index = (area.offset + page - area.start) / PAGE;
    const bytes = area.anonymous
      ? area.anonymous.page(index, () => this.pool.take(1))
      : (area.file?.page?.(index) ?? undefined);
    if (!bytes) this.#refuse(area.anonymous ? 'memory' : 'bus', 0);
    return bytes;
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
    const i = this.areas.after(page);
    const area = this.areas.list[i];
    if (!area || !(area.traits & GROWS_DOWN) || area.start <= page || page < M.MMAP_MIN_ADDR) return undefined;
    if (area.end - page > this.limit(RLIMIT_STACK)) return undefined;
    if (this.size + area.start - page > this.limit(RLIMIT_AS)) return undefined;
    const below = this.areas.list[i - 1];
    if (below && !(below.traits & GROWS_DOWN) && below.prot !== 0 && page - below.end < STACK_GAP) return undefined;
    this.areas.extend(area, page, area.end);
    return area;
  }
  /** Clean private pages of a file forget what they read of it when it changes; behind its end, dirty ones are lost too. */
  #follow(inode: object, from: number, to: number): void {
    for (const a of this.areas.list) {
      if (a.file?.inode !== inode) continue;
      const start = Math.max(a.start, a.start + pageDown(from) - a.offset);
      const end = Math.min(a.end, a.start + pageUp(to) - a.offset);
      if (start >= end) continue;
      this.#last.page = -1;
      const size = a.file.inode.attributes().size;
      const lost = Math.max(start, a.start + pageUp(size) - a.offset);
      this.discard(start, Math.min(end, lost), TOUCHED);
      if (lost < end) this.discard(lost, end);
    }
  }

  // --- pages in bulk
  /** Pages of [start, end) forget their contents and aren't present; `only`: those of this state. */
  discard(start: number, end: number, only?: number): void {
    this.#last.page = -1;
    const { cpu, residence } = this;
    residence.runs(Math.max(start, cpu.guestStart), Math.min(end, cpu.guestEnd), (from, to, bits) => {
      if (only !== undefined && bits !== only) return;
      cpu.protect(from, to - from, 'none');
      zero(cpu.u8, from, to);
      for (let p = from; p < to; p += PAGE) residence.clear(p);
      this.pool.give((to - from) / PAGE);
    });
    if (this.high.size === 0 || only !== undefined) return;
    for (const n of this.#highPages(start, end)) if (this.high.delete(n)) this.pool.give(1);
  }
  /** Numbers of the private pages outside the linear part in [start, end): by whichever is shorter, the range or the map. */
  #highPages(start: number, end: number): number[] {
    const [from, to] = [start / PAGE, end / PAGE];
    if (to - from > this.high.size) return [...this.high.keys()].filter((n) => n >= from && n < to);
    const out: number[] = [];
    for (let n = from; n < to; n++) if (this.high.has(n)) out.push(n);
    return out;
  }
  /** Pages that are present get an area's rights; the others will when they are touched. */
  #apply(start: number, end: number, prot: number): void {
    this.#last.page = -1;
    const { cpu } = this;
    this.residence.runs(Math.max(start, cpu.guestStart), Math.min(end, cpu.guestEnd), (from, to, bits) => {
      const rights = (bits & DIRTY ? prot : prot & ~M.PROT_WRITE) & 7;
      cpu.protect(from, to - from, rights || 'none');
    });
  }
  /** Contents of private pages of [from, from + length) go to another address of this space. */
  movePages(from: number, to: number, length: number): void {
    this.#last.page = -1;
    const { cpu, residence } = this;
    const target = this.areas.find(to);
    const arrive = (page: number, bytes: Uint8Array, bits: number): void => {
      if (!this.isLinear(page)) {
        this.high.set(page / PAGE, bytes.slice());
        return;
      }
      cpu.invalidate(page, PAGE);
      cpu.u8.set(bytes, page);
      residence.set(page, bits);
      const prot = (target?.prot ?? 0) & (bits & DIRTY ? 7 : ~M.PROT_WRITE & 7);
      cpu.protect(page, PAGE, prot || 'none');
    };
    residence.runs(Math.max(from, cpu.guestStart), Math.min(from + length, cpu.guestEnd), (start, end, bits) => {
      for (let p = start; p < end; p += PAGE) {
        arrive(to + p - from, cpu.u8.subarray(p, p + PAGE), bits);
        residence.clear(p);
      }
      cpu.protect(start, end - start, 'none');
      zero(cpu.u8, start, end);
    });
    if (this.high.size === 0) return;
    for (const n of this.#highPages(from, from + length)) {
      const bytes = this.high.get(n);
      this.high.delete(n);
      if (bytes) arrive(to + n * PAGE - from, bytes, TOUCHED | DIRTY);
    }
  }
  /** A page has contents in memory. */
  isResident(page: number): boolean {
    return this.isLinear(page) ? this.residence.get(page) !== 0 : this.high.has(page / PAGE);
  }
  /** A private page that was touched. */
  pageBytes(page: number): Uint8Array | undefined {
    if (!this.isLinear(page)) return this.high.get(page / PAGE);
    return this.residence.get(page) ? this.cpu.u8.subarray(page, page + PAGE) : undefined;
  }

  // --- mapping
  /** Where a mapping would go: the address asked for if it must be that, else one chosen (mm/mmap.c, __get_unmapped_area). */
  place(address: number, length: number, flags: number): number | Errno {
    if (flags & (M.MAP_FIXED | M.MAP_FIXED_NOREPLACE)) {
      if (address > TASK_SIZE - length) return ENOMEM;
      if (address % PAGE) return EINVAL;
      if (flags & M.MAP_FIXED_NOREPLACE && !this.areas.isFree(address, address + length)) return EEXIST;
      return address;
    }
    return this.#choose(pageDown(address), length, flags) ?? ENOMEM;
  }
  /** Top down below the stack, as Linux; what doesn't fit the linear part goes above it. */
  #choose(hint: number, length: number, flags: number): number | undefined {
    const { guestStart, guestEnd } = this.cpu;
    const fits = (low: number, high: number): boolean =>
      hint >= low && hint + length <= high && this.areas.isFree(hint, hint + length);
    const top = flags & M.MAP_32BIT ? Math.min(0x8000_0000, this.mmapBase) : this.mmapBase;
    if (fits(guestStart, flags & M.MAP_32BIT ? 0x8000_0000 : guestEnd)) return hint;
    const linear = this.areas.gapBelow(length, guestStart, top);
    if (linear !== undefined || flags & M.MAP_32BIT) return linear;
    // The program's stack may keep the space above mmapBase, but nothing else needs it.
    if (fits(2 ** 32, TASK_SIZE)) return hint;
    return this.areas.gapBelow(length, 2 ** 32, HIGH_TOP);
  }
  /** Limits on what is mapped: of the process, and of the machine for memory that will be written. */
  mayExpand(length: number, prot: number, shared: boolean, traits: number): boolean {
    if (this.size + length > this.limit(RLIMIT_AS)) return false;
    if (this.areas.list.length >= MAX_MAP_COUNT) return false;
    if (shared || !(prot & M.PROT_WRITE)) return true;
    if (!(traits & NO_RESERVE) && length > this.pool.limit * PAGE) return false;
    const data = this.limit(RLIMIT_DATA);
    return data === Number.POSITIVE_INFINITY || this.dataSize + length <= data;
  }
  /** Bytes of private writable mappings that aren't stacks. */
  get dataSize(): number {
    let n = 0;
    for (const a of this.areas.list)
      if (!a.shared && a.prot & M.PROT_WRITE && !(a.traits & GROWS_DOWN)) n += a.end - a.start;
    return n;
  }
  get lockedSize(): number {
    let n = 0;
    for (const a of this.areas.list) if (a.traits & LOCKED) n += a.end - a.start;
    return n;
  }
  mayLock(more: number): boolean {
    return this.lockedSize + more <= this.limit(RLIMIT_MEMLOCK);
  }
  map(r: MapRequest): number | Errno {
    const length = pageUp(r.length);
    const fixed = (r.flags & (M.MAP_FIXED | M.MAP_FIXED_NOREPLACE)) !== 0;
    const at = this.place(r.address, length, r.flags);
    if (at instanceof Errno) return at;
    const shared = (r.flags & M.MAP_TYPE) !== M.MAP_PRIVATE;
    const traits =
      (r.flags & M.MAP_GROWSDOWN ? GROWS_DOWN : 0) |
      (r.flags & M.MAP_NORESERVE ? NO_RESERVE : 0) |
      (r.flags & M.MAP_LOCKED ? LOCKED : this.futureTraits);
    let replaced = 0;
    if (fixed)
      for (const a of this.areas.overlapping(at, at + length))
        replaced += Math.min(a.end, at + length) - Math.max(a.start, at);
    if (!this.mayExpand(length - replaced, r.prot, shared, traits)) return ENOMEM;
    if (replaced) this.unmap(at, length);
    this.insert({
      start: at,
      end: at + length,
      prot: r.prot & 7,
      may: r.may ?? 7,
      shared,
      file: r.file,
      offset: r.offset ?? 0,
      anonymous: shared && !r.file ? new AnonymousPages() : undefined,
      traits,
      written: false,
      name: r.name ?? '',
    });
    if (r.flags & M.MAP_POPULATE || traits & LOCKED) this.populate(at, at + length);
    return at;
  }
  /** Puts an area into free space: a moved or copied one. */
  insert(a: Area): void {
    this.#use(a);
    this.areas.insert(a);
    this.peak.size = Math.max(this.peak.size, this.size);
  }
  /** Adds an area above all others: fork copies them in order. */
  append(a: Area): void {
    this.#use(a);
    this.areas.list.push(a);
    this.areas.size += a.end - a.start;
  }
  /** Takes over whole pages, copied: they are this space's own now. */
  adopt(at: number, bytes: Uint8Array, prot: number): void {
    const pages = bytes.length / PAGE;
    this.pool.used += pages;
    if (!this.isLinear(at)) {
      this.high.set(at / PAGE, bytes.slice());
      return;
    }
    this.cpu.u8.set(bytes, at);
    for (let p = at; p < at + bytes.length; p += PAGE) this.residence.set(p, TOUCHED | DIRTY);
    if (prot) this.cpu.protect(at, bytes.length, prot);
  }
  /** Maps pages that have a life of their own (shmat) into free space. */
  attach(pages: AnonymousPages, start: number, length: number, how: Pick<Area, 'prot' | 'may' | 'name'>): void {
    if (!this.areas.isFree(start, start + length)) this.unmap(start, length);
    this.insert({
      ...how,
      start,
      end: start + length,
      shared: true,
      file: undefined,
      offset: 0,
      anonymous: pages,
      traits: 0,
      written: false,
    });
  }
  /** Shows another part of what an area maps in [start, start + length). */
  mapAgain(area: Area, start: number, length: number, offset: number): void {
    const again: Area = { ...area, start, end: start + length, offset };
    // Taken before the old part goes, which may be the last to hold it.
    this.#use(again);
    this.unmap(start, length);
    this.areas.insert(again);
  }
  #use(a: Area): void {
    if (a.anonymous) a.anonymous.references++;
    if (!a.file) return;
    a.file.references++;
    const { inode } = a.file;
    // Who has read the file's pages through a shared mapping of its own sees writing from now on.
    if (a.shared && a.may & M.PROT_WRITE) tellWatchers(inode, 0, Number.MAX_SAFE_INTEGER);
    inode.watchers ??= new Set();
    inode.watchers.add(this.#watcher);
  }
  #unuse(a: Area): void {
    if (a.anonymous && --a.anonymous.references === 0) this.pool.give(a.anonymous.size);
    if (!a.file) return;
    const { inode } = a.file;
    if (!this.areas.list.some((b) => b.file?.inode === inode)) inode.watchers?.delete(this.#watcher);
    this.#drop(a.file);
  }
  /** Touches what is mapped of [start, end), as if each page had been used; stops where it can't. */
  populate(start: number, end: number): boolean {
    for (const a of this.areas.overlapping(start, end)) {
      if (!a.prot) continue;
      const access = a.prot & M.PROT_WRITE && !a.shared ? 'write' : a.prot === M.PROT_EXEC ? 'exec' : 'read';
      for (let p = Math.max(start, a.start); p < Math.min(end, a.end); p += PAGE)
        if (!this.isResident(p) && typeof this.fault(p, access) === 'number') return false;
    }
    return true;
  }
  unmap(start: number, length: number): void {
    const end = start + pageUp(length);
    const gone = this.areas.remove(start, end);
    for (const a of gone) {
      this.discard(a.start, a.end);
      this.#unuse(a);
    }
    this.#last.page = -1;
  }
  #drop(file: OpenFile): void {
    if (--file.references === 0) file.release();
  }
  /** mprotect: area by area from `start` on, so that what comes before an error has changed. */
  protect(start: number, end: number, prot: number): Errno | undefined {
    let at = start;
    let error: Errno | undefined;
    for (const a of this.areas.overlapping(start, end)) {
      if (a.start > at) break;
      const to = Math.min(a.end, end);
      if (prot & ~a.may & 7) {
        error = EACCES;
        break;
      }
      const writes = prot & M.PROT_WRITE && !(a.prot & M.PROT_WRITE) && !a.shared && !(a.traits & NO_RESERVE);
      if (writes && to - at > this.pool.limit * PAGE) {
        error = ENOMEM;
        break;
      }
      this.areas.split(at);
      this.areas.split(to);
      const piece = this.areas.find(at) as Area;
      piece.prot = prot & 7;
      this.#apply(at, to, prot & 7);
      at = to;
    }
    this.#last.page = -1;
    this.areas.mergeAround(start, end);
    return error ?? (at < end ? ENOMEM : undefined);
  }
  /** Changes traits of [start, end): sets some bits, clears others. */
  setTraits(start: number, end: number, set: number, clear: number): void {
    this.areas.split(start);
    this.areas.split(end);
    for (const a of this.areas.overlapping(start, end)) a.traits = (a.traits & ~clear) | set;
    this.areas.mergeAround(start, end);
  }

  /** brk: moves the end of the heap; where it can't, the old end (mm/mmap.c). */
  setBrk(to: number): number {
    if (to < this.brkStart) return this.brk;
    const data = this.layout.endData - this.layout.startData;
    if (to - this.brkStart + data > this.limit(RLIMIT_DATA)) return this.brk;
    const old = pageUp(this.brk);
    const next = pageUp(to);
    if (next > old) {
      const above = this.areas.list[this.areas.after(old)];
      const gap = above && above.traits & GROWS_DOWN ? STACK_GAP : 0;
      if (above && next + PAGE > above.start - gap) return this.brk;
      if (next > this.cpu.guestEnd || !this.mayExpand(next - old, 3, false, 0)) return this.brk;
      this.areas.insert({
        start: old,
        end: next,
        prot: M.PROT_READ | M.PROT_WRITE,
        may: 7,
        shared: false,
        file: undefined,
        offset: 0,
        anonymous: undefined,
        traits: this.futureTraits,
        written: false,
        name: '[heap]',
      });
      this.peak.size = Math.max(this.peak.size, this.size);
      if (this.futureTraits & LOCKED) this.populate(old, next);
    } else if (next < old) this.unmap(next, old - next);
    this.brk = to;
    return to;
  }

  /** Its last task is gone: files are let go. What lies in the memory stays until `clean`. */
  release(): void {
    const gone = this.areas.list;
    this.areas.list = [];
    this.areas.size = 0;
    for (const a of gone) this.#unuse(a);
    if (this.layout.exe) this.#drop(this.layout.exe);
    this.layout.exe = undefined;
    this.pool.give(this.resident);
    this.high.clear();
  }
  /** After `release`: makes the CPU's memory zero again, ready for another address space. */
  clean(): Cpu {
    const { cpu, residence } = this;
    cpu.recycle();
    residence.runs(cpu.guestStart, cpu.guestEnd, (from, to) => {
      cpu.protect(from, to - from, 'none');
      zero(cpu.u8, from, to);
      for (let p = from; p < to; p += PAGE) residence.clear(p);
    });
    return cpu;
  }
}
