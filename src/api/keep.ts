// What a run leaves in the file tree, as the tree that the next one begins with.
import { Errno } from '../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../abi/stat.ts';
import { MemoryFiles, type MemoryNode } from '../host/browser/files.ts';
import type { Overlay } from '../kernel/fs/overlay/overlay.ts';

type OverlayInode = Overlay['root'];
const NOTHING = new Uint8Array(0);

/**
 * The tree of an overlay over `before`. Contents that nobody changed are those of `before`. Fifos, sockets and devices go with the run, and so do
 * files beyond a total size of `most` bytes, holes included.
 */
export function treeAfter(overlay: Overlay, before: MemoryFiles, most: number): MemoryFiles {
  const made = new Map<object, MemoryNode>();
  let left = most;
  const directories: [OverlayInode, MemoryNode][] = [];
  const nodeOf = (inode: OverlayInode): MemoryNode | undefined => {
    const old = inode.lowerPath === undefined ? undefined : before.find(inode.lowerPath);
    const key = old && !inode.dirty ? old : inode;
    const known = made.get(key);
    if (known) {
      known.nlink++;
      return known;
    }
    const { mode, uid, gid, mtime, size } = inode.attributes();
    const directory = (mode & S_IFMT) === S_IFDIR;
    const fresh = !directory && (inode.written || !old);
    const bytes = directory ? NOTHING : fresh ? contentOf(inode, mode, size, left) : old?.bytes;
    if (!bytes) return undefined;
    if (fresh) left -= bytes.length;
    const children = directory ? new Map<string, MemoryNode>() : undefined;
    const node = { ino: made.size + 1, mode, uid, gid, mtimeNs: mtime, nlink: directory ? 2 : 1, children, bytes };
    made.set(key, node);
    if (children) directories.push([inode, node]);
    return node;
  };
  const root = nodeOf(overlay.root) as MemoryNode;
  for (let next = directories.pop(); next; next = directories.pop()) {
    const [dir, parent] = next;
    const entries = dir.entries();
    if (entries instanceof Errno) continue;
    for (const { name } of entries) {
      const child = dir.lookup(name);
      const node = child instanceof Errno ? undefined : nodeOf(child);
      if (!node) continue;
      parent.children?.set(name, node);
      if (node.children) parent.nlink++;
    }
  }
  return new MemoryFiles(root);
}

function contentOf(inode: OverlayInode, mode: number, size: number, most: number): Uint8Array | undefined {
  if ((mode & S_IFMT) === S_IFLNK) {
    const target = inode.readlink();
    return target instanceof Errno ? undefined : Uint8Array.from(target, (c) => c.charCodeAt(0));
  }
  if ((mode & S_IFMT) !== S_IFREG || size > most) return undefined;
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const n = inode.pread(bytes.subarray(at), at);
    if (n instanceof Errno) return undefined;
    if (n === 0) break;
    at += n;
  }
  return bytes;
}
