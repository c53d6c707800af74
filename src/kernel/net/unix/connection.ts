// Unix sockets with connections: listening, connecting, accepting, and what the end of one side means to the other.
import { EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, ENOTCONN, Errno } from '../../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../../abi/poll.ts';
import { SHUT_RD, SHUT_WR } from '../../../abi/socket.ts';
import { giveUpIn, timedOut } from '../../poll.ts';
import type { Result } from '../../syscall.ts';
import type { Thread } from '../../thread.ts';
import { Block } from '../../wait.ts';
import { interruption } from '../socket.ts';
import { credentialsOf } from '../transfer.ts';
import { addressOf, autobind, findSocket } from './address.ts';
import { UnixSocket } from './socket.ts';

export const WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND;

export abstract class UnixConnection extends UnixSocket {
  state: 'closed' | 'listening' | 'connected' = 'closed';
  /** Connections nobody has accepted yet, and how many more than that there may be. */
  readonly pending: UnixConnection[] = [];
  backlog = 0;

  /** The server's end of a new connection. */
  protected abstract twin(t: Thread): UnixConnection;
  override get listening(): boolean {
    return this.state === 'listening';
  }
  override listen(t: Thread, backlog: number): Errno | undefined {
    if (this.name === undefined || this.state === 'connected') return EINVAL;
    if (backlog > this.backlog) this.room.wake();
    this.backlog = backlog;
    this.state = 'listening';
    this.peerCredentials = credentialsOf(t);
    this.peerGroups = t.credentials.groups;
    return undefined;
  }
  override connect(t: Thread, address: Uint8Array): Result {
    const limit = this.settings.sendTimeout;
    if (this.asksForIdentity) {
      const refused = autobind(t, this);
      if (refused) return refused;
    }
    const other = findSocket(t, this, address);
    if (other instanceof Errno) return other;
    if (!(other instanceof UnixConnection) || !other.listening || other.receiveShut) return ECONNREFUSED;
    if (other.pending.length > other.backlog) {
      if (this.nonblocking) return EAGAIN;
      giveUpIn(t, limit);
      return timedOut(t) ? EAGAIN : new Block([other.room], t.deadline, interruption(limit));
    }
    if (this.state !== 'closed') return this.state === 'connected' ? EISCONN : EINVAL;
    const end = other.twin(t);
    end.name = other.name;
    end.settings.on.clear();
    for (const s of other.settings.on) end.settings.on.add(s);
    this.join(end);
    end.peerCredentials = credentialsOf(t);
    end.peerGroups = t.credentials.groups;
    this.peerCredentials = other.peerCredentials;
    this.peerGroups = other.peerGroups;
    other.pending.push(end);
    other.queue.wake(POLLIN | POLLRDNORM);
    return 0;
  }
  /** Makes the two one another's peers. */
  join(other: UnixConnection): void {
    this.peer = other;
    other.peer = this;
    this.state = other.state = 'connected';
  }
  override accept(_t: Thread): UnixConnection | Errno {
    if (!this.listening) return EINVAL;
    const next = this.pending.shift();
    if (!next) return this.receiveShut ? EINVAL : EAGAIN;
    this.room.wake();
    return next;
  }
  override peerName(): Uint8Array | Errno {
    return this.peer ? addressOf(this.peer.name) : ENOTCONN;
  }
  override shutdown(_t: Thread, how: number): Errno | undefined {
    const read = how !== SHUT_WR;
    const write = how !== SHUT_RD;
    if (read) this.receiveShut = true;
    if (write) this.sendShut = true;
    this.queue.wake();
    const { peer } = this;
    if (!peer) return undefined;
    if (write) peer.receiveShut = true;
    if (read) peer.sendShut = true;
    peer.queue.wake();
    return undefined;
  }
  override poll(): number {
    let events = 0;
    if (this.error) events |= POLLERR;
    if (this.receiveShut && this.sendShut) events |= POLLHUP;
    if (this.receiveShut) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.messages.length || this.pending.length) events |= POLLIN | POLLRDNORM;
    if (this.state === 'closed') events |= POLLHUP;
    if (this.roomy && !this.listening) events |= WRITABLE;
    return events;
  }
  override waitingToRead(): number | Errno {
    return this.listening ? EINVAL : super.waitingToRead();
  }
  override waitingToGo(): number | Errno {
    return this.listening ? EINVAL : super.waitingToGo();
  }
  protected override hasRoom(): void {
    this.queue.wake(WRITABLE);
  }
  override release(): void {
    this.#end(false);
  }
  /** `unaccepted`: nobody ever held it. */
  #end(unaccepted: boolean): void {
    super.release();
    const { peer } = this;
    this.receiveShut = this.sendShut = true;
    this.state = 'closed';
    if (peer) {
      peer.receiveShut = peer.sendShut = true;
      if (unaccepted || this.messages.length) peer.error = ECONNRESET;
      peer.queue.wake();
      this.peer = undefined;
    }
    this.purge();
    for (const end of this.pending.splice(0)) end.#end(true);
  }
}
