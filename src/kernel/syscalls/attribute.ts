// Modes, owners and times of files.
import * as C from '../../abi/capability.ts';
import { EACCES, EBADF, EFAULT, EINVAL, EOPNOTSUPP, EPERM, EROFS, Errno } from '../../abi/errno.ts';
import { IN_ACCESS, IN_ATTRIB, IN_MODIFY } from '../../abi/inotify.ts';
import * as O from '../../abi/open.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_ISGID, S_ISUID } from '../../abi/stat.ts';
import { struct } from '../../abi/struct.ts';
import { dirfd, fd, flags, long, path, perms, pin, uid } from '../../abi/type.ts';
import { placeOf, resolveAt } from '../fs/at.ts';
import type { Name } from '../fs/dentry.ts';
import { notifyPlace } from '../fs/notify.ts';
import { inGroup, MAY_WRITE, may, mayKeepSetgid, ownerOrCapable } from '../fs/permission.ts';
import { timeOf } from '../fs/time.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const { AT_FDCWD } = O;
const CHANGE_FLAGS = O.AT_SYMLINK_NOFOLLOW | O.AT_EMPTY_PATH;
const atFlags = flags(O.atFlags);

/** The result of a change, told to watchers. */
function changed(d: Name, refused: Errno | undefined, event: number): Result {
  if (refused) return refused;
  notifyPlace(d, d.inode, event);
  return 0;
}
function changeMode(task: Task, d: Name, mode: number): Result {
  const { inode } = d;
  if (inode.fs.readOnly) return EROFS;
  const a = inode.attributes();
  if (!ownerOrCapable(task, a)) return EPERM;
  if ((a.mode & S_IFMT) === S_IFLNK) return EOPNOTSUPP;
  let bits = mode & 0o7777;
  if (bits & S_ISGID && !mayKeepSetgid(task, a.gid)) bits &= ~S_ISGID;
  return changed(d, inode.setAttributes({ mode: (a.mode & S_IFMT) | bits }), IN_ATTRIB);
}
function chmodAt(task: Task, dirfd: number, pathname: number, mode: number, flags: number): Result {
  if (flags & ~CHANGE_FLAGS) return EINVAL;
  const d = resolveAt(task, dirfd, pathname, flags, { follow: !(flags & O.AT_SYMLINK_NOFOLLOW) });
  return d instanceof Errno ? d : changeMode(task, d, mode);
}
export const chmod = syscall({
  name: 'chmod',
  nr: { x64: 90, i386: 15 },
  class: 'file.attr',
  args: { pathname: path, mode: perms },
  run: (task, { pathname, mode }) => chmodAt(task, AT_FDCWD, pathname, mode, 0),
});
export const fchmod = syscall({
  name: 'fchmod',
  nr: { x64: 91, i386: 94 },
  class: 'file.attr',
  args: { fd, mode: perms },
  run(task, { fd, mode }) {
    const file = fileOf(task, fd);
    return file instanceof Errno ? file : changeMode(task, placeOf(file), mode);
  },
});
export const fchmodat = syscall({
  name: 'fchmodat',
  nr: { x64: 268, i386: 306 },
  class: 'file.attr',
  args: { dirfd, pathname: path, mode: perms },
  run: (task, { dirfd, pathname, mode }) => chmodAt(task, dirfd, pathname, mode, 0),
});
export const fchmodat2 = syscall({
  name: 'fchmodat2',
  nr: { x64: 452, i386: 452 },
  class: 'file.attr',
  args: { dirfd, pathname: path, mode: perms, flags: atFlags },
  run: (task, { dirfd, pathname, mode, flags }) => chmodAt(task, dirfd, pathname, mode, flags),
});

