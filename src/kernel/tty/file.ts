// An open terminal.
import { EAGAIN, EBADF, EIO, ENOTTY, type Errno } from '../../abi/errno.ts';
import { O_ACCMODE, O_NOCTTY, O_WRONLY } from '../../abi/open.ts';
import { SIGTTIN, SIGTTOU } from '../../abi/signal.ts';
import * as T from '../../abi/termios.ts';
import { BaseFile } from '../fs/file.ts';
import { type Dentry, type Inode, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../fs/vfs.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import type { Block } from '../wait.ts';
import { terminalCommands } from './commands.ts';
import type { Terminal } from './terminal.ts';

const TENTH = 100_000_000n;

export class TerminalFile extends BaseFile {
  readonly terminal: Terminal;
  /** Since when reads of tasks wait, for VTIME. */
  readonly #since = new WeakMap<Task, bigint>();
  constructor(at: Dentry | string, inode: Inode, flags: number, terminal: Terminal) {
    super(at, inode, flags, terminal.queue);
    this.terminal = terminal;
  }
  /** A session leader without a terminal gets the one it opens (tty_open_proc_set_tty). */
  acquire(t: Thread, flags: number): void {
    const { terminal } = this;
    const { process, kernel } = t;
    if (flags & O_NOCTTY || (flags & O_ACCMODE) === O_WRONLY) return;
    if (process.sid !== process.pid || terminal.session !== undefined || kernel.terminals.of(process.sid)) return;
    terminal.session = process.sid;
    terminal.foreground = process.pgid;
  }
  override read(task: Task, into: Uint8Array): number | Errno {
    if (!this.readable) return EBADF;
    const { terminal } = this;
    if (terminal.hungUp) return 0;
    const t = task.kernel.threads.get(task.tid);
    const refused = t && terminal.check(t, SIGTTIN);
    if (refused) return refused;
    if (into.length === 0) return 0;
    const n = this.take(task, into);
    if (n !== EAGAIN) this.#since.delete(task);
    return n;
  }
  protected take(task: Task, into: Uint8Array): number | Errno {
    const { discipline, settings } = this.terminal;
    if (discipline.readable) return discipline.take(into) ?? EAGAIN;
    if (settings.c_lflag & T.ICANON) return EAGAIN;
    const least = settings.c_cc[T.VMIN] as number;
    const tenths = settings.c_cc[T.VTIME] as number;
    if (least === 0 && tenths === 0) return discipline.take(into) ?? 0;
    if (tenths > 0 && least === 0) {
      const now = task.kernel.monotonic();
      const since = this.#since.get(task) ?? now;
      this.#since.set(task, since);
      if (now >= since + BigInt(tenths) * TENTH) return 0;
    }
    // Less than VMIN, but all that was asked for.
    return discipline.available >= into.length ? (discipline.take(into) ?? EAGAIN) : EAGAIN;
  }
  /** When a read that waits gives up (VTIME without VMIN). */
  deadline(task: Task): bigint | undefined {
    const since = this.#since.get(task);
    return since === undefined ? undefined : since + BigInt(this.terminal.settings.c_cc[T.VTIME] as number) * TENTH;
  }
  override write(task: Task, from: Uint8Array): number | Errno {
    if (!this.writable) return EBADF;
    const { terminal } = this;
    if (terminal.hungUp) return EIO;
    if (terminal.settings.c_lflag & T.TOSTOP) {
      const t = task.kernel.threads.get(task.tid);
      const refused = t && terminal.check(t, SIGTTOU);
      if (refused) return refused;
    }
    if (from.length === 0) return 0;
    const n = terminal.write(from);
    return n > 0 ? n : EAGAIN;
  }
  override poll(): number {
    const { terminal } = this;
    if (terminal.hungUp) return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLHUP | POLLERR;
    const input = this.readable && this.hasInput();
    const output = this.writable && !terminal.discipline.stopped && terminal.flush();
    return (input ? POLLIN | POLLRDNORM : 0) | (output ? POLLOUT | POLLWRNORM : 0);
  }
  protected hasInput(): boolean {
    return this.terminal.discipline.readable;
  }
  override ioctl(t: Thread, nr: number, arg: number): number | Errno | Block {
    if (this.terminal.hungUp) return EIO;
    const r = terminalCommands.get(nr)?.run(t, this, arg, -1) ?? ENOTTY;
    return r === 'noreturn' ? ENOTTY : r;
  }
  /** Bytes that FIONREAD tells. */
  get waiting(): number {
    return this.terminal.discipline.available;
  }
}
