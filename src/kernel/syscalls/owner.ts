// The fcntl(2) commands about who is told of input and output by signal.
import { EFAULT, EINVAL, Errno, ESRCH } from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import { NSIG } from '../../abi/signal.ts';
import { int, pid, pin, pout, signal, uid } from '../../abi/type.ts';
import { command } from '../command.ts';
import { asyncOf } from '../fs/async.ts';
import type { Thread } from '../thread.ts';

function exists(t: Thread, type: number, id: number): boolean {
  const { kernel } = t;
  if (type === F.F_OWNER_TID) return kernel.thread(id) !== undefined;
  if (type === F.F_OWNER_PID) return kernel.processes.has(id);
  return [...kernel.processes.values()].some((p) => p.pgid === id);
}
export const setOwner = command({
  name: 'F_SETOWN',
  nr: 8,
  arg: pid,
  run(t, file, arg) {
    const who = (arg % 2 ** 32) | 0;
    if (who === -(2 ** 31)) return EINVAL;
    const type = who < 0 ? F.F_OWNER_PGRP : F.F_OWNER_PID;
    if (who !== 0 && !exists(t, type, Math.abs(who))) return ESRCH;
    asyncOf(file, t.kernel).owner = { type, pid: Math.abs(who) };
    return 0;
  },
});
export const ownerCommands = [
  setOwner,
  command({
    name: 'F_GETOWN',
    nr: 9,
    returns: pid,
    run(_t, file) {
      const owner = file.async?.owner;
      return owner ? (owner.type === F.F_OWNER_PGRP ? -owner.pid : owner.pid) : 0;
    },
  }),
  command({
    name: 'F_SETSIG',
    nr: 10,
    arg: signal,
    run(t, file, arg) {
      if (arg > NSIG) return EINVAL;
      asyncOf(file, t.kernel).signal = arg;
      return 0;
    },
  }),
  command({ name: 'F_GETSIG', nr: 11, returns: signal, run: (_t, file) => file.async?.signal ?? 0 }),
  command({
    name: 'F_SETOWN_EX',
    nr: 15,
    arg: pin(F.f_owner_ex),
    run(t, file, arg) {
      const who = t.user.get(F.f_owner_ex, arg);
      if (who instanceof Errno) return EFAULT;
      if (who.type < 0 || who.type > F.F_OWNER_PGRP) return EINVAL;
      if (who.pid !== 0 && !exists(t, who.type, who.pid)) return ESRCH;
      asyncOf(file, t.kernel).owner = who;
      return 0;
    },
  }),
  command({
    name: 'F_GETOWN_EX',
    nr: 16,
    arg: pout(F.f_owner_ex),
    run: (t, file, arg) => t.user.set(F.f_owner_ex, arg, file.async?.owner ?? { type: F.F_OWNER_TID, pid: 0 }) ?? 0,
  }),
  command({
    name: 'F_GETOWNER_UIDS',
    nr: 17,
    arg: pout(uid, 2),
    run: (t, _file, arg) => t.user.set(int, arg, 0) ?? t.user.set(int, arg + 4, 0) ?? 0,
  }),
];