const SAME = 0xffff_ffff;
function changeOwner(task: Task, d: Name, user: number, group: number): Result {
  const { inode } = d;
  if (inode.fs.readOnly) return EROFS;
  const a = inode.attributes();
  const c = task.credentials;
  const root = task.capable(C.CAP_CHOWN);
  if (user !== SAME && !(a.uid === c.fsuid && user === a.uid) && !root) return EPERM;
  if (group !== SAME && !(a.uid === c.fsuid && (group === a.gid || inGroup(c, group))) && !root) return EPERM;
  const change: { uid?: number; gid?: number; mode?: number } = {};
  if (user !== SAME) change.uid = user;
  if (group !== SAME) change.gid = group;
  if ((a.mode & S_IFMT) !== S_IFDIR) {
    let mode = a.mode & ~S_ISUID;
    if (mode & S_ISGID && (mode & 0o010 || !mayKeepSetgid(task, a.gid))) mode &= ~S_ISGID;
    if (mode !== a.mode) change.mode = mode;
  }
  const refused = inode.setAttributes(change);
  return Object.keys(change).length ? changed(d, refused, IN_ATTRIB) : (refused ?? 0);
}
function chownAt(task: Task, dirfd: number, pathname: number, user: number, group: number, flags: number): Result {
  if (flags & ~CHANGE_FLAGS) return EINVAL;
  const d = resolveAt(task, dirfd, pathname, flags, { follow: !(flags & O.AT_SYMLINK_NOFOLLOW) });
  return d instanceof Errno ? d : changeOwner(task, d, user, group);
}
const chownFd = (task: Task, fd: number, owner: number, group: number): Result => {
  const file = fileOf(task, fd);
  return file instanceof Errno ? file : changeOwner(task, placeOf(file), owner, group);
};
const byPath = { pathname: path, owner: uid, group: uid };
const byFd = { fd, owner: uid, group: uid };
export const chown = syscall({
  name: 'chown',
  nr: { x64: 92 },
  class: 'file.attr',
  args: byPath,
  run: (task, v) => chownAt(task, AT_FDCWD, v.pathname, v.owner, v.group, 0),
});
export const lchown = syscall({
  name: 'lchown',
  nr: { x64: 94 },
  class: 'file.attr',
  args: byPath,
  run: (task, v) => chownAt(task, AT_FDCWD, v.pathname, v.owner, v.group, O.AT_SYMLINK_NOFOLLOW),
});
export const fchown = syscall({
  name: 'fchown',
  nr: { x64: 93 },
  class: 'file.attr',
  args: byFd,
  run: (task, v) => chownFd(task, v.fd, v.owner, v.group),
});
export const chown32 = syscall({
  name: 'chown32',
  nr: { i386: 212 },
  class: 'file.attr',
  args: byPath,
  run: (task, v) => chownAt(task, AT_FDCWD, v.pathname, v.owner, v.group, 0),
});
export const lchown32 = syscall({
  name: 'lchown32',
  nr: { i386: 198 },
  class: 'file.attr',
  args: byPath,
  run: (task, v) => chownAt(task, AT_FDCWD, v.pathname, v.owner, v.group, O.AT_SYMLINK_NOFOLLOW),
});
export const fchown32 = syscall({
  name: 'fchown32',
  nr: { i386: 207 },
  class: 'file.attr',
  args: byFd,
  run: (task, v) => chownFd(task, v.fd, v.owner, v.group),
});
/** i386's first calls have 16-bit ids; all ones means the same there as well. */
const uid16 = { ...uid, size: 2 as const };
const wide = (id: number): number => (id === 0xffff ? SAME : id);
const byPath16 = { pathname: path, owner: uid16, group: uid16 };
export const chown16 = syscall({
  name: 'chown',
  nr: { i386: 182 },
  class: 'file.attr',
  args: byPath16,
  run: (task, v) => chownAt(task, AT_FDCWD, v.pathname, wide(v.owner), wide(v.group), 0),
});
export const lchown16 = syscall({
  name: 'lchown',
  nr: { i386: 16 },
  class: 'file.attr',
  args: byPath16,
  run: (task, v) => chownAt(task, AT_FDCWD, v.pathname, wide(v.owner), wide(v.group), O.AT_SYMLINK_NOFOLLOW),
});
export const fchown16 = syscall({
  name: 'fchown',
  nr: { i386: 95 },
  class: 'file.attr',
  args: { fd, owner: uid16, group: uid16 },
  run: (task, v) => chownFd(task, v.fd, wide(v.owner), wide(v.group)),
});
export const fchownat = syscall({
  name: 'fchownat',
  nr: { x64: 260, i386: 298 },
  class: 'file.attr',
  args: { dirfd, pathname: path, owner: uid, group: uid, flags: atFlags },
  run: (task, v) => chownAt(task, v.dirfd, v.pathname, v.owner, v.group, v.flags),
});

const UTIME_NOW = 0x3fff_ffff,
  UTIME_OMIT = 0x3fff_fffe;
