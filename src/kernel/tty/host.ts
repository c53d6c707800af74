// The host's terminal as one of the machine's. At first it is left as it is, unless it is raw already: the host edits lines, echoes and makes signals, and bytes just pass. Once a
// program changes settings or has groups in foreground and background, the host's is made raw and the discipline here does the work from then on.
import { EAGAIN, EIO, type Errno } from '../../abi/errno.ts';
import { COOKED } from '../../abi/termios.ts';
import { HostError, type HostStream } from '../../host/host.ts';
import type { Dentry, Inode } from '../fs/vfs.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task.ts';
import { TerminalFile } from './file.ts';
import { type Driver, Terminal } from './terminal.ts';

class HostDriver implements Driver {
  readonly #stream: HostStream;
  terminal!: Terminal;
  engaged = false;
  constructor(stream: HostStream) {
    this.#stream = stream;
  }
  send(bytes: Uint8Array): number {
    try {
      const n = this.#stream.write(bytes);
      return n === 'again' ? 0 : n;
    } catch (e) {
      if (!(e instanceof HostError)) throw e;
      this.terminal.hangUp();
      return bytes.length;
    }
  }
  engage(): void {
    const { raw, setRaw } = this.#stream;
    if (this.engaged || !(raw || setRaw)) return;
    this.engaged = true;
    this.#stream.setRaw?.(true);
    this.#stream.onReadable(() => this.pump());
    this.pump((bytes) => this.terminal.discipline.adopt(bytes));
  }
  disengage(): (() => void) | undefined {
    if (!this.engaged) return undefined;
    this.#stream.setRaw?.(false);
    return () => this.#stream.setRaw?.(true);
  }
  /** Keys go to the discipline as they come, whether or not somebody reads: some are signals. */
  pump(take = (bytes: Uint8Array): void => this.terminal.receive(bytes)): void {
    const bytes = new Uint8Array(256);
    try {
      for (;;) {
        const n = this.#stream.read(bytes);
        if (n === 'again') return;
        if (n === 0) return this.terminal.hangUp();
        take(bytes.subarray(0, n));
      }
    } catch (e) {
      if (!(e instanceof HostError)) throw e;
      this.terminal.hangUp();
    }
  }
}
/** The machine's terminal for a host stream that is one; several streams of one device share it. */
export function hostTerminal(kernel: Kernel, stream: HostStream): Terminal {
  const { rdev } = stream.stat();
  const known = kernel.terminals.get(rdev);
  if (known) return known;
  const driver = new HostDriver(stream);
  const terminal = new Terminal(kernel, rdev, driver, COOKED);
  driver.terminal = terminal;
  const size = (): void => {
    const s = stream.windowSize?.() ?? { rows: 24, columns: 80 };
    terminal.resize({ ...s, xpixel: 0, ypixel: 0 });
  };
  size();
  stream.onResize?.(size);
  if (stream.raw) driver.engage();
  stream.onWritable(() => {
    terminal.flush();
    terminal.queue.wake();
  });
  return kernel.terminals.add(terminal);
}

export class HostTerminalFile extends TerminalFile {
  readonly #stream: HostStream;
  readonly #driver: HostDriver;
  constructor(at: Dentry | string, inode: Inode, flags: number, kernel: Kernel, stream: HostStream) {
    const terminal = hostTerminal(kernel, stream);
    super(at, inode, flags, terminal);
    this.#stream = stream;
    this.#driver = terminal.driver as HostDriver;
    stream.onReadable(() => terminal.queue.wake());
  }
  protected override take(task: Task, into: Uint8Array): number | Errno {
    if (this.#driver.engaged) return super.take(task, into);
    try {
      const n = this.#stream.read(into);
      return n === 'again' ? EAGAIN : n;
    } catch (e) {
      if (e instanceof HostError) return EIO;
      throw e;
    }
  }
  protected override hasInput(): boolean {
    return this.#driver.engaged ? super.hasInput() : this.#stream.ready();
  }
  override write(task: Task, from: Uint8Array): number | Errno {
    if (this.#driver.engaged || !this.writable || from.length === 0) return super.write(task, from);
    try {
      const n = this.#stream.write(from);
      return n === 'again' ? EAGAIN : n;
    } catch (e) {
      if (e instanceof HostError) return EIO;
      throw e;
    }
  }
}
