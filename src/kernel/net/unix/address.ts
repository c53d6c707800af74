// Names of unix sockets (unix(7)): files, abstract names, none.
import { EACCES, EADDRINUSE, ECONNREFUSED, EINVAL, ENOSPC, EPROTOTYPE, Errno } from '../../../abi/errno.ts';
import { AF_UNIX } from '../../../abi/socket.ts';
import { S_IFMT, S_IFSOCK } from '../../../abi/stat.ts';
import * as N from '../../fs/names.ts';
import { creationIn, MAY_WRITE, may } from '../../fs/permission.ts';
import type { Inode } from '../../fs/vfs.ts';
import { resolve, walk } from '../../fs/walk.ts';
import type { Thread } from '../../thread.ts';
import { familyOf } from '../socket.ts';
import type { UnixSocket } from './socket.ts';

/** struct sockaddr_un: the family, then up to 108 bytes. */
const PATH_AT = 2;
const LENGTH = 110;
/** The address of a socket without a name. */
export const NAMELESS = Uint8Array.of(AF_UNIX, 0);

/** Who has which name. */
export class UnixNames {
  readonly #abstract = new Map<string, UnixSocket>();
  readonly #files = new WeakMap<Inode, UnixSocket>();
  #next = 0;

  ofFile(inode: Inode): UnixSocket | undefined {
    return this.#files.get(inode);
  }
  /** Takes an abstract name; false where somebody has it. */
  take(name: string, s: UnixSocket): boolean {
    if (this.#abstract.has(name)) return false;
    this.#abstract.set(name, s);
    return true;
  }
  find(name: string): UnixSocket | undefined {
    return this.#abstract.get(name);
  }
  takeFile(inode: Inode, s: UnixSocket): void {
    this.#files.set(inode, s);
  }
  /** A name of five hexadecimal digits that nobody has. */
  any(s: UnixSocket): string | Errno {
    for (let tries = 0; tries <= 0xfffff; tries++) {
      const name = `\0${(this.#next++ & 0xfffff).toString(16).padStart(5, '0')}`;
      if (this.take(name, s)) return name;
    }
    return ENOSPC;
  }
  release(s: UnixSocket): void {
    if (s.name?.startsWith('\0') && this.#abstract.get(s.name) === s) this.#abstract.delete(s.name);
    if (s.file && this.#files.get(s.file) === s) this.#files.delete(s.file);
  }
}

/** What the program wrote behind the family: a path without its NUL, or an abstract name, which begins with one. */
export function nameIn(address: Uint8Array): string | Errno {
  if (address.length <= PATH_AT || address.length > LENGTH || familyOf(address) !== AF_UNIX) return EINVAL;
  const bytes = address.subarray(PATH_AT);
  const end = bytes[0] === 0 ? bytes.length : bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}
/** The address of a socket with this name, as getsockname shows it: paths with their NUL. */
export function addressOf(name: string | undefined): Uint8Array {
  if (name === undefined) return NAMELESS;
  const text = name.startsWith('\0') ? name : `${name}\0`;
  return Uint8Array.from([AF_UNIX, 0, ...Array.from(text, (c) => c.charCodeAt(0))]);
}

/** bind(2): makes the file or takes the abstract name. */
export function bindName(t: Thread, s: UnixSocket, address: Uint8Array): Errno | undefined {
  const { unix } = t.kernel.net;
  if (address.length === PATH_AT && familyOf(address) === AF_UNIX) return autobind(t, s);
  const name = nameIn(address);
  if (name instanceof Errno) return name;
  if (name.startsWith('\0')) {
    if (s.name !== undefined) return EINVAL;
    if (!unix.take(name, s)) return EADDRINUSE;
    s.name = name;
    return undefined;
  }
  const at = walk(t, t.fs.cwd, name, { parent: true });
  if (at instanceof Errno) return at;
  if (at.found) return EADDRINUSE;
  if (s.name !== undefined) return EINVAL;
  const mode = S_IFSOCK | (s.inode.attributes().mode & 0o777 & ~t.fs.umask);
  const refused = N.make(t, at, false, (dir) => dir.mknod(at.name, creationIn(t, at.parent, mode), 0));
  if (refused) return refused;
  const made = at.parent.child(at.name);
  if (made instanceof Errno) return made;
  unix.takeFile(made.inode, s);
  s.file = made.inode;
  s.name = name;
  return undefined;
}
export function autobind(t: Thread, s: UnixSocket): Errno | undefined {
  if (s.name !== undefined) return undefined;
  const name = t.kernel.net.unix.any(s);
  if (name instanceof Errno) return name;
  s.name = name;
  return undefined;
}

/** The socket that an address names, of the same type. */
export function findSocket(t: Thread, s: UnixSocket, address: Uint8Array): UnixSocket | Errno {
  const name = nameIn(address);
  if (name instanceof Errno) return name;
  const { unix } = t.kernel.net;
  let found: UnixSocket | undefined;
  if (name.startsWith('\0')) found = unix.find(name);
  else {
    const at = resolve(t, t.fs.cwd, name);
    if (at instanceof Errno) return at;
    if (may(t, at.inode, MAY_WRITE)) return EACCES;
    if ((at.inode.attributes().mode & S_IFMT) !== S_IFSOCK) return ECONNREFUSED;
    found = unix.ofFile(at.inode);
  }
  if (!found) return ECONNREFUSED;
  return found.type === s.type ? found : EPROTOTYPE;
}
