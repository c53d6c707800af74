// What a run changed of the host's files, found in the inodes at its end.
import type { OverlayInode } from './inode.ts';

/** Paths as the program sees them: files it made or wrote, and the host's that it removed. `dirty`: inodes of host files that differ from the host's. */
export function changesOf(
  root: OverlayInode,
  dirty: readonly OverlayInode[],
  onHost: (path: string) => boolean,
): Map<string, 'written' | 'removed'> {
  const out = new Map<string, 'written' | 'removed'>();
  const seen = new Set<OverlayInode>();
  /** Where host directories have moved: the host's path and the program's. */
  const moved: [string, string][] = [];
  const visit = (dir: OverlayInode, path: string): void => {
    if (seen.has(dir)) return;
    seen.add(dir);
    for (const [name, child] of dir.names) {
      const below = `${path}/${name}`;
      if (!child) {
        if (dir.lowerPath !== undefined && onHost(`${dir.lowerPath}/${name}`)) out.set(below, 'removed');
        continue;
      }
      out.set(below, 'written');
      if (child.names.size === 0 && child.lowerPath === undefined) continue;
      if (child.lowerPath !== undefined) moved.push([child.lowerPath, below]);
      visit(child, below);
    }
  };
  const seenAt = (path: string): string => {
    const m = moved
      .filter(([from]) => path === from || path.startsWith(`${from}/`))
      .sort((a, b) => b[0].length - a[0].length)[0];
    return m ? m[1] + path.slice(m[0].length) : path;
  };
  visit(root, '');
  const places = dirty
    .filter((i) => i.lowerPath !== undefined && i.attributes().nlink > 0)
    .sort((a, b) => (a.lowerPath as string).length - (b.lowerPath as string).length);
  for (const i of places) {
    const path = seenAt(i.lowerPath as string);
    if (i.written && !out.has(path)) out.set(path, 'written');
    visit(i, path);
  }
  return out;
}
