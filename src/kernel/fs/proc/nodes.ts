// The kinds of files /proc is made of: texts made when read, directories listed when asked, links.
import { EINVAL, EIO, ENOENT, EPERM, Errno } from '../../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../abi/stat.ts';
import type { Process } from '../../process.ts';
import type { Task } from '../../task.ts';
import type { Thread } from '../../thread.ts';
import { BaseFile, DirectoryFile } from '../file.ts';
import { BaseInode, madeUp } from '../node.ts';
import type { Attributes, Dentry, FileSystem, Inode, OpenFile } from '../vfs.ts';

export class ProcFs implements FileSystem {
  readonly type = 'proc';
  readonly magic = 0x9fa0;
  readonly dev = 0xc9;
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
/** Whose a file below /proc/PID is: the process's user's, or root's while it may not be looked into. */
export type Of = Process | undefined;

abstract class ProcInode extends BaseInode {
  readonly fs: ProcFs;
  readonly ino: number;
  readonly #a: Attributes;
  readonly #of: Of;
  constructor(fs: ProcFs, mode: number, of: Of, nlink = mode & S_IFDIR ? 2 : 1) {
    super();
    this.fs = fs;
    this.ino = fs.nextIno();
    this.#of = of;
    const time = of ? of.kernel.realtime() : fs.time;
    this.#a = madeUp({ mode, ino: this.ino, dev: fs.dev, blksize: 1024, nlink }, time);
  }
  attributes(): Attributes {
    if (this.#of) {
      const c = this.#of.dumpable === 1 ? this.#of.leader?.credentials : undefined;
      this.#a.uid = c?.euid ?? 0;
      this.#a.gid = c?.egid ?? 0;
    }
    this.#a.size = this.size;
    return this.#a;
  }
  protected get size(): number {
    return 0;
  }
  override setAttributes(change: Partial<Attributes>): Errno | undefined {
    if (this.#of) return EPERM;
    Object.assign(this.#a, change);
    return undefined;
  }
  /** Names can't be made here: what isn't there can't be looked up. */
  override create(): Errno {
    return ENOENT;
  }
  override mkdir(): Errno {
    return ENOENT;
  }
  override mknod(): Errno {
    return ENOENT;
  }
  override symlink(): Errno {
    return ENOENT;
  }
  override rename(_name: string, toDir: Inode, toName: string): Errno {
    return toDir.lookup(toName) instanceof Errno ? ENOENT : EPERM;
  }
}

export interface TextOptions {
  /** Permission bits; default 0444. */
  readonly mode?: number;
  readonly of?: Of;
  /** Made when it is opened: what it shows stays of that moment's making, whatever becomes of the task (a new program, say). */
  readonly bind?: () => (() => string | Uint8Array | Errno) | Errno;
  /** What a write does with the bytes given; how many it took. */
  readonly write?: (task: Thread, text: string) => number | Errno;
}
function toBytes(text: string | Uint8Array): Uint8Array {
  if (typeof text !== 'string') return text;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
const WRITE_MAX = 4096;

/** An open text: made anew when read from its start. */
class TextFile extends BaseFile {
  override position: number | undefined = 0;
  readonly #text: Text;
  readonly #make: () => string | Uint8Array | Errno;
  #bytes: Uint8Array | undefined;
  constructor(at: Dentry, text: Text, flags: number, make: () => string | Uint8Array | Errno) {
    super(at, text, flags);
    this.#text = text;
    this.#make = make;
  }
  override read(_task: Task, into: Uint8Array, at?: number): number | Errno {
    const from = at ?? (this.position as number);
    if (from === 0 || !this.#bytes) {
      const made = this.#make();
      if (made instanceof Errno) return made;
      this.#bytes = toBytes(made);
    }
    const piece = this.#bytes.subarray(from, from + into.length);
    into.set(piece);
    if (at === undefined) this.position = from + piece.length;
    return piece.length;
  }
  override write(task: Task, from: Uint8Array): number | Errno {
    const { write } = this.#text.options;
    if (!write) return EIO;
    const thread = task.kernel.threads.get(task.tid);
    if (!thread) return EIO;
    return write(thread, String.fromCharCode(...from.subarray(0, WRITE_MAX)));
  }
  override seek(offset: number, whence: number): number | Errno {
    if (whence > 1) return EINVAL;
    const to = whence === 1 ? (this.position as number) + offset : offset;
    if (to < 0) return EINVAL;
    this.position = to;
    return to;
  }
}
export class Text extends ProcInode {
  readonly make: () => string | Uint8Array | Errno;
  readonly options: TextOptions;
  constructor(fs: ProcFs, make: () => string | Uint8Array | Errno, options: TextOptions = {}) {
    super(fs, S_IFREG | (options.mode ?? 0o444), options.of);
    this.make = make;
    this.options = options;
  }
  open(_task: Task, flags: number, at: Dentry): OpenFile | Errno {
    const make = this.options.bind ? this.options.bind() : this.make;
    return make instanceof Errno ? make : new TextFile(at, this, flags, make);
  }
  override pread(into: Uint8Array, at: number): number | Errno {
    const made = this.make();
    if (made instanceof Errno) return made;
    const piece = toBytes(made).subarray(at, at + into.length);
    into.set(piece);
    return piece.length;
  }
}
export interface LinkOptions {
  readonly of?: Of;
  /** Where following it leads, if not by its text: to a place or an open file. */
  readonly jump?: (task: Task) => Dentry | OpenFile | Errno;
  readonly mode?: () => number;
  /** st_size: nothing, or what Linux gives links to open files. */
  readonly size?: number;
}
export class Link extends ProcInode {
  readonly #text: () => string | Errno;
  readonly #options: LinkOptions;
  jump?: (task: Task) => Dentry | OpenFile | Errno;
  constructor(fs: ProcFs, text: () => string | Errno, options: LinkOptions = {}) {
    super(fs, S_IFLNK | 0o777, options.of);
    this.#text = text;
    this.#options = options;
    if (options.jump) this.jump = options.jump;
  }
  override attributes(): Attributes {
    const a = super.attributes();
    const { mode } = this.#options;
    if (mode) a.mode = (a.mode & S_IFMT) | mode();
    return a;
  }
  protected override get size(): number {
    return this.#options.size ?? 0;
  }
  override readlink(): string | Errno {
    return this.#text();
  }
  open(): Errno {
    return ENOENT;
  }
}
export interface DirectoryOptions {
  readonly mode?: number;
  readonly of?: Of;
  readonly nlink?: number;
  /** Entries that come and go, made by name; the inode of a name is kept while `key` stays. */
  readonly more?: { names(): string[]; get(name: string): Inode | undefined; key?(name: string): unknown };
  readonly size?: () => number;
}
/** A directory: fixed entries, and those that come and go. */
export class Directory extends ProcInode {
  #fixed: ReadonlyMap<string, Inode> | undefined;
  readonly #make: () => Record<string, Inode>;
  readonly #options: DirectoryOptions;
  readonly #made = new Map<string, { readonly inode: Inode; readonly key: unknown }>();
  /** `fixed`: what is always in it, or how that is made when somebody first looks. */
  constructor(
    fs: ProcFs,
    fixed: Record<string, Inode> | (() => Record<string, Inode>),
    options: DirectoryOptions = {},
  ) {
    super(fs, S_IFDIR | (options.mode ?? 0o555), options.of, options.nlink);
    this.#make = typeof fixed === 'function' ? fixed : () => fixed;
    this.#options = options;
  }
  get #always(): ReadonlyMap<string, Inode> {
    return (this.#fixed ??= new Map(Object.entries(this.#make())));
  }
  protected override get size(): number {
    return this.#options.size?.() ?? 0;
  }
  override lookup(name: string): Inode | Errno {
    const fixed = this.#always.get(name);
    if (fixed) return fixed;
    const { more } = this.#options;
    const key = more?.key ? more.key(name) : more?.names().includes(name) ? true : undefined;
    if (key === undefined) {
      this.#made.delete(name);
      return ENOENT;
    }
    const known = this.#made.get(name);
    if (known?.key === key) return known.inode;
    const inode = more?.get(name);
    if (!inode) return ENOENT;
    this.#made.set(name, { inode, key });
    return inode;
  }
  override entries(): { name: string; ino: number; type: number }[] {
    const out: { name: string; ino: number; type: number }[] = [];
    for (const name of [...this.#always.keys(), ...(this.#options.more?.names() ?? [])]) {
      const i = this.lookup(name);
      if (!(i instanceof Errno)) out.push({ name, ino: i.ino, type: (i.attributes().mode >> 12) & 15 });
    }
    return out;
  }
  open(_task: Task, flags: number, at: Dentry): OpenFile {
    return new DirectoryFile(at, this, flags);
  }
}
