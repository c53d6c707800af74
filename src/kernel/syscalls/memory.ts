// Mappings and their rights (mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/madvise.c).
import { CAP_IPC_LOCK, CAP_SYS_RAWIO } from '../../abi/capability.ts';
import {
  EACCES,
  EAGAIN,
  EBADF,
  EBUSY,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOMEM,
  ENOSPC,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  Errno,
  ESRCH,
} from '../../abi/errno.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_WRITE } from '../../abi/fcntl.ts';
import * as M from '../../abi/mman.ts';
import { O_ACCMODE, O_PATH, O_RDONLY, O_RDWR } from '../../abi/open.ts';
import { RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { addr, custom, enumOf, fd, flags, hexlong, int, pin, size, uint, ulong } from '../../abi/type.ts';
import { iovecIn } from '../../abi/uio.ts';
import { PidFile } from '../fs/pidfd.ts';
import { type AddressSpace, MAX_MAP_COUNT, PAGE, pageDown, pageUp, TASK_SIZE } from '../mm/address-space.ts';
import { advise, isAdvice } from '../mm/advise.ts';
import { type Area, GROWS_DOWN, LOCKED } from '../mm/area.ts';
import { remap } from '../mm/remap.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { mayLookInto } from './pidfd.ts';

export const brk = syscall({
  name: 'brk',
  nr: { x64: 12, i386: 45 },
  class: 'memory',
  args: { addr },
  returns: addr,
  run: (t, { addr }) => t.space.setBrk(addr),
});

/** do_mmap's checks in its order; the placing itself is the address space's. */
function mapChecked(
  t: Thread,
  a: { addr: number; length: number; prot: number; flags: number; fd: number; offset: number },
): number | Errno {
  const anonymous = (a.flags & M.MAP_ANONYMOUS) !== 0;
  const file = anonymous ? undefined : t.files.get(a.fd);
  if (file instanceof Errno || (file && file.flags & O_PATH)) return EBADF;
  if (a.flags & M.MAP_HUGETLB) return anonymous ? ENOMEM : EINVAL;
  if (a.length === 0) return EINVAL;
  const length = pageUp(a.length);
  if (length > TASK_SIZE) return ENOMEM;
  if (a.offset < 0 || a.offset + length > 0x7fff_ffff_ffff_f000) return EOVERFLOW;
  if (t.space.areas.list.length > MAX_MAP_COUNT) return ENOMEM;
  const type = a.flags & M.MAP_TYPE;
  const where = t.space.place(a.addr, length, a.flags);
  if (where instanceof Errno) return where;
  if (where < M.MMAP_MIN_ADDR && !t.capable(CAP_SYS_RAWIO)) return EPERM;
  if (a.flags & M.MAP_LOCKED && !mayLock(t, 0)) return EPERM;
  if ((a.flags & M.MAP_LOCKED || t.space.futureTraits & LOCKED) && !mayLock(t, length)) return EAGAIN;
  const grows = (a.flags & M.MAP_GROWSDOWN) !== 0;
  let may = 7;
  if (!file) {
    if (type !== M.MAP_PRIVATE && (type !== M.MAP_SHARED || grows)) return EINVAL;
  } else {
    const access = file.flags & O_ACCMODE;
    if (type === M.MAP_SHARED_VALIDATE && a.flags & ~M.LEGACY_MAP_MASK) return EOPNOTSUPP;
    if (type !== M.MAP_SHARED && type !== M.MAP_SHARED_VALIDATE && type !== M.MAP_PRIVATE) return EINVAL;
    if (type !== M.MAP_PRIVATE && a.prot & M.PROT_WRITE && access === O_RDONLY) return EACCES;
    if (access !== O_RDONLY && access !== O_RDWR) return EACCES;
    if (!file.page) return ENODEV;
    if (type !== M.MAP_PRIVATE && a.prot & M.PROT_WRITE && file.inode.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
      return EPERM;
    if (grows) return EINVAL;
    if (type !== M.MAP_PRIVATE && access === O_RDONLY) may &= ~M.PROT_WRITE;
  }
  return t.space.map({
    address: where,
    length,
    prot: a.prot,
    flags: (a.flags & ~M.MAP_FIXED_NOREPLACE) | M.MAP_FIXED,
    file,
    offset: a.offset,
    may,
  });
}

export const mmap = syscall({
  name: 'mmap',
  nr: { x64: 9 },
  class: 'memory',
  args: { addr, length: size, prot: flags(M.prot, 'long'), flags: flags(M.mapFlags, 'long'), fd, offset: hexlong },
  returns: addr,
  run(t, a) {
    if (a.offset % PAGE) return EINVAL;
    return mapChecked(t, a);
  },
});

/** Locking memory: CAP_IPC_LOCK, or RLIMIT_MEMLOCK leaves room for `more` bytes (0: any at all). */
function mayLock(t: Thread, more: number): boolean {
  if (t.capable(CAP_IPC_LOCK)) return true;
  return more ? t.space.mayLock(more) : t.space.limit(RLIMIT_MEMLOCK) > 0;
}

export const munmap = syscall({
  name: 'munmap',
  nr: { x64: 11, i386: 91 },
  class: 'memory',
  args: { addr, length: size },
  run(t, { addr, length }) {
    if (addr % PAGE || addr > TASK_SIZE || length > TASK_SIZE - addr || length === 0) return EINVAL;
    const end = addr + pageUp(length);
    const { areas } = t.space;
    // A hole in the middle of an area makes two of it.
    if (areas.list.length >= MAX_MAP_COUNT) {
      const around = areas.find(addr);
      if (around && around.start < addr && around.end > end) return ENOMEM;
    }
    t.space.unmap(addr, length);
    return 0;
  },
});

/** do_mprotect_pkey. */
function protect(t: Thread, addr: number, length: number, asked: number, pkey: number): Errno | 0 {
  const grows = asked & (M.PROT_GROWSDOWN | M.PROT_GROWSUP);
  if (grows === (M.PROT_GROWSDOWN | M.PROT_GROWSUP) || addr % PAGE) return EINVAL;
  if (length === 0) return 0;
  const end = addr + pageUp(length);
  if (end >= 2 ** 64) return ENOMEM;
  const prot = asked - grows;
  if (prot > 15) return EINVAL;
  if (pkey !== -1) return EINVAL;
  let start = addr;
  if (grows) {
    const area = t.space.areas.list[t.space.areas.after(start)];
    if (!area || area.start >= end) return ENOMEM;
    if (grows === M.PROT_GROWSUP || !(area.traits & GROWS_DOWN)) return EINVAL;
    start = area.start;
  }
  return t.space.protect(start, end, prot) ?? 0;
}
export const mprotect = syscall({
  name: 'mprotect',
  nr: { x64: 10, i386: 125 },
  class: 'memory',
  args: { addr, length: size, prot: flags(M.prot, 'long') },
  run: (t, { addr, length, prot }) => protect(t, addr, length, prot, -1),
});
export const pkey_mprotect = syscall({
  name: 'pkey_mprotect',
  nr: { x64: 329, i386: 380 },
  class: 'memory',
  args: { addr, length: size, prot: flags(M.prot, 'long'), pkey: int },
  run: (t, { addr, length, prot, pkey }) => protect(t, addr, length, prot, pkey),
});
/** This CPU has no protection keys: none to give, none to take back. */
export const pkey_alloc = syscall({
  name: 'pkey_alloc',
  nr: { x64: 330, i386: 381 },
  class: 'memory',
  args: { flags: ulong, access_rights: enumOf(M.pkeyRights, 'long') },
  returns: int,
  run: (_t, { flags, access_rights }) => (flags || access_rights > 3 ? EINVAL : ENOSPC),
});
export const pkey_free = syscall({
  name: 'pkey_free',
  nr: { x64: 331, i386: 382 },
  class: 'memory',
  args: { pkey: int },
  run: () => EINVAL,
});

export const mremap = syscall({
  name: 'mremap',
  nr: { x64: 25, i386: 163 },
  class: 'memory',
  args: { old_address: addr, old_size: size, new_size: size, flags: flags(M.mremapFlags, 'long'), new_address: addr },
  returns: addr,
  run: (t, a) =>
    remap(t.space, {
      address: a.old_address,
      oldLength: a.old_size,
      newLength: a.new_size,
      flags: a.flags,
      to: a.new_address,
    }),
});

export const madvise = syscall({
  name: 'madvise',
  nr: { x64: 28, i386: 219 },
  class: 'memory',
  args: { addr, length: size, advice: enumOf(M.madvice) },
  run(t, { addr, length, advice }) {
    if (!isAdvice(advice) || addr % PAGE || addr + pageUp(length) >= 2 ** 64) return EINVAL;
    if (length === 0) return 0;
    return advise(t.space, addr, addr + pageUp(length), advice) ?? 0;
  },
});

/** Only on oneself: advice about others' pages is about reclaiming them, which nothing here does. */
export const process_madvise = syscall({
  name: 'process_madvise',
  nr: { x64: 440, i386: 440 },
  class: 'memory',
  args: { pidfd: fd, iovec: pin(iovecIn, { arg: 'vlen' }), vlen: size, advice: enumOf(M.madvice), flags: uint },
  partial: 'other processes only for advice that changes nothing',
  run(t, a) {
    if (a.flags) return EINVAL;
    if (a.vlen > 1024) return EINVAL;
    const file = t.files.get(a.pidfd);
    if (!(file instanceof PidFile)) return EBADF;
    const p = file.process;
    if (!p.leader) return ESRCH;
    const idle = [M.MADV_COLD, M.MADV_PAGEOUT, M.MADV_WILLNEED].includes(a.advice);
    if (!isAdvice(a.advice) || (p !== t.process && !idle)) return EINVAL;
    if (!mayLookInto(t, p)) return EPERM;
    let done = 0;
    for (let i = 0; i < a.vlen; i++) {
      const v = t.user.get(iovecIn, a.iovec + 16 * i);
      if (v instanceof Errno) return done || EFAULT;
      if (v.iov_base % PAGE) return done || EINVAL;
      const failed = advise(p.leader.space, v.iov_base, v.iov_base + pageUp(v.iov_len), a.advice);
      if (failed) return done || failed;
      done += v.iov_len;
    }
    return done;
  },
});

export const remap_file_pages = syscall({
  name: 'remap_file_pages',
  nr: { x64: 216, i386: 257 },
  class: 'memory',
  args: { addr, size, prot: flags(M.prot, 'long'), pgoff: ulong, flags: flags(M.mapFlags, 'long') },
  run(t, a) {
    const start = pageDown(a.addr);
    const length = pageDown(a.size);
    if (a.prot || length === 0 || start + length > TASK_SIZE) return EINVAL;
    const area = t.space.areas.find(start);
    if (!area?.shared || start + length > area.end) return EINVAL;
    t.space.mapAgain(area, start, length, a.pgoff * PAGE);
    return 0;
  },
});

export const msync = syscall({
  name: 'msync',
  nr: { x64: 26, i386: 144 },
  class: 'memory',
  args: { addr, length: size, flags: flags(M.msyncFlags) },
  run(t, { addr, length, flags }) {
    if (flags & ~(M.MS_ASYNC | M.MS_INVALIDATE | M.MS_SYNC) || addr % PAGE) return EINVAL;
    if (flags & M.MS_ASYNC && flags & M.MS_SYNC) return EINVAL;
    const end = addr + pageUp(length);
    if (end >= 2 ** 64) return ENOMEM;
    // Shared pages are the file's own pages: there is nothing to bring there.
    if (flags & M.MS_INVALIDATE && t.space.areas.overlapping(addr, end).some((a) => a.traits & LOCKED)) return EBUSY;
    return t.space.areas.covers(addr, end) ? 0 : ENOMEM;
  },
});

export const mincore = syscall({
  name: 'mincore',
  nr: { x64: 27, i386: 218 },
  class: 'memory',
  args: { addr, length: size, vec: custom('mincore', 'out') },
  run(t, { addr, length, vec }) {
    if (addr % PAGE) return EINVAL;
    const end = addr + pageUp(length);
    if (end > TASK_SIZE) return ENOMEM;
    const piece = new Uint8Array(PAGE);
    for (let at = addr; at < end; ) {
      let n = 0;
      for (; n < piece.length && at < end; n++, at += PAGE) {
        const area = t.space.areas.find(at);
        if (!area) return ENOMEM;
        piece[n] = isInCore(t.space, area, at) ? 1 : 0;
      }
      if (t.user.put(vec + (at - addr) / PAGE - n, piece.subarray(0, n))) return EFAULT;
    }
    return 0;
  },
});
/** A file's pages count as cached always: they are the host's. */
const isInCore = (space: AddressSpace, a: Area, at: number): boolean =>
  a.anonymous ? a.anonymous.has((a.offset + at - a.start) / PAGE) : a.file !== undefined || space.isResident(at);

/** Locks or unlocks [addr, addr + length). */
function lock(t: Thread, addr: number, length: number, on: boolean, populate: boolean): Errno | 0 {
  if (on && !mayLock(t, 0)) return EPERM;
  const start = pageDown(addr);
  const end = start + pageUp(length + (addr - start));
  if (end >= 2 ** 64) return EINVAL;
  const { space } = t;
  if (on && !t.capable(CAP_IPC_LOCK)) {
    let already = 0;
    for (const a of space.areas.overlapping(start, end))
      if (a.traits & LOCKED) already += Math.min(a.end, end) - Math.max(a.start, start);
    if (!space.mayLock(end - start - already)) return ENOMEM;
  }
  if (start === end) return 0;
  // What lies in front of a hole has changed already.
  let at = start;
  for (const a of space.areas.overlapping(start, end)) {
    if (a.start > at) break;
    at = a.end;
  }
  space.setTraits(start, Math.min(at, end), on ? LOCKED : 0, LOCKED);
  if (at < end) return ENOMEM;
  if (populate && !space.populate(start, end)) return space.lastRefusal === 'bus' ? ENOMEM : EAGAIN;
  return 0;
}
export const mlock = syscall({
  name: 'mlock',
  nr: { x64: 149, i386: 150 },
  class: 'memory',
  args: { addr, length: size },
  run: (t, { addr, length }) => lock(t, addr, length, true, true),
});
export const mlock2 = syscall({
  name: 'mlock2',
  nr: { x64: 325, i386: 376 },
  class: 'memory',
  args: { addr, length: size, flags: flags(M.mlock2Flags) },
  run: (t, { addr, length, flags }) =>
    flags & ~M.MLOCK_ONFAULT ? EINVAL : lock(t, addr, length, true, !(flags & M.MLOCK_ONFAULT)),
});
export const munlock = syscall({
  name: 'munlock',
  nr: { x64: 150, i386: 151 },
  class: 'memory',
  args: { addr, length: size },
  run: (t, { addr, length }) => lock(t, addr, length, false, false),
});
export const mlockall = syscall({
  name: 'mlockall',
  nr: { x64: 151, i386: 152 },
  class: 'memory',
  args: { flags: flags(M.mlockallFlags) },
  run(t, { flags }) {
    if (!flags || flags & ~(M.MCL_CURRENT | M.MCL_FUTURE | M.MCL_ONFAULT) || flags === M.MCL_ONFAULT) return EINVAL;
    if (!mayLock(t, 0)) return EPERM;
    const { space } = t;
    if (flags & M.MCL_CURRENT && !t.capable(CAP_IPC_LOCK) && space.size > space.limit(RLIMIT_MEMLOCK)) return ENOMEM;
    space.futureTraits = flags & M.MCL_FUTURE ? LOCKED : 0;
    if (flags & M.MCL_CURRENT) {
      space.setTraits(0, TASK_SIZE, LOCKED, 0);
      if (!(flags & M.MCL_ONFAULT)) space.populate(0, TASK_SIZE);
    }
    return 0;
  },
});
export const munlockall = syscall({
  name: 'munlockall',
  nr: { x64: 152, i386: 153 },
  class: 'memory',
  args: {},
  run(t) {
    t.space.futureTraits = 0;
    t.space.setTraits(0, TASK_SIZE, 0, LOCKED);
    return 0;
  },
});

/** One CPU, tasks in turns: every access is ordered before the next task runs. Which commands were registered for is kept, as their errors show. */
export const membarrier = syscall({
  name: 'membarrier',
  nr: { x64: 324, i386: 375 },
  class: 'memory',
  args: { cmd: enumOf(M.membarrierCommands), flags: uint, cpu_id: int },
  run(t, { cmd, flags }) {
    if (flags && (cmd !== M.MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ || flags !== 1)) return EINVAL;
    if (cmd === M.MEMBARRIER_CMD_QUERY) return M.MEMBARRIER_ALL;
    if (cmd < 0 || cmd & (cmd - 1) || !(cmd & M.MEMBARRIER_ALL)) return EINVAL;
    if (cmd & M.MEMBARRIER_REGISTERING) t.space.barriers |= cmd;
    else if (cmd & M.MEMBARRIER_PRIVATE && !(t.space.barriers & (cmd << 1))) return EPERM;
    else if (cmd === M.MEMBARRIER_CMD_GET_REGISTRATIONS) return t.space.barriers;
    return 0;
  },
});
