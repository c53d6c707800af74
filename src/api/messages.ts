// What a machine's handle and the worker it runs in tell each other. Everything can be cloned.
import type { MachineOptions, Outcome, TerminalSize } from './types.ts';

/** The command line and what it needs; text is not encoded yet. */
export interface Command {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** strace's options; undefined: no trace. */
  readonly trace: readonly string[] | undefined;
  /** Standard streams are a terminal. */
  readonly terminal: TerminalSize | undefined;
  /** There is no standard input to wait for. */
  readonly noInput: boolean;
}
export type ToWorker =
  | { readonly kind: 'machine'; readonly options: MachineOptions }
  | { readonly kind: 'run'; readonly command: Command }
  /** The next piece of standard input; undefined: its end. */
  | { readonly kind: 'input'; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'resize'; readonly size: TerminalSize }
  | { readonly kind: 'read'; readonly id: number; readonly path: string }
  | { readonly kind: 'signal'; readonly signal: number }
  /** So many output messages have been dealt with. */
  | { readonly kind: 'taken'; readonly messages: number };

export type Piece =
  | { readonly to: 'stdout' | 'stderr'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly to: 'trace'; readonly text: string };
export type FromWorker =
  | { readonly kind: 'output'; readonly pieces: readonly Piece[] }
  /** The program looks for more input. */
  | { readonly kind: 'hungry' }
  | {
      readonly kind: 'ended';
      readonly outcome: Outcome;
      readonly instructions: number;
      readonly calls: number;
      readonly changes: Readonly<Record<string, 'written' | 'removed'>>;
    }
  /** The answer to 'read': undefined where there is no such file. */
  | { readonly kind: 'file'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> | undefined }
  /** What was asked for was wrong, or a mistake of ours: `run` rejects. */
  | {
      readonly kind: 'failed';
      readonly type: 'TypeError' | 'Error';
      readonly message: string;
      readonly stack: string | undefined;
    };

/** A worker as its handle sees it, and a handle as its worker does. */
export interface Port<Out, In> {
  post(message: Out, transfer?: readonly ArrayBuffer[]): void;
  /** Called once, with who is to hear. */
  listen(hear: (message: In) => void): void;
}
export interface WorkerPort extends Port<ToWorker, FromWorker> {
  /** The worker itself broke: it could not be loaded, or had an exception that nobody caught. */
  onFailure(hear: (message: string) => void): void;
  /** A program runs: the platform stays alive for it. */
  busy?(yes: boolean): void;
  terminate(): void;
}
