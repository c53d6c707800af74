// Names in the tree: what path walk passes through, and what getcwd and /proc/N/fd print.
import { ENOENT, Errno } from '../../abi/errno.ts';
import { FadingMap } from './fading.ts';
import type { Dentry, Inode } from './vfs.ts';

/** Names made before those that nobody holds may be collected. */
const MANY = 20_000;
let made = 0;

export class Name implements Dentry {
  name: string;
  parent: Name | undefined;
  readonly inode: Inode;
  deleted = false;
  /** What is mounted here, and for the root of a mount what it covers. */
  mounted: Name | undefined;
  covers: Name | undefined;
  readonly #children = new FadingMap<string, Name>();
  /** Answers that hold while the directory's version is this one. */
  #version = -1;
  readonly #fresh = new Map<string, Name | Errno>();

  constructor(name: string, parent: Name | undefined, inode: Inode) {
    this.name = name;
    this.parent = parent;
    this.inode = inode;
  }
  /** The child of that name in this directory, mounts followed. */
  child(name: string): Name | Errno {
    const version = this.inode.version;
    if (version !== undefined) {
      if (version === this.#version) {
        const fresh = this.#fresh.get(name);
        if (fresh) return fresh instanceof Errno ? fresh : top(fresh);
      } else {
        this.#fresh.clear();
        this.#version = version;
      }
    }
    const found = this.#lookup(name);
    if (version !== undefined && (!(found instanceof Errno) || found === ENOENT)) this.#fresh.set(name, found);
    return found instanceof Errno ? found : top(found);
  }
  #lookup(name: string): Name | Errno {
    const inode = this.inode.lookup(name);
    const known = this.#children.get(name);
    if (inode instanceof Errno) {
      if (known?.mounted) return known;
      if (known) known.deleted = true;
      this.#children.delete(name);
      return inode;
    }
    if (known && known.inode === inode) return known;
    const child = new Name(name, this, inode);
    if (known?.mounted) {
      child.mounted = known.mounted;
      known.mounted.covers = child;
    }
    this.#children.set(name, child);
    if (++made > MANY) {
      made = 0;
      root(this).#fade();
    }
    return child;
  }
  #fade(): void {
    this.#version = -1;
    this.#fresh.clear();
    for (const child of this.#children.held()) {
      child.#fade();
      if (child.mounted) child.mounted.#fade();
    }
    this.#children.fade((child) => child.mounted !== undefined);
  }
  removed(name: string): void {
    this.#version = -1;
    const d = this.#children.get(name);
    if (d) d.deleted = true;
    this.#children.delete(name);
  }
  exchanged(name: string, other: Name, otherName: string): void {
    const a = this.#children.get(name);
    const b = other.#children.get(otherName);
    this.#children.delete(name);
    other.#children.delete(otherName);
    if (a) other.#adopt(a, otherName);
    if (b) this.#adopt(b, name);
  }
  #adopt(d: Name, name: string): void {
    d.parent = this;
    d.name = name;
    this.#children.set(name, d);
    this.#version = -1;
  }
  moved(name: string, to: Name, toName: string): void {
    const d = this.#children.get(name);
    to.removed(toName);
    this.#children.delete(name);
    this.#version = -1;
    if (d) to.#adopt(d, toName);
  }
}
/** The root of what is mounted on a name, or itself. */
export function top(d: Name): Name {
  let at = d;
  while (at.mounted) at = at.mounted;
  return at;
}
function root(d: Name): Name {
  let at = d;
  for (let above: Name | undefined = d; above; above = above.covers ?? above.parent) at = above;
  return at;
}
