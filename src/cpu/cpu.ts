// The CPU on one address space's memory: runs records, translates on demand, serves the accesses the fast path can't, reports why it stopped.
import { zero } from '../bits/zero.ts';
import type { Cpu as CpuContract, Exit, PageFault, Prot, Reg } from '../kernel/cpu.ts';
import { fpExact } from './helpers/float.ts';
import { HELPERS, type HelperContext } from './helpers/index.ts';
import { X87 } from './helpers/x87.ts';
import type { Compiler, Jit, Owner } from './jit/compiler.ts';
import * as L from './layout.ts';
import type { Tables } from './read-tables.ts';
import * as R from './record.ts';
import { type Block, type Fetched, Translator } from './translate.ts';

/** What all CPUs of a machine share: the compiled interpreter and the tables. */
export interface CpuParts {
  readonly module: WebAssembly.Module;
  readonly tables: Tables;
  /** The compiler, if there is to be one. */
  readonly jit?: Jit;
}

const REGS: Record<Reg, number> = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
  rip: (L.RIP - L.GPR) / 8,
  fs_base: (L.FS_BASE - L.GPR) / 8,
  gs_base: (L.GS_BASE - L.GPR) / 8,
};
/**
 * Where a long access of a helper faults first: at its last byte, or at its first word and then its last byte. `wraps`: at so many bytes from its start it goes
 * on 4 GiB lower, as words with 32-bit addresses do.
 */
export type Probe = 'last first' | { readonly word: number; readonly wraps?: number };
const FOUR_GIB = 0x1_0000_0000;
const PF = 14;
/** Linux's selectors of code for programs. */
const USER32_CS = 0x20;
const USER_CS = 0x33;
const DB = 1;
const SS = 12;
const GP = 13;

export class Cpu implements CpuContract {
  readonly memory: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly view: DataView;
  readonly u32: Uint32Array;
  readonly #i32: Int32Array;
  readonly #u64: BigUint64Array;
  readonly pageState: Uint8Array;
  readonly guestStart = L.GUEST_START;
  readonly guestEnd = L.GUEST_END;
  onPageFault: PageFault = () => 0;
  rdtsc: () => bigint = () => 0n;
  /** As the code segment tells. */
  get mode(): 64 | 32 {
    return (this.view.getUint16(L.CS, true) & ~3) === USER32_CS ? 32 : 64;
  }
  set mode(mode: 64 | 32) {
    this.view.setUint16(L.CS, mode === 32 ? USER32_CS | 3 : USER_CS, true);
  }
  readonly argIndex = [7, 6, 2, 10, 8, 9].map((n) => (L.GPR + 8 * n) >>> 2);
  readonly raxIndex = L.GPR >> 2;
  readonly x87Offset = L.X87;
  readonly mxcsrOffset = L.MXCSR;
  readonly stateSize = L.STATE_END - L.STATE;
  readonly #run: (record: number) => number;
  readonly #translator: Translator;
  readonly #helperContext: HelperContext;
  /** Blocks by start (rip), of the current mode; and by page, to find what a write or an unmapping makes stale. */
  #blocks = new Map<number, Block>();
  #pages = new Map<number, Block[]>();
  #blocksMode: 64 | 32 = 64;
  #retired = 0;
  /** A store that went to the bounce buffer: where its bytes belong. Between `slow` and `commit`. */
  #pending: readonly { at: number; bytes: number }[] = [];
  /** The address of a fault at no canonical address, until the run ends with it. */
  #stray: bigint | undefined;

  readonly #jit: Jit | undefined;
  readonly #shared: Record<string, unknown>;
  #compiler: Compiler | undefined;

