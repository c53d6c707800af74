// Opening and closing files.
import { Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { dirfd, fd, flags, path, perms } from '../../abi/type.ts';
import { startOf } from '../fs/at.ts';
import { openFile } from '../fs/open.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';
import { Block } from '../wait.ts';

const openFlags = flags(O.openFlags);
/** What open(2) knows; other bits are ignored, as Linux ignores them (openat2 refuses them). */
const KNOWN = O.openFlags.entries.reduce((all, [, bit]) => all | bit, O.O_ACCMODE);

function openAt(task: Task, dirfd: number, at: number, flags: number, mode: number): Result {
  const path = task.user.string(at);
  if (path instanceof Errno) return path;
  const start = startOf(task, dirfd, path);
  if (start instanceof Errno) return start;
  const file = openFile(task, start, path, { flags: flags & KNOWN, mode });
  if (file instanceof Errno || file instanceof Block) return file;
  const fd = task.files.install(file, (flags & O.O_CLOEXEC) !== 0);
  if (fd instanceof Errno && file.references === 0) file.release();
  return fd;
}

export const open = syscall({
  name: 'open',
  nr: { x64: 2, i386: 5 },
  class: 'file.open',
  args: { pathname: path, flags: openFlags, mode: perms },
  returns: fd,
  run: (task, { pathname, flags, mode }) => openAt(task, O.AT_FDCWD, pathname, flags, mode),
});
export const openat = syscall({
  name: 'openat',
  nr: { x64: 257, i386: 295 },
  class: 'file.open',
  args: { dirfd, pathname: path, flags: openFlags, mode: perms },
  returns: fd,
  run: (task, { dirfd, pathname, flags, mode }) => openAt(task, dirfd, pathname, flags, mode),
});
export const creat = syscall({
  name: 'creat',
  nr: { x64: 85, i386: 8 },
  class: 'file.open',
  args: { pathname: path, mode: perms },
  returns: fd,
  run: (task, { pathname, mode }) => openAt(task, O.AT_FDCWD, pathname, O.O_CREAT | O.O_WRONLY | O.O_TRUNC, mode),
});
export const close = syscall({
  name: 'close',
  nr: { x64: 3, i386: 6 },
  class: 'file.fd',
  args: { fd },
  run: (task, { fd }) => task.files.close(task, fd) ?? 0,
});
