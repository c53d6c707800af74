// The stat family.
import { EINVAL, EOVERFLOW, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, statFlags } from '../../abi/open.ts';
import * as X from '../../abi/stat.ts';
import * as SX from '../../abi/statx.ts';
import { layout, sizeOf } from '../../abi/struct.ts';
import { dirfd, fd, flags, path, pout } from '../../abi/type.ts';
import { resolveAt } from '../fs/at.ts';
import { parts } from '../fs/time.ts';
import type { Attributes, Time } from '../fs/vfs.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const AT_NO_AUTOMOUNT = 0x800;

/** struct stat as a program of 64 bits is given it, put together by hand: programs ask for it all the time. */
const image = new Uint8Array(sizeOf(X.stat, 'x64').size);
const view = new DataView(image.buffer);
const AT = layout(X.stat, 'x64').offsets as Readonly<Record<keyof typeof X.stat.fields, number>>;
function word(at: number, value: number): void {
  view.setUint32(at, value, true);
  view.setInt32(at + 4, value === (value | 0) ? value >> 31 : Math.floor(value / 0x1_0000_0000), true);
}
function time(at: number, t: Time): void {
  const { sec, nsec } = parts(t);
  word(at, sec);
  word(at + 8, nsec);
}
function put(task: Task, at: number, a: Attributes): Result {
  if (task.abi !== 'x64') return put32(task, at, a);
  word(AT.st_dev, a.dev);
  word(AT.st_ino, a.ino);
  word(AT.st_nlink, a.nlink);
  view.setUint32(AT.st_mode, a.mode, true);
  view.setUint32(AT.st_uid, a.uid, true);
  view.setUint32(AT.st_gid, a.gid, true);
  word(AT.st_rdev, a.rdev);
  word(AT.st_size, a.size);
  word(AT.st_blksize, a.blksize);
  word(AT.st_blocks, a.blocks);
  time(AT.st_atime, a.atime);
  time(AT.st_mtime, a.mtime);
  time(AT.st_ctime, a.ctime);
  return task.user.put(at, image) ?? 0;
}
/** What i386's two structs have in common. */
function common(a: Attributes) {
  const atime = parts(a.atime);
  const mtime = parts(a.mtime);
  const ctime = parts(a.ctime);
  return {
    st_dev: a.dev,
    st_mode: a.mode,
    st_nlink: a.nlink,
    st_uid: a.uid,
    st_gid: a.gid,
    st_rdev: a.rdev,
    st_size: a.size,
    st_blksize: a.blksize,
    st_blocks: a.blocks,
    st_atime: atime.sec,
    st_atimensec: atime.nsec,
    st_mtime: mtime.sec,
    st_mtimensec: mtime.nsec,
    st_ctime: ctime.sec,
    st_ctimensec: ctime.nsec,
  };
}
function put32(task: Task, at: number, a: Attributes): Result {
  if (a.ino > 0xffff_ffff || a.size > 0x7fff_ffff || a.nlink > 0xffff) return EOVERFLOW;
  return task.user.set(X.stat32, at, { ...common(a), st_ino: a.ino }) ?? 0;
}
function statAt(task: Task, dirfd: number, pathname: number, at: number, flags: number, write = put): Result {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) return EINVAL;
  const d = resolveAt(task, dirfd, pathname, flags, { follow: !(flags & AT_SYMLINK_NOFOLLOW) });
  return d instanceof Errno ? d : write(task, at, d.inode.attributes());
}
function statFile(task: Task, fd: number, at: number, write = put): Result {
  const file = task.files.get(fd);
  return file instanceof Errno ? file : write(task, at, file.inode.attributes());
}
const statbuf = pout(X.stat);

export const stat = syscall({
  name: 'stat',
  nr: { x64: 4, i386: 106 },
  class: 'file.stat',
  args: { pathname: path, statbuf },
  run: (task, { pathname, statbuf }) => statAt(task, AT_FDCWD, pathname, statbuf, 0),
});
export const lstat = syscall({
  name: 'lstat',
  nr: { x64: 6, i386: 107 },
  class: 'file.stat',
  args: { pathname: path, statbuf },
  run: (task, { pathname, statbuf }) => statAt(task, AT_FDCWD, pathname, statbuf, AT_SYMLINK_NOFOLLOW),
});
export const fstat = syscall({
  name: 'fstat',
  nr: { x64: 5, i386: 108 },
  class: 'file.stat',
  args: { fd, statbuf },
  run: (task, { fd, statbuf }) => statFile(task, fd, statbuf),
});
export const newfstatat = syscall({
  name: 'newfstatat',
  nr: { x64: 262 },
  class: 'file.stat',
  args: { dirfd, pathname: path, statbuf, flags: flags(statFlags) },
  run: (task, { dirfd, pathname, statbuf, flags }) => statAt(task, dirfd, pathname, statbuf, flags),
});

