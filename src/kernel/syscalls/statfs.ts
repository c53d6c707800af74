// What file systems say of themselves.
import { EINVAL, Errno } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/open.ts';
import * as X from '../../abi/stat.ts';
import { struct } from '../../abi/struct.ts';
import { bytes, dev, fd, long, path, pout, size, uint } from '../../abi/type.ts';
import { placeOf, resolveAt } from '../fs/at.ts';
import type { Name } from '../fs/dentry.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const ST_VALID = 0x20;
const FLAGS: Readonly<Record<string, number>> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  noatime: 0x400,
  nodiratime: 0x800,
  relatime: 0x1000,
};
function values(task: Task, d: Name): { [K in keyof typeof X.statfs.fields]?: number } {
  const { fs } = d.inode;
  const s = fs.statfs(d.inode);
  const options = task.kernel.mounts.of(d)?.options.split(',') ?? [];
  return {
    f_type: s.type ?? fs.magic,
    f_bsize: s.bsize,
    f_blocks: s.blocks,
    f_bfree: s.bfree,
    f_bavail: s.bavail,
    f_files: s.files,
    f_ffree: s.ffree,
    f_fsid0: d.inode.attributes().dev,
    f_namelen: s.namelen,
    f_frsize: s.bsize,
    f_flags: options.reduce((all, o) => all | (FLAGS[o] ?? 0), ST_VALID),
  };
}
const put = (task: Task, d: Name | Errno, at: number): Result =>
  d instanceof Errno ? d : (task.user.set(X.statfs, at, values(task, d)) ?? 0);
const put64 = (task: Task, d: Name | Errno, length: number, at: number): Result => {
  if (length !== 84 && length !== 88) return EINVAL;
  return d instanceof Errno ? d : (task.user.set(X.statfs64, at, values(task, d)) ?? 0);
};
const byFd = (task: Task, fd: number): Name | Errno => {
  const file = task.files.get(fd);
  return file instanceof Errno ? file : placeOf(file);
};
const buf = pout(X.statfs);
export const statfs = syscall({
  name: 'statfs',
  nr: { x64: 137, i386: 99 },
  class: 'file.stat',
  args: { pathname: path, buf },
  run: (task, { pathname, buf }) => put(task, resolveAt(task, AT_FDCWD, pathname), buf),
});
export const fstatfs = syscall({
  name: 'fstatfs',
  nr: { x64: 138, i386: 100 },
  class: 'file.stat',
  args: { fd, buf },
  run: (task, { fd, buf }) => put(task, byFd(task, fd), buf),
});
const buf64 = pout(X.statfs64);
export const statfs64 = syscall({
  name: 'statfs64',
  nr: { i386: 268 },
  class: 'file.stat',
  args: { pathname: path, sz: size, buf: buf64 },
  run: (task, { pathname, sz, buf }) => put64(task, resolveAt(task, AT_FDCWD, pathname), sz, buf),
});
export const fstatfs64 = syscall({
  name: 'fstatfs64',
  nr: { i386: 269 },
  class: 'file.stat',
  args: { fd, sz: size, buf: buf64 },
  run: (task, { fd, sz, buf }) => put64(task, byFd(task, fd), sz, buf),
});

const ustatBuffer = struct('ustat', { f_tfree: uint, f_tinode: long, f_fname: bytes(6), f_fpack: bytes(6) });
export const ustat = syscall({
  name: 'ustat',
  nr: { x64: 136, i386: 62 },
  class: 'file.stat',
  args: { dev: { ...dev, size: 4 }, ubuf: pout(ustatBuffer) },
  run(task, { dev, ubuf }) {
    const mount = task.kernel.mounts.list.find((m) => m.root.inode.attributes().dev === dev);
    if (!mount) return EINVAL;
    const s = mount.root.inode.fs.statfs(mount.root.inode);
    return task.user.set(ustatBuffer, ubuf, { f_tfree: s.bfree, f_tinode: s.ffree }) ?? 0;
  },
});
