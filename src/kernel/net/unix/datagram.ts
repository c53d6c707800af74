// Unix sockets with messages that keep their bounds: SOCK_DGRAM, and SOCK_SEQPACKET, which has connections as well.
import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
  Errno,
} from '../../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP, POLLRDNORM } from '../../../abi/poll.ts';
import {
  AF_UNSPEC,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
} from '../../../abi/socket.ts';
import type { Result } from '../../syscall.ts';
import type { Thread } from '../../thread.ts';
import type { WaitQueue, Watcher } from '../../wait.ts';
import { familyOf } from '../socket.ts';
import { timeMessage } from '../timestamp.ts';
import type { Incoming, Outgoing } from '../transfer.ts';
import { addressOf, autobind, findSocket, nameIn } from './address.ts';
import { datagramCharge } from './charge.ts';
import { UnixConnection, WRITABLE } from './connection.ts';
import { UnixSocket } from './socket.ts';

/** Messages a socket holds before those who aren't its peer have to wait (/proc/sys/net/unix/max_dgram_qlen). */
export const QUEUE_LENGTH = 10;
const OVERHEAD = 32;

/** The first message, cut to the room there is. */
function receiveWhole(
  t: Thread,
  s: UnixSocket,
  into: Incoming,
  [index, at]: readonly [number, number],
): WaitQueue | Errno | undefined {
  const error = s.takeError();
  if (error) return error;
  const m = s.messages[index];
  if (!m) {
    if (s.receiveShut) return into.nowait && s.type === SOCK_DGRAM ? EAGAIN : undefined;
    return s.queue;
  }
  const whole = m.bytes.length - at;
  const n = Math.min(whole, into.room);
  const refused = into.put(t, m.bytes.subarray(at, at + n));
  if (!refused) {
    if (n < whole) into.outFlags |= MSG_TRUNC;
    if (into.flags & MSG_TRUNC) into.length = whole;
    if (m.from.name !== undefined) into.from = addressOf(m.from.name);
    if (m.time !== undefined) into.controls = timeMessage(t, s.settings.on, m.time);
    s.showSender(m, into);
    s.takeRights(m, into);
  }
  if (!(into.flags & MSG_PEEK)) s.remove();
  return refused;
}

export class UnixSeqpacket extends UnixConnection {
  constructor(task: Thread) {
    super(task, SOCK_SEQPACKET);
  }
  protected override twin(t: Thread): UnixConnection {
    return new UnixSeqpacket(t);
  }
  protected override push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined {
    const error = this.takeError();
    if (error) return error;
    const { peer } = this;
    if (this.state !== 'connected' || !peer) return ENOTCONN;
    if (out.flags & MSG_OOB) return EOPNOTSUPP;
    if (out.total > this.settings.sendBuffer - OVERHEAD) return EMSGSIZE;
    if (this.sendShut) return EPIPE;
    if (!this.mayQueue) return this.queue;
    const bytes = out.copy(t, out.total);
    if (bytes instanceof Errno) return bytes;
    if (peer.dead) return ECONNREFUSED;
    if (peer.receiveShut) return EPIPE;
    const refused = this.deliver(t, peer, bytes, datagramCharge(bytes.length), out);
    if (refused) return refused;
    out.done = out.total;
    peer.queue.wake(POLLIN | POLLRDNORM);
    return undefined;
  }
  protected override pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined {
    if (this.state !== 'connected') return ENOTCONN;
    if (into.flags & MSG_OOB) return EOPNOTSUPP;
    const place = this.messageAt(this.messages, into);
    const length = this.messages[0]?.bytes.length;
    const r = receiveWhole(t, this, into, place);
    if (r === undefined) this.moved(into, into.done, length);
    return r;
  }
}

