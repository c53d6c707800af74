// A CPU of ours as executor: the regions in its memory, a case's state into its registers, and out again in the harness's layout.
import * as L from '../../src/cpu/layout.ts';
import type { Cpu, Exit } from '../../src/kernel/cpu.ts';
import {
  type Case,
  EXEC,
  HANG,
  PAGE,
  type Piece,
  REGIONS,
  type Result,
  regionOf,
  S,
  SYSCALL,
  TEMPLATES,
} from './batch.ts';

/** Instructions after which a case counts as endless. */
const MOST = 5_000_000;
/** Runs ended by a long repetition, which counts as one instruction. */
const TURNS = 1000;
const TASK_SIZE = 0x7fff_ffff_f000;

/** What a run left: the state in the harness's layout, valid until the next case; what differs from the host's in memory; how many instructions it took. */
export interface Left {
  readonly state: Buffer;
  readonly memory: readonly { readonly address: number; readonly ours: number; readonly host: number }[];
  readonly retired: number;
  /** At each interruption of a run in slices: instructions so far, rip, and a hash of registers and flags. */
  readonly trail: readonly (readonly [number, number, number])[];
}
/** The next slice's budget; undefined: no more interruptions. */
export type Slices = () => number | undefined;

export class Subject {
  readonly name: string;
  readonly #cpu: Cpu;
  /** See Named. */
  readonly #beyond: number;
  /** Each region's bytes: a view of the linear memory, or pages of our own. */
  readonly #memory: Buffer[];
  /** What the regions should hold after the case. */
  readonly #expected: Buffer[] = TEMPLATES.map((t) => Buffer.from(t));
  readonly #initial = Buffer.alloc(4096);
  readonly #state = Buffer.alloc(S.size);
  #trail: [number, number, number][] = [];

