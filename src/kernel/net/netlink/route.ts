// What NETLINK_ROUTE tells of the machine's network (rtnetlink(7)): the loopback, its addresses, the routes to them. It can't be changed.
import { EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, EPERM, type Errno } from '../../../abi/errno.ts';
import * as N from '../../../abi/netlink.ts';
import { AF_INET, AF_INET6 } from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import { in6Address, inAddress, isAny, isLoopback } from '../inet/address.ts';
import { LOOPBACK } from '../interface.ts';
import { type Asker, type Attribute, align, attributes, message, packed, part, text, u8, u32 } from './build.ts';

const CAP_NET_ADMIN = 12;
/** IFF_LOWER_UP beside the flags that ioctls show. */
const LINK_FLAGS = LOOPBACK.flags | 0x10000;
const ONE6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0));
const v4 = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const FOREVER = 0xffff_ffff;
const SCOPE_HOST = 254,
  SCOPE_LINK = 253;
const RTN_LOCAL = 2,
  RTN_BROADCAST = 3,
  RTPROT_KERNEL = 2;

export interface Question extends Asker {
  readonly type: number;
  readonly dump: boolean;
  /** Behind the header. */
  readonly body: Uint8Array;
}
type Answer = readonly Uint8Array[] | Errno;

const link: readonly Attribute[] = [
  [N.IFLA_IFNAME, text(LOOPBACK.name)],
  [N.IFLA_TXQLEN, u32(LOOPBACK.queueLength)],
  [N.IFLA_OPERSTATE, u8(0)],
  [N.IFLA_LINKMODE, u8(0)],
  [N.IFLA_MTU, u32(LOOPBACK.mtu)],
  [N.IFLA_MIN_MTU, u32(0)],
  [N.IFLA_MAX_MTU, u32(0)],
  [N.IFLA_GROUP, u32(0)],
  [N.IFLA_PROMISCUITY, u32(0)],
  [N.IFLA_NUM_TX_QUEUES, u32(1)],
  [N.IFLA_GSO_MAX_SEGS, u32(65535)],
  [N.IFLA_GSO_MAX_SIZE, u32(65536)],
  [N.IFLA_NUM_RX_QUEUES, u32(1)],
  [N.IFLA_CARRIER, u8(1)],
  [N.IFLA_CARRIER_CHANGES, u32(0)],
  [N.IFLA_ADDRESS, new Uint8Array(6)],
  [N.IFLA_BROADCAST, new Uint8Array(6)],
  [N.IFLA_STATS64, new Uint8Array(200)],
  [N.IFLA_STATS, new Uint8Array(96)],
  [N.IFLA_QDISC, text('noqueue')],
];
const ifinfo = packed([1, 0], [1, 0], [2, LOOPBACK.hardwareType], [4, LOOPBACK.index], [4, LINK_FLAGS], [4, 0]);

function attributesIn(body: Uint8Array, from: number): Map<number, Uint8Array> {
  const out = new Map<number, Uint8Array>();
  const v = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = from; at + 4 <= body.length; ) {
    const n = v.getUint16(at, true);
    if (n < 4 || at + n > body.length) break;
    out.set(v.getUint16(at + 2, true) & 0x3fff, body.subarray(at + 4, at + n));
    at += align(n);
  }
  return out;
}
/** The question is about all links, or about this one by index or name. */
function getLink(q: Question): Answer {
  if (q.dump) return [part(N.RTM_NEWLINK, q, ifinfo, link)];
  if (q.body.length < 16) return EINVAL;
  const index = new DataView(q.body.buffer, q.body.byteOffset).getInt32(4, true);
  const name = attributesIn(q.body, 16).get(N.IFLA_IFNAME);
  const named = name && String.fromCharCode(...name).replace(/\0.*$/s, '');
  if (index > 0 ? index !== LOOPBACK.index : named === undefined) return index > 0 ? ENODEV : EINVAL;
  if (index <= 0 && named !== LOOPBACK.name) return ENODEV;
  return [message(N.RTM_NEWLINK, 0, q, ifinfo, attributes(link))];
}
function getAddress(q: Question): Answer {
  const family = q.body[0] ?? 0;
  const index = q.body.length >= 8 ? new DataView(q.body.buffer, q.body.byteOffset).getUint32(4, true) : 0;
  if (!q.dump) return EOPNOTSUPP;
  if (index !== 0 && index !== LOOPBACK.index) return ENODEV;
  const out: Uint8Array[] = [];
  const info = packed([4, FOREVER], [4, FOREVER], [4, 0], [4, 0]);
  const head = (f: number, prefix: number): Uint8Array =>
    packed([1, f], [1, prefix], [1, 0x80], [1, SCOPE_HOST], [4, LOOPBACK.index]);
  if (family === 0 || family === AF_INET)
    out.push(
      part(N.RTM_NEWADDR, q, head(AF_INET, 8), [
        [N.IFA_ADDRESS, v4(127, 0, 0, 1)],
        [N.IFA_LOCAL, v4(127, 0, 0, 1)],
        [N.IFA_LABEL, text(LOOPBACK.name)],
        [N.IFA_FLAGS, u32(0x80)],
        [N.IFA_CACHEINFO, info],
      ]),
    );
  if (family === 0 || family === AF_INET6)
    out.push(
      part(N.RTM_NEWADDR, q, head(AF_INET6, 128), [
        [N.IFA_ADDRESS, ONE6],
        [N.IFA_CACHEINFO, info],
        [N.IFA_FLAGS, u32(0x80)],
      ]),
    );
  return out;
}
const rtmsg = (family: number, length: number, scope: number, type: number, flags = 0): Uint8Array =>
  packed(
    [1, family],
    [1, length],
    [1, 0],
    [1, 0],
    [1, N.RT_TABLE_LOCAL],
    [1, RTPROT_KERNEL],
    [1, scope],
    [1, type],
    [4, flags],
  );
