// Terminal requests (ioctl_tty(2)), a value each, for whatever file is a terminal.
import { EINVAL, Errno } from '../../abi/errno.ts';
import * as T from '../../abi/termios.ts';
import { int, pid, pin, pout } from '../../abi/type.ts';
import { type Command, CommandSet, command } from '../command.ts';
import type { Task } from '../task.ts';
import type { OpenFile } from './vfs.ts';

/** What a terminal is to these requests. */
export interface Terminal extends OpenFile {
  readonly tty: {
    settings: { c_iflag: number; c_oflag: number; c_cflag: number; c_lflag: number; c_line: number; c_cc: Uint8Array };
    /** Called when settings changed; `flush`: unread input is dropped. */
    changed(flush: boolean): void;
    readonly size: { rows: number; columns: number };
    foreground: number | undefined;
    readonly waiting: number;
  };
}
function set(name: string, nr: number, flush: boolean): Command<Terminal> {
  return command<Terminal>({
    name,
    nr,
    arg: pin(T.termios),
    run(task, { tty }, arg) {
      const wanted = task.user.get(T.termios, arg);
      if (wanted instanceof Errno) return wanted;
      tty.settings = wanted;
      tty.changed(flush);
      return 0;
    },
  });
}
const put = (task: Task, at: number, n: number): number | Errno => task.user.set(int, at, n) ?? 0;

export const ttyCommands = new CommandSet<Terminal>('TIOC', [
  command<Terminal>({
    name: 'TCGETS',
    nr: T.TCGETS,
    arg: pout(T.termios),
    run: (task, { tty }, arg) => task.user.set(T.termios, arg, tty.settings) ?? 0,
  }),
  set('TCSETS', T.TCSETS, false),
  set('TCSETSW', T.TCSETSW, false),
  set('TCSETSF', T.TCSETSF, true),
  command<Terminal>({ name: 'TCSBRK', nr: T.TCSBRK, arg: int, run: () => 0 }),
  command<Terminal>({
    name: 'TCFLSH',
    nr: T.TCFLSH,
    arg: { ...int, show: 'tcflush' },
    run(_task, { tty }, arg) {
      if (arg > 2) return EINVAL;
      if (arg !== 1) tty.changed(true);
      return 0;
    },
  }),
  command<Terminal>({
    name: 'TIOCGWINSZ',
    nr: T.TIOCGWINSZ,
    arg: pout(T.winsize),
    run: (task, { tty }, arg) =>
      task.user.set(T.winsize, arg, { ws_row: tty.size.rows, ws_col: tty.size.columns }) ?? 0,
  }),
  command<Terminal>({
    name: 'TIOCGPGRP',
    nr: T.TIOCGPGRP,
    arg: pout(pid),
    run: (task, { tty }, arg) => put(task, arg, tty.foreground ?? task.process.pgid),
  }),
  command<Terminal>({
    name: 'TIOCSPGRP',
    nr: T.TIOCSPGRP,
    arg: pin(pid),
    run(task, { tty }, arg) {
      const group = task.user.get(pid, arg);
      if (group instanceof Errno) return group;
      if (group < 0) return EINVAL;
      tty.foreground = group;
      return 0;
    },
  }),
  command<Terminal>({
    name: 'TIOCGSID',
    nr: T.TIOCGSID,
    arg: pout(pid),
    run: (task, _tty, arg) => put(task, arg, task.process.sid),
  }),
  command<Terminal>({
    name: 'TIOCOUTQ',
    nr: T.TIOCOUTQ,
    arg: pout(int),
    run: (task, _tty, arg) => put(task, arg, 0),
  }),
]);
/** FIONREAD of a terminal. */
export const waitingOf = (task: Task, file: Terminal, arg: number): number | Errno => put(task, arg, file.tty.waiting);
