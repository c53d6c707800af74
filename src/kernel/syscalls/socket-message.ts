// Sending and receiving (net/socket.c).
import { EAGAIN, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import * as S from '../../abi/socket.ts';
import { timespec, timespec64 } from '../../abi/time.ts';
import { custom, fd, flags, inBuf, int, outBuf, pinout, size, uint } from '../../abi/type.ts';
import { checkRange } from '../io.ts';
import {
  type MessageHeader,
  MMSGHDR,
  readAddress,
  readControls,
  readHeader,
  writeAddress,
  writeControls,
} from '../net/message.ts';
import type { Socket } from '../net/socket.ts';
import { Incoming, Outgoing } from '../net/transfer.ts';
import type { Limit } from '../poll.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';
import { socketOf } from './socket.ts';

const messageFlags = flags(S.messageFlags);
const nowait = (s: Socket, flags: number): boolean => s.nonblocking || (flags & S.MSG_DONTWAIT) !== 0;

// --- one buffer
const sendArgs = { sockfd: fd, buf: inBuf('len'), len: size, flags: messageFlags };
function sendTo(
  t: Thread,
  a: { sockfd: number; buf: number; len: number; flags: number },
  dest: number,
  addrlen: number,
): Result {
  const n = checkRange(a.buf, a.len);
  if (n instanceof Errno) return n === EINVAL ? EFAULT : n;
  const s = socketOf(t, a.sockfd);
  if (s instanceof Errno) return s;
  if (t.progress instanceof Outgoing) return s.sendMessage(t, t.progress);
  const to = dest === 0 ? undefined : readAddress(t, dest, addrlen);
  if (to instanceof Errno) return to;
  return s.sendMessage(t, new Outgoing([{ at: a.buf, n }], a.flags, nowait(s, a.flags), to));
}
export const sendto = syscall({
  name: 'sendto',
  nr: { x64: 44, i386: 369 },
  class: 'net',
  args: { ...sendArgs, dest_addr: custom('sockaddr', 'in', { arg: 'addrlen' }), addrlen: int },
  run: (t, a) => sendTo(t, a, a.dest_addr, a.addrlen),
});

const receiveArgs = { sockfd: fd, buf: outBuf, len: size, flags: messageFlags };
function receiveFrom(
  t: Thread,
  a: { sockfd: number; buf: number; len: number; flags: number },
  from: number,
  addrlen: number,
): Result {
  const n = checkRange(a.buf, a.len);
  if (n instanceof Errno) return n === EINVAL ? EFAULT : n;
  const s = socketOf(t, a.sockfd);
  if (s instanceof Errno) return s;
  const into =
    t.progress instanceof Incoming ? t.progress : new Incoming([{ at: a.buf, n }], a.flags, nowait(s, a.flags));
  const r = s.receiveMessage(t, into);
  into.dropRights();
  if (typeof r !== 'number' || from === 0) return r;
  return writeAddress(t, into.from ?? new Uint8Array(0), from, addrlen) ?? r;
}
export const recvfrom = syscall({
  name: 'recvfrom',
  nr: { x64: 45, i386: 371 },
  class: 'net',
  args: { ...receiveArgs, src_addr: custom('sockaddr', 'out', { arg: 'addrlen' }), addrlen: pinout(int) },
  run: (t, a) => receiveFrom(t, a, a.src_addr, a.addrlen),
});
/** What socketcall(2) knows beside the calls that have a number. */
export const send = syscall({
  name: 'send',
  nr: {},
  class: 'net',
  args: sendArgs,
  run: (t, a) => sendTo(t, a, 0, 0),
});
export const recv = syscall({
  name: 'recv',
  nr: {},
  class: 'net',
  args: receiveArgs,
  run: (t, a) => receiveFrom(t, a, 0, 0),
});

// --- messages
function prepare(t: Thread, s: Socket, h: MessageHeader, flags: number): Outgoing | Errno {
  const to = h.nameLength === 0 ? undefined : readAddress(t, h.name, h.nameLength);
  if (to instanceof Errno) return to;
  const out = new Outgoing(h.segments, flags, nowait(s, flags), to);
  if (h.control === 0 && h.controlLength === 0) return out;
  const controls = readControls(t, h.control, h.controlLength);
  if (controls instanceof Errno) return controls;
  return s.takeControls(t, controls, out) ?? out;
}
function sendOne(t: Thread, s: Socket, at: number, flags: number): Result {
  if (t.progress instanceof Outgoing) return s.sendMessage(t, t.progress);
  const h = readHeader(t, at);
  if (h instanceof Errno) return h;
  const out = prepare(t, s, h, flags);
  return out instanceof Errno ? out : s.sendMessage(t, out);
}
export const sendmsg = syscall({
  name: 'sendmsg',
  nr: { x64: 46, i386: 370 },
  class: 'net',
  args: { sockfd: fd, msg: custom('msghdr', 'in'), flags: messageFlags },
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    return s instanceof Errno ? s : sendOne(t, s, a.msg, a.flags);
  },
});

