// access(2) and its kin.
import { EINVAL, Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { dirfd, flags, path } from '../../abi/type.ts';
import { resolveAt } from '../fs/at.ts';
import { may } from '../fs/permission.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const ALL = 7;
function accessAt(task: Task, dirfd: number, pathname: number, mode: number, flags: number): Result {
  if (mode & ~ALL || flags & ~(O.AT_EACCESS | O.AT_SYMLINK_NOFOLLOW | O.AT_EMPTY_PATH)) return EINVAL;
  const real = !(flags & O.AT_EACCESS);
  const d = resolveAt(task, dirfd, pathname, flags, { follow: !(flags & O.AT_SYMLINK_NOFOLLOW), real });
  if (d instanceof Errno) return d;
  if (mode === 0) return 0;
  return may(task, d.inode, mode, real) ?? 0;
}
const mode = flags(O.accessBits);
export const access = syscall({
  name: 'access',
  nr: { x64: 21, i386: 33 },
  class: 'file.stat',
  args: { pathname: path, mode },
  run: (task, { pathname, mode }) => accessAt(task, O.AT_FDCWD, pathname, mode, 0),
});
export const faccessat = syscall({
  name: 'faccessat',
  nr: { x64: 269, i386: 307 },
  class: 'file.stat',
  args: { dirfd, pathname: path, mode },
  run: (task, { dirfd, pathname, mode }) => accessAt(task, dirfd, pathname, mode, 0),
});
export const faccessat2 = syscall({
  name: 'faccessat2',
  nr: { x64: 439, i386: 439 },
  class: 'file.stat',
  args: { dirfd, pathname: path, mode, flags: flags(O.accessFlags) },
  run: (task, { dirfd, pathname, mode, flags }) => accessAt(task, dirfd, pathname, mode, flags),
});
