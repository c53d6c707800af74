// A file of an overlay: the host's as long as nothing about it is changed, then ours.
import {
  EEXIST,
  EFBIG,
  EINVAL,
  EIO,
  EISDIR,
  EMLINK,
  ENODATA,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  ENXIO,
  EOPNOTSUPP,
  EPERM,
  Errno,
  EXDEV,
} from '../../../abi/errno.ts';
import * as F from '../../../abi/fcntl.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../../../abi/stat.ts';
import type { HostFiles, HostStat } from '../../../host/host.ts';
import type { Task } from '../../task.ts';
import type { Block } from '../../wait.ts';
import { DirectoryFile, MAX_FILE_SIZE, RegularFile } from '../file.ts';
import { BaseInode, DT_OF_MODE } from '../node.ts';
import { type Attributes, type Creation, type Dentry, type Inode, type OpenFile, tellWatchers } from '../vfs.ts';
import { Contents, PAGE } from './contents.ts';
import { attempt, attributesOf, LowerFile } from './lower.ts';
import type { Overlay } from './overlay.ts';

const RENAME_EXCHANGE = 2;
const XATTR_CREATE = 1,
  XATTR_REPLACE = 2;
const MAX_NAMES = 65000;
const DAY = 86_400_000_000_000n;
type Entry = { name: string; ino: number; type: number };

export class OverlayInode extends BaseInode {
  readonly fs: Overlay;
  readonly ino: number;
  /** Where the host has it; undefined for files that are ours. */
  #path: string | undefined;
  /** The host's word, and when it was asked. */
  #stat: Attributes;
  #asked: number;
  /** Set when anything differs from the host's: from then on nothing of its attributes counts. */
  #own: Attributes | undefined;
  #contents: Contents | undefined;
  #clean: Map<number, Uint8Array> | undefined;
  readonly #lower: LowerFile | undefined;
  #opens = 0;
  #link: string | undefined;
  /** Directories: names that are ours, and names of the host's that are taken away (undefined). */
  readonly names = new Map<string, OverlayInode | undefined>();
  #changes = 0;
  #xattrs: Map<string, Uint8Array> | undefined;
  /** Contents, mode or owner are no longer the host's. */
  written = false;

