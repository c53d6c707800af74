// memfd_create(2).
import { EINVAL, Errno } from '../../abi/errno.ts';
import { cstring, fd, flags, names } from '../../abi/type.ts';
import { makeMemfd } from '../fs/memfd.ts';
import { syscall } from '../syscall.ts';

const MFD_CLOEXEC = 1,
  MFD_ALLOW_SEALING = 2,
  MFD_HUGETLB = 4,
  MFD_NOEXEC_SEAL = 8,
  MFD_EXEC = 0x10;
const NAME_MAX = 249;
export const memfd_create = syscall({
  name: 'memfd_create',
  nr: { x64: 319, i386: 356 },
  class: 'file.open',
  args: {
    name: cstring,
    flags: flags(names('MFD', { MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_HUGETLB, MFD_NOEXEC_SEAL, MFD_EXEC })),
  },
  returns: fd,
  partial: 'MFD_HUGETLB: there are no huge pages.',
  run(task, { name, flags }) {
    const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;
    if (flags & ~known) return EINVAL;
    if ((flags & (MFD_NOEXEC_SEAL | MFD_EXEC)) === (MFD_NOEXEC_SEAL | MFD_EXEC)) return EINVAL;
    const text = task.user.string(name, NAME_MAX + 1);
    if (text instanceof Errno) return text.name === 'ENAMETOOLONG' ? EINVAL : text;
    const exec = !(flags & MFD_NOEXEC_SEAL);
    const file = makeMemfd(task, text, (flags & MFD_ALLOW_SEALING) !== 0 || !exec, exec);
    const fd = task.files.install(file, (flags & MFD_CLOEXEC) !== 0);
    if (fd instanceof Errno) file.release();
    return fd;
  },
});
