// Runs tasks in pieces and notes where each piece ends: where the time of guest programs goes. A piece is so many instructions, so that what the guest does,
// and when tasks take turns, is the same as without; how many is chosen so that it takes about a millisecond, a little more or less each time.
import type { Activity, Meter } from '../cpu/meter.ts';
import type { Exit } from '../kernel/cpu.ts';
import type { AddressSpace } from '../kernel/mm/address-space.ts';
import type { Runner } from '../kernel/observe.ts';
import type { Thread } from '../kernel/thread.ts';
import { Frames } from './frames.ts';
import type { Mode, Profile, Sample } from './profile.ts';

const SHORTEST = 2000;
const LONGEST = 4_000_000;
/** Milliseconds that a piece should take. */
const PIECE = 1;
/** What the machine does for a program while its code runs, as frames. */
const WORK: readonly (readonly [Activity, Mode, string])[] = [
  ['translate', 'ring3', '[translation]'],
  ['compile', 'ring3', '[compiler]'],
  ['build', 'ring3', '[V8 compiling]'],
  ['fault', 'kernel', '[page fault]'],
];
const COUNTS = [
  ['translated', 'translation'],
  ['hot', 'hot'],
  ['faults', 'page fault'],
] as const;

/** A program's samples so far, and what is to go into the next ones. */
class Program {
  readonly pid: number;
  readonly space: AddressSpace;
  name = '';
  readonly samples: Sample[] = [];
  readonly exits: Record<string, number> = {};
  guest = 0;
  instructions = 0;
  readonly work = WORK.map(() => 0);
  /** Kernel time by stack. */
  readonly kernel = new Map<number, number>();

  constructor(t: Thread) {
    this.pid = t.process.pid;
    this.space = t.space;
  }
  count(cause: string, n = 1): void {
    if (n) this.exits[cause] = (this.exits[cause] ?? 0) + n;
  }
  add(stack: readonly number[], mode: Mode, ms: number, instructions: number): void {
    const last = this.samples.at(-1);
    if (last?.mode === mode && last.stack.length === stack.length && last.stack.every((f, i) => f === stack[i])) {
      last.ms += ms;
      last.instructions += instructions;
    } else this.samples.push({ stack, mode, ms, instructions });
  }
}

export class Sampler implements Runner {
  readonly #meter: Meter;
  readonly #frames = new Frames();
  readonly #programs: Program[] = [];
  /** The program a process runs now. */
  readonly #current = new Map<object, Program>();
  readonly #stacks: (readonly number[])[] = [];
  readonly #stackNumbers = new Map<string, number>();
  #piece = 20_000;
  /** Instructions until the next sample. */
  #left = 20_000;
  #random = 0x2545f491;
  /** The meter as it was when last looked at. */
  readonly #spent: Meter['spent'];
  readonly #counts: Meter['counts'];
  /** Whose exit the kernel is dealing with, and the stack that is to stand for it. */
  #after: { readonly program: Program; readonly stack: number } | undefined;

