// table
// fcntl(2)'s structures and values (asm-generic/fcntl.h, linux/fcntl.h).
import { struct } from './struct.ts';
import { enumOf, int, names, pid, s16, s64 } from './type.ts';

export const FD_CLOEXEC = 1;
export const fdFlags = names('FD', { FD_CLOEXEC });
export const F_RDLCK = 0,
  F_WRLCK = 1,
  F_UNLCK = 2;
export const lockTypes = names('F', { F_RDLCK, F_WRLCK, F_UNLCK });
const lockType = { ...enumOf(lockTypes), size: 2 as const };
/** What F_NOTIFY tells of a directory. */
export const notifications = names('DN', {
  DN_ACCESS: 1,
  DN_MODIFY: 2,
  DN_CREATE: 4,
  DN_DELETE: 8,
  DN_RENAME: 16,
  DN_ATTRIB: 32,
  DN_MULTISHOT: 0x80000000,
});
const lockWhence = { ...enumOf(names('SEEK', { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 })), size: 2 as const };
export const flock = struct('flock', { l_type: lockType, l_whence: lockWhence, l_start: s64, l_len: s64, l_pid: pid });
/** i386's struct flock (its l_start and l_len are long) and flock64 (64-bit fields aligned to 4). */
export const flock32 = struct('flock', { l_type: s16, l_whence: s16, l_start: int, l_len: int, l_pid: pid });
export const F_OWNER_TID = 0,
  F_OWNER_PID = 1,
  F_OWNER_PGRP = 2;
export const f_owner_ex = struct('f_owner_ex', {
  type: enumOf(names('F_OWNER', { F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP })),
  pid: int,
});
export const F_SEAL_SEAL = 1,
  F_SEAL_SHRINK = 2,
  F_SEAL_GROW = 4,
  F_SEAL_WRITE = 8,
  F_SEAL_FUTURE_WRITE = 0x10,
  F_SEAL_EXEC = 0x20;
export const seals = names('F_SEAL', {
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_GROW,
  F_SEAL_WRITE,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_EXEC,
});
export const FALLOC_FL_KEEP_SIZE = 1,
  FALLOC_FL_PUNCH_HOLE = 2,
  FALLOC_FL_COLLAPSE_RANGE = 8,
  FALLOC_FL_ZERO_RANGE = 0x10,
  FALLOC_FL_INSERT_RANGE = 0x20,
  FALLOC_FL_UNSHARE_RANGE = 0x40,
  FALLOC_FL_WRITE_ZEROES = 0x80;
export const fallocateModes = names('FALLOC_FL', {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_NO_HIDE_STALE: 4,
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_ZERO_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_UNSHARE_RANGE,
});
