// The mount table.
import type { Name } from './dentry.ts';
import type { Overlay } from './overlay/overlay.ts';

export interface Mount {
  readonly id: number;
  readonly root: Name;
  readonly at: Name | undefined;
  readonly source: string;
  readonly options: string;
}
export class Mounts {
  /** Files without a name in the tree: memfd_create's. */
  readonly memory: Overlay;
  readonly list: Mount[] = [];
  #next = 20;
  constructor(memory: Overlay) {
    this.memory = memory;
  }
  add(root: Name, at: Name | undefined, source: string, options: string): Mount {
    const m: Mount = { id: this.#next++, root, at, source, options };
    this.list.push(m);
    if (at) {
      at.mounted = root;
      root.covers = at;
    }
    return m;
  }
}

/** The mount a name belongs to. */
export function mountOf(mounts: Mounts, d: Name): Mount | undefined {
  let at = d;
  while (!at.covers && at.parent) at = at.parent;
  return mounts.list.find((m) => m.root === at);
}
