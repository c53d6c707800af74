// Extended attributes (xattr(7)).
import * as C from '../../abi/capability.ts';
import { E2BIG, EFAULT, EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE, EROFS, Errno } from '../../abi/errno.ts';
import { IN_ATTRIB } from '../../abi/inotify.ts';
import { AT_FDCWD } from '../../abi/open.ts';
import { S_IFDIR, S_IFMT, S_IFREG, S_ISVTX } from '../../abi/stat.ts';
import { cstring, fd, flags, inBuf, names, outBuf, path, size } from '../../abi/type.ts';
import { placeOf, resolveAt } from '../fs/at.ts';
import type { Name } from '../fs/dentry.ts';
import { notifyPlace } from '../fs/notify.ts';
import { MAY_READ, MAY_WRITE, may, ownerOrCapable } from '../fs/permission.ts';
import type { Inode } from '../fs/vfs.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const NAME_MAX = 255;
const SIZE_MAX = 65536;
const XATTR_CREATE = 1,
  XATTR_REPLACE = 2;

const byPath = (task: Task, at: number, follow: boolean): Name | Errno => resolveAt(task, AT_FDCWD, at, 0, { follow });
const byFd = (task: Task, fd: number): Name | Errno => {
  const file = fileOf(task, fd);
  return file instanceof Errno ? file : placeOf(file);
};
function attributeName(task: Task, at: number): string | Errno {
  const name = task.user.string(at, NAME_MAX + 1);
  if (name instanceof Errno) return name === EFAULT ? EFAULT : ERANGE;
  return name === '' ? ERANGE : name;
}
/** xattr_permission: what each name space asks of whoever reads or writes it. */
function permitted(task: Task, inode: Inode, name: string, write: boolean): Errno | undefined {
  if (write && inode.fs.readOnly) return EROFS;
  if (name.startsWith('security.') || name.startsWith('system.')) return undefined;
  if (name.startsWith('trusted.')) return task.capable(C.CAP_SYS_ADMIN) ? undefined : write ? EPERM : ENODATA;
  if (name.startsWith('user.')) {
    const a = inode.attributes();
    const type = a.mode & S_IFMT;
    if (type !== S_IFREG && type !== S_IFDIR) return write ? EPERM : ENODATA;
    if (type === S_IFDIR && a.mode & S_ISVTX && write && !ownerOrCapable(task, a)) return EPERM;
  }
  return may(task, inode, write ? MAY_WRITE : MAY_READ);
}
function set(
  task: Task,
  place: () => Name | Errno,
  nameAt: number,
  value: number,
  size: number,
  flags: number,
): Result {
  if (flags & ~(XATTR_CREATE | XATTR_REPLACE)) return EINVAL;
  const name = attributeName(task, nameAt);
  if (name instanceof Errno) return name;
  if (size > SIZE_MAX) return E2BIG;
  const bytes = task.user.bytes(value, size);
  if (bytes instanceof Errno) return bytes;
  const at = place();
  if (at instanceof Errno) return at;
  const refused = permitted(task, at.inode, name, true);
  if (refused) return refused;
  if (name.startsWith('security.') && !task.capable(name === 'security.capability' ? C.CAP_SETFCAP : C.CAP_SYS_ADMIN))
    return EPERM;
  const error = at.inode.setxattr(name, bytes.slice(), flags);
  if (!error) notifyPlace(at, at.inode, IN_ATTRIB);
  return error ?? 0;
}
function get(task: Task, place: () => Name | Errno, nameAt: number, value: number, size: number): Result {
  const name = attributeName(task, nameAt);
  if (name instanceof Errno) return name;
  const d = place();
  if (d instanceof Errno) return d;
  const at = d.inode;
  const refused = permitted(task, at, name, false);
  if (refused) return refused;
  const bytes = at.getxattr(name);
  if (bytes instanceof Errno) return bytes;
  if (size === 0) return bytes.length;
  if (bytes.length > size) return ERANGE;
  return task.user.put(value, bytes) ?? bytes.length;
}
function list(task: Task, place: Name | Errno, at: number, size: number): Result {
  if (place instanceof Errno) return place;
  const all = place.inode.listxattr();
  if (all instanceof Errno) return all;
  const seen = all.filter((n) => !n.startsWith('trusted.') || task.capable(C.CAP_SYS_ADMIN));
  const text = seen.map((n) => `${n}\0`).join('');
  if (size === 0) return text.length;
  if (text.length > size) return ERANGE;
  return (
    task.user.put(
      at,
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
    ) ?? text.length
  );
}
function remove(task: Task, place: () => Name | Errno, nameAt: number): Result {
  const name = attributeName(task, nameAt);
  if (name instanceof Errno) return name;
  const at = place();
  if (at instanceof Errno) return at;
  const refused = permitted(task, at.inode, name, true);
  if (refused) return refused;
  if (!/^(user|trusted|security|system)\../.test(name)) return EOPNOTSUPP;
  const error = at.inode.removexattr(name);
  if (!error) notifyPlace(at, at.inode, IN_ATTRIB);
  return error ?? 0;
}

