// Descriptors for processes (kernel/pid.c, kernel/signal.c).
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import { EBADF, EFAULT, EINVAL, ENOENT, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { O_EXCL, O_NONBLOCK } from '../../abi/open.ts';
import { pidfdFlags, pidfdSignalFlags } from '../../abi/process.ts';
import { SI_USER } from '../../abi/signal.ts';
import { custom, fd, flags, pid, signal, uint } from '../../abi/type.ts';
import { PidFile } from '../fs/pidfd.ts';
import type { Process } from '../process.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { fromUser, readSigInfo, sendChecked } from './kill.ts';

export const pidfd_open = syscall({
  name: 'pidfd_open',
  nr: { x64: 434, i386: 434 },
  class: 'process',
  args: { pid, flags: flags(pidfdFlags) },
  returns: fd,
  partial: 'PIDFD_THREAD stands for the whole process',
  run(t, a) {
    if (a.flags & ~(O_NONBLOCK | O_EXCL) || a.pid <= 0) return EINVAL;
    const p = t.kernel.processes.get(a.pid);
    if (!p) {
      const thread = t.kernel.threads.get(a.pid);
      if (!thread) return ESRCH;
      if (!(a.flags & O_EXCL)) return ENOENT;
      return t.files.install(new PidFile(thread.process, a.flags), true);
    }
    return t.files.install(new PidFile(p, a.flags), true);
  },
});

/** A pidfd's process; for signals a directory of /proc will do as well. */
function processOfFd(t: Thread, n: number, directories = false): Process | Errno {
  const file = t.files.get(n);
  if (file instanceof PidFile) return file.process;
  if (!directories || file instanceof Errno || typeof file.at === 'string') return EBADF;
  const { name, parent, inode } = file.at;
  if (inode.fs.type !== 'proc' || parent?.inode !== inode.fs.root) return EBADF;
  return t.kernel.processes.get(Number(name)) ?? EBADF;
}

export const pidfd_send_signal = syscall({
  name: 'pidfd_send_signal',
  nr: { x64: 424, i386: 424 },
  class: 'signal',
  args: { pidfd: fd, sig: signal, info: custom('siginfo', 'in'), flags: flags(pidfdSignalFlags) },
  partial: 'no flags',
  run(t, a) {
    if (a.flags) return EINVAL;
    const p = processOfFd(t, a.pidfd, true);
    if (p instanceof Errno) return p;
    let info = fromUser(t, a.sig, SI_USER);
    if (a.info) {
      const bytes = t.user.bytes(a.info, 4);
      const given = readSigInfo(t, a.info, a.sig);
      if (bytes instanceof Errno || given instanceof Errno) return EFAULT;
      if (new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true) !== a.sig) return EINVAL;
      if (p !== t.process && (given.code >= 0 || given.code === -6)) return EPERM;
      info = given;
    }
    if (t.kernel.processes.get(p.pid) !== p) return ESRCH;
    return sendChecked(t, p, info) ?? 0;
  },
});

/** ptrace_may_access: all of its ids are the caller's, and it may be looked at. */
export function mayLookInto(t: Thread, p: Process): boolean {
  const theirs = p.leader?.credentials;
  if (p === t.process || !theirs || t.capable(CAP_SYS_PTRACE)) return true;
  const { fsuid, fsgid } = t.credentials;
  const same =
    [theirs.uid, theirs.euid, theirs.suid].every((u) => u === fsuid) &&
    [theirs.gid, theirs.egid, theirs.sgid].every((g) => g === fsgid);
  return same && p.dumpable === 1;
}

export const pidfd_getfd = syscall({
  name: 'pidfd_getfd',
  nr: { x64: 438, i386: 438 },
  class: 'process',
  args: { pidfd: fd, targetfd: fd, flags: uint },
  returns: fd,
  run(t, a) {
    if (a.flags) return EINVAL;
    const p = processOfFd(t, a.pidfd);
    if (p instanceof Errno) return p;
    const of = p.leader;
    if (!of || p.ending) return ESRCH;
    if (!mayLookInto(t, p)) return EPERM;
    const file = of.files.get(a.targetfd);
    return file instanceof Errno ? EBADF : t.files.install(file, true);
  },
});
