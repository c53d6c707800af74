// A terminal: its settings, who has it in the foreground, and the line discipline between it and whatever shows it (a host's terminal, a pseudo-terminal's
// master).
import { EIO, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import { bit, SI_KERNEL, SIGCONT, SIGHUP, SIGTTIN, type SIGTTOU, SIGWINCH } from '../../abi/signal.ts';
import type * as T from '../../abi/termios.ts';
import type { Name } from '../fs/dentry.ts';
import type { Inode } from '../fs/vfs.ts';
import type { Kernel } from '../kernel.ts';
import { isOrphanedGroup } from '../signal/job.ts';
import type { Thread } from '../thread.ts';
import { WaitQueue } from '../wait.ts';
import { Discipline } from './discipline.ts';

export interface Size {
  rows: number;
  columns: number;
  xpixel: number;
  ypixel: number;
}
/** What shows the terminal. */
export interface Driver {
  /** Takes bytes for the screen; how many it could. */
  send(bytes: Uint8Array): number;
  /** A program changed the settings or the foreground: from now on the discipline is ours. */
  engage?(): void;
  /** Puts the host's terminal back as it was; gives how to take it again. */
  disengage?(): (() => void) | undefined;
}

export class Terminal {
  readonly kernel: Kernel;
  /** Device number. */
  readonly rdev: number;
  readonly queue = new WaitQueue();
  readonly discipline: Discipline;
  driver: Driver;
  size: Size = { rows: 0, columns: 0, xpixel: 0, ypixel: 0 };
  /** The session it controls, and the process group in its foreground. */
  session: number | undefined;
  foreground: number | undefined;
  /** Gone for good: reads end, writes fail. */
  hungUp = false;
  exclusive = false;
  #pending: Uint8Array = new Uint8Array(0);

  constructor(kernel: Kernel, rdev: number, driver: Driver, settings: T.Settings) {
    this.kernel = kernel;
    this.rdev = rdev;
    this.driver = driver;
    this.discipline = new Discipline(
      { ...settings, c_cc: settings.c_cc.slice() },
      {
        emit: (bytes) => this.#send(Uint8Array.from(bytes)),
        signal: (signal) => this.signalForeground(signal),
        flow: (stopped) => {
          if (!stopped) this.flush();
          this.queue.wake();
        },
      },
    );
  }
  get settings(): T.Settings {
    return this.discipline.settings;
  }
  configure(settings: T.Settings, flush: boolean): void {
    if (flush) this.discipline.flushInput();
    if (!same(this.settings, settings)) this.driver.engage?.();
    this.discipline.configure(settings);
    this.queue.wake();
  }
  resize(size: Size): void {
    const { rows, columns, xpixel, ypixel } = this.size;
    if (size.rows === rows && size.columns === columns && size.xpixel === xpixel && size.ypixel === ypixel) return;
    this.size = { ...size };
    this.signalForeground(SIGWINCH);
  }
  signalForeground(signal: number): void {
    if (this.foreground === undefined) return;
    for (const p of this.kernel.processes.values())
      if (p.pgid === this.foreground) this.kernel.send(p, { signo: signal, code: SI_KERNEL });
  }
  /** Input from whatever shows it. */
  receive(bytes: Uint8Array): void {
    this.discipline.receive(bytes);
    this.queue.wake();
  }

  /** Output stops, or goes on (tcflow). */
  stop(on: boolean): void {
    this.discipline.flow(on);
  }

  // --- output
  #send(bytes: Uint8Array): void {
    const all = this.#pending.length ? Uint8Array.from([...this.#pending, ...bytes]) : bytes;
    const n = this.discipline.stopped ? 0 : this.driver.send(all);
    this.#pending = n < all.length ? all.slice(n) : new Uint8Array(0);
  }
  /** Sends on what could not be sent before; true when nothing is left. */
  flush(): boolean {
    if (this.#pending.length && !this.discipline.stopped) this.#send(new Uint8Array(0));
    return this.#pending.length === 0;
  }
  /** A program's output; how much of it was taken, 0: no room now. */
  write(from: Uint8Array): number {
    if (this.discipline.stopped || !this.flush()) return 0;
    const n = Math.min(from.length, 4096);
    this.#send(Uint8Array.from(this.discipline.process(from.subarray(0, n))));
    return n;
  }

  // --- job control
  controls(t: Thread): boolean {
    return this.session !== undefined && this.session === t.process.sid;
  }
  /** A background process that reads or changes its terminal is stopped, unless it doesn't want to be (tty_check_change). */
  check(t: Thread, signal: typeof SIGTTIN | typeof SIGTTOU): Errno | undefined {
    const { process } = t;
    if (!this.controls(t) || this.foreground === undefined || this.foreground === process.pgid) return undefined;
    if (process.handlers.ignored(signal) || t.blocked & bit(signal)) return signal === SIGTTIN ? EIO : undefined;
    if (isOrphanedGroup(this.kernel, process.pgid)) return EIO;
    for (const p of this.kernel.processes.values())
      if (p.pgid === process.pgid) this.kernel.send(p, { signo: signal, code: SI_KERNEL });
    return ERESTARTSYS;
  }
  /** The other side is gone: the session hears of it. */
  hangUp(): void {
    if (this.hungUp) return;
    this.hungUp = true;
    const leader = this.session === undefined ? undefined : this.kernel.processes.get(this.session);
    if (leader) {
      this.kernel.send(leader, { signo: SIGHUP, code: SI_KERNEL });
      this.kernel.send(leader, { signo: SIGCONT, code: SI_KERNEL });
    }
    this.signalForeground(SIGHUP);
    this.session = undefined;
    this.foreground = undefined;
    this.queue.wake();
  }
}

function same(a: T.Settings, b: T.Settings): boolean {
  return (
    a.c_iflag === b.c_iflag &&
    a.c_oflag === b.c_oflag &&
    a.c_lflag === b.c_lflag &&
    a.c_cc.every((c, i) => c === b.c_cc[i])
  );
}
/** The terminals of a machine, by device number. */
export class Terminals {
  /** /dev/pts: the directory's inode and its name in the tree. */
  directory: Inode | undefined;
  place: Name | undefined;
  readonly #list = new Map<number, Terminal>();
  add(t: Terminal): Terminal {
    this.#list.set(t.rdev, t);
    return t;
  }
  remove(t: Terminal): void {
    this.#list.delete(t.rdev);
  }
  get(rdev: number): Terminal | undefined {
    return this.#list.get(rdev);
  }
  /** Whatever shows them is put back as it was for the time of `stop`. */
  leave(stop: () => void): void {
    const again = [...this.#list.values()].map((t) => t.driver.disengage?.());
    stop();
    for (const f of again) f?.();
  }
  /** The one that controls a session. */
  of(session: number): Terminal | undefined {
    for (const t of this.#list.values()) if (t.session === session) return t;
    return undefined;
  }
}
