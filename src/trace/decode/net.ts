// Sockets: addresses, messages, options.
import { ipOptions, ipv6Options, levels, protocols, tcpOptions, udpOptions } from '../../abi/inet.ts';
import * as S from '../../abi/socket.ts';
import { type NameTable, names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, unsigned } from '../number.ts';
import { type Decoder, type Decoders, type Show, showArray } from '../shape.ts';
import { nameOf, split, styled } from '../xlat.ts';
import { vector } from './io.ts';

// --- addresses
const port = (v: DataView, at: number): string => `htons(${v.getUint16(at, false)})`;
/** Four numbers of an IPv4 address. */
const dotted = (b: Uint8Array, at: number): string => b.subarray(at, at + 4).join('.');
/** RFC 5952: the longest run of zeroes is left out; IPv4 in IPv6 keeps its dots. */
export function ipv6Text(b: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((b[at + 2 * i] as number) << 8) | (b[at + 2 * i + 1] as number));
  const mapped =
    groups.slice(0, 5).every((g) => g === 0) && (groups[5] === 0xffff || (groups[5] === 0 && groups[6] !== 0));
  const words = groups.map((g) => g.toString(16));
  if (mapped) words.splice(6, 2, dotted(b, at + 12));
  let best = { from: -1, length: 1 };
  for (let i = 0; i < words.length; i++) {
    let n = 0;
    while (words[i + n] === '0') n++;
    if (n > best.length) best = { from: i, length: n };
  }
  if (best.from < 0) return words.join(':');
  return `${words.slice(0, best.from).join(':')}::${words.slice(best.from + best.length).join(':')}`;
}
function unixAddress(c: Context, b: Uint8Array): void {
  c.w.field('sun_path');
  if (b[2] === 0) {
    // An abstract name: all of its bytes count.
    c.w.sign('@');
    return c.w.bytes(b, 3, b.length, false);
  }
  const zero = b.indexOf(0, 2);
  c.w.bytes(b, 2, zero < 0 ? b.length : zero, false);
}
const INET_SIZE = 16;
const INET6_SIZE = 24;
const INET6_FULL = 28;
const NETLINK_SIZE = 12;
/** A socket address. */
export function address(c: Context, at: number, length: number): void {
  const n = Math.min(length, S.SOCKADDR_MAX);
  const b = at === 0 || n < 2 ? undefined : c.bytes(at, n);
  if (!b) return c.address(at);
  const v = new DataView(b.buffer, b.byteOffset, n);
  const family = v.getUint16(0, true);
  const { w } = c;
  w.open('{');
  w.field('sa_family');
  w.constant(S.families, family);
  const field = (name: string, text: string): void => {
    w.field(name);
    w.sign(text);
  };
  if (n > 2) {
    if (family === S.AF_UNIX) unixAddress(c, b);
    else if (family === S.AF_INET && n >= INET_SIZE) {
      field('sin_port', port(v, 2));
      field('sin_addr', `inet_addr("${dotted(b, 4)}")`);
    } else if (family === S.AF_INET6 && n >= INET6_SIZE) {
      field('sin6_port', port(v, 2));
      field('sin6_flowinfo', `htonl(${v.getUint32(4, false)})`);
      w.separate();
      w.sign(`inet_pton(AF_INET6, "${ipv6Text(b, 8)}", &sin6_addr)`);
      if (n >= INET6_FULL) field('sin6_scope_id', String(v.getUint32(24, true)));
    } else if (family === S.AF_NETLINK && n >= NETLINK_SIZE) {
      w.field('nl_pid');
      c.pid(v.getInt32(4, true));
      field(
        'nl_groups',
        v.getUint32(8, true) === 0 ? '00000000' : `0x${v.getUint32(8, true).toString(16).padStart(6, '0')}`,
      );
    } else {
      w.field('sa_data');
      w.bytes(b, 2, n, false);
    }
  }
  w.close('}');
}

/** Lengths given by pointer: what the caller had room for, kept from the call's beginning. */
interface Room {
  readonly length: number;
}
const lengthAt = (c: Context, at: number): number | undefined =>
  at === 0 ? undefined : c.view(at, 4)?.getInt32(0, true);
