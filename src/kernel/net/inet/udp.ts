// UDP within the machine (udp(7)): datagrams go straight into the receiver's queue; nobody there is told as ICMP would.
import {
  EACCES,
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
} from '../../../abi/errno.ts';
import { IPPROTO_UDP } from '../../../abi/inet.ts';
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
import type { Result } from '../../syscall.ts';
import type { Thread } from '../../thread.ts';
import type { WaitQueue } from '../../wait.ts';
import type { OptionSet } from '../option.ts';
import { familyOf } from '../socket.ts';
import type { Control, Incoming, Outgoing } from '../transfer.ts';
import {
  type Endpoint,
  endpoint4,
  endpoint6,
  type Ip,
  isAny,
  isBroadcast,
  isLoopback,
  isMulticast,
  isV4,
  LOOPBACK4,
  LOOPBACK6,
  sockaddrOf,
  sourceFor,
} from './address.ts';
import { errorMessage, type NetError, packetMessages, readPacketControls, sentWith } from './packet.ts';
import type { Holder } from './ports.ts';
import { InetSocket } from './socket.ts';
import { UdpSettings, udpLevel } from './udp-options.ts';

/** The most bytes of one datagram, by the version of IP. */
const MOST4 = 65507,
  MOST6 = 65527,
  MOST = 0xffff;
/** Parts that UDP_SEGMENT may make of one message. */
const SEGMENTS = 128;

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Ip;
  readonly charge: number;
  /** When it came, where the receiver asked. */
  readonly time?: bigint;
  readonly ttl: number;
  readonly tos: number;
}
/** What a datagram counts against the receiver's buffer (truesize of its sk_buff). */
function chargeOf(n: number): number {
  const head = n + 48 + 320;
  if (head <= 576) return 832;
  return head <= 16384 ? 256 + 2 ** Math.ceil(Math.log2(head)) : 832 + Math.ceil(n / 4096) * 4096;
}

export class UdpSocket extends InetSocket {
  readonly inState: Holder['inState'] = 'other';
  readonly udp = new UdpSettings();
  readonly #queue: Datagram[] = [];
  readonly #errors: NetError[] = [];
  /** Bytes its queue holds, as they are charged, and datagrams that didn't fit. */
  #charged = 0;
  drops = 0;
  /** MSG_MORE, UDP_CORK: what waits for the rest of its datagram. */
  #corked: { readonly to: Endpoint; readonly parts: Uint8Array[]; length: number } | undefined;

  constructor(t: Thread, family: number) {
    super(t, family, S.SOCK_DGRAM, IPPROTO_UDP);
    this.kernel.net.udpSockets.add(this);
  }
  protected override takePort(port: number): number | Errno {
    return this.kernel.net.udp.take(this, port);
  }
  protected get mayBind(): boolean {
    return true;
  }
  override options(level: number): OptionSet | undefined {
    return level === IPPROTO_UDP ? udpLevel : super.options(level);
  }
  override takeControls(t: Thread, controls: readonly Control[], out: Outgoing): Errno | undefined {
    out.controls = controls;
    return readPacketControls(t, this, controls);
  }
  override peerName(): Uint8Array | Errno {
    return this.remote && this.remote.port !== 0 ? sockaddrOf(this.v6, this.remote) : ENOTCONN;
  }

