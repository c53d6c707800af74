// /dev/tty and /dev/console: the terminal that the machine was started from.
import { ENXIO, type Errno } from '../../../abi/errno.ts';
import type { Task } from '../../task.ts';
import { StreamFile } from '../stream.ts';
import type { Dentry, Inode, OpenFile } from '../vfs.ts';

/** The controlling terminal, whatever the standard streams are connected to; ENXIO where there is none. */
export function openTerminal(task: Task, inode: Inode, flags: number, at: Dentry): OpenFile | Errno {
  const { host } = task.kernel;
  const stream = host.stdio.find((s) => s.kind === 'tty') ?? host.terminal?.();
  return stream ? new StreamFile(inode.fs, stream, at, flags) : ENXIO;
}
