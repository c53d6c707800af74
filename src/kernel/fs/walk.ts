// Path resolution, component by component (path_resolution(7)).
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, Errno, EXDEV } from '../../abi/errno.ts';
import type { Credentials, Task } from '../task.ts';
import { Name, top } from './dentry.ts';
import type { Dentry, Inode, OpenFile } from './vfs.ts';

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;
export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
export const S_IFSOCK = 0o140000;
const MAX_LINKS = 40;
const NAME_MAX = 255;
const PATH_MAX = 4096;
const CAP_DAC_OVERRIDE = 1;
const CAP_DAC_READ_SEARCH = 2;

export interface WalkOptions {
  /** Follow a symbolic link as the last component (default true). */
  readonly follow?: boolean;
  /** openat2's RESOLVE_*: no symlinks at all, none that /proc makes, stay below or inside the start, no crossing of mounts. */
  readonly noSymlinks?: boolean;
  readonly noMagicLinks?: boolean;
  readonly beneath?: boolean;
  readonly inRoot?: boolean;
  readonly noXdev?: boolean;
  /** Search rights by the real ids (access). */
  readonly real?: boolean;
}
/** Where the last name is or would be. `trailing`: the path ended in a slash, so it must be a directory. */
export interface Last {
  readonly parent: Name;
  readonly name: string;
  readonly found: Name | undefined;
  readonly trailing: boolean;
  readonly dot: '' | '.' | '..';
  readonly file?: OpenFile;
}

export const isDirectory = (i: Inode): boolean => (i.attributes().mode & S_IFMT) === S_IFDIR;
export const isSymlink = (i: Inode): boolean => (i.attributes().mode & S_IFMT) === S_IFLNK;

/** Whether these credentials may: the file's owner, group, others; root's capabilities. `real`: by real ids, as access(2) asks. */
export function may(task: Task, inode: Inode, what: number, real = false): Errno | undefined {
  const a = inode.attributes();
  const c: Credentials = task.credentials;
  const uid = real ? c.uid : c.fsuid;
  const gid = real ? c.gid : c.fsgid;
  const shift = a.uid === uid ? 6 : a.gid === gid || c.groups.includes(a.gid) ? 3 : 0;
  if (((a.mode >> shift) & what) === what) return undefined;
  const capable = (cap: number): boolean =>
    real ? (c.uid === 0 ? (c.permitted >> BigInt(cap)) % 2n === 1n : false) : task.capable(cap);
  const directory = (a.mode & S_IFMT) === S_IFDIR;
  if (capable(CAP_DAC_OVERRIDE) && (directory || !(what & MAY_EXEC) || a.mode & 0o111)) return undefined;
  if (capable(CAP_DAC_READ_SEARCH) && (what === MAY_READ || (directory && !(what & MAY_WRITE)))) return undefined;
  return EACCES;
}

export function rootOf(task: Task): Name {
  return task.fs.root as Name;
}

/** Walks `path` from `from`; symbolic links on the way are followed. */
export function walk(task: Task, from: Dentry, path: string, options: WalkOptions = {}): Last | Errno {
  if (path.length >= PATH_MAX) return ENAMETOOLONG;
  if (path === '') return ENOENT;
  const limits = { links: 0 };
  return step(task, from as Name, path, options, limits, options.inRoot ? (from as Name) : rootOf(task), from as Name);
}