  // --- peers
  override connect(_t: Thread, address: Uint8Array): Result {
    const family = familyOf(address);
    if (family instanceof Errno) return family;
    if (family === S.AF_UNSPEC) return this.#disconnect();
    if (this.autobind()) return EAGAIN;
    const e = this.#parse(family, address);
    if (e instanceof Errno) return e;
    const ip = this.#reach(e.ip);
    if (ip instanceof Errno) return ip;
    if (isAny(this.boundIp)) this.localIp = sourceFor(ip);
    this.remote = { ip, port: e.port };
    return 0;
  }
  #disconnect(): Result {
    this.remote = undefined;
    this.localIp = this.boundIp;
    if (!this.portBound && this.holdsPort) {
      this.kernel.net.udp.release(this, this.localPort);
      this.localPort = 0;
      this.holdsPort = false;
    }
    return 0;
  }
  #parse(family: number, a: Uint8Array): Endpoint | Errno {
    if (family === S.AF_INET && (!this.v6 || !this.v6only)) return endpoint4(a);
    if (family === S.AF_INET6 && this.v6) return endpoint6(a);
    return EAFNOSUPPORT;
  }
  /** The address that a datagram goes to; broadcasts take permission, groups an interface. */
  #reach(ip: Ip): Ip | Errno {
    if (isV4(ip) && this.v6only) return ENETUNREACH;
    if (isBroadcast(ip)) return this.settings.on.has('broadcast') ? ip : EACCES;
    if (isMulticast(ip)) {
      const by = isV4(ip) ? this.ip.multicastInterface : this.ip.multicastInterface6 || undefined;
      return by === undefined && isAny(this.localIp) ? ENETUNREACH : ip;
    }
    return this.route(ip);
  }

  // --- sending
  protected override push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined {
    if (out.total > MOST) return EMSGSIZE;
    if (out.flags & S.MSG_OOB) return EOPNOTSUPP;
    const to = this.#corked?.to ?? this.#destination(out.to);
    if (to instanceof Errno) return to;
    const with_ = sentWith(this, out.controls);
    const ip = this.#reach(to.ip);
    if (ip instanceof Errno) return ip;
    const length = out.total + (this.#corked?.length ?? 0);
    const cut = with_.segment ?? this.udp.segment;
    if (cut > 0 && length > cut * SEGMENTS) return EINVAL;
    if ((cut === 0 || length <= cut) && length > (isV4(ip) ? MOST4 : MOST6)) return EMSGSIZE;
    const error = this.takeError();
    if (error) return error;
    if (this.sendShut) return EPIPE;
    const refused = this.autobind();
    if (refused) return EAGAIN;
    const bytes = out.copy(t, out.total);
    if (bytes instanceof Errno) return bytes;
    out.done = out.total;
    const whole = this.#cork(bytes, { ip, port: to.port }, (out.flags & S.MSG_MORE) !== 0 || this.udp.corked);
    if (!whole) return undefined;
    const step = cut > 0 ? cut : Math.max(1, whole.length);
    for (let at = 0; at < whole.length || at === 0; at += step)
      this.#send(whole.subarray(at, at + step), { ip, port: to.port }, with_.source, with_.ttl, with_.tos);
    return undefined;
  }
  #destination(address: Uint8Array | undefined): Endpoint | Errno {
    if (!address?.length) return this.remote ?? EDESTADDRREQ;
    const family = familyOf(address);
    if (family instanceof Errno) return family;
    if (this.v6 && family === S.AF_UNSPEC) return this.remote ?? EDESTADDRREQ;
    let e: Endpoint | Errno;
    if (!this.v6) {
      e = endpoint4(address);
      if (!(e instanceof Errno) && family !== S.AF_INET && family !== S.AF_UNSPEC) return EAFNOSUPPORT;
    } else if (family === S.AF_INET) e = this.v6only ? ENETUNREACH : endpoint4(address);
    else e = family === S.AF_INET6 ? endpoint6(address) : EINVAL;
    if (e instanceof Errno) return e;
    return e.port === 0 ? EINVAL : e;
  }
  /** Adds to what waits; gives the whole when it is complete. */
  #cork(bytes: Uint8Array, to: Endpoint, more: boolean): Uint8Array | undefined {
    if (!more && !this.#corked) return bytes;
    this.#corked ??= { to, parts: [], length: 0 };
    this.#corked.parts.push(bytes);
    this.#corked.length += bytes.length;
    return more ? undefined : this.#uncork();
  }
  #uncork(): Uint8Array {
    const c = this.#corked;
    this.#corked = undefined;
    const whole = new Uint8Array(c?.length ?? 0);
    let at = 0;
    for (const p of c?.parts ?? []) {
      whole.set(p, at);
      at += p.length;
    }
    return whole;
  }
  /** UDP_CORK goes off: what waited goes. */
  flushCork(): void {
    const to = this.#corked?.to;
    if (to) this.#send(this.#uncork(), to, undefined, undefined, undefined);
  }
  #send(bytes: Uint8Array, to: Endpoint, source: Ip | undefined, ttl?: number, tos?: number): void {
    const { net } = this.kernel;
    const own = isV4(to.ip) ? LOOPBACK4 : LOOPBACK6;
    const ip = source ?? (isAny(this.localIp) || !isLoopback(this.localIp) ? own : this.localIp);
    const from = { ip, port: this.localPort };
    const d: Datagram = {
      bytes,
      from,
      to: to.ip,
      charge: chargeOf(bytes.length),
      ttl: ttl ?? (isV4(to.ip) ? (this.ip.ttl < 0 ? 64 : this.ip.ttl) : this.ip.hops < 0 ? 64 : this.ip.hops),
      tos: tos ?? (isV4(to.ip) ? this.ip.tos : this.ip.tclass),
    };
    if (isMulticast(to.ip) || isBroadcast(to.ip)) {
      for (const s of net.udp.at(to.port)) if (s.#wants(d)) s.#arrive(d);
      return;
    }
    const receiver = net.udpReceiver(from, to);
    if (receiver) receiver.#arrive(d);
    else this.#unreachable({ errno: ECONNREFUSED, bytes, to, offender: to.ip });
  }
  /** A datagram for many: members of the group, or whoever takes all of that port. */
  #wants(d: Datagram): boolean {
    if (this.remote && (this.remote.ip !== d.from.ip || this.remote.port !== d.from.port)) return false;
    const open = isAny(this.localIp) && (isV4(d.to) ? !this.v6only : this.v6);
    if (this.localIp !== d.to && !open) return false;
    if (isBroadcast(d.to)) return true;
    const all = this.ip.on.has(isV4(d.to) ? 'multicastAll' : 'multicastAll6');
    return this.groups.has(d.to) || (all && [...this.kernel.net.udpSockets].some((s) => s.groups.has(d.to)));
  }
  #unreachable(e: NetError): void {
    const asked = this.ip.on.has(isV4(e.to.ip) ? 'receiveErrors' : 'receiveErrors6');
    if (asked) this.#errors.push(e);
    else if (!this.remote) return;
    this.error = e.errno;
    this.queue.wake(POLLERR);
  }

  // --- receiving
  #arrive(d: Datagram): void {
    const { net } = this.kernel;
    if (this.#charged + d.charge > this.settings.receiveBuffer || !net.mayBuffer(d.bytes.length)) {
      this.drops++;
      return;
    }
    this.#charged += d.charge;
    net.buffered += d.bytes.length;
    this.#queue.push(this.settings.on.has('timestamp') ? { ...d, time: this.kernel.realtime() } : d);
    this.queue.wake(POLLIN | POLLRDNORM);
  }
  protected override pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined {
    if (into.flags & S.MSG_ERRQUEUE) return this.#pullError(t, into);
    const error = this.takeError();
    if (error) return error;
    const [index, at] = this.messageAt(this.#queue, into);
    const d = this.#queue[index];
    if (!d) return this.receiveShut ? undefined : this.queue;
    if (!(into.flags & S.MSG_PEEK)) {
      this.#queue.shift();
      this.#charged -= d.charge;
      this.kernel.net.buffered -= d.bytes.length;
    }
    const whole = d.bytes.length - at;
    const n = Math.min(whole, into.room);
    const refused = into.put(t, d.bytes.subarray(at, at + n));
    if (refused) return refused;
    this.moved(into, n, d.bytes.length);
    if (n < whole) into.outFlags |= S.MSG_TRUNC;
    if (into.flags & S.MSG_TRUNC) into.length = whole;
    into.from = sockaddrOf(this.v6, d.from);
    into.controls = packetMessages(t, this, d);
    return undefined;
  }
  #pullError(t: Thread, into: Incoming): Errno | undefined {
    const e = this.#errors.shift();
    if (!e) return EAGAIN;
    const n = Math.min(e.bytes.length, into.room);
    const refused = into.put(t, e.bytes.subarray(0, n));
    if (refused) return refused;
    if (n < e.bytes.length) into.outFlags |= S.MSG_TRUNC;
    into.outFlags |= S.MSG_ERRQUEUE;
    into.from = sockaddrOf(this.v6, e.to);
    into.controls = [errorMessage(this.v6, e)];
    const next = this.#errors[0];
    this.error = next?.errno;
    return undefined;
  }

  override shutdown(_t: Thread, how: number): Errno | undefined {
    if (how !== S.SHUT_WR) this.receiveShut = true;
    if (how !== S.SHUT_RD) this.sendShut = true;
    this.queue.wake();
    return this.remote ? undefined : ENOTCONN;
  }
  override poll(): number {
    let events = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.error || this.#errors.length) {
      events |= POLLERR;
      if (this.settings.on.has('selectErrorQueue')) events |= POLLPRI;
    }
    if (this.receiveShut) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.receiveShut && this.sendShut) events |= POLLHUP;
    if (this.#queue.length) events |= POLLIN | POLLRDNORM;
    return events;
  }
  override waitingToRead(): number {
    return this.#queue[0]?.bytes.length ?? 0;
  }
  override waitingToGo(): number {
    return this.#corked?.length ?? 0;
  }
  /** Bytes that wait to be read, as they are charged: /proc/net/udp's. */
  get charged(): number {
    return this.#charged;
  }
  override release(): void {
    const { net } = this.kernel;
    net.udpSockets.delete(this);
    if (this.holdsPort) net.udp.release(this, this.localPort);
    for (const d of this.#queue.splice(0)) net.buffered -= d.bytes.length;
  }
}
