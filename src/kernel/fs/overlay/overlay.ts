// The file system programs see: the host's tree, read-only, under changes kept in memory. Without a host tree below it is a tmpfs.

import { Errno } from '../../../abi/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../abi/stat.ts';
import * as X from '../../../abi/statx.ts';
import type { HostFiles, HostStat } from '../../../host/host.ts';
import type { Task } from '../../task.ts';
import type { Block } from '../../wait.ts';
import { FadingMap } from '../fading.ts';
import type { Dentry, FileSystem, Inode, OpenFile, Time } from '../vfs.ts';
import { changesOf } from './changes.ts';
import { OverlayInode } from './inode.ts';
import { attempt, attributesOf } from './lower.ts';
import { FileSpace, type Pages } from './space.ts';

export interface OverlayOptions {
  readonly type: string;
  readonly magic: number;
  readonly dev: number;
  readonly host?: HostFiles;
  /** The host directory that is the root. */
  readonly hostRoot?: string;
  readonly readOnly?: boolean;
  readonly clock: () => Time;
  /** Mode of a root in memory. */
  readonly mode?: number;
  /** The machine's memory, of which files may take part. */
  readonly pages: Pages;
  /** Devices and fifos by mode and number. */
  readonly special: (
    inode: Inode,
    mode: number,
    rdev: number,
  ) => ((task: Task, flags: number, at: Dentry) => OpenFile | Errno | Block) | undefined;
}
/** Inodes of host files met before those that nobody holds may be collected. */
const MANY = 20_000;
/** ext4 and tmpfs note that somebody looked at the times of change, and make the next ones finer: they are given when asked for alone. */
const FINE_TIMES = {
  given: X.STATX_BASIC_STATS & ~(X.STATX_MTIME | X.STATX_CTIME),
  onRequest: X.STATX_MTIME | X.STATX_CTIME | X.STATX_BTIME,
};
const MEMORY =
  X.STATX_ATTR_DAX |
  X.STATX_ATTR_MOUNT_ROOT |
  X.STATX_ATTR_AUTOMOUNT |
  X.STATX_ATTR_NODUMP |
  X.STATX_ATTR_APPEND |
  X.STATX_ATTR_IMMUTABLE;
const DISK = MEMORY | X.STATX_ATTR_VERITY | X.STATX_ATTR_ENCRYPTED | X.STATX_ATTR_COMPRESSED;
/** Numbers of files that are ours begin where a host's file system hardly gets, and still fit the 32 bits of old calls. */
const FIRST_INO = 3_000_000_000;

export class Overlay implements FileSystem {
  readonly type: string;
  readonly magic: number;
  readonly dev: number;
  readonly readOnly: boolean;
  readonly statx: { readonly given: number; readonly onRequest: number; readonly attributes: number };
  readonly root: OverlayInode;
  readonly host: HostFiles | undefined;
  readonly options: OverlayOptions;
  readonly space: FileSpace;
  /** Inodes of the host's files by device and number: a file with several names is one. */
  readonly #known = new Map<number, FadingMap<number, OverlayInode>>();
  #met = 0;
  #ino: number;

  constructor(options: OverlayOptions) {
    this.options = options;
    this.type = options.type;
    this.magic = options.magic;
    this.dev = options.dev;
    this.readOnly = options.readOnly ?? false;
    this.statx = { ...FINE_TIMES, attributes: options.host ? DISK : MEMORY };
    this.host = options.host;
    this.space = new FileSpace(options.pages);
    this.#ino = options.host ? FIRST_INO : 1;
    const { host, hostRoot } = options;
    const stat = host && hostRoot !== undefined ? host.lstat(hostRoot === '' ? '/' : hostRoot) : undefined;
    this.root =
      stat && hostRoot !== undefined ? this.meet(hostRoot, stat) : this.make(S_IFDIR | (options.mode ?? 0o1777), 0, 0);
  }
  /** Files could have access control lists. */
  get acls(): boolean {
    return this.type !== 'sysfs';
  }
  /** Counts the times the host's files were looked at anew: within one, they are taken to stay as they are. */
  get epoch(): number {
    return this.host?.epoch ?? 0;
  }
  /** A new file of ours, with `nlink` names to come. `dev`: the device of the host's directory it is in. */
  make(mode: number, uid: number, gid: number, rdev = 0, nlink?: number, dev = this.dev): OverlayInode {
    const t = this.options.clock();
    const directory = (mode & S_IFMT) === S_IFDIR;
    return OverlayInode.ours(this, {
      dev,
      ino: this.#ino++,
      mode,
      nlink: nlink ?? (directory ? 2 : 1),
      uid,
      gid,
      rdev,
      size: directory && this.host ? 4096 : 0,
      blksize: 4096,
      blocks: directory && this.host ? 8 : 0,
      atime: t,
      mtime: t,
      ctime: t,
      btime: t,
    });
  }
  /** The inode of a host file that was found at `path`. */
  meet(path: string, s: HostStat): OverlayInode {
    let device = this.#known.get(s.dev);
    if (!device) this.#known.set(s.dev, (device = new FadingMap()));
    const known = device.get(s.ino);
    if (known?.isAt(path, s)) return known;
    const made = OverlayInode.lower(this, path, attributesOf(s));
    device.set(s.ino, made);
    if (++this.#met > MANY) {
      this.#met = 0;
      for (const d of this.#known.values()) d.fade((i) => i.dirty);
    }
    return made;
  }
  /** It differs from the host's: kept until it is forgotten. */
  keep(inode: OverlayInode): void {
    this.#known.get(inode.device)?.set(inode.ino, inode);
  }
  forget(inode: OverlayInode): void {
    const device = this.#known.get(inode.device);
    if (device?.get(inode.ino) === inode) device.delete(inode.ino);
  }
  /** What a program changed of the host's files: paths as it sees them. */
  changes(): Map<string, 'written' | 'removed'> {
    const dirty: OverlayInode[] = [];
    for (const d of this.#known.values()) for (const i of d.held()) if (i.dirty) dirty.push(i);
    return changesOf(this.root, dirty, (path) => {
      const s = attempt(() => this.host?.lstat(path));
      return s !== undefined && !(s instanceof Errno);
    });
  }
  statfs(of: Inode): ReturnType<FileSystem['statfs']> {
    const below = (of instanceof OverlayInode ? of.lowerPath : undefined) ?? this.options.hostRoot;
    const s = below === undefined ? undefined : attempt(() => this.host?.statfs?.(below === '' ? '/' : below));
    if (s && !(s instanceof Errno)) return { ...s, namelen: 255 };
    const { limit, free } = this.space;
    return { bsize: 4096, blocks: limit, bfree: free, bavail: free, files: limit, ffree: free, namelen: 255 };
  }
}
