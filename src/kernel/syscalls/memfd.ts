// memfd_create(2), and the seals of its files.
import { EBUSY, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import * as F from '../../abi/fcntl.ts';
import { O_ACCMODE, O_RDONLY } from '../../abi/open.ts';
import { cstring, fd, flags, names } from '../../abi/type.ts';
import { command } from '../command.ts';
import { makeMemfd } from '../fs/memfd.ts';
import type { Inode } from '../fs/vfs.ts';
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

const ALL_SEALS = F.seals.entries.reduce((all, [, bit]) => all | bit, 0);
const EXECUTABLE = F.F_SEAL_SHRINK | F.F_SEAL_GROW | F.F_SEAL_WRITE | F.F_SEAL_FUTURE_WRITE;
export const sealCommands = [
  command({
    name: 'F_ADD_SEALS',
    nr: 1033,
    arg: flags(F.seals),
    run(_t, file, arg) {
      const { inode } = file;
      if ((file.flags & O_ACCMODE) === O_RDONLY) return EPERM;
      if (arg >= 2 ** 32 || arg & ~ALL_SEALS) return EINVAL;
      if (!inode.sealable) return EINVAL;
      if (inode.seals & F.F_SEAL_SEAL) return EPERM;
      if (arg & F.F_SEAL_WRITE && !(inode.seals & F.F_SEAL_WRITE) && mappedForWriting(inode)) return EBUSY;
      // What may be executed for good may not be changed either.
      const implied = arg & F.F_SEAL_EXEC && inode.attributes().mode & 0o111 ? EXECUTABLE : 0;
      inode.seals |= arg | implied;
      return 0;
    },
  }),
  command({
    name: 'F_GET_SEALS',
    nr: 1034,
    returns: flags(F.seals),
    run: (_t, { inode }) => (inode.sealable ? inode.seals : EINVAL),
  }),
];
const mappedForWriting = (inode: Inode): boolean => [...(inode.watchers ?? [])].some((w) => w.writes(inode));
