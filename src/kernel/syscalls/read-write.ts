// read(2), write(2) and their positioned and vectored kin.
import { EBADF, EINVAL, EOPNOTSUPP, Errno, ESPIPE } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { fd, flags, inBuf, int, outBuf, pin, s64, size, uint, ulong } from '../../abi/type.ts';
import * as U from '../../abi/uio.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { checkRange, fileOf, readRange, readSegments, type Segment, vector, writeSegments } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

/** Files that a positioned call may use: those with a position. */
function positioned(task: Task, fd: number, offset: number): OpenFile | Errno {
  if (offset < 0) return EINVAL;
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return file.position === undefined ? ESPIPE : file;
}
const canRead = (f: OpenFile): boolean =>
  (f.flags & O.O_ACCMODE) === O.O_RDONLY || (f.flags & O.O_ACCMODE) === O.O_RDWR;
const canWrite = (f: OpenFile): boolean =>
  (f.flags & O.O_ACCMODE) === O.O_WRONLY || (f.flags & O.O_ACCMODE) === O.O_RDWR;

function readOne(task: Task, file: OpenFile | Errno, buf: number, count: number, at?: number): Result {
  if (file instanceof Errno) return file;
  if (!canRead(file)) return EBADF;
  const n = checkRange(buf, count);
  if (n instanceof Errno) return n;
  return readRange(task, file, buf, n, at);
}
function writeOne(task: Task, file: OpenFile | Errno, buf: number, count: number, at?: number): Result {
  if (file instanceof Errno) return file;
  if (!canWrite(file)) return EBADF;
  const n = checkRange(buf, count);
  if (n instanceof Errno) return n;
  return writeSegments(task, file, [{ at: buf, n }], at);
}
type Move = (task: Task, file: OpenFile, segments: readonly Segment[], at?: number, nowait?: boolean) => Result;
function vectored(
  task: Task,
  file: OpenFile | Errno,
  iov: number,
  iovcnt: number,
  move: Move,
  at?: number,
  rwf = 0,
): Result {
  if (file instanceof Errno) return file;
  if (!(move === readSegments ? canRead(file) : canWrite(file))) return EBADF;
  const segments = vector(task, iov, iovcnt);
  if (segments instanceof Errno) return segments;
  if (segments.every((s) => s.n === 0)) return 0;
  if (rwf & ~0x1f) return EOPNOTSUPP;
  if (rwf & U.RWF_APPEND && move === writeSegments && !(file.flags & O.O_APPEND)) {
    file.flags |= O.O_APPEND;
    const r = move(task, file, segments, at, (rwf & U.RWF_NOWAIT) !== 0);
    file.flags &= ~O.O_APPEND;
    return r;
  }
  return move(task, file, segments, at, (rwf & U.RWF_NOWAIT) !== 0);
}

export const read = syscall({
  name: 'read',
  nr: { x64: 0, i386: 3 },
  class: 'file.read',
  args: { fd, buf: outBuf, count: size },
  run: (task, { fd, buf, count }) => readOne(task, fileOf(task, fd), buf, count),
});
export const write = syscall({
  name: 'write',
  nr: { x64: 1, i386: 4 },
  class: 'file.write',
  args: { fd, buf: inBuf('count'), count: size },
  run: (task, { fd, buf, count }) => writeOne(task, fileOf(task, fd), buf, count),
});
export const pread64 = syscall({
  name: 'pread64',
  nr: { x64: 17 },
  class: 'file.read',
  args: { fd, buf: outBuf, count: size, offset: s64 },
  run: (task, { fd, buf, count, offset }) => readOne(task, positioned(task, fd, offset), buf, count, offset),
});
export const pwrite64 = syscall({
  name: 'pwrite64',
  nr: { x64: 18 },
  class: 'file.write',
  args: { fd, buf: inBuf('count'), count: size, offset: s64 },
  run: (task, { fd, buf, count, offset }) => writeOne(task, positioned(task, fd, offset), buf, count, offset),
});
export const readv = syscall({
  name: 'readv',
  nr: { x64: 19, i386: 145 },
  class: 'file.read',
  args: { fd, iov: pin(U.iovecOut, { arg: 'iovcnt' }), iovcnt: ulong },
  run: (task, { fd, iov, iovcnt }) => vectored(task, fileOf(task, fd), iov, iovcnt, readSegments),
});
export const writev = syscall({
  name: 'writev',
  nr: { x64: 20, i386: 146 },
  class: 'file.write',
  args: { fd, iov: pin(U.iovecIn, { arg: 'iovcnt' }), iovcnt: ulong },
  run: (task, { fd, iov, iovcnt }) => vectored(task, fileOf(task, fd), iov, iovcnt, writeSegments),
});

