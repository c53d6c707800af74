// Symbolic links.
import { EINVAL, ENOENT, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD } from '../../abi/open.ts';
import { dirfd, int, outBuf, path } from '../../abi/type.ts';
import { resolveAt } from '../fs/at.ts';
import { isSymlink } from '../fs/permission.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

function readlinkAt(task: Task, dirfd: number, pathname: number, buf: number, bufsiz: number): Result {
  if (bufsiz <= 0) return EINVAL;
  const path = task.user.string(pathname);
  if (path instanceof Errno) return path;
  const d = resolveAt(task, dirfd, pathname, AT_EMPTY_PATH, { follow: false });
  if (d instanceof Errno) return d;
  // Without a path an open file is meant: one that isn't a link has nothing to read.
  if (!isSymlink(d.inode)) return path === '' ? ENOENT : EINVAL;
  const text = d.inode.readlink();
  if (text instanceof Errno) return text;
  const bytes = Uint8Array.from(text.slice(0, bufsiz), (c) => c.charCodeAt(0));
  return task.user.put(buf, bytes) ?? bytes.length;
}
export const readlink = syscall({
  name: 'readlink',
  nr: { x64: 89, i386: 85 },
  class: 'file.name',
  args: { pathname: path, buf: outBuf, bufsiz: int },
  run: (task, { pathname, buf, bufsiz }) => readlinkAt(task, AT_FDCWD, pathname, buf, bufsiz),
});
export const readlinkat = syscall({
  name: 'readlinkat',
  nr: { x64: 267, i386: 305 },
  class: 'file.name',
  args: { dirfd, pathname: path, buf: outBuf, bufsiz: int },
  run: (task, { dirfd, pathname, buf, bufsiz }) => readlinkAt(task, dirfd, pathname, buf, bufsiz),
});
