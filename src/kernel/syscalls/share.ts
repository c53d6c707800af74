// What tasks share: parting from it, and finding out (kernel/fork.c, kernel/nsproxy.c, kernel/kcmp.c, mm/process_vm_access.c, kernel/exec_domain.c).
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { EBADF, EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import * as C from '../../abi/process.ts';
import { struct } from '../../abi/struct.ts';
import { addr, enumOf, fd, flags, hex32, hexlong, pid, pin, size, type Type, ulong } from '../../abi/type.ts';
import { iovecIn, iovecOut } from '../../abi/uio.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { mayLookInto } from './pidfd.ts';

const NAMESPACES =
  C.CLONE_NEWNS |
  C.CLONE_NEWUTS |
  C.CLONE_NEWIPC |
  C.CLONE_NEWNET |
  C.CLONE_NEWUSER |
  C.CLONE_NEWPID |
  C.CLONE_NEWCGROUP |
  C.CLONE_NEWTIME;

export const unshare = syscall({
  name: 'unshare',
  nr: { x64: 272, i386: 310 },
  class: 'process',
  args: { flags: flags(C.unshareFlags) },
  partial: 'there is one namespace of each kind',
  run(t, { flags }) {
    const alone = C.CLONE_THREAD | C.CLONE_SIGHAND | C.CLONE_VM;
    const parts = C.CLONE_FS | C.CLONE_FILES | C.CLONE_SYSVSEM;
    if (flags & ~(alone | parts | NAMESPACES)) return EINVAL;
    if (flags & alone && (t.process.threads.size > 1 || (flags & C.CLONE_VM && t.space.users > 1))) return EINVAL;
    if (flags & C.CLONE_NEWUSER) return EINVAL;
    if (flags & NAMESPACES) return t.capable(CAP_SYS_ADMIN) ? EINVAL : EPERM;
    if (flags & C.CLONE_FS && t.fs.users > 1) {
      t.fs.users--;
      t.fs = { cwd: t.fs.cwd, root: t.fs.root, umask: t.fs.umask, users: 1 };
    }
    if (flags & C.CLONE_FILES) t.unshareFiles();
    return 0;
  },
});
export const setns = syscall({
  name: 'setns',
  nr: { x64: 308, i386: 346 },
  class: 'process',
  args: { fd, nstype: flags(C.namespaceFlags) },
  partial: 'there is one namespace of each kind, and no file that stands for it',
  run: (t, { fd }) => (t.files.get(fd) instanceof Errno ? EBADF : EINVAL),
});

const KCMP_FILE = 0,
  KCMP_VM = 1,
  KCMP_FILES = 2,
  KCMP_FS = 3,
  KCMP_SIGHAND = 4;
/** Kernel objects by age, for an order that says nothing else about them. */
const ages = new WeakMap<object, number>();
let nextAge = 1;
function ageOf(o: object): number {
  let n = ages.get(o);
  if (n === undefined) {
    n = nextAge++;
    ages.set(o, n);
  }
  return n;
}
function part(t: Thread, kind: number, index: number): object | Errno {
  switch (kind) {
    case KCMP_FILE:
      return t.files.get(index);
    case KCMP_VM:
      return t.space;
    case KCMP_FILES:
      return t.files;
    case KCMP_FS:
      return t.fs;
    case KCMP_SIGHAND:
      return t.process.handlers;
    default:
      return EINVAL;
  }
}
export const kcmp = syscall({
  name: 'kcmp',
  nr: { x64: 312, i386: 349 },
  class: 'process',
  args: { pid1: pid, pid2: pid, type: enumOf(C.kcmpTypes), idx1: ulong, idx2: ulong },
  partial: 'no KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD',
  run(t, a) {
    const one = t.kernel.threads.get(a.pid1);
    const two = t.kernel.threads.get(a.pid2);
    if (!one || !two) return ESRCH;
    if (!mayLookInto(t, one.process) || !mayLookInto(t, two.process)) return EPERM;
    const x = part(one, a.type, a.idx1);
    if (x instanceof Errno) return x;
    const y = part(two, a.type, a.idx2);
    if (y instanceof Errno) return y;
    if (x === y) return 0;
    return ageOf(x) < ageOf(y) ? 1 : 2;
  },
});

export const personality = syscall({
  name: 'personality',
  nr: { x64: 135, i386: 136 },
  class: 'process',
  args: { persona: { ...hex32, show: 'hex' } },
  partial: 'kept; ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC have their effect, the rest has none',
  run(t, { persona }) {
    const before = t.process.personality;
    if (persona !== 0xffff_ffff) t.process.personality = persona;
    return before;
  },
});

/** Places in the other's memory: addresses that mean nothing here. */
const remoteIovec = struct('iovec', { iov_base: addr, iov_len: size });
const UIO_MAXIOV = 1024;
interface Piece {
  readonly at: number;
  readonly length: number;
}
function pieces(t: Thread, at: number, n: number): Piece[] | Errno {
  if (n > UIO_MAXIOV) return EINVAL;
  const out: Piece[] = [];
  for (let i = 0; i < n; i++) {
    const v = t.user.get(iovecIn, at + 16 * i);
    if (v instanceof Errno) return EFAULT;
    if (v.iov_len >= 2 ** 63) return EINVAL;
    out.push({ at: v.iov_base, length: v.iov_len });
  }
  return out;
}
interface Transfer {
  readonly pid: number;
  readonly local_iov: number;
  readonly liovcnt: number;
  readonly remote_iov: number;
  readonly riovcnt: number;
  readonly flags: number;
}
/** Copies piece by piece, page by page, as far as both sides reach. */
function transfer(t: Thread, a: Transfer, write: boolean): Result {
  if (a.flags) return EINVAL;
  const local = pieces(t, a.local_iov, a.liovcnt);
  if (local instanceof Errno) return local;
  if (!local.some((p) => p.length)) return 0;
  const remote = pieces(t, a.remote_iov, a.riovcnt);
  if (remote instanceof Errno) return remote;
  const p = t.kernel.processes.get(a.pid) ?? t.kernel.threads.get(a.pid)?.process;
  const other = p?.leader;
  if (!p || !other || p.ending) return ESRCH;
  if (!mayLookInto(t, p)) return EPERM;
  let done = 0;
  let mine = 0;
  let within = 0;
  for (const there of remote) {
    for (let at = 0; at < there.length; ) {
      while (mine < local.length && within >= (local[mine] as Piece).length) {
        mine++;
        within = 0;
      }
      const here = local[mine];
      if (!here) return done;
      const n = Math.min(there.length - at, here.length - within, 4096 - ((there.at + at) % 4096));
      const [from, to, into] = write ? [t.user, other.user, there.at + at] : [other.user, t.user, here.at + within];
      const bytes = from.bytes(write ? here.at + within : there.at + at, n);
      if (bytes instanceof Errno || to.put(into, bytes)) return done || EFAULT;
      done += n;
      at += n;
      within += n;
    }
  }
  return done;
}
const transferArgs = (local: Type, remote: Type) =>
  ({
    pid,
    local_iov: pin(local, { arg: 'liovcnt' }),
    liovcnt: ulong,
    remote_iov: pin(remote, { arg: 'riovcnt' }),
    riovcnt: ulong,
    flags: hexlong,
  }) as const;
export const process_vm_readv = syscall({
  name: 'process_vm_readv',
  nr: { x64: 310, i386: 347 },
  class: 'process',
  args: transferArgs(iovecOut, remoteIovec),
  run: (t, a) => transfer(t, a, false),
});
export const process_vm_writev = syscall({
  name: 'process_vm_writev',
  nr: { x64: 311, i386: 348 },
  class: 'process',
  args: transferArgs(iovecIn, remoteIovec),
  run: (t, a) => transfer(t, a, true),
});
