// The mount table.
import type { Name } from './dentry.ts';
import { Overlay } from './overlay/overlay.ts';

export interface MountOptions {
  readonly source: string;
  /** Flags of the mount, and options of its file system, as mountinfo tells them apart. */
  readonly options: string;
  readonly more?: string;
  /** Its type, where the file system is another than it seems. */
  readonly type?: string;
}
export interface Mount extends MountOptions {
  readonly id: number;
  readonly root: Name;
  readonly at: Name | undefined;
  readonly more: string;
}
/** A mount of the host's, below ours. */
export interface HostMount extends MountOptions {
  readonly point: string;
  readonly dev: number;
}
export class Mounts {
  /** The host's, which show through where nothing of ours is mounted. */
  readonly below: HostMount[] = [];
  readonly list: Mount[] = [];
  /** Files without a name in the tree: memfd_create's. */
  readonly memory: Overlay;
  #next = 20;
  constructor(memory: Overlay) {
    this.memory = memory;
  }
  add(root: Name, at: Name | undefined, options: MountOptions): Mount {
    const m: Mount = { more: 'rw', ...options, id: this.#next++, root, at };
    this.list.push(m);
    if (at) {
      at.mounted = root;
      root.covers = at;
    }
    return m;
  }
  /** The mount a name belongs to. */
  of(d: Name): Mount | undefined {
    let at = d;
    while (!at.covers && at.parent) at = at.parent;
    return this.list.find((m) => m.root === at);
  }
  /** Pages of memory that files take. */
  filePages(): number {
    let n = this.memory.space.used;
    for (const m of this.list) if (m.root.inode.fs instanceof Overlay) n += m.root.inode.fs.space.used;
    return n;
  }
}
