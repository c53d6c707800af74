// Making a task: clone's flags say which parts it shares with the one that makes it (kernel/fork.c, copy_process).
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from '../abi/capability.ts';
import { EAGAIN, EINVAL, ENOMEM, EPERM, ERESTARTNOINTR, Errno } from '../abi/errno.ts';
import * as C from '../abi/process.ts';
import { RLIMIT_NPROC } from '../abi/resource.ts';
import { SIGCHLD } from '../abi/signal.ts';
import { int } from '../abi/type.ts';
import { PidFile } from './fs/pidfd.ts';
import type { Kernel } from './kernel.ts';
import type { AddressSpace } from './mm/address-space.ts';
import { forkSpace } from './mm/fork.ts';
import { Process } from './process.ts';
import type { Result } from './syscall.ts';
import { Thread } from './thread.ts';
import { Block, WaitQueue } from './wait.ts';

/** Tasks the machine holds at most, whatever limits say (/proc/sys/kernel/threads-max). */
export const THREADS_MAX = 4096;
const NAMESPACES =
  C.CLONE_NEWNS +
  C.CLONE_NEWCGROUP +
  C.CLONE_NEWUTS +
  C.CLONE_NEWIPC +
  C.CLONE_NEWUSER +
  C.CLONE_NEWPID +
  C.CLONE_NEWNET;

export interface CloneRequest {
  /** CLONE_* without the signal: up to 34 bits. */
  readonly flags: number;
  readonly exitSignal: number;
  /** The new task's stack pointer; 0: the caller's. */
  readonly stack: number;
  readonly tls: bigint;
  readonly pidfd: number;
  readonly parentTid: number;
  readonly childTid: number;
}

const LOW = 0x1_0000_0000;
const has = (flags: number, flag: number): boolean =>
  flag < LOW ? ((flags % LOW) & flag) !== 0 : Math.floor(flags / LOW) % (2 * (flag / LOW)) >= flag / LOW;

function refuse(t: Thread, r: CloneRequest): Errno | undefined {
  const is = (flag: number): boolean => has(r.flags, flag);
  if (is(C.CLONE_FS) && (is(C.CLONE_NEWNS) || is(C.CLONE_NEWUSER))) return EINVAL;
  if (is(C.CLONE_THREAD) && !is(C.CLONE_SIGHAND)) return EINVAL;
  if (is(C.CLONE_SIGHAND) && !is(C.CLONE_VM)) return EINVAL;
  if (is(C.CLONE_THREAD) && (is(C.CLONE_NEWUSER) || is(C.CLONE_NEWPID))) return EINVAL;
  if (is(C.CLONE_PIDFD) && is(C.CLONE_DETACHED)) return EINVAL;
  const { kernel } = t;
  const limit = t.process.limits[RLIMIT_NPROC]?.cur ?? Number.POSITIVE_INFINITY;
  const free = t.credentials.uid === 0 || t.capable(CAP_SYS_RESOURCE) || t.capable(CAP_SYS_ADMIN);
  if (!free && kernel.tasksOf(t.credentials.uid) >= limit) return EAGAIN;
  if (kernel.threads.size >= THREADS_MAX) return EAGAIN;
  if (!is(C.CLONE_VM) && t.space.resident > kernel.pool.limit - kernel.pool.used) return ENOMEM;
  // No namespace but the first: as a kernel built without them.
  if (has(r.flags, C.CLONE_NEWUSER)) return EINVAL;
  if (((r.flags % LOW) & NAMESPACES) !== 0) return t.capable(CAP_SYS_ADMIN) ? EINVAL : EPERM;
  return undefined;
}

function spaceFor(kernel: Kernel, t: Thread, r: CloneRequest): AddressSpace | Errno {
  if (!has(r.flags, C.CLONE_VM)) {
    const cpu = kernel.takeCpu();
    return cpu instanceof Errno ? cpu : forkSpace(t.space, cpu);
  }
  t.space.users++;
  return t.space;
}

