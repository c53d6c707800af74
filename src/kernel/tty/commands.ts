// Terminal requests (ioctl_tty(2)), a value each.

import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { EINVAL, EIO, ENOTTY, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { SIGTTOU } from '../../abi/signal.ts';
import * as T from '../../abi/termios.ts';
import { int, pid, pin, pout, uint } from '../../abi/type.ts';
import { type Command, CommandSet, command } from '../command.ts';
import type { OpenFile } from '../fs/vfs.ts';
import type { Thread } from '../thread.ts';
import type { Terminal } from './terminal.ts';

/** Files that are a terminal, or its master's side. */
export interface Tty extends OpenFile {
  readonly terminal: Terminal;
  /** Bytes that FIONREAD tells. */
  readonly waiting: number;
}

const put = (t: Thread, at: number, n: number): number | Errno => t.user.set(int, at, n) ?? 0;

function set(name: string, nr: number, flush: boolean): Command<Tty> {
  return command<Tty>({
    name,
    nr,
    arg: pin(T.termios),
    run(t, { terminal }, arg) {
      const refused = terminal.check(t, SIGTTOU);
      if (refused) return refused;
      const wanted = t.user.get(T.termios, arg);
      if (wanted instanceof Errno) return wanted;
      terminal.configure(wanted, flush);
      return 0;
    },
  });
}
/** Waiting for output to be sent: it is, here, as soon as it was written. */
const drain = (name: string, nr: number): Command<Tty> =>
  command<Tty>({ name, nr, arg: int, run: (t, { terminal }) => terminal.check(t, SIGTTOU) ?? 0 });

export const terminalCommands = new CommandSet<Tty>('TIOC', [
  command<Tty>({
    name: 'TCGETS',
    nr: T.TCGETS,
    arg: pout(T.termios),
    run: (t, { terminal }, arg) => t.user.set(T.termios, arg, terminal.settings) ?? 0,
  }),
  set('TCSETS', T.TCSETS, false),
  set('TCSETSW', T.TCSETSW, false),
  set('TCSETSF', T.TCSETSF, true),
  drain('TCSBRK', T.TCSBRK),
  drain('TCSBRKP', T.TCSBRKP),
  command<Tty>({
    name: 'TCXONC',
    nr: T.TCXONC,
    arg: int,
    run(t, { terminal }, arg) {
      const refused = terminal.check(t, SIGTTOU);
      if (refused) return refused;
      if (arg > 3) return EINVAL;
      if (arg < 2) terminal.stop(arg === 0);
      return 0;
    },
  }),
  command<Tty>({
    name: 'TCFLSH',
    nr: T.TCFLSH,
    arg: { ...int, show: 'tcflush' },
    run(t, { terminal }, arg) {
      const refused = terminal.check(t, SIGTTOU);
      if (refused) return refused;
      if (arg > 2) return EINVAL;
      if (arg !== 1) terminal.discipline.flushInput();
      return 0;
    },
  }),
  command<Tty>({
    name: 'TIOCEXCL',
    nr: T.TIOCEXCL,
    run(_t, { terminal }) {
      terminal.exclusive = true;
      return 0;
    },
  }),
  command<Tty>({
    name: 'TIOCNXCL',
    nr: T.TIOCNXCL,
    run(_t, { terminal }) {
      terminal.exclusive = false;
      return 0;
    },
  }),
  command<Tty>({
    name: 'TIOCSCTTY',
    nr: T.TIOCSCTTY,
    arg: int,
    run(t, { terminal }, arg) {
      const { process, kernel } = t;
      if (process.sid === process.pid && terminal.session === process.sid) return 0;
      if (process.sid !== process.pid || kernel.terminals.of(process.sid)) return EPERM;
      if (terminal.session !== undefined && !(arg === 1 && t.capable(CAP_SYS_ADMIN))) return EPERM;
      terminal.session = process.sid;
      terminal.foreground = process.pgid;
      return 0;
    },
  }),
  command<Tty>({
    name: 'TIOCNOTTY',
    nr: T.TIOCNOTTY,
    run(t, { terminal }) {
      if (!terminal.controls(t)) return ENOTTY;
      if (t.process.sid === t.process.pid) {
        terminal.session = undefined;
        terminal.foreground = undefined;
      }
      return 0;
    },
  }),
  command<Tty>({
    name: 'TIOCGPGRP',
    nr: T.TIOCGPGRP,
    arg: pout(pid),
    run: (t, { terminal }, arg) => (terminal.controls(t) ? put(t, arg, terminal.foreground ?? 0) : ENOTTY),
  }),
  command<Tty>({
    name: 'TIOCSPGRP',
    nr: T.TIOCSPGRP,
    arg: pin(pid),
    run(t, { terminal }, arg) {
      const refused = terminal.check(t, SIGTTOU);
      if (refused) return refused === EIO ? ENOTTY : refused;
      if (!terminal.controls(t)) return ENOTTY;
      const group = t.user.get(pid, arg);
      if (group instanceof Errno) return group;
      if (group < 0) return EINVAL;
      const members = [...t.kernel.processes.values()].filter((p) => p.pgid === group && !p.ending);
      if (!members.length) return ESRCH;
      if (members.some((p) => p.sid !== t.process.sid)) return EPERM;
      if (group !== terminal.foreground) terminal.driver.engage?.();
      terminal.foreground = group;
      return 0;
    },
  }),
  command<Tty>({
    name: 'TIOCGSID',
    nr: T.TIOCGSID,
    arg: pout(pid),
    run: (t, { terminal }, arg) => (terminal.controls(t) ? put(t, arg, terminal.session as number) : ENOTTY),
  }),
  command<Tty>({ name: 'TIOCOUTQ', nr: T.TIOCOUTQ, arg: pout(int), run: (t, _f, arg) => put(t, arg, 0) }),
  command<Tty>({
    name: 'TIOCGWINSZ',
    nr: T.TIOCGWINSZ,
    arg: pout(T.winsize),
    run: (t, { terminal: { size } }, arg) =>
      t.user.set(T.winsize, arg, {
        ws_row: size.rows,
        ws_col: size.columns,
        ws_xpixel: size.xpixel,
        ws_ypixel: size.ypixel,
      }) ?? 0,
  }),
  command<Tty>({
    name: 'TIOCSWINSZ',
    nr: T.TIOCSWINSZ,
    arg: pin(T.winsize),
    run(t, { terminal }, arg) {
      const w = t.user.get(T.winsize, arg);
      if (w instanceof Errno) return w;
      terminal.resize({ rows: w.ws_row, columns: w.ws_col, xpixel: w.ws_xpixel, ypixel: w.ws_ypixel });
      return 0;
    },
  }),
  command<Tty>({ name: 'TIOCGETD', nr: T.TIOCGETD, arg: pout(int), run: (t, _f, arg) => put(t, arg, 0) }),
  command<Tty>({
    name: 'TIOCGDEV',
    nr: T.TIOCGDEV,
    arg: pout(uint),
    run: (t, { terminal }, arg) => put(t, arg, terminal.rdev),
  }),
  command<Tty>({
    name: 'FIONREAD',
    nr: T.FIONREAD,
    arg: pout(int),
    run: (t, file, arg) => put(t, arg, file.waiting),
  }),
  command<Tty>({ name: 'TIOCSTI', nr: T.TIOCSTI, arg: pin(int), run: () => EIO }),
]);