/** i386's struct stat64, written by its own calls. */
function put64(task: Task, at: number, a: Attributes): Result {
  return task.user.set(X.stat64, at, { ...common(a), st_ino_low: a.ino, st_ino: a.ino }) ?? 0;
}
const statbuf64 = pout(X.stat64);
export const stat64 = syscall({
  name: 'stat64',
  nr: { i386: 195 },
  class: 'file.stat',
  args: { pathname: path, statbuf: statbuf64 },
  run: (task, { pathname, statbuf }) => statAt(task, AT_FDCWD, pathname, statbuf, 0, put64),
});
export const lstat64 = syscall({
  name: 'lstat64',
  nr: { i386: 196 },
  class: 'file.stat',
  args: { pathname: path, statbuf: statbuf64 },
  run: (task, { pathname, statbuf }) => statAt(task, AT_FDCWD, pathname, statbuf, AT_SYMLINK_NOFOLLOW, put64),
});
export const fstat64 = syscall({
  name: 'fstat64',
  nr: { i386: 197 },
  class: 'file.stat',
  args: { fd, statbuf: statbuf64 },
  run: (task, { fd, statbuf }) => statFile(task, fd, statbuf, put64),
});
export const fstatat64 = syscall({
  name: 'fstatat64',
  nr: { i386: 300 },
  class: 'file.stat',
  args: { dirfd, pathname: path, statbuf: statbuf64, flags: flags(statFlags) },
  run: (task, { dirfd, pathname, statbuf, flags }) => statAt(task, dirfd, pathname, statbuf, flags, put64),
});

const stamp = (t: bigint): { tv_sec: number; tv_nsec: number; reserved: number } => {
  const { sec, nsec } = parts(t);
  return { tv_sec: sec, tv_nsec: nsec, reserved: 0 };
};
/** What file systems that say nothing of their own give: everything but the time of birth. */
const PLAIN = {
  given: SX.STATX_BASIC_STATS,
  onRequest: 0,
  attributes: SX.STATX_ATTR_DAX | SX.STATX_ATTR_MOUNT_ROOT | SX.STATX_ATTR_AUTOMOUNT,
};
const CHANGE_TIMES = SX.STATX_CTIME | SX.STATX_MTIME;
const UNIQUE_MOUNT = 0x8000_0000;
export const statx = syscall({
  name: 'statx',
  nr: { x64: 332, i386: 383 },
  class: 'file.stat',
  args: {
    dirfd,
    pathname: path,
    flags: flags(SX.statxFlags),
    mask: flags(SX.statxMask),
    statxbuf: pout(X.statx),
  },
  run(task, { dirfd, pathname, flags, mask, statxbuf }) {
    const sync = flags & SX.AT_STATX_SYNC_TYPE;
    if (mask >= SX.STATX__RESERVED || sync === SX.AT_STATX_SYNC_TYPE) return EINVAL;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | SX.AT_STATX_SYNC_TYPE)) return EINVAL;
    const d = resolveAt(task, dirfd, pathname, flags, { follow: !(flags & AT_SYMLINK_NOFOLLOW) });
    if (d instanceof Errno) return d;
    const a = d.inode.attributes();
    const mount = task.kernel.mounts.of(d);
    const { given, onRequest, attributes } = d.inode.fs.statx ?? PLAIN;
    const unique = (mask & SX.STATX_MNT_ID_UNIQUE) !== 0;
    // Who asks for one of the times of change is given both (fs/stat.c, fill_mg_cmtime).
    const wanted = mask & CHANGE_TIMES ? mask | CHANGE_TIMES : mask;
    return (
      task.user.set(X.statx, statxbuf, {
        stx_mask: given | (wanted & onRequest) | (unique ? SX.STATX_MNT_ID_UNIQUE : SX.STATX_MNT_ID),
        stx_blksize: a.blksize,
        stx_attributes: mount?.root === d ? SX.STATX_ATTR_MOUNT_ROOT : 0,
        stx_nlink: a.nlink,
        stx_uid: a.uid,
        stx_gid: a.gid,
        stx_mode: a.mode,
        stx_ino: a.ino,
        stx_size: a.size,
        stx_blocks: a.blocks,
        stx_attributes_mask: attributes,
        stx_atime: stamp(a.atime),
        stx_btime: stamp(mask & SX.STATX_BTIME ? a.btime : 0n),
        stx_ctime: stamp(a.ctime),
        stx_mtime: stamp(a.mtime),
        stx_rdev_major: SX.major(a.rdev),
        stx_rdev_minor: SX.minor(a.rdev),
        stx_dev_major: SX.major(a.dev),
        stx_dev_minor: SX.minor(a.dev),
        stx_mnt_id: (mount?.id ?? 0) + (unique ? UNIQUE_MOUNT : 0),
      }) ?? 0
    );
  },
});
