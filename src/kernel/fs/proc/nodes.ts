// The kinds of files /proc is made of: texts made when read, directories listed when asked, links.
import { ENOENT, Errno } from '../../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../../../abi/stat.ts';
import type { Task } from '../../task.ts';
import { BaseFile, DirectoryFile } from '../file.ts';
import { BaseInode, madeUp } from '../node.ts';
import type { Attributes, Dentry, FileSystem, Inode, OpenFile } from '../vfs.ts';

export class ProcFs implements FileSystem {
  readonly type = 'proc';
  readonly magic = 0x9fa0;
  readonly dev = 22;
  readonly readOnly = false;
  root!: Inode;
  readonly time: bigint;
  #ino = 1;
  constructor(time: bigint) {
    this.time = time;
  }
  nextIno(): number {
    return this.#ino++;
  }
  statfs(): ReturnType<FileSystem['statfs']> {
    return { bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}
abstract class ProcInode extends BaseInode {
  readonly fs: ProcFs;
  readonly ino: number;
  readonly #a: Attributes;
  constructor(fs: ProcFs, mode: number) {
    super();
    this.fs = fs;
    this.ino = fs.nextIno();
    this.#a = madeUp({ mode, ino: this.ino, dev: fs.dev, blksize: 1024, nlink: mode & S_IFDIR ? 2 : 1 }, fs.time);
  }
  attributes(): Attributes {
    return this.#a;
  }
}
class TextFile extends BaseFile {
  override position: number | undefined = 0;
  readonly #make: () => Uint8Array;
  #bytes: Uint8Array | undefined;
  constructor(at: Dentry, inode: Inode, flags: number, make: () => Uint8Array) {
    super(at, inode, flags);
    this.#make = make;
  }
  override read(_task: Task, into: Uint8Array, at?: number): number {
    const from = at ?? (this.position as number);
    if (from === 0 || !this.#bytes) this.#bytes = this.#make();
    const piece = this.#bytes.subarray(from, from + into.length);
    into.set(piece);
    if (at === undefined) this.position = from + piece.length;
    return piece.length;
  }
  override seek(offset: number, whence: number): number {
    this.position = whence === 1 ? (this.position as number) + offset : offset;
    return this.position;
  }
}
export class Text extends ProcInode {
  readonly #make: () => string | Uint8Array;
  constructor(fs: ProcFs, make: () => string | Uint8Array, mode = 0o444) {
    super(fs, S_IFREG | mode);
    this.#make = make;
  }
  #bytes(): Uint8Array {
    const t = this.#make();
    return typeof t === 'string' ? Uint8Array.from(t, (c) => c.charCodeAt(0)) : t;
  }
  open(_task: Task, flags: number, at: Dentry): OpenFile {
    return new TextFile(at, this, flags, () => this.#bytes());
  }
  override pread(into: Uint8Array, at: number): number {
    const piece = this.#bytes().subarray(at, at + into.length);
    into.set(piece);
    return piece.length;
  }
}
export class Link extends ProcInode {
  readonly #text: () => string | Errno;
  readonly #place: ((task: Task) => Dentry | OpenFile | Errno) | undefined;
  constructor(fs: ProcFs, text: () => string | Errno, place?: (task: Task) => Dentry | OpenFile | Errno) {
    super(fs, S_IFLNK | 0o777);
    this.#text = text;
    this.#place = place;
    if (place) this.jump = place;
  }
  jump?: (task: Task) => Dentry | OpenFile | Errno;
  override readlink(): string | Errno {
    return this.#text();
  }
  get magic(): boolean {
    return this.#place !== undefined;
  }
  open(): Errno {
    return ENOENT;
  }
}
/** A directory: fixed entries, and those that come and go, made by name. */
export class Directory extends ProcInode {
  readonly #fixed: ReadonlyMap<string, Inode>;
  readonly #more: { names(): string[]; get(name: string): Inode | undefined } | undefined;
  readonly #made = new Map<string, Inode>();
  constructor(
    fs: ProcFs,
    fixed: Record<string, Inode>,
    more?: { names(): string[]; get(name: string): Inode | undefined },
  ) {
    super(fs, S_IFDIR | 0o555);
    this.#fixed = new Map(Object.entries(fixed));
    this.#more = more;
  }
  override lookup(name: string): Inode | Errno {
    const fixed = this.#fixed.get(name);
    if (fixed) return fixed;
    if (!this.#more?.names().includes(name)) {
      this.#made.delete(name);
      return ENOENT;
    }
    let inode = this.#made.get(name);
    if (!inode) {
      inode = this.#more.get(name);
      if (!inode) return ENOENT;
      this.#made.set(name, inode);
    }
    return inode;
  }
  override entries(): { name: string; ino: number; type: number }[] {
    const out: { name: string; ino: number; type: number }[] = [];
    for (const name of [...this.#fixed.keys(), ...(this.#more?.names() ?? [])]) {
      const i = this.lookup(name);
      if (!(i instanceof Errno)) out.push({ name, ino: i.ino, type: (i.attributes().mode >> 12) & 15 });
    }
    return out;
  }
  open(_task: Task, flags: number, at: Dentry): OpenFile {
    return new DirectoryFile(at, this, flags);
  }
}