/** A receive call under way: the header as it was at the start. */
class Receipt {
  readonly header: MessageHeader;
  readonly into: Incoming;
  constructor(header: MessageHeader, into: Incoming) {
    this.header = header;
    this.into = into;
  }
}
function begin(t: Thread, s: Socket, at: number, flags: number): Receipt | Errno {
  const h = readHeader(t, at);
  return h instanceof Errno ? h : new Receipt(h, new Incoming(h.segments, flags, nowait(s, flags)));
}
function receiveOne(t: Thread, s: Socket, { header, into }: Receipt): Result {
  const r = s.receiveMessage(t, into);
  return typeof r === 'number' ? (giveBack(t, header, into) ?? r) : r;
}
/** Name, ancillary messages and flags of what was received. */
function giveBack(t: Thread, h: MessageHeader, into: Incoming): Errno | undefined {
  const used = writeControls(t, into, h.control, h.controlLength);
  const word = t.abi === 'x64' ? 8 : 4;
  if (h.name !== 0) {
    const name = into.from ?? new Uint8Array(0);
    const n = Math.min(h.nameLength, name.length);
    if (n > 0 && t.user.put(h.name, name.subarray(0, n))) return EFAULT;
    if (t.user.set(int, h.at.nameLength, name.length)) return EFAULT;
  }
  if (t.user.set(int, h.at.flags, into.outFlags | (into.flags & S.MSG_CMSG_CLOEXEC))) return EFAULT;
  const length = new Uint8Array(word);
  new DataView(length.buffer).setUint32(0, used, true);
  return t.user.put(h.at.controlLength, length) ? EFAULT : undefined;
}
export const recvmsg = syscall({
  name: 'recvmsg',
  nr: { x64: 47, i386: 372 },
  class: 'net',
  args: { sockfd: fd, msg: custom('msghdr', 'out'), flags: messageFlags },
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const receipt = t.progress instanceof Receipt ? t.progress : begin(t, s, a.msg, a.flags);
    if (receipt instanceof Errno) return receipt;
    const r = receiveOne(t, s, receipt);
    // The header's places are wanted again, not only what the socket keeps.
    if (r instanceof Block) t.progress = receipt;
    return r;
  },
});

// --- several at once
/** recvmmsg's and sendmmsg's progress. */
class Batch {
  done = 0;
  current: Receipt | undefined;
  sending: Outgoing | undefined;
  /** When the whole call gives up (looked at behind each message). */
  until: bigint | undefined;
}
export const sendmmsg = syscall({
  name: 'sendmmsg',
  nr: { x64: 307, i386: 345 },
  class: 'net',
  args: { sockfd: fd, msgvec: custom('mmsghdr', 'inout', { arg: 'vlen' }), vlen: uint, flags: messageFlags },
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const batch = t.progress instanceof Batch ? t.progress : new Batch();
    const most = Math.min(a.vlen, 1024);
    const each = MMSGHDR(t);
    while (batch.done < most) {
      const at = a.msgvec + batch.done * each;
      t.progress = batch.sending;
      const r = sendOne(t, s, at, a.flags);
      if (r instanceof Block) {
        batch.sending = t.progress instanceof Outgoing ? t.progress : undefined;
        t.progress = batch;
        return batch.done > 0 ? new Block(r.on, r.deadline, batch.done) : r;
      }
      t.progress = batch;
      t.deadline = undefined;
      batch.sending = undefined;
      if (typeof r !== 'number') return batch.done > 0 ? batch.done : r;
      if (t.user.set(uint, at + each - (t.abi === 'x64' ? 8 : 4), r)) return batch.done > 0 ? batch.done : EFAULT;
      batch.done++;
    }
    return batch.done;
  },
});

