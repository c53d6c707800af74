// Making and awaiting tasks (linux/sched.h, linux/wait.h).
import { struct } from './struct.ts';
import { big64, names } from './type.ts';

export const CSIGNAL = 0xff,
  CLONE_VM = 0x100,
  CLONE_FS = 0x200,
  CLONE_FILES = 0x400,
  CLONE_SIGHAND = 0x800,
  CLONE_PIDFD = 0x1000,
  CLONE_PTRACE = 0x2000,
  CLONE_VFORK = 0x4000,
  CLONE_PARENT = 0x8000,
  CLONE_THREAD = 0x10000,
  CLONE_NEWNS = 0x20000,
  CLONE_SYSVSEM = 0x40000,
  CLONE_SETTLS = 0x80000,
  CLONE_PARENT_SETTID = 0x100000,
  CLONE_CHILD_CLEARTID = 0x200000,
  CLONE_DETACHED = 0x400000,
  CLONE_UNTRACED = 0x800000,
  CLONE_CHILD_SETTID = 0x1000000,
  CLONE_NEWCGROUP = 0x2000000,
  CLONE_NEWUTS = 0x4000000,
  CLONE_NEWIPC = 0x8000000,
  CLONE_NEWUSER = 0x10000000,
  CLONE_NEWPID = 0x20000000,
  CLONE_NEWNET = 0x40000000,
  CLONE_IO = 0x80000000,
  CLONE_NEWTIME = 0x80,
  CLONE_CLEAR_SIGHAND = 0x1_0000_0000,
  CLONE_INTO_CGROUP = 0x2_0000_0000;
export const cloneFlags = names('CLONE', {
  CLONE_VM,
  CLONE_FS,
  CLONE_FILES,
  CLONE_SIGHAND,
  CLONE_PIDFD,
  CLONE_PTRACE,
  CLONE_VFORK,
  CLONE_PARENT,
  CLONE_THREAD,
  CLONE_NEWNS,
  CLONE_SYSVSEM,
  CLONE_SETTLS,
  CLONE_PARENT_SETTID,
  CLONE_CHILD_CLEARTID,
  CLONE_UNTRACED,
  CLONE_CHILD_SETTID,
  CLONE_NEWCGROUP,
  CLONE_NEWUTS,
  CLONE_NEWIPC,
  CLONE_NEWUSER,
  CLONE_NEWPID,
  CLONE_NEWNET,
  CLONE_IO,
  CLONE_CLEAR_SIGHAND,
  CLONE_INTO_CGROUP,
});
/** clone3's argument; its first version ends behind `tls`. */
export const cloneArgs = struct('clone_args', {
  flags: big64,
  pidfd: big64,
  child_tid: big64,
  parent_tid: big64,
  exit_signal: big64,
  stack: big64,
  stack_size: big64,
  tls: big64,
  set_tid: big64,
  set_tid_size: big64,
  cgroup: big64,
});
export const CLONE_ARGS_SIZE_VER0 = 64;

export const WNOHANG = 1,
  WUNTRACED = 2,
  WEXITED = 4,
  WCONTINUED = 8,
  WNOWAIT = 0x01000000,
  WNOTHREAD = 0x20000000,
  WALL = 0x40000000,
  WCLONE = 0x80000000;
export const wait4Options = names('W', {
  WNOHANG,
  WUNTRACED,
  WEXITED,
  WCONTINUED,
  WNOWAIT,
  __WCLONE: WCLONE,
  __WALL: WALL,
  __WNOTHREAD: WNOTHREAD,
});
export const waitidOptions = names('W', {
  WNOHANG,
  WSTOPPED: WUNTRACED,
  WEXITED,
  WCONTINUED,
  WNOWAIT,
  __WCLONE: WCLONE,
  __WALL: WALL,
  __WNOTHREAD: WNOTHREAD,
});
export const P_ALL = 0,
  P_PID = 1,
  P_PGID = 2,
  P_PIDFD = 3;
export const idTypes = names('P', { P_ALL, P_PID, P_PGID, P_PIDFD });
export const kcmpTypes = names('KCMP', {
  KCMP_FILE: 0,
  KCMP_VM: 1,
  KCMP_FILES: 2,
  KCMP_FS: 3,
  KCMP_SIGHAND: 4,
  KCMP_IO: 5,
  KCMP_SYSVSEM: 6,
  KCMP_EPOLL_TFD: 7,
});
export const pidfdFlags = names('PIDFD', { PIDFD_NONBLOCK: 0o4000, PIDFD_THREAD: 0o200 });
export const pidfdSignalFlags = names('PIDFD_SIGNAL', {
  PIDFD_SIGNAL_THREAD: 1,
  PIDFD_SIGNAL_THREAD_GROUP: 2,
  PIDFD_SIGNAL_PROCESS_GROUP: 4,
});
