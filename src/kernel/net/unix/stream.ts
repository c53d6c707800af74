// SOCK_STREAM of unix sockets: bytes, with marks where descriptors came along or the sender changed.

import { EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, Errno } from '../../../abi/errno.ts';
import { POLLIN, POLLRDNORM } from '../../../abi/poll.ts';
import { MSG_OOB, MSG_PEEK, MSG_WAITALL, SOCK_STREAM } from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import type { WaitQueue } from '../../wait.ts';
import { brokenPipe } from '../socket.ts';
import type { Incoming, Outgoing, Sender } from '../transfer.ts';
import { addressOf } from './address.ts';
import { piece, streamCharge } from './charge.ts';
import { UnixConnection } from './connection.ts';

export class UnixStream extends UnixConnection {
  constructor(task: Thread) {
    super(task, SOCK_STREAM);
  }
  protected override twin(t: Thread): UnixConnection {
    return new UnixStream(t);
  }
  protected override push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined {
    const { peer } = this;
    if (out.flags & MSG_OOB) return EOPNOTSUPP;
    if (out.to?.length) return this.state === 'connected' ? EISCONN : EOPNOTSUPP;
    if (!peer) return ENOTCONN;
    if (this.sendShut) return out.done > 0 ? undefined : brokenPipe(t, out.flags);
    const most = piece(this.settings.sendBuffer);
    while (out.done < out.total) {
      if (!this.mayQueue) return this.queue;
      const bytes = out.copy(t, most);
      if (bytes instanceof Errno) return bytes;
      if (peer.dead || peer.receiveShut) return out.done > 0 ? undefined : brokenPipe(t, out.flags);
      const refused = this.deliver(t, peer, bytes, streamCharge(bytes.length), out);
      if (refused) return refused;
      out.done += bytes.length;
      peer.queue.wake(POLLIN | POLLRDNORM);
    }
    return undefined;
  }
  protected override pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined {
    if (this.state !== 'connected' || into.flags & MSG_OOB) return EINVAL;
    const peek = (into.flags & MSG_PEEK) !== 0;
    if (peek) into.done = 0;
    const wanted = into.flags & MSG_WAITALL ? into.room : Math.min(this.settings.receiveLow, into.room);
    const enough = Math.max(1, wanted);
    let sender: Sender | undefined;
    let skip = this.peekStart(into);
    for (let i = 0, first = into.done === 0; ; ) {
      const m = this.messages[i];
      if (m && skip >= m.bytes.length - m.at && skip > 0) {
        skip -= m.bytes.length - m.at;
        i++;
        continue;
      }
      if (!m) {
        if (into.done >= enough) return undefined;
        return this.takeError() ?? (this.receiveShut ? undefined : this.queue);
      }
      if (first) {
        this.showSender(m, into);
        if (m.from.name !== undefined) into.from = addressOf(m.from.name);
      } else if (this.asksForIdentity && !same(sender, m.sender)) return undefined;
      first = false;
      sender = m.sender;
      const bytes = m.bytes.subarray(m.at + skip, m.at + skip + into.left);
      const refused = into.put(t, bytes);
      if (refused) return refused;
      skip = 0;
      this.moved(into, bytes.length);
      const marked = m.rights.length > 0;
      this.takeRights(m, into);
      if (peek) i++;
      else {
        m.at += bytes.length;
        if (m.at === m.bytes.length) this.remove();
      }
      if (marked || into.left === 0) return undefined;
    }
  }
}
const same = (a: Sender | undefined, b: Sender | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.pid === b.pid && a.uid === b.uid && a.gid === b.gid);