  constructor(cpu: Cpu, name = '', beyond = 0) {
    this.name = name;
    this.#beyond = beyond;
    this.#cpu = cpu;
    const paged = new Map<number, { bytes: Uint8Array; prot: number }>();
    this.#memory = REGIONS.map((r, i) => {
      const linear = r.address >= cpu.guestStart && r.address + r.pages * PAGE <= cpu.guestEnd;
      const bytes = linear ? Buffer.from(cpu.u8.buffer, r.address, r.pages * PAGE) : Buffer.alloc(r.pages * PAGE);
      bytes.set(TEMPLATES[i] as Buffer);
      if (linear) cpu.protect(r.address, r.pages * PAGE, r.prot);
      else
        for (let p = 0; p < r.pages; p++)
          paged.set(r.address + p * PAGE, { bytes: bytes.subarray(p * PAGE, (p + 1) * PAGE), prot: r.prot });
      return bytes;
    });
    const present = new Set(REGIONS.flatMap((r) => Array.from({ length: r.pages }, (_, i) => r.address + i * PAGE)));
    cpu.onPageFault = (page, access) => {
      const p = paged.get(page);
      // Linux says of addresses that aren't a program's that they are protected.
      if (!p) return present.has(page) || page >= TASK_SIZE ? 1 : 0;
      const right = access === 'write' ? 2 : access === 'exec' ? EXEC : 7;
      return p.prot & right ? { bytes: p.bytes } : 1;
    };
    cpu.reset();
    cpu.save(this.#initial);
  }

  /** Nothing is left of what the CPU learnt of earlier cases' code. */
  forget(): void {
    const { onPageFault } = this.#cpu;
    this.#cpu.recycle();
    this.#cpu.onPageFault = onPageFault;
  }

  #put(p: Piece, into: readonly Buffer[]): void {
    const i = regionOf(p.address, p.bytes.length);
    if (i < 0) throw new Error(`no region holds ${p.address.toString(16)}`);
    (into[i] as Buffer).set(p.bytes, p.address - (REGIONS[i] as { address: number }).address);
  }
  #undo(p: Piece, into: readonly Buffer[]): void {
    const i = regionOf(p.address, p.bytes.length);
    const at = p.address - (REGIONS[i] as { address: number }).address;
    (into[i] as Buffer).set((TEMPLATES[i] as Buffer).subarray(at, at + p.bytes.length), at);
  }
  #dirty(p: Piece): void {
    this.#cpu.invalidate(p.address, p.bytes.length);
  }

  /** Runs the case and compares memory with what the host left. */
  run(c: Case, host: Result, slices: Slices = () => undefined): Left {
    for (const p of c.pieces) {
      this.#dirty(p);
      this.#put(p, this.#memory);
      this.#put(p, this.#expected);
    }
    const before = this.#cpu.retired();
    this.#trail = [];
    const vector = this.#execute(c, () => false, slices);
    const retired = this.#cpu.retired() - before;
    const state = this.#result(vector);
    for (const p of host.pieces) this.#put(p, this.#expected);
    const memory = this.#compareMemory();
    for (const p of [...c.pieces, ...host.pieces]) {
      this.#undo(p, this.#expected);
      this.#undo(p, this.#memory);
      this.#dirty(p);
    }
    return { state, memory, retired, trail: this.#trail };
  }
  /** Runs the case without a host; `goOn` may let it continue after an exit. The state it ends with, valid until the next case. */
  alone(c: Case, goOn: (exit: Exit) => boolean): Buffer {
    for (const p of c.pieces) {
      this.#dirty(p);
      this.#put(p, this.#memory);
    }
    const state = this.#result(this.#execute(c, goOn));
    this.#compareMemory();
    return state;
  }
  #compareMemory(): { address: number; ours: number; host: number }[] {
    const found: { address: number; ours: number; host: number }[] = [];
    this.#memory.forEach((ours, i) => {
      const host = this.#expected[i] as Buffer;
      if (ours.equals(host)) return;
      const { address, pages } = REGIONS[i] as { address: number; pages: number };
      for (let k = 0; k < ours.length; k++)
        if (ours[k] !== host[k]) found.push({ address: address + k, ours: ours[k] as number, host: host[k] as number });
      ours.set(TEMPLATES[i] as Buffer);
      this.#cpu.invalidate(address, pages * PAGE);
    });
    return found;
  }
  #execute(c: Case, goOn: (exit: Exit) => boolean = () => false, slices: Slices = () => undefined): number {
    const cpu = this.#cpu;
    const { view } = cpu;
    cpu.load(this.#initial);
    const s = c.state;
    cpu.u8.set(s.subarray(S.gpr, S.gpr + 128), L.GPR);
    cpu.u8.set(s.subarray(S.rip, S.rip + 8), L.RIP);
    cpu.u8.set(s.subarray(S.fsBase, S.fsBase + 8), L.FS_BASE);
    cpu.u8.set(s.subarray(S.gsBase, S.gsBase + 8), L.GS_BASE);
    cpu.u8.set(s.subarray(S.selectors, S.selectors + 12), L.SELECTORS);
    cpu.setFlags(s.readUInt32LE(S.rflags));
    cpu.fxrstor(s.subarray(S.fx, S.fx + 512));
    view.setUint32(L.FAULT_ERROR, 0, true);
    view.setUint32(L.FP_BEYOND, this.#beyond, true);
    const first = cpu.retired();
    const limit = first + MOST;
    let turns = 0;
    let slice = slices();
    for (;;) {
      const exit = cpu.run(slice ?? limit - cpu.retired());
      if (slice !== undefined && exit.kind === 'budget') {
        this.#trail.push([cpu.retired() - first, Number(cpu.get('rip')), this.#hash()]);
        slice = slices();
        continue;
      }
      if (goOn(exit)) continue;
      if (exit.kind === 'syscall') {
        // Linux cuts the number before the harness sees it.
        if (exit.gate === 'int80') cpu.set('rax', BigInt.asUintN(32, cpu.get('rax')));
        return SYSCALL;
      }
      if (exit.kind === 'fault') {
        this.#state.writeUInt32LE(exit.error, S.error);
        this.#state.writeBigUInt64LE(exit.vector === 14 ? exit.address : 0n, S.cr2);
        return exit.vector;
      }
      if (cpu.retired() >= limit || ++turns > TURNS) return HANG;
    }
  }
  /** Of the general and vector registers and flags. */
  #hash(): number {
    const { u32 } = this.#cpu;
    let h = this.#cpu.flags();
    for (let i = 0; i < 32; i++) h = Math.imul(h ^ (u32[(L.GPR >> 2) + i] as number), 0x01000193);
    for (let i = 0; i < 64; i++) h = Math.imul(h ^ (u32[(L.XMM >> 2) + i] as number), 0x01000193);
    return h;
  }
  #result(vector: number): Buffer {
    const { u8 } = this.#cpu;
    const s = this.#state;
    if (vector >= SYSCALL) s.fill(0, S.error, S.error + 12);
    s.set(u8.subarray(L.GPR, L.GPR + 128), S.gpr);
    s.set(u8.subarray(L.RIP, L.RIP + 8), S.rip);
    s.writeBigUInt64LE(BigInt(this.#cpu.flags()), S.rflags);
    s.set(u8.subarray(L.FS_BASE, L.FS_BASE + 16), S.fsBase);
    s.set(u8.subarray(L.SELECTORS, L.SELECTORS + 12), S.selectors);
    s.writeUInt32LE(vector, S.vector);
    this.#cpu.fxsave(s.subarray(S.fx, S.fx + 512));
    return s;
  }
}
