// openat2(2), and opening by handle.
import * as C from '../../abi/capability.ts';
import { E2BIG, EBADF, EFAULT, EINVAL, ENOENT, EOPNOTSUPP, EPERM, Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { struct } from '../../abi/struct.ts';
import { custom, dirfd, fd, flags, int, path, perms, pin, pout, size } from '../../abi/type.ts';
import { resolveAt, startOf } from '../fs/at.ts';
import { openFile } from '../fs/open.ts';
import { syscall } from '../syscall.ts';
import { Block } from '../wait.ts';

const HOW_SIZE = 24;
const how = struct('open_how', {
  flags: { ...flags(O.openFlags), size: 8 },
  mode: { ...perms, size: 8 },
  resolve: { ...flags(O.resolveFlags), size: 8 },
});
const VALID = O.openFlags.entries.reduce((all, [, bit]) => all | bit, O.O_ACCMODE);
const RESOLVE_ALL = O.resolveFlags.entries.reduce((all, [, bit]) => all | bit, 0);
const PATH_FLAGS = O.O_DIRECTORY | O.O_NOFOLLOW | O.O_PATH | O.O_CLOEXEC;

export const openat2 = syscall({
  name: 'openat2',
  nr: { x64: 437, i386: 437 },
  class: 'file.open',
  args: { dirfd, pathname: path, how: pin(how), size },
  returns: fd,
  run(task, { dirfd, pathname, how: at, size }) {
    if (size < HOW_SIZE) return EINVAL;
    if (size > 4096) return E2BIG;
    const h = task.user.get(how, at);
    if (h instanceof Errno) return h;
    const more = task.user.bytes(at + HOW_SIZE, size - HOW_SIZE);
    if (more instanceof Errno) return EFAULT;
    if (more.some((b) => b !== 0)) return E2BIG;
    if (h.flags > 0xffff_ffff || h.flags & ~VALID || h.resolve > RESOLVE_ALL || h.resolve & ~RESOLVE_ALL) return EINVAL;
    if (h.resolve & O.RESOLVE_BENEATH && h.resolve & O.RESOLVE_IN_ROOT) return EINVAL;
    const makes = h.flags & O.O_CREAT || (h.flags & O.O_TMPFILE) === O.O_TMPFILE;
    if (makes ? h.mode > 0o7777 : h.mode !== 0) return EINVAL;
    if (h.flags & O.O_PATH && h.flags & ~PATH_FLAGS) return EINVAL;
    const text = task.user.string(pathname);
    if (text instanceof Errno) return text;
    const start =
      h.resolve & O.RESOLVE_IN_ROOT && text.startsWith('/') ? startOf(task, dirfd, '.') : startOf(task, dirfd, text);
    if (start instanceof Errno) return start;
    const file = openFile(task, start, text, {
      flags: h.flags,
      mode: h.mode,
      walk: {
        noXdev: (h.resolve & O.RESOLVE_NO_XDEV) !== 0,
        noMagicLinks: (h.resolve & (O.RESOLVE_NO_MAGICLINKS | O.RESOLVE_NO_SYMLINKS)) !== 0,
        noSymlinks: (h.resolve & O.RESOLVE_NO_SYMLINKS) !== 0,
        beneath: (h.resolve & O.RESOLVE_BENEATH) !== 0,
        inRoot: (h.resolve & O.RESOLVE_IN_ROOT) !== 0,
      },
    });
    if (file instanceof Errno || file instanceof Block) return file;
    const fd = task.files.install(file, (h.flags & O.O_CLOEXEC) !== 0);
    if (fd instanceof Errno && file.references === 0) file.release();
    return fd;
  },
});

const handle = custom('file_handle', 'inout');
export const name_to_handle_at = syscall({
  name: 'name_to_handle_at',
  nr: { x64: 303, i386: 341 },
  class: 'file.name',
  args: { dirfd, pathname: path, handle, mount_id: pout(int), flags: flags(O.atFlags) },
  partial: 'No file system here has handles: EOPNOTSUPP, as an overlay answers.',
  run(task, { dirfd, pathname, flags }) {
    if (flags & ~(O.AT_SYMLINK_FOLLOW | O.AT_EMPTY_PATH | 0x200 | 1)) return EINVAL;
    const d = resolveAt(task, dirfd, pathname, flags, { follow: (flags & O.AT_SYMLINK_FOLLOW) !== 0 });
    if (d === ENOENT || d instanceof Errno) return d;
    return EOPNOTSUPP;
  },
});
export const open_by_handle_at = syscall({
  name: 'open_by_handle_at',
  nr: { x64: 304, i386: 342 },
  class: 'file.open',
  args: { mount_fd: fd, handle, flags: flags(O.openFlags) },
  returns: fd,
  partial: 'No handle was ever given out: ESTALE has no case, EINVAL stands for what is no handle.',
  run(task, { mount_fd }) {
    if (!task.capable(C.CAP_DAC_READ_SEARCH)) return EPERM;
    if (mount_fd !== O.AT_FDCWD && task.files.get(mount_fd) instanceof Errno) return EBADF;
    return EINVAL;
  },
});
