// IPPROTO_IPV6's options (ipv6(7), net/ipv6/ipv6_sockglue.c).
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT, ENOTCONN, EPERM, Errno } from '../../../abi/errno.ts';
import * as I from '../../../abi/inet.ts';
import { SOCK_STREAM } from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import { LOOPBACK } from '../interface.ts';
import { bytesAt, OptionSet, type SocketOption, withInt } from '../option.ts';
import { in6Address, isMulticast } from './address.ts';
import type { IpSettings, IpSwitch } from './ip-settings.ts';
import type { InetSocket } from './socket.ts';

/** The least that every link must carry (RFC 8200). */
const MTU_MIN = 1280;
type Option = SocketOption<InetSocket>;
const CAP_NET_ADMIN = 12,
  CAP_NET_RAW = 13;

function toggle(
  name: string,
  nr: number,
  which: IpSwitch,
  refuse?: (t: Thread, s: InetSocket, value: number) => Errno | undefined,
): Option {
  return {
    name,
    nr,
    get: (_t, s) => (s.ip.on.has(which) ? 1 : 0),
    set: withInt((t, s, value) => {
      const refused = refuse?.(t, s, value);
      if (refused) return refused;
      if (value) s.ip.on.add(which);
      else s.ip.on.delete(which);
      return undefined;
    }),
  };
}
type Numbers = {
  [K in keyof IpSettings]: IpSettings[K] extends number ? K : never;
}[keyof IpSettings];
/** -1 stands for what is usual. */
function bounded(name: string, nr: number, key: Numbers, least: number, most: number, usual?: number): Option {
  return {
    name,
    nr,
    get: (_t, s) => s.ip[key],
    set: withInt((_t, s, value) => {
      if (value === -1 && usual !== undefined) s.ip[key] = usual;
      else if (value < least || value > most) return EINVAL;
      else s.ip[key] = value;
      return undefined;
    }),
  };
}
/** struct ipv6_mreq: the group and the interface's index. */
function membership(name: string, nr: number, join: boolean): Option {
  return {
    name,
    nr,
    set(t, s, at, length) {
      if (s.type === SOCK_STREAM) return ENOPROTOOPT;
      const v = bytesAt(t, at, length, 20);
      if (v instanceof Errno) return v;
      const group = in6Address(new Uint8Array(v.buffer));
      const index = v.getInt32(16, true);
      if (!isMulticast(group)) return EINVAL;
      if (index !== LOOPBACK.index) return ENODEV;
      if (join === s.groups.has(group)) return join ? EADDRINUSE : EADDRNOTAVAIL;
      if (join) s.groups.add(group);
      else s.groups.delete(group);
      return undefined;
    },
  };
}

export const ipv6Level = new OptionSet<InetSocket>(I.IPPROTO_IPV6, 'IPV6', [
  {
    name: 'IPV6_V6ONLY',
    nr: I.IPV6_V6ONLY,
    get: (_t, s) => (s.ip.on.has('v6only') ? 1 : 0),
    set: withInt((_t, s, value) => {
      if (s.holdsPort) return EINVAL;
      if (value) s.ip.on.add('v6only');
      else s.ip.on.delete('v6only');
      return undefined;
    }),
  },
  {
    name: 'IPV6_UNICAST_HOPS',
    nr: I.IPV6_UNICAST_HOPS,
    get: (_t, s) => (s.ip.hops === -1 ? 64 : s.ip.hops),
    set: withInt((_t, s, value) => {
      if (value < -1 || value > 255) return EINVAL;
      s.ip.hops = value;
      return undefined;
    }),
  },
  {
    name: 'IPV6_MULTICAST_IF',
    nr: I.IPV6_MULTICAST_IF,
    get: (_t, s) => s.ip.multicastInterface6,
    set: withInt((_t, s, value) => {
      if (s.type === SOCK_STREAM) return ENOPROTOOPT;
      if (value !== 0 && value !== LOOPBACK.index) return ENODEV;
      s.ip.multicastInterface6 = value;
      return undefined;
    }),
  },
  bounded('IPV6_MULTICAST_HOPS', I.IPV6_MULTICAST_HOPS, 'multicastHops', 0, 255, 1),
  toggle('IPV6_MULTICAST_LOOP', I.IPV6_MULTICAST_LOOP, 'multicastLoop6', (_t, _s, value) =>
    value < 0 || value > 1 ? EINVAL : undefined,
  ),
  membership('IPV6_JOIN_GROUP', I.IPV6_JOIN_GROUP, true),
  membership('IPV6_LEAVE_GROUP', I.IPV6_LEAVE_GROUP, false),
  bounded('IPV6_MTU_DISCOVER', I.IPV6_MTU_DISCOVER, 'mtuDiscover6', 0, 5),
  {
    name: 'IPV6_MTU',
    nr: I.IPV6_MTU,
    get: (_t, s) => (s.remote ? LOOPBACK.mtu : ENOTCONN),
    set: withInt((_t, s, value) => {
      if (value !== 0 && value < MTU_MIN) return EINVAL;
      s.ip.fragmentSize = value;
      return undefined;
    }),
  },
  toggle('IPV6_RECVERR', I.IPV6_RECVERR, 'receiveErrors6'),
  toggle('IPV6_MULTICAST_ALL', I.IPV6_MULTICAST_ALL, 'multicastAll6'),
  toggle('IPV6_RECVPKTINFO', I.IPV6_RECVPKTINFO, 'packetInfo6'),
  toggle('IPV6_RECVHOPLIMIT', I.IPV6_RECVHOPLIMIT, 'receiveHopLimit'),
  toggle('IPV6_RECVTCLASS', I.IPV6_RECVTCLASS, 'receiveTclass'),
  bounded('IPV6_TCLASS', I.IPV6_TCLASS, 'tclass', 0, 255, 0),
  toggle('IPV6_DONTFRAG', I.IPV6_DONTFRAG, 'dontFragment6'),
  toggle('IPV6_FREEBIND', I.IPV6_FREEBIND, 'freebind'),
  toggle('IPV6_TRANSPARENT', 75, 'transparent', (t) =>
    t.capable(CAP_NET_ADMIN) || t.capable(CAP_NET_RAW) ? undefined : EPERM,
  ),
  {
    name: 'IPV6_ADDR_PREFERENCES',
    nr: I.IPV6_ADDR_PREFERENCES,
    get: (_t, s) => s.ip.addressPreferences,
    set: withInt((_t, s, value) => {
      s.ip.addressPreferences = value;
    }),
  },
]);
