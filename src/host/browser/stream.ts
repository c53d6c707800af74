// Standard streams that are queues in memory: what goes in is pushed, what comes out is handed on. To the program they are pipes, or a terminal.
import type { HostStat, HostStream } from '../host.ts';

const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const O_RDWR = 2;
const O_WRONLY = 1;
/** The device that pipes are on, by Linux's custom. */
const PIPES = 0xd;
let nextIno = 1;

abstract class Queue implements HostStream {
  readonly kind: 'pipe' | 'tty' = 'pipe';
  abstract readonly flags: number;
  readonly #stat: HostStat;
  constructor(nowNs: bigint) {
    const times = { atimeNs: nowNs, mtimeNs: nowNs, ctimeNs: nowNs, birthtimeNs: nowNs };
    const owner = { uid: 0, gid: 0, rdev: 0 };
    const size = { size: 0, blocks: 0, blksize: 4096 };
    this.#stat = { dev: PIPES, ino: nextIno++, mode: S_IFIFO | 0o600, nlink: 1, ...owner, ...size, ...times };
  }
  stat(): HostStat {
    return this.#stat;
  }
  abstract read(into: Uint8Array): number | 'again';
  abstract ready(): boolean;
  abstract onReadable(wake: () => void): void;
  abstract write(from: Uint8Array): number | 'again';
  onWritable(): void {}
}

/** Standard input. `hungry` is called when the program looks for more than there is, once until something comes. */
export class InputQueue extends Queue {
  readonly flags: number = 0;
  readonly #hungry: () => void;
  readonly #chunks: Uint8Array[] = [];
  readonly #wakers = new Set<() => void>();
  #ended = false;
  #asked = false;
  constructor(nowNs: bigint, hungry: () => void) {
    super(nowNs);
    this.#hungry = hungry;
  }
  push(bytes: Uint8Array): void {
    if (bytes.length) this.#chunks.push(bytes);
    this.#came();
  }
  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#came();
  }
  #came(): void {
    this.#asked = false;
    for (const w of this.#wakers) w();
  }
  read(into: Uint8Array): number | 'again' {
    let n = 0;
    while (n < into.length) {
      const chunk = this.#chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(0, into.length - n);
      into.set(part, n);
      n += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    if (n || into.length === 0) return n;
    return this.ready() ? 0 : 'again';
  }
  ready(): boolean {
    if (this.#chunks.length || this.#ended) return true;
    if (!this.#asked) {
      this.#asked = true;
      this.#hungry();
    }
    return false;
  }
  onReadable(wake: () => void): void {
    this.#wakers.add(wake);
  }
  write(_from: Uint8Array): number {
    return 0;
  }
}

/** Standard output or error: `take` gets the bytes, which are the machine's own memory and must be copied. */
export class OutputQueue extends Queue {
  readonly flags = O_WRONLY;
  readonly #take: (bytes: Uint8Array) => void;
  constructor(nowNs: bigint, take: (bytes: Uint8Array) => void) {
    super(nowNs);
    this.#take = take;
  }
  read(): number {
    return 0;
  }
  ready(): boolean {
    return false;
  }
  onReadable(): void {}
  write(from: Uint8Array): number {
    this.#take(from);
    return from.length;
  }
}

/** Where it stands, and its number: the first virtual console's. */
const TERMINAL = { path: '/dev/tty1', rdev: 0x401 };

/** A terminal that shows what it is sent and sends what keys give: the line discipline is the kernel's. It is all three standard streams. */
export class TerminalQueue extends InputQueue {
  override readonly kind = 'tty';
  override readonly flags = O_RDWR;
  readonly raw = true;
  readonly path = TERMINAL.path;
  readonly #take: (bytes: Uint8Array) => void;
  readonly #resized = new Set<() => void>();
  #size: { rows: number; columns: number };
  constructor(
    nowNs: bigint,
    hungry: () => void,
    take: (bytes: Uint8Array) => void,
    size: { rows: number; columns: number },
  ) {
    super(nowNs, hungry);
    this.#take = take;
    this.#size = size;
  }
  override stat(): HostStat {
    return { ...super.stat(), dev: PIPES, mode: S_IFCHR | 0o620, rdev: TERMINAL.rdev };
  }
  override write(from: Uint8Array): number {
    this.#take(from);
    return from.length;
  }
  windowSize(): { rows: number; columns: number } {
    return this.#size;
  }
  resize(size: { rows: number; columns: number }): void {
    this.#size = size;
    for (const call of this.#resized) call();
  }
  onResize(call: () => void): void {
    this.#resized.add(call);
  }
}
