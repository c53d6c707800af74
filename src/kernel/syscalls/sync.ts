// Bringing files to the disk, and advice about them. Files live in memory here: what needs no disk is done at once; streams of the host are synced there.
import { EBADF, EINVAL, EROFS, Errno, ESPIPE } from '../../abi/errno.ts';
import { S_IFBLK, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { enumOf, fd, flags, int, long, names, s64, size, uint } from '../../abi/type.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

export const sync = syscall({ name: 'sync', nr: { x64: 162, i386: 36 }, class: 'file.sync', args: {}, run: () => 0 });
/** Files with contents can be synced; pipes, sockets and memory's devices can't. */
const hasContents = (file: OpenFile): boolean => {
  const type = file.inode.attributes().mode & S_IFMT;
  return type === S_IFREG || type === S_IFDIR || type === S_IFBLK;
};
function syncFile(task: Task, fd: number): Result {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return hasContents(file) ? (file.sync?.() ?? 0) : file.inode.fs.readOnly ? EROFS : EINVAL;
}
export const fsync = syscall({
  name: 'fsync',
  nr: { x64: 74, i386: 118 },
  class: 'file.sync',
  args: { fd },
  run: (task, { fd }) => syncFile(task, fd),
});
export const fdatasync = syscall({
  name: 'fdatasync',
  nr: { x64: 75, i386: 148 },
  class: 'file.sync',
  args: { fd },
  run: (task, { fd }) => syncFile(task, fd),
});
export const syncfs = syscall({
  name: 'syncfs',
  nr: { x64: 306, i386: 344 },
  class: 'file.sync',
  args: { fd },
  run(task, { fd }) {
    const file = fileOf(task, fd);
    return file instanceof Errno ? file : 0;
  },
});

const SYNC_FILE_RANGE = names('SYNC_FILE_RANGE', {
  SYNC_FILE_RANGE_WAIT_BEFORE: 1,
  SYNC_FILE_RANGE_WRITE: 2,
  SYNC_FILE_RANGE_WAIT_AFTER: 4,
});
function syncRange(task: Task, fd: number, offset: number, nbytes: number, flags: number): Result {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if (flags & ~7 || offset < 0 || nbytes < 0 || offset + nbytes >= 2 ** 63) return EINVAL;
  const type = file.inode.attributes().mode & S_IFMT;
  return type === S_IFREG || type === S_IFBLK || type === S_IFDIR || type === S_IFLNK ? 0 : ESPIPE;
}
export const sync_file_range = syscall({
  name: 'sync_file_range',
  nr: { x64: 277 },
  class: 'file.sync',
  args: { fd, offset: s64, nbytes: s64, flags: flags(SYNC_FILE_RANGE) },
  run: (task, v) => syncRange(task, v.fd, v.offset, v.nbytes, v.flags),
});
const joined = (high: number, low: number): number => high * 0x1_0000_0000 + low;
export const sync_file_range_i386 = syscall({
  name: 'sync_file_range',
  nr: { i386: 314 },
  class: 'file.sync',
  args: { fd, off_low: uint, off_high: int, n_low: uint, n_high: int, flags: flags(SYNC_FILE_RANGE) },
  run: (task, v) => syncRange(task, v.fd, joined(v.off_high, v.off_low), joined(v.n_high, v.n_low), v.flags),
});

const POSIX_FADV = names('POSIX_FADV', {
  POSIX_FADV_NORMAL: 0,
  POSIX_FADV_RANDOM: 1,
  POSIX_FADV_SEQUENTIAL: 2,
  POSIX_FADV_WILLNEED: 3,
  POSIX_FADV_DONTNEED: 4,
  POSIX_FADV_NOREUSE: 5,
});
function advise(task: Task, fd: number, length: number, advice: number): Result {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if ((file.inode.attributes().mode & S_IFMT) === S_IFIFO) return ESPIPE;
  return length < 0 || advice < 0 || advice > 5 ? EINVAL : 0;
}
const advice = enumOf(POSIX_FADV);
export const fadvise64 = syscall({
  name: 'fadvise64',
  nr: { x64: 221 },
  class: 'file.fd',
  args: { fd, offset: s64, len: long, advice },
  run: (task, { fd, len, advice }) => advise(task, fd, len, advice),
});
export const fadvise64_i386 = syscall({
  name: 'fadvise64',
  nr: { i386: 250 },
  class: 'file.fd',
  args: { fd, offset_low: uint, offset_high: int, len: uint, advice },
  run: (task, { fd, len, advice }) => advise(task, fd, len, advice),
});
export const fadvise64_64 = syscall({
  name: 'fadvise64_64',
  nr: { i386: 272 },
  class: 'file.fd',
  args: { fd, offset_low: uint, offset_high: int, len_low: uint, len_high: int, advice },
  run: (task, v) => advise(task, v.fd, joined(v.len_high, v.len_low), v.advice),
});
function ahead(task: Task, fd: number): Result {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  if ((file.flags & 3) === 1) return EBADF;
  const type = file.inode.attributes().mode & S_IFMT;
  return type === S_IFREG || type === S_IFBLK ? 0 : EINVAL;
}
export const readahead = syscall({
  name: 'readahead',
  nr: { x64: 187 },
  class: 'file.read',
  args: { fd, offset: s64, count: size },
  run: (task, { fd }) => ahead(task, fd),
});
export const readahead_i386 = syscall({
  name: 'readahead',
  nr: { i386: 225 },
  class: 'file.read',
  args: { fd, offset_low: uint, offset_high: int, count: size },
  run: (task, { fd }) => ahead(task, fd),
});
