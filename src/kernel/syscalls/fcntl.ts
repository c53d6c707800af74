// fcntl(2): its commands, a value each.
import { EBADF, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import * as O from '../../abi/open.ts';
import { enumOf, fd, flags, int, switchOn, ulong } from '../../abi/type.ts';
import { CommandSet, command } from '../command.ts';
import { PipeFile } from '../fs/pipe.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const fdFlags = flags(F.fdFlags);
const fileFlags = { ...flags(O.openFlags), show: 'openflags' };
/** What F_SETFL may change. */
const SETFL = O.O_APPEND | O.O_NONBLOCK | O.O_DIRECT | O.O_NOATIME | O.O_ASYNC;

function dupFrom(task: Task, fd: number, from: number, cloexec: boolean): Result {
  const file = task.files.get(fd);
  if (file instanceof Errno) return file;
  return from >= task.files.limit ? EINVAL : task.files.install(file, cloexec, from);
}
const basic = [
  command({
    name: 'F_DUPFD',
    nr: 0,
    arg: int,
    returns: fd,
    run: (task, _file, arg, fd) => dupFrom(task, fd, arg, false),
  }),
  command({
    name: 'F_GETFD',
    nr: 1,
    returns: fdFlags,
    run: (task, _file, _arg, fd) => (task.files.cloexec(fd) ? F.FD_CLOEXEC : 0),
  }),
  command({
    name: 'F_SETFD',
    nr: 2,
    arg: fdFlags,
    run(task, _file, arg, fd) {
      task.files.setCloexec(fd, arg % 2 === 1);
      return 0;
    },
  }),
  command({ name: 'F_GETFL', nr: 3, returns: fileFlags, run: (_task, file) => file.flags }),
  command({
    name: 'F_SETFL',
    nr: 4,
    arg: fileFlags,
    run(task, file, arg) {
      const wanted = (arg % 2 ** 32) | 0;
      if (wanted & O.O_NOATIME && !(file.flags & O.O_NOATIME)) {
        const { uid } = file.inode.attributes();
        if (uid !== task.credentials.fsuid && !task.capable(3)) return EPERM;
      }
      file.flags = (file.flags & ~SETFL) | (wanted & SETFL);
      return 0;
    },
  }),
  command({
    name: 'F_DUPFD_CLOEXEC',
    nr: 1030,
    arg: int,
    returns: fd,
    run: (task, _file, arg, fd) => dupFrom(task, fd, arg, true),
  }),
];
const CAP_SYS_RESOURCE = 24;
const PIPE_MAX = 1048576;
const pipes = [
  command({
    name: 'F_SETPIPE_SZ',
    nr: 1031,
    arg: int,
    run(task, file, arg) {
      if (!(file instanceof PipeFile)) return EBADF;
      const wanted = arg % 2 ** 32;
      if (wanted > 2 ** 31) return EINVAL;
      const size = Math.max(4096, 2 ** Math.ceil(Math.log2(Math.max(1, wanted))));
      if (size > file.pipe.capacity && size > PIPE_MAX && !task.capable(CAP_SYS_RESOURCE)) return EPERM;
      return file.pipe.resize(size);
    },
  }),
  command({
    name: 'F_GETPIPE_SZ',
    nr: 1032,
    run: (_task, file) => (file instanceof PipeFile ? file.pipe.capacity : EBADF),
  }),
];

export const commands = new CommandSet('F', [...basic, ...pipes]);
/** Commands that a descriptor of O_PATH takes too. */
const ON_PATHS: ReadonlySet<number> = new Set([0, 1, 2, 3, 1030]);

function control(task: Task, fd: number, cmd: number, arg: number): Result {
  const file = task.files.get(fd);
  if (file instanceof Errno) return EBADF;
  if (file.flags & O.O_PATH && !ON_PATHS.has(cmd)) return EBADF;
  return commands.get(cmd)?.run(task, file, arg, fd) ?? EINVAL;
}
const cmd = { ...enumOf(commands.names), signed: false };
const arg = switchOn('cmd', commands.args, ulong);
const returns = switchOn('cmd', commands.results, int);
export const fcntl = syscall({
  name: 'fcntl',
  nr: { x64: 72, i386: 55 },
  class: 'file.fd',
  args: { fd, cmd, arg },
  returns,
  run: (task, { fd, cmd, arg }) => control(task, fd, cmd, arg),
});
export const fcntl64 = syscall({
  name: 'fcntl64',
  nr: { i386: 221 },
  class: 'file.fd',
  args: { fd, cmd, arg },
  returns,
  run: (task, { fd, cmd, arg }) => control(task, fd, cmd, arg),
});
