// The end of tasks and processes (kernel/exit.c).
import { Errno } from '../abi/errno.ts';
import * as F from '../abi/futex.ts';
import { POLLIN } from '../abi/poll.ts';
import * as S from '../abi/signal.ts';
import { keyOf } from './futex.ts';
import { bequeath } from './futex-pi.ts';
import type { Kernel } from './kernel.ts';
import type { Ending, Process } from './process.ts';
import { hangUpOrphans, isOrphanedGroup, tellParent } from './signal/job.ts';
import { SIG_IGN } from './signal/signals.ts';
import type { Thread } from './thread.ts';

const ROBUST_LIST_LIMIT = 2048;

/** exit_group, or death by signal: every thread of the process ends. */
export function exitProcess(kernel: Kernel, t: Thread, how: Ending): void {
  const p = t.process;
  p.groupExit ??= how;
  for (const other of [...p.threads]) if (other !== t) exitThread(kernel, other, p.groupExit);
  exitThread(kernel, t, p.groupExit);
}
/** exec: the one that calls it goes on alone, as the process's first. */
export function killOtherThreads(kernel: Kernel, t: Thread): void {
  for (const other of [...t.process.threads]) if (other !== t) exitThread(kernel, other, { kind: 'exited', code: 0 });
  if (t.tid === t.process.pid) return;
  kernel.threads.delete(t.tid);
  t.tid = t.process.pid;
  kernel.threads.set(t.tid, t);
}

export function exitThread(kernel: Kernel, t: Thread, how: Ending): void {
  if (t.state === 'dead') return;
  const p = t.process;
  kernel.scheduler.remove(t);
  t.state = 'dead';
  t.progress = undefined;
  p.uid = t.credentials.uid;
  for (const o of kernel.observers) o.ended?.(t, p.groupExit ?? how);
  letGoOfFutexes(kernel, t);
  t.vforkDone?.wake();
  t.vforkDone = undefined;
  kernel.unload(t);
  p.threads.delete(t);
  kernel.threads.delete(t.tid);
  if (p.threads.size === 0) p.semaphoreUndo.apply(t, p.pid);
  p.usage.task(t);
  if (p.threads.size === 0) p.usage.space(t.space);
  if (--t.files.users === 0) t.files.closeAll(t);
  t.fs.users--;
  kernel.dropSpace(t.space);
  if (p.threads.size === 0) endProcess(kernel, p, p.groupExit ?? how);
}

/** The task leaves its memory: words that others wait for are set, of mutexes it held and the one that says it is gone (mm_release). */
export function letGoOfFutexes(kernel: Kernel, t: Thread): void {
  if (t.robustList.head) walkRobustList(kernel, t);
  bequeath(t);
  if (!t.clearChildTid || t.space.users <= 1) return;
  t.user.put(t.clearChildTid, new Uint8Array(4));
  wake(kernel, t, t.clearChildTid);
}
function wake(kernel: Kernel, t: Thread, at: number): void {
  // Robust words may be waited for either way.
  for (const shared of [true, false]) {
    const key = keyOf(t, at, shared);
    if (!(key instanceof Errno) && kernel.futexes.wake(key, 1)) return;
  }
}
function walkRobustList(kernel: Kernel, t: Thread): void {
  const head = t.robustList.head;
  const h = t.user.get(F.robustListHead, head);
  if (h instanceof Errno) return;
  const isPi = (entry: number): boolean => entry % 2 === 1;
  const plain = (entry: number): number => entry - (entry % 2);
  let entry = h.next;
  for (let n = 0; plain(entry) !== head && n < ROBUST_LIST_LIMIT; n++) {
    const next = t.user.get(F.robustListHead, plain(entry));
    if (entry !== h.list_op_pending) ownerDied(kernel, t, plain(entry) + h.futex_offset, isPi(entry), false);
    if (next instanceof Errno) return;
    entry = next.next;
  }
  if (h.list_op_pending) {
    const at = plain(h.list_op_pending) + h.futex_offset;
    ownerDied(kernel, t, at, isPi(h.list_op_pending), true);
  }
}
/** handle_futex_death */
function ownerDied(kernel: Kernel, t: Thread, at: number, pi: boolean, pending: boolean): void {
  if (at % 4) return;
  const bytes = t.user.bytes(at, 4);
  if (bytes instanceof Errno) return;
  const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (pending && !pi && value === 0) return wake(kernel, t, at);
  if ((value & F.FUTEX_TID_MASK) !== t.tid) return;
  const left = new Uint8Array(4);
  new DataView(left.buffer).setUint32(0, (value & F.FUTEX_WAITERS) | F.FUTEX_OWNER_DIED, true);
  t.user.put(at, left);
  if (!pi && value & F.FUTEX_WAITERS) wake(kernel, t, at);
}

