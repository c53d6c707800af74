// One of the process's own streams 0, 1, 2. Regular files are read and written at their own offset; pipes, sockets and terminals are read ahead of nobody:
// a read is started when the program asks for one, and waits in the background.
import * as fs from 'node:fs';
import { HostError, type HostStat, type HostStream } from '../host.ts';
import { statOf, translate } from './host.ts';

const S_IFMT = 0o170000;
const KINDS: Readonly<Record<number, HostStream['kind']>> = {
  0o100000: 'file',
  0o010000: 'pipe',
  0o140000: 'socket',
  0o020000: 'null',
};

export class NodeStream implements HostStream {
  readonly fd: number;
  readonly kind: HostStream['kind'];
  readonly readable: boolean;
  readonly writable: boolean;
  readonly path?: string;
  readonly #wake: () => void;
  readonly #waiting = new Set<() => void>();
  #reading = false;
  #ended = false;
  #ready: Uint8Array = new Uint8Array(0);

  constructor(fd: number, wake: () => void) {
    this.fd = fd;
    this.#wake = wake;
    let mode = 0;
    try {
      mode = fs.fstatSync(fd).mode & S_IFMT;
    } catch {
      mode = 0;
    }
    const terminal = mode === 0o020000 && isTerminal(fd);
    this.kind = terminal ? 'tty' : (KINDS[mode] ?? 'null');
    this.readable = terminal || this.#flags() !== 1;
    this.writable = terminal || this.#flags() !== 0;
    const link = this.kind === 'file' || this.kind === 'null' || terminal ? this.#link() : undefined;
    if (link !== undefined) this.path = link;
  }
  #link(): string | undefined {
    try {
      return fs.readlinkSync(`/proc/self/fd/${this.fd}`, { encoding: 'latin1' });
    } catch {
      return undefined;
    }
  }
  /** Access mode of the descriptor, where the host tells; else by its number. */
  #flags(): number {
    try {
      const m = /flags:\s*(\d+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${this.fd}`, 'latin1'));
      if (m) return Number.parseInt(m[1] as string, 8) & 3;
    } catch {
      return this.fd === 0 ? 0 : 1;
    }
    return this.fd === 0 ? 0 : 1;
  }
  stat(): HostStat {
    try {
      return statOf(fs.fstatSync(this.fd, { bigint: true }));
    } catch (e) {
      return translate(e);
    }
  }
  read(into: Uint8Array): number | 'again' {
    if (this.kind === 'file' || this.kind === 'null') {
      try {
        return fs.readSync(this.fd, into, 0, into.length, null);
      } catch (e) {
        return translate(e);
      }
    }
    if (this.#ready.length) {
      const n = Math.min(into.length, this.#ready.length);
      into.set(this.#ready.subarray(0, n));
      this.#ready = this.#ready.subarray(n);
      return n;
    }
    if (this.#ended) {
      // A terminal may go on after ^D.
      if (this.kind === 'tty') this.#ended = false;
      return 0;
    }
    this.#start(into.length);
    return 'again';
  }
  #start(most: number): void {
    if (this.#reading) return;
    this.#reading = true;
    const buffer = new Uint8Array(Math.max(1, Math.min(most, 65536)));
    const attempt = (): void => {
      fs.read(this.fd, buffer, 0, buffer.length, null, (error, n) => {
        if (error && (error as NodeJS.ErrnoException).code === 'EAGAIN') {
          setTimeout(attempt, 5);
          return;
        }
        this.#reading = false;
        if (error || n === 0) this.#ended = true;
        else this.#ready = buffer.subarray(0, n);
        for (const w of this.#waiting) w();
        this.#wake();
      });
    };
    attempt();
  }
  onReadable(wake: () => void): void {
    this.#waiting.add(wake);
    if (this.kind !== 'file' && this.kind !== 'null' && !this.#ready.length && !this.#ended) this.#start(65536);
  }
  write(from: Uint8Array): number {
    let done = 0;
    while (done < from.length) {
      try {
        done += fs.writeSync(this.fd, from, done);
      } catch (e) {
        if ((e as NodeJS.ErrnoException).code === 'EAGAIN') {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
          continue;
        }
        if ((e as NodeJS.ErrnoException).code === 'EPIPE') throw new HostError('EPIPE');
        return translate(e);
      }
    }
    return done;
  }
  windowSize(): { rows: number; columns: number } {
    const out = process.stdout.isTTY ? process.stdout : process.stderr;
    return { rows: out.rows ?? 24, columns: out.columns ?? 80 };
  }
}
function isTerminal(fd: number): boolean {
  return fd === 0
    ? process.stdin.isTTY === true
    : fd === 1
      ? process.stdout.isTTY === true
      : process.stderr.isTTY === true;
}