/** Calls whose address and length come back: argument numbers of both. */
const named = (addr: number, len: number) => ({
  before(c: Context): void {
    const length = lengthAt(c, c.number(len));
    c.kept = length === undefined ? undefined : { length };
  },
  show(c: Context, hasNull = false): void {
    const room = c.kept as Room | undefined;
    const now = lengthAt(c, c.number(len));
    c.w.argument('addr');
    if (c.failed || room === undefined || now === undefined || c.number(addr) === 0 || (hasNull && now === 0))
      c.address(c.number(addr));
    else address(c, c.number(addr), Math.min(room.length, now));
    c.w.argument('addrlen');
    if (room === undefined || now === undefined) c.address(c.number(len));
    else if (c.failed || now === room.length) c.w.sign(`[${room.length}]`);
    else c.w.sign(`[${room.length} => ${now}]`);
  },
});
const first = named(1, 2);
const nameCall = (flags: boolean) => ({
  enter(c: Context): boolean {
    c.w.argument('sockfd');
    c.fd(c.int(0));
    c.w.sign(', ');
    first.before(c);
    return false;
  },
  leave(c: Context): void {
    first.show(c);
    if (!flags) return;
    c.w.argument('flags');
    c.w.flags(S.socketFlags, c.uint(3));
  },
});
const from = named(4, 5);
const recvfrom = {
  enter(c: Context): boolean {
    c.w.argument('sockfd');
    c.fd(c.int(0));
    c.w.sign(', ');
    from.before(c);
    return false;
  },
  leave(c: Context): void {
    c.w.argument('buf');
    if (c.failed) c.address(c.number(1));
    else c.buffer(c.number(1), c.result);
    c.w.argument('size');
    c.w.number(unsigned(c.uint(2), c.high(2)));
    c.w.argument('flags');
    c.w.flags(S.messageFlags, c.uint(3));
    from.show(c, true);
  },
};
const sockaddr: Decoder = (t, scope) => {
  const length = scope.length(t.len);
  return (c, lo, hi) => address(c, hi * 0x1_0000_0000 + lo, length(c) | 0);
};

// --- types and protocols
const SOCK_MASK = 0xf;
const socktype: Show = (c, lo) => {
  const kind = nameOf(S.socketTypes, lo & SOCK_MASK) ?? `${hex(lo & SOCK_MASK, 0)} /* SOCK_??? */`;
  const s = split(S.socketFlags, (lo & ~SOCK_MASK) >>> 0);
  const rest = s.lo ? `${hex(s.lo, 0)}${s.text ? '' : ' /* SOCK_??? */'}` : '';
  c.w.sign(styled(c.options.constants, hex(lo, 0), [kind, s.text, rest].filter(Boolean).join('|')));
};
const netlinkFamilies = names('NETLINK', {
  NETLINK_ROUTE: 0,
  NETLINK_UNUSED: 1,
  NETLINK_USERSOCK: 2,
  NETLINK_FIREWALL: 3,
  NETLINK_SOCK_DIAG: 4,
  NETLINK_NFLOG: 5,
  NETLINK_XFRM: 6,
  NETLINK_SELINUX: 7,
  NETLINK_ISCSI: 8,
  NETLINK_AUDIT: 9,
  NETLINK_FIB_LOOKUP: 10,
  NETLINK_CONNECTOR: 11,
  NETLINK_NETFILTER: 12,
  NETLINK_IP6_FW: 13,
  NETLINK_DNRTMSG: 14,
  NETLINK_KOBJECT_UEVENT: 15,
  NETLINK_GENERIC: 16,
  NETLINK_SCSITRANSPORT: 18,
  NETLINK_ECRYPTFS: 19,
  NETLINK_RDMA: 20,
  NETLINK_CRYPTO: 21,
  NETLINK_SMC: 22,
});
const protocol: Show = (c, lo, hi) => {
  const domain = c.uint(0);
  if (domain === S.AF_INET || domain === S.AF_INET6) c.w.constant(protocols, lo);
  else if (domain === S.AF_NETLINK) c.w.constant(netlinkFamilies, lo);
  else c.w.number(unsigned(lo, hi));
};

