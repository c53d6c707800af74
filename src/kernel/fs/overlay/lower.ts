// The host's tree below an overlay: what it says about files, as attributes and errnos.
import * as E from '../../../abi/errno.ts';
import { HostError, type HostFile, type HostFiles, type HostStat } from '../../../host/host.ts';
import type { Attributes } from '../vfs.ts';

const ERRORS: Readonly<Record<string, E.Errno>> = {
  EACCES: E.EACCES,
  EEXIST: E.EEXIST,
  EINVAL: E.EINVAL,
  EIO: E.EIO,
  EISDIR: E.EISDIR,
  ELOOP: E.ELOOP,
  EMFILE: E.EMFILE,
  ENAMETOOLONG: E.ENAMETOOLONG,
  ENFILE: E.ENFILE,
  ENODEV: E.ENODEV,
  ENOENT: E.ENOENT,
  ENOMEM: E.ENOMEM,
  ENOSPC: E.ENOSPC,
  ENOTDIR: E.ENOTDIR,
  ENXIO: E.ENXIO,
  EPERM: E.EPERM,
  EROFS: E.EROFS,
  ETXTBSY: E.ETXTBSY,
};
/** A host refusal as the errno it names. */
export function hostErrno(e: unknown): E.Errno {
  if (e instanceof HostError) return ERRORS[e.code] ?? E.EIO;
  throw e;
}
export function attempt<T>(f: () => T): T | E.Errno {
  try {
    return f();
  } catch (e) {
    return hostErrno(e);
  }
}
export const attributesOf = (s: HostStat): Attributes => ({
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
});

/** A host file that is open as long as the program has it open; in between it is opened by path when something is wanted of it. */
export class LowerFile {
  readonly #host: HostFiles;
  #file: HostFile | undefined;
  #users = 0;
  constructor(host: HostFiles) {
    this.#host = host;
  }
  /** Opens it for as long as `close` isn't called as often. */
  open(path: string): E.Errno | undefined {
    if (this.#users === 0 && !this.#file) {
      const file = attempt(() => this.#host.open(path, 'read'));
      if (file instanceof E.Errno) return file;
      this.#file = file;
    }
    this.#users++;
    return undefined;
  }
  close(): void {
    if (--this.#users > 0) return;
    this.#file?.close();
    this.#file = undefined;
  }
  read(path: string, into: Uint8Array, at: number): number | E.Errno {
    try {
      if (this.#file) return this.#file.pread(into, at);
      const file = this.#host.open(path, 'read');
      try {
        return file.pread(into, at);
      } finally {
        file.close();
      }
    } catch (e) {
      return hostErrno(e);
    }
  }
  /** What the open file says of itself; undefined while it isn't open. */
  stat(): Attributes | undefined {
    const s = this.#file && attempt((this.#file as HostFile).stat.bind(this.#file));
    return s === undefined || s instanceof E.Errno ? undefined : attributesOf(s);
  }
}