/** The position of the v-calls comes as two longs; on x64 the low one holds it all. */
const position = (task: Task, low: number, high: number): number => {
  if (task.abi === 'x64') return low >= 2 ** 63 ? -1 : low;
  return (high | 0) * 0x1_0000_0000 + low;
};
export const preadv = syscall({
  name: 'preadv',
  nr: { x64: 295, i386: 333 },
  class: 'file.read',
  args: { fd, iov: pin(U.iovecOut, { arg: 'iovcnt' }), iovcnt: ulong, pos_l: ulong, pos_h: ulong },
  run(task, { fd, iov, iovcnt, pos_l, pos_h }) {
    const at = position(task, pos_l, pos_h);
    return vectored(task, positioned(task, fd, at), iov, iovcnt, readSegments, at);
  },
});
export const pwritev = syscall({
  name: 'pwritev',
  nr: { x64: 296, i386: 334 },
  class: 'file.write',
  args: { fd, iov: pin(U.iovecIn, { arg: 'iovcnt' }), iovcnt: ulong, pos_l: ulong, pos_h: ulong },
  run(task, { fd, iov, iovcnt, pos_l, pos_h }) {
    const at = position(task, pos_l, pos_h);
    return vectored(task, positioned(task, fd, at), iov, iovcnt, writeSegments, at);
  },
});
/** Position -1 (all ones) means the file's own. */
const isCurrent = (task: Task, low: number, high: number): boolean =>
  task.abi === 'x64' ? low >= 2 ** 64 - 1024 : low === 0xffff_ffff && high === 0xffff_ffff;
const rwf = flags(U.rwfFlags);
export const preadv2 = syscall({
  name: 'preadv2',
  nr: { x64: 327, i386: 378 },
  class: 'file.read',
  args: { fd, iov: pin(U.iovecOut, { arg: 'iovcnt' }), iovcnt: ulong, pos_l: ulong, pos_h: ulong, flags: rwf },
  run(task, { fd, iov, iovcnt, pos_l, pos_h, flags }) {
    if (isCurrent(task, pos_l, pos_h))
      return vectored(task, fileOf(task, fd), iov, iovcnt, readSegments, undefined, flags);
    const at = position(task, pos_l, pos_h);
    return vectored(task, positioned(task, fd, at), iov, iovcnt, readSegments, at, flags);
  },
});
export const pwritev2 = syscall({
  name: 'pwritev2',
  nr: { x64: 328, i386: 379 },
  class: 'file.write',
  args: { fd, iov: pin(U.iovecIn, { arg: 'iovcnt' }), iovcnt: ulong, pos_l: ulong, pos_h: ulong, flags: rwf },
  run(task, { fd, iov, iovcnt, pos_l, pos_h, flags }) {
    if (isCurrent(task, pos_l, pos_h))
      return vectored(task, fileOf(task, fd), iov, iovcnt, writeSegments, undefined, flags);
    const at = position(task, pos_l, pos_h);
    return vectored(task, positioned(task, fd, at), iov, iovcnt, writeSegments, at, flags);
  },
});

const split = { offset_low: uint, offset_high: int };
const joined = (v: { offset_low: number; offset_high: number }): number => v.offset_high * 0x1_0000_0000 + v.offset_low;
export const pread64_i386 = syscall({
  name: 'pread64',
  nr: { i386: 180 },
  class: 'file.read',
  args: { fd, buf: outBuf, count: size, ...split },
  run: (task, v) => readOne(task, positioned(task, v.fd, joined(v)), v.buf, v.count, joined(v)),
});
export const pwrite64_i386 = syscall({
  name: 'pwrite64',
  nr: { i386: 181 },
  class: 'file.write',
  args: { fd, buf: inBuf('count'), count: size, ...split },
  run: (task, v) => writeOne(task, positioned(task, v.fd, joined(v)), v.buf, v.count, joined(v)),
});
