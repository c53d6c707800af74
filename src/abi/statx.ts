// table
// statx's masks and attribute bits (linux/stat.h), device numbers.
import { names } from './type.ts';

export const STATX_TYPE = 1,
  STATX_MODE = 2,
  STATX_BASIC_STATS = 0x7ff,
  STATX_BTIME = 0x800,
  STATX_MNT_ID = 0x1000,
  STATX_MTIME = 0x40,
  STATX_CTIME = 0x80,
  STATX_DIOALIGN = 0x2000,
  STATX_MNT_ID_UNIQUE = 0x4000;
export const STATX__RESERVED = 0x8000_0000;
export const statxMask = names('STATX', {
  STATX_ALL: 0xfff,
  STATX_BASIC_STATS,
  STATX_TYPE,
  STATX_MODE,
  STATX_NLINK: 4,
  STATX_UID: 8,
  STATX_GID: 0x10,
  STATX_ATIME: 0x20,
  STATX_MTIME,
  STATX_CTIME,
  STATX_INO: 0x100,
  STATX_SIZE: 0x200,
  STATX_BLOCKS: 0x400,
  STATX_BTIME,
  STATX_MNT_ID,
  STATX_DIOALIGN,
});
export const AT_STATX_SYNC_TYPE = 0x6000;
export const statxFlags = names('AT', {
  AT_STATX_SYNC_AS_STAT: 0,
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
  AT_STATX_FORCE_SYNC: 0x2000,
  AT_STATX_DONT_SYNC: 0x4000,
});
export const STATX_ATTR_COMPRESSED = 4,
  STATX_ATTR_IMMUTABLE = 0x10,
  STATX_ATTR_APPEND = 0x20,
  STATX_ATTR_NODUMP = 0x40,
  STATX_ATTR_ENCRYPTED = 0x800,
  STATX_ATTR_AUTOMOUNT = 0x1000,
  STATX_ATTR_MOUNT_ROOT = 0x2000,
  STATX_ATTR_VERITY = 0x100000,
  STATX_ATTR_DAX = 0x200000;

/** Device numbers as stat(2) has them: minor's low byte, 12 bits of major, the rest of minor. */
export const major = (dev: number): number => (dev >>> 8) & 0xfff;
export const minor = (dev: number): number => (dev & 0xff) | ((dev >>> 12) & 0xfff00);
export const makedev = (maj: number, min: number): number =>
  ((min & 0xff) | ((maj & 0xfff) << 8) | ((min & 0xfff00) << 12)) >>> 0;
