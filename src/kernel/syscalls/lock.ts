// Locks on files: flock(2), and the lock commands of fcntl(2).
import { EAGAIN, EBADF, EINVAL, EOVERFLOW, ERESTARTSYS, Errno } from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../../abi/open.ts';
import { enumOf, fd, names, pinout } from '../../abi/type.ts';
import { type Command, command } from '../command.ts';
import { type FileLocks, locksOf, type Record } from '../fs/locks.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

const LOCK_SH = 1,
  LOCK_EX = 2,
  LOCK_NB = 4,
  LOCK_UN = 8,
  LOCK_MAND = 32;
export const flock = syscall({
  name: 'flock',
  nr: { x64: 73, i386: 143 },
  class: 'file.fd',
  args: { fd, operation: { ...enumOf(names('LOCK', { LOCK_SH, LOCK_EX, LOCK_UN, LOCK_NB })), show: 'flags' } },
  run(t, { fd, operation }) {
    if (operation & LOCK_MAND) return 0;
    const kind = operation & ~LOCK_NB;
    const type = kind === LOCK_SH ? F.F_RDLCK : kind === LOCK_EX ? F.F_WRLCK : kind === LOCK_UN ? F.F_UNLCK : undefined;
    if (type === undefined) return EINVAL;
    const file = fileOf(t, fd);
    if (file instanceof Errno) return file;
    const locks = locksOf(file.inode);
    const refused = locks.flock(file, type);
    if (refused === EAGAIN && !(operation & LOCK_NB)) return new Block([locks.queue], undefined, ERESTARTSYS);
    return refused ?? 0;
  },
});

interface FlockValue {
  l_type: number;
  l_whence: number;
  l_start: number;
  l_len: number;
  l_pid: number;
}
type FlockType = typeof F.flock | typeof F.flock32;
const OFFSET_MAX = 2 ** 63;
/** flock64_to_posix_lock: the bytes meant. */
function rangeOf(file: OpenFile, l: FlockValue): { start: number; end: number } | Errno {
  const base =
    l.l_whence === 0
      ? 0
      : l.l_whence === 1
        ? (file.position ?? 0)
        : l.l_whence === 2
          ? file.inode.attributes().size
          : undefined;
  if (base === undefined) return EINVAL;
  const start = base + l.l_start;
  if (start >= OFFSET_MAX) return EOVERFLOW;
  if (start < 0) return EINVAL;
  if (l.l_len > 0) return start + l.l_len - 1 >= OFFSET_MAX ? EOVERFLOW : { start, end: start + l.l_len - 1 };
  if (l.l_len === 0) return { start, end: Number.POSITIVE_INFINITY };
  return start + l.l_len < 0 ? EINVAL : { start: start + l.l_len, end: start - 1 };
}
function recordOf(t: Thread, file: OpenFile, l: FlockValue, description: boolean): Record | Errno {
  const range = rangeOf(file, l);
  if (range instanceof Errno) return range;
  if (l.l_type !== F.F_RDLCK && l.l_type !== F.F_WRLCK && l.l_type !== F.F_UNLCK) return EINVAL;
  if (description && l.l_pid !== 0) return EINVAL;
  return { ...range, type: l.l_type, owner: description ? file : t.files, pid: description ? -1 : t.process.pid };
}
function query(t: Thread, file: OpenFile, at: number, type: FlockType, description: boolean): Result {
  const l = t.user.get(type, at) as FlockValue | Errno;
  if (l instanceof Errno) return l;
  if (l.l_type !== F.F_RDLCK && l.l_type !== F.F_WRLCK && !(description && l.l_type === F.F_UNLCK)) return EINVAL;
  const wanted = recordOf(t, file, l, description);
  if (wanted instanceof Errno) return wanted;
  const other = wanted.type === F.F_UNLCK ? undefined : locksOf(file.inode).conflict(wanted);
  const answer = other
    ? {
        l_type: other.type,
        l_whence: 0,
        l_start: other.start,
        l_len: other.end === Number.POSITIVE_INFINITY ? 0 : other.end - other.start + 1,
        l_pid: other.pid,
      }
    : { ...l, l_type: F.F_UNLCK };
  return t.user.set(type, at, answer) ?? 0;
}
function set(t: Thread, file: OpenFile, at: number, type: FlockType, description: boolean, wait: boolean): Result {
  const l = t.user.get(type, at) as FlockValue | Errno;
  if (l instanceof Errno) return l;
  const r = recordOf(t, file, l, description);
  if (r instanceof Errno) return r;
  const access = file.flags & O_ACCMODE;
  if (r.type === F.F_RDLCK && access === O_WRONLY) return EBADF;
  if (r.type === F.F_WRLCK && access === O_RDONLY) return EBADF;
  const locks = locksOf(file.inode);
  const refused = locks.set(r);
  if (refused !== EAGAIN || !wait) return refused ?? 0;
  return sleep(t, locks, r, description);
}
function sleep(t: Thread, locks: FileLocks, r: Record, description: boolean): Result {
  const block = new Block([locks.queue], undefined, ERESTARTSYS);
  const circle = description ? undefined : locks.wait(r, () => t.block === block);
  return circle ?? block;
}

function trio(
  prefix: string,
  suffix: string,
  [get, setNow, setWait]: readonly [number, number, number],
  type: FlockType,
  description: boolean,
): Command[] {
  const arg = pinout(type);
  return [
    command({
      name: `${prefix}GETLK${suffix}`,
      nr: get,
      arg,
      run: (t, file, at) => query(t, file, at, type, description),
    }),
    command({
      name: `${prefix}SETLK${suffix}`,
      nr: setNow,
      arg,
      run: (t, file, at) => set(t, file, at, type, description, false),
    }),
    command({
      name: `${prefix}SETLKW${suffix}`,
      nr: setWait,
      arg,
      run: (t, file, at) => set(t, file, at, type, description, true),
    }),
  ];
}
/** The lock commands of x64's fcntl, and those of i386's. */
export const lockCommands = [
  ...trio('F_', '', [5, 6, 7], F.flock, false),
  ...trio('F_OFD_', '', [36, 37, 38], F.flock, true),
];
export const lockCommands32 = [
  ...trio('F_', '', [5, 6, 7], F.flock32, false),
  ...trio('F_', '64', [12, 13, 14], F.flock, false),
  ...trio('F_OFD_', '', [36, 37, 38], F.flock, true),
];
