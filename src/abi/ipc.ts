// System V IPC (linux/ipc.h, linux/shm.h, linux/sem.h, linux/msg.h).
import { struct } from './struct.ts';
import { bytes, hex32, int, long, names, perms, pid, s16, u16, uid, ulong } from './type.ts';

export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000,
  IPC_EXCL = 0o2000,
  IPC_NOWAIT = 0o4000;
export const ipcFlags = names('IPC', { IPC_CREAT, IPC_EXCL, IPC_NOWAIT });
export const IPC_RMID = 0,
  IPC_SET = 1,
  IPC_STAT = 2,
  IPC_INFO = 3,
  IPC_64 = 0x100;

export const ipcPerm = struct('ipc_perm', {
  key: hex32,
  uid,
  gid: uid,
  cuid: uid,
  cgid: uid,
  mode: perms,
  seq: u16,
  pad: u16,
  unused1: ulong,
  unused2: ulong,
});

export const SHM_RDONLY = 0o10000,
  SHM_RND = 0o20000,
  SHM_REMAP = 0o40000,
  SHM_EXEC = 0o100000,
  SHM_DEST = 0o1000,
  SHM_LOCKED = 0o2000,
  SHM_HUGETLB = 0o4000,
  SHM_NORESERVE = 0o10000;
export const shmgetFlags = names('SHM', { IPC_CREAT, IPC_EXCL, SHM_HUGETLB, SHM_NORESERVE });
export const shmatFlags = names('SHM', { SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC });
export const SHM_LOCK = 11,
  SHM_UNLOCK = 12,
  SHM_STAT = 13,
  SHM_INFO = 14,
  SHM_STAT_ANY = 15;
export const shmCommands = names('SHM', {
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  IPC_INFO,
  SHM_LOCK,
  SHM_UNLOCK,
  SHM_STAT,
  SHM_INFO,
  SHM_STAT_ANY,
});
export const shmidDs = struct('shmid_ds', {
  shm_perm: ipcPerm,
  shm_segsz: ulong,
  shm_atime: long,
  shm_dtime: long,
  shm_ctime: long,
  shm_cpid: pid,
  shm_lpid: pid,
  shm_nattch: ulong,
  unused1: ulong,
  unused2: ulong,
});
export const shminfo = struct('shminfo', {
  shmmax: ulong,
  shmmin: ulong,
  shmmni: ulong,
  shmseg: ulong,
  shmall: ulong,
  unused: bytes(32),
});
export const shmInfo = struct('shm_info', {
  used_ids: int,
  shm_tot: ulong,
  shm_rss: ulong,
  shm_swp: ulong,
  swap_attempts: ulong,
  swap_successes: ulong,
});

export const SEM_UNDO = 0x1000;
export const semFlags = names('SEM', { IPC_NOWAIT, SEM_UNDO });
export const sembuf = struct('sembuf', { sem_num: u16, sem_op: s16, sem_flg: s16 });
export const GETPID = 11,
  GETVAL = 12,
  GETALL = 13,
  GETNCNT = 14,
  GETZCNT = 15,
  SETVAL = 16,
  SETALL = 17,
  SEM_STAT = 18,
  SEM_INFO = 19,
  SEM_STAT_ANY = 20;
export const semCommands = names('SEM', {
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  IPC_INFO,
  GETPID,
  GETVAL,
  GETALL,
  GETNCNT,
  GETZCNT,
  SETVAL,
  SETALL,
  SEM_STAT,
  SEM_INFO,
  SEM_STAT_ANY,
});
export const semidDs = struct('semid_ds', {
  sem_perm: ipcPerm,
  sem_otime: long,
  unused1: ulong,
  sem_ctime: long,
  unused2: ulong,
  sem_nsems: ulong,
  unused3: ulong,
  unused4: ulong,
});
export const seminfo = struct('seminfo', {
  semmap: int,
  semmni: int,
  semmns: int,
  semmnu: int,
  semmsl: int,
  semopm: int,
  semume: int,
  semusz: int,
  semvmx: int,
  semaem: int,
});

export const MSG_NOERROR = 0o10000,
  MSG_EXCEPT = 0o20000,
  MSG_COPY = 0o40000;
export const msgFlags = names('MSG', { MSG_NOERROR, MSG_EXCEPT, MSG_COPY, IPC_NOWAIT });
export const MSG_STAT = 11,
  MSG_INFO = 12,
  MSG_STAT_ANY = 13;
export const msgCommands = names('MSG', { IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, MSG_STAT, MSG_INFO, MSG_STAT_ANY });
export const msqidDs = struct('msqid_ds', {
  msg_perm: ipcPerm,
  msg_stime: long,
  msg_rtime: long,
  msg_ctime: long,
  msg_cbytes: ulong,
  msg_qnum: ulong,
  msg_qbytes: ulong,
  msg_lspid: pid,
  msg_lrpid: pid,
  unused1: ulong,
  unused2: ulong,
});
export const msginfo = struct('msginfo', {
  msgpool: int,
  msgmap: int,
  msgmax: int,
  msgmnb: int,
  msgmni: int,
  msgssz: int,
  msgtql: int,
  msgseg: u16,
});
