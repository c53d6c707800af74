// Pseudo-terminals (pty(7)): /dev/ptmx makes a master, whose slave is /dev/pts/N.
import { EAGAIN, EBADF, EINVAL, EIO, ENOSPC, ENOTTY, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC } from '../../abi/open.ts';
import { S_IFCHR } from '../../abi/stat.ts';
import { makedev } from '../../abi/statx.ts';
import * as T from '../../abi/termios.ts';
import { int, pin, pout } from '../../abi/type.ts';
import { CommandSet, command } from '../command.ts';
import { BaseFile } from '../fs/file.ts';
import { type Dentry, type Inode, type OpenFile, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../fs/vfs.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import { type Block, WaitQueue } from '../wait.ts';
import { terminalCommands } from './commands.ts';
import { TerminalFile } from './file.ts';
import { Terminal } from './terminal.ts';

const SLAVE_MAJOR = 136;
const MAX_PTYS = 4096;
/** Output that waits for the master's reader, at most. */
const OUTPUT_MAX = 65536;

class MasterFile extends BaseFile {
  readonly terminal: Terminal;
  readonly number: number;
  locked = true;
  /** Open slaves; and whether there was one before. */
  slaves = 0;
  opened = false;
  #output: Uint8Array[] = [];
  #waiting = 0;
  constructor(at: Dentry | string, inode: Inode, flags: number, task: Task, number: number) {
    super(at, inode, flags, new WaitQueue());
    this.number = number;
    const send = (bytes: Uint8Array): number => this.#take(bytes);
    this.terminal = new Terminal(
      task.kernel,
      makedev(SLAVE_MAJOR, number),
      { send },
      {
        ...T.COOKED,
        c_iflag: T.ICRNL | T.IXON,
      },
    );
  }
  #take(bytes: Uint8Array): number {
    const n = Math.min(bytes.length, OUTPUT_MAX - this.#waiting);
    if (n > 0) {
      this.#output.push(bytes.slice(0, n));
      this.#waiting += n;
      this.queue.wake(POLLIN | POLLRDNORM);
    }
    return n;
  }
  override read(_task: Task, into: Uint8Array): number | Errno {
    if (!this.readable) return EBADF;
    if (into.length === 0) return 0;
    if (this.#waiting === 0) return this.opened && this.slaves === 0 ? EIO : EAGAIN;
    let n = 0;
    while (n < into.length && this.#output.length) {
      const piece = this.#output[0] as Uint8Array;
      const m = Math.min(piece.length, into.length - n);
      into.set(piece.subarray(0, m), n);
      n += m;
      if (m === piece.length) this.#output.shift();
      else this.#output[0] = piece.subarray(m);
    }
    this.#waiting -= n;
    this.terminal.flush();
    this.terminal.queue.wake();
    return n;
  }
  override write(_task: Task, from: Uint8Array): number | Errno {
    if (!this.writable) return EBADF;
    if (this.opened && this.slaves === 0) return EIO;
    const { discipline } = this.terminal;
    // A line that gets too long loses its end; bytes wait until there is room.
    const n = discipline.settings.c_lflag & T.ICANON ? from.length : Math.min(from.length, discipline.room);
    if (n === 0 && from.length > 0) return EAGAIN;
    this.terminal.receive(from.subarray(0, n));
    return n;
  }
  override poll(): number {
    let events = this.#waiting ? POLLIN | POLLRDNORM : 0;
    if (this.opened && this.slaves === 0) events |= POLLHUP;
    if (this.terminal.discipline.room > 0) events |= POLLOUT | POLLWRNORM;
    return events;
  }
  get waiting(): number {
    return this.#waiting;
  }
  override ioctl(t: Thread, nr: number, arg: number): number | Errno | Block {
    const c = masterCommands.get(nr);
    const r = c ? c.run(t, this, arg, -1) : (terminalCommands.get(nr)?.run(t, this, arg, -1) ?? ENOTTY);
    return r === 'noreturn' ? ENOTTY : r;
  }
  openSlave(task: Task, inode: Inode, flags: number, at: Dentry): OpenFile | Errno {
    if (this.locked) return EIO;
    const file = new SlaveFile(at, inode, flags, this);
    const t = task.kernel.threads.get(task.tid);
    if (t) file.acquire(t, flags);
    return file;
  }
  override release(): void {
    const { kernel } = this.terminal;
    this.terminal.hangUp();
    kernel.terminals.remove(this.terminal);
    masters.delete(this.terminal);
    kernel.terminals.directory?.unlink(String(this.number));
  }
}
class SlaveFile extends TerminalFile {
  readonly #master: MasterFile;
  constructor(at: Dentry | string, inode: Inode, flags: number, master: MasterFile) {
    super(at, inode, flags, master.terminal);
    this.#master = master;
    master.slaves++;
    master.opened = true;
  }
  override release(): void {
    if (--this.#master.slaves === 0) this.#master.queue.wake();
  }
}
const masters = new WeakMap<Terminal, MasterFile>();

export const masterCommands = new CommandSet<MasterFile>('TIOC', [
  command<MasterFile>({
    name: 'TIOCGPTN',
    nr: T.TIOCGPTN,
    arg: pout(int),
    run: (t, m, arg) => t.user.set(int, arg, m.number) ?? 0,
  }),
  command<MasterFile>({
    name: 'TIOCSPTLCK',
    nr: T.TIOCSPTLCK,
    arg: pin(int),
    run(t, m, arg) {
      const on = t.user.get(int, arg);
      if (on instanceof Errno) return on;
      m.locked = on !== 0;
      return 0;
    },
  }),
  command<MasterFile>({
    name: 'TIOCGPTLCK',
    nr: T.TIOCGPTLCK,
    arg: pout(int),
    run: (t, m, arg) => t.user.set(int, arg, m.locked ? 1 : 0) ?? 0,
  }),
  command<MasterFile>({
    name: 'TIOCGPTPEER',
    nr: T.TIOCGPTPEER,
    arg: int,
    run(t, m, arg) {
      const directory = t.kernel.terminals.place;
      const at = directory?.child(String(m.number));
      if (!at || at instanceof Errno) return EIO;
      const file = m.openSlave(t, at.inode, (arg % 2 ** 32) | 0, at);
      return file instanceof Errno ? file : t.files.install(file, (arg & O_CLOEXEC) !== 0);
    },
  }),
  command<MasterFile>({
    name: 'TIOCSIG',
    nr: 0x40045436,
    arg: int,
    run(_t, m, arg) {
      if (arg < 1 || arg > 64) return EINVAL;
      m.terminal.signalForeground(arg);
      return 0;
    },
  }),
  command<MasterFile>({
    name: 'FIONREAD',
    nr: T.FIONREAD,
    arg: pout(int),
    run: (t, m, arg) => t.user.set(int, arg, m.waiting) ?? 0,
  }),
]);

/** Opens /dev/ptmx: a new pair, its slave locked and named in /dev/pts. */
export function openMaster(task: Task, inode: Inode, flags: number, at: Dentry): OpenFile | Errno {
  const { terminals } = task.kernel;
  const { directory } = terminals;
  if (!directory) return ENOSPC;
  let number = 0;
  while (terminals.get(makedev(SLAVE_MAJOR, number))) if (++number >= MAX_PTYS) return ENOSPC;
  const master = new MasterFile(at, inode, flags, task, number);
  const c = task.credentials;
  const how = { mode: S_IFCHR | 0o600, uid: c.fsuid, gid: c.fsgid };
  const node = directory.mknod(String(number), how, master.terminal.rdev);
  if (node instanceof Errno) return node;
  terminals.add(master.terminal);
  masters.set(master.terminal, master);
  return master;
}
/** Opens a slave by its device number. */
export function openSlave(task: Task, terminal: Terminal, inode: Inode, flags: number, at: Dentry): OpenFile | Errno {
  return masters.get(terminal)?.openSlave(task, inode, flags, at) ?? EIO;
}
