// Moving bytes between a program's memory and open files: partial transfers, vectors, sleeping, the order of refusals that read(2) and write(2) have.
import { EAGAIN, EBADF, EFAULT, EINVAL, ERESTARTSYS, Errno } from '../abi/errno.ts';
import { IN_ACCESS, IN_MODIFY } from '../abi/inotify.ts';
import { O_NONBLOCK, O_PATH } from '../abi/open.ts';
import { MAX_RW_COUNT, UIO_MAXIOV } from '../abi/uio.ts';
import { notifyFile } from './fs/notify.ts';
import type { OpenFile } from './fs/vfs.ts';
import type { Result } from './syscall.ts';
import type { Task } from './task.ts';
import { Block } from './wait.ts';

/** What user addresses stay below (TASK_SIZE_MAX). */
export const USER_END = 0x7fff_ffff_f000;
/** Bytes moved at a time: bounds the copy that memory outside the linear part needs. */
const CHUNK = 1 << 20;
/** Vectors up to this size go as one piece: a pipe takes them whole, a host stream in one write. */
const GATHER = 1 << 16;

export interface Segment {
  readonly at: number;
  readonly n: number;
}
/** access_ok: the range lies in the half of the address space that user programs have. */
export const inUserRange = (at: number, n: number): boolean => at + n <= USER_END;

/** A descriptor that read(2), write(2) and the like may use: not one of O_PATH. */
export function fileOf(task: Task, fd: number): OpenFile | Errno {
  const file = task.files.get(fd);
  return file === EBADF || (file as OpenFile).flags & O_PATH ? EBADF : file;
}
/** Buffer arguments: the refusals in front of any transfer. The count that is moved at most. */
export function checkRange(at: number, n: number): number | Errno {
  if (!inUserRange(at, n)) return EFAULT;
  return Math.min(n, MAX_RW_COUNT);
}
/** The iovec array at `at`: lengths checked, the sum cut at what one call moves. */
export function vector(task: Task, at: number, count: number): Segment[] | Errno {
  if (count > UIO_MAXIOV || count < 0) return EINVAL;
  const word = task.abi === 'x64' ? 8 : 4;
  const raw = task.user.bytes(at, count * 2 * word);
  if (raw instanceof Errno) return raw;
  const v = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const get = (p: number): number =>
    word === 4 ? v.getUint32(p, true) : v.getUint32(p + 4, true) * 0x1_0000_0000 + v.getUint32(p, true);
  const out: Segment[] = [];
  let left = MAX_RW_COUNT;
  for (let i = 0; i < count; i++) {
    const base = get(2 * i * word);
    const n = get((2 * i + 1) * word);
    if (n >= (word === 8 ? 2 ** 63 : 2 ** 31)) return EINVAL;
    if (!inUserRange(base, n)) return EFAULT;
    const m = Math.min(n, left);
    out.push({ at: base, n: m });
    left -= m;
  }
  return out;
}
function sum(segments: readonly Segment[]): number {
  let n = 0;
  for (const s of segments) n += s.n;
  return n;
}

/** What a call that would block does: EAGAIN, what it has so far, or sleep until the file changes. */
function wouldBlock(task: Task, file: OpenFile, done: number, nowait: boolean): number | Errno | Block {
  if (nowait || file.flags & O_NONBLOCK) return done > 0 ? done : EAGAIN;
  task.progress = done;
  return new Block([file.queue], file.deadline?.(task), done > 0 ? done : ERESTARTSYS);
}

