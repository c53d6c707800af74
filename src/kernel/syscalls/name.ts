// Making, removing and renaming: directories, nodes, links.

import * as C from '../../abi/capability.ts';
import { EINVAL, ENOENT, EPERM, Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { dev, dirfd, flags, mode, names, path, perms, uint } from '../../abi/type.ts';
import { resolveAt, walkAt } from '../fs/at.ts';
import * as N from '../fs/names.ts';
import { creationIn } from '../fs/permission.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const { AT_FDCWD } = O;

function mkdirAt(task: Task, dirfd: number, pathname: number, mode: number): Result {
  const at = walkAt(task, dirfd, pathname, { parent: true });
  if (at instanceof Errno) return at;
  const bits = S_IFDIR | (mode & 0o1777 & ~task.fs.umask);
  return N.make(task, at, true, (dir) => dir.mkdir(at.name, creationIn(task, at.parent, bits))) ?? 0;
}
export const mkdir = syscall({
  name: 'mkdir',
  nr: { x64: 83, i386: 39 },
  class: 'file.name',
  args: { pathname: path, mode: perms },
  run: (task, { pathname, mode }) => mkdirAt(task, AT_FDCWD, pathname, mode),
});
export const mkdirat = syscall({
  name: 'mkdirat',
  nr: { x64: 258, i386: 296 },
  class: 'file.name',
  args: { dirfd, pathname: path, mode: perms },
  run: (task, { dirfd, pathname, mode }) => mkdirAt(task, dirfd, pathname, mode),
});

function mknodAt(task: Task, dirfd: number, pathname: number, mode: number, rdev: number): Result {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return EPERM;
  if (![0, S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].includes(type)) return EINVAL;
  const at = walkAt(task, dirfd, pathname, { parent: true });
  if (at instanceof Errno) return at;
  const device = type === S_IFCHR || type === S_IFBLK;
  const bits = (type || S_IFREG) | (mode & 0o7777 & ~task.fs.umask);
  return (
    N.make(task, at, false, (dir) => {
      if (device && !task.capable(C.CAP_MKNOD)) return EPERM;
      const how = creationIn(task, at.parent, bits);
      if (type === 0 || type === S_IFREG) return dir.create(at.name, how);
      return dir.mknod(at.name, how, device ? rdev % 2 ** 32 : 0);
    }) ?? 0
  );
}
export const mknod = syscall({
  name: 'mknod',
  nr: { x64: 133, i386: 14 },
  class: 'file.name',
  args: { pathname: path, mode, dev: { ...dev, size: 'long' } },
  run: (task, { pathname, mode, dev }) => mknodAt(task, AT_FDCWD, pathname, mode, dev),
});
export const mknodat = syscall({
  name: 'mknodat',
  nr: { x64: 259, i386: 297 },
  class: 'file.name',
  args: { dirfd, pathname: path, mode, dev: { ...dev, size: 'long' } },
  run: (task, { dirfd, pathname, mode, dev }) => mknodAt(task, dirfd, pathname, mode, dev),
});

function symlinkAt(task: Task, target: number, newdirfd: number, linkpath: number): Result {
  const text = task.user.string(target);
  if (text instanceof Errno) return text;
  if (text === '') return ENOENT;
  const at = walkAt(task, newdirfd, linkpath, { parent: true });
  if (at instanceof Errno) return at;
  const how = creationIn(task, at.parent, 0o120777);
  return N.make(task, at, false, (dir) => dir.symlink(at.name, text, how)) ?? 0;
}
export const symlink = syscall({
  name: 'symlink',
  nr: { x64: 88, i386: 83 },
  class: 'file.name',
  args: { target: path, linkpath: path },
  run: (task, { target, linkpath }) => symlinkAt(task, target, AT_FDCWD, linkpath),
});
export const symlinkat = syscall({
  name: 'symlinkat',
  nr: { x64: 266, i386: 304 },
  class: 'file.name',
  args: { target: path, newdirfd: dirfd, linkpath: path },
  run: (task, { target, newdirfd, linkpath }) => symlinkAt(task, target, newdirfd, linkpath),
});

function linkAt(
  task: Task,
  olddirfd: number,
  oldpath: number,
  newdirfd: number,
  newpath: number,
  flags: number,
): Result {
  if (flags & ~(O.AT_SYMLINK_FOLLOW | O.AT_EMPTY_PATH)) return EINVAL;
  const from = resolveAt(task, olddirfd, oldpath, flags, { follow: (flags & O.AT_SYMLINK_FOLLOW) !== 0 });
  if (from instanceof Errno) return from;
  const at = walkAt(task, newdirfd, newpath, { parent: true });
  return at instanceof Errno ? at : (N.link(task, from, at) ?? 0);
}
export const link = syscall({
  name: 'link',
  nr: { x64: 86, i386: 9 },
  class: 'file.name',
  args: { oldpath: path, newpath: path },
  run: (task, { oldpath, newpath }) => linkAt(task, AT_FDCWD, oldpath, AT_FDCWD, newpath, 0),
});
export const linkat = syscall({
  name: 'linkat',
  nr: { x64: 265, i386: 303 },
  class: 'file.name',
  args: { olddirfd: dirfd, oldpath: path, newdirfd: dirfd, newpath: path, flags: flags(O.atFlags) },
  run: (task, v) => linkAt(task, v.olddirfd, v.oldpath, v.newdirfd, v.newpath, v.flags),
});

function unlinkAt(task: Task, dirfd: number, pathname: number, directory: boolean): Result {
  const at = walkAt(task, dirfd, pathname, { parent: true });
  if (at instanceof Errno) return at;
  return (directory ? N.rmdir(task, at) : N.unlink(task, at)) ?? 0;
}
export const unlink = syscall({
  name: 'unlink',
  nr: { x64: 87, i386: 10 },
  class: 'file.name',
  args: { pathname: path },
  run: (task, { pathname }) => unlinkAt(task, AT_FDCWD, pathname, false),
});
export const rmdir = syscall({
  name: 'rmdir',
  nr: { x64: 84, i386: 40 },
  class: 'file.name',
  args: { pathname: path },
  run: (task, { pathname }) => unlinkAt(task, AT_FDCWD, pathname, true),
});
export const unlinkat = syscall({
  name: 'unlinkat',
  nr: { x64: 263, i386: 301 },
  class: 'file.name',
  args: { dirfd, pathname: path, flags: flags(O.removeFlags) },
  run(task, { dirfd, pathname, flags }) {
    if (flags & ~O.AT_REMOVEDIR) return EINVAL;
    return unlinkAt(task, dirfd, pathname, flags !== 0);
  },
});

function renameAt(
  task: Task,
  olddirfd: number,
  oldpath: number,
  newdirfd: number,
  newpath: number,
  flags: number,
): Result {
  const { RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT } = N;
  if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) return EINVAL;
  if (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT) && flags & RENAME_EXCHANGE) return EINVAL;
  if (flags & RENAME_WHITEOUT) return task.capable(C.CAP_MKNOD) ? EINVAL : EPERM;
  const from = walkAt(task, olddirfd, oldpath, { parent: true });
  if (from instanceof Errno) return from;
  const to = walkAt(task, newdirfd, newpath, { parent: true });
  return to instanceof Errno ? to : (N.rename(task, from, to, flags) ?? 0);
}
export const rename = syscall({
  name: 'rename',
  nr: { x64: 82, i386: 38 },
  class: 'file.name',
  args: { oldpath: path, newpath: path },
  run: (task, { oldpath, newpath }) => renameAt(task, AT_FDCWD, oldpath, AT_FDCWD, newpath, 0),
});
export const renameat = syscall({
  name: 'renameat',
  nr: { x64: 264, i386: 302 },
  class: 'file.name',
  args: { olddirfd: dirfd, oldpath: path, newdirfd: dirfd, newpath: path },
  run: (task, v) => renameAt(task, v.olddirfd, v.oldpath, v.newdirfd, v.newpath, 0),
});
export const renameat2 = syscall({
  name: 'renameat2',
  nr: { x64: 316, i386: 353 },
  class: 'file.name',
  args: {
    olddirfd: dirfd,
    oldpath: path,
    newdirfd: dirfd,
    newpath: path,
    flags: flags(
      names('RENAME', {
        RENAME_NOREPLACE: N.RENAME_NOREPLACE,
        RENAME_EXCHANGE: N.RENAME_EXCHANGE,
        RENAME_WHITEOUT: N.RENAME_WHITEOUT,
      }),
    ),
  },
  partial: 'RENAME_WHITEOUT fails with EINVAL, as on file systems without whiteouts.',
  run: (task, v) => renameAt(task, v.olddirfd, v.oldpath, v.newdirfd, v.newpath, v.flags),
});

export const umask = syscall({
  name: 'umask',
  nr: { x64: 95, i386: 60 },
  class: 'file.attr',
  args: { mask: perms },
  returns: { ...uint, show: 'oct' },
  run(task, { mask }) {
    const old = task.fs.umask;
    task.fs.umask = mask & 0o777;
    return old;
  },
});
