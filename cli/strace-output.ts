// Where a trace goes: standard error, files, a command's standard input.
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { builtin } from '../src/host/node/builtin.ts';
import type { StraceOptions } from '../src/trace/options.ts';
import type { Outputs, Sink } from '../src/trace/strace.ts';

/** A file of the trace can't be written; the message is strace's. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** Writes all, waiting where a pipe is full. A reader that has gone away takes nothing more. */
function writeAll(fd: number, text: string): boolean {
  for (let at = 0; at < text.length; ) {
    try {
      at += writeSync(fd, at === 0 ? text : text.slice(at), null, 'latin1');
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException;
      if (code !== 'EAGAIN') return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return true;
}
class Descriptor implements Sink {
  readonly #fd: number;
  #open = true;
  constructor(fd: number) {
    this.#fd = fd;
  }
  write(text: string): void {
    if (this.#open) this.#open = writeAll(this.#fd, text);
  }
  close(): void {
    closeSync(this.#fd);
  }
}
function fileNamed(name: string, append: boolean): Descriptor {
  try {
    return new Descriptor(openSync(name, append ? 'a' : 'w', 0o666));
  } catch (e) {
    const { errno, code } = e as NodeJS.ErrnoException;
    throw new OutputError(`strace: Can't fopen '${name}': ${reason(code, errno)}\n`);
  }
}
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EROFS: 'Read-only file system',
  EMFILE: 'Too many open files',
};
const reason = (code: string | undefined, errno: number | undefined): string =>
  (code && REASONS[code]) ?? code ?? `error ${errno}`;

/** A command that the shell runs and that reads the trace. */
class Command implements Sink {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  constructor(command: string) {
    this.#child = builtin('node:child_process').spawn('/bin/sh', ['-c', command], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    this.#child.stdin?.on('error', () => {});
    this.#ended = new Promise((done) => {
      this.#child.once('close', () => done());
      this.#child.once('error', () => done());
    });
  }
  write(text: string): void {
    this.#child.stdin?.write(text, 'latin1');
  }
  close(): Promise<void> {
    this.#child.stdin?.end();
    return this.#ended;
  }
}

export interface OpenOutputs extends Outputs {
  /** After the last text: resolves when whoever reads it has taken it all. */
  close(): Promise<void>;
}
/** Opens what the options name; throws OutputError. */
export function openOutputs({ output, append, separately }: StraceOptions): OpenOutputs {
  const notes = new Descriptor(2);
  if (output === undefined) return { trace: notes, notes, close: async () => {} };
  if (/^[|!]/.test(output)) {
    const trace = new Command(output.slice(1));
    return { trace, notes, close: () => trace.close() };
  }
  if (separately) {
    const files: Descriptor[] = [];
    const task = (tid: number): Sink => {
      const f = fileNamed(`${output}.${tid}`, append);
      files.push(f);
      return f;
    };
    return { trace: notes, notes, task, close: async () => files.forEach((f) => void f.close()) };
  }
  const trace = fileNamed(output, append);
  return { trace, notes, close: async () => trace.close() };
}
