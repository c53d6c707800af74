// TCP within the machine (tcp(7)): no packets, but the states, refusals and resets that programs see of them. Whatever would go over the wire arrives at once.
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOBUFS,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
  ETIMEDOUT,
} from '../../../abi/errno.ts';
import * as I from '../../../abi/inet.ts';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../../../abi/poll.ts';
import * as S from '../../../abi/socket.ts';
import { giveUpIn, timedOut } from '../../poll.ts';
import type { Result } from '../../syscall.ts';
import type { Thread } from '../../thread.ts';
import type { Timer } from '../../timers.ts';
import { Block, type WaitQueue } from '../../wait.ts';
import type { OptionSet } from '../option.ts';
import { brokenPipe, familyOf, interruption } from '../socket.ts';
import type { Incoming, Outgoing } from '../transfer.ts';
import {
  type Endpoint,
  endpoint4,
  endpoint6,
  isAny,
  isBroadcast,
  isMulticast,
  sockaddrOf,
  sourceFor,
} from './address.ts';
import { ByteQueue } from './bytes.ts';
import type { Holder } from './ports.ts';
import { InetSocket } from './socket.ts';
import { TcpSettings, tcpLevel } from './tcp-options.ts';
import { TimeWait } from './time-wait.ts';

/** Buffers of a connection: the kernel sizes them by the loopback's speed, unless the program has. */
const SEND_START = 16384,
  RECEIVE = 131072,
  SEND_CONNECTED = 2626560;
/** Half of the largest receive buffer there may be (tcp_rmem). */
const MOST_LOW = 16777216;
/** What a receiver takes in beyond what the sender's buffer holds. */
const WINDOW = 65536;
/** The most bytes of a loopback segment. */
const SEGMENT = 32741;
const PIECE = 1 << 18;
const SECOND = 1_000_000_000n;
const WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND;
const READABLE = POLLIN | POLLRDNORM;

export class TcpSocket extends InetSocket {
  state = I.TCP_CLOSE;
  readonly tcp = new TcpSettings();
  /** The other end; undefined before and behind a connection. */
  peer: TcpSocket | undefined;
  readonly bytes = new ByteQueue();
  /** Bytes sent and received so far. */
  sent = 0;
  received = 0;
  /** connect(2)'s view: it is told of each connection once. */
  #phase: 'unconnected' | 'connecting' | 'connected' = 'unconnected';
  /** The other side has said that it sends no more. */
  finished = false;
  /** No descriptor is left, or there is none yet. */
  orphan = false;
  /** A writer or poller found no room. */
  #noSpace = false;
  /** Listening: connections to accept, and clients that wait for room among them. */
  readonly pending: TcpSocket[] = [];
  readonly #knocking: TcpSocket[] = [];
  backlog = 0;
  #door: TcpSocket | undefined;
  /** TCP_DEFER_ACCEPT: who gets this connection with its first data. */
  #deferredBy: TcpSocket | undefined;
  #timer: Timer | undefined;
  /** Out-of-band data: where its byte stands in the stream, and whether it was read. */
  #urgent: { at: number; byte: number; read: boolean } | undefined;

  constructor(t: Thread, family: number) {
    super(t, family, S.SOCK_STREAM, I.IPPROTO_TCP);
    this.settings.sendBuffer = SEND_START;
    this.settings.receiveBuffer = RECEIVE;
    this.kernel.net.tcpSockets.add(this);
  }
  get inState(): Holder['inState'] {
    return this.listening ? 'listening' : 'other';
  }
  protected get mayBind(): boolean {
    return this.state === I.TCP_CLOSE;
  }
  protected override takePort(port: number): number | Errno {
    return this.kernel.net.tcp.take(this, port);
  }
  override get listening(): boolean {
    return this.state === I.TCP_LISTEN;
  }
  get segmentSize(): number {
    return this.tcp.maxSegment ? Math.min(this.tcp.maxSegment, SEGMENT) : SEGMENT;
  }
  override options(level: number): OptionSet | undefined {
    return level === I.IPPROTO_TCP ? tcpLevel : super.options(level);
  }
  override peerName(): Uint8Array | Errno {
    if (!this.remote || this.state === I.TCP_CLOSE || this.state === I.TCP_SYN_SENT) return ENOTCONN;
    return sockaddrOf(this.v6, this.remote);
  }

