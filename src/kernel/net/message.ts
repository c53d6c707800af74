// struct msghdr and ancillary messages as programs lay them out (recvmsg(2), cmsg(3)).
import { EBADF, EFAULT, EINVAL, EMSGSIZE, ENOBUFS, EPERM, Errno } from '../../abi/errno.ts';
import {
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  SCM_CREDENTIALS,
  SCM_MAX_FD,
  SCM_PIDFD,
  SCM_RIGHTS,
  SOCKADDR_MAX,
  SOL_SOCKET,
} from '../../abi/socket.ts';
import { int } from '../../abi/type.ts';
import { UIO_MAXIOV } from '../../abi/uio.ts';
import { PidFile } from '../fs/pidfd.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { type Segment, vector } from '../io.ts';
import type { Process } from '../process.ts';
import type { Thread } from '../thread.ts';
import type { Control, Incoming, Outgoing, Sender } from './transfer.ts';

/** /proc/sys/net/core/optmem_max. */
const OPTMEM_MAX = 131072;
const CAP_SYS_ADMIN = 21,
  CAP_SETGID = 6,
  CAP_SETUID = 7;

export interface MessageHeader {
  readonly name: number;
  readonly nameLength: number;
  readonly segments: readonly Segment[];
  readonly control: number;
  readonly controlLength: number;
  readonly flags: number;
  /** Where the members lie that a receiver gets back. */
  readonly at: { readonly nameLength: number; readonly controlLength: number; readonly flags: number };
}
const wordOf = (t: Thread): number => (t.abi === 'x64' ? 8 : 4);
const sizeOfHeader = (t: Thread): number => 7 * wordOf(t);
export const MMSGHDR = (t: Thread): number => 8 * wordOf(t);

/** Reads a msghdr and its vector. */
export function readHeader(t: Thread, at: number): MessageHeader | Errno {
  const raw = t.user.bytes(at, sizeOfHeader(t));
  if (raw instanceof Errno) return EFAULT;
  const word = wordOf(t);
  const v = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const get = (i: number): number =>
    v.getUint32(i * word, true) + (word === 8 ? v.getUint32(i * word + 4, true) * 0x1_0000_0000 : 0);
  const name = get(0);
  const nameLength = name === 0 ? 0 : v.getInt32(word, true);
  if (nameLength < 0) return EINVAL;
  const [iov, iovlen, control, controlLength] = [get(2), get(3), get(4), get(5)];
  const flags = v.getUint32(6 * word, true);
  if (iovlen > UIO_MAXIOV) return EMSGSIZE;
  const segments = vector(t, iov, iovlen);
  if (segments instanceof Errno) return segments;
  return {
    name,
    nameLength: Math.min(nameLength, SOCKADDR_MAX),
    segments,
    control,
    controlLength,
    flags,
    at: { nameLength: at + word, controlLength: at + 5 * word, flags: at + 6 * word },
  };
}

/** An address argument (move_addr_to_kernel). */
export function readAddress(t: Thread, at: number, length: number): Uint8Array | Errno {
  if (length < 0 || length > SOCKADDR_MAX) return EINVAL;
  if (length === 0) return new Uint8Array(0);
  const bytes = t.user.bytes(at, length);
  return bytes instanceof Errno ? EFAULT : bytes.slice();
}
/** Gives an address to the program, cut to the length it has room for, and the real length (move_addr_to_user). */
export function writeAddress(t: Thread, name: Uint8Array, at: number, lengthAt: number): Errno | undefined {
  const room = t.user.get(int, lengthAt);
  if (room instanceof Errno) return EFAULT;
  if (room < 0) return EINVAL;
  const n = Math.min(room, name.length);
  if (n > 0 && t.user.put(at, name.subarray(0, n))) return EFAULT;
  return t.user.set(int, lengthAt, name.length) ? EFAULT : undefined;
}

