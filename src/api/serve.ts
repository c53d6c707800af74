// The worker's side: makes the machines that its handle asks for and runs them, one after another.
import { Errno } from '../abi/errno.ts';
import { S_IFMT, S_IFREG } from '../abi/stat.ts';
import type { CpuParts } from '../cpu/cpu.ts';
import { byteString, textOf } from '../host/browser/bytes.ts';
import { type MemoryFiles, treeOf } from '../host/browser/files.ts';
import { BrowserHost } from '../host/browser/host.ts';
import { InputQueue, OutputQueue, TerminalQueue } from '../host/browser/stream.ts';
import { Machine } from '../machine/machine.ts';
import { refusalText } from '../machine/refusal.ts';
import type { Strace } from '../trace/strace.ts';
import { treeAfter } from './keep.ts';
import type { Command, FromWorker, Port, ToWorker } from './messages.ts';
import { Outbox } from './outbox.ts';
import type { MachineOptions, Outcome, TerminalSize } from './types.ts';

/** What the platform brings. */
export interface Platform {
  /** The CPU's parts, from wherever the package's files are. */
  parts(jit: 'on' | 'eager' | 'off'): Promise<CpuParts>;
  /** Resolves as soon as messages that have come were heard: a timer would be held back by milliseconds. */
  tick(): Promise<void>;
}

const MEMORY = 2 ** 30;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Answers a handle for as long as the worker lives. */
export function serve(port: Port<FromWorker, ToWorker>, platform: Platform): void {
  let session: Promise<Session> | undefined;
  let run: Run | undefined;
  const failed = (e: unknown): void => {
    const error = e instanceof Error ? e : new Error(String(e));
    const type = error instanceof TypeError ? 'TypeError' : 'Error';
    port.post({ kind: 'failed', type, message: error.message, stack: error.stack });
  };
  port.listen((m) => {
    switch (m.kind) {
      case 'machine':
        session = startSession(m.options, platform);
        // Whoever runs something hears of it.
        session.catch(() => {});
        break;
      case 'run':
        run = new Run(port, m.command);
        run.start(session as Promise<Session>).catch(failed);
        break;
      case 'input':
        run?.input(m.bytes);
        break;
      case 'resize':
        run?.resize(m.size);
        break;
      case 'read':
        read(port, session as Promise<Session>, m.id, m.path).catch(failed);
        break;
      case 'signal':
        run?.host?.signal(m.signal);
        break;
      case 'taken':
        run?.outbox.taken(m.messages);
    }
  });
}

/** What a handle's runs share. */
interface Session {
  readonly options: MachineOptions;
  readonly platform: Platform;
  readonly cpu: CpuParts;
  /** As the last run left it. */
  files: MemoryFiles;
}
async function startSession(options: MachineOptions, platform: Platform): Promise<Session> {
  const cpu = await platform.parts(options.jit ?? 'on');
  return { options, platform, cpu, files: treeOf(options.files ?? {}, Date.now()) };
}

async function read(
  port: Port<FromWorker, ToWorker>,
  session: Promise<Session>,
  id: number,
  path: string,
): Promise<void> {
  const { files } = await session;
  const found = files.find(byteString(path));
  const bytes = found && (found.mode & S_IFMT) === S_IFREG ? found.bytes.slice() : undefined;
  port.post({ kind: 'file', id, bytes }, bytes ? [bytes.buffer] : []);
}

class Run {
  readonly outbox: Outbox;
  readonly #port: Port<FromWorker, ToWorker>;
  readonly #command: Command;
  readonly #stdin: InputQueue;
  #tracer: Strace | undefined;
  host: BrowserHost | undefined;

  constructor(port: Port<FromWorker, ToWorker>, command: Command) {
    this.#port = port;
    this.#command = command;
    this.outbox = new Outbox((message, transfer) => port.post(message, transfer));
    const hungry = (): void => port.post({ kind: 'hungry' });
    const { terminal } = command;
    this.#stdin = terminal
      ? new TerminalQueue(now(), hungry, (bytes) => this.outbox.bytes('stdout', bytes), terminal)
      : new InputQueue(now(), hungry);
    if (command.noInput) this.input(undefined);
  }
  input(bytes: Uint8Array | undefined): void {
    if (bytes) this.#stdin.push(bytes);
    // A terminal without keys stays one.
    else if (!this.#command.terminal) this.#stdin.end();
    this.host?.wake();
  }
  resize(size: TerminalSize): void {
    if (this.#stdin instanceof TerminalQueue) this.#stdin.resize(size);
    this.host?.wake();
  }
  async start(session: Promise<Session>): Promise<void> {
    const shared = await session;
    const { options, platform, cpu, files } = shared;
    const { cwd, env, trace } = this.#command;
    if (trace) this.#tracer = await this.#startTrace(trace);
    const { outbox } = this;
    const memory = options.memory ?? MEMORY;
    const host = new BrowserHost({
      files,
      stdio: this.#streams(),
      environment: env,
      cwd: byteString(cwd),
      hostname: byteString(options.hostname ?? 'ring3'),
      memory,
      cpus: 1,
      pause: () => {
        this.#tracer?.flush();
        outbox.flush();
        return outbox.caughtUp();
      },
      tick: platform.tick,
    });
    this.host = host;
    const machine = new Machine({ host, cpu, observers: this.#tracer ? [this.#tracer] : [] });
    const outcome = await this.#run(machine, env);
    const { instructions, calls } = machine.statistics();
    const changed = machine.files.changes();
    if (changed.size) shared.files = treeAfter(machine.files, files, memory);
    const changes = Object.fromEntries([...changed].map(([path, how]) => [textOf(path), how]));
    this.#port.post({ kind: 'ended', outcome, instructions, calls, changes });
  }
  #streams(): BrowserHost['stdio'] {
    const stdin = this.#stdin;
    if (stdin instanceof TerminalQueue) return [stdin, stdin, stdin];
    const to = (name: 'stdout' | 'stderr'): OutputQueue => new OutputQueue(now(), (b) => this.outbox.bytes(name, b));
    return [stdin, to('stdout'), to('stderr')];
  }
  async #run(machine: Machine, env: Command['env']): Promise<Outcome> {
    const [name, ...rest] = this.#command.command as [string, ...string[]];
    const argv = [name, ...rest].map(byteString);
    const envp = Object.entries(env).map(([k, v]) => byteString(`${k}=${v}`));
    const path = machine.find(argv[0] as string, env.PATH ?? PATH);
    const refused = (error: Errno): Outcome => ({
      kind: 'not started',
      error: error.name,
      message: refusalText(name, error, machine).trimEnd(),
    });
    if (path instanceof Errno) return refused(path);
    try {
      const how = await machine.run({ path, argv, envp }, true);
      if (how.kind !== 'not started') return how;
      this.#tracer?.notStarted();
      return refused(how.error);
    } finally {
      this.#tracer?.finish();
      this.outbox.flush();
    }
  }
  /** strace's part is loaded when it is first asked for. */
  async #startTrace(args: readonly string[]): Promise<Strace> {
    const { createTracer } = await import('./trace.ts');
    const write = (text: string): void => this.outbox.text(text);
    return createTracer(args, write);
  }
}
const now = (): bigint => BigInt(Date.now()) * 1_000_000n;
