// The CPU on one address space's memory: runs records, translates on demand, serves the accesses the fast path can't, reports why it stopped.
import type { Cpu as CpuContract, Exit, PageFault, Prot } from '../kernel/cpu.ts';
import { Access, type Probe } from './access.ts';
import { fpExact } from './helpers/float.ts';
import { HELPERS, type HelperContext } from './helpers/index.ts';
import { X87 } from './helpers/x87.ts';
import type { Compiler, Jit, Owner } from './jit/compiler.ts';
import * as L from './layout.ts';
import { newMemory } from './memory.ts';
import type { Activity, Meter } from './meter.ts';
import type { Tables } from './read-tables.ts';
import * as R from './record.ts';
import { Registers } from './registers.ts';
import { type Fetch, type Translate, Translator } from './translate.ts';
import { type Block, type Lists, Translations } from './translations.ts';

/** What all CPUs of a machine share: the compiled interpreter and the tables. */
export interface CpuParts {
  readonly module: WebAssembly.Module;
  readonly tables: Tables;
  /** Memories here can't be shared, and the module takes one that isn't. */
  readonly unshared?: boolean;
  /** The compiler, if there is to be one. */
  readonly jit?: Jit;
  /** Who wants to know what is spent. */
  readonly meter?: Meter;
  /** How many instructions more are interpreted in the small loop (interp/module.ts) before the large one, which takes V8's optimizer long, is begun with: none if not given. */
  readonly young?: { left: number };
}
/** What that is for a machine that is to start quickly. */
export const YOUNG = 4_000_000;
/** Runs aren't made shorter for it than this. */
const LEAST_RUN = 50_000;
/**
 * Runs that a system call ends sooner than that count for a sixteenth of their instructions there: the large loop's code from V8's baseline compiler takes some two
 * microseconds to be entered, and a program that does little but such calls has no other use for it.
 */
const SHORT_RUN = 256;

const BUDGET: Exit = { kind: 'budget' };
const SYSCALL: Exit = { kind: 'syscall', gate: 'syscall' };
const INT80: Exit = { kind: 'syscall', gate: 'int80' };
const SYSENTER: Exit = { kind: 'syscall', gate: 'sysenter' };
/** A program that has retired fewer instructions gets no compiler: making one takes longer than interpreting as many again. */
const TOO_SHORT = 1_000_000;
/** Blocks are heard of every 256 * so many times they are reached. */
const HEAT_STEP = 16;
const PF = 14;
const DB = 1;
const SS = 12;
const GP = 13;

export class Cpu extends Registers implements CpuContract {
  readonly memory: WebAssembly.Memory;
  readonly #i32: Int32Array;
  readonly pageState: Uint8Array;
  readonly guestStart = L.GUEST_START;
  readonly guestEnd = L.GUEST_END;
  rdtsc: () => bigint = () => 0n;
  readonly #run: (record: number) => number;
  readonly #start: (record: number) => number;
  readonly #young: { left: number };
  readonly #translator: Translator;
  readonly #helperContext: HelperContext;
  readonly #code: Translations;
  readonly #access: Access;
  #retired = 0;

  readonly #jit: Jit | undefined;
  readonly #meter: Meter | undefined;
  readonly #shared: Record<string, unknown>;
  #compiler: Compiler | undefined;
  /** Where control was seen to come to from a jump, by the jump's address: what the compiler takes indirect ones to do. */
  readonly #jumps = new Map<number, number[]>();

