// open(2) in the VFS: creation, truncation, rights and flags in front of the inode's own open (fs/namei.c: path_openat).
import {
  EACCES,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  ENXIO,
  EPERM,
  Errno,
  ETXTBSY,
} from '../../abi/errno.ts';
import { IN_CREATE, IN_MODIFY, IN_OPEN } from '../../abi/inotify.ts';
import * as O from '../../abi/open.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import type { Task } from '../task.ts';
import { Block } from '../wait.ts';
import { Name } from './dentry.ts';
import { PathFile, RegularFile } from './file.ts';
import { notifyEntry, notifyFile, notifyPlace } from './notify.ts';
import {
  creationIn,
  isDirectory,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  may,
  mayCreate,
  ownerOrCapable,
} from './permission.ts';
import type { Dentry, OpenFile } from './vfs.ts';
import { type Last, type WalkOptions, walk } from './walk.ts';

export interface OpenRequest {
  readonly flags: number;
  /** Permission bits of a file that is made, before the umask. */
  readonly mode?: number;
  /** execve opens: needs the right to execute, of a regular file. */
  readonly exec?: boolean;
  readonly walk?: WalkOptions;
}
const TMPFILE = O.O_TMPFILE & ~O.O_DIRECTORY;
const PATH_FLAGS = O.O_DIRECTORY | O.O_NOFOLLOW | O.O_PATH | O.O_CLOEXEC;

export function openFile(task: Task, from: Dentry, path: string, r: OpenRequest): OpenFile | Errno | Block {
  let { flags } = r;
  if (flags & O.O_PATH) flags &= PATH_FLAGS;
  if (flags & O.O_CREAT && flags & O.O_DIRECTORY && !(flags & TMPFILE)) return EINVAL;
  const access = flags & O.O_ACCMODE;
  if (flags & TMPFILE) {
    if ((flags & O.O_TMPFILE) !== O.O_TMPFILE || flags & O.O_CREAT || access === O.O_RDONLY) return EINVAL;
    return openTemporary(task, from, path, r);
  }
  const creating = (flags & O.O_CREAT) !== 0;
  const follow = !(flags & O.O_NOFOLLOW) && !(creating && flags & O.O_EXCL);
  const parent = creating && !follow;
  const at = walk(task, from, path, r.walk ? { ...r.walk, follow, parent } : { follow, parent });
  if (at instanceof Errno) return at;
  if (creating && at.trailing && !at.dot) return EISDIR;
  if (flags & O.O_PATH) {
    if (!at.found) return ENOENT;
    if (flags & O.O_DIRECTORY && !isDirectory(at.found.inode)) return ENOTDIR;
    return new PathFile(at.found, flags);
  }
  if (!at.found) {
    const made = creating ? create(task, at, r.mode ?? 0) : ENOENT;
    return made instanceof Errno ? made : opened(made.inode.open(task, flags, made));
  }
  if (creating) {
    if (flags & O.O_EXCL) return EEXIST;
    if (isDirectory(at.found.inode)) return EISDIR;
  }
  return openFound(task, at, at.found, flags, r.exec ?? false);
}
/** Tells watchers of what was opened. */
function opened(file: OpenFile | Errno | Block): OpenFile | Errno | Block {
  if (!(file instanceof Errno) && !(file instanceof Block)) notifyFile(file, IN_OPEN);
  return file;
}
/** Opens an existing file that was found already. */
export function openPlace(task: Task, place: Name, r: OpenRequest): OpenFile | Errno | Block {
  const at: Last = { parent: place, name: '', found: place, trailing: false, dot: '.' };
  return openFound(task, at, place, r.flags, r.exec ?? false);
}
function create(task: Task, at: Last, mode: number): Name | Errno {
  const refused = mayCreate(task, at.parent);
  if (refused) return refused;
  const how = creationIn(task, at.parent, S_IFREG | (mode & 0o7777 & ~task.fs.umask));
  const made = at.parent.inode.create(at.name, how);
  if (made instanceof Errno) return made;
  notifyEntry(at.parent.inode, at.name, made, IN_CREATE);
  return at.parent.child(at.name);
}
function openFound(task: Task, at: Last, found: Name, flags: number, exec: boolean): OpenFile | Errno | Block {
  const { inode } = found;
  const a = inode.attributes();
  const type = a.mode & S_IFMT;
  if (flags & O.O_DIRECTORY && type !== S_IFDIR) return ENOTDIR;
  const access = flags & O.O_ACCMODE;
  const truncates = (flags & O.O_TRUNC) !== 0;
  let want = exec
    ? MAY_EXEC
    : access === O.O_RDONLY
      ? MAY_READ
      : access === O.O_WRONLY
        ? MAY_WRITE
        : MAY_READ | MAY_WRITE;
  if (truncates) want |= MAY_WRITE;
  if (type === S_IFLNK) return ELOOP;
  if (type === S_IFDIR && want & MAY_WRITE) return EISDIR;
  if (exec && type !== S_IFREG) return EACCES;
  const refused = may(task, inode, want);
  if (refused) return refused;
  if (flags & O.O_NOATIME && !ownerOrCapable(task, a)) return EPERM;
  if (type === S_IFSOCK) return ENXIO;
  if (type === S_IFREG) {
    if (exec ? inode.writeCount > 0 : want & MAY_WRITE && inode.writeCount < 0) return ETXTBSY;
  }
  const file =
    at.file && type !== S_IFREG && type !== S_IFDIR
      ? again(task, at.file, found, flags)
      : inode.open(task, flags, found);
  opened(file);
  if (truncates && type === S_IFREG && file instanceof RegularFile) {
    const error = inode.setAttributes({ size: 0 });
    if (error) {
      file.release();
      return error;
    }
    if (a.size > 0) notifyPlace(found, inode, IN_MODIFY);
  }
  if (exec && file instanceof RegularFile) file.denyWrites();
  return file;
}
/** Through /proc/N/fd: a pipe or terminal has no file to open anew, its own end is meant. */
function again(task: Task, file: OpenFile, at: Name, flags: number): OpenFile | Errno | Block {
  return file.inode.open(task, flags, typeof file.at === 'string' ? at : file.at);
}
/** O_TMPFILE: a file without a name, until linkat gives it one (unless O_EXCL). */
function openTemporary(task: Task, from: Dentry, path: string, r: OpenRequest): OpenFile | Errno | Block {
  const at = walk(task, from, path, r.walk);
  if (at instanceof Errno) return at;
  const dir = at.found;
  if (!dir) return ENOENT;
  if (!isDirectory(dir.inode)) return ENOTDIR;
  const refused = may(task, dir.inode, MAY_WRITE | MAY_EXEC);
  if (refused) return refused;
  const how = creationIn(task, dir, S_IFREG | ((r.mode ?? 0) & 0o7777 & ~task.fs.umask));
  const made = dir.inode.tmpfile(how, !(r.flags & O.O_EXCL));
  if (made instanceof Errno) return made;
  const nameless = new Name(`#${made.ino}`, dir, made);
  nameless.deleted = true;
  return opened(made.open(task, r.flags & ~TMPFILE & ~O.O_DIRECTORY, nameless));
}