/** Fills the segments from the file: what is there now, or sleeps until something is. `at`: a position other than the file's own. */
export function readSegments(
  task: Task,
  file: OpenFile,
  segments: readonly Segment[],
  at?: number,
  nowait = false,
): Result {
  if (file.readv) return file.readv(task, segments, nowait);
  if (segments.length === 1)
    return readRange(task, file, (segments[0] as Segment).at, (segments[0] as Segment).n, at, nowait);
  const total = sum(segments);
  const r = total <= GATHER ? scatter(task, file, segments, total, at) : fill(task, file, segments, at);
  return wasRead(task, file, r, nowait);
}
/** As readSegments, into one range. */
export function readRange(task: Task, file: OpenFile, to: number, n: number, at?: number, nowait = false): Result {
  if (file.readv) return file.readv(task, [{ at: to, n }], nowait);
  return wasRead(task, file, fillRange(task, file, to, n, at, at), nowait);
}
function wasRead(task: Task, file: OpenFile, r: number | Errno, nowait: boolean): Result {
  if (r === EAGAIN) return wouldBlock(task, file, 0, nowait);
  if (typeof r === 'number' && r > 0) notifyFile(file, IN_ACCESS);
  return r;
}
function fill(task: Task, file: OpenFile, segments: readonly Segment[], at: number | undefined): number | Errno {
  let done = 0;
  for (const s of segments) {
    if (s.n === 0) continue;
    const r = fillRange(task, file, s.at, s.n, at === undefined ? undefined : at + done, at);
    if (r instanceof Errno) return done > 0 ? done : r;
    done += r;
    if (r < s.n) break;
  }
  return done;
}
/** Fills a range as far as the file gives anything; `start` is where the call as a whole reads. */
function fillRange(
  task: Task,
  file: OpenFile,
  to: number,
  total: number,
  at: number | undefined,
  start: number | undefined,
): number | Errno {
  let done = 0;
  do {
    const n = Math.min(CHUNK, total - done);
    const r = readPiece(task, file, to + done, n, at === undefined ? undefined : at + done);
    if (typeof r !== 'number') {
      if (done > 0) return done;
      return r === EFAULT && atEnd(file, start) ? 0 : r;
    }
    done += r;
    if (r < n) break;
  } while (done < total);
  return done;
}
function readPiece(task: Task, file: OpenFile, to: number, n: number, at: number | undefined): number | Errno {
  const window = task.user.window(to, n);
  return window ? file.read(task, window, at) : task.user.into(to, n, (view) => file.read(task, view, at));
}
/** At the end of a file nothing is copied, so a bad address isn't met. */
function atEnd(file: OpenFile, at: number | undefined): boolean {
  const position = at ?? file.position;
  return position !== undefined && file.page !== undefined && position >= file.inode.attributes().size;
}
function scatter(
  task: Task,
  file: OpenFile,
  segments: readonly Segment[],
  total: number,
  at: number | undefined,
): number | Errno {
  let room = 0;
  for (const s of segments) {
    const n = task.user.writable(s.at, s.n);
    room += n;
    if (n < s.n) break;
  }
  if (room === 0 && total > 0) return atEnd(file, at) ? 0 : EFAULT;
  const bytes = new Uint8Array(room);
  const n = file.read(task, bytes, at);
  if (n instanceof Errno) return n;
  let done = 0;
  for (const s of segments) {
    const m = Math.min(s.n, n - done);
    if (m > 0) task.user.put(s.at, bytes.subarray(done, done + m));
    done += Math.max(0, m);
  }
  return n;
}

/** Writes the segments; sleeps while a pipe or the like is full, with what is done so far as the task's progress. */
export function writeSegments(
  task: Task,
  file: OpenFile,
  segments: readonly Segment[],
  at?: number,
  nowait = false,
): Result {
  if (file.writev) return file.writev(task, segments, nowait);
  const r = writeAll(task, file, segments, at, nowait);
  if (typeof r === 'number' && r > 0) notifyFile(file, IN_MODIFY);
  return r;
}
function writeAll(
  task: Task,
  file: OpenFile,
  segments: readonly Segment[],
  at: number | undefined,
  nowait: boolean,
): Result {
  const total = sum(segments);
  let done = typeof task.progress === 'number' ? task.progress : 0;
  do {
    const piece = pieceAt(task, segments, done, total);
    if (piece instanceof Errno) return done > 0 ? done : piece;
    const r = file.write(task, piece, at === undefined ? undefined : at + done);
    if (r === EAGAIN) return wouldBlock(task, file, done, nowait);
    if (r instanceof Errno) return done > 0 ? done : r;
    done += r;
    // A file that took less has met a limit or its device's end; a pipe is just full for now.
    if (r === 0 || (r < piece.length && file.position !== undefined)) break;
  } while (done < total);
  return done;
}
/** The bytes to write next, from `done` on: as many as are readable. */
function pieceAt(task: Task, segments: readonly Segment[], done: number, total: number): Uint8Array | Errno {
  let skip = done;
  if (segments.length > 1 && total <= GATHER) {
    const bytes = new Uint8Array(total - done);
    let n = 0;
    for (const s of segments) {
      const part = Math.max(0, s.n - skip);
      const got = part ? readablePiece(task, s.at + s.n - part, part) : undefined;
      skip = Math.max(0, skip - s.n);
      if (got instanceof Errno) break;
      if (got) bytes.set(got, n);
      n += got?.length ?? 0;
      if (got && got.length < part) break;
    }
    return n === 0 && total > done ? EFAULT : bytes.subarray(0, n);
  }
  for (const s of segments) {
    if (skip < s.n) return readablePiece(task, s.at + skip, Math.min(CHUNK, s.n - skip));
    skip -= s.n;
  }
  return new Uint8Array(0);
}
function readablePiece(task: Task, at: number, n: number): Uint8Array | Errno {
  const all = task.user.bytes(at, n);
  if (!(all instanceof Errno)) return all;
  const m = task.user.readable(at, n);
  return m === 0 ? EFAULT : task.user.bytes(at, m);
}