  private constructor(fs: Overlay, path: string | undefined, a: Attributes) {
    super();
    this.fs = fs;
    this.#path = path;
    this.ino = a.ino;
    this.#stat = a;
    this.#asked = fs.epoch;
    if (path === undefined) this.#own = a;
    else this.#lower = new LowerFile(fs.host as HostFiles);
  }
  static ours(fs: Overlay, a: Attributes): OverlayInode {
    return new OverlayInode(fs, undefined, a);
  }
  static lower(fs: Overlay, path: string, a: Attributes): OverlayInode {
    return new OverlayInode(fs, path, a);
  }
  /** The host has shown it at a path (again). False if that is another file with a number used anew. */
  isAt(path: string, s: HostStat): boolean {
    if (this.#own && s.birthtimeNs !== this.#own.btime) return false;
    if (this.#path !== undefined) this.#path = path;
    if (!this.#own) {
      this.#stat = attributesOf(s);
      this.#asked = this.fs.epoch;
    }
    return true;
  }
  /** Anything about it is ours. */
  get dirty(): boolean {
    return this.#own !== undefined;
  }
  get device(): number {
    return this.#stat.dev;
  }
  get lowerPath(): string | undefined {
    return this.#path;
  }
  get #hostPath(): string {
    return this.#path === '' ? '/' : (this.#path as string);
  }
  override get version(): number | undefined {
    return this.#changes + this.fs.epoch;
  }

  // --- attributes
  attributes(): Attributes {
    const own = this.#own;
    if (own) {
      if (this.#contents) {
        own.size = this.#contents.size;
        own.blocks = this.#contents.blocks;
      } else if (!this.fs.host && (own.mode & S_IFMT) === S_IFDIR) own.size = 20 * (this.names.size + 2);
      return own;
    }
    if (this.#asked !== this.fs.epoch) this.#ask();
    return this.#stat;
  }
  #ask(): void {
    this.#asked = this.fs.epoch;
    const open = this.#lower?.stat();
    if (open) {
      this.#stat = open;
      return;
    }
    const s = attempt(() => (this.fs.host as HostFiles).lstat(this.#hostPath));
    if (s && !(s instanceof Errno) && s.ino === this.ino && s.dev === this.#stat.dev) this.#stat = attributesOf(s);
    else this.#stat = { ...this.#stat, nlink: 0 };
  }
  get #type(): number {
    return (this.#own ?? this.#stat).mode & S_IFMT;
  }
  /** From now on the file is ours: attributes and, for links, the text. */
  #copyUp(): Attributes {
    if (this.#own) return this.#own;
    const a = { ...this.attributes() };
    if ((a.mode & S_IFMT) === S_IFLNK) {
      const text = this.readlink();
      if (typeof text === 'string') this.#link = text;
    }
    this.#own = a;
    this.fs.keep(this);
    return a;
  }
  #now(): bigint {
    return this.fs.options.clock();
  }
  #modified(): void {
    const a = this.#copyUp();
    a.mtime = a.ctime = this.#now();
  }
  /** Access times as `relatime` keeps them: only where they would otherwise seem older than a change, or than a day. */
  override accessed(): void {
    const a = this.#own;
    if (!a || this.fs.readOnly) return;
    const now = this.#now();
    if (a.atime <= a.mtime || a.atime <= a.ctime || now - a.atime > DAY) a.atime = now;
  }
  override setAttributes(
    change: Partial<Pick<Attributes, 'mode' | 'uid' | 'gid' | 'size' | 'atime' | 'mtime'>>,
  ): Errno | undefined {
    const { size, ...rest } = change;
    if (size !== undefined) {
      const c = this.#ownContents(size === 0);
      const before = c.size;
      const error = c.truncate(size);
      if (error) return error;
      tellWatchers(this, Math.min(before, size), Math.max(before, size));
      this.#modified();
    }
    const a = this.#copyUp();
    Object.assign(a, rest);
    a.ctime = this.#now();
    this.written = true;
    return undefined;
  }

  // --- directories
  override lookup(name: string): OverlayInode | Errno {
    if (this.names.size > 0 && this.names.has(name)) return this.names.get(name) ?? ENOENT;
    if (this.#path === undefined) return this.#type === S_IFDIR ? ENOENT : ENOTDIR;
    const path = `${this.#path}/${name}`;
    const s = attempt(() => (this.fs.host as HostFiles).lstat(path));
    if (s === undefined) return ENOENT;
    return s instanceof Errno ? s : this.fs.meet(path, s);
  }
  override entries(): Entry[] | Errno {
    const out: Entry[] = [];
    if (this.#path !== undefined) {
      const list = attempt(() => (this.fs.host as HostFiles).readdir(this.#hostPath));
      if (list instanceof Errno) return list;
      for (const name of list) {
        if (this.names.has(name)) continue;
        const child = this.lookup(name);
        if (!(child instanceof Errno)) out.push({ name, ino: child.ino, type: DT_OF_MODE(child.#type) });
      }
    }
    for (const [name, child] of this.names)
      if (child) out.push({ name, ino: child.ino, type: DT_OF_MODE(child.#type) });
    return out;
  }
  #add(name: string, child: OverlayInode): void {
    this.names.set(name, child);
    this.#changes++;
    this.#modified();
  }
  #take(name: string): void {
    if (this.#path === undefined) this.names.delete(name);
    else this.names.set(name, undefined);
    this.#changes++;
    this.#modified();
  }
  #new(name: string, how: Creation, rdev = 0): OverlayInode | Errno {
    if (!(this.lookup(name) instanceof Errno)) return EEXIST;
    const { nlink, dev } = this.attributes();
    if (nlink === 0) return ENOENT;
    if (this.fs.space.free === 0) return ENOSPC;
    const child = this.fs.make(how.mode, how.uid, how.gid, rdev, undefined, dev);
    this.#add(name, child);
    return child;
  }
  override create(name: string, how: Creation): Inode | Errno {
    return this.#new(name, { ...how, mode: S_IFREG | (how.mode & 0o7777) });
  }
  override mkdir(name: string, how: Creation): Inode | Errno {
    if (this.attributes().nlink >= MAX_NAMES) return EMLINK;
    const made = this.#new(name, { ...how, mode: S_IFDIR | (how.mode & 0o7777) });
    if (!(made instanceof Errno)) this.#copyUp().nlink++;
    return made;
  }
  override mknod(name: string, how: Creation, rdev: number): Inode | Errno {
    return this.#new(name, how, rdev);
  }
  override tmpfile(how: Creation, linkable: boolean): Inode | Errno {
    const made = this.fs.make(S_IFREG | (how.mode & 0o7777), how.uid, how.gid, 0, 0, this.attributes().dev);
    made.linkable = linkable;
    return made;
  }
  override symlink(name: string, target: string, how: Creation): Inode | Errno {
    const made = this.#new(name, { ...how, mode: S_IFLNK | 0o777 });
    if (made instanceof Errno) return made;
    made.#link = target;
    (made.#own as Attributes).size = target.length;
    return made;
  }
  override link(name: string, to: Inode): Errno | undefined {
    if (!(to instanceof OverlayInode) || to.fs !== this.fs) return EXDEV;
    if (!(this.lookup(name) instanceof Errno)) return EEXIST;
    const a = to.#copyUp();
    if (a.nlink >= MAX_NAMES) return EMLINK;
    a.nlink++;
    a.ctime = this.#now();
    this.#add(name, to);
    return undefined;
  }
  override unlink(name: string): Errno | undefined {
    const child = this.lookup(name);
    if (child instanceof Errno) return child;
    const a = child.#copyUp();
    a.nlink = Math.max(0, a.nlink - 1);
    a.ctime = this.#now();
    this.#take(name);
    child.#forget();
    return undefined;
  }
  override rmdir(name: string): Errno | undefined {
    const child = this.lookup(name);
    if (child instanceof Errno) return child;
    if (child.#type !== S_IFDIR) return ENOTDIR;
    const inside = child.entries();
    if (inside instanceof Errno) return inside;
    if (inside.length) return ENOTEMPTY;
    const a = child.#copyUp();
    a.nlink = 0;
    a.ctime = this.#now();
    child.#changes++;
    this.#take(name);
    this.#copyUp().nlink--;
    return undefined;
  }
  override rename(name: string, toDir: Inode, toName: string, flags: number): Errno | undefined {
    if (!(toDir instanceof OverlayInode) || toDir.fs !== this.fs) return EXDEV;
    const child = this.lookup(name);
    if (child instanceof Errno) return child;
    const old = toDir.lookup(toName);
    const childIsDirectory = child.#type === S_IFDIR;
    if (flags & RENAME_EXCHANGE) {
      if (old instanceof Errno) return old;
      const oldIsDirectory = old.#type === S_IFDIR;
      this.#add(name, old);
      toDir.#add(toName, child);
      if (toDir !== this && childIsDirectory !== oldIsDirectory) {
        this.#copyUp().nlink += oldIsDirectory ? 1 : -1;
        toDir.#copyUp().nlink += childIsDirectory ? 1 : -1;
      }
      old.#copyUp().ctime = child.#copyUp().ctime = this.#now();
      return undefined;
    }
    if (old === child) return undefined;
    if (!(old instanceof Errno)) {
      const error = old.#type === S_IFDIR ? toDir.rmdir(toName) : toDir.unlink(toName);
      if (error) return error;
    }
    child.#copyUp().ctime = this.#now();
    this.#take(name);
    toDir.#add(toName, child);
    if (childIsDirectory && toDir !== this) {
      this.#copyUp().nlink--;
      toDir.#copyUp().nlink++;
    }
    return undefined;
  }

  // --- contents
  override readlink(): string | Errno {
    if (this.#link !== undefined) {
      this.accessed();
      return this.#link;
    }
    if (this.#path === undefined) return EINVAL;
    return attempt(() => (this.fs.host as HostFiles).readlink(this.#hostPath));
  }
  /** The bytes as ours: from now on what the host's file says no longer counts. `empty`: all of it is about to go. */
  #ownContents(empty = false): Contents {
    if (this.#contents) return this.#contents;
    const { size } = this.#copyUp();
    const lower = this.#lower;
    this.#contents =
      lower && !empty && size > 0
        ? new Contents(this.fs.space, (into, at) => this.#readLower(lower, into, at), size)
        : new Contents(this.fs.space);
    if (empty) this.#contents.size = size;
    for (const [index, page] of this.#clean ?? []) this.#contents.adopt(index, page);
    this.#clean = undefined;
    this.written = true;
    return this.#contents;
  }
  /** The lower file has gone in the meantime: its bytes are lost. */
  #lost = false;
  #readLower(lower: LowerFile, into: Uint8Array, at: number): number {
    const n = lower.read(this.#hostPath, into, at);
    if (!(n instanceof Errno)) return n;
    this.#lost = true;
    return 0;
  }
  override pread(into: Uint8Array, at: number): number | Errno {
    if (this.#type === S_IFDIR) return EISDIR;
    if (this.#contents) {
      const n = this.#contents.read(into, at);
      return this.#lost ? EIO : n;
    }
    if (!this.#lower || at >= MAX_FILE_SIZE) return 0;
    return this.#lower.read(this.#hostPath, into, at);
  }
  override pwrite(from: Uint8Array, at: number): number | Errno {
    if (at + from.length > MAX_FILE_SIZE) return EFBIG;
    const c = this.#ownContents();
    const n = c.write(from, at);
    if (n instanceof Errno) return n;
    this.#modified();
    tellWatchers(this, at, at + n);
    return n;
  }
  override page(index: number, writing: boolean): Uint8Array | undefined {
    if (this.#type !== S_IFREG) return undefined;
    if (!writing && !this.#contents) return this.#cleanPage(index);
    const c = this.#ownContents();
    return index * PAGE >= c.size ? undefined : c.page(index);
  }
  /** A page of the host's file for mappings that only read. Should the file become ours, it goes over. */
  #cleanPage(index: number): Uint8Array | undefined {
    const known = this.#clean?.get(index);
    if (known) return known;
    if (index * PAGE >= this.attributes().size) return undefined;
    const page = new Uint8Array(PAGE);
    const n = this.pread(page, index * PAGE);
    if (n instanceof Errno) return undefined;
    this.#clean ??= new Map();
    this.#clean.set(index, page);
    return page;
  }
  override find(what: 'data' | 'hole', at: number): number | undefined {
    const { size } = this.attributes();
    if (at >= size) return undefined;
    if (this.#contents) return this.#contents.find(what, at) ?? (what === 'hole' ? size : undefined);
    if (!this.#lower && size > 0) return what === 'hole' ? at : undefined;
    return what === 'data' ? at : size;
  }
  override allocate(mode: number, offset: number, length: number): Errno | undefined {
    const kind = mode & ~F.FALLOC_FL_KEEP_SIZE;
    const keep = (mode & F.FALLOC_FL_KEEP_SIZE) !== 0;
    // What a tmpfs can't do.
    if (!this.fs.host && kind !== 0 && kind !== F.FALLOC_FL_PUNCH_HOLE) return EOPNOTSUPP;
    if (kind === F.FALLOC_FL_UNSHARE_RANGE || kind === F.FALLOC_FL_WRITE_ZEROES) return EOPNOTSUPP;
    const { size } = this.attributes();
    const shifts = kind === F.FALLOC_FL_COLLAPSE_RANGE || kind === F.FALLOC_FL_INSERT_RANGE;
    if (shifts) {
      if (offset % PAGE || length % PAGE) return EINVAL;
      if (kind === F.FALLOC_FL_COLLAPSE_RANGE ? offset + length >= size : offset >= size) return EINVAL;
      if (kind === F.FALLOC_FL_INSERT_RANGE && size + length > MAX_FILE_SIZE) return EFBIG;
    }
    const c = this.#ownContents();
    const error = shifts
      ? c.shift(offset, length, kind === F.FALLOC_FL_INSERT_RANGE)
      : kind === 0
        ? c.allocate(offset, length)
        : c.zero(offset, length, kind === F.FALLOC_FL_PUNCH_HOLE);
    if (error) return error;
    if (!keep && !shifts) c.size = Math.max(c.size, offset + length);
    if (kind !== 0 || c.size !== size) this.#modified();
    if (kind !== 0) tellWatchers(this, offset, shifts ? Math.max(size, c.size) : offset + length);
    return undefined;
  }
  open(task: Task, flags: number, at: Dentry): OpenFile | Errno | Block {
    const a = this.attributes();
    switch (a.mode & S_IFMT) {
      case S_IFDIR:
        return new DirectoryFile(at, this, flags);
      case S_IFREG: {
        const refused = this.#lower?.open(this.#hostPath);
        // What is ours whole needs nothing of the host's any more.
        if (refused && !this.#contents) return refused;
        if (refused) this.#lost = true;
        this.#opens++;
        return new RegularFile(at, this, flags);
      }
      case S_IFCHR:
      case S_IFIFO:
      case S_IFBLK: {
        const opener = this.fs.options.special(this, a.mode, a.rdev);
        return opener ? opener(task, flags, at) : ENXIO;
      }
      default:
        return ENXIO;
    }
  }
  override closed(): void {
    if (--this.#opens === 0) this.#clean = undefined;
    this.#lower?.close();
    this.#forget();
  }
  /** Without names and openings the bytes are of no use. */
  #forget(): void {
    if (this.#opens > 0 || this.#own?.nlink !== 0 || this.watchers?.size) return;
    this.#contents?.clear();
    if (this.#path !== undefined) this.fs.forget(this);
  }

  // --- extended attributes
  #attrs(): Map<string, Uint8Array> {
    if (!this.#xattrs) {
      const path = this.#path === undefined ? undefined : this.#hostPath;
      const below = path === undefined ? undefined : attempt(() => this.fs.host?.xattrs?.(path));
      this.#xattrs = new Map(below instanceof Errno ? [] : (below ?? []));
    }
    return this.#xattrs;
  }
  override getxattr(name: string): Uint8Array | Errno {
    if (/^(user|trusted|security)\.$/.test(name)) return EINVAL;
    if (!/^(user|trusted|security|system)\../.test(name)) return EOPNOTSUPP;
    if (name.startsWith('system.')) return name.startsWith('system.posix_acl') && this.fs.acls ? ENODATA : EOPNOTSUPP;
    return this.#attrs().get(name) ?? ENODATA;
  }
  override setxattr(name: string, value: Uint8Array, flags: number): Errno | undefined {
    if (/^(user|trusted|security)\.$/.test(name)) return EINVAL;
    if (!/^(user|trusted|security)\../.test(name)) return EOPNOTSUPP;
    const type = this.#type;
    if (name.startsWith('user.') && type !== S_IFREG && type !== S_IFDIR) return EPERM;
    const has = this.#attrs().has(name);
    if (flags & XATTR_CREATE && has) return EEXIST;
    if (flags & XATTR_REPLACE && !has) return ENODATA;
    this.#attrs().set(name, value.slice());
    this.#copyUp().ctime = this.#now();
    this.written = true;
    return undefined;
  }
  override listxattr(): string[] | Errno {
    return [...this.#attrs().keys()];
  }
  override removexattr(name: string): Errno | undefined {
    if (/^(user|trusted|security)\.$/.test(name)) return EINVAL;
    if (!this.#attrs().delete(name)) return ENODATA;
    this.#copyUp().ctime = this.#now();
    this.written = true;
    return undefined;
  }
}
