// Moving data between descriptors: sendfile, copy_file_range, splice, tee, vmsplice.
import { EAGAIN, EBADF, EINVAL, EISDIR, EOVERFLOW, ERESTARTSYS, Errno, ESPIPE, EXDEV } from '../../abi/errno.ts';
import { O_ACCMODE, O_APPEND, O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../abi/open.ts';
import { S_IFBLK, S_IFDIR, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { fd, flags, int, names, pin, pinout, s64, size, uint, ulong } from '../../abi/type.ts';
import { iovecIn, MAX_RW_COUNT } from '../../abi/uio.ts';
import { MAX_FILE_SIZE } from '../fs/file.ts';
import { PipeFile } from '../fs/pipe.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { fileOf, readSegments, vector, writeSegments } from '../io.ts';
import { pump } from '../pump.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';
import { Block } from '../wait.ts';

const canRead = (f: OpenFile): boolean => (f.flags & O_ACCMODE) !== O_WRONLY;
const canWrite = (f: OpenFile): boolean => (f.flags & O_ACCMODE) !== O_RDONLY;
const typeOf = (f: OpenFile): number => f.inode.attributes().mode & S_IFMT;
const loff = pinout(s64);

/** The value of an in/out position argument; undefined without one. */
function positionAt(task: Task, at: number, type: typeof s64 | typeof int = s64): number | undefined | Errno {
  return at === 0 ? undefined : task.user.get(type, at);
}
/** Moves positions given by address on by what was done. */
function advance(
  task: Task,
  r: Result,
  places: readonly (readonly [at: number, was: number | undefined])[],
  type: typeof s64 | typeof int = s64,
): Result {
  if (typeof r !== 'number') return r;
  for (const [at, was] of places) {
    if (at === 0 || was === undefined) continue;
    const refused = task.user.set(type, at, was + r);
    if (refused) return refused;
  }
  return r;
}

function sendFile(
  task: Task,
  outFd: number,
  inFd: number,
  offset: number,
  count: number,
  type: typeof s64 | typeof int,
): Result {
  const at = positionAt(task, offset, type);
  if (at instanceof Errno) return at;
  const from = fileOf(task, inFd);
  if (from instanceof Errno || !canRead(from)) return EBADF;
  if (at !== undefined && from.position === undefined) return ESPIPE;
  if ((at !== undefined && at < 0) || count >= 2 ** 63) return EINVAL;
  const to = fileOf(task, outFd);
  if (to instanceof Errno || !canWrite(to)) return EBADF;
  const kind = typeOf(from);
  if (kind === S_IFDIR) return EINVAL;
  if (kind !== S_IFREG && kind !== S_IFBLK && !(to instanceof PipeFile && !(from instanceof PipeFile))) return EINVAL;
  if (to.flags & O_APPEND && !(to instanceof PipeFile)) return EINVAL;
  const n = Math.min(count, MAX_RW_COUNT);
  const moved = pump(task, { file: from, at }, { file: to, at: undefined }, n, { once: to instanceof PipeFile });
  return advance(task, moved, [[offset, at]], type);
}
export const sendfile = syscall({
  name: 'sendfile',
  nr: { x64: 40 },
  class: 'file.write',
  args: { out_fd: fd, in_fd: fd, offset: loff, count: size },
  run: (task, v) => sendFile(task, v.out_fd, v.in_fd, v.offset, v.count, s64),
});
export const sendfile_i386 = syscall({
  name: 'sendfile',
  nr: { i386: 187 },
  class: 'file.write',
  args: { out_fd: fd, in_fd: fd, offset: pinout(int), count: size },
  run: (task, v) => sendFile(task, v.out_fd, v.in_fd, v.offset, v.count, int),
});
export const sendfile64 = syscall({
  name: 'sendfile64',
  nr: { i386: 239 },
  class: 'file.write',
  args: { out_fd: fd, in_fd: fd, offset: loff, count: size },
  run: (task, v) => sendFile(task, v.out_fd, v.in_fd, v.offset, v.count, s64),
});

export const copy_file_range = syscall({
  name: 'copy_file_range',
  nr: { x64: 326, i386: 377 },
  class: 'file.write',
  args: { fd_in: fd, off_in: loff, fd_out: fd, off_out: loff, size, flags: { ...uint, show: 'hex' } },
  run(task, v) {
    const from = fileOf(task, v.fd_in);
    if (from instanceof Errno) return from;
    const to = fileOf(task, v.fd_out);
    if (to instanceof Errno) return to;
    const offIn = positionAt(task, v.off_in);
    if (offIn instanceof Errno) return offIn;
    const offOut = positionAt(task, v.off_out);
    if (offOut instanceof Errno) return offOut;
    if (v.flags !== 0) return EINVAL;
    const kinds = [typeOf(from), typeOf(to)];
    if (kinds.includes(S_IFDIR)) return EISDIR;
    if (kinds.some((k) => k !== S_IFREG)) return EINVAL;
    if (!canRead(from) || !canWrite(to) || to.flags & O_APPEND) return EBADF;
    if (from.inode.fs !== to.inode.fs) return EXDEV;
    const start = offIn ?? (from.position as number);
    const target = offOut ?? (to.position as number);
    if (start < 0 || target < 0 || start + v.size > MAX_FILE_SIZE || target + v.size > MAX_FILE_SIZE) return EOVERFLOW;
    const n = Math.max(0, Math.min(v.size, from.inode.attributes().size - start, MAX_RW_COUNT));
    if (from.inode === to.inode && start < target + n && target < start + n) return EINVAL;
    const r = pump(task, { file: from, at: offIn }, { file: to, at: offOut }, n);
    return advance(task, r, [
      [v.off_in, offIn],
      [v.off_out, offOut],
    ]);
  },
});

const SPLICE_F_NONBLOCK = 2;
const spliceFlags = flags(
  names('SPLICE_F', { SPLICE_F_MOVE: 1, SPLICE_F_NONBLOCK, SPLICE_F_MORE: 4, SPLICE_F_GIFT: 8 }),
);
const SPLICE_F_ALL = 15;
export const splice = syscall({
  name: 'splice',
  nr: { x64: 275, i386: 313 },
  class: 'pipe',
  args: { fd_in: fd, off_in: loff, fd_out: fd, off_out: loff, len: size, flags: spliceFlags },
  run(task, v) {
    if (v.len === 0) return 0;
    if (v.flags & ~SPLICE_F_ALL) return EINVAL;
    const from = fileOf(task, v.fd_in);
    if (from instanceof Errno) return from;
    const to = fileOf(task, v.fd_out);
    if (to instanceof Errno) return to;
    const [pipeIn, pipeOut] = [from instanceof PipeFile, to instanceof PipeFile];
    if ((pipeIn && v.off_in !== 0) || (pipeOut && v.off_out !== 0)) return ESPIPE;
    const offOut = positionAt(task, v.off_out);
    if (offOut instanceof Errno) return offOut;
    const offIn = positionAt(task, v.off_in);
    if (offIn instanceof Errno) return offIn;
    if (!canRead(from) || !canWrite(to)) return EBADF;
    if (!pipeIn && !pipeOut) return EINVAL;
    if (pipeIn && pipeOut && (from as PipeFile).pipe === (to as PipeFile).pipe) return EINVAL;
    if (offOut !== undefined && (to.position === undefined || offOut < 0)) return EINVAL;
    if (offIn !== undefined && (from.position === undefined || offIn < 0)) return EINVAL;
    if (!pipeOut && to.flags & O_APPEND) return EINVAL;
    if (typeOf(from) === S_IFDIR || typeOf(to) === S_IFDIR) return EINVAL;
    const n = Math.min(v.len, MAX_RW_COUNT);
    const nonblock = (v.flags & SPLICE_F_NONBLOCK) !== 0;
    const r = pump(task, { file: from, at: offIn }, { file: to, at: offOut }, n, { once: true, nonblock });
    return advance(task, r, [
      [v.off_in, offIn],
      [v.off_out, offOut],
    ]);
  },
});
export const tee = syscall({
  name: 'tee',
  nr: { x64: 276, i386: 315 },
  class: 'pipe',
  args: { fd_in: fd, fd_out: fd, len: size, flags: spliceFlags },
  run(task, v): Result {
    if (v.flags & ~SPLICE_F_ALL) return EINVAL;
    if (v.len === 0) return 0;
    const from = fileOf(task, v.fd_in);
    if (from instanceof Errno) return from;
    const to = fileOf(task, v.fd_out);
    if (to instanceof Errno) return to;
    if (!canRead(from) || !canWrite(to)) return EBADF;
    if (!(from instanceof PipeFile) || !(to instanceof PipeFile) || from.pipe === to.pipe) return EINVAL;
    const bytes = from.pipe.peek(Math.min(v.len, to.pipe.room));
    const nonblock = v.flags & SPLICE_F_NONBLOCK || (from.flags | to.flags) & O_NONBLOCK;
    if (bytes.length === 0 && to.pipe.readers > 0) {
      if (from.pipe.length === 0 && from.pipe.writers === 0) return 0;
      if (nonblock) return EAGAIN;
      return new Block([from.pipe.queue, to.pipe.queue], undefined, ERESTARTSYS);
    }
    return to.write(task, bytes);
  },
});
export const vmsplice = syscall({
  name: 'vmsplice',
  nr: { x64: 278, i386: 316 },
  class: 'pipe',
  args: { fd, iov: pin(iovecIn, { arg: 'nr_segs' }), nr_segs: ulong, flags: spliceFlags },
  run(task, { fd, iov, nr_segs, flags }) {
    if (flags & ~SPLICE_F_ALL) return EINVAL;
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    if (!canRead(file) && !canWrite(file)) return EBADF;
    const segments = vector(task, iov, nr_segs);
    if (segments instanceof Errno) return segments;
    if (!(file instanceof PipeFile)) return EBADF;
    if (segments.every((s) => s.n === 0)) return 0;
    const nowait = (flags & SPLICE_F_NONBLOCK) !== 0;
    const move = canWrite(file) ? writeSegments : readSegments;
    return move(task, file, segments, undefined, nowait);
  },
});