const value = inBuf('size');
const xflags = flags(names('XATTR', { XATTR_CREATE, XATTR_REPLACE }));
export const setxattr = syscall({
  name: 'setxattr',
  nr: { x64: 188, i386: 226 },
  class: 'file.attr',
  args: { pathname: path, name: cstring, value, size, flags: xflags },
  run: (task, v) => set(task, () => byPath(task, v.pathname, true), v.name, v.value, v.size, v.flags),
});
export const lsetxattr = syscall({
  name: 'lsetxattr',
  nr: { x64: 189, i386: 227 },
  class: 'file.attr',
  args: { pathname: path, name: cstring, value, size, flags: xflags },
  run: (task, v) => set(task, () => byPath(task, v.pathname, false), v.name, v.value, v.size, v.flags),
});
export const fsetxattr = syscall({
  name: 'fsetxattr',
  nr: { x64: 190, i386: 228 },
  class: 'file.attr',
  args: { fd, name: cstring, value, size, flags: xflags },
  run: (task, v) => set(task, () => byFd(task, v.fd), v.name, v.value, v.size, v.flags),
});
export const getxattr = syscall({
  name: 'getxattr',
  nr: { x64: 191, i386: 229 },
  class: 'file.attr',
  args: { pathname: path, name: cstring, value: outBuf, size },
  run: (task, v) => get(task, () => byPath(task, v.pathname, true), v.name, v.value, v.size),
});
export const lgetxattr = syscall({
  name: 'lgetxattr',
  nr: { x64: 192, i386: 230 },
  class: 'file.attr',
  args: { pathname: path, name: cstring, value: outBuf, size },
  run: (task, v) => get(task, () => byPath(task, v.pathname, false), v.name, v.value, v.size),
});
export const fgetxattr = syscall({
  name: 'fgetxattr',
  nr: { x64: 193, i386: 231 },
  class: 'file.attr',
  args: { fd, name: cstring, value: outBuf, size },
  run: (task, v) => get(task, () => byFd(task, v.fd), v.name, v.value, v.size),
});
export const listxattr = syscall({
  name: 'listxattr',
  nr: { x64: 194, i386: 232 },
  class: 'file.attr',
  args: { pathname: path, list: outBuf, size },
  run: (task, v) => list(task, byPath(task, v.pathname, true), v.list, v.size),
});
export const llistxattr = syscall({
  name: 'llistxattr',
  nr: { x64: 195, i386: 233 },
  class: 'file.attr',
  args: { pathname: path, list: outBuf, size },
  run: (task, v) => list(task, byPath(task, v.pathname, false), v.list, v.size),
});
export const flistxattr = syscall({
  name: 'flistxattr',
  nr: { x64: 196, i386: 234 },
  class: 'file.attr',
  args: { fd, list: outBuf, size },
  run: (task, v) => list(task, byFd(task, v.fd), v.list, v.size),
});
export const removexattr = syscall({
  name: 'removexattr',
  nr: { x64: 197, i386: 235 },
  class: 'file.attr',
  args: { pathname: path, name: cstring },
  run: (task, v) => remove(task, () => byPath(task, v.pathname, true), v.name),
});
export const lremovexattr = syscall({
  name: 'lremovexattr',
  nr: { x64: 198, i386: 236 },
  class: 'file.attr',
  args: { pathname: path, name: cstring },
  run: (task, v) => remove(task, () => byPath(task, v.pathname, false), v.name),
});
export const fremovexattr = syscall({
  name: 'fremovexattr',
  nr: { x64: 199, i386: 237 },
  class: 'file.attr',
  args: { fd, name: cstring },
  run: (task, v) => remove(task, () => byFd(task, v.fd), v.name),
});
