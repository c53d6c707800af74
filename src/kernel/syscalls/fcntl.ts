// fcntl(2): its commands, a value each.
import * as C from '../../abi/capability.ts';
import { EBADF, EINVAL, ENOTDIR, EPERM, Errno } from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import * as O from '../../abi/open.ts';
import { enumOf, fd, flags, hexlong, int, pin, pout, switchOn, u64 } from '../../abi/type.ts';
import { CommandSet, command } from '../command.ts';
import { asyncOf } from '../fs/async.ts';
import { ownerOrCapable } from '../fs/permission.ts';
import { PipeFile } from '../fs/pipe.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { lockCommands, lockCommands32 } from './lock.ts';
import { sealCommands } from './memfd.ts';
import { ownerCommands } from './owner.ts';

const fdFlags = flags(F.fdFlags);
const fileFlags = { ...flags(O.openFlags), show: 'openflags' };
/** What F_SETFL may change. */
const SETFL = O.O_APPEND | O.O_NONBLOCK | O.O_DIRECT | O.O_NOATIME | O.O_ASYNC;

function dupFrom(task: Thread, fd: number, from: number, cloexec: boolean): Result {
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
    run(task, file, arg, fd) {
      const wanted = (arg % 2 ** 32) | 0;
      if (wanted & O.O_NOATIME && !(file.flags & O.O_NOATIME) && !ownerOrCapable(task, file.inode.attributes()))
        return EPERM;
      if ((wanted ^ file.flags) & O.O_ASYNC) asyncOf(file, task.kernel).set((wanted & O.O_ASYNC) !== 0, fd);
      file.flags = (file.flags & ~SETFL) | (wanted & SETFL);
      return 0;
    },
  }),
  command({
    name: 'F_DUPFD_QUERY',
    nr: 1027,
    arg: fd,
    run(task, file, arg) {
      const other = task.files.get((arg % 2 ** 32) | 0);
      return other instanceof Errno ? other : other === file ? 1 : 0;
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
const PIPE_MAX = 1048576;
const pipes = [
  command({
    name: 'F_SETPIPE_SZ',
    nr: 1031,
    arg: int,
    run(t, file, arg) {
      if (!(file instanceof PipeFile)) return EBADF;
      const wanted = arg % 2 ** 32;
      if (wanted > 2 ** 31) return EINVAL;
      const size = Math.max(4096, 2 ** Math.ceil(Math.log2(Math.max(1, wanted))));
      if (size > file.pipe.capacity && size > PIPE_MAX && !t.capable(C.CAP_SYS_RESOURCE)) return EPERM;
      return file.pipe.resize(size);
    },
  }),
  command({
    name: 'F_GETPIPE_SZ',
    nr: 1032,
    run: (_t, file) => (file instanceof PipeFile ? file.pipe.capacity : EBADF),
  }),
];
/** Leases and directory notification: no file system here has them, as many of Linux's don't. */
const leases = [
  command({ name: 'F_SETLEASE', nr: 1024, arg: enumOf(F.lockTypes), run: () => EINVAL }),
  command({ name: 'F_GETLEASE', nr: 1025, run: () => F.F_UNLCK }),
  command({
    name: 'F_NOTIFY',
    nr: 1026,
    arg: flags(F.notifications),
    run: (_t, file) => (file.readdir ? EINVAL : ENOTDIR),
  }),
];
const HINTS = 6;
const hints = [
  command({
    name: 'F_GET_RW_HINT',
    nr: 1035,
    arg: pout(u64),
    run: (t, file, arg) => t.user.set(u64, arg, file.inode.hint) ?? 0,
  }),
  command({
    name: 'F_SET_RW_HINT',
    nr: 1036,
    arg: pin(u64),
    run(t, file, arg) {
      if (!ownerOrCapable(t, file.inode.attributes())) return EPERM;
      const hint = t.user.get(u64, arg);
      if (hint instanceof Errno) return hint;
      if (hint >= HINTS) return EINVAL;
      file.inode.hint = hint;
      return 0;
    },
  }),
];
const shared = [...basic, ...pipes, ...leases, ...hints, ...ownerCommands, ...sealCommands];
const commands = new CommandSet('F', [...shared, ...lockCommands]);
const commands32 = new CommandSet('F', [...shared, ...lockCommands32]);
/** Commands that a descriptor of O_PATH takes too. */
const ON_PATHS: ReadonlySet<number> = new Set([0, 1, 2, 3, 1027, 1030]);

function control(t: Thread, set: CommandSet, fd: number, cmd: number, arg: number): Result {
  const file = t.files.get(fd);
  if (file instanceof Errno) return EBADF;
  if (file.flags & O.O_PATH && !ON_PATHS.has(cmd)) return EBADF;
  return set.get(cmd)?.run(t, file, arg, fd) ?? EINVAL;
}
const typed = (set: CommandSet) => ({
  args: {
    fd,
    cmd: { ...enumOf(set.names), signed: false },
    arg: switchOn('cmd', set.args, hexlong),
  },
  returns: switchOn('cmd', set.results, int),
});
export const fcntl = syscall({
  name: 'fcntl',
  nr: { x64: 72 },
  class: 'file.fd',
  ...typed(commands),
  partial: 'No leases, no directory notification: EINVAL.',
  run: (t, { fd, cmd, arg }) => control(t, commands, fd, cmd, arg),
});
export const fcntl_i386 = syscall({
  name: 'fcntl',
  nr: { i386: 55 },
  class: 'file.fd',
  ...typed(commands32),
  run: (t, { fd, cmd, arg }) => control(t, commands32, fd, cmd, arg),
});
export const fcntl64 = syscall({
  name: 'fcntl64',
  nr: { i386: 221 },
  class: 'file.fd',
  ...typed(commands32),
  run: (t, { fd, cmd, arg }) => control(t, commands32, fd, cmd, arg),
});