function processFor(kernel: Kernel, t: Thread, r: CloneRequest, tid: number, space: AddressSpace): Process {
  const mine = t.process;
  if (has(r.flags, C.CLONE_THREAD)) return mine;
  const p = new Process(kernel, tid, has(r.flags, C.CLONE_PARENT) ? mine.parent : mine);
  p.inherit(mine);
  if (!has(r.flags, C.CLONE_VM)) space.limits = p.limits;
  p.handlers = has(r.flags, C.CLONE_SIGHAND) ? mine.handlers : mine.handlers.copy();
  if (has(r.flags, C.CLONE_CLEAR_SIGHAND)) p.handlers.reset();
  p.exitSignal = has(r.flags, C.CLONE_PARENT) ? mine.exitSignal : r.exitSignal;
  kernel.addProcess(p);
  return p;
}

/** The new task's registers: the caller's, but for the result, the stack and the thread pointer. */
function registersFor(kernel: Kernel, t: Thread, child: Thread, r: CloneRequest): void {
  const mine = kernel.snapshot(t);
  const { cpu } = child;
  const shared = cpu === t.cpu;
  if (!shared) cpu.load(mine);
  cpu.set('rax', 0);
  if (r.stack) cpu.set('rsp', r.stack);
  if (has(r.flags, C.CLONE_SETTLS)) cpu.set('fs_base', r.tls);
  cpu.save(child.saved);
  if (shared) cpu.load(mine);
}

/** Makes the task and sets it going. With CLONE_VFORK the caller sleeps until it has given the memory back. */
export function clone(t: Thread, r: CloneRequest): Result {
  if (t.progress instanceof Vfork) return t.progress.wait();
  const { kernel } = t;
  const refused = refuse(t, r);
  if (refused) return refused;
  // As Linux: who has a signal waiting handles it first, so that a child can't miss what its parent was sent.
  if (t.interrupted) return ERESTARTNOINTR;
  const space = spaceFor(kernel, t, r);
  if (space instanceof Errno) return space;
  const tid = kernel.allocatePid();
  const process = processFor(kernel, t, r, tid, space);
  const files = has(r.flags, C.CLONE_FILES) ? t.files : t.files.copy();
  if (files === t.files) files.users++;
  const fs = has(r.flags, C.CLONE_FS) ? t.fs : { cwd: t.fs.cwd, root: t.fs.root, umask: t.fs.umask, users: 0 };
  fs.users++;
  const child = new Thread(kernel, process, tid, space, files, fs, t.credentials);
  child.inherit(t, has(r.flags, C.CLONE_VM) && !has(r.flags, C.CLONE_VFORK));
  if (has(r.flags, C.CLONE_CHILD_CLEARTID)) child.clearChildTid = r.childTid;
  registersFor(kernel, t, child, r);
  const id = new Uint8Array(4);
  new DataView(id.buffer).setInt32(0, tid, true);
  if (has(r.flags, C.CLONE_PARENT_SETTID)) t.user.put(r.parentTid, id);
  if (has(r.flags, C.CLONE_CHILD_SETTID)) child.user.put(r.childTid, id);
  if (has(r.flags, C.CLONE_PIDFD)) {
    const fd = t.files.install(new PidFile(process, 0), true);
    if (!(fd instanceof Errno)) t.user.set(int, r.pidfd, fd);
  }
  kernel.created(child, t);
  if (!has(r.flags, C.CLONE_VFORK)) return tid;
  child.vforkDone = new WaitQueue();
  const waiting = new Vfork(child, tid);
  t.progress = waiting;
  return waiting.wait();
}

/** A vfork under way: only a deadly signal ends the wait. */
class Vfork {
  readonly #child: Thread;
  readonly #tid: number;
  constructor(child: Thread, tid: number) {
    this.#child = child;
    this.#tid = tid;
  }
  wait(): Result {
    const done = this.#child.vforkDone;
    return done ? new Block([done], undefined, undefined, 'killable') : this.#tid;
  }
}

/** fork's and vfork's requests. */
export const FORK: CloneRequest = {
  flags: 0,
  exitSignal: SIGCHLD,
  stack: 0,
  tls: 0n,
  pidfd: 0,
  parentTid: 0,
  childTid: 0,
};
export const VFORK: CloneRequest = { ...FORK, flags: C.CLONE_VFORK | C.CLONE_VM };