function receiveMany(
  t: Thread,
  a: { sockfd: number; msgvec: number; vlen: number; flags: number; timeout: number },
  kind: Limit['kind'],
): Result {
  let batch = t.progress instanceof Batch ? t.progress : undefined;
  if (!batch) {
    batch = new Batch();
    if (a.timeout !== 0) {
      const ts = t.user.get(kind === 'timespec' ? timespec : timespec64, a.timeout);
      if (ts instanceof Errno) return EFAULT;
      if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1e9) return EINVAL;
      batch.until = t.kernel.monotonic() + BigInt(Math.min(ts.tv_sec, 9e9)) * 1_000_000_000n + BigInt(ts.tv_nsec);
    }
  }
  const s = socketOf(t, a.sockfd);
  if (s instanceof Errno) return s;
  const r = collect(t, s, a, batch);
  if (batch.until !== undefined && typeof r === 'number' && r > 0) {
    const rest = batch.until - t.kernel.monotonic();
    const left = rest > 0n ? rest : 0n;
    const text = { tv_sec: Number(left / 1_000_000_000n), tv_nsec: Number(left % 1_000_000_000n) };
    const failed =
      kind === 'timespec' ? t.user.set(timespec, a.timeout, text) : t.user.set(timespec64, a.timeout, text);
    if (failed) return EFAULT;
  }
  return r;
}
function collect(t: Thread, s: Socket, a: { msgvec: number; vlen: number; flags: number }, batch: Batch): Result {
  const error = batch.done === 0 && !batch.current ? s.takeError() : undefined;
  if (error) return error;
  const most = Math.min(a.vlen, 1024);
  const each = MMSGHDR(t);
  while (batch.done < most) {
    const at = a.msgvec + batch.done * each;
    let flags = a.flags & ~S.MSG_WAITFORONE;
    if (a.flags & S.MSG_WAITFORONE && batch.done > 0) flags |= S.MSG_DONTWAIT;
    const receipt = batch.current ?? begin(t, s, at, flags);
    const r = receipt instanceof Errno ? receipt : receiveOne(t, s, receipt);
    if (r instanceof Block && receipt instanceof Receipt) {
      batch.current = receipt;
      t.progress = batch;
      return batch.done > 0 ? new Block(r.on, r.deadline, batch.done) : r;
    }
    batch.current = undefined;
    t.deadline = undefined;
    if (typeof r !== 'number') {
      // What went wrong behind a message that came is told by the next call.
      if (batch.done > 0 && r instanceof Errno && r !== EAGAIN) s.error = r;
      return batch.done > 0 ? batch.done : r;
    }
    if (t.user.set(uint, at + each - (t.abi === 'x64' ? 8 : 4), r)) return batch.done > 0 ? batch.done : EFAULT;
    batch.done++;
    if (batch.until !== undefined && t.kernel.monotonic() >= batch.until) break;
  }
  return batch.done;
}
const manyArgs = {
  sockfd: fd,
  msgvec: custom('mmsghdr', 'inout', { arg: 'vlen' }),
  vlen: uint,
  flags: messageFlags,
} as const;
export const recvmmsg = syscall({
  name: 'recvmmsg',
  nr: { x64: 299, i386: 337 },
  class: 'net',
  args: { ...manyArgs, timeout: pinout(timespec) },
  run: (t, a) => receiveMany(t, a, 'timespec'),
});
export const recvmmsg_time64 = syscall({
  name: 'recvmmsg_time64',
  nr: { i386: 417 },
  class: 'net',
  args: { ...manyArgs, timeout: pinout(timespec64) },
  run: (t, a) => receiveMany(t, a, 'timespec64'),
});
