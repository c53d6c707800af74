// What goes with datagrams besides their bytes: ancillary messages of IP and IPv6 (ip(7), ipv6(7)).
import { EINVAL, EPERM, type Errno } from '../../../abi/errno.ts';
import * as I from '../../../abi/inet.ts';
import * as S from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import { LOOPBACK } from '../interface.ts';
import { timeMessage } from '../timestamp.ts';
import type { Control } from '../transfer.ts';
import { type Endpoint, type Ip, in6Address, inAddress, isAny, isLoopback, isV4, sockaddrOf } from './address.ts';
import type { Datagram, UdpSocket } from './udp.ts';

const CAP_NET_ADMIN = 12,
  CAP_NET_RAW = 13;
const view = (c: Control): DataView => new DataView(c.data.buffer, c.data.byteOffset, c.data.length);
const ints = (...list: number[]): Uint8Array => new Uint8Array(Int32Array.from(list).buffer);
const bytesOf = (ip: Ip, from = 0): Uint8Array => Uint8Array.from(ip.slice(from), (c) => c.charCodeAt(0));
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));

/** An error that the network reported for a datagram sent: with the datagram. */
export interface NetError {
  readonly errno: Errno;
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
  readonly offender: Ip;
}
/** IP_RECVERR: struct sock_extended_err as ICMP's port unreachable gives it, and who sent that. */
export function errorMessage(v6: boolean, e: NetError): Control {
  const old = isV4(e.to.ip);
  const head = new Uint8Array(16);
  const v = new DataView(head.buffer);
  v.setUint32(0, e.errno.code, true);
  v.setUint8(4, old ? 2 : 3);
  v.setUint8(5, old ? 3 : 1);
  v.setUint8(6, old ? 3 : 4);
  const offender = sockaddrOf(!old, { ip: e.offender, port: 0 });
  return old || !v6
    ? { level: I.IPPROTO_IP, type: I.IP_RECVERR, data: join(head, offender) }
    : { level: I.IPPROTO_IPV6, type: I.IPV6_RECVERR, data: join(head, offender) };
}

/** What a program gave with a message: refused where it makes no sense. */
export function readPacketControls(t: Thread, s: UdpSocket, controls: readonly Control[]): Errno | undefined {
  for (const c of controls) {
    const n = c.data.length;
    if (c.level === S.SOL_SOCKET) {
      if (c.type === S.SCM_RIGHTS || c.type === S.SCM_CREDENTIALS) continue;
      if (c.type === S.SO_MARK) {
        if (!t.capable(CAP_NET_RAW) && !t.capable(CAP_NET_ADMIN)) return EPERM;
        if (n !== 4) return EINVAL;
      } else return EINVAL;
    } else if (c.level === I.IPPROTO_UDP) {
      if (c.type !== I.UDP_SEGMENT || n !== 2) return EINVAL;
    } else if (c.level === I.IPPROTO_IP) {
      if (
        c.type === I.IP_PKTINFO ? n !== 12 : c.type === I.IP_TTL ? n !== 4 : c.type !== I.IP_TOS || (n !== 4 && n !== 1)
      )
        return EINVAL;
      if (c.type === I.IP_TTL && (view(c).getInt32(0, true) < 1 || view(c).getInt32(0, true) > 255)) return EINVAL;
    } else if (c.level === I.IPPROTO_IPV6 && s.v6) {
      if (c.type === I.IPV6_PKTINFO ? n < 20 : c.type === I.IPV6_HOPLIMIT || c.type === I.IPV6_TCLASS ? n !== 4 : true)
        return EINVAL;
    }
  }
  return undefined;
}
export interface SentWith {
  readonly source: Ip | undefined;
  readonly ttl: number | undefined;
  readonly tos: number | undefined;
  readonly segment: number | undefined;
}
/** What of it changes the datagram: its source, how far it goes, how it is cut. */
export function sentWith(s: UdpSocket, controls: readonly Control[]): SentWith {
  let source: Ip | undefined;
  let ttl: number | undefined;
  let tos: number | undefined;
  let segment: number | undefined;
  for (const c of controls) {
    const v = view(c);
    if (c.level === I.IPPROTO_UDP) segment = v.getUint16(0, true);
    else if (c.level === I.IPPROTO_IP) {
      if (c.type === I.IP_PKTINFO) source = inAddress(c.data.subarray(4, 8));
      else if (c.type === I.IP_TTL) ttl = v.getInt32(0, true);
      else if (c.type === I.IP_TOS) tos = c.data.length === 1 ? v.getUint8(0) : v.getInt32(0, true) & 0xff;
    } else if (c.level === I.IPPROTO_IPV6 && s.v6) {
      if (c.type === I.IPV6_PKTINFO) source = in6Address(c.data);
      else if (c.type === I.IPV6_HOPLIMIT) ttl = v.getInt32(0, true);
      else if (c.type === I.IPV6_TCLASS) tos = v.getInt32(0, true);
    }
  }
  const own = source !== undefined && !isAny(source) && isLoopback(source) ? source : undefined;
  return { source: own, ttl, tos, segment };
}

/** The messages that a receiver asked for, in the kernel's order. */
export function packetMessages(t: Thread, s: UdpSocket, d: Datagram): Control[] {
  const out = d.time === undefined ? [] : timeMessage(t, s.settings.on, d.time);
  if (s.settings.on.has('overflow') && s.drops > 0)
    out.push({ level: S.SOL_SOCKET, type: S.SO_RXQ_OVFL, data: ints(s.drops) });
  const { on } = s.ip;
  const old = isV4(d.to);
  if (s.v6) {
    if (on.has('packetInfo6'))
      out.push({
        level: I.IPPROTO_IPV6,
        type: I.IPV6_PKTINFO,
        data: join(bytesOf(d.to), ints(LOOPBACK.index)),
      });
    if (!old && on.has('receiveHopLimit'))
      out.push({ level: I.IPPROTO_IPV6, type: I.IPV6_HOPLIMIT, data: ints(d.ttl) });
    if (!old && on.has('receiveTclass')) out.push({ level: I.IPPROTO_IPV6, type: I.IPV6_TCLASS, data: ints(d.tos) });
  }
  if (!old) return out;
  const ip = I.IPPROTO_IP;
  if (on.has('packetInfo'))
    out.push({ level: ip, type: I.IP_PKTINFO, data: join(ints(LOOPBACK.index), bytesOf(d.to, 12), bytesOf(d.to, 12)) });
  if (on.has('receiveTtl')) out.push({ level: ip, type: I.IP_TTL, data: ints(d.ttl) });
  if (on.has('receiveTos')) out.push({ level: ip, type: I.IP_TOS, data: Uint8Array.of(d.tos) });
  if (on.has('receiveOriginal'))
    out.push({ level: ip, type: I.IP_RECVORIGDSTADDR, data: sockaddrOf(false, { ip: d.to, port: s.localPort }) });
  return out;
}
