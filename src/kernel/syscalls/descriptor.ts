// Descriptors: copies of them, and pipes.
import { EBADF, EINVAL, EMFILE, Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { array, fd, flags, int, names, pout } from '../../abi/type.ts';
import { makePipe } from '../fs/pipe.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

export const dup = syscall({
  name: 'dup',
  nr: { x64: 32, i386: 41 },
  class: 'file.fd',
  args: { oldfd: fd },
  returns: fd,
  run(task, { oldfd }) {
    const file = task.files.get(oldfd);
    return file instanceof Errno ? file : task.files.install(file, false);
  },
});
function replace(task: Task, oldfd: number, newfd: number, cloexec: boolean): Result {
  if (newfd < 0 || newfd >= task.files.limit) return EBADF;
  const file = task.files.get(oldfd);
  if (file instanceof Errno) return file;
  return task.files.set(newfd, file, cloexec, task) ?? newfd;
}
export const dup2 = syscall({
  name: 'dup2',
  nr: { x64: 33, i386: 63 },
  class: 'file.fd',
  args: { oldfd: fd, newfd: fd },
  returns: fd,
  run(task, { oldfd, newfd }) {
    if (oldfd !== newfd) return replace(task, oldfd, newfd, false);
    const file = task.files.get(oldfd);
    return file instanceof Errno ? file : newfd;
  },
});
export const dup3 = syscall({
  name: 'dup3',
  nr: { x64: 292, i386: 330 },
  class: 'file.fd',
  args: { oldfd: fd, newfd: fd, flags: flags(names('O', { O_CLOEXEC: O.O_CLOEXEC })) },
  returns: fd,
  run(task, { oldfd, newfd, flags }) {
    if (flags & ~O.O_CLOEXEC || oldfd === newfd) return EINVAL;
    return replace(task, oldfd, newfd, flags !== 0);
  },
});

function pipePair(task: Task, at: number, flags: number): Result {
  if (flags & ~(O.O_CLOEXEC | O.O_NONBLOCK | O.O_DIRECT)) return EINVAL;
  const cloexec = (flags & O.O_CLOEXEC) !== 0;
  const [reader, writer] = makePipe(task, flags);
  const r = task.files.install(reader, cloexec);
  const w = r instanceof Errno ? r : task.files.install(writer, cloexec);
  if (w instanceof Errno || r instanceof Errno) {
    if (!(r instanceof Errno)) task.files.close(task, r);
    else reader.release();
    writer.release();
    return EMFILE;
  }
  const bytes = new Uint8Array(8);
  const v = new DataView(bytes.buffer);
  v.setInt32(0, r, true);
  v.setInt32(4, w, true);
  const refused = task.user.put(at, bytes);
  if (!refused) return 0;
  task.files.close(task, r);
  task.files.close(task, w);
  return refused;
}
const ends = pout(array(fd, 2));
export const pipe = syscall({
  name: 'pipe',
  nr: { x64: 22, i386: 42 },
  class: 'pipe',
  args: { pipefd: ends },
  run: (task, { pipefd }) => pipePair(task, pipefd, 0),
});
export const pipe2 = syscall({
  name: 'pipe2',
  nr: { x64: 293, i386: 331 },
  class: 'pipe',
  args: {
    pipefd: ends,
    flags: flags(
      names('O', {
        O_NONBLOCK: O.O_NONBLOCK,
        O_CLOEXEC: O.O_CLOEXEC,
        O_DIRECT: O.O_DIRECT,
        O_NOTIFICATION_PIPE: 0o200,
      }),
    ),
  },
  run: (task, { pipefd, flags }) => pipePair(task, pipefd, flags),
});

const CLOSE_RANGE_UNSHARE = 2,
  CLOSE_RANGE_CLOEXEC = 4;
export const close_range = syscall({
  name: 'close_range',
  nr: { x64: 436, i386: 436 },
  class: 'file.fd',
  args: {
    first: { ...int, signed: false },
    last: { ...int, signed: false },
    flags: flags(names('CLOSE_RANGE', { CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC })),
  },
  run(task, { first, last, flags }) {
    if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last) return EINVAL;
    if (flags & CLOSE_RANGE_UNSHARE) task.unshareFiles();
    for (const [fd] of [...task.files.entries()]) {
      if (fd < first || fd > last) continue;
      if (flags & CLOSE_RANGE_CLOEXEC) task.files.setCloexec(fd, true);
      else task.files.close(task, fd);
    }
    return 0;
  },
});
