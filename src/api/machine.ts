// A machine as its user holds it: the handle of a worker in which programs run.
import { bytesOf } from '../host/browser/bytes.ts';
import type { FromWorker, Piece, WorkerPort } from './messages.ts';
import type { Ended, Input, MachineOptions, RunOptions, TerminalSize } from './types.ts';

const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/' };

interface Read {
  readonly path: string;
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}
/** A run under way. */
interface Current {
  readonly options: RunOptions;
  readonly next: (() => Promise<Uint8Array | undefined>) | undefined;
  readonly collected: { readonly stdout: Uint8Array[]; readonly stderr: Uint8Array[] };
  resolve(how: Ended): void;
  reject(error: Error): void;
}

/** See the package's entries, which give it the platform's worker. */
export abstract class WorkerMachine {
  readonly #port: WorkerPort;
  #current: Current | undefined;
  /** Why nothing can be run any more. */
  #gone: string | undefined;
  #nextRead = 0;
  /** Files that were asked for and haven't come. */
  readonly #reads = new Map<number, Read>();

  constructor(port: WorkerPort, options: MachineOptions) {
    this.#port = port;
    port.listen((m) => this.#hear(m));
    port.onFailure((message) => this.#lose(`ring3's worker failed: ${message}`));
    port.post({ kind: 'machine', options });
  }
  /**
   * Runs a program to its end: `command` is its name (looked for in env.PATH where it has no slash) and its arguments. Each run finds the files as the one
   * before left them. Rejects where a program can't be run at all (a TypeError: what was given is wrong), and when the machine is terminated. One at
   * a time.
   */
  run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
    if (!command.length) return Promise.reject(new TypeError('run: which program? The command is empty'));
    if (this.#gone !== undefined) return Promise.reject(new Error(this.#gone));
    if (this.#current)
      return Promise.reject(new Error('run: a program is running: make another Machine for a second one'));
    return new Promise((resolve, reject) => {
      const { stdin, env = ENV, cwd = '/', terminal, trace, traceOptions = ['-f'] } = options;
      const next = stdin === undefined ? undefined : reader(stdin);
      this.#current = { options, next, collected: { stdout: [], stderr: [] }, resolve, reject };
      const noInput = next === undefined;
      this.#port.busy?.(true);
      this.#port.post({ kind: 'run', command: { command, env, cwd, terminal, noInput, trace: trace && traceOptions } });
    });
  }
  /** A file's contents as the last run left them: a path without symbolic links. Rejects where there is no such file. */
  read(path: string): Promise<Uint8Array> {
    if (this.#gone !== undefined) return Promise.reject(new Error(this.#gone));
    const id = this.#nextRead++;
    this.#port.busy?.(true);
    return new Promise((resolve, reject) => {
      this.#reads.set(id, { path, resolve, reject });
      this.#port.post({ kind: 'read', id, path });
    });
  }
  /** Sends the running program a signal, by Linux's number: 2 and 3 as ^C and ^\ do, to all in the foreground. */
  kill(signal: number): void {
    if (this.#current) this.#port.post({ kind: 'signal', signal });
  }
  /** The running program's terminal has another size. */
  resize(size: TerminalSize): void {
    if (this.#current) this.#port.post({ kind: 'resize', size });
  }
  /** Ends everything at once, whatever the program does. */
  terminate(): void {
    this.#port.terminate();
    this.#lose('the machine was terminated');
  }
  [Symbol.dispose](): void {
    this.terminate();
  }
  #lose(why: string): void {
    this.#gone ??= why;
    this.#settle()?.reject(new Error(why));
    for (const r of this.#reads.values()) r.reject(new Error(why));
    this.#reads.clear();
  }
  #settle(): Current | undefined {
    const current = this.#current;
    this.#current = undefined;
    this.#rest();
    return current;
  }
  #rest(): void {
    if (!this.#current && !this.#reads.size) this.#port.busy?.(false);
  }
  #answer(id: number, bytes: Uint8Array | undefined): void {
    const read = this.#reads.get(id);
    this.#reads.delete(id);
    this.#rest();
    if (bytes) read?.resolve(bytes);
    else read?.reject(new Error(`read: ${read.path}: no such file`));
  }
  #hear(m: FromWorker): void {
    if (m.kind === 'file') return this.#answer(m.id, m.bytes);
    const current = this.#current;
    if (!current) return;
    switch (m.kind) {
      case 'output':
        for (const p of m.pieces) this.#take(current, p);
        this.#port.post({ kind: 'taken', messages: 1 });
        break;
      case 'hungry':
        this.#feed(current);
        break;
      case 'ended': {
        const { outcome, instructions, calls, changes } = m;
        const { stdout, stderr } = current.collected;
        const written = { stdout: joined(stdout), stderr: joined(stderr) };
        this.#settle()?.resolve({ ...outcome, ...written, instructions, calls, changes });
        break;
      }
      case 'failed':
        this.#settle()?.reject(new (m.type === 'TypeError' ? TypeError : Error)(m.message, { cause: m.stack }));
    }
  }
  #take(current: Current, p: Piece): void {
    if (p.to === 'trace') current.options.trace?.(p.text);
    else {
      const take = current.options[p.to];
      if (take) take(p.bytes);
      else current.collected[p.to].push(p.bytes);
    }
  }
  /** A source that fails ends the input, and the run with it. */
  #feed(current: Current): void {
    const next = current.next ?? (async () => undefined);
    next().then(
      (bytes) => {
        if (this.#current === current) this.#port.post({ kind: 'input', bytes });
      },
      (error) => {
        if (this.#current !== current) return;
        this.#port.terminate();
        this.#gone = 'the machine was terminated when its standard input failed';
        this.#settle()?.reject(error);
      },
    );
  }
}

/** Asks a source for the next piece; undefined at its end. */
function reader(input: Input): () => Promise<Uint8Array | undefined> {
  if (typeof input === 'string' || input instanceof Uint8Array) {
    let left: Uint8Array | undefined = bytesOf(input);
    return async () => {
      const all = left;
      left = undefined;
      return all;
    };
  }
  const source = 'getReader' in input ? input.getReader() : undefined;
  const iterator = 'getReader' in input ? undefined : input[Symbol.asyncIterator]();
  return async () => {
    const r = await (source ? source.read() : iterator?.next());
    return r && !r.done && r.value !== undefined ? bytesOf(r.value) : undefined;
  };
}
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    whole.set(p, at);
    at += p.length;
  }
  return whole;
}
