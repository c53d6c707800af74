// The file system programs see: the host's tree, read-only, under changes kept in memory. Without a host tree below it is a tmpfs.
import {
  EACCES,
  EEXIST,
  EINVAL,
  EIO,
  EISDIR,
  ELOOP,
  EMFILE,
  EMLINK,
  ENAMETOOLONG,
  ENODATA,
  ENOENT,
  ENOMEM,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  ENXIO,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  Errno,
  EXDEV,
} from '../../../abi/errno.ts';
import { S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../../../abi/stat.ts';
import { HostError, type HostFiles, type HostStat } from '../../../host/host.ts';
import type { Task } from '../../task.ts';
import type { Block } from '../../wait.ts';
import { DirectoryFile, RegularFile } from '../file.ts';
import { BaseInode, DT_OF_MODE } from '../node.ts';
import {
  type Attributes,
  type Creation,
  type Dentry,
  type FileSystem,
  type Inode,
  type OpenFile,
  type Time,
  tellWatchers,
} from '../vfs.ts';
import { Contents } from './contents.ts';

const HOST_ERRORS: Readonly<Record<string, Errno>> = {
  EACCES,
  EEXIST,
  EINVAL,
  EIO,
  ENOENT,
  ENOTDIR,
  EPERM,
  ENAMETOOLONG,
  ELOOP,
  EMFILE,
  ENOMEM,
  ENOSPC,
  ENXIO,
  EROFS,
  EISDIR,
};
/** A host refusal as the errno it names. */
export function hostErrno(e: unknown): Errno {
  if (e instanceof HostError) return HOST_ERRORS[e.code] ?? EIO;
  throw e;
}
const RENAME_NOREPLACE = 1,
  RENAME_EXCHANGE = 2;
const XATTR_CREATE = 1,
  XATTR_REPLACE = 2;

export interface OverlayOptions {
  readonly type: string;
  readonly magic: number;
  readonly dev: number;
  readonly host?: HostFiles;
  /** The host directory that is the root. */
  readonly hostRoot?: string;
  readonly clock: () => Time;
  readonly mode?: number;
  /** Devices and fifos by mode and number. */
  readonly special: (
    inode: Inode,
    mode: number,
    rdev: number,
  ) => ((task: Task, flags: number, at: Dentry) => OpenFile | Errno | Block) | undefined;
}

export class Overlay implements FileSystem {
  readonly type: string;
  readonly magic: number;
  readonly dev: number;
  readonly readOnly = false;
  readonly root: OverlayInode;
  readonly options: OverlayOptions;
  readonly host: HostFiles | undefined;
  /** Lower inodes by identity, so that hard links are one file here too. */
  readonly known = new Map<string, OverlayInode>();
  /** Paths changed, for the message at the end. */
  readonly changed = new Map<string, 'written' | 'removed'>();
  #ino = 0x1000_0000;

  constructor(options: OverlayOptions) {
    this.options = options;
    this.type = options.type;
    this.magic = options.magic;
    this.dev = options.dev;
    this.host = options.host;
    const { host, hostRoot } = options;
    if (host && hostRoot !== undefined)
      this.root = new OverlayInode(this, hostRoot, host.lstat(hostRoot === '' ? '/' : hostRoot));
    else this.root = this.make(S_IFDIR | (options.mode ?? 0o1777), 0, 0);
  }
  nextIno(): number {
    return this.#ino++;
  }
  make(mode: number, uid: number, gid: number, rdev = 0): OverlayInode {
    const t = this.options.clock();
    const ino = this.nextIno();
    return new OverlayInode(this, undefined, undefined, {
      dev: this.dev,
      ino,
      mode,
      nlink: (mode & S_IFMT) === S_IFDIR ? 2 : 1,
      uid,
      gid,
      rdev,
      size: 0,
      blksize: 4096,
      blocks: 0,
      atime: t,
      mtime: t,
      ctime: t,
      btime: t,
    });
  }
  statfs(): ReturnType<FileSystem['statfs']> {
    return {
      bsize: 4096,
      blocks: 0x400000,
      bfree: 0x200000,
      bavail: 0x200000,
      files: 0x100000,
      ffree: 0x80000,
      namelen: 255,
    };
  }
}

export class OverlayInode extends BaseInode {
  readonly fs: Overlay;
  readonly ino: number;
  /** The host's path, while the host has something to say here. */
  #path: string | undefined;
  /** Set when anything differs from the host's: from then on nothing of the host's attributes counts. */
  #own: Attributes | undefined;
  #contents: Contents | undefined;
  #link: string | undefined;
  /** Directories: names that are ours, and names taken away (undefined). */
  readonly #names = new Map<string, OverlayInode | undefined>();
  #xattrs: Map<string, Uint8Array> | undefined;
  readonly #dev: number;

  constructor(fs: Overlay, path: string | undefined, stat?: HostStat, own?: Attributes) {
    super();
    this.fs = fs;
    this.#path = path;
    this.#own = own;
    this.ino = stat?.ino ?? own?.ino ?? 0;
    this.#dev = stat?.dev ?? fs.dev;
  }
  attributes(): Attributes {
    if (this.#own) {
      if (this.#contents) {
        this.#own.size = this.#contents.size;
        this.#own.blocks = Math.ceil(this.#contents.size / 4096) * 8;
      }
      return this.#own;
    }
    return this.#fromHost();
  }
  #fromHost(): Attributes {
    try {
      const s = (this.fs.host as HostFiles).lstat(this.#hostPath());
      return {
        dev: s.dev,
        ino: s.ino,
        mode: s.mode,
        nlink: s.nlink,
        uid: s.uid,
        gid: s.gid,
        rdev: s.rdev,
        size: s.size,
        blksize: s.blksize,
        blocks: s.blocks,
        atime: s.atimeNs,
        mtime: s.mtimeNs,
        ctime: s.ctimeNs,
        btime: s.birthtimeNs,
      };
    } catch (e) {
      if (!(e instanceof HostError)) throw e;
      // Gone from the host since: what is left is an unlinked file.
      const t = this.fs.options.clock();
      return {
        dev: this.#dev,
        ino: this.ino,
        mode: S_IFREG,
        nlink: 0,
        uid: 0,
        gid: 0,
        rdev: 0,
        size: 0,
        blksize: 4096,
        blocks: 0,
        atime: t,
        mtime: t,
        ctime: t,
        btime: t,
      };
    }
  }
  #hostPath(): string {
    return this.#path === '' ? '/' : (this.#path as string);
  }
  get #type(): number {
    return this.attributes().mode & S_IFMT;
  }
  /** From now on the file is ours: attributes and, for links, the text. */
  #copyUp(): Attributes {
    if (!this.#own) {
      const a = this.#fromHost();
      if ((a.mode & S_IFMT) === S_IFLNK) {
        const text = this.readlink();
        if (typeof text === 'string') this.#link = text;
      }
      if ((a.mode & S_IFMT) === S_IFREG) {
        const c = this.#open();
        if (!(c instanceof Errno)) c.size = a.size;
      }
      this.#own = a;
    }
    return this.#own;
  }
  #touched(m: boolean): void {
    const a = this.#copyUp();
    const t = this.fs.options.clock();
    if (m) a.mtime = t;
    a.ctime = t;
  }
  override setAttributes(
    change: Partial<Pick<Attributes, 'mode' | 'uid' | 'gid' | 'size' | 'atime' | 'mtime'>>,
  ): Errno | undefined {
    const a = this.#copyUp();
    const { size, ...rest } = change;
    if (size !== undefined) {
      const c = this.#open();
      if (c instanceof Errno) return c;
      const before = c.size;
      const e = c.truncate(size);
      if (e) return e;
      tellWatchers(this, Math.min(before, size), Math.max(before, size));
      a.mtime = this.fs.options.clock();
    }
    Object.assign(a, rest);
    a.ctime = this.fs.options.clock();
    this.#note();
    return undefined;
  }
  #note(): void {
    if (this.#path !== undefined) this.fs.changed.set(this.#hostPath(), 'written');
  }

  // --- directories
  #child(path: string): OverlayInode | Errno {
    try {
      const s = (this.fs.host as HostFiles).lstat(path);
      const key = `${s.dev}:${s.ino}`;
      const known = this.fs.known.get(key);
      if (known && (s.mode & S_IFMT) !== S_IFDIR) {
        if (known.#path === undefined || known.#own || !s.nlink)
          return known.#own ? known : this.#register(key, path, s);
        known.#path = path;
        return known;
      }
      if (known && known.#path === path) return known;
      return this.#register(key, path, s);
    } catch (e) {
      return hostErrno(e);
    }
  }
  #register(key: string, path: string, s: HostStat): OverlayInode {
    const made = new OverlayInode(this.fs, path, s);
    this.fs.known.set(key, made);
    return made;
  }
  override lookup(name: string): OverlayInode | Errno {
    if (this.#names.has(name)) return this.#names.get(name) ?? ENOENT;
    if (this.#path === undefined) return this.#type === S_IFDIR ? ENOENT : ENOTDIR;
    return this.#child(`${this.#path}/${name}`);
  }
  override entries(): { name: string; ino: number; type: number }[] | Errno {
    const out: { name: string; ino: number; type: number }[] = [];
    if (this.#path !== undefined) {
      try {
        for (const name of (this.fs.host as HostFiles).readdir(this.#hostPath())) {
          if (this.#names.has(name)) continue;
          const child = this.lookup(name);
          if (child instanceof Errno) continue;
          out.push({ name, ino: child.ino, type: DT_OF_MODE(child.attributes().mode) });
        }
      } catch (e) {
        return hostErrno(e);
      }
    }
    for (const [name, child] of this.#names)
      if (child) out.push({ name, ino: child.ino, type: DT_OF_MODE(child.attributes().mode) });
    return out;
  }
  #add(name: string, child: OverlayInode): void {
    this.#names.set(name, child);
    this.#touched(true);
    if (this.#path !== undefined) this.fs.changed.set(`${this.#path}/${name}`, 'written');
  }
  #take(name: string): void {
    if (this.#path !== undefined) {
      this.#names.set(name, undefined);
      const path = `${this.#path}/${name}`;
      if (this.#onHost(path)) this.fs.changed.set(path, 'removed');
      else this.fs.changed.delete(path);
    } else this.#names.delete(name);
    this.#touched(true);
  }
  #onHost(path: string): boolean {
    try {
      this.fs.host?.lstat(path);
      return true;
    } catch (e) {
      if (e instanceof HostError) return false;
      throw e;
    }
  }
  #new(name: string, how: Creation, rdev = 0): OverlayInode | Errno {
    if (!(this.lookup(name) instanceof Errno)) return EEXIST;
    if (this.attributes().nlink === 0) return ENOENT;
    const child = this.fs.make(how.mode, how.uid, how.gid, rdev);
    this.#add(name, child);
    return child;
  }
  override create(name: string, how: Creation): Inode | Errno {
    return this.#new(name, { ...how, mode: S_IFREG | (how.mode & 0o7777) });
  }
  override mkdir(name: string, how: Creation): Inode | Errno {
    const r = this.#new(name, { ...how, mode: S_IFDIR | (how.mode & 0o7777) });
    if (!(r instanceof Errno)) this.#copyUp().nlink++;
    return r;
  }
  override mknod(name: string, how: Creation, rdev: number): Inode | Errno {
    return this.#new(name, how, rdev);
  }
  override tmpfile(how: Creation, linkable: boolean): Inode | Errno {
    const made = this.fs.make(S_IFREG | (how.mode & 0o7777), how.uid, how.gid);
    (made.#own as Attributes).nlink = 0;
    made.linkable = linkable;
    return made;
  }
  override symlink(name: string, target: string, how: Creation): Inode | Errno {
    const r = this.#new(name, { ...how, mode: S_IFLNK | 0o777 });
    if (r instanceof Errno) return r;
    r.#link = target;
    (r.#own as Attributes).size = target.length;
    return r;
  }
  override link(name: string, to: Inode): Errno | undefined {
    if (!(to instanceof OverlayInode) || to.fs !== this.fs) return EXDEV;
    if (!(this.lookup(name) instanceof Errno)) return EEXIST;
    const a = to.#copyUp();
    if (a.nlink >= 65000) return EMLINK;
    a.nlink++;
    a.ctime = this.fs.options.clock();
    this.#add(name, to);
    return undefined;
  }
  override unlink(name: string): Errno | undefined {
    const child = this.lookup(name);
    if (child instanceof Errno) return child;
    const a = child.#copyUp();
    a.nlink--;
    a.ctime = this.fs.options.clock();
    this.#take(name);
    return undefined;
  }
  override rmdir(name: string): Errno | undefined {
    const child = this.lookup(name);
    if (child instanceof Errno) return child;
    if (child.#type !== S_IFDIR) return ENOTDIR;
    const inside = child.entries();
    if (inside instanceof Errno) return inside;
    if (inside.length) return ENOTEMPTY;
    child.#copyUp().nlink = 0;
    this.#take(name);
    this.#copyUp().nlink--;
    return undefined;
  }
  override rename(name: string, toDir: Inode, toName: string, flags: number): Errno | undefined {
    if (!(toDir instanceof OverlayInode) || toDir.fs !== this.fs) return EXDEV;
    const child = this.lookup(name);
    if (child instanceof Errno) return child;
    const old = toDir.lookup(toName);
    if (flags & RENAME_NOREPLACE && !(old instanceof Errno)) return EEXIST;
    if (flags & RENAME_EXCHANGE) {
      if (old instanceof Errno) return old;
      old.#loadBelow();
      child.#loadBelow();
      this.#add(name, old);
      toDir.#add(toName, child);
      return undefined;
    }
    if (old === child) return undefined;
    const directory = child.#type === S_IFDIR;
    if (!(old instanceof Errno)) {
      if (old.#type === S_IFDIR) {
        const e = toDir.rmdir(toName);
        if (e) return e;
      } else {
        const e = toDir.unlink(toName);
        if (e) return e;
      }
    }
    child.#loadBelow();
    this.#take(name);
    toDir.#add(toName, child);
    child.#touched(false);
    if (directory && toDir !== this) {
      this.#copyUp().nlink--;
      toDir.#copyUp().nlink++;
    }
    return undefined;
  }
  /** Before a directory moves, what the host has below it is taken over by name: the host's paths stay as they are. */
  #loadBelow(): void {
    this.#copyUp();
  }

  // --- contents
  override readlink(): string | Errno {
    if (this.#link !== undefined) return this.#link;
    if (this.#path === undefined) return EINVAL;
    try {
      return (this.fs.host as HostFiles).readlink(this.#hostPath());
    } catch (e) {
      return hostErrno(e);
    }
  }
  #open(): Contents | Errno {
    if (this.#contents) return this.#contents;
    if (this.#path === undefined) {
      this.#contents = new Contents();
      return this.#contents;
    }
    try {
      const file = (this.fs.host as HostFiles).open(this.#hostPath(), 'read');
      this.#contents = new Contents({ file, size: file.stat().size });
      return this.#contents;
    } catch (e) {
      return hostErrno(e);
    }
  }
  override pread(into: Uint8Array, at: number): number | Errno {
    if (this.#type === S_IFDIR) return EISDIR;
    const c = this.#open();
    if (c instanceof Errno) return c;
    // The host's file may have grown since.
    if (!this.#own && at + into.length > c.size) {
      const size = this.#fromHost().size;
      if (size !== c.size && this.#path !== undefined) {
        c.close();
        this.#contents = undefined;
        const again = this.#open();
        return again instanceof Errno ? again : again.read(into, at);
      }
      // Files of the host's /proc and /sys tell no size: what a read gives is what there is.
      if (size === 0) return this.#unsized(into, at);
    }
    return c.read(into, at);
  }
  #unsized(into: Uint8Array, at: number): number | Errno {
    try {
      const file = (this.fs.host as HostFiles).open(this.#hostPath(), 'read');
      const n = file.pread(into, at);
      file.close();
      return n;
    } catch (e) {
      return hostErrno(e);
    }
  }
  override pwrite(from: Uint8Array, at: number): number | Errno {
    const a = this.#copyUp();
    const c = this.#open();
    if (c instanceof Errno) return c;
    const n = c.write(from, at);
    if (!(n instanceof Errno)) {
      a.mtime = a.ctime = this.fs.options.clock();
      // Writing takes set-id rights away.
      if (a.mode & 0o6000) a.mode &= a.mode & 0o010 ? ~0o6000 : ~0o4000;
      tellWatchers(this, at, at + n);
      this.#note();
    }
    return n;
  }
  override page(index: number): Uint8Array | undefined {
    if (this.#type !== S_IFREG) return undefined;
    const c = this.#open();
    if (c instanceof Errno || index * 4096 >= c.size) return undefined;
    return c.page(index);
  }
  zero(at: number, length: number): Errno | undefined {
    this.#copyUp();
    const c = this.#open();
    if (c instanceof Errno) return c;
    c.zero(at, length);
    this.#touched(true);
    tellWatchers(this, at, at + length);
    return undefined;
  }
  open(task: Task, flags: number, at: Dentry): OpenFile | Errno | Block {
    const a = this.attributes();
    switch (a.mode & S_IFMT) {
      case S_IFDIR: {
        if (this.#path !== undefined) {
          const readable = this.entries();
          if (readable instanceof Errno) return readable;
        }
        return new DirectoryFile(at, this, flags);
      }
      case S_IFREG: {
        const c = this.#open();
        if (c instanceof Errno) return c;
        return new RegularFile(at, this, flags);
      }
      case S_IFCHR:
      case S_IFIFO:
      case 0o060000: {
        const opener = this.fs.options.special(this, a.mode, a.rdev);
        return opener ? opener(task, flags, at) : ENXIO;
      }
      default:
        return ENXIO;
    }
  }

  // --- extended attributes
  #attrs(): Map<string, Uint8Array> {
    if (!this.#xattrs) {
      let below: Map<string, Uint8Array> | undefined;
      if (this.#path !== undefined) {
        try {
          below = this.fs.host?.xattrs?.(this.#hostPath());
        } catch (e) {
          if (!(e instanceof HostError)) throw e;
        }
      }
      this.#xattrs = new Map(below ?? []);
    }
    return this.#xattrs;
  }
  override getxattr(name: string): Uint8Array | Errno {
    if (!/^(user|trusted|security|system)\../.test(name)) return EOPNOTSUPP;
    if (name.startsWith('system.')) return name.startsWith('system.posix_acl') ? ENODATA : EOPNOTSUPP;
    return this.#attrs().get(name) ?? ENODATA;
  }
  override setxattr(name: string, value: Uint8Array, flags: number): Errno | undefined {
    if (!/^(user|trusted|security)\../.test(name)) return EOPNOTSUPP;
    const type = this.#type;
    if (name.startsWith('user.') && type !== S_IFREG && type !== S_IFDIR) return EPERM;
    const has = this.#attrs().has(name);
    if (flags & XATTR_CREATE && has) return EEXIST;
    if (flags & XATTR_REPLACE && !has) return ENODATA;
    this.#attrs().set(name, value.slice());
    this.#touched(false);
    return undefined;
  }
  override listxattr(): string[] | Errno {
    return [...this.#attrs().keys()];
  }
  override removexattr(name: string): Errno | undefined {
    if (!this.#attrs().delete(name)) return ENODATA;
    this.#touched(false);
    return undefined;
  }
}
