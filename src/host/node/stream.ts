// One of the process's own streams 0, 1, 2. Pipes and terminals are opened a second time, non-blocking, where the host lets us: neither a read nor a
// write then holds up the machine, nothing is read that the program didn't ask for, and the descriptor that others share stays as it was.
import {
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  writeSync,
} from 'node:fs';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import type { ReadStream } from 'node:tty';
import { HostError, type HostStat, type HostStream } from '../host.ts';
import { builtin } from './builtin.ts';
import { statOf, translate } from './files.ts';

const S_IFMT = 0o170000;
const O_WRONLY = 1;
/** Linux's number of /dev/null and its kin. */
const MEM_MAJOR = 1;
const KINDS: Readonly<Record<number, HostStream['kind']>> = {
  0o100000: 'file',
  0o010000: 'pipe',
  0o140000: 'socket',
  0o020000: 'device',
  0o040000: 'device',
};
const codeOf = (e: unknown): string | undefined => (e as NodeJS.ErrnoException).code;
/** Milliseconds until a full or empty stream is tried again: short at first, then at leisure. */
const patience = (tries: number): number => Math.min(16, 1 + (tries >> 2));

export class NodeStream implements HostStream {
  readonly fd: number;
  readonly kind: HostStream['kind'];
  readonly flags: number;
  readonly path?: string;
  readonly #wake: () => void;
  readonly #readers = new Set<() => void>();
  readonly #writers = new Set<() => void>();
  /** Descriptors that don't block, for reading and writing. */
  readonly #input: number;
  readonly #output: number;
  /** Where the host's own offset stands, as far as we moved it. */
  #offset = 0;
  /** Bytes read to find out whether there are any. */
  #ahead: Uint8Array = new Uint8Array(0);
  #ended = false;
  #watching: { close(): void } | undefined;
  #tries = 0;
  #fullTimer: { close(): void } | undefined;
  #fullTries = 0;
  /** Its raw mode, once asked for. */
  #keys: ReadStream | undefined;

