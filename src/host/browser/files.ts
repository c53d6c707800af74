// Files in memory as a host's: a tree made once and never changed. What programs write stays in the machine's overlay, so that one tree serves any number
// of machines. (What a run leaves becomes the tree of the next: api/keep.ts.)
import { HostError, type HostFile, type HostFiles, type HostStat } from '../host.ts';
import { byteString, bytesOf } from './bytes.ts';

/** A file with its particulars; a plain one by default. */
export interface FileEntry {
  readonly content?: Uint8Array | string;
  /** The target of a symbolic link. */
  readonly symlink?: string;
  /** The path of another file of the tree, of which this is one more name. */
  readonly link?: string;
  readonly directory?: true;
  /** Permission bits. Default: directories 755, programs and scripts (by their first bytes) 755, others 644. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds since the Epoch, as Date.now(); default: the tree's making. */
  readonly mtime?: number;
}
/** Files by absolute path; the directories on the way are made. Text is stored as UTF-8. */
export type Files = Readonly<Record<string, Uint8Array | string | FileEntry>>;

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
/** A device number of no hardware (major 0), as file systems without a disk have. */
const DEV = 0x2a;
const BLOCK = 4096;

/** A file of a tree. Once the tree is in use only `find` hands it out, and nobody changes it. */
export interface MemoryNode {
  readonly ino: number;
  mode: number;
  uid: number;
  gid: number;
  mtimeNs: bigint;
  nlink: number;
  readonly children: Map<string, MemoryNode> | undefined;
  /** Of a file its contents, of a symbolic link its target. */
  readonly bytes: Uint8Array;
}
const NOTHING = new Uint8Array(0);

function statOf(n: MemoryNode): HostStat {
  const size = n.children ? BLOCK : n.bytes.length;
  const times = { atimeNs: n.mtimeNs, mtimeNs: n.mtimeNs, ctimeNs: n.mtimeNs, birthtimeNs: n.mtimeNs };
  const { ino, mode, nlink, uid, gid } = n;
  return { dev: DEV, ino, mode, nlink, uid, gid, rdev: 0, size, blksize: BLOCK, blocks: blocksOf(size), ...times };
}
const blocksOf = (size: number): number => Math.ceil(size / BLOCK) * (BLOCK / 512);