function step(
  task: Task,
  from: Name,
  path: string,
  o: WalkOptions,
  limits: { links: number },
  root: Name,
  start: Name,
): Last | Errno {
  let at: Name = from;
  if (path.startsWith('/')) {
    if (o.beneath) return EXDEV;
    at = root;
  }
  const trailing = path.endsWith('/');
  const names = path.split('/').filter((n) => n !== '');
  if (names.length === 0) return { parent: at, name: '.', found: at, trailing, dot: '.' };
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const last = i === names.length - 1;
    if (!isDirectory(at.inode)) return ENOTDIR;
    const denied = may(task, at.inode, MAY_EXEC, o.real);
    if (denied) return denied;
    if (name === '.' || name === '..') {
      if (name === '..') {
        if (o.beneath && at === start) return EXDEV;
        at = up(at, root);
      }
      if (last) return { parent: at, name, found: at, trailing, dot: name };
      continue;
    }
    if (name.length > NAME_MAX) return ENAMETOOLONG;
    const child = at.child(name);
    if (child instanceof Errno) {
      if (child === ENOENT && last) return { parent: at, name, found: undefined, trailing, dot: '' };
      return child;
    }
    if (o.noXdev && child.inode.fs !== at.inode.fs) return EXDEV;
    if (isSymlink(child.inode) && (!last || o.follow !== false || trailing)) {
      if (o.noSymlinks || ++limits.links > MAX_LINKS) return ELOOP;
      const jumped = child.inode.jump?.(task);
      let target: Name;
      if (jumped !== undefined) {
        if (o.noMagicLinks || o.beneath || o.inRoot) return o.noMagicLinks ? ELOOP : EXDEV;
        if (jumped instanceof Errno) return jumped;
        if ('references' in jumped) {
          if (typeof jumped.at === 'string') {
            if (!last) return ENOTDIR;
            return {
              parent: at,
              name,
              found: new Name(jumped.at, undefined, jumped.inode),
              trailing,
              dot: '',
              file: jumped,
            };
          }
          target = jumped.at as Name;
          if (last)
            return {
              parent: (target.parent ?? target) as Name,
              name: target.name,
              found: target,
              trailing,
              dot: '',
              file: jumped,
            };
        } else target = jumped as Name;
      } else {
        const text = child.inode.readlink();
        if (text instanceof Errno) return text;
        if (text === '') return ENOENT;
        const rest = last ? (trailing ? '/' : '') : '/';
        const r = step(task, at, text + rest, last ? o : { ...o, follow: true }, limits, root, start);
        if (r instanceof Errno) return r;
        if (last) return r;
        if (!r.found) return ENOENT;
        target = r.found;
      }
      at = target;
      if (last) return { parent: at.parent ?? at, name: at.name, found: at, trailing, dot: '' };
      continue;
    }
    if (last) {
      if (trailing && !isDirectory(child.inode)) return ENOTDIR;
      return { parent: at, name, found: child, trailing, dot: '' };
    }
    at = child;
  }
  return ENOENT;
}
/** The parent directory, mounts crossed upwards, not beyond the root. */
function up(d: Name, root: Name): Name {
  let at = d;
  while (at.covers && at !== root) at = at.covers;
  if (at === root || d === root) return root;
  return top(at.parent ?? at);
}

/** An existing file. */
export function resolve(task: Task, from: Dentry, path: string, options: WalkOptions = {}): Name | Errno {
  const r = walk(task, from, path, options);
  if (r instanceof Errno) return r;
  return r.found ?? ENOENT;
}

/** Absolute path of a name as seen from `root`; deleted ones get " (deleted)". */
export function pathOf(d: Dentry, root: Dentry): string {
  const parts: string[] = [];
  let at = d as Name;
  while (at !== root) {
    if (at.covers) {
      at = at.covers;
      continue;
    }
    if (!at.parent) break;
    parts.push(at.name);
    at = at.parent;
  }
  return `/${parts.reverse().join('/')}${d.deleted ? ' (deleted)' : ''}`;
}

/** Deleting or renaming in a sticky directory takes its owner, the file's, or CAP_FOWNER. */
export function mayDelete(task: Task, parent: Name, victim: Name): Errno | undefined {
  const denied = may(task, parent.inode, MAY_WRITE | MAY_EXEC);
  if (denied) return denied;
  const dir = parent.inode.attributes();
  if (
    dir.mode & 0o1000 &&
    dir.uid !== task.credentials.fsuid &&
    victim.inode.attributes().uid !== task.credentials.fsuid &&
    !task.capable(3)
  )
    return EPERM;
  return undefined;
}
