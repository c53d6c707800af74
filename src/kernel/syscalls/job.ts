// Process groups and sessions (kernel/sys.c).
import { EACCES, EINVAL, EPERM, ESRCH } from '../../abi/errno.ts';
import { pid } from '../../abi/type.ts';
import { syscall } from '../syscall.ts';
import { processOf } from './kill.ts';

export const setpgid = syscall({
  name: 'setpgid',
  nr: { x64: 109, i386: 57 },
  class: 'process',
  args: { pid, pgid: pid },
  run(t, a) {
    const mine = t.process;
    const id = a.pid || mine.pid;
    const group = a.pgid || id;
    if (group < 0) return EINVAL;
    const p = processOf(t, id);
    if (!p) return ESRCH;
    if (p.pid !== id) return EINVAL;
    if (p.parent === mine) {
      if (p.sid !== mine.sid) return EPERM;
      if (p.execed) return EACCES;
    } else if (p !== mine) return ESRCH;
    if (p.sid === p.pid) return EPERM;
    if (group !== id) {
      const members = [...t.kernel.processes.values()].filter((q) => q.pgid === group);
      if (!members.some((q) => q.sid === mine.sid)) return EPERM;
    }
    p.pgid = group;
    return 0;
  },
});
export const getpgid = syscall({
  name: 'getpgid',
  nr: { x64: 121, i386: 132 },
  class: 'info',
  args: { pid },
  returns: pid,
  run: (t, a) => (a.pid === 0 ? t.process : processOf(t, a.pid))?.pgid ?? ESRCH,
});
export const getpgrp = syscall({
  name: 'getpgrp',
  nr: { x64: 111, i386: 65 },
  class: 'info',
  args: {},
  returns: pid,
  run: (t) => t.process.pgid,
});
export const setsid = syscall({
  name: 'setsid',
  nr: { x64: 112, i386: 66 },
  class: 'process',
  args: {},
  returns: pid,
  run(t) {
    const p = t.process;
    for (const q of t.kernel.processes.values()) if (q.pgid === p.pid) return EPERM;
    p.sid = p.pgid = p.pid;
    return p.pid;
  },
});
export const getsid = syscall({
  name: 'getsid',
  nr: { x64: 124, i386: 147 },
  class: 'info',
  args: { pid },
  returns: pid,
  run: (t, a) => (a.pid === 0 ? t.process : processOf(t, a.pid))?.sid ?? ESRCH,
});