export class UnixDatagram extends UnixSocket implements Watcher {
  readonly exclusive = false;
  constructor(task: Thread) {
    super(task, SOCK_DGRAM);
  }
  override connect(t: Thread, address: Uint8Array): Result {
    const family = familyOf(address);
    if (family instanceof Errno) return family;
    let to: UnixSocket | undefined;
    if (family !== AF_UNSPEC) {
      const name = nameIn(address);
      if (name instanceof Errno) return name;
      if (this.asksForIdentity) {
        const refused = autobind(t, this);
        if (refused) return refused;
      }
      const found = findSocket(t, this, address);
      if (found instanceof Errno) return found;
      if (found.peer && found.peer !== this) return EPERM;
      to = found;
    }
    const was = this.peer;
    this.peer = to;
    if (was && was !== to) this.#leave(was);
    return 0;
  }
  /** A peer that looked this way loses what it said, and learns of it. */
  #leave(was: UnixSocket): void {
    this.purge();
    was.room.unwatch(this);
    if (was.dead || was.peer !== this) return;
    was.error = ECONNRESET;
    was.queue.wake(POLLERR);
  }
  override peerName(): Uint8Array | Errno {
    return this.peer ? addressOf(this.peer.name) : ENOTCONN;
  }
  override shutdown(_t: Thread, how: number): Errno | undefined {
    if (how !== SHUT_WR) this.receiveShut = true;
    if (how !== SHUT_RD) this.sendShut = true;
    this.queue.wake();
    return undefined;
  }
  protected override push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined {
    if (out.flags & MSG_OOB) return EOPNOTSUPP;
    const name = out.to?.length ? nameIn(out.to) : undefined;
    if (name instanceof Errno) return name;
    if (name === undefined && !this.peer) return ENOTCONN;
    if (this.asksForIdentity) {
      const refused = autobind(t, this);
      if (refused) return refused;
    }
    if (out.total > this.settings.sendBuffer - OVERHEAD) return EMSGSIZE;
    const error = this.takeError();
    if (error) return error;
    if (this.sendShut) return EPIPE;
    if (!this.mayQueue) return this.queue;
    const bytes = out.copy(t, out.total);
    if (bytes instanceof Errno) return bytes;
    const other = name === undefined ? this.peer : findSocket(t, this, out.to as Uint8Array);
    if (other instanceof Errno) return other;
    if (!other || other.dead) {
      this.peer = undefined;
      return ECONNREFUSED;
    }
    if (other.peer && other.peer !== this) return EPERM;
    if (other.receiveShut) return EPIPE;
    if (this.#full(other)) return other.room;
    const refused = this.deliver(t, other, bytes, datagramCharge(bytes.length), out);
    if (refused) return refused;
    out.done = out.total;
    other.queue.wake(POLLIN | POLLRDNORM);
    return undefined;
  }
  #full(other: UnixSocket): boolean {
    return other !== this && other.peer !== this && other.messages.length > QUEUE_LENGTH;
  }
  protected override pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined {
    if (into.flags & MSG_OOB) return EOPNOTSUPP;
    const place = this.messageAt(this.messages, into);
    const length = this.messages[0]?.bytes.length;
    const r = receiveWhole(t, this, into, place);
    if (r === undefined) this.moved(into, into.done, length);
    return r;
  }
  override waitingToRead(): number {
    return this.messages[0]?.bytes.length ?? 0;
  }
  override poll(): number {
    let events = 0;
    if (this.error) events |= POLLERR;
    if (this.receiveShut && this.sendShut) events |= POLLHUP;
    if (this.receiveShut) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.messages.length) events |= POLLIN | POLLRDNORM;
    const { peer } = this;
    if (peer && this.#full(peer)) peer.room.watch(this);
    else if (this.roomy) events |= WRITABLE;
    return events;
  }
  /** The peer's full queue got shorter. */
  notify(): boolean {
    if (this.peer && this.#full(this.peer)) return false;
    this.peer?.room.unwatch(this);
    this.queue.wake(WRITABLE);
    return true;
  }
  protected override hasRoom(): void {
    this.queue.wake(WRITABLE);
  }
  override release(): void {
    super.release();
    this.receiveShut = this.sendShut = true;
    this.peer?.room.unwatch(this);
    this.peer = undefined;
    this.purge();
  }
}
