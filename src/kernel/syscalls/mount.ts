// Roots and mounts. The tree of mounts is fixed when the machine starts.
import * as C from '../../abi/capability.ts';
import { EBUSY, EINVAL, ENODEV, ENOTDIR, EPERM, Errno } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/open.ts';
import { addr, cstring, dirfd, fd, flags, hexlong, int, names, path, size, uint } from '../../abi/type.ts';
import { resolveAt } from '../fs/at.ts';
import { isDirectory, MAY_EXEC, may } from '../fs/permission.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

export const chroot = syscall({
  name: 'chroot',
  nr: { x64: 161, i386: 61 },
  class: 'file.name',
  args: { path },
  run(task, { path }) {
    const d = resolveAt(task, AT_FDCWD, path);
    if (d instanceof Errno) return d;
    if (!isDirectory(d.inode)) return ENOTDIR;
    const refused = may(task, d.inode, MAY_EXEC);
    if (refused) return refused;
    if (!task.capable(C.CAP_SYS_CHROOT)) return EPERM;
    task.fs.root = d;
    return 0;
  },
});
const FIXED = 'The mounts of a machine are fixed: what Linux would do ends with EPERM, or EBUSY.';
const MS = names('MS', {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_SYNCHRONOUS: 0x10,
  MS_REMOUNT: 0x20,
  MS_NOATIME: 0x400,
  MS_BIND: 0x1000,
  MS_MOVE: 0x2000,
  MS_REC: 0x4000,
});
const MS_REMOUNT = 0x20,
  MS_BIND = 0x1000,
  MS_MOVE = 0x2000;
/** File systems that a kernel like this one has. */
const TYPES: ReadonlySet<string> = new Set(['proc', 'sysfs', 'tmpfs', 'devtmpfs', 'devpts', 'ext4', 'overlay']);
export const mount = syscall({
  name: 'mount',
  nr: { x64: 165, i386: 21 },
  class: 'file.mount',
  args: { source: path, target: path, filesystemtype: cstring, mountflags: flags(MS, 'long'), data: addr },
  partial: FIXED,
  run(task, { target, filesystemtype, mountflags }) {
    const type = filesystemtype === 0 ? undefined : task.user.string(filesystemtype);
    if (type instanceof Errno) return type;
    const d = resolveAt(task, AT_FDCWD, target);
    if (d instanceof Errno) return d;
    if (!task.capable(C.CAP_SYS_ADMIN)) return EPERM;
    if (mountflags & (MS_REMOUNT | MS_BIND | MS_MOVE)) return EPERM;
    if (type === undefined) return EINVAL;
    return TYPES.has(type) ? EPERM : ENODEV;
  },
});
const UMOUNT_NOFOLLOW = 8;
function unmount(task: Thread, target: number, flags: number): Result {
  if (flags & ~15) return EINVAL;
  const d = resolveAt(task, AT_FDCWD, target, 0, { follow: !(flags & UMOUNT_NOFOLLOW) });
  if (d instanceof Errno) return d;
  if (!task.capable(C.CAP_SYS_ADMIN)) return EPERM;
  return task.kernel.mounts.of(d)?.root === d ? EBUSY : EINVAL;
}
export const umount2 = syscall({
  name: 'umount2',
  nr: { x64: 166, i386: 52 },
  class: 'file.mount',
  args: {
    target: path,
    flags: flags(names('MNT', { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW })),
  },
  partial: FIXED,
  run: (task, { target, flags }) => unmount(task, target, flags),
});
export const umount = syscall({
  name: 'umount',
  nr: { i386: 22 },
  class: 'file.mount',
  args: { target: path },
  partial: FIXED,
  run: (task, { target }) => unmount(task, target, 0),
});
export const pivot_root = syscall({
  name: 'pivot_root',
  nr: { x64: 155, i386: 217 },
  class: 'file.mount',
  args: { new_root: path, put_old: path },
  partial: FIXED,
  run(task, { new_root, put_old }) {
    if (!task.capable(C.CAP_SYS_ADMIN)) return EPERM;
    for (const at of [new_root, put_old]) {
      const d = resolveAt(task, AT_FDCWD, at);
      if (d instanceof Errno) return d;
      if (!isDirectory(d.inode)) return ENOTDIR;
    }
    return EINVAL;
  },
});
const NO_MOUNTS = 'the mounts of a machine are fixed';
export const open_tree = syscall({
  name: 'open_tree',
  nr: { x64: 428, i386: 428 },
  class: 'file.mount',
  args: { dirfd, pathname: path, flags: uint },
  absent: NO_MOUNTS,
});
export const move_mount = syscall({
  name: 'move_mount',
  nr: { x64: 429, i386: 429 },
  class: 'file.mount',
  args: { from_dirfd: dirfd, from_pathname: path, to_dirfd: dirfd, to_pathname: path, flags: uint },
  absent: NO_MOUNTS,
});
export const fsopen = syscall({
  name: 'fsopen',
  nr: { x64: 430, i386: 430 },
  class: 'file.mount',
  args: { fs_name: cstring, flags: uint },
  absent: NO_MOUNTS,
});
export const fsconfig = syscall({
  name: 'fsconfig',
  nr: { x64: 431, i386: 431 },
  class: 'file.mount',
  args: { fs_fd: fd, cmd: uint, key: cstring, value: addr, aux: int },
  absent: NO_MOUNTS,
});
export const fsmount = syscall({
  name: 'fsmount',
  nr: { x64: 432, i386: 432 },
  class: 'file.mount',
  args: { fs_fd: fd, flags: uint, attr_flags: uint },
  absent: NO_MOUNTS,
});
export const fspick = syscall({
  name: 'fspick',
  nr: { x64: 433, i386: 433 },
  class: 'file.mount',
  args: { dirfd, pathname: path, flags: uint },
  absent: NO_MOUNTS,
});
export const mount_setattr = syscall({
  name: 'mount_setattr',
  nr: { x64: 442, i386: 442 },
  class: 'file.mount',
  args: { dirfd, pathname: path, flags: uint, uattr: addr, usize: size },
  absent: NO_MOUNTS,
});
export const quotactl = syscall({
  name: 'quotactl',
  nr: { x64: 179, i386: 131 },
  class: 'file.mount',
  args: { cmd: uint, special: path, id: int, addr: hexlong },
  absent: 'no file system here has quotas',
});
export const quotactl_fd = syscall({
  name: 'quotactl_fd',
  nr: { x64: 443, i386: 443 },
  class: 'file.mount',
  args: { fd, cmd: uint, id: int, addr: hexlong },
  absent: 'no file system here has quotas',
});
