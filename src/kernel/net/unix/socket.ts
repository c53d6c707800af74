// Unix sockets (unix(7), net/unix/af_unix.c): what the three types have in common.
import { EBADF, ENOBUFS, EPERM, type Errno } from '../../../abi/errno.ts';
import { AF_UNIX, MSG_PEEK, SCM_CREDENTIALS, SOL_SOCKET } from '../../../abi/socket.ts';
import type { Inode, OpenFile } from '../../fs/vfs.ts';
import type { Thread } from '../../thread.ts';
import { WaitQueue } from '../../wait.ts';
import { takeScm } from '../message.ts';
import { Socket } from '../socket.ts';
import { type Control, credentialsOf, type Incoming, type Outgoing, type Sender } from '../transfer.ts';
import { addressOf, bindName } from './address.ts';

/** Bytes with what came along. The sender pays for them until they are read. */
export interface Message {
  readonly bytes: Uint8Array;
  /** Read so far (streams). */
  at: number;
  readonly from: UnixSocket;
  /** What it counts against the sender's buffer. */
  readonly charge: number;
  readonly sender: Sender | undefined;
  rights: readonly OpenFile[];
  /** When it was sent, where the receiver asked. */
  readonly time: bigint | undefined;
}
/** Who nobody is: the identity of a message without one (overflowuid). */
const NOBODY: Sender = { pid: 0, uid: 65534, gid: 65534 };
const NO_FILES: readonly OpenFile[] = [];
const NO_PEER: Sender = { pid: 0, uid: 0xffff_ffff, gid: 0xffff_ffff };

export abstract class UnixSocket extends Socket {
  /** Its own name: a path, an abstract one behind a NUL, or none. */
  name: string | undefined;
  /** The file it is bound to. */
  file: Inode | undefined;
  peer: UnixSocket | undefined;
  /** Who is at the other end, as SO_PEERCRED tells: set by connect, accept, listen and socketpair. */
  peerCredentials: Sender = NO_PEER;
  peerGroups: readonly number[] | undefined;
  readonly messages: Message[] = [];
  /** Bytes of its messages that others haven't read. */
  unread = 0;
  dead = false;
  /** Woken when the queue of messages gets shorter: senders that found it full. */
  readonly room = new WaitQueue();

  constructor(task: Thread, type: number) {
    super(task, AF_UNIX, type, 0);
    task.kernel.net.unixSockets.add(this);
  }
  override bind(t: Thread, address: Uint8Array): Errno | undefined {
    return bindName(t, this, address);
  }
  override takeControls(t: Thread, controls: readonly Control[], out: Outgoing): Errno | undefined {
    return takeScm(t, controls, out, true);
  }
  override localName(): Uint8Array {
    return addressOf(this.name);
  }
  /** Room in the send buffer: a message may be made while any is left, but who polls hears of it when three quarters are. */
  get mayQueue(): boolean {
    return this.unread < this.settings.sendBuffer;
  }
  get roomy(): boolean {
    return this.unread * 4 <= this.settings.sendBuffer;
  }
  get asksForIdentity(): boolean {
    return this.settings.on.has('passCredentials') || this.settings.on.has('passPidfd');
  }

  /** Puts a message into another's queue. */
  protected deliver(t: Thread, to: UnixSocket, bytes: Uint8Array, charge: number, out: Outgoing): Errno | undefined {
    const first = out.done === 0;
    if (out.rights.length && !to.settings.on.has('passRights')) return EPERM;
    if (first && out.rights.some((f) => f.references === 0)) return EBADF;
    const { net } = this.kernel;
    if (!net.mayBuffer(bytes.length)) return ENOBUFS;
    if (first && out.rights.length) {
      for (const f of out.rights) f.references++;
      net.flight.took(out.rights);
    }
    net.buffered += bytes.length;
    const known = out.credentials ?? (this.asksForIdentity || to.asksForIdentity ? credentialsOf(t) : undefined);
    to.messages.push({
      bytes,
      at: 0,
      from: this,
      charge,
      sender: known,
      rights: first ? out.rights : NO_FILES,
      time: to.settings.on.has('timestamp') ? t.kernel.realtime() : undefined,
    });
    this.unread += charge;
    return undefined;
  }
  /** Takes a message that was read out of the queue. */
  remove(): void {
    const m = this.messages.shift();
    if (!m) return;
    this.#gone(m);
    m.from.unread -= m.charge;
    if (!m.from.dead && m.from.roomy) m.from.hasRoom();
    this.room.wake();
  }
  /** Others have read so much that it may be written to again. */
  protected abstract hasRoom(): void;

  /** Says who sent a message, where the socket asks for it. */
  showSender(m: Message, into: Incoming): void {
    if (this.settings.on.has('passCredentials'))
      into.controls = [...into.controls, credentialsMessage(m.sender ?? NOBODY)];
    if (this.settings.on.has('passPidfd')) into.sender = m.sender?.process;
  }
  /** Hands out descriptors that came with a message: once, but for those who only look. */
  takeRights(m: Message, into: Incoming): void {
    if (m.rights.length === 0) return;
    into.rights = m.rights;
    if (into.flags & MSG_PEEK) for (const f of m.rights) f.references++;
    else {
      this.kernel.net.flight.landed(m.rights);
      m.rights = NO_FILES;
    }
  }
  /** A message isn't in any queue now. */
  #gone(m: Message): void {
    const { net } = this.kernel;
    net.buffered -= m.bytes.length;
    if (m.rights.length) net.flight.dropped(m.rights);
  }
  /** Throws away what nobody will read. */
  purge(): void {
    for (const m of this.messages.splice(0)) {
      m.from.unread -= m.charge;
      if (!m.from.dead && m.from.roomy) m.from.hasRoom();
      this.#gone(m);
    }
    this.room.wake();
    this.kernel.net.flight.collect();
  }
  override waitingToRead(): number | Errno {
    return this.messages.reduce((n, m) => n + m.bytes.length - m.at, 0);
  }
  override waitingToGo(): number | Errno {
    return this.unread;
  }
  override release(): void {
    this.dead = true;
    const { net } = this.kernel;
    net.unixSockets.delete(this);
    net.unix.release(this);
  }
}
function credentialsMessage(s: Sender): Control {
  const data = new Uint8Array(12);
  const v = new DataView(data.buffer);
  v.setInt32(0, s.pid, true);
  v.setUint32(4, s.uid, true);
  v.setUint32(8, s.gid, true);
  return { level: SOL_SOCKET, type: SCM_CREDENTIALS, data };
}
