// Who watches: a policy that may answer a call instead of its body, tracers that see calls, signals and the lives of tasks.

import type { Exit } from './cpu.ts';
import type { Ending } from './process.ts';
import type { SigInfo } from './signal/signals.ts';
import type { Result, Syscall } from './syscall.ts';
import type { Call, Thread } from './thread.ts';

export interface Observer {
  /** Before the body (once, however often the call sleeps). An answer is taken for the body's result. */
  enter?(t: Thread, call: Call): Exclude<Result, { on: unknown }> | undefined | void;
  /** The call's end; 'noreturn' as well. `injected`: an observer answered. */
  exit?(t: Thread, call: Call, result: number | { readonly code: number } | 'noreturn'): void;
  /** A signal reaches the task (about to be handled, or to end it). */
  signal?(t: Thread, info: SigInfo): void;
  created?(t: Thread, by: Thread | undefined): void;
  /** The task's memory holds a new program, ready to start; within execve, or without a call for the machine's first program. */
  exec?(t: Thread): void;
  ended?(t: Thread, how: Ending): void;
  stopped?(t: Thread, signal: number): void;
}
/** Who runs tasks in the kernel's stead, to see where their time goes: does what `t.cpu.run(budget)` does, in pieces maybe. */
export interface Runner {
  run(t: Thread, budget: number): Exit;
}
export type { Syscall };
