// `ring3 strace`: an observer that writes what tasks do, as strace prints it.
import type { Observer } from '../kernel/observe.ts';
import type { StraceOptions } from './options.ts';

/** Takes text in pieces of any size (every character is ASCII); the order of the pieces is the trace's. */
export interface Sink {
  write(text: string): void;
}
export interface Outputs {
  /** Where the trace goes: standard error, a file or a pipe. */
  readonly trace: Sink;
  /** Messages that are not part of the trace (`strace: Process 12 attached`): always standard error. */
  readonly notes: Sink;
  /** With --output-separately: the sink of one task, opened when it first has something to say. */
  readonly task?: (tid: number) => Sink;
}
export interface Strace extends Observer {
  /** Hands over what is buffered. To be called before the machine waits for its host, and now and then while a program computes. */
  flush(): void;
  /** The run is over: writes the summary, if one was asked for, and flushes. */
  finish(): void;
  /** The command could not be executed: the lines strace prints then. `error` is what execve answered. */
  execFailed(path: string, argv: readonly string[], variables: number, error: { readonly code: number }): void;
}
export type CreateStrace = (options: StraceOptions, outputs: Outputs) => Strace;
