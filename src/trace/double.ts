// For tests: a task that is only as much as a trace looks at, with 64 KiB of memory, and a way to let it make calls.
import { EFAULT, ENAMETOOLONG, type Errno } from '../abi/errno.ts';
import type { Abi } from '../abi/type.ts';
import { tables } from '../kernel/syscalls/index.ts';
import type { Call, Thread } from '../kernel/thread.ts';
import { parseStraceArguments, type StraceOptions } from './options.ts';
import { createStrace, type Strace } from './strace.ts';

export const BASE = 0x10000;
const SIZE = 0x10000;
/** Where the `place` of a test's memory starts; the first bytes are free to write into. */
const HEAP = BASE + 0x100;

export function optionsOf(...argv: string[]): StraceOptions {
  const r = parseStraceArguments([...argv, 'prog'], tables);
  if (r.kind !== 'run') throw new Error(JSON.stringify(r));
  return r.options;
}

/** The clocks of a kernel: they stand still unless a test moves them. */
export interface Clock {
  monotonic: bigint;
  realtime: bigint;
}
export class FakeTask {
  readonly memory = new Uint8Array(SIZE);
  readonly view = new DataView(this.memory.buffer);
  readonly thread: Thread;
  readonly clock: Clock;
  #free = HEAP;

  constructor(tid = 100, abi: Abi = 'x64', clock: Clock = { monotonic: 0n, realtime: 0n }) {
    this.clock = clock;
    const at = (address: number, n: number): number | undefined =>
      address >= BASE && address + n <= BASE + SIZE ? address - BASE : undefined;
    const bytes = (address: number, n: number): Uint8Array | Errno => {
      const o = at(address, n);
      return o === undefined ? EFAULT : this.memory.subarray(o, o + n);
    };
    const string = (address: number, most = 4096): string | Errno => {
      const o = at(address, 1);
      if (o === undefined) return EFAULT;
      const end = this.memory.indexOf(0, o);
      if (end < 0) return EFAULT;
      return end - o >= most ? ENAMETOOLONG : String.fromCharCode(...this.memory.subarray(o, end));
    };
    const kernel = { monotonic: () => clock.monotonic, realtime: () => clock.realtime, thread: () => undefined };
    const user = { bytes, string, direct: () => false };
    const partial = { tid, abi, comm: 'prog', user, kernel, switches: { voluntary: 0 } };
    this.thread = partial as unknown as Thread;
  }
  /** Puts bytes (a string: with its NUL) into memory and gives their address. */
  place(data: string | readonly number[] | Uint8Array): number {
    const b = typeof data === 'string' ? Uint8Array.from(`${data}\0`, (c) => c.charCodeAt(0)) : data;
    const address = this.#free;
    this.memory.set(b, address - BASE);
    this.#free += (b.length + 15) & ~15;
    return address;
  }
  /** The same of 32-bit words. */
  words(...words: readonly number[]): number {
    return this.place(new Uint8Array(Uint32Array.from(words).buffer));
  }
  call(name: string, ...args: readonly (number | bigint)[]): Call {
    const nr = tables[this.thread.abi].findIndex((s) => s?.name === name);
    const raw = new Uint32Array(12);
    new BigUint64Array(raw.buffer).set(args.map((a) => BigInt.asUintN(64, BigInt(a))));
    return { syscall: tables[this.thread.abi][nr], nr: nr < 0 ? Number.parseInt(name, 10) : nr, gate: 'syscall', raw };
  }
}

/** A trace and what it has written. */
export class Recorder {
  readonly strace: Strace;
  readonly task: FakeTask;
  text = '';
  notes = '';
  constructor(argv: readonly string[] = [], task = new FakeTask()) {
    this.strace = createStrace(optionsOf(...argv), {
      trace: { write: (s) => (this.text += s) },
      notes: { write: (s) => (this.notes += s) },
    });
    this.task = task;
  }
  /** A whole call; `during`: what the kernel does to memory. Gives what has been written. */
  call(
    name: string,
    args: readonly (number | bigint)[],
    result: number | Errno | 'noreturn' = 0,
    during?: () => void,
  ): string {
    const call = this.task.call(name, ...args);
    this.strace.enter?.(this.task.thread, call);
    during?.();
    this.strace.exit?.(this.task.thread, call, result);
    return this.take();
  }
  take(): string {
    this.strace.flush();
    const { text } = this;
    this.text = '';
    return text;
  }
}