  constructor(parts: CpuParts) {
    this.#jit = parts.jit;
    // Shared, though one thread uses it: V8 counts an unshared memory's 4 GiB as pressure on its heap and collects garbage, 4 to 10 ms, for each one made.
    this.memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536, shared: true });
    const buffer = this.memory.buffer;
    this.u8 = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.u32 = new Uint32Array(buffer);
    this.pageState = new Uint8Array(buffer, L.PAGE_STATE, L.GUEST_END / L.PAGE);
    this.#i32 = new Int32Array(buffer);
    this.#u64 = new BigUint64Array(buffer);
    this.#translator = new Translator(parts.tables, buffer);
    this.#helperContext = {
      view: this.view,
      u8: this.u8,
      cpu: this,
      fault: (vector, error = 0) => this.#fault(vector, error, 0n),
    };
    const instance = new WebAssembly.Instance(parts.module, {
      e: {
        memory: this.memory,
        slow: (lo: number, hi: number, what: number) => this.#access(lo >>> 0, hi >>> 0, what),
        commit: () => this.#commit(),
        helper: (id: number, record: number) =>
          (HELPERS[id] as (c: HelperContext, record: number) => number)(this.#helperContext, record >>> 0),
        resolve: (record: number, taken: number) => this.#resolve(record >>> 0, taken),
        lookup: (lo: number, hi: number) => this.#lookup(lo >>> 0, hi >>> 0),
        ...this.#imports(),
      },
    });
    this.#run = instance.exports.run as (record: number) => number;
    this.#shared = instance.exports;
    this.reset();
  }
  #imports(): Record<string, (...args: never[]) => unknown> {
    const x87 = new X87(this.view);
    return {
      fpExact: (code: number, a: bigint, b: bigint) => fpExact(this.view, code, a, b),
      x87Exact: (code: number, low: bigint, high: number) => x87.execute(code, low, high),
    };
  }

  // --- registers
  get(reg: Reg): bigint {
    return this.#u64[(L.GPR >> 3) + REGS[reg]] as bigint;
  }
  set(reg: Reg, value: bigint | number): void {
    this.#u64[(L.GPR >> 3) + REGS[reg]] = BigInt.asUintN(64, BigInt(value));
  }
  flags(): number {
    const res = this.view.getBigInt64(L.FLAG_RES, true);
    const aux = this.view.getUint32(L.FLAG_AUX, true);
    let parity = (Number(res & 0xffn) ^ (aux >> 8)) & 0xff;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    const sf = (res < 0n ? 1 : 0) ^ ((aux >> 16) & 1);
    return (
      0x202 |
      this.view.getUint32(L.FLAG_REST, true) |
      this.view.getUint8(L.FLAG_CF) |
      (parity & 1 ? 0 : 4) |
      (aux & 0x10) |
      (res === 0n ? 0x40 : 0) |
      (sf << 7) |
      (this.view.getUint8(L.FLAG_OF) << 11)
    );
  }
  setFlags(value: number): void {
    const zf = (value >> 6) & 1;
    this.view.setBigInt64(L.FLAG_RES, zf ? 0n : 1n, true);
    this.view.setUint8(L.FLAG_CF, value & 1);
    this.view.setUint8(L.FLAG_OF, (value >> 11) & 1);
    this.view.setUint32(
      L.FLAG_AUX,
      (value & 0x10) | ((((value >> 2) & 1) ^ zf) << 8) | (((value >> 7) & 1) << 16),
      true,
    );
    this.view.setUint32(L.FLAG_REST, value & L.REST_FLAGS, true);
  }
  save(into: Uint8Array): void {
    into.set(this.u8.subarray(L.STATE, L.STATE_END));
  }
  load(from: Uint8Array): void {
    this.u8.set(from.subarray(0, this.stateSize), L.STATE);
  }
  reset(): void {
    this.u8.fill(0, L.STATE, L.STATE_END);
    this.view.setUint16(L.X87, 0x37f, true);
    this.view.setUint32(L.MXCSR, 0x1f80, true);
    [0, 0x33, 0x2b, 0, 0, 0].forEach((s, i) => this.view.setUint16(L.SELECTORS + 2 * i, s, true));
    this.setFlags(0x202);
  }
  /** SDM vol. 1 table 10-2; opcode and pointers as AMD saves them: zero unless an exception is pending. */
  fxsave(into: Uint8Array): void {
    const out = new DataView(into.buffer, into.byteOffset, 512);
    into.fill(0, 0, 512);
    out.setUint16(0, this.view.getUint16(L.X87, true), true);
    out.setUint16(2, this.view.getUint16(L.X87 + 2, true), true);
    out.setUint8(4, this.view.getUint8(L.X87 + 4));
    if (this.view.getUint16(L.X87 + 2, true) & 0x80) {
      out.setUint16(6, this.view.getUint16(L.X87 + 24, true), true);
      into.set(this.u8.subarray(L.X87 + 8, L.X87 + 24), 8);
    }
    out.setUint32(24, this.view.getUint32(L.MXCSR, true), true);
    out.setUint32(28, 0xffff, true);
    const top = (this.view.getUint16(L.X87 + 2, true) >> 11) & 7;
    for (let i = 0; i < 8; i++) {
      const from = L.X87_REGS + 16 * ((top + i) & 7);
      into.set(this.u8.subarray(from, from + 10), 32 + 16 * i);
    }
    into.set(this.u8.subarray(L.XMM, L.XMM + 256), 160);
  }
  fxrstor(from: Uint8Array): void {
    const v = new DataView(from.buffer, from.byteOffset, 512);
    this.view.setUint16(L.X87, v.getUint16(0, true), true);
    const sw = v.getUint16(2, true);
    this.view.setUint16(L.X87 + 2, sw, true);
    const top = (sw >> 11) & 7;
    for (let i = 0; i < 8; i++) {
      const to = L.X87_REGS + 16 * ((top + i) & 7);
      this.u8.set(from.subarray(32 + 16 * i, 42 + 16 * i), to);
    }
    this.view.setUint8(L.X87 + 4, v.getUint8(4));
    this.view.setUint16(L.X87 + 24, v.getUint16(6, true), true);
    this.view.setUint32(L.X87 + 26, 0, true);
    this.u8.set(from.subarray(8, 24), L.X87 + 8);
    this.view.setUint32(L.MXCSR, v.getUint32(24, true), true);
    this.u8.set(from.subarray(160, 416), L.XMM);
  }

  // --- pages
  protect(start: number, length: number, prot: Prot | 'none'): void {
    const first = start / L.PAGE;
    const last = (start + length) / L.PAGE;
    const bits = prot === 'none' ? 0 : (prot & 7 ? L.R : 0) | (prot & 2 ? L.W : 0) | (prot & 4 ? L.X : 0);
    if (!(bits & L.X)) {
      if (this.#pages.size) for (let p = first; p < last; p++) this.#dropPage(p);
      const pairs = (bits & L.R ? L.RR : 0) | (bits & L.W ? L.WW : 0);
      this.u8.fill(bits | pairs, L.PERM + first, L.PERM + last);
    } else
      for (let p = first; p < last; p++)
        this.#permit(p, bits & L.W && this.#pages.has(p) ? (bits & ~L.W) | L.W_CODE : bits);
    this.#pair(first - 1);
    this.#pair(last - 1);
  }
  /** Sets a page's rights. */
  #permit(p: number, bits: number): void {
    this.u8[L.PERM + p] = bits;
    this.#pair(p);
    this.#pair(p - 1);
  }
  /** What a page and the one behind it both allow. */
  #pair(p: number): void {
    if (p < 0) return;
    const bits = this.u8[L.PERM + p] as number;
    const both = bits & (this.u8[L.PERM + p + 1] as number);
    this.u8[L.PERM + p] = (bits & ~(L.RR | L.WW)) | (both & L.R ? L.RR : 0) | (both & L.W ? L.WW : 0);
  }
  allows(page: number, access: 'read' | 'write'): boolean {
    return ((this.u8[L.PERM + page / L.PAGE] as number) & (access === 'read' ? L.R : L.W | L.W_CODE)) !== 0;
  }
  invalidate(start: number, length: number): void {
    if (this.#pages.size === 0) return;
    const end = start + length;
    for (let p = Math.floor(start / L.PAGE); p * L.PAGE < end; p++)
      if (this.#pages.has(p)) this.#dropRange(p, start, end);
  }
  /** Drops blocks that overlap [start, end) in page p; gives write back where no code is left. */
  #dropRange(p: number, start: number, end: number): void {
    const list = this.#pages.get(p);
    if (!list) return;
    for (const b of [...list]) if (b.rip < end && b.end > start) this.#drop(b);
    if (!this.#pages.has(p) && p * L.PAGE < L.PERM) {
      const bits = this.u8[L.PERM + p] as number;
      if (bits & L.W_CODE) this.#permit(p, (bits & ~L.W_CODE) | L.W);
    }
  }
  #dropPage(p: number): void {
    for (const b of [...(this.#pages.get(p) ?? [])]) this.#drop(b);
  }
  #drop(b: Block): void {
    this.#compiler?.dropped(b);
    this.#blocks.delete(b.rip);
    this.#invalidate(b.first, b.last);
    if (b.copy) this.#invalidate(b.copy, b.copy + (b.last - b.first));
    const slot = L.RIP_HASH + ((b.rip & (L.RIP_HASH_ENTRIES - 1)) << 4);
    if (this.u32[(slot + 8) >>> 2] === b.first) this.u32[(slot + 8) >>> 2] = 0;
    for (let p = Math.floor(b.rip / L.PAGE); p * L.PAGE < b.end; p++) {
      const list = this.#pages.get(p);
      if (!list) continue;
      const rest = list.filter((x) => x !== b);
      if (rest.length) this.#pages.set(p, rest);
      else this.#pages.delete(p);
    }
  }
  #invalidate(first: number, last: number): void {
    for (let r = first; r < last; r += R.RECORD) {
      // The way on to what follows holds no code, but where it leads may have changed as well.
      if (this.view.getUint16(r + R.REC_OP, true) === R.OP_GOTO) this.u32[(r + R.REC_TAKEN) >>> 2] = 0;
      else this.view.setUint16(r + R.REC_OP, R.OP_INVALID, true);
    }
  }
  /** All translations: the arena is full, or the mode changed. */
  #dropAll(): void {
    this.#compiler?.reset();
    for (const p of this.#pages.keys()) {
      const bits = this.u8[L.PERM + p] as number;
      if (p * L.PAGE < L.PERM && bits & L.W_CODE) this.#permit(p, (bits & ~L.W_CODE) | L.W);
    }
    // Few blocks: their own entries alone.
    if (this.#blocks.size < L.RIP_HASH_ENTRIES / 32)
      for (const b of this.#blocks.values())
        this.u32[(L.RIP_HASH + ((b.rip & (L.RIP_HASH_ENTRIES - 1)) << 4) + 8) >>> 2] = 0;
    else zero(this.u8, L.RIP_HASH, L.RIP_HASH + 16 * L.RIP_HASH_ENTRIES);
    this.#blocks.clear();
    this.#pages.clear();
    this.#translator.next = L.CODE;
  }
  recycle(): void {
    this.#dropAll();
    this.#retired = 0;
    this.#pending = [];
    this.onPageFault = () => 0;
    this.reset();
  }

  #fault(vector: number, error: number, address: bigint): number {
    this.view.setUint32(L.FAULT_VECTOR, vector, true);
    this.view.setUint32(L.FAULT_ERROR, error, true);
    this.#u64[L.FAULT_ADDRESS >> 3] = BigInt.asUintN(64, address);
    return R.EXIT_FAULT;
  }

  /** One page of an access: 'linear' when it may go straight, bytes when it lies elsewhere, false after a fault. */
  #page(
    page: number,
    access: 'read' | 'write' | 'exec',
    low: number,
    end: number,
    faultAt: number,
  ): 'linear' | Uint8Array | false {
    const bit = access === 'read' ? L.R : access === 'write' ? L.W : L.X;
    for (let tries = 0; tries < 3; tries++) {
      if (page < L.GUEST_END) {
        const bits = this.u8[L.PERM + page / L.PAGE] as number;
        if (bits & bit) return 'linear';
        if (access === 'write' && bits & L.W_CODE) {
          this.#dropRange(page / L.PAGE, low, end);
          return 'linear';
        }
      }
      const answer = this.onPageFault(page, access);
      if (typeof answer === 'object') return answer.bytes;
      if (answer !== 'retry') {
        this.#fault(PF, 4 | answer | (access === 'write' ? 2 : 0) | (access === 'exec' ? 16 : 0), BigInt(faultAt));
        return false;
      }
    }
    throw new Error(`page ${page.toString(16)} stays inaccessible for ${access}`);
  }
  /** Raises the fault of an access at no canonical address, or in the kernel's half, which isn't mapped for ring 3. */
  #strays(at: bigint, bytes: number, write: boolean, reported = 0): boolean {
    if (at + BigInt(bytes) <= 0x8000_0000_0000n) return false;
    if (at >> 47n === 0x1ffffn) this.#fault(PF, 5 | (write ? 2 : 0), at + BigInt(reported));
    else {
      this.#fault(GP, 0, 0n);
      this.#stray = at;
    }
    return true;
  }
  /** An access the fast path refused: linear address to use, or of the bounce buffer, or 0 after a fault. */
  #slow(lo: number, hi: number, bytes: number, write: boolean): number {
    if (this.mode === 32) hi = 0;
    const at = hi * 0x1_0000_0000 + lo;
    const end = at + bytes;
    if (end > 0x8000_0000_0000 && this.#strays((BigInt(hi) << 32n) | BigInt(lo), bytes, write)) return 0;
    const first = Math.floor(at / L.PAGE) * L.PAGE;
    const access = write ? 'write' : 'read';
    const a = this.#page(first, access, at, end, at);
    if (!a) return 0;
    const second = first + L.PAGE;
    if (end <= second) {
      if (a === 'linear') return lo;
      const into = L.BOUNCE + (write ? 64 : 0);
      this.u8.set(a.subarray(at - first, end - first), into);
      if (write) this.#pending = [{ at, bytes }];
      return into;
    }
    const b = this.#page(second, access, at, end, second);
    if (!b) return 0;
    if (a === 'linear' && b === 'linear') return lo;
    const into = L.BOUNCE + (write ? 64 : 0);
    const split = second - at;
    this.u8.set(a === 'linear' ? this.u8.subarray(at, second) : a.subarray(at - first), into);
    this.u8.set(
      (b === 'linear' ? this.u8.subarray(second, end) : b.subarray(0, end - second)).subarray(0, bytes - split),
      into + split,
    );
    if (write) this.#pending = [{ at, bytes }];
    return into;
  }
  /** `what`: bytes, 0x100 for a store. An operand of 80 bits is two, of which 0x200 puts the second 4 GiB lower. */
  #access(lo: number, hi: number, what: number): number {
    const bytes = what & 0xff;
    const write = (what & 0x100) !== 0;
    if (bytes !== 10) return this.#slow(lo, hi, bytes, write);
    const first = this.#slow(lo, hi, 8, write);
    if (!first) return 0;
    const low = this.view.getBigUint64(first, true);
    const nextLo = (lo + 8) >>> 0;
    const nextHi = (hi + (nextLo < lo ? 1 : 0) - (what & 0x200 ? 1 : 0)) >>> 0;
    const second = this.#slow(nextLo, nextHi, 2, write);
    if (!second) return 0;
    if (first === lo && second === lo + 8) return lo;
    const high = this.view.getUint16(second, true);
    const into = L.BOUNCE + (write ? 64 : 0);
    this.view.setBigUint64(into, low, true);
    this.view.setUint16(into + 8, high, true);
    if (write) {
      const at = (n: number, h: number): number => (this.mode === 32 ? 0 : h) * FOUR_GIB + n;
      this.#pending = [
        { at: at(lo, hi), bytes: 8 },
        { at: at(nextLo, nextHi), bytes: 2 },
      ];
    }
    return into;
  }
  #commit(): void {
    let from = L.BOUNCE + 64;
    const pieces = this.#pending;
    this.#pending = [];
    for (const p of pieces) {
      for (let at = p.at; at < p.at + p.bytes; ) {
        const page = Math.floor(at / L.PAGE) * L.PAGE;
        const n = Math.min(p.at + p.bytes, page + L.PAGE) - at;
        const place = this.#page(page, 'write', at, at + n, at);
        if (!place) throw new Error('a page went away between check and store');
        if (place === 'linear') this.u8.copyWithin(at, from, from + n);
        else {
          place.set(this.u8.subarray(from, from + n), at - page);
          this.invalidate(at, n);
        }
        from += n;
        at += n;
      }
    }
  }

  /**
   * What a helper reads or writes, as pieces in the order of addresses; undefined after a fault. Rights are looked at before anything is done: at the first
   * word, then at the last byte, or the other way round, as the CPU's own routines do.
   */
  #reach(
    at: bigint,
    bytes: number,
    write: boolean,
    probe: Probe,
  ): { from: Uint8Array; start: number; length: number; linear: boolean }[] | undefined {
    const wide = BigInt.asUintN(64, at);
    const start = Number(wide);
    const inTurn = probe === 'last first' ? undefined : probe;
    const lower = start + (inTurn?.wraps ?? bytes);
    const wrap = (n: number): number => (n >= lower ? n - FOUR_GIB : n);
    const strays = (n: number, reported = 0): boolean => this.#strays(wide, n, write, reported);
    if (strays(inTurn?.word ?? bytes, inTurn ? 0 : bytes - 1)) return undefined;
    const access = write ? 'write' : 'read';
    const last = start + bytes - 1;
    const page = (n: number): number => Math.floor(n / L.PAGE) * L.PAGE;
    const second = page(start) + L.PAGE;
    const end = start + bytes;
    const reach = (n: number): boolean => Boolean(this.#page(page(wrap(n)), access, wrap(n), wrap(n) + 1, wrap(n)));
    if (!inTurn && !reach(last)) return undefined;
    if (!reach(start)) return undefined;
    if (inTurn && page(start + inTurn.word - 1) !== page(start) && !reach(second)) return undefined;
    if (inTurn && (strays(bytes) || !reach(last))) return undefined;
    const pieces: { from: Uint8Array; start: number; length: number; linear: boolean }[] = [];
    for (let n = start, length = 0; n < end; n += length) {
      const at = wrap(n);
      length = Math.min(n < lower ? Math.min(lower, end) : end, n + L.PAGE - (at - page(at))) - n;
      const place = this.#page(page(at), access, at, at + length, at);
      if (!place) return undefined;
      pieces.push({
        from: (place === 'linear' ? this.u8.subarray(page(at)) : place).subarray(at - page(at), at - page(at) + length),
        start: at,
        length,
        linear: place === 'linear',
      });
    }
    return pieces;
  }
  /** May a helper write so many bytes there? False after a fault. */
  writable(at: bigint, bytes: number): boolean {
    return this.#reach(at, bytes, true, { word: bytes }) !== undefined;
  }
  /** Bytes a helper reads; undefined after a fault. `probe`: see #reach. */
  loadBytesForHelper(at: bigint, n: number, probe: Probe): Uint8Array | undefined {
    const pieces = this.#reach(at, n, false, probe);
    if (!pieces) return undefined;
    const image = new Uint8Array(n);
    let done = 0;
    for (const p of pieces) {
      image.set(p.from, done);
      done += p.length;
    }
    return image;
  }
  /** Writes all of the image or, after a fault, nothing. */
  storeBytesForHelper(at: bigint, image: Uint8Array, probe: Probe): boolean {
    const pieces = this.#reach(at, image.length, true, probe);
    if (!pieces) return false;
    let done = 0;
    for (const p of pieces) {
      p.from.set(image.subarray(done, done + p.length));
      if (!p.linear) this.invalidate(p.start, p.length);
      done += p.length;
    }
    return true;
  }

  // --- code
  readonly #fetch = (rip: number, pages: 1 | 2): Fetched | undefined => {
    const page = Math.floor(rip / L.PAGE) * L.PAGE;
    const a = this.#page(page, 'exec', rip, rip + 1, rip);
    if (!a) return undefined;
    if (pages === 1)
      return a === 'linear'
        ? { bytes: this.u8, base: 0, end: page + L.PAGE }
        : { bytes: a, base: page, end: page + L.PAGE };
    const b = this.#page(page + L.PAGE, 'exec', rip, rip + 1, page + L.PAGE);
    if (!b) return undefined;
    const both = new Uint8Array(2 * L.PAGE);
    both.set(a === 'linear' ? this.u8.subarray(page, page + L.PAGE) : a);
    both.set(b === 'linear' ? this.u8.subarray(page + L.PAGE, page + 2 * L.PAGE) : b, L.PAGE);
    return { bytes: both, base: page, end: page + 2 * L.PAGE };
  };
  /** Record of the block at rip, translated if need be; 0 where it can't be fetched: state RIP is rip then, and the fault is set. */
  #lookup(lo: number, hi: number): number {
    if (this.mode === 32) hi = 0;
    const rip = hi * 0x1_0000_0000 + lo;
    this.u32[L.RIP >>> 2] = lo;
    this.u32[(L.RIP >> 2) + 1] = hi;
    if (hi >= 0x8000) {
      const wide = (BigInt(hi) << 32n) | BigInt(lo);
      if (hi === 0xffffffff && lo >>> 12 === 0xff600) {
        // The vsyscall page: the address space knows what it does there.
        this.#fault(PF, 0x15, wide);
      } else if (hi >>> 15 === 0x1ffff) this.#fault(PF, 0x15, wide);
      else this.#fault(GP, 0, 0n);
      return 0;
    }
    if (this.#blocksMode !== this.mode || this.u32[(L.RIP_BASE >> 2) + 1] !== hi || this.#translator.full) {
      this.#dropAll();
      // Code of 32 bits sees the low half of the stack pointer.
      if (this.#blocksMode !== this.mode && this.mode === 32) this.u32[(L.GPR >> 2) + 9] = 0;
      this.#blocksMode = this.mode;
      this.u32[(L.RIP_BASE >> 2) + 1] = hi;
    }
    let b = this.#blocks.get(rip);
    if (!b) {
      b = this.#translator.block(rip, this.mode === 64, this.#fetch);
      if (!b) return 0;
      if (this.#jit?.eager) this.u8[b.first + R.REC_HEAT] = 0xff;
      this.#register(b);
    }
    const slot = L.RIP_HASH + ((lo & (L.RIP_HASH_ENTRIES - 1)) << 4);
    this.u32[slot >>> 2] = lo;
    this.u32[(slot + 4) >>> 2] = hi;
    this.u32[(slot + 8) >>> 2] = b.first;
    this.u32[(slot + 12) >>> 2] = this.#compiler?.entryOf(b) ?? 0;
    return b.first;
  }
  #register(b: Block): void {
    this.#blocks.set(b.rip, b);
    for (let p = Math.floor(b.rip / L.PAGE); p * L.PAGE < b.end; p++) {
      const list = this.#pages.get(p);
      if (list) list.push(b);
      else this.#pages.set(p, [b]);
      if (p * L.PAGE < L.GUEST_END) {
        const bits = this.u8[L.PERM + p] as number;
        if (bits & L.W) this.#permit(p, (bits & ~L.W) | L.W_CODE);
      }
    }
  }
  /** Where a branch goes that isn't linked yet; links it. */
  #resolve(record: number, taken: number): number {
    const rip = this.u32[(record + R.REC_RIP) >>> 2] as number;
    const base = this.u32[(L.RIP_BASE >> 2) + 1] as number;
    const behind = rip + (this.u8[record + R.REC_LEN] as number);
    let target = behind + (taken ? (this.#i32[(record + R.REC_IMM) >>> 2] as number) : 0) + base * 0x1_0000_0000;
    if (this.mode === 32) target = target >>> 0;
    const hi = target < 0 ? 0xffffffff : Math.floor(target / 0x1_0000_0000);
    const before = this.#translator.next;
    const to = this.#lookup(target >>> 0, hi);
    // After a clearing of the arena the branch's own record is gone: nothing to link.
    if (to && hi === base && this.#translator.next >= before && this.view.getUint16(record + R.REC_OP, true) !== 0) {
      this.u32[(record + (taken ? R.REC_TAKEN : R.REC_NEXT)) >>> 2] = to;
    }
    return to;
  }

  // --- running
  run(budget: number): Exit {
    const until = this.#retired + budget;
    for (;;) {
      const left = until - this.#retired;
      if (left <= 0) return { kind: 'budget' };
      const stepping = this.view.getUint32(L.FLAG_REST, true) & L.TF;
      const exit = stepping ? this.#step() : this.#stretch(left);
      if (exit) return exit;
    }
  }
  /** Runs as it is usual; undefined: flags have changed so that it isn't any more. */
  #stretch(budget: number): Exit | undefined {
    return this.#exitOf(this.#account(budget, () => this.#execute()));
  }
  /** Runs one instruction (a repetition of one), after which the debug trap comes. */
  #step(): Exit {
    for (;;) {
      if (!this.#lookup(this.u32[L.RIP >>> 2] as number, this.u32[(L.RIP >> 2) + 1] as number))
        return this.#faultExit();
      const step = this.#translator.step(Number(this.get('rip')), this.mode === 64, this.#fetch);
      if (!step) return this.#faultExit();
      const code = this.#account(1, () => this.#run(step.first));
      const exit = code === R.EXIT_FETCH ? undefined : this.#exitOf(code);
      if (exit && exit.kind !== 'budget') return exit;
      if (!step.shadow) {
        this.#fault(DB, 0, 0n);
        return this.#faultExit();
      }
    }
  }
  /** Runs until something happens: its code; rip is up to date, instructions are counted. */
  #account(budget: number, run: () => number): number {
    this.#i32[L.BUDGET >>> 2] = budget;
    const code = run();
    const record = this.u32[L.EXIT_RECORD >>> 2] as number;
    let used = budget - (this.#i32[L.BUDGET >>> 2] as number);
    if (code === R.EXIT_BUDGET) this.#ripFrom(record, 0);
    else if (code === R.EXIT_FAULT || code === R.EXIT_AGAIN) {
      if (code === R.EXIT_FAULT && this.view.getUint32(L.FAULT_VECTOR, true) === GP) this.#straySegment(record);
      used += (this.u8[record + R.REC_COUNT] as number) - 1;
      this.#ripFrom(record, 0);
    } else if (code !== R.EXIT_FETCH && code !== R.EXIT_RAN_OUT) {
      used += this.u8[record + R.REC_COUNT] as number;
      if (code !== R.EXIT_RETURN) this.#ripFrom(record, this.u8[record + R.REC_LEN] as number);
    }
    this.#retired += used;
    return code;
  }
  #exitOf(code: number): Exit | undefined {
    switch (code) {
      case R.EXIT_BUDGET:
      case R.EXIT_AGAIN:
      case R.EXIT_RAN_OUT:
        return { kind: 'budget' };
      case R.EXIT_FLAGS:
      case R.EXIT_RETURN:
        return undefined;
      case R.EXIT_SYSCALL:
        return { kind: 'syscall', gate: 'syscall' };
      case R.EXIT_INT80:
        return { kind: 'syscall', gate: 'int80' };
      case R.EXIT_SYSENTER:
        return { kind: 'syscall', gate: 'sysenter' };
      default:
        return this.#faultExit();
    }
  }
  /** From state RIP on: compiled code where there is some, the interpreter elsewhere. Gives how the run ended. */
  #execute(): number {
    for (;;) {
      const lo = this.u32[L.RIP >>> 2] as number;
      let record = this.#lookup(lo, this.u32[(L.RIP >> 2) + 1] as number);
      if (!record) return R.EXIT_FETCH;
      const slot = L.RIP_HASH + ((lo & (L.RIP_HASH_ENTRIES - 1)) << 4);
      if (this.#jit?.eager) this.#hot();
      const entry = this.u32[(slot + 12) >>> 2] as number;
      if (entry) {
        record = (this.#compiler as Compiler).enter(entry) >>> 0;
        if (!record) {
          if ((this.#i32[L.BUDGET >>> 2] as number) <= 0) return R.EXIT_RAN_OUT;
          continue;
        }
      } else if (this.#jit && (this.u8[record + R.REC_HEAT]! += 1) > 0xff) {
        // Reached from compiled code, which the interpreter doesn't count.
        this.u8[record + R.REC_HEAT] = 0;
        this.#hot();
        continue;
      }
      const code = this.#run(record);
      if (code !== R.EXIT_ENTER && code !== R.EXIT_HOT) return code;
      this.#ripFrom(this.u32[L.EXIT_RECORD >>> 2] as number, 0);
      if (code === R.EXIT_HOT) this.#hot();
    }
  }
  /** The block at state RIP was reached another 256 times. */
  #hot(): void {
    const jit = this.#jit;
    if (!jit || this.mode !== 64) return;
    const b = this.#blocks.get(
      (this.u32[(L.RIP >> 2) + 1] as number) * 0x1_0000_0000 + (this.u32[L.RIP >>> 2] as number),
    );
    if (!b) return;
    b.heat += 256;
    if (!this.#compiler) {
      const parts = jit.parts();
      this.#compiler = new parts.Compiler(this.#owner(), parts, jit.eager);
    }
    this.#compiler.hot(b);
  }
  #owner(): Owner {
    return {
      memory: this.memory,
      view: this.view,
      u32: this.u32,
      shared: this.#shared,
      ripBase: () => (this.u32[(L.RIP_BASE >> 2) + 1] as number) * 0x1_0000_0000,
      find: (rip) => this.#blocks.get(rip),
      copy: (b) => this.#translator.copy(b),
      dropAll: () => this.#dropAll(),
    };
  }
  /** An access at no canonical address raises #SS instead of #GP where it went through the stack segment. */
  #straySegment(record: number): void {
    const address = this.#stray;
    this.#stray = undefined;
    this.#ripFrom(record, 0);
    if (this.#translator.throughStack(Number(this.get('rip')), this.mode === 64, this.#fetch, address))
      this.#fault(SS, 0, 0n);
  }
  #ripFrom(record: number, more: number): void {
    const low = (this.u32[(record + R.REC_RIP) >>> 2] as number) + more;
    this.u32[L.RIP >>> 2] = low;
    this.u32[(L.RIP >> 2) + 1] = (this.u32[(L.RIP_BASE >> 2) + 1] as number) + (low > 0xffffffff ? 1 : 0);
  }
  #faultExit(): Exit {
    return {
      kind: 'fault',
      vector: this.view.getUint32(L.FAULT_VECTOR, true),
      error: this.view.getUint32(L.FAULT_ERROR, true),
      address: this.#u64[L.FAULT_ADDRESS >> 3] as bigint,
    };
  }
  retired(): number {
    return this.#retired;
  }
}
