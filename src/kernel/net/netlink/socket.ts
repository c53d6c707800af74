// Netlink sockets (netlink(7)): questions to the kernel, and what it answers.
import { EADDRINUSE, EAGAIN, ECONNREFUSED, EINVAL, EMSGSIZE, EOPNOTSUPP, EPERM, Errno } from '../../../abi/errno.ts';
import * as N from '../../../abi/netlink.ts';
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../../abi/poll.ts';
import {
  AF_NETLINK,
  AF_UNSPEC,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SCM_CREDENTIALS,
  SOL_SOCKET,
} from '../../../abi/socket.ts';
import type { Result } from '../../syscall.ts';
import type { Thread } from '../../thread.ts';
import type { WaitQueue } from '../../wait.ts';
import { OptionSet, withInt } from '../option.ts';
import { familyOf, Socket } from '../socket.ts';
import type { Control, Incoming, Outgoing } from '../transfer.ts';
import { align, concat, message, u32 } from './build.ts';
import { answer } from './route.ts';

const CAP_NET_ADMIN = 12;
/** struct sockaddr_nl. */
const SIZE = 12;
/** How much of a long answer goes into one message. */
const CHUNK = 16384;
/** Multicast groups there are names for. */
const GROUPS = 32;

export class NetlinkSocket extends Socket {
  /** Its address; 0: none yet. */
  port = 0;
  groups = 0;
  /** Where messages without an address go. */
  #to = { port: 0, groups: 0 };
  readonly on = new Set<number>();
  readonly #queue: { readonly bytes: Uint8Array }[] = [];

