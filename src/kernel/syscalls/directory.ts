// The working directory, and reading directories.
import { EFAULT, EINVAL, ENOENT, ENOTDIR, ERANGE, Errno } from '../../abi/errno.ts';
import { IN_ACCESS } from '../../abi/inotify.ts';
import { custom, fd, outBuf, path, size, uint } from '../../abi/type.ts';
import { placeOf, resolveAt } from '../fs/at.ts';
import type { Name } from '../fs/dentry.ts';
import { notifyFile } from '../fs/notify.ts';
import { isDirectory, MAY_EXEC, may } from '../fs/permission.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { isBelow, pathOf } from '../fs/walk.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const AT_FDCWD = -100;
const PATH_MAX = 4096;
const latin1 = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));

export const getcwd = syscall({
  name: 'getcwd',
  nr: { x64: 79, i386: 183 },
  class: 'file.name',
  args: { buf: outBuf, size },
  run(task, { buf, size }) {
    const { cwd, root } = task.fs;
    if (cwd.deleted) return ENOENT;
    // Outside of what chroot left it to see.
    const prefix = isBelow(cwd as Name, root as Name) ? '' : '(unreachable)';
    const text = `${prefix}${pathOf(cwd, prefix ? task.kernel.root : root)}\0`;
    if (text.length > Math.min(size, PATH_MAX)) return ERANGE;
    return task.user.put(buf, latin1(text)) ?? text.length;
  },
});
export const chdir = syscall({
  name: 'chdir',
  nr: { x64: 80, i386: 12 },
  class: 'file.name',
  args: { pathname: path },
  run(task, { pathname }) {
    const d = resolveAt(task, AT_FDCWD, pathname);
    if (d instanceof Errno) return d;
    if (!isDirectory(d.inode)) return ENOTDIR;
    const refused = may(task, d.inode, MAY_EXEC);
    if (refused) return refused;
    task.fs.cwd = d;
    return 0;
  },
});
export const fchdir = syscall({
  name: 'fchdir',
  nr: { x64: 81, i386: 133 },
  class: 'file.name',
  args: { fd },
  run(task, { fd }) {
    const file = task.files.get(fd);
    if (file instanceof Errno) return file;
    if (!isDirectory(file.inode)) return ENOTDIR;
    const refused = may(task, file.inode, MAY_EXEC);
    if (refused) return refused;
    task.fs.cwd = placeOf(file);
    return 0;
  },
});

interface Layout {
  /** Offset of d_name; the type stands before it, or in the record's last byte. */
  readonly name: number;
  readonly word: 4 | 8;
  readonly typeLast: boolean;
}
/** Fills `count` bytes with records of the directory's entries, as many as fit. */
function list(task: Task, file: OpenFile | Errno, at: number, count: number, layout: Layout): Result {
  if (file instanceof Errno) return file;
  if (!file.readdir) return ENOTDIR;
  if ((file.at as { deleted?: boolean }).deleted) return ENOENT;
  const most = Math.min(count, 1 << 20);
  const room = task.user.writable(at, most);
  if (room === 0 && most > 0) return EFAULT;
  const out = new Uint8Array(room);
  const v = new DataView(out.buffer);
  let used = 0;
  notifyFile(file, IN_ACCESS);
  for (;;) {
    const before = file.position as number;
    const e = file.readdir(task);
    if (!e) break;
    if (e instanceof Errno) return used > 0 ? used : e;
    const { name, word } = layout;
    const length = Math.ceil((name + e.name.length + (layout.typeLast ? 2 : 1)) / word) * word;
    if (used + length > room) {
      file.position = before;
      if (used === 0) return room < most ? EFAULT : EINVAL;
      break;
    }
    if (word === 8) {
      v.setBigUint64(used, BigInt(e.ino), true);
      v.setBigInt64(used + 8, BigInt(e.next), true);
      v.setUint16(used + 16, length, true);
    } else {
      v.setUint32(used, e.ino, true);
      v.setUint32(used + 4, e.next, true);
      v.setUint16(used + 8, length, true);
    }
    out[layout.typeLast ? used + length - 1 : used + name - 1] = e.type;
    for (let i = 0; i < e.name.length; i++) out[used + name + i] = e.name.charCodeAt(i);
    used += length;
  }
  return task.user.put(at, out.subarray(0, used)) ?? used;
}
export const getdents64 = syscall({
  name: 'getdents64',
  nr: { x64: 217, i386: 220 },
  class: 'dir',
  args: { fd, dirp: custom('dirent64', 'out', { ret: true }), count: uint },
  run: (task, { fd, dirp, count }) => list(task, fileOf(task, fd), dirp, count, { name: 19, word: 8, typeLast: false }),
});
export const getdents = syscall({
  name: 'getdents',
  nr: { x64: 78, i386: 141 },
  class: 'dir',
  args: { fd, dirp: custom('dirent', 'out', { ret: true }), count: uint },
  run: (task, { fd, dirp, count }) =>
    list(
      task,
      fileOf(task, fd),
      dirp,
      count,
      task.abi === 'x64' ? { name: 18, word: 8, typeLast: true } : { name: 10, word: 4, typeLast: true },
    ),
});