function getRoute(q: Question): Answer {
  const family = q.body[0] ?? 0;
  if (!q.dump) return routeTo(q);
  const out: Uint8Array[] = [];
  const old = (dst: Uint8Array, length: number, scope: number, type: number): Uint8Array =>
    part(N.RTM_NEWROUTE, q, rtmsg(AF_INET, length, scope, type), [
      [N.RTA_TABLE, u32(N.RT_TABLE_LOCAL)],
      [N.RTA_DST, dst],
      [N.RTA_PREFSRC, v4(127, 0, 0, 1)],
      [N.RTA_OIF, u32(LOOPBACK.index)],
    ]);
  if (family === 0 || family === AF_INET)
    out.push(
      old(v4(127, 0, 0, 0), 8, SCOPE_HOST, RTN_LOCAL),
      old(v4(127, 0, 0, 1), 32, SCOPE_HOST, RTN_LOCAL),
      old(v4(127, 255, 255, 255), 32, SCOPE_LINK, RTN_BROADCAST),
    );
  if (family === 0 || family === AF_INET6)
    out.push(part(N.RTM_NEWROUTE, q, rtmsg(AF_INET6, 128, 0, RTN_LOCAL), route6));
  return out;
}
const route6: readonly Attribute[] = [
  [N.RTA_TABLE, u32(N.RT_TABLE_LOCAL)],
  [N.RTA_DST, ONE6],
  [N.RTA_PRIORITY, u32(0)],
  [N.RTA_OIF, u32(LOOPBACK.index)],
  [N.RTA_CACHEINFO, new Uint8Array(32)],
  [N.RTA_PREF, u8(0)],
];
/** `ip route get`: where packets to one address go. */
function routeTo(q: Question): Answer {
  if (q.body.length < 12) return EINVAL;
  const family = q.body[0];
  const to = attributesIn(q.body, 12).get(N.RTA_DST);
  if (family === AF_INET6) {
    const ip = to && to.length >= 16 ? in6Address(to) : undefined;
    if (!ip || !(isAny(ip) || isLoopback(ip))) return ENETUNREACH;
    return [
      message(N.RTM_NEWROUTE, 0, q, rtmsg(AF_INET6, 128, 0, RTN_LOCAL), attributes([...route6, [N.RTA_PREFSRC, ONE6]])),
    ];
  }
  if (family !== AF_INET) return EOPNOTSUPP;
  const ip = to && to.length >= 4 ? inAddress(to) : undefined;
  if (!to || !ip || !(isAny(ip) || isLoopback(ip))) return ENETUNREACH;
  const RTM_F_CLONED_LOCAL = 0x80000200;
  const head = rtmsg(AF_INET, 32, 0, RTN_LOCAL, RTM_F_CLONED_LOCAL);
  head[4] = N.RT_TABLE_MAIN;
  head[5] = 0;
  return [
    message(
      N.RTM_NEWROUTE,
      0,
      q,
      head,
      attributes([
        [N.RTA_TABLE, u32(N.RT_TABLE_MAIN)],
        [N.RTA_DST, to.slice(0, 4)],
        [N.RTA_OIF, u32(LOOPBACK.index)],
        [N.RTA_PREFSRC, v4(127, 0, 0, 1)],
        [N.RTA_UID, u32(0)],
        [N.RTA_CACHEINFO, new Uint8Array(32)],
      ]),
    ),
  ];
}
function getRule(q: Question): Answer {
  const asked = q.body[0] ?? 0;
  const rule = (family: number, table: number, priority: number): Uint8Array =>
    part(N.RTM_NEWRULE, q, packed([1, family], [1, 0], [1, 0], [1, 0], [1, table], [1, 0], [1, 0], [1, 1], [4, 0]), [
      [N.FRA_TABLE, u32(table)],
      [N.FRA_SUPPRESS_PREFIXLEN, u32(FOREVER)],
      [N.FRA_PROTOCOL, u8(RTPROT_KERNEL)],
      ...(priority ? [[N.FRA_PRIORITY, u32(priority)] as const] : []),
    ]);
  const out: Uint8Array[] = [];
  if (asked === 0 || asked === AF_INET)
    out.push(
      rule(AF_INET, N.RT_TABLE_LOCAL, 0),
      rule(AF_INET, N.RT_TABLE_MAIN, 32766),
      rule(AF_INET, N.RT_TABLE_DEFAULT, 32767),
    );
  if (asked === 0 || asked === AF_INET6)
    out.push(rule(AF_INET6, N.RT_TABLE_LOCAL, 0), rule(AF_INET6, N.RT_TABLE_MAIN, 32766));
  return out;
}

/** The messages that answer a question; nothing in them for an empty table. */
export function answer(t: Thread, q: Question): Answer {
  switch (q.type) {
    case N.RTM_GETLINK:
      return getLink(q);
    case N.RTM_GETADDR:
      return getAddress(q);
    case N.RTM_GETROUTE:
      return getRoute(q);
    case N.RTM_GETNEIGH:
      return q.dump ? [] : EOPNOTSUPP;
    case N.RTM_GETRULE:
      return q.dump ? getRule(q) : EOPNOTSUPP;
    default:
      // New, delete and set come in this order, a question third: of four types, two bits.
      return (q.type & 3) !== 2 && !t.capable(CAP_NET_ADMIN) ? EPERM : EOPNOTSUPP;
  }
}
