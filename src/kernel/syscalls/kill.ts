// Sending signals (kernel/signal.c): to whom, and who may.
import { CAP_KILL } from '../../abi/capability.ts';
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import * as S from '../../abi/signal.ts';
import { custom, pid, signal } from '../../abi/type.ts';
import type { Process } from '../process.ts';
import type { SigInfo } from '../signal/signals.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

/** Whether `t` may signal process `p` (kill(2)): the same user, or CAP_KILL; SIGCONT within a session always. */
function maySignal(t: Thread, p: Process, signo: number): boolean {
  const mine = t.credentials;
  const theirs = p.leader?.credentials;
  if (!theirs || p === t.process) return true;
  if ([mine.euid, mine.uid].some((u) => u === theirs.suid || u === theirs.uid)) return true;
  return t.capable(CAP_KILL) || (signo === S.SIGCONT && p.sid === t.process.sid);
}
/** check_kill_permission, and the sending. */
export function sendChecked(t: Thread, to: Process | Thread, info: SigInfo): Errno | undefined {
  if (info.signo < 0 || info.signo > S.NSIG) return EINVAL;
  const p = 'process' in to ? to.process : to;
  if (!maySignal(t, p, info.signo)) return EPERM;
  return t.kernel.send(to, info);
}
export const fromUser = (t: Thread, signo: number, code: number): SigInfo => ({
  signo,
  code,
  pid: t.process.pid,
  uid: t.credentials.uid,
});
/** The process a number means: that of any of its tasks. */
export const processOf = (t: Thread, id: number): Process | undefined =>
  t.kernel.processes.get(id) ?? t.kernel.threads.get(id)?.process;

export const kill = syscall({
  name: 'kill',
  nr: { x64: 62, i386: 37 },
  class: 'signal',
  args: { pid, sig: signal },
  run(t, a) {
    const info = fromUser(t, a.sig, S.SI_USER);
    if (a.pid > 0) {
      const p = processOf(t, a.pid);
      return p ? (sendChecked(t, p, info) ?? 0) : ESRCH;
    }
    if (a.pid === -0x8000_0000) return ESRCH;
    const group = a.pid === 0 ? t.process.pgid : -a.pid;
    const everyone = a.pid === -1;
    let reached = false;
    let last: Errno | undefined = everyone ? undefined : ESRCH;
    for (const p of [...t.kernel.processes.values()]) {
      if (everyone ? p === t.process : p.pgid !== group) continue;
      const error = sendChecked(t, p, info);
      if (!error) reached = true;
      else if (!everyone || error !== EPERM) last = error;
      if (everyone) reached = true;
    }
    if (everyone) return reached ? (last ?? 0) : ESRCH;
    return reached ? 0 : (last ?? 0);
  },
});

function toThread(t: Thread, tgid: number | undefined, tid: number, info: SigInfo): Result {
  const to = t.kernel.threads.get(tid);
  // A process whose first task has ended still has that number.
  if (!to) {
    const p = t.kernel.processes.get(tid);
    return p && (tgid === undefined || p.pid === tgid) ? (sendChecked(t, p, { ...info, signo: 0 }) ?? 0) : ESRCH;
  }
  if (tgid !== undefined && to.process.pid !== tgid) return ESRCH;
  return sendChecked(t, to, info) ?? 0;
}
export const tgkill = syscall({
  name: 'tgkill',
  nr: { x64: 234, i386: 270 },
  class: 'signal',
  args: { tgid: pid, tid: pid, sig: signal },
  run: (t, { tgid, tid, sig }) =>
    tgid <= 0 || tid <= 0 ? EINVAL : toThread(t, tgid, tid, fromUser(t, sig, S.SI_TKILL)),
});
export const tkill = syscall({
  name: 'tkill',
  nr: { x64: 200, i386: 238 },
  class: 'signal',
  args: { tid: pid, sig: signal },
  run: (t, { tid, sig }) => (tid <= 0 ? EINVAL : toThread(t, undefined, tid, fromUser(t, sig, S.SI_TKILL))),
});

/** The siginfo a program made up: its own words, but for the number. */
export function readSigInfo(t: Thread, at: number, signo: number): SigInfo | Errno {
  const bytes = t.user.bytes(at, 128);
  if (bytes instanceof Errno) return EFAULT;
  const raw = bytes.slice();
  const v = new DataView(raw.buffer);
  v.setInt32(0, signo, true);
  return {
    signo,
    errno: v.getInt32(4, true),
    code: v.getInt32(8, true),
    pid: v.getInt32(16, true),
    uid: v.getUint32(20, true),
    value: v.getBigUint64(24, true),
    raw,
  };
}
/** Only the kernel and kill say such things about others. */
const isForged = (info: SigInfo): boolean => info.code >= 0 || info.code === S.SI_TKILL;

export const rt_sigqueueinfo = syscall({
  name: 'rt_sigqueueinfo',
  nr: { x64: 129, i386: 178 },
  class: 'signal',
  args: { tgid: pid, sig: signal, info: custom('siginfo', 'in') },
  run(t, a) {
    const info = readSigInfo(t, a.info, a.sig);
    if (info instanceof Errno) return info;
    if (isForged(info) && t.process.pid !== a.tgid) return EPERM;
    const p = processOf(t, a.tgid);
    return p ? (sendChecked(t, p, info) ?? 0) : ESRCH;
  },
});
export const rt_tgsigqueueinfo = syscall({
  name: 'rt_tgsigqueueinfo',
  nr: { x64: 297, i386: 335 },
  class: 'signal',
  args: { tgid: pid, tid: pid, sig: signal, info: custom('siginfo', 'in') },
  run(t, a) {
    const info = readSigInfo(t, a.info, a.sig);
    if (info instanceof Errno) return info;
    if (a.tgid <= 0 || a.tid <= 0) return EINVAL;
    if (isForged(info) && t.tid !== a.tid) return EPERM;
    return toThread(t, a.tgid, a.tid, info);
  },
});
