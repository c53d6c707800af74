// msgget, msgsnd, msgrcv, msgctl (ipc/msg.c).
import { CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { E2BIG, EAGAIN, EFAULT, EIDRM, EINVAL, ENOMSG, ENOSYS, EPERM, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import * as I from '../../abi/ipc.ts';
import { addr, custom, enumOf, flags, hex32, int, long, size } from '../../abi/type.ts';
import { MessageQueue, MSGMAX, MSGMNB, MSGMNI } from '../ipc/msg.ts';
import { seconds } from '../ipc/registry.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

export const msgget = syscall({
  name: 'msgget',
  nr: { x64: 68, i386: 399 },
  class: 'ipc',
  args: { key: hex32, msgflg: custom('ipcget', 'in') },
  returns: int,
  run(t, a) {
    const flag = a.msgflg % 0x1_0000_0000;
    return t.kernel.messageQueues.find(t, a.key, flag, () => new MessageQueue(t, a.key, flag));
  },
});

/** The queue, or what a sleeper learns of one that is gone. */
function queueOf(t: Thread, id: number): MessageQueue | Errno {
  const q = t.kernel.messageQueues.get(id);
  return q instanceof Errno && t.progress !== undefined ? EIDRM : q;
}

export const msgsnd = syscall({
  name: 'msgsnd',
  nr: { x64: 69, i386: 400 },
  class: 'ipc',
  args: { msqid: int, msgp: addr, msgsz: size, msgflg: flags(I.msgFlags) },
  run(t, a) {
    const type = t.user.get(long, a.msgp);
    if (type instanceof Errno) return EFAULT;
    if (a.msgsz > MSGMAX || a.msqid < 0 || type < 1) return EINVAL;
    const data = t.user.bytes(a.msgp + (t.abi === 'x64' ? 8 : 4), a.msgsz);
    if (data instanceof Errno) return EFAULT;
    const q = queueOf(t, a.msqid);
    if (q instanceof Errno) return q;
    const denied = q.permits(t, 0o222);
    if (denied) return denied;
    if (!q.hasRoom(a.msgsz)) {
      if (a.msgflg & I.IPC_NOWAIT) return EAGAIN;
      t.progress = q;
      return new Block([q.queue], undefined, ERESTARTNOHAND);
    }
    q.lastSender = t.process.pid;
    q.stime = seconds(t);
    q.put({ type, data: data.slice() });
    return 0;
  },
});

export const msgrcv = syscall({
  name: 'msgrcv',
  nr: { x64: 70, i386: 401 },
  class: 'ipc',
  args: { msqid: int, msgp: addr, msgsz: size, msgtyp: long, msgflg: flags(I.msgFlags) },
  returns: long,
  run(t, a) {
    if (a.msqid < 0 || a.msgsz >= 2 ** 63) return EINVAL;
    // Copying without taking is for checkpoints: a kernel built without them.
    if (a.msgflg & I.MSG_COPY) return a.msgflg & I.MSG_EXCEPT || !(a.msgflg & I.IPC_NOWAIT) ? EINVAL : ENOSYS;
    const q = queueOf(t, a.msqid);
    if (q instanceof Errno) return q;
    const denied = q.permits(t, 0o444);
    if (denied) return denied;
    const place = q.find(a.msgtyp, (a.msgflg & I.MSG_EXCEPT) !== 0);
    if (place < 0) {
      if (a.msgflg & I.IPC_NOWAIT) return ENOMSG;
      t.progress = q;
      return new Block([q.queue], undefined, ERESTARTNOHAND);
    }
    const whole = q.messages[place]?.data.length ?? 0;
    if (whole > a.msgsz && !(a.msgflg & I.MSG_NOERROR)) return E2BIG;
    const m = q.take(place);
    q.lastReceiver = t.process.pid;
    q.rtime = seconds(t);
    const data = m.data.subarray(0, Math.min(a.msgsz, whole));
    if (t.user.set(long, a.msgp, m.type)) return EFAULT;
    return t.user.put(a.msgp + (t.abi === 'x64' ? 8 : 4), data) ? EFAULT : data.length;
  },
});

function stat(t: Thread, q: MessageQueue, at: number): Errno | undefined {
  const none = { key: 0, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0, seq: 0, pad: 0, unused1: 0, unused2: 0 };
  return t.user.set(I.msqidDs, at, {
    msg_perm: { ...none, ...q.permissions() },
    msg_stime: q.stime,
    msg_rtime: q.rtime,
    msg_ctime: q.ctime,
    msg_cbytes: q.bytes,
    msg_qnum: q.messages.length,
    msg_qbytes: q.limit,
    msg_lspid: q.lastSender,
    msg_lrpid: q.lastReceiver,
  });
}
function info(t: Thread, command: number, at: number): Result {
  const all = [...t.kernel.messageQueues];
  const now = command === I.MSG_INFO;
  const failed = t.user.set(I.msginfo, at, {
    msgpool: now ? all.length : Math.floor((MSGMNI * MSGMNB) / 1024),
    msgmap: now ? all.reduce((n, q) => n + q.messages.length, 0) : MSGMNB,
    msgmax: MSGMAX,
    msgmnb: MSGMNB,
    msgmni: MSGMNI,
    msgssz: 16,
    msgtql: now ? all.reduce((n, q) => n + q.bytes, 0) : MSGMNB,
    msgseg: 0xffff,
  });
  return failed ? EFAULT : t.kernel.messageQueues.highest;
}
function change(t: Thread, q: MessageQueue, at: number): Result {
  const given = t.user.get(I.msqidDs, at);
  if (given instanceof Errno) return EFAULT;
  const refused = q.belongsTo(t);
  if (refused) return refused;
  if (given.msg_qbytes > MSGMNB && !t.capable(CAP_SYS_RESOURCE)) return EPERM;
  const bad = q.setOwner(t, given.msg_perm);
  if (bad) return bad;
  q.limit = given.msg_qbytes;
  q.queue.wake();
  return 0;
}
export const msgctl = syscall({
  name: 'msgctl',
  nr: { x64: 71, i386: 402 },
  class: 'ipc',
  args: { msqid: int, cmd: enumOf(I.msgCommands), buf: custom('msqid_ds', 'inout') },
  run(t, a) {
    const command = a.cmd & ~I.IPC_64;
    if (a.msqid < 0 || command < 0) return EINVAL;
    const { messageQueues } = t.kernel;
    if (command === I.IPC_INFO || command === I.MSG_INFO) return info(t, command, a.buf);
    if (command === I.MSG_STAT || command === I.MSG_STAT_ANY) {
      const q = messageQueues.atPlace(a.msqid);
      if (!q) return EINVAL;
      const denied = command === I.MSG_STAT ? q.permits(t, 0o444) : undefined;
      return denied ?? (stat(t, q, a.buf) ? EFAULT : q.id);
    }
    if (command !== I.IPC_STAT && command !== I.IPC_SET && command !== I.IPC_RMID) return EINVAL;
    if (command === I.IPC_SET && t.user.get(I.msqidDs, a.buf) instanceof Errno) return EFAULT;
    const q = messageQueues.get(a.msqid);
    if (q instanceof Errno) return q;
    if (command === I.IPC_STAT) return q.permits(t, 0o444) ?? (stat(t, q, a.buf) ? EFAULT : 0);
    if (command === I.IPC_SET) return change(t, q, a.buf);
    const refused = q.belongsTo(t);
    if (refused) return refused;
    messageQueues.delete(q);
    q.queue.wake();
    return 0;
  },
});
