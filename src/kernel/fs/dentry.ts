// Names in the tree: what path walk passes through, and what getcwd and /proc/N/fd print.
import { Errno } from '../../abi/errno.ts';
import type { Dentry, FileSystem, Inode } from './vfs.ts';

/** Inodes whose names come and go by themselves (/proc) aren't cached. */
export interface VolatileFileSystem extends FileSystem {
  readonly volatile?: true;
}

export class Name implements Dentry {
  name: string;
  parent: Name | undefined;
  readonly inode: Inode;
  deleted = false;
  /** What is mounted here, and for the root of a mount what it covers. */
  mounted: Name | undefined;
  covers: Name | undefined;
  readonly #children = new Map<string, Name>();

  constructor(name: string, parent: Name | undefined, inode: Inode) {
    this.name = name;
    this.parent = parent;
    this.inode = inode;
  }
  /** The child of that name in this directory, mounts followed. */
  child(name: string): Name | Errno {
    const inode = this.inode.lookup(name);
    const known = this.#children.get(name);
    if (inode instanceof Errno) {
      if (known && !known.mounted) this.#children.delete(name);
      return known?.mounted ? top(known) : inode;
    }
    if (known && known.inode === inode) return top(known);
    const made = new Name(name, this, inode);
    if (known?.mounted) {
      made.mounted = known.mounted;
      known.mounted.covers = made;
    }
    this.#children.set(name, made);
    return top(made);
  }
  cached(name: string): Name | undefined {
    return this.#children.get(name);
  }
  removed(name: string): void {
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
  }
  moved(name: string, to: Name, toName: string): void {
    const d = this.#children.get(name);
    to.removed(toName);
    this.#children.delete(name);
    if (!d) return;
    to.#adopt(d, toName);
  }
}
/** The root of what is mounted on a name, or itself. */
export function top(d: Name): Name {
  let at = d;
  while (at.mounted) at = at.mounted;
  return at;
}
