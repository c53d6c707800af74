// semget, semop, semtimedop, semctl (ipc/sem.c).
import { E2BIG, EAGAIN, EFAULT, EFBIG, EIDRM, EINTR, EINVAL, ENOSPC, ERANGE, Errno } from '../../abi/errno.ts';
import * as I from '../../abi/ipc.ts';
import { read, sizeOf, type ValueOf } from '../../abi/struct.ts';
import { timespec } from '../../abi/time.ts';
import { custom, enumOf, hex32, hexlong, int, pin, uint } from '../../abi/type.ts';
import { readTimespec } from '../clock.ts';
import { seconds } from '../ipc/registry.ts';
import { SEMMNI, SEMMNS, SEMMSL, SEMOPM, SEMVMX, SemaphoreSet, type SemWaiter } from '../ipc/sem.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

export const semget = syscall({
  name: 'semget',
  nr: { x64: 64, i386: 393 },
  class: 'ipc',
  args: { key: hex32, nsems: int, semflg: custom('ipcget', 'in') },
  returns: int,
  run(t, a) {
    if (a.nsems < 0 || a.nsems > SEMMSL) return EINVAL;
    const { semaphores } = t.kernel;
    const flag = a.semflg % 0x1_0000_0000;
    const make = (): SemaphoreSet | Errno => {
      if (a.nsems === 0) return EINVAL;
      let all = a.nsems;
      for (const s of semaphores) all += s.values.length;
      return all > SEMMNS ? ENOSPC : new SemaphoreSet(t, a.key, flag, a.nsems);
    };
    return semaphores.find(t, a.key, flag, make, (s) => (a.nsems > s.values.length ? EINVAL : undefined));
  },
});

type Operation = ValueOf<typeof I.sembuf>;
function readOperations(t: Thread, at: number, n: number): Operation[] | Errno {
  const { size } = sizeOf(I.sembuf, t.abi);
  const bytes = t.user.bytes(at, n * size);
  if (bytes instanceof Errno) return EFAULT;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: n }, (_, i) => read(I.sembuf, v, i * size, t.abi));
}

/** Does all operations or none: the one that has to wait is given instead. */
function perform(t: Thread, set: SemaphoreSet, operations: readonly Operation[]): Operation | Errno | undefined {
  const values = Int32Array.from(set.values);
  const undo = operations.some((o) => o.sem_flg & I.SEM_UNDO)
    ? Int32Array.from(t.process.semaphoreUndo.of(set))
    : undefined;
  for (const o of operations) {
    const now = values[o.sem_num] as number;
    const next = now + o.sem_op;
    if (o.sem_op === 0 ? now !== 0 : next < 0) return o.sem_flg & I.IPC_NOWAIT ? EAGAIN : o;
    if (next > SEMVMX) return ERANGE;
    values[o.sem_num] = next;
    if (!(o.sem_flg & I.SEM_UNDO) || !undo) continue;
    const back = (undo[o.sem_num] as number) - o.sem_op;
    if (back < -SEMVMX - 1 || back > SEMVMX) return ERANGE;
    undo[o.sem_num] = back;
  }
  set.values.set(values);
  if (undo) t.process.semaphoreUndo.of(set).set(undo);
  for (const o of operations) set.pids[o.sem_num] = t.process.pid;
  set.otime = seconds(t);
  if (operations.some((o) => o.sem_op !== 0)) set.queue.wake();
  return undefined;
}

function operate(t: Thread, semid: number, at: number, n: number, timeout: number): Result {
  if (timeout) {
    const ns = readTimespec(t, timeout);
    if (ns instanceof Errno) return ns;
    t.deadline ??= t.kernel.monotonic() + ns;
  }
  if (n < 1 || semid < 0) return EINVAL;
  if (n > SEMOPM) return E2BIG;
  const operations = readOperations(t, at, n);
  if (operations instanceof Errno) return operations;
  const waiter = t.progress as (SemWaiter & { readonly set: SemaphoreSet }) | undefined;
  waiter?.set.done(waiter);
  const set = t.kernel.semaphores.get(semid);
  if (set instanceof Errno) return waiter ? EIDRM : set;
  if (operations.some((o) => o.sem_num >= set.values.length)) return EFBIG;
  const denied = set.permits(t, operations.some((o) => o.sem_op !== 0) ? 0o222 : 0o444);
  if (denied) return denied;
  const stuck = perform(t, set, operations);
  if (stuck === undefined) return 0;
  if (stuck instanceof Errno) return stuck;
  if (t.interrupted) return EINTR;
  if (t.deadline !== undefined && t.kernel.monotonic() >= t.deadline) return EAGAIN;
  const waiting = { thread: t, number: stuck.sem_num, forZero: stuck.sem_op === 0, set };
  t.progress = waiting;
  set.wait(waiting);
  return new Block([set.queue], t.deadline, EINTR);
}
export const semop = syscall({
  name: 'semop',
  nr: { x64: 65 },
  class: 'ipc',
  args: { semid: int, sops: pin(I.sembuf, { arg: 'nsops' }), nsops: uint },
  run: (t, a) => operate(t, a.semid, a.sops, a.nsops, 0),
});
export const semtimedop = syscall({
  name: 'semtimedop',
  nr: { x64: 220 },
  class: 'ipc',
  args: { semid: int, sops: pin(I.sembuf, { arg: 'nsops' }), nsops: uint, timeout: pin(timespec) },
  run: (t, a) => operate(t, a.semid, a.sops, a.nsops, a.timeout),
});