type Moment = 'now' | 'omit' | bigint;
/** notify_change for times: setting both to now takes write permission, anything else the owner. */
function changeTimes(task: Task, d: Name, atime: Moment, mtime: Moment): Result {
  const { inode } = d;
  if (inode.fs.readOnly) return EROFS;
  const a = inode.attributes();
  const now = atime === 'now' && mtime === 'now';
  if (!ownerOrCapable(task, a)) {
    if (!now) return EPERM;
    if (may(task, inode, MAY_WRITE)) return EACCES;
  }
  const time = task.kernel.realtime();
  const change: { atime?: bigint; mtime?: bigint } = {};
  if (atime !== 'omit') change.atime = atime === 'now' ? time : atime;
  if (mtime !== 'omit') change.mtime = mtime === 'now' ? time : mtime;
  const both = atime !== 'omit' && mtime !== 'omit';
  return changed(d, inode.setAttributes(change), both ? IN_ATTRIB : mtime !== 'omit' ? IN_MODIFY : IN_ACCESS);
}
function timesAt(task: Task, dirfd: number, pathname: number, times: readonly [Moment, Moment], flags: number): Result {
  if (times[0] === 'omit' && times[1] === 'omit') return 0;
  if (flags & ~CHANGE_FLAGS) return EINVAL;
  let d: Name | Errno;
  if (pathname === 0 && dirfd !== AT_FDCWD) {
    if (flags) return EINVAL;
    const file = fileOf(task, dirfd);
    if (file instanceof Errno) return EBADF;
    d = placeOf(file);
  } else d = resolveAt(task, dirfd, pathname, flags, { follow: !(flags & O.AT_SYMLINK_NOFOLLOW) });
  return d instanceof Errno ? d : changeTimes(task, d, times[0], times[1]);
}
const timespec = struct('timespec', { tv_sec: long, tv_nsec: long });
const timeval = struct('timeval', { tv_sec: long, tv_usec: long });
const utimbuf = struct('utimbuf', { actime: long, modtime: long });

const BOTH_NOW = ['now', 'now'] as const;
/** Two struct timespec as utimensat has them. */
function fromTimespecs(task: Task, at: number): readonly [Moment, Moment] | Errno {
  if (at === 0) return BOTH_NOW;
  const step = task.abi === 'x64' ? 16 : 8;
  const out: Moment[] = [];
  for (const t of [task.user.get(timespec, at), task.user.get(timespec, at + step)]) {
    if (t instanceof Errno) return EFAULT;
    if (t.tv_nsec === UTIME_NOW) out.push('now');
    else if (t.tv_nsec === UTIME_OMIT) out.push('omit');
    else if (t.tv_nsec < 0 || t.tv_nsec > 999_999_999) return EINVAL;
    else out.push(timeOf(t.tv_sec, t.tv_nsec));
  }
  return out as [Moment, Moment];
}
function fromTimevals(task: Task, at: number): readonly [Moment, Moment] | Errno {
  if (at === 0) return BOTH_NOW;
  const step = task.abi === 'x64' ? 16 : 8;
  const out: Moment[] = [];
  for (const t of [task.user.get(timeval, at), task.user.get(timeval, at + step)]) {
    if (t instanceof Errno) return EFAULT;
    if (t.tv_usec < 0 || t.tv_usec > 999_999) return EINVAL;
    out.push(timeOf(t.tv_sec, t.tv_usec * 1000));
  }
  return out as [Moment, Moment];
}
const two = (t: typeof timespec | typeof timeval) => pin(t, 2);
export const utimensat = syscall({
  name: 'utimensat',
  nr: { x64: 280, i386: 320 },
  class: 'file.attr',
  args: { dirfd, pathname: path, times: two(timespec), flags: atFlags },
  run(task, { dirfd, pathname, times, flags }) {
    const t = fromTimespecs(task, times);
    return t instanceof Errno ? t : timesAt(task, dirfd, pathname, t, flags);
  },
});
export const futimesat = syscall({
  name: 'futimesat',
  nr: { x64: 261, i386: 299 },
  class: 'file.attr',
  args: { dirfd, pathname: path, times: two(timeval) },
  run(task, { dirfd, pathname, times }) {
    const t = fromTimevals(task, times);
    return t instanceof Errno ? t : timesAt(task, dirfd, pathname, t, 0);
  },
});
export const utimes = syscall({
  name: 'utimes',
  nr: { x64: 235, i386: 271 },
  class: 'file.attr',
  args: { filename: path, times: two(timeval) },
  run(task, { filename, times }) {
    const t = fromTimevals(task, times);
    return t instanceof Errno ? t : timesAt(task, AT_FDCWD, filename, t, 0);
  },
});
export const utime = syscall({
  name: 'utime',
  nr: { x64: 132, i386: 30 },
  class: 'file.attr',
  args: { filename: path, times: pin(utimbuf) },
  run(task, { filename, times }) {
    if (times === 0) return timesAt(task, AT_FDCWD, filename, BOTH_NOW, 0);
    const t = task.user.get(utimbuf, times);
    if (t instanceof Errno) return t;
    return timesAt(task, AT_FDCWD, filename, [timeOf(t.actime, 0), timeOf(t.modtime, 0)], 0);
  },
});
