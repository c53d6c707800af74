// Waiting for children (kernel/exit.c, do_wait).
import { EAGAIN, EBADF, ECHILD, EFAULT, EINVAL, Errno, ESRCH } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/open.ts';
import * as C from '../../abi/process.ts';
import { rusage } from '../../abi/resource.ts';
import * as S from '../../abi/signal.ts';
import type { ValueOf } from '../../abi/struct.ts';
import { custom, enumOf, flags, pid, pout } from '../../abi/type.ts';
import { reap } from '../exit.ts';
import { PidFile } from '../fs/pidfd.ts';
import type { Process } from '../process.ts';
import { childInfo } from '../signal/job.ts';
import { writeSigInfo } from '../signal/siginfo.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { usageOf } from '../usage.ts';
import { Block } from '../wait.ts';

/** What a wait found: the child, how it changed (CLD_*), and with which exit code or signal. */
interface Change {
  readonly child: Process;
  readonly code: number;
  readonly status: number;
  readonly usage: Partial<ValueOf<typeof rusage>>;
}

/** The first change among the children meant; a Block where there are some but nothing happened (undefined with WNOHANG). */
function look(t: Thread, meant: (p: Process) => boolean, options: number): Change | Block | Errno | undefined {
  let any = false;
  for (const child of t.process.children) {
    if (!meant(child)) continue;
    if (!(options & C.WALL) && (child.exitSignal !== S.SIGCHLD) !== ((options & C.WCLONE) !== 0)) continue;
    any = true;
    const change = changeOf(child, options);
    if (!change) continue;
    const found = { ...change, child, usage: usageOf(child, 'both') };
    if (!(options & C.WNOWAIT)) acknowledge(t, child, change.code);
    return found;
  }
  if (!any) return ECHILD;
  return options & C.WNOHANG ? undefined : new Block([t.process.childChanged]);
}
function changeOf(p: Process, options: number): { code: number; status: number } | undefined {
  const how = p.ending;
  if (how) {
    if (!(options & C.WEXITED)) return undefined;
    if (how.kind === 'exited') return { code: S.CLD_EXITED, status: how.code };
    return { code: how.core ? S.CLD_DUMPED : S.CLD_KILLED, status: how.signal };
  }
  if (p.stopped && !p.stopReported && options & C.WUNTRACED) return { code: S.CLD_STOPPED, status: p.stopped };
  if (!p.continuedReported && options & C.WCONTINUED) return { code: S.CLD_CONTINUED, status: S.SIGCONT };
  return undefined;
}
function acknowledge(t: Thread, child: Process, code: number): void {
  if (code === S.CLD_STOPPED) child.stopReported = true;
  else if (code === S.CLD_CONTINUED) child.continuedReported = true;
  else reap(t.kernel, t.process, child);
}

/** The status as wait4 stores it. */
function statusWord({ code, status }: Change): number {
  switch (code) {
    case S.CLD_EXITED:
      return status << 8;
    case S.CLD_STOPPED:
      return (status << 8) | 0x7f;
    case S.CLD_CONTINUED:
      return 0xffff;
    default:
      return status | (code === S.CLD_DUMPED ? 0x80 : 0);
  }
}

export const wait4 = syscall({
  name: 'wait4',
  nr: { x64: 61, i386: 114 },
  class: 'process.wait',
  args: { pid, wstatus: custom('wstatus', 'out'), options: flags(C.waitOptions), rusage: pout(rusage) },
  returns: pid,
  run(t, a) {
    if (a.options & ~(C.WNOHANG | C.WUNTRACED | C.WCONTINUED | C.WNOTHREAD | C.WALL | C.WCLONE)) return EINVAL;
    if (a.pid === -0x8000_0000) return ESRCH;
    const group = a.pid === 0 ? t.process.pgid : -a.pid;
    const meant = (p: Process): boolean => a.pid === -1 || (a.pid > 0 ? p.pid === a.pid : p.pgid === group);
    const found = look(t, meant, a.options | C.WEXITED);
    if (found === undefined) return 0;
    if (found instanceof Errno || found instanceof Block) return found;
    const word = new Uint8Array(4);
    new DataView(word.buffer).setInt32(0, statusWord(found), true);
    if (a.wstatus && t.user.put(a.wstatus, word)) return EFAULT;
    if (a.rusage && t.user.set(rusage, a.rusage, found.usage)) return EFAULT;
    return found.child.pid;
  },
});

/** Whom waitid is about. */
function meantBy(t: Thread, which: number, id: number): ((p: Process) => boolean) | Errno {
  switch (which) {
    case C.P_ALL:
      return () => true;
    case C.P_PID:
      return id > 0 ? (p) => p.pid === id : EINVAL;
    case C.P_PGID: {
      const group = id === 0 ? t.process.pgid : id;
      return id >= 0 ? (p) => p.pgid === group : EINVAL;
    }
    case C.P_PIDFD: {
      const file = id < 0 ? EINVAL : t.files.get(id);
      if (file instanceof Errno) return file;
      return file instanceof PidFile ? (p) => p === file.process : EBADF;
    }
    default:
      return EINVAL;
  }
}
export const waitid = syscall({
  name: 'waitid',
  nr: { x64: 247, i386: 284 },
  class: 'process.wait',
  args: {
    idtype: enumOf(C.idTypes),
    id: pid,
    infop: custom('siginfo', 'out'),
    options: flags(C.waitOptions),
    rusage: pout(rusage),
  },
  run(t, a) {
    const changes = C.WEXITED | C.WUNTRACED | C.WCONTINUED;
    const known = changes | C.WNOHANG | C.WNOWAIT | C.WNOTHREAD | C.WALL | C.WCLONE;
    if (a.options & ~known || !(a.options & changes)) return EINVAL;
    const meant = meantBy(t, a.idtype, a.id);
    if (meant instanceof Errno) return meant;
    const file = a.idtype === C.P_PIDFD ? t.files.get(a.id) : undefined;
    const nonblocking = file && !(file instanceof Errno) && (file.flags & O_NONBLOCK) !== 0;
    const found = look(t, meant, a.options | (nonblocking ? C.WNOHANG : 0));
    if (found instanceof Errno || found instanceof Block) return found;
    if (!found && nonblocking && !(a.options & C.WNOHANG)) return EAGAIN;
    if (found && a.rusage && t.user.set(rusage, a.rusage, found.usage)) return EFAULT;
    if (!a.infop) return 0;
    const info = found
      ? writeSigInfo({ ...childInfo(found.child, S.SIGCHLD, found.code, found.status), utime: 0, stime: 0 })
      : new Uint8Array(28);
    return t.user.put(a.infop, info.subarray(0, 28)) ? EFAULT : 0;
  },
});
