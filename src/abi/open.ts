// open(2) flags on x86 (asm-generic/fcntl.h), in strace's order: larger combinations before the bits they contain.
import { names } from './type.ts';

export const O_RDONLY = 0,
  O_WRONLY = 1,
  O_RDWR = 2,
  O_ACCMODE = 3;
export const O_CREAT = 0o100,
  O_EXCL = 0o200,
  O_NOCTTY = 0o400,
  O_TRUNC = 0o1000,
  O_APPEND = 0o2000,
  O_NONBLOCK = 0o4000,
  O_DSYNC = 0o10000,
  O_ASYNC = 0o20000,
  O_DIRECT = 0o40000,
  O_LARGEFILE = 0o100000,
  O_DIRECTORY = 0o200000,
  O_NOFOLLOW = 0o400000,
  O_NOATIME = 0o1000000,
  O_CLOEXEC = 0o2000000,
  O_SYNC = 0o4010000,
  O_PATH = 0o10000000,
  O_TMPFILE = 0o20200000;
export const openFlags = names('O', {
  O_CREAT,
  O_EXCL,
  O_NOCTTY,
  O_TRUNC,
  O_APPEND,
  O_NONBLOCK,
  O_SYNC,
  __O_SYNC: 0o4000000,
  O_DSYNC,
  O_DIRECT,
  O_LARGEFILE,
  O_NOFOLLOW,
  O_NOATIME,
  O_CLOEXEC,
  O_PATH,
  O_TMPFILE,
  __O_TMPFILE: 0o20000000,
  O_DIRECTORY,
  FASYNC: O_ASYNC,
});
export const accessModes = names('O', { O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE });
export const AT_FDCWD = -100,
  AT_SYMLINK_NOFOLLOW = 0x100,
  AT_REMOVEDIR = 0x200,
  AT_EACCESS = 0x200,
  AT_SYMLINK_FOLLOW = 0x400,
  AT_EMPTY_PATH = 0x1000;
export const atFlags = names('AT', {
  AT_SYMLINK_NOFOLLOW,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH,
  AT_RECURSIVE: 0x8000,
});
export const statFlags = names('AT', { AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, AT_NO_AUTOMOUNT: 0x800, AT_EMPTY_PATH });
export const removeFlags = names('AT', { AT_REMOVEDIR });
export const accessFlags = names('AT', { AT_SYMLINK_NOFOLLOW, AT_EACCESS, AT_EMPTY_PATH });
export const accessBits = names('?_OK', { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 });
export const whence = names('SEEK', { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2, SEEK_DATA: 3, SEEK_HOLE: 4 });
export const RESOLVE_NO_XDEV = 1,
  RESOLVE_NO_MAGICLINKS = 2,
  RESOLVE_NO_SYMLINKS = 4,
  RESOLVE_BENEATH = 8,
  RESOLVE_IN_ROOT = 0x10,
  RESOLVE_CACHED = 0x20;
export const resolveFlags = names('RESOLVE', {
  RESOLVE_NO_XDEV,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  RESOLVE_CACHED,
});
