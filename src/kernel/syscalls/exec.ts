// execve and execveat (fs/exec.c).
import { E2BIG, EACCES, EAGAIN, EBADF, EFAULT, EINVAL, ENOENT, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_NOFOLLOW, O_RDONLY } from '../../abi/open.ts';
import { argv, dirfd, envp, flags, names, path } from '../../abi/type.ts';
import { checkSize, exec } from '../exec/exec.ts';
import { letGo, openExecutable } from '../exec/program.ts';
import { placeOf, startOf } from '../fs/at.ts';
import { openPlace } from '../fs/open.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

/** With the zero at its end. */
const MAX_ARG_STRLEN = 131072;
const MOST_STRINGS = 0x40_0000;

/** A NULL-terminated array of strings; `room`: the most bytes of them that may be looked at. */
function strings(t: Thread, at: number, room: { left: number }): string[] | Errno {
  const out: string[] = [];
  if (at === 0) return out;
  const word = t.abi === 'x64' ? 8 : 4;
  for (let n = 0; ; n++) {
    const bytes = t.user.bytes(at + n * word, word);
    if (bytes instanceof Errno) return EFAULT;
    const v = new DataView(bytes.buffer, bytes.byteOffset, word);
    const p = word === 8 ? Number(v.getBigUint64(0, true)) : v.getUint32(0, true);
    if (p === 0) return out;
    const s = t.user.string(p, MAX_ARG_STRLEN - 1);
    if (s instanceof Errno) return s === EFAULT ? s : E2BIG;
    room.left -= s.length + 9;
    if (room.left < 0) return E2BIG;
    out.push(s);
  }
}

interface Opened {
  readonly file: OpenFile;
  readonly filename: string;
  readonly hidden: boolean;
  readonly comm: string;
}
function run(t: Thread, o: Opened, argvAt: number, envpAt: number): Result {
  const room = { left: MOST_STRINGS * 2 };
  const give = (e: Errno): Errno => {
    letGo(o.file);
    return e;
  };
  const args = strings(t, argvAt, room);
  if (args instanceof Errno) return give(args);
  const env = strings(t, envpAt, room);
  if (env instanceof Errno) return give(env);
  const tooBig = checkSize(t, args, env, o.filename);
  if (tooBig) return give(tooBig);
  return exec(t, { ...o, argv: args, envp: env }) ?? 'noreturn';
}
const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
/** More tasks than the limit allows, since a set*id call: execve is where that is found out. */
const isOverLimit = (t: Thread): boolean =>
  t.overProcessLimit && t.kernel.tasksOf(t.credentials.uid) > (t.process.limits[6]?.cur ?? Number.POSITIVE_INFINITY);

export const execve = syscall({
  name: 'execve',
  nr: { x64: 59, i386: 11 },
  class: 'process.exec',
  args: { pathname: path, argv, envp },
  run(t, a) {
    const name = t.user.string(a.pathname);
    if (name instanceof Errno) return name;
    if (name === '') return ENOENT;
    if (isOverLimit(t)) return EAGAIN;
    const file = openExecutable(t, t.fs.cwd, name);
    if (file instanceof Errno) return file;
    return run(t, { file, filename: name, hidden: false, comm: baseName(name) }, a.argv, a.envp);
  },
});

const execveatFlags = names('AT', { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW });
export const execveat = syscall({
  name: 'execveat',
  nr: { x64: 322, i386: 358 },
  class: 'process.exec',
  args: { dirfd, pathname: path, argv, envp, flags: flags(execveatFlags) },
  run(t, a) {
    const name = t.user.string(a.pathname);
    if (name instanceof Errno) return name;
    if (name === '' && !(a.flags & AT_EMPTY_PATH)) return ENOENT;
    if (isOverLimit(t)) return EAGAIN;
    if (a.flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) return EINVAL;
    const opened = name === '' ? openDescriptor(t, a.dirfd) : openBelow(t, a.dirfd, name, a.flags);
    return opened instanceof Errno ? opened : run(t, opened, a.argv, a.envp);
  },
});
/** The descriptor's own file. */
function openDescriptor(t: Thread, fd: number): Opened | Errno {
  if (fd === AT_FDCWD) return EACCES;
  const open = t.files.get(fd);
  if (open instanceof Errno) return EBADF;
  const place = placeOf(open);
  const file = openPlace(t, place, { flags: O_RDONLY, exec: true });
  if (file instanceof Errno || file instanceof Block) return file instanceof Errno ? file : EACCES;
  return { file, filename: `/dev/fd/${fd}`, hidden: t.files.cloexec(fd), comm: place.name };
}
function openBelow(t: Thread, fd: number, name: string, how: number): Opened | Errno {
  const start = startOf(t, fd, name);
  if (start instanceof Errno) return start;
  const file = openExecutable(t, start, name, how & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0);
  if (file instanceof Errno) return file;
  const direct = fd === AT_FDCWD || name.startsWith('/');
  return {
    file,
    filename: direct ? name : `/dev/fd/${fd}/${name}`,
    hidden: !direct && t.files.cloexec(fd),
    comm: baseName(name),
  };
}
