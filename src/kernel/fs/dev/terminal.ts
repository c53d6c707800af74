// Character devices that are terminals: /dev/tty, /dev/console, /dev/ptmx, /dev/pts/N and the host's.
import { EIO, ENXIO, type Errno } from '../../../abi/errno.ts';
import { major, minor } from '../../../abi/statx.ts';
import type { Task } from '../../task.ts';
import { HostTerminalFile } from '../../tty/host.ts';
import { openMaster, openSlave } from '../../tty/pty.ts';
import type { Terminal } from '../../tty/terminal.ts';
import type { Dentry, Inode, OpenFile } from '../vfs.ts';

const TTY_AUX = 5;
const TTY = 0,
  CONSOLE = 1,
  PTMX = 2;

/** A terminal by device number; undefined where the number is none. */
export function openTerminal(
  task: Task,
  inode: Inode,
  rdev: number,
  flags: number,
  at: Dentry,
): OpenFile | Errno | undefined {
  const { terminals, host } = task.kernel;
  if (major(rdev) === TTY_AUX && minor(rdev) === PTMX) return openMaster(task, inode, flags, at);
  if (major(rdev) === TTY_AUX && minor(rdev) === TTY) {
    const own = terminals.of(task.process.sid);
    return own ? open(task, own, inode, flags, at) : ENXIO;
  }
  if (major(rdev) === TTY_AUX && minor(rdev) === CONSOLE) {
    const stream = host.stdio.find((s) => s.kind === 'tty');
    return stream ? new HostTerminalFile(at, inode, flags, task.kernel, stream) : EIO;
  }
  const terminal = terminals.get(rdev);
  return terminal && open(task, terminal, inode, flags, at);
}
function open(task: Task, terminal: Terminal, inode: Inode, flags: number, at: Dentry): OpenFile | Errno {
  const { host } = task.kernel;
  const stream = [...host.stdio, host.terminal?.()].find((s) => s?.kind === 'tty' && s.stat().rdev === terminal.rdev);
  if (!stream) return openSlave(task, terminal, inode, flags, at);
  const file = new HostTerminalFile(at, inode, flags, task.kernel, stream);
  const t = task.kernel.threads.get(task.tid);
  if (t) file.acquire(t, flags);
  return file;
}