function stat(t: Thread, s: SemaphoreSet, at: number): Errno | undefined {
  const none = { key: 0, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0, seq: 0, pad: 0, unused1: 0, unused2: 0 };
  return t.user.set(I.semidDs, at, {
    sem_perm: { ...none, ...s.permissions() },
    sem_otime: s.otime,
    sem_ctime: s.ctime,
    sem_nsems: s.values.length,
  });
}
function info(t: Thread, command: number, at: number): Result {
  const { semaphores } = t.kernel;
  let all = 0;
  for (const s of semaphores) all += s.values.length;
  const failed = t.user.set(I.seminfo, at, {
    semmap: SEMMNS,
    semmni: SEMMNI,
    semmns: SEMMNS,
    semmnu: SEMMNS,
    semmsl: SEMMSL,
    semopm: SEMOPM,
    semume: SEMOPM,
    semusz: command === I.SEM_INFO ? semaphores.used : 20,
    semvmx: SEMVMX,
    semaem: command === I.SEM_INFO ? all : SEMVMX,
  });
  return failed ? EFAULT : semaphores.highest;
}

/** Commands about one semaphore's value or all of them. */
function values(t: Thread, s: SemaphoreSet, number: number, command: number, arg: number): Result {
  const n = s.values.length;
  switch (command) {
    case I.GETALL: {
      const out = Uint16Array.from(s.values);
      return t.user.put(arg, new Uint8Array(out.buffer)) ? EFAULT : 0;
    }
    case I.SETALL: {
      const bytes = t.user.bytes(arg, 2 * n);
      if (bytes instanceof Errno) return EFAULT;
      const v = new DataView(bytes.buffer, bytes.byteOffset, 2 * n);
      const next = Array.from({ length: n }, (_, i) => v.getUint16(2 * i, true));
      if (next.some((x) => x > SEMVMX)) return ERANGE;
      s.values.set(next);
      s.pids.fill(t.process.pid);
      return changed(t, s, undefined);
    }
    case I.SETVAL: {
      const value = (arg % 0x1_0000_0000) | 0;
      if (value < 0 || value > SEMVMX) return ERANGE;
      s.values[number] = value;
      s.pids[number] = t.process.pid;
      return changed(t, s, number);
    }
    case I.GETVAL:
      return s.values[number] as number;
    case I.GETPID:
      return s.pids[number] as number;
    default:
      return s.waiting(number, command === I.GETZCNT);
  }
}
function changed(t: Thread, s: SemaphoreSet, number: number | undefined): number {
  for (const p of t.kernel.processes.values()) p.semaphoreUndo.forget(s, number);
  s.ctime = seconds(t);
  s.queue.wake();
  return 0;
}

const OF_ONE: readonly number[] = [I.GETVAL, I.GETPID, I.GETNCNT, I.GETZCNT, I.SETVAL];
const OF_ALL: readonly number[] = [I.GETALL, I.SETALL];
export const semctl = syscall({
  name: 'semctl',
  nr: { x64: 66, i386: 394 },
  class: 'ipc',
  args: { semid: int, semnum: int, cmd: enumOf(I.semCommands), arg: hexlong },
  run(t, a) {
    const command = a.cmd & ~I.IPC_64;
    if (a.semid < 0) return EINVAL;
    const { semaphores } = t.kernel;
    if (command === I.IPC_INFO || command === I.SEM_INFO) return info(t, command, a.arg);
    if (command === I.SEM_STAT || command === I.SEM_STAT_ANY) {
      const s = semaphores.atPlace(a.semid);
      if (!s) return EINVAL;
      const denied = command === I.SEM_STAT ? s.permits(t, 0o444) : undefined;
      return denied ?? (stat(t, s, a.arg) ? EFAULT : s.id);
    }
    const about = [...OF_ONE, ...OF_ALL, I.IPC_STAT, I.IPC_SET, I.IPC_RMID];
    if (!about.includes(command)) return EINVAL;
    const given = command === I.IPC_SET ? t.user.get(I.semidDs, a.arg) : undefined;
    if (given instanceof Errno) return EFAULT;
    const s = semaphores.get(a.semid);
    if (s instanceof Errno) return s;
    if (command === I.IPC_STAT) return s.permits(t, 0o444) ?? (stat(t, s, a.arg) ? EFAULT : 0);
    if (given) return s.belongsTo(t) ?? s.setOwner(t, given.sem_perm) ?? 0;
    if (command === I.IPC_RMID) {
      const refused = s.belongsTo(t);
      if (refused) return refused;
      semaphores.delete(s);
      s.queue.wake();
      return 0;
    }
    if (OF_ONE.includes(command) && (a.semnum < 0 || a.semnum >= s.values.length)) return EINVAL;
    const writes = command === I.SETVAL || command === I.SETALL;
    return s.permits(t, writes ? 0o222 : 0o444) ?? values(t, s, a.semnum, command, a.arg);
  },
});
