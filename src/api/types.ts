// What the package's users give and get, the same in Node and in browsers.
import type { Files } from '../host/browser/files.ts';

export interface MachineOptions {
  /** The file tree programs find at first; /dev, /proc and /tmp are there by themselves. */
  readonly files?: Files;
  /** Compile what is hot, everything, or nothing. Default 'on'. */
  readonly jit?: 'on' | 'eager' | 'off';
  /** Bytes of memory the machine has. Default 1 GiB. */
  readonly memory?: number;
  /** Default 'ring3'. */
  readonly hostname?: string;
}

/** Text (as UTF-8), bytes, or a source of them that is asked as the program reads. */
export type Input =
  | string
  | Uint8Array
  | AsyncIterable<string | Uint8Array>
  | { getReader(): { read(): Promise<{ done: boolean; value?: string | Uint8Array | undefined }> } };

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface RunOptions {
  /** Default: PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default '/'. */
  readonly cwd?: string;
  /** The program has a terminal of this size for all three standard streams: what it is to show comes to `stdout`, and `stdin` gives keys. */
  readonly terminal?: TerminalSize;
  /** Standard input; default: at its end from the beginning. */
  readonly stdin?: Input;
  /** Called with what the program writes, in order; without it that is collected for the result. */
  readonly stdout?: (bytes: Uint8Array) => void;
  readonly stderr?: (bytes: Uint8Array) => void;
  /** Called with the trace's text, in order with stdout and stderr; may be whole lines or parts of them. */
  readonly trace?: (text: string) => void;
  /** strace's own options for `trace`, such as ['-f', '-e', 'trace=file']. Default ['-f']. */
  readonly traceOptions?: readonly string[];
}

/** How a program ended, or why it was not started. */
export type Outcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number; readonly core: boolean }
  /** `error` is an errno name; `message` tells a person. */
  | { readonly kind: 'not started'; readonly error: string; readonly message: string };

export type Ended = Outcome & {
  /** What was written, where no callback took it. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Instructions retired and system calls made, by all its processes. */
  readonly instructions: number;
  readonly calls: number;
  /** What it did to files, by path. */
  readonly changes: Readonly<Record<string, 'written' | 'removed'>>;
};
