// IPPROTO_IP's options (ip(7), net/ipv4/ip_sockglue.c).
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOPROTOOPT,
  ENOTCONN,
  EPERM,
  Errno,
} from '../../../abi/errno.ts';
import * as I from '../../../abi/inet.ts';
import { SOCK_STREAM } from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import { LOOPBACK } from '../interface.ts';
import { bytesAt, OptionSet, type SocketOption } from '../option.ts';
import { ANY4, inAddress, isLoopback, isMulticast } from './address.ts';
import type { IpSwitch } from './ip-settings.ts';
import type { InetSocket } from './socket.ts';

type Option = SocketOption<InetSocket>;
const CAP_NET_ADMIN = 12,
  CAP_NET_RAW = 13;

/** An int, or a single byte where the program gave no more; 0 for nothing at all. */
function smallInt(t: Thread, at: number, length: number): number | Errno {
  if (length === 0) return 0;
  const bytes = t.user.bytes(at, length >= 4 ? 4 : 1);
  if (bytes instanceof Errno) return EFAULT;
  return length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true) : (bytes[0] as number);
}
/** Small values fit into less than an int, if that is all the room there is. */
const shown = (value: number, room: number): number | Uint8Array =>
  room > 0 && room < 4 && value >= 0 && value <= 255 ? Uint8Array.of(value) : value;

function number(
  name: string,
  nr: number,
  get: (s: InetSocket) => number | Errno,
  set?: (t: Thread, s: InetSocket, value: number, length: number) => Errno | undefined | void,
): Option {
  return {
    name,
    nr,
    get(_t, s, room) {
      const value = get(s);
      return value instanceof Errno ? value : shown(value, room);
    },
    ...(set
      ? {
          set(t: Thread, s: InetSocket, at: number, length: number) {
            const value = smallInt(t, at, length);
            return value instanceof Errno ? value : (set(t, s, value, length) ?? undefined);
          },
        }
      : {}),
  };
}
function toggle(
  name: string,
  nr: number,
  which: IpSwitch,
  refuse?: (t: Thread, s: InetSocket, value: number, length: number) => Errno | undefined,
): Option {
  return number(
    name,
    nr,
    (s) => (s.ip.on.has(which) ? 1 : 0),
    (t, s, value, length) => {
      const refused = refuse?.(t, s, value, length);
      if (refused) return refused;
      if (value) s.ip.on.add(which);
      else s.ip.on.delete(which);
      return undefined;
    },
  );
}
/** Values between bounds. */
function bounded(
  name: string,
  nr: number,
  key: 'ttl' | 'minTtl' | 'mtuDiscover' | 'multicastTtl',
  least: number,
  most: number,
  usual?: number,
): Option {
  return number(
    name,
    nr,
    (s) => (key === 'ttl' && s.ip.ttl === -1 ? 64 : s.ip[key]),
    (_t, s, value, length) => {
      if (length < 1 && key !== 'mtuDiscover') return EINVAL;
      if (key === 'multicastTtl' && isStream(s)) return EINVAL;
      if (value === -1 && usual !== undefined) s.ip[key] = usual;
      else if (value < least || value > most) return EINVAL;
      else s.ip[key] = value;
      return undefined;
    },
  );
}
const isStream = (s: InetSocket): boolean => s.type === SOCK_STREAM;
const needsByte = (_t: Thread, _s: InetSocket, _value: number, length: number): Errno | undefined =>
  length < 1 ? EINVAL : undefined;
const mayBeTransparent = (t: Thread): Errno | undefined =>
  t.capable(CAP_NET_RAW) || t.capable(CAP_NET_ADMIN) ? undefined : EPERM;

/** struct ip_mreq or ip_mreqn: the group, and which interface by address or index. */
function membership(name: string, nr: number, join: boolean): Option {
  return {
    name,
    nr,
    set(t, s, at, length) {
      if (isStream(s)) return ENOPROTOOPT;
      const v = bytesAt(t, at, length, length >= 12 ? 12 : 8);
      if (v instanceof Errno) return v;
      const raw = new Uint8Array(v.buffer);
      const group = inAddress(raw.subarray(0, 4));
      if (!isMulticast(group)) return EINVAL;
      const by = inAddress(raw.subarray(4, 8));
      const index = length >= 12 ? v.getInt32(8, true) : 0;
      const known = index === LOOPBACK.index || (index === 0 && isLoopback(by));
      if (!known) return join || by !== ANY4 ? ENODEV : EADDRNOTAVAIL;
      if (join === s.groups.has(group)) return join ? EADDRINUSE : EADDRNOTAVAIL;
      if (join) s.groups.add(group);
      else s.groups.delete(group);
      return undefined;
    },
  };
}

