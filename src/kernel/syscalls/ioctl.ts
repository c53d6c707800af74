// ioctl(2): what every file knows, then the file's own.
import { EBADF, EFAULT, ENOTTY, EOPNOTSUPP, Errno, EXDEV } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { custom, enumOf, fd, int, pin, pout, switchOn, ulong } from '../../abi/type.ts';
import { CommandSet, command } from '../command.ts';
import { asyncOf } from '../fs/async.ts';
import { randomCommands } from '../fs/dev/devices.ts';
import { fileOf } from '../io.ts';
import { socketCommands } from '../net/ioctl.ts';
import { syscall } from '../syscall.ts';
import { terminalCommands } from '../tty/commands.ts';
import { masterCommands } from '../tty/pty.ts';

const general = [
  command({
    name: 'FIOCLEX',
    nr: 0x5451,
    run(task, _file, _arg, fd) {
      task.files.setCloexec(fd, true);
      return 0;
    },
  }),
  command({
    name: 'FIONCLEX',
    nr: 0x5450,
    run(task, _file, _arg, fd) {
      task.files.setCloexec(fd, false);
      return 0;
    },
  }),
  command({
    name: 'FIONBIO',
    nr: 0x5421,
    arg: pin(int),
    run(task, file, arg) {
      const on = task.user.get(int, arg);
      if (on instanceof Errno) return EFAULT;
      file.flags = on ? file.flags | O.O_NONBLOCK : file.flags & ~O.O_NONBLOCK;
      return 0;
    },
  }),
  command({
    name: 'FIOASYNC',
    nr: 0x5452,
    arg: pin(int),
    run(task, file, arg, fd) {
      const on = task.user.get(int, arg);
      if (on instanceof Errno) return EFAULT;
      if (!!on === !!(file.flags & O.O_ASYNC)) return 0;
      if (file.poll() === undefined) return ENOTTY;
      asyncOf(file, task.kernel).set(on !== 0, fd);
      file.flags ^= O.O_ASYNC;
      return 0;
    },
  }),
  command({
    name: 'FIONREAD',
    nr: 0x541b,
    arg: pout(int),
    run(task, file, arg) {
      const a = file.inode.attributes();
      if ((a.mode & S_IFMT) !== S_IFREG) return file.ioctl(task, 0x541b, arg);
      return task.user.set(int, arg, Math.trunc(a.size - (file.position ?? 0))) ?? 0;
    },
  }),
  command({
    name: 'FIOQSIZE',
    nr: 0x5460,
    arg: pout(ulong),
    run(task, file, arg) {
      const a = file.inode.attributes();
      const type = a.mode & S_IFMT;
      if (type !== S_IFDIR && type !== S_IFREG && type !== S_IFLNK) return ENOTTY;
      return task.user.set(ulong, arg, a.blocks * 512) ?? 0;
    },
  }),
  command({
    name: 'FIGETBSZ',
    nr: 2,
    arg: custom('address', 'out'),
    run: (task, file, arg) => task.user.set(int, arg, file.inode.attributes().blksize) ?? 0,
  }),
  command({
    name: 'FICLONE',
    nr: 0x40049409,
    arg: fd,
    run(task, file, arg) {
      const from = fileOf(task, (arg % 2 ** 32) | 0);
      if (from instanceof Errno) return EBADF;
      return from.inode.fs === file.inode.fs ? EOPNOTSUPP : EXDEV;
    },
  }),
];
const generalSet = new CommandSet('FIO', general);
/** All there are, for the trace: what a master does alone comes behind what all terminals do. */
const known = new CommandSet<never>('FIO', [
  ...general,
  ...randomCommands.list,
  ...terminalCommands.list.filter((c) => !generalSet.get(c.nr)),
  ...masterCommands.list.filter((c) => !generalSet.get(c.nr)),
  ...socketCommands.list.slice(1),
]);

export const ioctl = syscall({
  name: 'ioctl',
  nr: { x64: 16, i386: 54 },
  class: 'device',
  args: {
    fd,
    request: { ...enumOf(known.names), signed: false, show: 'ioctl' },
    arg: switchOn('request', known.args, custom('address', 'in')),
  },
  run(task, { fd, request, arg }) {
    const file = fileOf(task, fd);
    if (file instanceof Errno) return file;
    const general = generalSet.get(request);
    return general ? general.run(task, file, arg, fd) : file.ioctl(task, request, arg);
  },
});
