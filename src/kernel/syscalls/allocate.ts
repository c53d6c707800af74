// Sizes of files and the space they take.
import {
  EBADF,
  EFBIG,
  EINVAL,
  EISDIR,
  ENODEV,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  Errno,
  ESPIPE,
  ETXTBSY,
} from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import { IN_MODIFY } from '../../abi/inotify.ts';
import { AT_FDCWD, O_ACCMODE, O_RDONLY } from '../../abi/open.ts';
import { SI_KERNEL, SIGXFSZ } from '../../abi/signal.ts';
import { S_IFDIR, S_IFIFO, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { fd, flags, int, long, path, uint } from '../../abi/type.ts';
import { placeOf, resolveAt } from '../fs/at.ts';
import type { Name } from '../fs/dentry.ts';
import { MAX_FILE_SIZE } from '../fs/file.ts';
import { notifyPlace } from '../fs/notify.ts';
import { dropPrivileges, MAY_WRITE, may } from '../fs/permission.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const RLIMIT_FSIZE = 1;
/** A file may grow to this size (RLIMIT_FSIZE, the largest size there is). */
function mayGrow(task: Task, from: number, to: number): Errno | undefined {
  if (to <= from) return undefined;
  if (to > (task.process.limits[RLIMIT_FSIZE]?.cur ?? MAX_FILE_SIZE)) {
    task.kernel.send(task.kernel.thread(task.tid) ?? task.process, { signo: SIGXFSZ, code: SI_KERNEL });
    return EFBIG;
  }
  return to > MAX_FILE_SIZE ? EFBIG : undefined;
}
function resize(task: Task, d: Name, length: number): Result {
  const { inode } = d;
  const { size } = inode.attributes();
  if (length < size && inode.seals & F.F_SEAL_SHRINK) return EPERM;
  if (length > size && inode.seals & F.F_SEAL_GROW) return EPERM;
  const refused = mayGrow(task, size, length) ?? inode.setAttributes({ size: length });
  if (refused) return refused;
  dropPrivileges(task, inode);
  notifyPlace(d, inode, IN_MODIFY);
  return 0;
}
function truncatePath(task: Task, pathname: number, length: number): Result {
  if (length < 0) return EINVAL;
  const d = resolveAt(task, AT_FDCWD, pathname);
  if (d instanceof Errno) return d;
  const type = d.inode.attributes().mode & S_IFMT;
  if (type === S_IFDIR) return EISDIR;
  if (type !== S_IFREG) return EINVAL;
  if (d.inode.fs.readOnly) return EROFS;
  const refused = may(task, d.inode, MAY_WRITE);
  if (refused) return refused;
  return d.inode.writeCount < 0 ? ETXTBSY : resize(task, d, length);
}
function truncateFile(task: Task, fd: number, length: number): Result {
  if (length < 0) return EINVAL;
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if ((file.inode.attributes().mode & S_IFMT) !== S_IFREG || (file.flags & O_ACCMODE) === O_RDONLY) return EINVAL;
  return resize(task, placeOf(file), length);
}
export const truncate = syscall({
  name: 'truncate',
  nr: { x64: 76, i386: 92 },
  class: 'file.attr',
  args: { path, length: long },
  run: (task, { path, length }) => truncatePath(task, path, length),
});
export const ftruncate = syscall({
  name: 'ftruncate',
  nr: { x64: 77, i386: 93 },
  class: 'file.attr',
  args: { fd, length: long },
  run: (task, { fd, length }) => truncateFile(task, fd, length),
});
const joined = (high: number, low: number): number => high * 0x1_0000_0000 + low;
export const truncate64 = syscall({
  name: 'truncate64',
  nr: { i386: 193 },
  class: 'file.attr',
  args: { path, length_low: uint, length_high: int },
  run: (task, v) => truncatePath(task, v.path, joined(v.length_high, v.length_low)),
});
export const ftruncate64 = syscall({
  name: 'ftruncate64',
  nr: { i386: 194 },
  class: 'file.attr',
  args: { fd, length_low: uint, length_high: int },
  run: (task, v) => truncateFile(task, v.fd, joined(v.length_high, v.length_low)),
});

const { FALLOC_FL_KEEP_SIZE } = F;
const MODES = 0xfa;
/** vfs_fallocate: which modes go together. */
function combines(mode: number): boolean {
  if (mode & ~(MODES | FALLOC_FL_KEEP_SIZE)) return false;
  const keep = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  switch (mode & MODES) {
    case 0:
    case F.FALLOC_FL_UNSHARE_RANGE:
    case F.FALLOC_FL_ZERO_RANGE:
      return true;
    case F.FALLOC_FL_PUNCH_HOLE:
      return keep;
    case F.FALLOC_FL_COLLAPSE_RANGE:
    case F.FALLOC_FL_INSERT_RANGE:
    case F.FALLOC_FL_WRITE_ZEROES:
      return !keep;
    default:
      return false;
  }
}
function allocate(task: Task, fd: number, mode: number, offset: number, length: number): Result {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if (offset < 0 || length <= 0) return EINVAL;
  if (!combines(mode)) return EOPNOTSUPP;
  if ((file.flags & O_ACCMODE) === O_RDONLY) return EBADF;
  const { inode } = file;
  const a = inode.attributes();
  const type = a.mode & S_IFMT;
  if (type === S_IFIFO) return ESPIPE;
  if (type === S_IFDIR) return EISDIR;
  if (type !== S_IFREG) return ENODEV;
  if (offset + length > MAX_FILE_SIZE) return EFBIG;
  const kind = mode & MODES;
  if (kind && inode.seals & (F.F_SEAL_WRITE | F.F_SEAL_FUTURE_WRITE)) return EPERM;
  const grows = !(mode & FALLOC_FL_KEEP_SIZE) && (kind === 0 || kind === F.FALLOC_FL_ZERO_RANGE);
  if (grows) {
    if (offset + length > a.size && inode.seals & F.F_SEAL_GROW) return EPERM;
    const refused = mayGrow(task, a.size, offset + length);
    if (refused) return refused;
  }
  return inode.allocate(mode, offset, length) ?? 0;
}
const modes = flags(F.fallocateModes);
export const fallocate = syscall({
  name: 'fallocate',
  nr: { x64: 285 },
  class: 'file.attr',
  args: { fd, mode: modes, offset: long, len: long },
  run: (task, { fd, mode, offset, len }) => allocate(task, fd, mode, offset, len),
});
export const fallocate_i386 = syscall({
  name: 'fallocate',
  nr: { i386: 324 },
  class: 'file.attr',
  args: { fd, mode: modes, offset_low: uint, offset_high: int, len_low: uint, len_high: int },
  run: (task, v) => allocate(task, v.fd, v.mode, joined(v.offset_high, v.offset_low), joined(v.len_high, v.len_low)),
});