// --- ancillary messages
const align = (n: number, word: number): number => Math.ceil(n / word) * word;
/** Reads all; EINVAL where a length doesn't fit. */
export function readControls(t: Thread, at: number, length: number): Control[] | Errno {
  if (length > 0x7fff_ffff || length > OPTMEM_MAX) return ENOBUFS;
  const out: Control[] = [];
  if (length === 0) return out;
  const raw = t.user.bytes(at, length);
  if (raw instanceof Errno) return EFAULT;
  const bytes = raw.slice();
  const word = wordOf(t);
  const head = word + 8;
  const v = new DataView(bytes.buffer);
  for (let p = 0; p + head <= length; ) {
    const n = word === 8 ? v.getUint32(p, true) + v.getUint32(p + 4, true) * 0x1_0000_0000 : v.getUint32(p, true);
    if (n < head || n > length - p) return EINVAL;
    const data = bytes.subarray(p + align(head, word), p + n);
    out.push({ level: v.getInt32(p + word, true), type: v.getInt32(p + word + 4, true), data });
    p += align(n, word);
  }
  return out;
}
/** SOL_SOCKET's ancillary messages: descriptors and identity (scm_send). `unix`: the family that descriptors may travel in. */
export function takeScm(t: Thread, controls: readonly Control[], out: Outgoing, unix: boolean): Errno | undefined {
  const files: OpenFile[] = [];
  for (const c of controls) {
    if (c.level !== SOL_SOCKET) continue;
    const v = new DataView(c.data.buffer, c.data.byteOffset, c.data.length);
    if (c.type === SCM_RIGHTS) {
      if (!unix) return EINVAL;
      const n = Math.floor(c.data.length / 4);
      if (files.length + n > SCM_MAX_FD) return EINVAL;
      for (let i = 0; i < n; i++) {
        const file = t.files.get(v.getInt32(4 * i, true));
        if (file instanceof Errno) return EBADF;
        files.push(file);
      }
    } else if (c.type === SCM_CREDENTIALS) {
      if (c.data.length !== 12) return EINVAL;
      const who = { pid: v.getInt32(0, true), uid: v.getUint32(4, true), gid: v.getUint32(8, true) };
      if (!mayClaim(t, who)) return EPERM;
      out.credentials = who;
    } else return EINVAL;
  }
  out.rights = files;
  return undefined;
}
/** One may say to be oneself; more takes capabilities. */
function mayClaim(t: Thread, who: Sender): boolean {
  const c = t.credentials;
  return (
    (who.pid === t.process.pid || t.capable(CAP_SYS_ADMIN)) &&
    ([c.uid, c.euid, c.suid].includes(who.uid) || t.capable(CAP_SETUID)) &&
    ([c.gid, c.egid, c.sgid].includes(who.gid) || t.capable(CAP_SETGID))
  );
}

/** Gives ancillary messages to the program, as far as there is room; descriptors are made last. The length used. */
export function writeControls(t: Thread, into: Incoming, at: number, room: number): number {
  const word = wordOf(t);
  const head = align(word + 8, word);
  let used = 0;
  const put = (c: Control): void => {
    const left = room - used;
    if (at === 0 || left < word + 8) {
      into.outFlags |= MSG_CTRUNC;
      return;
    }
    let n = head + c.data.length;
    if (n > left) {
      into.outFlags |= MSG_CTRUNC;
      n = left;
    }
    const bytes = new Uint8Array(n);
    const v = new DataView(bytes.buffer);
    v.setUint32(0, n, true);
    v.setInt32(word, c.level, true);
    v.setInt32(word + 4, c.type, true);
    bytes.set(c.data.subarray(0, Math.max(0, n - head)), Math.min(head, n));
    if (t.user.put(at + used, bytes)) return;
    used += Math.min(align(n, word), left);
  };
  for (const c of into.controls) put(c);
  if (into.rights.length) used += writeRights(t, into, at === 0 ? 0 : at + used, Math.max(0, room - used));
  if (into.sender) used += writePidfd(t, into, into.sender, at === 0 ? 0 : at + used, Math.max(0, room - used));
  return used;
}
/** A descriptor of the sender's process, where there is room for it. */
function writePidfd(t: Thread, into: Incoming, sender: Process, at: number, room: number): number {
  const word = wordOf(t);
  const head = align(word + 8, word);
  if (at === 0 || room < head + 4) {
    into.outFlags |= MSG_CTRUNC;
    return 0;
  }
  const fd = t.files.install(new PidFile(sender, 0), true);
  const bytes = new Uint8Array(head + 4);
  const v = new DataView(bytes.buffer);
  v.setUint32(0, head + 4, true);
  v.setInt32(word, SOL_SOCKET, true);
  v.setInt32(word + 4, SCM_PIDFD, true);
  v.setInt32(head, fd instanceof Errno ? -fd.code : fd, true);
  if (t.user.put(at, bytes) && !(fd instanceof Errno)) t.files.close(t, fd);
  return Math.min(align(head + 4, word), room);
}
function writeRights(t: Thread, into: Incoming, at: number, room: number): number {
  const word = wordOf(t);
  const head = align(word + 8, word);
  const most = at === 0 || room < head ? 0 : Math.floor((room - head) / 4);
  let n = 0;
  for (const file of into.rights) {
    if (n >= most) break;
    const fd = t.files.install(file, (into.flags & MSG_CMSG_CLOEXEC) !== 0);
    if (fd instanceof Errno) break;
    if (t.user.set(int, at + head + 4 * n, fd)) {
      t.files.close(t, fd);
      break;
    }
    n++;
  }
  if (n < into.rights.length) into.outFlags |= MSG_CTRUNC;
  into.dropRights();
  if (n === 0) return 0;
  const length = head + 4 * n;
  const bytes = new Uint8Array(head);
  const v = new DataView(bytes.buffer);
  v.setUint32(0, length, true);
  v.setInt32(word, SOL_SOCKET, true);
  v.setInt32(word + 4, SCM_RIGHTS, true);
  t.user.put(at, bytes);
  return Math.min(align(length, word), room);
}