  constructor(t: Thread, type: number, protocol: number) {
    super(t, AF_NETLINK, type, protocol);
    this.kernel.net.netlink.add(this);
  }
  #parse(a: Uint8Array): { port: number; groups: number } | Errno {
    if (a.length < SIZE || familyOf(a) !== AF_NETLINK) return EINVAL;
    const v = new DataView(a.buffer, a.byteOffset);
    return { port: v.getUint32(4, true), groups: v.getUint32(8, true) };
  }
  override bind(t: Thread, address: Uint8Array): Errno | undefined {
    const a = this.#parse(address);
    if (a instanceof Errno) return a;
    if (a.groups && this.protocol !== N.NETLINK_ROUTE && this.protocol !== N.NETLINK_KOBJECT_UEVENT) return EPERM;
    if (this.port !== 0) {
      if (a.port !== this.port) return EINVAL;
    } else if (a.port !== 0) {
      if (this.#taken(a.port)) return EADDRINUSE;
      this.port = a.port;
    } else this.#autobind(t);
    this.groups = a.groups;
    return undefined;
  }
  #taken(port: number): boolean {
    for (const s of this.kernel.net.netlink) if (s.protocol === this.protocol && s.port === port) return true;
    return false;
  }
  /** The process's number if it is free, else one from the top. */
  #autobind(t: Thread): void {
    let port = t.process.pid;
    for (let next = 0xffff_f000; this.#taken(port); next--) port = next;
    this.port = port;
  }
  override connect(t: Thread, address: Uint8Array): Result {
    const family = familyOf(address);
    if (family instanceof Errno) return family;
    if (family === AF_UNSPEC) {
      this.#to = { port: 0, groups: 0 };
      return 0;
    }
    const a = this.#parse(address);
    if (a instanceof Errno) return a;
    if ((a.port || a.groups) && !t.capable(CAP_NET_ADMIN)) return EPERM;
    if (this.port === 0) this.#autobind(t);
    this.#to = a;
    return 0;
  }
  override localName(): Uint8Array {
    return nameOf(this.port, this.groups);
  }
  override peerName(): Uint8Array {
    return nameOf(this.#to.port, this.#to.groups);
  }
  override options(level: number): OptionSet | undefined {
    return level === N.SOL_NETLINK ? netlinkLevel : undefined;
  }

  protected override push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined {
    if (out.flags & MSG_OOB) return EOPNOTSUPP;
    const to = out.to?.length ? this.#parse(out.to) : this.#to;
    if (to instanceof Errno) return to;
    if ((to.port || to.groups) && out.to?.length && !t.capable(CAP_NET_ADMIN)) return EPERM;
    if (this.port === 0) this.#autobind(t);
    if (out.total > this.settings.sendBuffer - 32) return EMSGSIZE;
    const bytes = out.copy(t, out.total);
    if (bytes instanceof Errno) return bytes;
    if (to.port !== 0 || this.protocol !== N.NETLINK_ROUTE) return ECONNREFUSED;
    out.done = out.total;
    this.#ask(t, bytes);
    return undefined;
  }
  /** One or more requests; each is answered before the call returns. */
  #ask(t: Thread, bytes: Uint8Array): void {
    const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + N.NLMSG_HDRLEN <= bytes.length; ) {
      const length = v.getUint32(at, true);
      if (length < N.NLMSG_HDRLEN || length > bytes.length - at) return;
      const request = bytes.subarray(at, at + length);
      this.#request(t, request, v.getUint16(at + 4, true), v.getUint16(at + 6, true), v.getUint32(at + 8, true));
      at += align(length);
    }
  }
  #request(t: Thread, request: Uint8Array, type: number, flags: number, seq: number): void {
    const asker = { seq, port: this.port };
    const control = !(flags & N.NLM_F_REQUEST) || type < N.NLMSG_MIN_TYPE;
    const dump = (flags & N.NLM_F_DUMP) === N.NLM_F_DUMP;
    const body = request.subarray(N.NLMSG_HDRLEN);
    const r = control ? [] : type > N.RTM_MAX ? EOPNOTSUPP : answer(t, { ...asker, type, dump, body });
    if (r instanceof Errno) return this.#tell(request, asker, r.code);
    if (dump && !control) {
      this.#deliver(r);
      this.#deliver([message(N.NLMSG_DONE, N.NLM_F_MULTI, asker, u32(0))]);
      return;
    }
    this.#deliver(r);
    if (flags & N.NLM_F_ACK) this.#tell(request, asker, 0);
  }
  /** An error, or that there was none: with the request, or its header where nothing went wrong. */
  #tell(request: Uint8Array, asker: { seq: number; port: number }, code: number): void {
    const capped = code === 0 || this.on.has(N.NETLINK_CAP_ACK);
    const back = capped ? request.subarray(0, N.NLMSG_HDRLEN) : request;
    this.#deliver([message(N.NLMSG_ERROR, capped ? N.NLM_F_CAPPED : 0, asker, u32(-code >>> 0), back)]);
  }
  #deliver(list: readonly Uint8Array[]): void {
    for (let i = 0; i < list.length; ) {
      const some: Uint8Array[] = [];
      for (let n = 0; i < list.length && (n === 0 || n + (list[i] as Uint8Array).length <= CHUNK); i++) {
        some.push(list[i] as Uint8Array);
        n += (list[i] as Uint8Array).length;
      }
      this.#queue.push({ bytes: concat(some) });
    }
    this.queue.wake(POLLIN | POLLRDNORM);
  }
  protected override pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined {
    if (into.flags & MSG_OOB) return EOPNOTSUPP;
    const error = this.takeError();
    if (error) return error;
    const m = this.#queue[0];
    if (!m) return into.nowait ? EAGAIN : this.queue;
    const n = Math.min(m.bytes.length, into.room);
    const refused = into.put(t, m.bytes.subarray(0, n));
    if (!(into.flags & MSG_PEEK)) this.#queue.shift();
    if (refused) return refused;
    if (n < m.bytes.length) into.outFlags |= MSG_TRUNC;
    if (into.flags & MSG_TRUNC) into.length = m.bytes.length;
    into.from = nameOf(0, 0);
    const controls: Control[] = [];
    if (this.on.has(N.NETLINK_PKTINFO)) controls.push({ level: N.SOL_NETLINK, type: N.NETLINK_PKTINFO, data: u32(0) });
    // The kernel's word: process 0, root.
    if (this.settings.on.has('passCredentials'))
      controls.push({ level: SOL_SOCKET, type: SCM_CREDENTIALS, data: new Uint8Array(12) });
    into.controls = controls;
    return undefined;
  }
  override poll(): number {
    const events = POLLOUT | POLLWRNORM | POLLWRBAND | (this.error ? POLLERR : 0);
    return this.#queue.length ? events | POLLIN | POLLRDNORM : events;
  }
  override waitingToRead(): number {
    return this.#queue[0]?.bytes.length ?? 0;
  }
  override release(): void {
    this.kernel.net.netlink.delete(this);
  }
}
function nameOf(port: number, groups: number): Uint8Array {
  const out = new Uint8Array(SIZE);
  const v = new DataView(out.buffer);
  v.setUint16(0, AF_NETLINK, true);
  v.setUint32(4, port, true);
  v.setUint32(8, groups, true);
  return out;
}
const toggle = (name: string, nr: number) => ({
  name,
  nr,
  get: (_t: Thread, s: NetlinkSocket) => (s.on.has(nr) ? 1 : 0),
  set: withInt<NetlinkSocket>((_t, s, value) => {
    if (value) s.on.add(nr);
    else s.on.delete(nr);
  }),
});
function membership(name: string, nr: number, join: boolean) {
  return {
    name,
    nr,
    set: withInt<NetlinkSocket>((_t, s, value) => {
      if (value < 1 || value > GROUPS) return EINVAL;
      const bit = 2 ** (value - 1);
      const has = Math.floor(s.groups / bit) % 2 === 1;
      if (join !== has) s.groups += join ? bit : -bit;
      return undefined;
    }),
  };
}
const netlinkLevel = new OptionSet<NetlinkSocket>(N.SOL_NETLINK, 'NETLINK', [
  membership('NETLINK_ADD_MEMBERSHIP', N.NETLINK_ADD_MEMBERSHIP, true),
  membership('NETLINK_DROP_MEMBERSHIP', N.NETLINK_DROP_MEMBERSHIP, false),
  toggle('NETLINK_PKTINFO', N.NETLINK_PKTINFO),
  toggle('NETLINK_BROADCAST_ERROR', N.NETLINK_BROADCAST_ERROR),
  toggle('NETLINK_NO_ENOBUFS', N.NETLINK_NO_ENOBUFS),
  { name: 'NETLINK_LIST_MEMBERSHIPS', nr: N.NETLINK_LIST_MEMBERSHIPS, get: (_t, s) => u32(s.groups) },
  toggle('NETLINK_CAP_ACK', N.NETLINK_CAP_ACK),
  toggle('NETLINK_EXT_ACK', N.NETLINK_EXT_ACK),
  toggle('NETLINK_GET_STRICT_CHK', N.NETLINK_GET_STRICT_CHK),
]);
