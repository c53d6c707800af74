// Bytes from one open file to another without passing through user memory.
import { EAGAIN, ERESTARTSYS, Errno } from '../abi/errno.ts';
import { IN_ACCESS, IN_MODIFY } from '../abi/inotify.ts';
import { O_NONBLOCK } from '../abi/open.ts';
import { notifyFile } from './fs/notify.ts';
import { PipeFile } from './fs/pipe.ts';
import type { OpenFile } from './fs/vfs.ts';
import type { Task } from './task.ts';
import { Block } from './wait.ts';

const CHUNK = 1 << 16;
const SCRATCH = new Uint8Array(CHUNK);

/** One end of a transfer: an open file, at a position of its own or at `at`. */
export interface End {
  readonly file: OpenFile;
  readonly at: number | undefined;
}
/** Takes up to n bytes from `file` without losing what can't be put on: a pipe's bytes are only looked at; `taken` removes them. */
function take(task: Task, from: End, done: number, n: number): { bytes: Uint8Array; taken(n: number): void } | Errno {
  const { file } = from;
  if (file instanceof PipeFile) {
    const bytes = file.pipe.peek(n);
    if (bytes.length === 0 && file.pipe.writers > 0) return EAGAIN;
    return { bytes, taken: (m) => void file.pipe.read(new Uint8Array(m)) };
  }
  const bytes = SCRATCH.subarray(0, n);
  const position = from.at === undefined ? file.position : from.at + done;
  const r = file.read(task, bytes, position);
  if (r instanceof Errno) return r;
  return {
    bytes: bytes.subarray(0, r),
    taken(m) {
      if (from.at === undefined && position !== undefined) file.position = position + m;
    },
  };
}

/**
 * Moves up to `count` bytes; sleeps where one end is a pipe that is empty or full. `once`: what can be had at first is enough (splice), else goes on to
 * the end of input. Progress is the number of bytes moved.
 */
export function pump(
  task: Task,
  from: End,
  to: End,
  count: number,
  options: { once?: boolean; nonblock?: boolean } = {},
): number | Errno | Block {
  let done = typeof task.progress === 'number' ? task.progress : 0;
  const wait = (end: OpenFile): number | Errno | Block => {
    if (done > 0 && (options.once || end.flags & O_NONBLOCK)) return done;
    if (options.nonblock || end.flags & O_NONBLOCK) return EAGAIN;
    task.progress = done;
    return new Block([end.queue], undefined, done > 0 ? done : ERESTARTSYS);
  };
  while (done < count) {
    const room = to.file instanceof PipeFile ? to.file.pipe.room : CHUNK;
    if (room === 0 && to.file instanceof PipeFile && to.file.pipe.readers > 0) return wait(to.file);
    const piece = take(task, from, done, Math.min(CHUNK, count - done, Math.max(1, room)));
    if (piece === EAGAIN) return wait(from.file);
    if (piece instanceof Errno) return done > 0 ? done : piece;
    if (piece.bytes.length === 0) break;
    const r = to.file.write(task, piece.bytes, to.at === undefined ? undefined : to.at + done);
    if (r === EAGAIN) return wait(to.file);
    if (r instanceof Errno) return done > 0 ? done : r;
    piece.taken(r);
    done += r;
    if (r === 0) break;
  }
  if (done > 0) {
    notifyFile(from.file, IN_ACCESS);
    notifyFile(to.file, IN_MODIFY);
  }
  return done;
}