  /** `memory`: as newMemory makes it, which throws where there is no room for one more. */
  constructor(parts: CpuParts, memory = newMemory(!parts.unshared)) {
    const { buffer } = memory;
    super(buffer);
    this.memory = memory;
    this.#jit = parts.jit;
    this.#meter = parts.meter;
    this.pageState = new Uint8Array(buffer, L.PAGE_STATE, L.GUEST_END / L.PAGE);
    this.#i32 = new Int32Array(buffer);
    const instance = new WebAssembly.Instance(parts.module, {
      e: {
        memory: this.memory,
        slow: (lo: number, hi: number, what: number) => this.#access.access(lo >>> 0, hi >>> 0, what),
        commit: () => this.#access.commit(),
        helper: (id: number, record: number) =>
          (HELPERS[id] as (c: HelperContext, record: number) => number)(this.#helperContext, record >>> 0),
        resolve: (record: number, taken: number) => this.#resolve(record >>> 0, taken),
        lookup: (lo: number, hi: number) => this.#lookup(lo >>> 0, hi >>> 0),
        hot: (record: number) => this.#hot(record >>> 0),
        often: (entry: number) => this.#often(entry),
        metered: (begins: number) => this.#metered(begins !== 0),
        ...this.#imports(),
      },
    });
    const { translate, add, clear } = instance.exports;
    this.#translator = new Translator(parts.tables, buffer, translate as Translate);
    this.#code = new Translations(buffer, { add: add as Lists['add'], clear: clear as Lists['clear'] });
    this.#access = new Access(this, this.#code);
    this.#helperContext = {
      view: this.view,
      u8: this.u8,
      cpu: this,
      fault: (vector, error = 0) => this.#access.fault(vector, error, 0n),
    };
    this.u32[L.FIRST_HEAT >>> 2] = parts.jit?.eager ? 0xff : 0;
    const early = parts.jit && (parts.jit.eager || parts.jit.threshold !== undefined);
    this.u32[L.HEAT_STEP >>> 2] = early ? 1 : parts.jit ? HEAT_STEP : 0xff;
    this.u32[L.METERED >>> 2] = parts.meter ? 1 : 0;
    this.#run = instance.exports.run as (record: number) => number;
    this.#start = instance.exports.start as (record: number) => number;
    this.#young = parts.young ?? { left: 0 };
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

  recycle(): void {
    if (this.#access.alignment) this.#checkAlignment(false);
    this.#code.dropAll();
    this.#jumps.clear();
    this.#retired = 0;
    this.#access.reset();
    this.reset();
  }
  get onPageFault(): PageFault {
    return this.#access.onPageFault;
  }
  set onPageFault(handler: PageFault) {
    const meter = this.#meter;
    this.#access.onPageFault = meter
      ? (page, access) => {
          const before = meter.begin('fault');
          meter.counts.faults++;
          const answer = handler(page, access);
          meter.begin(before);
          return answer;
        }
      : handler;
  }
  protect(start: number, length: number, prot: Prot | 'none'): void {
    this.#code.protect(start, length, prot);
  }
  allows(page: number, access: 'read' | 'write'): boolean {
    return this.#code.allows(page, access);
  }
  invalidate(start: number, length: number): void {
    this.#code.invalidate(start, length);
  }
  /** May a helper write so many bytes there? False after a fault. */
  writable(at: bigint, bytes: number): boolean {
    return this.#access.writable(at, bytes);
  }
  loadBytesForHelper(at: bigint, n: number, probe: Probe): Uint8Array | undefined {
    return this.#access.loadBytesForHelper(at, n, probe);
  }
  storeBytesForHelper(at: bigint, image: Uint8Array, probe: Probe): boolean {
    return this.#access.storeBytesForHelper(at, image, probe);
  }

  // --- code
  readonly #fetch: Fetch = (rip, pages) => {
    const page = Math.floor(rip / L.PAGE) * L.PAGE;
    const a = this.#access.page(page, 'exec', rip, rip + 1, rip);
    if (!a) return undefined;
    if (pages === 1)
      return a === 'linear'
        ? { bytes: this.u8, base: 0, end: page + L.PAGE, shared: false }
        : { bytes: a, base: page, end: page + L.PAGE, shared: true };
    const b = this.#access.page(page + L.PAGE, 'exec', rip, rip + 1, page + L.PAGE);
    if (!b) return undefined;
    const both = new Uint8Array(2 * L.PAGE);
    both.set(a === 'linear' ? this.u8.subarray(page, page + L.PAGE) : a);
    both.set(b === 'linear' ? this.u8.subarray(page + L.PAGE, page + 2 * L.PAGE) : b, L.PAGE);
    return { bytes: both, base: page, end: page + 2 * L.PAGE, shared: a !== 'linear' || b !== 'linear' };
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
        this.#access.fault(PF, 0x15, wide);
      } else if (hi >>> 15 === 0x1ffff) this.#access.fault(PF, 0x15, wide);
      else this.#access.fault(GP, 0, 0n);
      return 0;
    }
    const modeChanged = !this.#modeHolds();
    if (modeChanged || this.u32[(L.RIP_BASE >> 2) + 1] !== hi || this.#translator.full) {
      this.#code.dropAll();
      // Code of 32 bits sees the low half of the stack pointer.
      if (modeChanged && this.mode === 32) this.u32[(L.GPR >> 2) + 9] = 0;
      this.u32[L.CODE_32 >>> 2] = this.mode === 32 ? 1 : 0;
      this.u32[(L.RIP_BASE >> 2) + 1] = hi;
    }
    let b = this.#code.find(rip);
    if (b?.image && !this.#unchanged(b, b.image)) {
      this.#code.drop(b);
      b = undefined;
    }
    if (!b) {
      this.#metered(true);
      const place = this.#translator.block(rip, this.mode === 64, this.#fetch);
      this.#metered(false);
      if (!place) return 0;
      b = this.#code.add(place, this.#imageOf(this.#code.at(place))?.slice());
    }
    if (b.image) return b.first;
    const slot = L.RIP_HASH + ((lo & (L.RIP_HASH_ENTRIES - 1)) << 4);
    this.u32[slot >>> 2] = lo;
    this.u32[(slot + 4) >>> 2] = hi;
    this.u32[(slot + 8) >>> 2] = b.first;
    this.u32[(slot + 12) >>> 2] = this.#compiler?.entryOf(b) ?? 0;
    return b.first;
  }
  #before: Activity = 'guest';
  /** A block is translated from now on, or it is done. */
  #metered(begins: boolean): void {
    const meter = this.#meter;
    if (!meter) return;
    if (begins) {
      meter.counts.translated++;
      this.#before = meter.begin('translate');
    } else meter.begin(this.#before);
  }
  /** The bytes of a block that lies outside the linear memory, in whole or in part; undefined for others. */
  #imageOf(b: Block): Uint8Array | undefined {
    const [first, last] = [Math.floor(b.rip / L.PAGE), Math.floor((b.end - 1) / L.PAGE)];
    if (this.#code.isLinear(first) && this.#code.isLinear(last)) return undefined;
    const f = this.#fetch(b.rip, first === last ? 1 : 2);
    return f?.shared ? f.bytes.subarray(b.rip - f.base, b.end - f.base) : undefined;
  }
  #unchanged(b: Block, image: Uint8Array): boolean {
    const now = this.#imageOf(b);
    return now?.length === image.length && image.every((byte, i) => byte === now[i]);
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
    if (
      to &&
      hi === base &&
      !this.#code.find(target)?.image &&
      this.#translator.next >= before &&
      this.view.getUint16(record + R.REC_OP, true) !== 0
    ) {
      this.u32[(record + (taken ? R.REC_TAKEN : R.REC_NEXT)) >>> 2] = to;
    }
    return to;
  }

  // --- running
  // In one piece as far as a system call goes: before V8 has compiled it, which takes it thousands of calls, each function counts.
  run(budget: number): Exit {
    const { u32, u8 } = this;
    const i32 = this.#i32;
    const young = this.#young;
    const until = this.#retired + budget;
    for (;;) {
      const left = until - this.#retired;
      if (left <= 0) return BUDGET;
      const flags = u32[L.FLAG_REST >>> 2] as number;
      if (((flags & L.AC) !== 0) !== this.#access.alignment) this.#checkAlignment(!this.#access.alignment);
      if (flags & L.TF) {
        const exit = this.#step();
        if (exit) return exit;
        continue;
      }
      const early = young.left > 0;
      const part = early && young.left < left ? Math.min(left, Math.max(young.left, LEAST_RUN)) : left;
      i32[L.BUDGET >>> 2] = part;
      const code = this.#modeHolds() ? (early ? this.#start(0) : this.#run(0)) : this.#changedMode(early);
      if (code === R.EXIT_SYSCALL) {
        const record = u32[L.EXIT_RECORD >>> 2] as number;
        const used = part - (i32[L.BUDGET >>> 2] as number) + (u8[record + R.REC_COUNT] as number);
        this.#retired += used;
        if (early) this.#aged(used);
        this.#ripFrom(record, u8[record + R.REC_LEN] as number);
        return SYSCALL;
      }
      const before = this.#retired;
      this.#account(part, code);
      if (early) this.#aged(this.#retired - before);
      const exit = this.#exitOf(code);
      if (exit && (exit !== BUDGET || part === left)) return exit;
    }
  }
  /** So many instructions were retired by a run in the small loop. */
  #aged(used: number): void {
    const { u32 } = this;
    const interpreted = used - (u32[L.COMPILED >>> 2] as number);
    u32[L.COMPILED >>> 2] = 0;
    this.#young.left -= interpreted < SHORT_RUN ? (interpreted >> 4) + 1 : interpreted;
  }
  #checkAlignment(on: boolean): void {
    this.#access.alignment = on;
    this.#code.checkAlignment(on);
  }
  /** What is translated is code of the kind that the code segment means. */
  #modeHolds(): boolean {
    return (this.u32[L.CODE_32 >>> 2] === 0) === (this.mode === 64);
  }
  #changedMode(early: boolean): number {
    const record = this.#lookup(this.u32[L.RIP >>> 2] as number, this.u32[(L.RIP >> 2) + 1] as number);
    return record ? (early ? this.#start(record) : this.#run(record)) : R.EXIT_FETCH;
  }
  /** Runs one instruction (a repetition of one), after which the debug trap comes. */
  #step(): Exit {
    for (;;) {
      if (!this.#lookup(this.u32[L.RIP >>> 2] as number, this.u32[(L.RIP >> 2) + 1] as number))
        return this.#faultExit();
      const step = this.#translator.step(Number(this.get('rip')), this.mode === 64, this.#fetch);
      if (!step) return this.#faultExit();
      this.#i32[L.BUDGET >>> 2] = 1;
      const code = this.#account(1, this.#run(step.first));
      const exit = code === R.EXIT_FETCH ? undefined : this.#exitOf(code);
      if (exit && exit.kind !== 'budget') return exit;
      if (!step.shadow) {
        this.#access.fault(DB, 0, 0n);
        return this.#faultExit();
      }
    }
  }
  /** A run with that budget has ended with that code: rip is brought up to date, instructions are counted. */
  #account(budget: number, code: number): number {
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
      case R.EXIT_AGAIN:
        return { kind: 'budget', within: true };
      case R.EXIT_BUDGET:
      case R.EXIT_RAN_OUT:
        return BUDGET;
      case R.EXIT_FLAGS:
      case R.EXIT_RETURN:
        return undefined;
      case R.EXIT_SYSCALL:
        return SYSCALL;
      case R.EXIT_INT80:
        return INT80;
      case R.EXIT_SYSENTER:
        return SYSENTER;
      default:
        return this.#faultExit();
    }
  }
  /** The block that starts with the record was reached another 256 * HEAT_STEP times, from EXIT_FROM. Gives the record to go on at, 0 as #lookup does. */
  #hot(record: number): number {
    if (!this.#jit) return record;
    const rip = this.#base() + (this.u32[(record + R.REC_RIP) >>> 2] as number);
    this.#heat(rip);
    return this.#lookup(rip >>> 0, Math.floor(rip / 0x1_0000_0000));
  }
  #base(): number {
    return (this.u32[(L.RIP_BASE >> 2) + 1] as number) * 0x1_0000_0000;
  }
  #heat(rip: number): void {
    const jit = this.#jit;
    if (!jit || this.mode !== 64) return;
    const b = this.#code.find(rip);
    if (!b || b.image) return;
    b.heat += 256 * (this.u32[L.HEAT_STEP >>> 2] as number);
    this.#jumped(rip);
    if (!this.#compiler) {
      if (!jit.eager && jit.threshold === undefined && this.#retired < TOO_SHORT) return;
      const parts = jit.parts();
      if (!parts) return;
      this.#compiler = new parts.Compiler(this.#owner(), parts, jit);
      this.#code.listener = this.#compiler;
    }
    const compiler = this.#compiler;
    this.#compiling(() => compiler.hot(b));
  }
  #compiling<T>(work: () => T): T {
    const meter = this.#meter;
    const before = meter?.begin('compile');
    const result = work();
    if (meter && before) {
      meter.counts.hot++;
      meter.begin(before);
    }
    return result;
  }
  /** Of the entries into compiled code that are taken this one is looked at; from EXIT_FROM. Gives the entry to take instead. */
  #often(entry: number): number {
    const compiler = this.#compiler as Compiler;
    const b = compiler.at(entry);
    if (b) this.#jumped(b.rip);
    return this.#compiling(() => compiler.taken(entry));
  }
  #jumped(to: number): void {
    const from = this.u32[L.EXIT_FROM >>> 2] as number;
    if (!from) return;
    this.u32[L.EXIT_FROM >>> 2] = 0;
    const rip = this.#base() + (this.u32[(from + R.REC_RIP) >>> 2] as number);
    const known = this.#jumps.get(rip);
    if (!known) this.#jumps.set(rip, [to]);
    else if (!known.includes(to)) known.push(to);
  }
  #owner(): Owner {
    return {
      memory: this.memory,
      view: this.view,
      u32: this.u32,
      shared: this.#shared,
      ripBase: () => this.#base(),
      retired: () => this.#retired,
      find: (rip) => {
        const b = this.#code.find(rip);
        return b?.image ? undefined : b;
      },
      copy: (b) => this.#translator.copy(b.first, b.last),
      jumps: this.#jumps,
      dropAll: () => this.#code.dropAll(),
      meter: this.#meter,
    };
  }
  /** An access at no canonical address raises #SS instead of #GP where it went through the stack segment. */
  #straySegment(record: number): void {
    const address = this.#access.takeStray();
    this.#ripFrom(record, 0);
    if (this.#translator.throughStack(Number(this.get('rip')), this.mode === 64, this.#fetch, address))
      this.#access.fault(SS, 0, 0n);
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
      address: this.u64[L.FAULT_ADDRESS >> 3] as bigint,
    };
  }
  retired(): number {
    return this.#retired;
  }
  runsCompiled(): boolean {
    const rip = (this.u32[(L.RIP >> 2) + 1] as number) * 0x1_0000_0000 + (this.u32[L.RIP >>> 2] as number);
    const b = this.#code.find(rip);
    return b !== undefined && (this.#compiler?.has(b) ?? false);
  }
}
