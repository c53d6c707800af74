// One system call is one value: from it come dispatch for every ABI, argument conversion, the trace, the permission class, SYSCALLS.md and the tests.
import type { Errno } from '../abi/errno.ts';
import type { Abi, Int, Type } from '../abi/type.ts';
import type { Thread } from './thread.ts';
import type { Block } from './wait.ts';

/** What a policy rule may name; the first part is one of the six textbook categories' families. */
export type SyscallClass =
  | 'process'
  | 'process.exec'
  | 'process.wait'
  | 'signal'
  | 'memory'
  | 'file.open'
  | 'file.read'
  | 'file.write'
  | 'file.stat'
  | 'file.name'
  | 'file.fd'
  | 'file.attr'
  | 'file.sync'
  | 'file.mount'
  | 'dir'
  | 'device'
  | 'poll'
  | 'pipe'
  | 'net'
  | 'ipc'
  | 'time'
  | 'sched'
  | 'info'
  | 'cred'
  | 'security'
  | 'module'
  | 'trace';

/**
 * The result of a call's body: a number (rax), an Errno (rax = -code), a Block (sleep, then the body runs again from the top), or 'noreturn' for
 * calls that replaced or ended the caller (execve's success, exit, sigreturn: registers are already as they must be).
 */
export type Result = number | Errno | Block | 'noreturn';

type Value<T> = T extends Int ? (T extends { big: true } ? bigint : number) : number;
/** Converted arguments: integers by their type, everything behind a pointer as the user address (a number; exact below 2^53). They hold while the body runs. */
export type Values<A> = { readonly [K in keyof A]: Value<A[K]> };

export interface SyscallDef<A extends Readonly<Record<string, Type>>> {
  readonly name: string;
  readonly nr: { readonly x64?: number; readonly i386?: number };
  readonly class: SyscallClass;
  /** In register order. Names are strace's argument names (`strace -N`). */
  readonly args: A;
  /** How a trace shows the result: default a signed decimal. */
  readonly returns?: Type | undefined;
  /** What is missing, when the body isn't all of Linux's. */
  readonly partial?: string | undefined;
  /** Without a body the call answers -ENOSYS and stands as absent, for this reason. */
  readonly absent?: string | undefined;
  readonly run?: (task: Thread, args: Values<A>) => Result;
}

export interface Syscall extends Omit<SyscallDef<Readonly<Record<string, Type>>>, 'run'> {
  /** How many argument registers it has. */
  readonly registers: number;
  /** `raw`: low and high halves of so many registers, in order. */
  readonly call: ((task: Thread, raw: Uint32Array) => Result) | undefined;
}

const NO_REGISTERS = new Uint32Array(12);
/** The low and high halves of the registers that a view shows. */
interface Registers {
  raw: Uint32Array;
}
/** How a body reads argument i of the type: 32-bit types take the low half, as Linux's do. */
function reader(t: Type, i: number, abi: Abi, from: Registers): () => number | bigint {
  const [low, high] = [2 * i, 2 * i + 1];
  const lo = (): number => from.raw[low] as number;
  if (t.k !== 'int') return abi === 'i386' ? lo : () => (from.raw[high] as number) * 0x1_0000_0000 + lo();
  const n = t.size === 'long' ? (abi === 'x64' ? 8 : 4) : t.size;
  if (t.big) return () => (BigInt(from.raw[high] as number) << 32n) | BigInt(lo());
  if (n === 8)
    return t.signed
      ? () => ((from.raw[high] as number) | 0) * 0x1_0000_0000 + lo()
      : () => (from.raw[high] as number) * 0x1_0000_0000 + lo();
  if (n === 4) return t.signed ? () => lo() | 0 : lo;
  const unused = 32 - 8 * n;
  return t.signed ? () => (lo() << unused) >> unused : () => (lo() << unused) >>> unused;
}
/** The arguments as an object that converts those a body asks for: nothing is made per call. */
function viewOf(types: Readonly<Record<string, Type>>, abi: Abi, from: Registers): object {
  const readers = Object.entries(types).map(([name, t], i) => [name, { get: reader(t, i, abi, from) }] as const);
  return Object.create(Object.defineProperties({}, Object.fromEntries(readers)));
}

/** All of one shape, which is what makes V8 quick at those that every call asks. */
class Definition implements Syscall {
  readonly name: string;
  readonly nr: Syscall['nr'];
  readonly class: SyscallClass;
  readonly args: Syscall['args'];
  readonly registers: number;
  readonly call: Syscall['call'];
  readonly returns: Type | undefined;
  readonly partial: string | undefined;
  readonly absent: string | undefined;
  constructor(def: Omit<Syscall, 'registers' | 'call'>, call: Syscall['call']) {
    this.name = def.name;
    this.nr = def.nr;
    this.class = def.class;
    this.args = def.args;
    this.registers = Object.keys(def.args).length;
    this.call = call;
    this.returns = def.returns;
    this.partial = def.partial;
    this.absent = def.absent;
  }
}

/** Made by `syscall`. */
export const isSyscall = (v: unknown): v is Syscall => v instanceof Definition;
export function syscall<const A extends Readonly<Record<string, Type>>>(def: SyscallDef<A>): Syscall {
  const { run } = def;
  if (!run) return new Definition(def, undefined);
  const from: Registers = { raw: NO_REGISTERS };
  // Made when the call is first made: a program makes few of them all.
  let wide: Values<A> | undefined;
  let narrow: Values<A> | undefined;
  const call = (task: Thread, raw: Uint32Array): Result => {
    from.raw = raw;
    if (task.abi === 'x64') {
      wide ??= viewOf(def.args, 'x64', from) as Values<A>;
      return run(task, wide);
    }
    narrow ??= viewOf(def.args, 'i386', from) as Values<A>;
    return run(task, narrow);
  };
  return new Definition(def, call);
}
