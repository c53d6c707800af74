// inotify's calls.
import { EBADF, EINVAL, EMFILE, ENOTDIR, Errno } from '../../abi/errno.ts';
import * as N from '../../abi/inotify.ts';
import { AT_FDCWD } from '../../abi/open.ts';
import { fd, flags, int, path } from '../../abi/type.ts';
import { resolveAt } from '../fs/at.ts';
import { InotifyFile, MAX_INSTANCES } from '../fs/inotify.ts';
import { isDirectory, MAY_READ, may } from '../fs/permission.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

function make(t: Thread, flags: number): Result {
  if (flags & ~(N.IN_CLOEXEC | N.IN_NONBLOCK)) return EINVAL;
  if ((t.kernel.inotifyUsers.get(t.credentials.uid) ?? 0) >= MAX_INSTANCES) return EMFILE;
  const file = new InotifyFile(t, flags);
  const made = t.files.install(file, (flags & N.IN_CLOEXEC) !== 0);
  if (made instanceof Errno) file.release();
  return made;
}
export const inotify_init = syscall({
  name: 'inotify_init',
  nr: { x64: 253, i386: 291 },
  class: 'poll',
  args: {},
  returns: fd,
  run: (t) => make(t, 0),
});
export const inotify_init1 = syscall({
  name: 'inotify_init1',
  nr: { x64: 294, i386: 332 },
  class: 'poll',
  args: { flags: flags(N.inotifyFlags) },
  returns: fd,
  run: (t, { flags }) => make(t, flags),
});
const KNOWN =
  N.IN_ALL_EVENTS |
  N.IN_UNMOUNT |
  N.IN_Q_OVERFLOW |
  N.IN_IGNORED |
  N.IN_ONLYDIR |
  N.IN_DONT_FOLLOW |
  N.IN_EXCL_UNLINK |
  N.IN_MASK_ADD |
  N.IN_MASK_CREATE |
  N.IN_ISDIR |
  N.IN_ONESHOT;
export const inotify_add_watch = syscall({
  name: 'inotify_add_watch',
  nr: { x64: 254, i386: 292 },
  class: 'poll',
  args: { fd, pathname: path, mask: flags(N.inotifyEvents) },
  run(t, { fd, pathname, mask }) {
    if (!(mask & KNOWN)) return EINVAL;
    const file = fileOf(t, fd);
    if (file instanceof Errno) return EBADF;
    if (mask & N.IN_MASK_ADD && mask & N.IN_MASK_CREATE) return EINVAL;
    if (!(file instanceof InotifyFile)) return EINVAL;
    const at = resolveAt(t, AT_FDCWD, pathname, 0, { follow: !(mask & N.IN_DONT_FOLLOW) });
    if (at instanceof Errno) return at;
    if (mask & N.IN_ONLYDIR && !isDirectory(at.inode)) return ENOTDIR;
    return may(t, at.inode, MAY_READ) ?? file.watch(at.inode, mask);
  },
});
export const inotify_rm_watch = syscall({
  name: 'inotify_rm_watch',
  nr: { x64: 255, i386: 293 },
  class: 'poll',
  args: { fd, wd: int },
  run(t, { fd, wd }) {
    const file = fileOf(t, fd);
    if (file instanceof Errno) return EBADF;
    return file instanceof InotifyFile ? (file.unwatch(wd) ?? 0) : EINVAL;
  },
});