export const ipLevel = new OptionSet<InetSocket>(I.IPPROTO_IP, 'IP', [
  number(
    'IP_TOS',
    I.IP_TOS,
    (s) => s.ip.tos,
    (_t, s, value) => {
      // The two low bits are the connection's own (ECN).
      s.ip.tos = (isStream(s) ? (value & ~3) | (s.ip.tos & 3) : value) & 0xff;
    },
  ),
  bounded('IP_TTL', I.IP_TTL, 'ttl', 1, 255, -1),
  number(
    'IP_HDRINCL',
    I.IP_HDRINCL,
    () => 0,
    () => ENOPROTOOPT,
  ),
  {
    name: 'IP_OPTIONS',
    nr: I.IP_OPTIONS,
    get: () => new Uint8Array(0),
    set: (_t, _s, _at, n) => (n > 40 ? EINVAL : undefined),
  },
  toggle('IP_RECVOPTS', I.IP_RECVOPTS, 'receiveOptions'),
  toggle('IP_RETOPTS', I.IP_RETOPTS, 'returnOptions'),
  toggle('IP_PKTINFO', I.IP_PKTINFO, 'packetInfo'),
  bounded('IP_MTU_DISCOVER', I.IP_MTU_DISCOVER, 'mtuDiscover', 0, 5),
  toggle('IP_RECVERR', I.IP_RECVERR, 'receiveErrors'),
  toggle('IP_RECVTTL', I.IP_RECVTTL, 'receiveTtl'),
  toggle('IP_RECVTOS', I.IP_RECVTOS, 'receiveTos'),
  number('IP_MTU', I.IP_MTU, (s) => (s.remote ? LOOPBACK.mtu : ENOTCONN)),
  toggle('IP_FREEBIND', I.IP_FREEBIND, 'freebind', needsByte),
  toggle('IP_TRANSPARENT', I.IP_TRANSPARENT, 'transparent', mayBeTransparent),
  toggle('IP_RECVORIGDSTADDR', I.IP_RECVORIGDSTADDR, 'receiveOriginal'),
  bounded('IP_MINTTL', I.IP_MINTTL, 'minTtl', 0, 255),
  toggle('IP_NODEFRAG', I.IP_NODEFRAG, 'noDefragment', () => ENOPROTOOPT),
  toggle('IP_CHECKSUM', I.IP_CHECKSUM, 'checksum'),
  toggle('IP_BIND_ADDRESS_NO_PORT', I.IP_BIND_ADDRESS_NO_PORT, 'bindAddressNoPort'),
  toggle('IP_RECVFRAGSIZE', I.IP_RECVFRAGSIZE, 'receiveFragmentSize', () => EINVAL),
  toggle('IP_RECVERR_RFC4884', I.IP_RECVERR_RFC4884, 'receiveErrorsRfc4884'),
  {
    name: 'IP_MULTICAST_IF',
    nr: I.IP_MULTICAST_IF,
    get: (_t, s) => Uint8Array.from((s.ip.multicastInterface ?? ANY4).slice(12), (c) => c.charCodeAt(0)),
    set(t, s, at, length) {
      if (isStream(s)) return EINVAL;
      if (length < 4) return EINVAL;
      const v = bytesAt(t, at, length, length >= 12 ? 12 : length >= 8 ? 8 : 4);
      if (v instanceof Errno) return v;
      const raw = new Uint8Array(v.buffer);
      const by = inAddress(length >= 8 ? raw.subarray(4, 8) : raw);
      const index = length >= 12 ? v.getInt32(8, true) : 0;
      if (index !== 0 ? index !== LOOPBACK.index : by !== ANY4 && !isLoopback(by)) return EADDRNOTAVAIL;
      s.ip.multicastInterface = index === 0 && by === ANY4 ? undefined : by;
      return undefined;
    },
  },
  { ...bounded('IP_MULTICAST_TTL', I.IP_MULTICAST_TTL, 'multicastTtl', 0, 255, 1) },
  toggle('IP_MULTICAST_LOOP', I.IP_MULTICAST_LOOP, 'multicastLoop', needsByte),
  membership('IP_ADD_MEMBERSHIP', I.IP_ADD_MEMBERSHIP, true),
  membership('IP_DROP_MEMBERSHIP', I.IP_DROP_MEMBERSHIP, false),
  toggle('IP_MULTICAST_ALL', I.IP_MULTICAST_ALL, 'multicastAll', (_t, _s, value, length) =>
    length < 1 || value < 0 || value > 1 ? EINVAL : undefined,
  ),
  number(
    'IP_UNICAST_IF',
    I.IP_UNICAST_IF,
    (s) => s.ip.unicastInterface,
    (_t, s, value, length) => {
      if (length !== 4) return EINVAL;
      // The index is in network order.
      if (value !== 0 && value !== LOOPBACK.index << 24) return EADDRNOTAVAIL;
      s.ip.unicastInterface = value;
      return undefined;
    },
  ),
  number(
    'IP_LOCAL_PORT_RANGE',
    I.IP_LOCAL_PORT_RANGE,
    (s) => s.ip.localPortRange,
    (_t, s, value) => {
      const [low, high] = [value & 0xffff, value >>> 16];
      if (low !== 0 && high !== 0 && low > high) return EINVAL;
      s.ip.localPortRange = value;
      return undefined;
    },
  ),
  number('IP_PROTOCOL', I.IP_PROTOCOL, (s) => s.protocol),
]);
