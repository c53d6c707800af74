// Who a task is: its numbers, users and groups (kernel/sys.c).
import { pid, uid } from '../../abi/type.ts';
import { syscall } from '../syscall.ts';

export const getpid = syscall({
  name: 'getpid',
  nr: { x64: 39, i386: 20 },
  class: 'info',
  args: {},
  returns: pid,
  run: (t) => t.process.pid,
});
export const gettid = syscall({
  name: 'gettid',
  nr: { x64: 186, i386: 224 },
  class: 'info',
  args: {},
  returns: pid,
  run: (t) => t.tid,
});
export const getppid = syscall({
  name: 'getppid',
  nr: { x64: 110, i386: 64 },
  class: 'info',
  args: {},
  returns: pid,
  run: (t) => t.process.ppid,
});
export const getuid = syscall({
  name: 'getuid',
  nr: { x64: 102 },
  class: 'info',
  args: {},
  returns: uid,
  run: (t) => t.credentials.uid,
});
export const geteuid = syscall({
  name: 'geteuid',
  nr: { x64: 107 },
  class: 'info',
  args: {},
  returns: uid,
  run: (t) => t.credentials.euid,
});
export const getgid = syscall({
  name: 'getgid',
  nr: { x64: 104 },
  class: 'info',
  args: {},
  returns: uid,
  run: (t) => t.credentials.gid,
});
export const getegid = syscall({
  name: 'getegid',
  nr: { x64: 108 },
  class: 'info',
  args: {},
  returns: uid,
  run: (t) => t.credentials.egid,
});