// --- options
const LEVELS: Readonly<Record<number, NameTable>> = {
  0: ipOptions,
  1: S.socketOptions,
  6: tcpOptions,
  17: udpOptions,
  41: ipv6Options,
};
const optname: Show = (c, lo) => {
  const table = LEVELS[c.uint(1)];
  if (table) c.w.constant(table, lo);
  else c.w.number(String(lo >>> 0));
};
const SO_LINGER = 13;
const SO_PEERCRED = 17;
const SO_BINDTODEVICE = 25;
const TIMES: readonly number[] = [20, 21];
/** The value of an option: an int, unless the option is known for something else. */
function option(c: Context, at: number, length: number, out: boolean): void {
  const { w } = c;
  const here = c.uint(1) === S.SOL_SOCKET ? c.uint(2) : -1;
  const v = at === 0 || length <= 0 || length > 4096 ? undefined : c.view(at, length);
  if (!v) return c.address(at);
  if (here === SO_LINGER && length >= 8)
    return w.sign(`{l_onoff=${v.getInt32(0, true)}, l_linger=${v.getInt32(4, true)}}`);
  if (here === SO_PEERCRED) {
    const parts = ['pid', 'uid', 'gid'].flatMap((name, i) =>
      length >= 4 * (i + 1) ? [`${name}=${v.getInt32(4 * i, true)}`] : [],
    );
    return w.sign(`{${parts.join(', ')}}`);
  }
  if (here === SO_BINDTODEVICE || TIMES.includes(here) || (length !== 4 && (out || length > 4))) {
    return w.bytes(new Uint8Array(v.buffer, v.byteOffset, length), 0, length, false, out && length < 4);
  }
  if (length < 4) return c.address(at);
  w.sign(`[${v.getInt32(0, true)}]`);
}
const getsockopt = {
  enter(c: Context): boolean {
    c.w.argument('sockfd');
    c.fd(c.int(0));
    c.w.argument('level');
    c.w.constant(levels, c.uint(1));
    c.w.argument('optname');
    optname(c, c.uint(2), 0);
    c.w.sign(', ');
    const length = lengthAt(c, c.number(4));
    c.kept = length === undefined ? undefined : { length };
    return false;
  },
  leave(c: Context): void {
    const room = c.kept as Room | undefined;
    const now = lengthAt(c, c.number(4));
    c.w.argument('optval');
    if (c.failed || room === undefined || now === undefined) c.address(c.number(3));
    else option(c, c.number(3), Math.min(room.length, now), true);
    c.w.argument('optlen');
    if (room === undefined || now === undefined) c.address(c.number(4));
    else c.w.sign(now === room.length || c.failed ? `[${room.length}]` : `[${room.length} => ${now}]`);
  },
};

