// open(2) in the VFS: creation, truncation, rights and flags in front of the inode's own open.
import { EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, ENXIO, EROFS, Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import type { Task } from '../task.ts';
import type { Block } from '../wait.ts';
import type { Name } from './dentry.ts';
import { PathFile } from './file.ts';
import type { Dentry, OpenFile } from './vfs.ts';
import {
  isDirectory,
  isSymlink,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  may,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  type WalkOptions,
  walk,
} from './walk.ts';

export interface OpenRequest {
  readonly flags: number;
  readonly mode?: number;
  readonly exec?: boolean;
  readonly walk?: WalkOptions;
}

export function openFile(task: Task, from: Dentry, path: string, r: OpenRequest): OpenFile | Errno | Block {
  const { flags } = r;
  const access = flags & O.O_ACCMODE;
  const creating = (flags & O.O_CREAT) !== 0;
  const follow = !(flags & O.O_NOFOLLOW) && !(creating && flags & O.O_EXCL);
  if ((flags & O.O_TMPFILE) === O.O_TMPFILE) return openTemporary(task, from, path, r);
  const at = walk(task, from, path, { ...r.walk, follow });
  if (at instanceof Errno) return at;
  if (flags & O.O_PATH) {
    if (!at.found) return ENOENT;
    if (flags & O.O_DIRECTORY && !isDirectory(at.found.inode)) return ENOTDIR;
    return new PathFile(at.found, flags & (O.O_PATH | O.O_CLOEXEC | O.O_DIRECTORY | O.O_NOFOLLOW));
  }
  let found = at.found;
  let created = false;
  if (!found) {
    if (!creating) return ENOENT;
    if (at.trailing) return EISDIR;
    const denied = may(task, at.parent.inode, MAY_WRITE | MAY_EXEC);
    if (denied) return denied;
    if (at.parent.inode.fs.readOnly) return EROFS;
    const dir = at.parent.inode.attributes();
    const made = at.parent.inode.create(at.name, {
      mode: S_IFREG | ((r.mode ?? 0) & 0o7777 & ~task.fs.umask),
      uid: task.credentials.fsuid,
      gid: dir.mode & 0o2000 ? dir.gid : task.credentials.fsgid,
    });
    if (made instanceof Errno) return made;
    const child = at.parent.child(at.name);
    if (child instanceof Errno) return child;
    found = child;
    created = true;
  } else if (creating && flags & O.O_EXCL) return EEXIST;
  const inode = found.inode;
  const type = inode.attributes().mode & S_IFMT;
  if (isSymlink(inode)) return ELOOP;
  if (type === S_IFDIR) {
    if (creating || access !== O.O_RDONLY) return EISDIR;
    if (r.exec) return EACCES;
  } else if (flags & O.O_DIRECTORY || at.trailing) return ENOTDIR;
  if (type === S_IFSOCK) return ENXIO;
  if (!created) {
    const want = r.exec
      ? MAY_EXEC
      : access === O.O_RDONLY
        ? MAY_READ
        : access === O.O_WRONLY
          ? MAY_WRITE
          : access === O.O_RDWR
            ? MAY_READ | MAY_WRITE
            : MAY_READ | MAY_WRITE;
    const denied = may(task, inode, want | (flags & O.O_TRUNC ? MAY_WRITE : 0));
    if (denied) return denied;
    if (r.exec && type !== S_IFREG) return EACCES;
    if (want & MAY_WRITE && inode.fs.readOnly && (type === S_IFREG || type === S_IFDIR)) return EROFS;
    if (flags & O.O_TRUNC && type === S_IFREG) {
      const e = inode.setAttributes({ size: 0 });
      if (e) return e;
    }
  }
  if (at.file && type !== S_IFREG && type !== S_IFDIR) return reopen(task, at.file, found, flags);
  return inode.open(task, flags, found);
}
/** Through /proc/N/fd: a pipe or terminal has no file to open anew, its own end is meant. */
function reopen(task: Task, file: OpenFile, at: Name, flags: number): OpenFile | Errno | Block {
  return file.inode.open(task, flags, typeof file.at === 'string' ? at : file.at);
}
function openTemporary(task: Task, from: Dentry, path: string, r: OpenRequest): OpenFile | Errno | Block {
  if ((r.flags & O.O_ACCMODE) === O.O_RDONLY) return EINVAL;
  const at = walk(task, from, path, r.walk);
  if (at instanceof Errno) return at;
  if (!at.found) return ENOENT;
  const denied = may(task, at.found.inode, MAY_WRITE | MAY_EXEC);
  if (denied) return denied;
  // A name nobody can have walked to: removed before anyone sees it.
  const name = `#${task.tid}-${Math.trunc(Number(task.kernel.monotonic() % 1000000007n))}`;
  const made = at.found.inode.create(name, {
    mode: S_IFREG | ((r.mode ?? 0) & 0o7777 & ~task.fs.umask),
    uid: task.credentials.fsuid,
    gid: task.credentials.fsgid,
  });
  if (made instanceof Errno) return made;
  const child = at.found.child(name);
  if (child instanceof Errno) return child;
  at.found.inode.unlink(name);
  at.found.removed(name);
  return made.open(task, r.flags & ~O.O_TMPFILE, child);
}