function endProcess(kernel: Kernel, p: Process, how: Ending): void {
  p.ending = how;
  p.timers.cancelAll();
  p.stopPosixTimers();
  const groupsOfChildren = new Set<number>();
  const reaper = reaperOf(p);
  for (const c of p.children) {
    if (c.pgid !== p.pgid && c.sid === p.sid) groupsOfChildren.add(c.pgid);
    adopt(kernel, p, c, reaper);
  }
  p.children.clear();
  const orphaned = p.parent && p.parent.pgid !== p.pgid && p.parent.sid === p.sid ? p.pgid : undefined;
  p.pidfdQueue.wake(POLLIN);
  notify(kernel, p, how);
  if (orphaned !== undefined && isOrphanedGroup(kernel, orphaned)) hangUpOrphans(kernel, orphaned);
  for (const g of groupsOfChildren) hangUpOrphans(kernel, g);
}
/** A child whose parent ends goes to the nearest subreaper above it; without one nobody waits for it. */
function adopt(kernel: Kernel, from: Process, c: Process, reaper: Process | undefined): void {
  c.parent = reaper;
  reaper?.children.add(c);
  c.exitSignal = S.SIGCHLD;
  for (const t of c.threads)
    if (t.deathSignal) kernel.send(t, { signo: t.deathSignal, code: S.SI_USER, pid: from.pid, uid: from.uid });
  if (!c.ending) return;
  if (reaper) tellParent(kernel, c, ...outcome(c.ending));
  else kernel.processes.delete(c.pid);
}
function reaperOf(p: Process): Process | undefined {
  for (let a = p.parent; a; a = a.parent) if (a.subreaper && !a.ending) return a;
  return undefined;
}
const outcome = (how: Ending): [code: number, status: number] =>
  how.kind === 'exited' ? [S.CLD_EXITED, how.code] : [how.core ? S.CLD_DUMPED : S.CLD_KILLED, how.signal];

/** The parent is told; where it has said that it doesn't care, the process is gone at once. */
function notify(kernel: Kernel, p: Process, how: Ending): void {
  const { parent } = p;
  if (!parent) {
    if (p !== kernel.first) kernel.processes.delete(p.pid);
    return;
  }
  const action = parent.handlers.get(S.SIGCHLD);
  const ignored = action.handler === SIG_IGN;
  if (p.exitSignal === S.SIGCHLD && (ignored || action.flags & S.SA_NOCLDWAIT)) {
    parent.children.delete(p);
    kernel.processes.delete(p.pid);
    if (ignored) {
      parent.childChanged.wake();
      return;
    }
  }
  tellParent(kernel, p, ...outcome(how));
}

/** wait has seen the end: the process is forgotten, what it used is its parent's. */
export function reap(kernel: Kernel, parent: Process, child: Process): void {
  parent.children.delete(child);
  kernel.processes.delete(child.pid);
  parent.childTime.user += child.cpuTime.user + child.childTime.user;
  parent.childTime.system += child.cpuTime.system + child.childTime.system;
  parent.childUsage.add(child.usage);
  parent.childUsage.add(child.childUsage);
}
