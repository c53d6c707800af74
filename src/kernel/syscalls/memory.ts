// Mappings and their rights (mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/madvise.c).
import { EACCES, EBADF, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import { O_ACCMODE, O_RDONLY, O_RDWR } from '../../abi/open.ts';
import { addr, enumOf, fd, flags, hexlong, size } from '../../abi/type.ts';
import { PAGE, pageUp, TASK_SIZE } from '../mm/address-space.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

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
  if (file instanceof Errno) return EBADF;
  if (a.flags & M.MAP_HUGETLB) return anonymous ? ENOMEM : EINVAL;
  if (a.length === 0) return EINVAL;
  const length = pageUp(a.length);
  if (length > TASK_SIZE) return ENOMEM;
  if (a.offset < 0 || a.offset + length > 0x7fff_ffff_ffff_f000) return EOVERFLOW;
  const type = a.flags & M.MAP_TYPE;
  const where = t.space.place(a.addr, length, a.flags);
  if (where instanceof Errno) return where;
  if (where < M.MMAP_MIN_ADDR && !t.capable(CAP_SYS_RAWIO)) return EPERM;
  const grows = (a.flags & M.MAP_GROWSDOWN) !== 0;
  if (!file) {
    if (type !== M.MAP_PRIVATE && (type !== M.MAP_SHARED || grows)) return EINVAL;
  } else {
    const access = file.flags & O_ACCMODE;
    if (type === M.MAP_SHARED_VALIDATE && a.flags & ~M.LEGACY_MAP_MASK) return EOPNOTSUPP;
    if (type !== M.MAP_SHARED && type !== M.MAP_SHARED_VALIDATE && type !== M.MAP_PRIVATE) return EINVAL;
    if (type !== M.MAP_PRIVATE && a.prot & M.PROT_WRITE && access === O_RDONLY) return EACCES;
    if (access !== O_RDONLY && access !== O_RDWR) return EACCES;
    if (!file.page) return ENODEV;
    if (grows) return EINVAL;
  }
  return t.space.map({
    address: where,
    length,
    prot: a.prot,
    flags: (a.flags & ~M.MAP_FIXED_NOREPLACE) | M.MAP_FIXED,
    file,
    offset: a.offset,
  });
}
const CAP_SYS_RAWIO = 17;

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

export const munmap = syscall({
  name: 'munmap',
  nr: { x64: 11, i386: 91 },
  class: 'memory',
  args: { addr, length: size },
  run(t, { addr, length }) {
    if (addr % PAGE || addr > TASK_SIZE || length > TASK_SIZE - addr || length === 0) return EINVAL;
    t.space.unmap(addr, length);
    return 0;
  },
});

export const mprotect = syscall({
  name: 'mprotect',
  nr: { x64: 10, i386: 125 },
  class: 'memory',
  args: { addr, length: size, prot: flags(M.prot, 'long') },
  run(t, { addr, length, prot }) {
    const grows = prot & (M.PROT_GROWSDOWN | M.PROT_GROWSUP);
    if (grows === (M.PROT_GROWSDOWN | M.PROT_GROWSUP) || addr % PAGE) return EINVAL;
    if (length === 0) return 0;
    const end = addr + pageUp(length);
    if (end <= addr || end > 2 ** 64) return ENOMEM;
    if (prot & ~(M.PROT_READ | M.PROT_WRITE | M.PROT_EXEC | 8 | grows)) return EINVAL;
    return t.space.protect(addr, length, prot) ?? 0;
  },
});

export const mremap = syscall({
  name: 'mremap',
  nr: { x64: 25, i386: 163 },
  class: 'memory',
  args: { old_address: addr, old_size: size, new_size: size, flags: flags(M.mremapFlags, 'long'), new_address: addr },
  returns: addr,
  run(t, a) {
    if (a.flags & ~(M.MREMAP_MAYMOVE | M.MREMAP_FIXED | M.MREMAP_DONTUNMAP)) return EINVAL;
    if (a.flags & (M.MREMAP_FIXED | M.MREMAP_DONTUNMAP) && !(a.flags & M.MREMAP_MAYMOVE)) return EINVAL;
    if (a.flags & M.MREMAP_DONTUNMAP && a.old_size !== a.new_size) return EINVAL;
    if (a.old_address % PAGE || a.new_size === 0 || a.new_size > TASK_SIZE) return EINVAL;
    if (a.flags & M.MREMAP_FIXED) {
      if (a.new_address % PAGE || a.new_address > TASK_SIZE - pageUp(a.new_size)) return EINVAL;
      if (a.old_address + pageUp(a.old_size) > a.new_address && a.new_address + pageUp(a.new_size) > a.old_address)
        return EINVAL;
    }
    return t.space.remap(a.old_address, a.old_size, a.new_size, a.flags, a.new_address);
  },
});

export const madvise = syscall({
  name: 'madvise',
  nr: { x64: 28, i386: 219 },
  class: 'memory',
  args: { addr, length: size, advice: enumOf(M.madvice) },
  partial: 'MADV_FREE, MADV_WIPEONFORK and the like',
  run(t, { addr, length, advice }) {
    if (!M.madvice.entries.some(([, n]) => n === advice)) return EINVAL;
    if (addr % PAGE || addr + pageUp(length) < addr) return EINVAL;
    if (length === 0) return 0;
    if (advice === M.MADV_DONTNEED) return t.space.dontNeed(addr, length) ?? 0;
    return t.space.isMapped(addr, addr + pageUp(length)) ? 0 : ENOMEM;
  },
});
