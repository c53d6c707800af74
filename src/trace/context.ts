// One call as the formatters see it: its registers, the task's memory, what is known of its result.
import { Errno } from '../abi/errno.ts';
import { pathOf } from '../kernel/fs/walk.ts';
import type { Call, Thread } from '../kernel/thread.ts';
import { whole } from './number.ts';
import type { StraceOptions } from './options.ts';
import { escapeText } from './quote.ts';
import { TextWriter } from './writer.ts';

/** Names of files are shown in full as far as the kernel reads them, without the NUL. */
const PATH_MAX = 4096;

export class Context {
  readonly options: StraceOptions;
  readonly w: TextWriter;
  task!: Thread;
  /** The registers: low and high halves of the six arguments. */
  raw: Uint32Array = new Uint32Array(12);
  nr = 0;
  /** The call has ended: `result`, `error` are set. */
  leaving = false;
  /** The call's result, meaningful where it hasn't failed. */
  result = 0;
  error: { readonly code: number } | undefined = undefined;
  /** What stands in parentheses behind the result. */
  note: string | undefined = undefined;
  /** Structures may be cut short / pointers are followed. */
  abbreviate = true;
  verbose = true;
  /** Where in the view that `reach` gave last its bytes begin. */
  from = 0;
  /** What a formatter keeps of a call's beginning for its end. Set when entering, handed back when leaving. */
  kept: unknown = undefined;

  constructor(options: StraceOptions) {
    this.options = options;
    this.w = new TextWriter(options);
  }
  get failed(): boolean {
    return this.error !== undefined;
  }
  /** Argument n: as an address or length, as an int, as an unsigned int. */
  number(n: number): number {
    return whole(this.raw[2 * n] as number, this.raw[2 * n + 1] as number);
  }
  int(n: number): number {
    return (this.raw[2 * n] as number) | 0;
  }
  uint(n: number): number {
    return this.raw[2 * n] as number;
  }
  high(n: number): number {
    return this.raw[2 * n + 1] as number;
  }
  get word(): 8 | 4 {
    return this.task.abi === 'x64' ? 8 : 4;
  }
  /** n bytes of the task's memory, or undefined where not all can be read. Don't keep. */
  bytes(at: number, n: number): Uint8Array | undefined {
    const b = this.task.user.bytes(at, n);
    return b instanceof Errno ? undefined : b;
  }
  /** The same as a view; undefined where pointers aren't to be followed. */
  view(at: number, n: number): DataView | undefined {
    if (!this.verbose) return undefined;
    const b = this.bytes(at, n);
    return b && new DataView(b.buffer, b.byteOffset, n);
  }
  /** n bytes at `at` as part of a larger view, where they begin at `from`; undefined as for `view`. Makes nothing where the memory is at hand. */
  reach(at: number, n: number): DataView | undefined {
    if (!this.verbose) return undefined;
    if (this.task.user.direct(at, n)) {
      this.from = at;
      return this.task.cpu.view;
    }
    this.from = 0;
    return this.view(at, n);
  }
  /** A pointer-sized value in memory: low half, high half. */
  pointerAt(v: DataView, at: number): number {
    return this.word === 8 ? whole(v.getUint32(at, true), v.getUint32(at + 4, true)) : v.getUint32(at, true);
  }

  /** An address. */
  address(n: number): void {
    this.w.address(n % 0x1_0000_0000, Math.floor(n / 0x1_0000_0000));
  }
  /** A NUL-terminated name of the file system: never cut below PATH_MAX. */
  path(at: number): void {
    if (at === 0) return this.w.null();
    this.#string(at, PATH_MAX - 1);
  }
  /** A NUL-terminated string, cut at the limit. */
  cstring(at: number): void {
    if (at === 0) return this.w.null();
    this.#string(at, this.options.stringLimit);
  }
  #string(at: number, most: number): void {
    const s = this.task.user.string(at, most);
    if (typeof s === 'string') return this.w.text(s);
    const long = this.bytes(at, most);
    if (long && this.bytes(at + most, 1)) this.w.bytes(long, 0, most, true);
    else this.address(at);
  }
  /** n bytes, cut at the limit. */
  buffer(at: number, n: number, hexadecimal = false): void {
    if (at === 0) return this.w.null();
    const most = Math.min(n, this.options.stringLimit);
    if (this.task.user.direct(at, most)) return this.w.bytes(this.task.cpu.u8, at, at + most, n > most, hexadecimal);
    const b = this.bytes(at, most);
    if (b) this.w.bytes(b, 0, most, n > most, hexadecimal);
    else this.address(at);
  }
  /** A descriptor, with its path where asked for. */
  fd(n: number): void {
    this.w.number(this.fdText(n));
  }
  fdText(n: number): string {
    const details = this.options.decodeFds;
    if (details.size === 0 || n < 0) return String(n);
    const file = this.task.files.get(n);
    if (file instanceof Errno) return String(n);
    const place = typeof file.at === 'string' ? file.at : pathOf(file.at, this.task.fs.root);
    const deleted = place.endsWith(' (deleted)');
    const path = escapeText(deleted ? place.slice(0, -10) : place, this.options.hexStrings, '<>');
    let device = '';
    if (details.has('dev')) {
      const { mode, rdev } = file.inode.attributes();
      const kind = mode & 0o170000;
      if (kind === 0o020000 || kind === 0o060000)
        device = `<${kind === 0o020000 ? 'char' : 'block'} ${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}>`;
    }
    if (!details.has('path') && device === '') return String(n);
    return `${n}<${path}${device}>${deleted ? '(deleted)' : ''}`;
  }
  dirfd(n: number): void {
    if (n !== -100) return this.fd(n);
    this.w.named('-100', 'AT_FDCWD');
    if (this.options.decodeFds.has('path'))
      this.w.sign(`<${escapeText(pathOf(this.task.fs.cwd, this.task.fs.root), this.options.hexStrings, '<>')}>`);
  }
  /** A task's number, with its name where asked for. */
  pid(n: number): void {
    this.w.number(String(n));
    if (!this.options.decodeComm || n <= 0) return;
    const t = this.task.kernel.thread(n);
    if (t) this.w.sign(`<${escapeText(t.comm, this.options.hexStrings, '<>')}>`);
  }

  /** Sets the call that is shown from now on, and how. */
  show(task: Thread, call: Call, how: { readonly abbreviate: boolean; readonly verbose: boolean }): void {
    this.task = task;
    this.raw = call.raw;
    this.nr = call.nr;
    this.abbreviate = how.abbreviate;
    this.verbose = how.verbose;
  }
}
