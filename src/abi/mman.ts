// Memory mapping: asm-generic/mman.h, linux/mman.h.
import { names } from './type.ts';

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const PROT_GROWSDOWN = 0x01000000;
export const PROT_GROWSUP = 0x02000000;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_SHARED_VALIDATE = 3;
export const MAP_TYPE = 0xf;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_32BIT = 0x40;
export const MAP_GROWSDOWN = 0x100;
export const MAP_HUGETLB = 0x40000;
export const MAP_POPULATE = 0x8000;
export const MAP_FIXED_NOREPLACE = 0x100000;
/** Flags that MAP_SHARED has always let pass; MAP_SHARED_VALIDATE knows these and no others. */
export const LEGACY_MAP_MASK = 0x7ffff;
/** /proc/sys/vm/mmap_min_addr */
export const MMAP_MIN_ADDR = 0x1_0000;
export const MADV_DONTNEED = 4;
export const MREMAP_MAYMOVE = 1;
export const MREMAP_FIXED = 2;
export const MREMAP_DONTUNMAP = 4;
export const MS_ASYNC = 1;
export const MS_INVALIDATE = 2;
export const MS_SYNC = 4;

export const prot = names('PROT', {
  PROT_NONE: 0,
  PROT_READ,
  PROT_WRITE,
  PROT_EXEC,
  PROT_SEM: 8,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
});
export const mapFlags = names('MAP', {
  MAP_SHARED,
  MAP_PRIVATE,
  MAP_SHARED_VALIDATE,
  MAP_FIXED,
  MAP_ANONYMOUS,
  MAP_32BIT,
  MAP_GROWSDOWN,
  MAP_DENYWRITE: 0x800,
  MAP_EXECUTABLE: 0x1000,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_POPULATE,
  MAP_NONBLOCK: 0x10000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB,
  MAP_SYNC: 0x80000,
  MAP_FIXED_NOREPLACE,
});
export const mremapFlags = names('MREMAP', { MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP });
export const madvice = names('MADV', {
  MADV_NORMAL: 0,
  MADV_RANDOM: 1,
  MADV_SEQUENTIAL: 2,
  MADV_WILLNEED: 3,
  MADV_DONTNEED,
  MADV_FREE: 8,
  MADV_REMOVE: 9,
  MADV_DONTFORK: 10,
  MADV_DOFORK: 11,
  MADV_MERGEABLE: 12,
  MADV_UNMERGEABLE: 13,
  MADV_HUGEPAGE: 14,
  MADV_NOHUGEPAGE: 15,
  MADV_DONTDUMP: 16,
  MADV_DODUMP: 17,
  MADV_WIPEONFORK: 18,
  MADV_KEEPONFORK: 19,
  MADV_COLD: 20,
  MADV_PAGEOUT: 21,
  MADV_POPULATE_READ: 22,
  MADV_POPULATE_WRITE: 23,
  MADV_DONTNEED_LOCKED: 24,
  MADV_COLLAPSE: 25,
});
export const msyncFlags = names('MS', { MS_ASYNC, MS_INVALIDATE, MS_SYNC });