  constructor(fd: number, wake: () => void) {
    this.fd = fd;
    this.#wake = wake;
    let mode: number | undefined;
    let memory = false;
    try {
      const stat = fstatSync(fd);
      mode = stat.mode & S_IFMT;
      memory = process.platform === 'linux' && stat.rdev >> 8 === MEM_MAJOR;
    } catch {
      mode = undefined;
    }
    const terminal = mode === 0o020000 && !memory && builtin('node:tty').isatty(fd);
    this.kind = terminal ? 'tty' : mode === undefined ? 'closed' : (KINDS[mode] ?? 'device');
    const info = this.#info();
    this.flags = info.flags;
    this.#offset = info.position;
    const blocks = this.kind === 'pipe' || this.kind === 'tty';
    const access = this.flags & 3;
    this.#input = blocks && access !== O_WRONLY ? this.#again(constants.O_RDONLY) : fd;
    this.#output = blocks && access !== 0 ? this.#again(O_WRONLY) : fd;
    const link = this.kind === 'file' || this.kind === 'device' || terminal ? this.#link() : undefined;
    if (link !== undefined) this.path = link;
  }
  #link(): string | undefined {
    try {
      return readlinkSync(`/proc/self/fd/${this.fd}`, { encoding: 'latin1' });
    } catch {
      return undefined;
    }
  }
  /** The descriptor's flags and offset, where the host tells; else by its number. */
  #info(): { flags: number; position: number } {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${this.fd}`, 'latin1');
      const flags = /flags:\s*(\d+)/.exec(text);
      const position = /pos:\s*(\d+)/.exec(text);
      if (flags) return { flags: Number.parseInt(flags[1] as string, 8), position: Number(position?.[1] ?? 0) };
    } catch {
      // No /proc: macOS and the like.
    }
    return { flags: this.fd === 0 ? 0 : 1, position: 0 };
  }
  #again(access: number): number {
    try {
      return openSync(`/proc/self/fd/${this.fd}`, access | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      return this.fd;
    }
  }
  stat(): HostStat {
    try {
      return statOf(fstatSync(this.fd, { bigint: true }));
    } catch (e) {
      return translate(e);
    }
  }

  read(into: Uint8Array, at?: number): number | 'again' {
    if (this.#ahead.length) {
      const n = Math.min(into.length, this.#ahead.length);
      into.set(this.#ahead.subarray(0, n));
      this.#ahead = this.#ahead.subarray(n);
      return n;
    }
    if (this.#ended) {
      // A terminal may go on after ^D.
      if (this.kind === 'tty') this.#ended = false;
      return 0;
    }
    try {
      const n = readSync(this.#input, into, 0, into.length, at ?? null);
      this.#tries = 0;
      return n;
    } catch (e) {
      if (codeOf(e) === 'EOF') return 0;
      if (codeOf(e) !== 'EAGAIN') return translate(e);
      this.#watch();
      return 'again';
    }
  }
  ready(): boolean {
    if (this.#ahead.length || this.#ended) return true;
    const one = new Uint8Array(1);
    let n: number | 'again';
    try {
      n = this.read(one);
    } catch (e) {
      // The next read tells what is wrong.
      if (e instanceof HostError) return true;
      throw e;
    }
    if (n === 'again') return false;
    if (n === 0) this.#ended = true;
    else this.#ahead = one;
    return true;
  }
  onReadable(wake: () => void): void {
    this.#readers.add(wake);
  }
  /** Waits for input without taking any. */
  #watch(): void {
    if (this.#watching) return;
    const came = (): void => {
      this.#watching?.close();
      this.#watching = undefined;
      for (const w of this.#readers) w();
      this.#wake();
    };
    this.#watching = (this.#tries++ < 64 ? this.#poll(came) : undefined) ?? timer(came, patience(this.#tries));
  }
  /**
   * libuv's poll, by way of a socket whose buffer has no room: it reports ENOBUFS as soon as the descriptor is readable, before reading. Undefined
   * where the stream is none that it takes.
   */
  #poll(came: () => void): { close(): void } | undefined {
    if (this.kind === 'tty') return undefined;
    let fd: number;
    try {
      fd = this.kind === 'socket' ? this.fd : openSync(`/proc/self/fd/${this.fd}`, constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
    if (fd === this.fd) return undefined;
    const empty = Buffer.alloc(0);
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: { buffer: empty, callback: () => true },
    };
    const socket = new (builtin('node:net').Socket)(options);
    socket.on('error', came);
    socket.on('end', came);
    socket.resume();
    socket.unref();
    return { close: () => socket.destroy() };
  }

  write(from: Uint8Array, at?: number): number | 'again' {
    try {
      const n = writeSync(this.#output, from, 0, from.length, at ?? null);
      this.#fullTries = 0;
      return n;
    } catch (e) {
      if (codeOf(e) !== 'EAGAIN') return translate(e);
      this.#fullTimer ??= setTimeout(
        () => {
          this.#fullTimer = undefined;
          for (const w of this.#writers) w();
          this.#wake();
        },
        patience(this.#fullTries++),
      );
      return 'again';
    }
  }
  onWritable(wake: () => void): void {
    this.#writers.add(wake);
  }

  position(): number {
    return this.#offset;
  }
  /** There is no lseek here: what the program has read is read once more at the descriptor's own offset. */
  leave(position: number): void {
    if (this.kind !== 'file' || (this.flags & 3) === O_WRONLY) return;
    const scratch = new Uint8Array(Math.max(0, Math.min(1 << 20, position - this.#offset)));
    while (this.#offset < position) {
      const n = readSync(this.fd, scratch, 0, Math.min(scratch.length, position - this.#offset), null);
      if (n === 0) return;
      this.#offset += n;
    }
  }
  truncate(size: number): void {
    try {
      ftruncateSync(this.fd, size);
    } catch (e) {
      translate(e);
    }
  }
  sync(): void {
    try {
      fsyncSync(this.fd);
    } catch (e) {
      translate(e);
    }
  }
  windowSize(): { rows: number; columns: number } {
    try {
      const sizer = new (builtin('node:tty').WriteStream)(this.#anew());
      const size = { rows: sizer.rows, columns: sizer.columns };
      sizer.destroy();
      return size;
    } catch {
      return { rows: 24, columns: 80 };
    }
  }
  #anew(): number {
    return openSync(this.path ?? `/proc/self/fd/${this.fd}`, constants.O_RDWR | constants.O_NOCTTY);
  }
  onResize(call: () => void): void {
    process.on('SIGWINCH', call);
  }
  setRaw(raw: boolean): void {
    this.#keys ??= new (builtin('node:tty').ReadStream)(this.#anew());
    this.#keys.setRawMode(raw);
    // Node leaves the host's own line feeds on. At the end of the process it sets everything back.
    if (raw) builtin('node:child_process').spawnSync('stty', ['-opost'], { stdio: [this.fd, 'ignore', 'ignore'] });
  }
}
function timer(call: () => void, ms: number): { close(): void } {
  const t = setTimeout(call, ms);
  // Whoever waits keeps the process alive by itself.
  t.unref();
  return { close: () => clearTimeout(t) };
}