  constructor(meter: Meter) {
    this.#meter = meter;
    this.#spent = { ...meter.spent };
    this.#counts = { ...meter.counts };
  }
  run(t: Thread, budget: number): Exit {
    const meter = this.#meter;
    const { cpu } = t;
    const before = meter.begin('profile');
    this.#kernelTime();
    const p = this.#program(t);
    let left = budget;
    for (;;) {
      const retired = cpu.retired();
      meter.begin('guest');
      const exit = cpu.run(Math.min(left, this.#left));
      meter.begin('profile');
      const n = cpu.retired() - retired;
      left -= n;
      this.#left -= n;
      p.instructions += n;
      this.#collect(p);
      if (this.#left <= 0) this.#sample(t, p);
      if (exit.kind !== 'budget' || exit.within || left <= 0) {
        this.#ended(t, p, exit);
        meter.begin(before);
        return exit;
      }
      p.count('sample');
    }
  }
  /** What was found; the sampler is done. */
  finish(): Profile {
    this.#meter.begin('profile');
    this.#kernelTime();
    for (const p of this.#programs)
      this.#flush(p, p.samples.at(-1)?.stack ?? [this.#frames.number('[start]')], 'interpreted');
    return { frames: this.#frames.list, programs: this.#programs.filter((p) => p.samples.length) };
  }

  #program(t: Thread): Program {
    let p = this.#current.get(t.process);
    if (p?.space !== t.space) {
      p = new Program(t);
      this.#current.set(t.process, p);
      this.#programs.push(p);
    }
    p.name ||= t.comm;
    return p;
  }
  /** How much more an activity has spent than when last asked. */
  #more(a: Activity): number {
    const ms = this.#meter.spent[a] - this.#spent[a];
    this.#spent[a] = this.#meter.spent[a];
    return ms;
  }
  /** The kernel's time since a run ended is put down to what it ended with. */
  #kernelTime(): void {
    const ms = this.#more('kernel') + this.#more('host');
    if (!this.#after) return;
    const { program, stack } = this.#after;
    program.kernel.set(stack, (program.kernel.get(stack) ?? 0) + ms);
  }
  #collect(p: Program): void {
    p.guest += this.#more('guest');
    WORK.forEach(([activity], i) => {
      p.work[i] = (p.work[i] as number) + this.#more(activity);
    });
    // Files read for page faults.
    p.work[WORK.length - 1] = (p.work[WORK.length - 1] as number) + this.#more('host');
    const { counts } = this.#meter;
    for (const [key, cause] of COUNTS) {
      p.count(cause, counts[key] - this.#counts[key]);
      this.#counts[key] = counts[key];
    }
  }
  #sample(t: Thread, p: Program): void {
    if (p.guest < PIECE / 2) this.#piece = Math.min(LONGEST, this.#piece * 2);
    else if (p.guest > PIECE * 2) this.#piece = Math.max(SHORTEST, this.#piece / 2);
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    this.#left = Math.ceil(this.#piece * (0.5 + (this.#random >>> 0) / 2 ** 32));
    this.#flush(p, this.#stack(t), t.cpu.runsCompiled() ? 'compiled' : 'interpreted');
  }
  #flush(p: Program, stack: readonly number[], mode: Mode): void {
    for (const [number, ms] of p.kernel) p.add(this.#stacks[number] as readonly number[], 'kernel', ms, 0);
    p.kernel.clear();
    WORK.forEach(([, work, name], i) => {
      if (p.work[i]) p.add([this.#frames.number(name)], work, p.work[i], 0);
      p.work[i] = 0;
    });
    if (p.guest || p.instructions) p.add(stack, mode, p.guest, p.instructions);
    p.guest = p.instructions = 0;
  }
  #stack(t: Thread): readonly number[] {
    return this.#frames.stack(t, Number(t.cpu.get('rip')));
  }
  #ended(t: Thread, p: Program, exit: Exit): void {
    let what = '[scheduler]';
    if (exit.kind === 'syscall') {
      const { u32, raxIndex } = t.cpu;
      const table = exit.gate === 'syscall' ? t.kernel.table.x64 : t.kernel.table.i386;
      const nr = u32[raxIndex] as number;
      what = `[kernel: ${table[nr]?.name ?? `call ${nr}`}]`;
      p.count('system call');
    } else if (exit.kind === 'fault') {
      what = '[kernel: fault]';
      p.count('fault');
    } else p.count('budget');
    const stack = exit.kind === 'budget' ? [] : this.#stack(t);
    this.#after = { program: p, stack: this.#numberOf([...stack, this.#frames.number(what)]) };
  }
  #numberOf(stack: readonly number[]): number {
    const key = stack.join();
    let n = this.#stackNumbers.get(key);
    if (n === undefined) {
      n = this.#stacks.push(stack) - 1;
      this.#stackNumbers.set(key, n);
    }
    return n;
  }
}