class MemoryFile implements HostFile {
  readonly #node: MemoryNode;
  constructor(node: MemoryNode) {
    this.#node = node;
  }
  stat(): HostStat {
    return statOf(this.#node);
  }
  pread(into: Uint8Array, at: number): number {
    const part = this.#node.bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }
  close(): void {}
}

/** A program or a script: a file that somebody would have made executable. */
const isProgram = (b: Uint8Array): boolean =>
  (b[0] === 0x7f && b[1] === 0x45 && b[2] === 0x4c && b[3] === 0x46) || (b[0] === 0x23 && b[1] === 0x21);
const nsOf = (ms: number): bigint => BigInt(Math.round(ms)) * 1_000_000n;

/** The tree that `files` describe. Throws a TypeError for one that can't be: relative paths, a file that is used as a directory, a link to nothing. */
export function treeOf(files: Files, now: number): MemoryFiles {
  return new MemoryFiles(new Builder(files, now).root);
}

class Builder {
  readonly root: MemoryNode;
  readonly #made: bigint;
  #nodes = 0;

  constructor(files: Files, now: number) {
    this.#made = nsOf(now);
    this.root = this.#node({ directory: true });
    // Where the machine mounts its own.
    for (const path of ['/dev', '/proc']) this.#add(path, { directory: true });
    this.#add('/tmp', { directory: true, mode: 0o1777 });
    const links: [string, string][] = [];
    for (const [path, what] of Object.entries(files)) {
      const entry = typeof what === 'string' || what instanceof Uint8Array ? { content: what } : what;
      if (entry.link === undefined) this.#add(path, entry);
      else links.push([path, entry.link]);
    }
    for (const [path, to] of links) this.#link(path, to);
  }
  #node(e: FileEntry): MemoryNode {
    const bytes = e.symlink === undefined ? bytesOf(e.content ?? NOTHING) : bytesOf(e.symlink);
    const type = e.directory ? S_IFDIR : e.symlink === undefined ? S_IFREG : S_IFLNK;
    const usual = type === S_IFLNK ? 0o777 : e.directory || isProgram(bytes) ? 0o755 : 0o644;
    return {
      ino: ++this.#nodes,
      mode: type | ((e.mode ?? usual) & 0o7777),
      uid: e.uid ?? 0,
      gid: e.gid ?? 0,
      mtimeNs: e.mtime === undefined ? this.#made : nsOf(e.mtime),
      nlink: e.directory ? 2 : 1,
      children: e.directory ? new Map() : undefined,
      bytes,
    };
  }
  /** The directory that a path's last name belongs in, made where it isn't there yet. */
  #place(path: string): { readonly parent: MemoryNode; readonly name: string | undefined } {
    if (!path.startsWith('/')) throw new TypeError(`files: ${path}: a path must begin with /`);
    const names = byteString(path).split('/').filter(Boolean);
    const name = names.pop();
    if (name === '.' || name === '..' || names.some((n) => n === '.' || n === '..'))
      throw new TypeError(`files: ${path}: a path must be without . and ..`);
    let parent = this.root;
    for (const n of names) {
      const children = parent.children;
      if (!children) throw new TypeError(`files: ${path}: what comes before ${n} is not a directory`);
      let next = children.get(n);
      if (!next) {
        next = this.#node({ directory: true });
        children.set(n, next);
        parent.nlink++;
      }
      parent = next;
    }
    if (!parent.children) throw new TypeError(`files: ${path}: what holds it is not a directory`);
    return { parent, name };
  }
  #add(path: string, entry: FileEntry): void {
    const { parent, name } = this.#place(path);
    const there = name === undefined ? this.root : parent.children?.get(name);
    const made = this.#node(entry);
    if (there?.children) {
      if (!made.children) throw new TypeError(`files: ${path}: a directory and a file`);
      there.mode = made.mode;
      there.uid = made.uid;
      there.gid = made.gid;
      there.mtimeNs = made.mtimeNs;
      return;
    }
    if (made.children && !there) parent.nlink++;
    parent.children?.set(name as string, made);
  }
  #link(path: string, to: string): void {
    const target = find(this.root, byteString(to));
    if (!target || target.children)
      throw new TypeError(`files: ${path}: a link to ${to}, which is no file of the tree`);
    const { parent, name } = this.#place(path);
    parent.children?.set(name as string, target);
    target.nlink++;
  }
}

function find(root: MemoryNode, path: string): MemoryNode | undefined {
  let at: MemoryNode | undefined = root;
  for (const n of path.split('/')) if (n) at = at?.children?.get(n);
  return at;
}

export class MemoryFiles implements HostFiles {
  readonly epoch = 0;
  readonly #root: MemoryNode;
  constructor(root: MemoryNode) {
    this.#root = root;
  }
  find(path: string): MemoryNode | undefined {
    return find(this.#root, path);
  }
  #get(path: string): MemoryNode {
    const found = this.find(path);
    if (!found) throw new HostError('ENOENT');
    return found;
  }
  lstat(path: string): HostStat | undefined {
    const found = this.find(path);
    return found && statOf(found);
  }
  readdir(path: string): string[] {
    const { children } = this.#get(path);
    if (!children) throw new HostError('ENOTDIR');
    return [...children.keys()];
  }
  readlink(path: string): string {
    const n = this.#get(path);
    if ((n.mode & S_IFLNK) !== S_IFLNK) throw new HostError('EINVAL');
    return Array.from(n.bytes, (byte) => String.fromCharCode(byte)).join('');
  }
  open(path: string): HostFile {
    return new MemoryFile(this.#get(path));
  }
}