// --- messages
const HEADER = 56;
const CONTROL_HEADER = 16;
const controlTypes = names('SCM', { SCM_RIGHTS: 1, SCM_CREDENTIALS: 2, SCM_SECURITY: 3, SCM_PIDFD: 4 });
/** Control messages one behind the other, each aligned to 8. */
function control(c: Context, at: number, length: number): void {
  const b = length > 0x10000 ? undefined : c.bytes(at, length);
  if (!b) return c.address(at);
  const v = new DataView(b.buffer, b.byteOffset, length);
  const { w } = c;
  w.open('[');
  for (let o = 0; o + CONTROL_HEADER <= length; ) {
    const size = v.getUint32(o, true);
    w.separate();
    w.open('{');
    w.field('cmsg_len');
    w.number(unsigned(v.getUint32(o, true), v.getUint32(o + 4, true)));
    w.field('cmsg_level');
    const level = v.getUint32(o + 8, true);
    w.constant(levels, level);
    w.field('cmsg_type');
    const type = v.getUint32(o + 12, true);
    if (level === S.SOL_SOCKET) w.constant(controlTypes, type);
    else w.number(hex(type, 0));
    const end = Math.min(o + size, length);
    if (size > CONTROL_HEADER && level === S.SOL_SOCKET) controlData(c, v, type, o + CONTROL_HEADER, end);
    w.close('}');
    if (size < CONTROL_HEADER || o + size > length) break;
    o += Math.ceil(size / 8) * 8;
  }
  w.close(']');
}
function controlData(c: Context, v: DataView, type: number, at: number, end: number): void {
  c.w.field('cmsg_data');
  if (type === S.SCM_RIGHTS) {
    const fds: string[] = [];
    for (let o = at; o + 4 <= end; o += 4) fds.push(c.fdText(v.getInt32(o, true)));
    c.w.sign(`[${fds.join(', ')}]`);
  } else if (type === S.SCM_CREDENTIALS && end - at >= 12)
    c.w.sign(`{pid=${v.getInt32(at, true)}, uid=${v.getUint32(at + 4, true)}, gid=${v.getUint32(at + 8, true)}}`);
  else c.w.bytes(new Uint8Array(v.buffer, v.byteOffset + at, end - at), 0, end - at, false);
}
/** struct msghdr. `filled`: bytes that were received; undefined: to be sent. `room`: what there was for the name. */
function message(c: Context, v: DataView, at: number, filled: number | undefined, room: number | undefined): void {
  const { w } = c;
  const nameLength = v.getInt32(at + 8, true);
  w.open('{');
  w.field('msg_name');
  const name = c.pointerAt(v, at);
  if (name === 0) w.null();
  else address(c, name, room === undefined ? nameLength : Math.min(room, nameLength));
  w.field('msg_namelen');
  w.number(room !== undefined && room !== nameLength && name !== 0 ? `${room} => ${nameLength}` : String(nameLength));
  w.field('msg_iov');
  const count = v.getUint32(at + 24, true);
  vector(c, c.pointerAt(v, at + 16), count, filled);
  w.field('msg_iovlen');
  w.number(unsigned(count, v.getUint32(at + 28, true)));
  const length = v.getUint32(at + 40, true);
  if (c.pointerAt(v, at + 32) !== 0 && length > 0) {
    w.field('msg_control');
    control(c, c.pointerAt(v, at + 32), length);
  }
  w.field('msg_controllen');
  w.number(unsigned(length, v.getUint32(at + 44, true)));
  w.field('msg_flags');
  w.flags(S.messageFlags, v.getUint32(at + 48, true));
  w.close('}');
}
const sent: Show = (c, lo, hi) => {
  const v = c.view(hi * 0x1_0000_0000 + lo, HEADER);
  if (v) message(c, v, 0, undefined, undefined);
  else c.w.address(lo, hi);
};
const recvmsg = {
  enter(c: Context): boolean {
    c.w.argument('sockfd');
    c.fd(c.int(0));
    c.w.sign(', ');
    const v = c.view(c.number(1), HEADER);
    c.kept = v ? { length: v.getInt32(8, true) } : undefined;
    return false;
  },
  leave(c: Context): void {
    const room = c.kept as Room | undefined;
    const v = c.view(c.number(1), HEADER);
    c.w.argument('msg');
    if (!v || !room) c.address(c.number(1));
    else if (c.failed) c.w.sign(`{msg_namelen=${room.length}}`);
    else message(c, v, 0, c.result, room.length);
    c.w.argument('flags');
    c.w.flags(S.messageFlags, c.uint(2));
  },
};
const MANY = 64;
/** struct mmsghdr: a message and how many bytes of it went. */
const many =
  (received: boolean): Show =>
  (c, lo, hi) => {
    if (c.failed) return c.w.address(lo, hi);
    showArray(c, hi * 0x1_0000_0000 + lo, received ? c.result : Math.min(c.uint(2), c.result), MANY, (_c, v, at) => {
      const length = v.getUint32(at + HEADER, true);
      c.w.open('{');
      c.w.field('msg_hdr');
      message(c, v, at, received ? length : undefined, undefined);
      c.w.field('msg_len');
      c.w.number(String(length));
      c.w.close('}');
    });
  };

export const net: Decoders = {
  integers: { socktype, sockproto: protocol, sockopt: optname },
  decoders: {
    sockaddr,
    msghdr: () => sent,
    mmsghdr: () => many(false),
    sockopt: (t, scope) => {
      const length = scope.length(t.len);
      return (c, lo, hi) => option(c, hi * 0x1_0000_0000 + lo, length(c) | 0, false);
    },
  },
  calls: {
    accept: nameCall(false),
    accept4: nameCall(true),
    getsockname: nameCall(false),
    getpeername: nameCall(false),
    recvfrom,
    getsockopt,
    recvmsg,
    sendmmsg: { args: { msgvec: many(false) }, late: ['msgvec'] },
    recvmmsg: { args: { msgvec: many(true) }, late: ['msgvec'] },
  },
};
