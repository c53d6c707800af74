// Path resolution, component by component (path_resolution(7)).
import { ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, Errno, EXDEV } from '../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../abi/stat.ts';
import type { Task } from '../task.ts';
import { Name, top } from './dentry.ts';
import { isDirectory, MAY_EXEC, may } from './permission.ts';
import type { Dentry, OpenFile } from './vfs.ts';

const MAX_LINKS = 40;
const NAME_MAX = 255;
const PATH_MAX = 4096;

export interface WalkOptions {
  /** Follow a symbolic link as the last component (default true). A trailing slash follows in any case. */
  readonly follow?: boolean;
  /** The last name is only looked up: not followed, whatever it is and whether or not a slash is behind it (for calls that make or remove names). */
  readonly parent?: boolean;
  /** openat2's RESOLVE_*: no symlinks at all, none that /proc makes, stay below or inside the start, no crossing of mounts. */
  readonly noSymlinks?: boolean;
  readonly noMagicLinks?: boolean;
  readonly beneath?: boolean;
  readonly inRoot?: boolean;
  readonly noXdev?: boolean;
  /** Search rights by the real ids (access). */
  readonly real?: boolean;
}
/** Where the last name is or would be. */
export interface Last {
  readonly parent: Name;
  readonly name: string;
  readonly found: Name | undefined;
  /** The path ended in a slash, so it must be a directory. */
  readonly trailing: boolean;
  /** The last component is no name of its own: `.`, `..`, or the root alone. */
  readonly dot: '' | '.' | '..' | '/';
  /** A link of /proc/N/fd led to an open file. */
  readonly file?: OpenFile;
}

export function rootOf(task: Task): Name {
  return task.fs.root as Name;
}

/** Walks `path` from `from`; symbolic links on the way are followed. */
export function walk(task: Task, from: Dentry, path: string, options: WalkOptions = {}): Last | Errno {
  if (path.length >= PATH_MAX) return ENAMETOOLONG;
  if (path === '') return ENOENT;
  return new Walk(task, options, from as Name).go(from as Name, path, true);
}
/** An existing file. */
export function resolve(task: Task, from: Dentry, path: string, options: WalkOptions = {}): Name | Errno {
  const r = walk(task, from, path, options);
  if (r instanceof Errno) return r;
  return r.found ?? ENOENT;
}

class Walk {
  readonly #task: Task;
  readonly #options: WalkOptions;
  readonly #root: Name;
  readonly #start: Name;
  #links = 0;

  constructor(task: Task, options: WalkOptions, from: Name) {
    this.#task = task;
    this.#options = options;
    this.#start = from;
    this.#root = options.inRoot ? from : rootOf(task);
  }
  /** `final`: the path's last component is the whole walk's. */
  go(from: Name, path: string, final: boolean): Last | Errno {
    const o = this.#options;
    let at = from;
    let i = 0;
    if (path.charCodeAt(0) === 47) {
      if (o.beneath) return EXDEV;
      if (o.noXdev && mountRoot(at) !== mountRoot(this.#root)) return EXDEV;
      at = this.#root;
      while (path.charCodeAt(i) === 47) i++;
      if (i === path.length) return { parent: at, name: '/', found: at, trailing: true, dot: '/' };
    } else if (!isDirectory(at.inode)) return ENOTDIR;
    for (;;) {
      let end = path.indexOf('/', i);
      if (end < 0) end = path.length;
      let next = end;
      while (path.charCodeAt(next) === 47) next++;
      const last = next === path.length;
      const trailing = last && end < next;
      const r = this.#component(at, path.slice(i, end), last, trailing, final);
      if (r instanceof Errno) return r;
      if (!(r instanceof Name)) return r;
      at = r;
      i = next;
    }
  }
  /** One step: the directory it leads to, or, for the last one, where it ends. */
  #component(at: Name, name: string, last: boolean, trailing: boolean, final: boolean): Name | Last | Errno {
    const o = this.#options;
    const denied = may(this.#task, at.inode, MAY_EXEC, o.real);
    if (denied) return denied;
    if (name === '.' || name === '..') {
      const to = name === '.' ? at : this.#up(at);
      if (to instanceof Errno) return to;
      return last ? { parent: at, name, found: to, trailing, dot: name } : to;
    }
    if (name.length > NAME_MAX) return ENAMETOOLONG;
    const child = at.child(name);
    if (child instanceof Errno) {
      if (child === ENOENT && last) return { parent: at, name, found: undefined, trailing, dot: '' };
      return child;
    }
    if (o.noXdev && child.covers) return EXDEV;
    const type = child.inode.attributes().mode & S_IFMT;
    const bare = last && final && (o.parent || (o.follow === false && !trailing));
    if (type === S_IFLNK && !bare) return this.#link(at, child, name, last, trailing, final);
    if (!last) return type === S_IFDIR ? child : ENOTDIR;
    if (trailing && type !== S_IFDIR && !(final && o.parent)) return ENOTDIR;
    return { parent: at, name, found: child, trailing, dot: '' };
  }
  #link(at: Name, link: Name, name: string, last: boolean, trailing: boolean, final: boolean): Name | Last | Errno {
    const o = this.#options;
    if (o.noSymlinks || ++this.#links > MAX_LINKS) return ELOOP;
    const jumped = link.inode.jump?.(this.#task);
    if (jumped !== undefined) {
      if (o.noMagicLinks) return ELOOP;
      if (jumped instanceof Errno) return jumped;
      if (o.beneath || o.inRoot) return EXDEV;
      const file = 'references' in jumped ? jumped : undefined;
      const target = (
        file === undefined ? jumped : typeof file.at === 'string' ? new Name(file.at, undefined, file.inode) : file.at
      ) as Name;
      if (o.noXdev && mountRoot(target) !== mountRoot(at)) return EXDEV;
      if (!last) return isDirectory(target.inode) ? target : ENOTDIR;
      if (trailing && !isDirectory(target.inode)) return ENOTDIR;
      const where = { parent: at, name, found: target, trailing, dot: '' } as const;
      return file ? { ...where, file } : where;
    }
    const text = link.inode.readlink();
    if (text instanceof Errno) return text;
    if (text === '') return ENOENT;
    const r = this.go(at, last && trailing ? `${text}/` : text, final && last);
    if (r instanceof Errno || last) return r;
    if (!r.found) return ENOENT;
    return isDirectory(r.found.inode) ? r.found : ENOTDIR;
  }
  /** The parent directory, mounts crossed upwards, not beyond the root. */
  #up(d: Name): Name | Errno {
    const o = this.#options;
    if (d === this.#root) return o.beneath ? EXDEV : d;
    if (o.beneath && d === this.#start) return EXDEV;
    let at = d;
    while (at.covers) {
      if (o.noXdev) return EXDEV;
      at = at.covers;
      if (at === this.#root) return at;
    }
    return top(at.parent ?? at);
  }
}
/** The root of the mount that a name belongs to. */
export function mountRoot(d: Name): Name {
  let at = d;
  while (!at.covers && at.parent) at = at.parent;
  return at;
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
    if (!at.parent) {
      // A file that never had a place in the tree.
      if (at.name) parts.push(at.name);
      break;
    }
    parts.push(at.name);
    at = at.parent;
  }
  return `/${parts.reverse().join('/')}${d.deleted ? ' (deleted)' : ''}`;
}
/** Whether `d` is `above` or lies below it. */
export function isBelow(d: Name, above: Name): boolean {
  for (let at: Name | undefined = d; at; at = at.covers ?? at.parent) if (at === above) return true;
  return false;
}
