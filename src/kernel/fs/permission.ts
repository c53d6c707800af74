// Who may do what with a file (fs/namei.c: generic_permission, may_create, may_delete).
import * as C from '../../abi/capability.ts';
import { EACCES, EBUSY, EISDIR, ENOENT, ENOTDIR, EPERM, EROFS, type Errno } from '../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_ISVTX } from '../../abi/stat.ts';
import type { Credentials, Task } from '../task.ts';
import type { Name } from './dentry.ts';
import type { Attributes, Inode } from './vfs.ts';

export const MAY_EXEC = 1,
  MAY_WRITE = 2,
  MAY_READ = 4;

export const isDirectory = (i: Inode): boolean => (i.attributes().mode & S_IFMT) === S_IFDIR;
export const isSymlink = (i: Inode): boolean => (i.attributes().mode & S_IFMT) === S_IFLNK;
export const inGroup = (c: Credentials, gid: number): boolean => c.fsgid === gid || c.groups.includes(gid);

/** Whether these credentials may: the file's owner, group, others; root's capabilities. `real`: by real ids, as access(2) asks. */
export function may(task: Task, inode: Inode, what: number, real = false): Errno | undefined {
  const a = inode.attributes();
  const type = a.mode & S_IFMT;
  if (what & MAY_WRITE && inode.fs.readOnly && (type === S_IFREG || type === S_IFDIR || type === S_IFLNK)) return EROFS;
  const c = task.credentials;
  const uid = real ? c.uid : c.fsuid;
  const group = real ? c.gid === a.gid || c.groups.includes(a.gid) : inGroup(c, a.gid);
  const shift = a.uid === uid ? 6 : group ? 3 : 0;
  if (((a.mode >> shift) & what) === what) return undefined;
  const directory = type === S_IFDIR;
  const overridden = directory || !(what & MAY_EXEC) || (a.mode & 0o111) !== 0;
  if (overridden && capable(task, C.CAP_DAC_OVERRIDE, real)) return undefined;
  const searched = what === MAY_READ || (directory && !(what & MAY_WRITE));
  if (searched && capable(task, C.CAP_DAC_READ_SEARCH, real)) return undefined;
  return EACCES;
}
function capable(task: Task, cap: number, real: boolean): boolean {
  const c = task.credentials;
  return real ? c.uid === 0 && (c.permitted >> BigInt(cap)) % 2n === 1n : task.capable(cap);
}
/** The file's owner, or one that may act as such. */
export const ownerOrCapable = (task: Task, a: Attributes): boolean =>
  a.uid === task.credentials.fsuid || task.capable(C.CAP_FOWNER);

/** A new name may be made in a directory. */
export function mayCreate(task: Task, dir: Name): Errno | undefined {
  if (dir.deleted) return ENOENT;
  return may(task, dir.inode, MAY_WRITE | MAY_EXEC);
}
/** A name may be taken away: in a sticky directory by its owner, the file's, or CAP_FOWNER. `directory`: what it must be. */
export function mayDelete(task: Task, dir: Name, victim: Name, directory: boolean): Errno | undefined {
  const refused = may(task, dir.inode, MAY_WRITE | MAY_EXEC);
  if (refused) return refused;
  const d = dir.inode.attributes();
  const { fsuid } = task.credentials;
  if (d.mode & S_ISVTX && d.uid !== fsuid && !ownerOrCapable(task, victim.inode.attributes())) return EPERM;
  if (directory) {
    if (!isDirectory(victim.inode)) return ENOTDIR;
    if (victim.covers) return EBUSY;
  } else if (isDirectory(victim.inode)) return EISDIR;
  return dir.deleted ? ENOENT : undefined;
}
/** Mode, owner and group of a file made in `dir`: a set-group-ID directory hands on its group, and to directories the bit as well. */
export function creationIn(task: Task, dir: Name, mode: number): { mode: number; uid: number; gid: number } {
  const d = dir.inode.attributes();
  const inherits = (d.mode & S_ISGID) !== 0;
  const gid = inherits ? d.gid : task.credentials.fsgid;
  const directory = (mode & S_IFMT) === S_IFDIR;
  let bits = mode;
  if (inherits && directory) bits |= S_ISGID;
  else if ((mode & (S_ISGID | 0o010)) === (S_ISGID | 0o010) && inherits && !mayKeepSetgid(task, gid)) bits &= ~S_ISGID;
  return { mode: bits, uid: task.credentials.fsuid, gid };
}
/** The set-group-ID bit of a file with this group is theirs to set. */
export const mayKeepSetgid = (task: Task, gid: number): boolean =>
  inGroup(task.credentials, gid) || task.capable(C.CAP_FSETID);
/** A file was written or cut by somebody who may not set such rights: set-user-ID goes, and set-group-ID where the group may execute or isn't theirs. */
export function dropPrivileges(task: Task, inode: Inode): void {
  const a = inode.attributes();
  if (!(a.mode & (S_ISUID | S_ISGID)) || task.capable(C.CAP_FSETID)) return;
  let mode = a.mode & ~S_ISUID;
  if (mode & S_ISGID && (mode & 0o010 || !inGroup(task.credentials, a.gid))) mode &= ~S_ISGID;
  if (mode !== a.mode) inode.setAttributes({ mode });
}
