// Making, removing and moving names, with the checks of fs/namei.c in its order.
import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  EMLINK,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  Errno,
  EXDEV,
} from '../../abi/errno.ts';
import { IN_ATTRIB, IN_CREATE, IN_ISDIR } from '../../abi/inotify.ts';
import { S_IFMT, S_IFREG, S_ISGID, S_ISUID } from '../../abi/stat.ts';
import type { Task } from '../task.ts';
import type { Name } from './dentry.ts';
import { notifyEntry, notifyRename, notifySelf, notifyUnlink } from './notify.ts';
import { isDirectory, MAY_READ, MAY_WRITE, may, mayCreate, mayDelete, ownerOrCapable } from './permission.ts';
import type { Inode } from './vfs.ts';
import { isBelow, type Last, mountRoot } from './walk.ts';

export const RENAME_NOREPLACE = 1,
  RENAME_EXCHANGE = 2,
  RENAME_WHITEOUT = 4;

/** Where a new name may be made: refuses what is there already. `directory`: the name may end in a slash. */
export function placeForNew(at: Last, directory: boolean): Errno | undefined {
  if (at.dot || at.found) return EEXIST;
  return at.trailing && !directory ? ENOENT : undefined;
}
/** Makes a name: `make` asks the parent's inode for it. */
export function make(
  task: Task,
  at: Last,
  directory: boolean,
  make: (dir: Inode) => Inode | Errno | undefined,
): Errno | undefined {
  const refused = placeForNew(at, directory) ?? mayCreate(task, at.parent);
  if (refused) return refused;
  const made = make(at.parent.inode);
  if (made instanceof Errno) return made;
  notifyEntry(at.parent.inode, at.name, made, directory ? IN_CREATE | IN_ISDIR : IN_CREATE);
  return undefined;
}
/** A user may link only what is theirs, or a plain file they could write (fs.protected_hardlinks). */
function mayLink(task: Task, inode: Inode): Errno | undefined {
  const a = inode.attributes();
  if (ownerOrCapable(task, a)) return undefined;
  const plain =
    (a.mode & S_IFMT) === S_IFREG && !(a.mode & S_ISUID) && (a.mode & (S_ISGID | 0o010)) !== (S_ISGID | 0o010);
  return plain && !may(task, inode, MAY_READ | MAY_WRITE) ? undefined : EPERM;
}
export function link(task: Task, from: Name, at: Last): Errno | undefined {
  const { inode } = from;
  const placed = placeForNew(at, false);
  if (placed) return placed;
  if (crosses(from, at.parent)) return EXDEV;
  const refused = mayLink(task, inode) ?? mayCreate(task, at.parent);
  if (refused) return refused;
  if (isDirectory(inode)) return EPERM;
  const { nlink } = inode.attributes();
  if (nlink === 0 && !inode.linkable) return ENOENT;
  if (nlink >= 65000) return EMLINK;
  const error = at.parent.inode.link(at.name, inode);
  if (error) return error;
  notifySelf(inode, IN_ATTRIB);
  notifyEntry(at.parent.inode, at.name, inode, IN_CREATE);
  return undefined;
}
/** Two places lie on different file systems, or on different ones of the host's below. */
function crosses(a: Name, b: Name): boolean {
  if (mountRoot(a) !== mountRoot(b)) return true;
  return a.inode.attributes().dev !== b.inode.attributes().dev;
}

export function unlink(task: Task, at: Last): Errno | undefined {
  if (at.dot) return EISDIR;
  const { found, parent } = at;
  if (!found) return ENOENT;
  if (at.trailing) return isDirectory(found.inode) ? EISDIR : ENOTDIR;
  const refused = mayDelete(task, parent, found, false);
  if (refused) return refused;
  const error = parent.inode.unlink(at.name);
  if (error) return error;
  parent.removed(at.name);
  notifyUnlink(parent.inode, at.name, found.inode, false);
  return undefined;
}
export function rmdir(task: Task, at: Last): Errno | undefined {
  if (at.dot) return at.dot === '.' ? EINVAL : at.dot === '..' ? ENOTEMPTY : EBUSY;
  const { found, parent } = at;
  if (!found) return ENOENT;
  const refused = mayDelete(task, parent, found, true);
  if (refused) return refused;
  const error = parent.inode.rmdir(at.name);
  if (error) return error;
  parent.removed(at.name);
  notifyUnlink(parent.inode, at.name, found.inode, true);
  return undefined;
}

export function rename(task: Task, from: Last, to: Last, flags: number): Errno | undefined {
  if (mountRoot(from.parent) !== mountRoot(to.parent)) return EXDEV;
  if (from.dot) return EBUSY;
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  if (to.dot) return flags & RENAME_NOREPLACE ? EEXIST : EBUSY;
  const source = from.found;
  const target = to.found;
  if (!source) return ENOENT;
  if (flags & RENAME_NOREPLACE && target) return EEXIST;
  if (exchange) {
    if (!target) return ENOENT;
    if (!isDirectory(target.inode) && to.trailing) return ENOTDIR;
  }
  const directory = isDirectory(source.inode);
  if (!directory) {
    if (from.trailing) return ENOTDIR;
    if (!exchange && to.trailing) return ENOTDIR;
  }
  if (isBelow(to.parent, source)) return EINVAL;
  if (target && isBelow(from.parent, target)) return exchange ? EINVAL : ENOTEMPTY;
  if (target && target.inode === source.inode) return undefined;
  const refused = mayRename(task, from, source, to, target, exchange);
  if (refused) return refused;
  if (source.covers || target?.covers) return EBUSY;
  if (crosses(from.parent, to.parent)) return EXDEV;
  const error = from.parent.inode.rename(from.name, to.parent.inode, to.name, flags);
  if (error) return error;
  if (exchange) from.parent.exchanged(from.name, to.parent, to.name);
  else from.parent.moved(from.name, to.parent, to.name);
  const [a, b] = [from.parent.inode, to.parent.inode];
  notifyRename(a, from.name, b, to.name, source.inode, exchange ? undefined : target?.inode);
  if (exchange && target) notifyRename(b, to.name, a, from.name, target.inode, undefined);
  return undefined;
}
function mayRename(
  task: Task,
  from: Last,
  source: Name,
  to: Last,
  target: Name | undefined,
  exchange: boolean,
): Errno | undefined {
  const directory = isDirectory(source.inode);
  const taking = mayDelete(task, from.parent, source, directory);
  if (taking) return taking;
  const replaced = target && (exchange ? isDirectory(target.inode) : directory);
  const putting = target ? mayDelete(task, to.parent, target, replaced as boolean) : mayCreate(task, to.parent);
  if (putting) return putting;
  if (from.parent === to.parent) return undefined;
  // A directory that gets another parent changes its `..`.
  if (directory) {
    const e = may(task, source.inode, MAY_WRITE);
    if (e) return e;
  }
  return exchange && target && isDirectory(target.inode) ? may(task, target.inode, MAY_WRITE) : undefined;
}
