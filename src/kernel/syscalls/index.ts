// Every system call, by number and ABI. A family is a module whose exports are calls; adding a family adds two lines here.
import type { SyscallTable } from '../kernel.ts';
import { isSyscall, type Syscall } from '../syscall.ts';
import * as absent from './absent.ts';
import * as access from './access.ts';
import * as allocate from './allocate.ts';
import * as attribute from './attribute.ts';
import * as credentials from './credentials.ts';
import * as descriptor from './descriptor.ts';
import * as directory from './directory.ts';
import * as epoll from './epoll.ts';
import * as eventfd from './eventfd.ts';
import * as exec from './exec.ts';
import * as fcntl from './fcntl.ts';
import * as futex from './futex.ts';
import * as ids from './ids.ts';
import * as info from './info.ts';
import * as inotify from './inotify.ts';
import * as ioctl from './ioctl.ts';
import * as itimer from './itimer.ts';
import * as job from './job.ts';
import * as kill from './kill.ts';
import * as lock from './lock.ts';
import * as memfd from './memfd.ts';
import * as memory from './memory.ts';
import * as mount from './mount.ts';
import * as msg from './msg.ts';
import * as name from './name.ts';
import * as open from './open.ts';
import * as openat2 from './openat2.ts';
import * as pidfd from './pidfd.ts';
import * as poll from './poll.ts';
import * as posixTimer from './posix-timer.ts';
import * as prctl from './prctl.ts';
import * as process from './process.ts';
import * as readWrite from './read-write.ts';
import * as rseq from './rseq.ts';
import * as sched from './sched.ts';
import * as seek from './seek.ts';
import * as select from './select.ts';
import * as sem from './sem.ts';
import * as share from './share.ts';
import * as shm from './shm.ts';
import * as signal from './signal.ts';
import * as sleep from './sleep.ts';
import * as socket from './socket.ts';
import * as socketMessage from './socket-message.ts';
import * as socketOption from './socket-option.ts';
import * as socketcall from './socketcall.ts';
import * as stat from './stat.ts';
import * as statfs from './statfs.ts';
import * as symlink from './symlink.ts';
import * as sync from './sync.ts';
import * as time from './time.ts';
import * as transfer from './transfer.ts';
import * as wait from './wait.ts';
import * as xattr from './xattr.ts';

/** The families' exports: calls, one by one or in arrays; what else a module exports isn't counted. */
const families: readonly object[] = [
  absent,
  access,
  allocate,
  attribute,
  credentials,
  descriptor,
  directory,
  epoll,
  eventfd,
  exec,
  fcntl,
  futex,
  ids,
  info,
  inotify,
  ioctl,
  itimer,
  job,
  kill,
  lock,
  memfd,
  memory,
  mount,
  msg,
  name,
  open,
  openat2,
  pidfd,
  poll,
  posixTimer,
  prctl,
  process,
  readWrite,
  rseq,
  sched,
  seek,
  select,
  sem,
  share,
  shm,
  signal,
  sleep,
  socket,
  socketMessage,
  socketOption,
  socketcall,
  stat,
  statfs,
  symlink,
  sync,
  time,
  transfer,
  wait,
  xattr,
];

function found(): Syscall[] {
  const all: Syscall[] = [];
  for (const family of families)
    for (const v of Object.values(family))
      if (isSyscall(v)) all.push(v);
      else if (Array.isArray(v)) all.push(...v.filter(isSyscall));
  return all;
}
export const syscalls: readonly Syscall[] = found();

/** Throws where two calls claim one number. */
export function byNumber(abi: 'x64' | 'i386'): (Syscall | undefined)[] {
  const table: (Syscall | undefined)[] = [];
  for (const s of syscalls) {
    const nr = s.nr[abi];
    if (nr === undefined) continue;
    if (table[nr]) throw new Error(`${s.name} and ${table[nr].name} both claim ${abi} number ${nr}`);
    table[nr] = s;
  }
  return table;
}
export const tables: SyscallTable = { x64: byNumber('x64'), i386: byNumber('i386') };
