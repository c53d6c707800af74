// socket(2): which families, types and protocols there are.
import { EACCES, EAFNOSUPPORT, EINVAL, EPERM, EPROTONOSUPPORT, type Errno, ESOCKTNOSUPPORT } from '../../abi/errno.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_MAX, IPPROTO_TCP, IPPROTO_UDP } from '../../abi/inet.ts';
import { NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE } from '../../abi/netlink.ts';
import * as S from '../../abi/socket.ts';
import type { Thread } from '../thread.ts';
import { TcpSocket } from './inet/tcp.ts';
import { UdpSocket } from './inet/udp.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import type { Socket } from './socket.ts';
import { UnixDatagram, UnixSeqpacket } from './unix/datagram.ts';
import { UnixStream } from './unix/stream.ts';

/** The highest socket type there is a number for, and one more. */
const SOCK_MAX = 11;

export function makeSocket(t: Thread, family: number, type: number, protocol: number): Socket | Errno {
  if (family < 0 || family >= S.AF_MAX) return EAFNOSUPPORT;
  if (type < 0 || type >= SOCK_MAX) return EINVAL;
  switch (family) {
    case S.AF_UNIX:
      return unix(t, type, protocol);
    case S.AF_INET:
    case S.AF_INET6:
      return inet(t, family, type, protocol);
    case S.AF_NETLINK:
      return netlink(t, type, protocol);
    case S.AF_PACKET:
      return EPERM;
    default:
      return EAFNOSUPPORT;
  }
}
function unix(t: Thread, type: number, protocol: number): Socket | Errno {
  if (protocol !== 0 && protocol !== S.AF_UNIX) return EPROTONOSUPPORT;
  switch (type) {
    case S.SOCK_STREAM:
      return new UnixStream(t);
    case S.SOCK_RAW:
    case S.SOCK_DGRAM:
      return new UnixDatagram(t);
    case S.SOCK_SEQPACKET:
      return new UnixSeqpacket(t);
    default:
      return ESOCKTNOSUPPORT;
  }
}

/** Raw sockets would reach below what the machine has of a network: refused as to those without CAP_NET_RAW. */
function inet(t: Thread, family: number, type: number, protocol: number): Socket | Errno {
  if (protocol < 0 || protocol >= IPPROTO_MAX) return EINVAL;
  switch (type) {
    case S.SOCK_STREAM:
      return protocol === 0 || protocol === IPPROTO_TCP ? new TcpSocket(t, family) : EPROTONOSUPPORT;
    case S.SOCK_DGRAM:
      if (protocol === 0 || protocol === IPPROTO_UDP) return new UdpSocket(t, family);
      return protocol === (family === S.AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6) ? EACCES : EPROTONOSUPPORT;
    case S.SOCK_RAW:
      return protocol === 0 ? EPROTONOSUPPORT : EPERM;
    default:
      return ESOCKTNOSUPPORT;
  }
}

/** Routing, and devices that never change; what else the kernel would tell isn't here. */
function netlink(t: Thread, type: number, protocol: number): Socket | Errno {
  if (type !== S.SOCK_RAW && type !== S.SOCK_DGRAM) return ESOCKTNOSUPPORT;
  if (protocol !== NETLINK_ROUTE && protocol !== NETLINK_KOBJECT_UEVENT) return EPROTONOSUPPORT;
  return new NetlinkSocket(t, type, protocol);
}