  // --- connecting
  override connect(t: Thread, address: Uint8Array): Result {
    const family = familyOf(address);
    if (family instanceof Errno) return family;
    if (family === S.AF_UNSPEC) return this.#disconnect();
    let began = t.progress === 'connecting';
    if (!began) {
      if (this.#phase === 'connected') return EISCONN;
      if (this.#phase === 'unconnected') {
        if (this.state !== I.TCP_CLOSE) return EISCONN;
        const refused = this.#open(t, family, address);
        if (refused) return refused;
        this.#phase = 'connecting';
        began = true;
        // The answer comes behind the call, however near the other end is.
        if (this.nonblocking) return EINPROGRESS;
      }
    }
    if (this.state === I.TCP_SYN_SENT) {
      if (this.nonblocking) return EALREADY;
      const limit = this.settings.sendTimeout;
      giveUpIn(t, limit);
      if (timedOut(t)) return began ? EINPROGRESS : EALREADY;
      t.progress = 'connecting';
      return new Block([this.queue], t.deadline, interruption(limit));
    }
    if (this.state === I.TCP_CLOSE) {
      this.#phase = 'unconnected';
      this.receiveShut = this.sendShut = false;
      return this.takeError() ?? ECONNABORTED;
    }
    this.#phase = 'connected';
    return 0;
  }
  #target(family: number, address: Uint8Array): Endpoint | Errno {
    const e = this.v6 ? endpoint6(address) : endpoint4(address);
    if (e instanceof Errno) return e;
    if (family !== this.family) return EAFNOSUPPORT;
    if (isMulticast(e.ip) || isBroadcast(e.ip)) return ENETUNREACH;
    const ip = this.route(e.ip);
    return ip instanceof Errno ? ip : { ip, port: e.port };
  }
  #open(t: Thread, family: number, address: Uint8Array): Errno | undefined {
    const to = this.#target(family, address);
    if (to instanceof Errno) return to;
    const { net } = this.kernel;
    const was = this.localIp;
    if (isAny(this.localIp)) this.localIp = sourceFor(to.ip);
    const refused = this.autobind();
    if (refused || net.tcpConnection(this, to)) {
      this.localIp = was;
      return EADDRNOTAVAIL;
    }
    this.receiveShut = this.sendShut = false;
    this.remote = to;
    this.state = I.TCP_SYN_SENT;
    const self = to.ip === this.localIp && to.port === this.localPort;
    const server = self ? undefined : net.tcpListener(to.ip, to.port, this.localPort);
    if (self) this.#establish(this);
    else if (!server) this.reset();
    else server.#knock(t, this);
    return undefined;
  }
  /** A client wants in: now, or when there is room. */
  #knock(t: Thread, client: TcpSocket): void {
    if (this.pending.length <= this.backlog) return this.#admit(t, client);
    this.#knocking.push(client);
    client.#door = this;
    // As many tries as TCP_SYNCNT says, each waiting twice as long as the one before.
    const seconds = 2 ** (client.tcp.synCount + 1) - 1;
    client.#timer = this.kernel.scheduler.timers.at(this.kernel.monotonic() + BigInt(seconds) * SECOND, () => {
      client.#leaveDoor();
      client.#end(ETIMEDOUT);
    });
  }
  #leaveDoor(): void {
    const queue = this.#door ? this.#door.#knocking : [];
    if (queue.includes(this)) queue.splice(queue.indexOf(this), 1);
    this.#door = undefined;
    this.#stopTimer();
  }
  #admit(t: Thread, client: TcpSocket): void {
    const to = client.remote as Endpoint;
    const end = new TcpSocket(t, this.family);
    end.#inherit(this);
    end.localIp = to.ip;
    end.localPort = to.port;
    end.holdsPort = true;
    end.remote = { ip: client.localIp, port: client.localPort };
    this.kernel.net.tcp.add(end, to.port);
    end.#phase = 'connected';
    end.orphan = true;
    client.#leaveDoor();
    client.#establish(end);
    if (this.tcp.deferAccept === 0) return this.#offer(end);
    end.#deferredBy = this;
    end.#timer = this.kernel.scheduler.timers.at(this.kernel.monotonic() + BigInt(this.tcp.deferAccept) * SECOND, () =>
      end.#undefer(),
    );
  }
  #offer(end: TcpSocket): void {
    this.pending.push(end);
    this.queue.wake(READABLE);
  }
  #undefer(): void {
    const to = this.#deferredBy;
    this.#deferredBy = undefined;
    this.#stopTimer();
    if (to?.listening) to.#offer(this);
  }
  #inherit(from: TcpSocket): void {
    Object.assign(this.settings, { ...from.settings, on: new Set(from.settings.on) });
    Object.assign(this.tcp, { ...from.tcp, on: new Set(from.tcp.on) });
    Object.assign(this.ip, { ...from.ip, on: new Set(from.ip.on) });
  }
  #establish(end: TcpSocket): void {
    this.peer = end;
    end.peer = this;
    for (const s of new Set([this, end])) {
      s.state = I.TCP_ESTABLISHED;
      if (!(s.settings.bufferLock & 1)) s.settings.sendBuffer = SEND_CONNECTED;
    }
    this.queue.wake();
  }
  #disconnect(): Result {
    const cut = this.peer !== undefined || this.state === I.TCP_SYN_SENT;
    if (this.listening) this.#closeDoor();
    else if (this.peer) this.#abort();
    this.#leaveDoor();
    this.#end(cut ? ECONNRESET : undefined);
    this.#phase = 'unconnected';
    this.receiveShut = this.sendShut = false;
    this.finished = false;
    this.#forgetBytes();
    this.remote = undefined;
    this.localIp = this.boundIp;
    return 0;
  }

  // --- listening
  override listen(_t: Thread, backlog: number): Errno | undefined {
    if (this.#phase !== 'unconnected' || (this.state !== I.TCP_CLOSE && !this.listening)) return EINVAL;
    this.backlog = backlog;
    if (this.listening) return undefined;
    const refused = this.autobind();
    if (refused) return refused;
    this.state = I.TCP_LISTEN;
    // The port may have been shared among sockets of which one may listen.
    if (this.kernel.net.tcp.conflict(this, this.localPort)) {
      this.state = I.TCP_CLOSE;
      return EADDRINUSE;
    }
    this.receiveShut = this.sendShut = false;
    return undefined;
  }
  override accept(t: Thread): TcpSocket | Errno {
    if (!this.listening) return EINVAL;
    const end = this.pending.shift();
    if (!end) return EAGAIN;
    end.orphan = false;
    const next = this.#knocking[0];
    if (next) this.#admit(t, next);
    return end;
  }
  #closeDoor(): void {
    for (const client of this.#knocking.splice(0)) {
      client.#leaveDoor();
      client.reset();
    }
    for (const end of this.pending.splice(0)) end.#abort();
    this.state = I.TCP_CLOSE;
  }

  // --- ends
  /** Tells the other end that this one is gone for good (RST). */
  #abort(): void {
    const { peer } = this;
    this.#end(undefined);
    if (peer && peer !== this) peer.reset();
  }
  /** The other end is gone for good, or never was. */
  reset(): void {
    const why = this.state === I.TCP_SYN_SENT ? ECONNREFUSED : this.state === I.TCP_CLOSE_WAIT ? EPIPE : ECONNRESET;
    if (this.state === I.TCP_CLOSE) return;
    this.#end(why);
  }
  /** No connection any more. */
  #end(why: Errno | undefined): void {
    this.state = I.TCP_CLOSE;
    this.peer = undefined;
    this.#stopTimer();
    if (why) this.error = why;
    this.receiveShut = this.sendShut = true;
    if (!this.portBound || this.orphan) this.#releasePort();
    this.queue.wake();
    if (this.orphan) this.#forget();
  }
  #releasePort(): void {
    if (!this.holdsPort) return;
    this.kernel.net.tcp.release(this, this.localPort);
    this.holdsPort = false;
  }
  #forgetBytes(): void {
    this.kernel.net.buffered -= this.bytes.length;
    this.bytes.clear();
  }
  #forget(): void {
    this.#forgetBytes();
    this.kernel.net.tcpSockets.delete(this);
  }
  #stopTimer(): void {
    if (this.#timer) this.kernel.scheduler.timers.cancel(this.#timer);
    this.#timer = undefined;
  }
  /** Says that nothing more will be sent (FIN). */
  #finish(): void {
    const { peer } = this;
    if (!peer) return;
    if (this.state === I.TCP_ESTABLISHED) {
      this.state = I.TCP_FIN_WAIT2;
      peer.#finReceived();
    } else if (this.state === I.TCP_CLOSE_WAIT) {
      this.#end(undefined);
      if (peer !== this) peer.#finReceived();
    }
  }
  #finReceived(): void {
    this.receiveShut = true;
    this.finished = true;
    if (this.#deferredBy) this.#undefer();
    if (this.state === I.TCP_ESTABLISHED) this.state = I.TCP_CLOSE_WAIT;
    else if (this.state === I.TCP_FIN_WAIT2) {
      new TimeWait(this.kernel, this).begin();
      this.#end(undefined);
    }
    this.queue.wake();
  }
  override shutdown(_t: Thread, how: number): Errno | undefined {
    if (this.state === I.TCP_CLOSE) {
      this.#shut(how);
      return ENOTCONN;
    }
    if (this.listening) {
      if (how === S.SHUT_WR) return undefined;
      this.#closeDoor();
      this.queue.wake();
      return undefined;
    }
    if (this.state === I.TCP_SYN_SENT) {
      this.#disconnect();
      return undefined;
    }
    this.#shut(how);
    if (how !== S.SHUT_RD) this.#finish();
    this.queue.wake();
    return undefined;
  }
  #shut(how: number): void {
    if (how !== S.SHUT_WR) this.receiveShut = true;
    if (how !== S.SHUT_RD) this.sendShut = true;
  }
  override release(): void {
    this.orphan = true;
    const unread = this.bytes.length > 0;
    this.#forgetBytes();
    if (this.listening) this.#closeDoor();
    this.#leaveDoor();
    const { peer } = this;
    if (peer && peer !== this) {
      if (unread || this.settings.linger === 0) this.#abort();
      else this.#finish();
    }
    this.receiveShut = this.sendShut = true;
    if (this.state === I.TCP_FIN_WAIT2 && peer !== this) return this.#lastWait();
    this.#end(undefined);
  }
  /** Closed, and the other end not yet: it has a minute. */
  #lastWait(): void {
    const seconds = Math.max(this.tcp.finTimeout, 0);
    this.#timer = this.kernel.scheduler.timers.at(this.kernel.monotonic() + BigInt(seconds) * SECOND, () => {
      const { peer } = this;
      this.#end(undefined);
      if (peer) peer.peer = undefined;
    });
  }

  // --- data
  /** How much may be on its way to the other end. */
  get #capacity(): number {
    return this.settings.sendBuffer + Math.min(WINDOW, (this.peer?.settings.receiveBuffer ?? 0) >> 1);
  }
  get #used(): number {
    return this.peer?.bytes.length ?? 0;
  }
  /** Who polls hears of room when a third of the buffer is free. */
  get #roomy(): boolean {
    return Math.max(0, this.#used - WINDOW) * 1.5 <= this.settings.sendBuffer;
  }
  protected override push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined {
    if (out.flags & S.MSG_FASTOPEN) return EOPNOTSUPP;
    if (this.state === I.TCP_SYN_SENT && !this.error) return this.queue;
    const urgent = (out.flags & S.MSG_OOB) !== 0;
    while (out.done < out.total) {
      if (this.error || this.sendShut || !this.#mayWrite) return this.#writeError(t, out);
      const room = this.#capacity - this.#used;
      if (room <= 0) {
        this.#noSpace = true;
        return this.queue;
      }
      const bytes = out.copy(t, Math.min(room, PIECE));
      if (bytes instanceof Errno) return bytes;
      if (!this.kernel.net.mayBuffer(bytes.length)) return ENOBUFS;
      out.done += bytes.length;
      this.sent += bytes.length;
      const { peer } = this;
      if (peer) peer.#arrive(bytes, urgent && out.done === out.total);
      // Nobody acknowledges: the other end went away without a word.
      else this.reset();
    }
    if (out.total === 0 && (this.error || this.sendShut || !this.#mayWrite)) return this.#writeError(t, out);
    return undefined;
  }
  get #mayWrite(): boolean {
    return this.state === I.TCP_ESTABLISHED || this.state === I.TCP_CLOSE_WAIT;
  }
  #writeError(t: Thread, out: Outgoing): Errno | undefined {
    if (out.done > 0) return undefined;
    const error = this.takeError() ?? EPIPE;
    return error === EPIPE ? brokenPipe(t, out.flags) : error;
  }
  #arrive(bytes: Uint8Array, urgent: boolean): void {
    const from = this.peer;
    if (this.orphan && !this.#deferredBy && this.state === I.TCP_FIN_WAIT2) {
      this.#end(undefined);
      from?.reset();
      return;
    }
    this.bytes.push(bytes);
    this.kernel.net.buffered += bytes.length;
    this.received += bytes.length;
    if (urgent) this.#urgent = { at: this.bytes.end - 1, byte: bytes[bytes.length - 1] as number, read: false };
    if (this.#deferredBy) this.#undefer();
    if (urgent) {
      this.async?.urgent();
      this.queue.wake(POLLPRI);
    }
    if (this.bytes.length >= this.settings.receiveLow) this.queue.wake(READABLE);
  }
  protected override pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined {
    if (this.listening) return ENOTCONN;
    if (into.flags & S.MSG_ERRQUEUE) return EAGAIN;
    if (into.flags & S.MSG_OOB) return this.#pullUrgent(t, into);
    const peek = (into.flags & S.MSG_PEEK) !== 0;
    if (peek) into.done = 0;
    const refused = this.#take(t, into, peek);
    if (refused) return refused;
    const wanted = into.flags & S.MSG_WAITALL ? into.room : Math.min(this.settings.receiveLow, into.room);
    if (into.done >= Math.max(1, wanted) || (into.room === 0 && this.bytes.length > 0)) return undefined;
    if (into.done > 0) {
      const over = this.error || this.receiveShut || this.state === I.TCP_CLOSE || this.#atUrgent;
      return over ? undefined : this.queue;
    }
    if (this.finished) return undefined;
    const error = this.takeError();
    if (error) return error;
    if (this.receiveShut) return this.state === I.TCP_CLOSE && !this.remote ? ENOTCONN : undefined;
    return this.state === I.TCP_CLOSE ? ENOTCONN : this.queue;
  }
  get #atUrgent(): boolean {
    return this.#urgent !== undefined && this.#urgent.at === this.bytes.position;
  }
  /** Hands over what is there, up to the urgent mark if that lies ahead. */
  #take(t: Thread, into: Incoming, peek: boolean): Errno | undefined {
    let skip = this.peekStart(into);
    while (into.left > 0 && this.bytes.length > skip) {
      let n = Math.min(into.left, this.bytes.length - skip);
      const mark = this.#urgent ? this.#urgent.at - this.bytes.position - skip : -1;
      if (mark === 0) {
        if (into.done > 0) break;
        if (!this.settings.on.has('oobInline')) {
          if (peek) skip++;
          else this.#consume(1);
          continue;
        }
      } else if (mark > 0 && mark < n) n = mark;
      // MSG_TRUNC: thrown away unseen.
      const unseen = (into.flags & S.MSG_TRUNC) !== 0;
      const refused = unseen ? undefined : this.bytes.look(n, skip, (piece) => into.put(t, piece));
      if (refused) return refused;
      if (unseen) into.done += n;
      this.moved(into, n);
      if (peek) skip += n;
      else this.#consume(n);
    }
    return undefined;
  }
  #consume(n: number): void {
    this.bytes.drop(n);
    this.kernel.net.buffered -= n;
    if (this.#urgent && this.bytes.position > this.#urgent.at) this.#urgent = undefined;
    if (this.peer) this.peer.#roomMade();
  }
  #roomMade(): void {
    if (!this.#noSpace || !this.#roomy) return;
    this.#noSpace = false;
    this.queue.wake(WRITABLE);
  }
  #pullUrgent(t: Thread, into: Incoming): Errno | undefined {
    const u = this.#urgent;
    if (this.settings.on.has('oobInline') || !u || u.read) return EINVAL;
    if (this.state === I.TCP_CLOSE && !this.remote) return ENOTCONN;
    into.outFlags |= S.MSG_OOB;
    if (!(into.flags & S.MSG_PEEK)) u.read = true;
    if (into.room === 0) {
      into.outFlags |= S.MSG_TRUNC;
      return undefined;
    }
    return into.put(t, Uint8Array.of(u.byte));
  }

  override poll(): number {
    if (this.listening) return this.pending.length ? READABLE : 0;
    let events = 0;
    if ((this.receiveShut && this.sendShut) || this.state === I.TCP_CLOSE) events |= POLLHUP;
    if (this.receiveShut) events |= READABLE | POLLRDHUP;
    if (this.state !== I.TCP_SYN_SENT) {
      const hidden = this.#urgent && !this.settings.on.has('oobInline') && this.#atUrgent ? 1 : 0;
      if (this.bytes.length >= this.settings.receiveLow + hidden) events |= READABLE;
      if (this.sendShut || this.#roomy) events |= POLLOUT | POLLWRNORM;
      else this.#noSpace = true;
      if (this.#urgent && !this.#urgent.read) events |= POLLPRI;
    }
    return this.error ? events | POLLERR : events;
  }
  override get mostLow(): number {
    return this.settings.bufferLock & 2 ? this.settings.receiveBuffer >> 1 : MOST_LOW;
  }
  override waitingToRead(): number | Errno {
    if (this.listening) return EINVAL;
    return this.bytes.length - (this.#atUrgent && !this.settings.on.has('oobInline') ? 1 : 0);
  }
  override waitingToGo(): number | Errno {
    return this.listening ? EINVAL : Math.max(0, this.#used - WINDOW);
  }
  override unsent(): number | Errno {
    return this.waitingToGo();
  }
  override atMark(): number {
    return this.#atUrgent ? 1 : 0;
  }
}
