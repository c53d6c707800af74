// SOL_SOCKET's options (socket(7), net/core/sock.c).
import {
  EACCES,
  EDOM,
  EFAULT,
  EINVAL,
  ENODATA,
  ENODEV,
  ENOENT,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  ERANGE,
  Errno,
} from '../../abi/errno.ts';
import * as S from '../../abi/socket.ts';
import { PidFile } from '../fs/pidfd.ts';
import type { Thread } from '../thread.ts';
import { bytesAt, OptionSet, type SocketOption, withInt } from './option.ts';
import { MEM_MAX, RCVBUF_MIN, SNDBUF_MIN, type Switch } from './settings.ts';
import type { Socket } from './socket.ts';
import { UnixSocket } from './unix/socket.ts';

const CAP_NET_ADMIN = 12,
  CAP_NET_RAW = 13;
const isInet = (s: Socket): boolean => s.family === S.AF_INET || s.family === S.AF_INET6;
const isUnix = (s: Socket): boolean => s.family === S.AF_UNIX;
const mayMark = (t: Thread): boolean => t.capable(CAP_NET_RAW) || t.capable(CAP_NET_ADMIN);

function turn(s: Socket, which: Switch, on: boolean): void {
  if (on) s.settings.on.add(which);
  else s.settings.on.delete(which);
}
/** On or off. `refuse`: why it may not be turned on, or at all. */
function toggle(
  name: string,
  nr: number,
  which: Switch,
  refuse?: (t: Thread, s: Socket, on: boolean) => Errno | undefined,
): SocketOption {
  return {
    name,
    nr,
    get: (_t, s) => (s.settings.on.has(which) ? 1 : 0),
    set: withInt((t, s, value) => {
      const refused = refuse?.(t, s, value !== 0);
      if (refused) return refused;
      turn(s, which, value !== 0);
      return undefined;
    }),
  };
}
/** What only unix sockets know. */
function unixOnly(name: string, nr: number, which: Switch): SocketOption {
  const o = toggle(name, nr, which, (_t, s) => (isUnix(s) ? undefined : EOPNOTSUPP));
  return { ...o, get: (t, s, room) => (isUnix(s) ? (o.get?.(t, s, room) ?? 0) : EOPNOTSUPP) };
}
function fixed(name: string, nr: number, get: (t: Thread, s: Socket) => number): SocketOption {
  return { name, nr, get };
}

const NS = 1_000_000_000n;
function bytes(n: number, fill: (v: DataView) => void): Uint8Array {
  const out = new Uint8Array(n);
  fill(new DataView(out.buffer));
  return out;
}
/** `wide`: the form with 64-bit members for every ABI. */
function timeout(name: string, nr: number, key: 'sendTimeout' | 'receiveTimeout', wide: boolean): SocketOption {
  return {
    name,
    nr,
    get(t, s) {
      const ns = s.settings[key] ?? 0n;
      const [sec, usec] = [ns / NS, (ns % NS) / 1000n];
      if (!wide && t.abi === 'i386')
        return bytes(8, (v) => {
          v.setInt32(0, Number(sec), true);
          v.setInt32(4, Number(usec), true);
        });
      return bytes(16, (v) => {
        v.setBigInt64(0, sec, true);
        v.setBigInt64(8, usec, true);
      });
    },
    set(t, s, at, length) {
      const narrow = !wide && t.abi === 'i386';
      const v = bytesAt(t, at, length, narrow ? 8 : 16);
      if (v instanceof Errno) return v;
      const sec = narrow ? BigInt(v.getInt32(0, true)) : v.getBigInt64(0, true);
      const usec = narrow ? BigInt(v.getInt32(4, true)) : v.getBigInt64(8, true);
      if (usec < 0n || usec >= 1_000_000n) return EDOM;
      if (sec < 0n) s.settings[key] = 0n;
      else if (sec === 0n && usec === 0n) s.settings[key] = undefined;
      else s.settings[key] = (sec > 9_000_000_000n ? 9_000_000_000n : sec) * NS + usec * 1000n;
      return undefined;
    },
  };
}
/** Sizes are doubled for the kernel's bookkeeping, and bounded; negative ones count as huge. */
function setBuffer(s: Socket, key: 'sendBuffer' | 'receiveBuffer', value: number, most: number): void {
  const least = key === 'sendBuffer' ? SNDBUF_MIN : RCVBUF_MIN;
  const asked = Math.min(value >>> 0, most, 0x3fff_ffff);
  s.settings[key] = Math.max(asked * 2, least);
  s.settings.bufferLock |= key === 'sendBuffer' ? 1 : 2;
  s.buffersChanged();
}
function buffer(name: string, nr: number, key: 'sendBuffer' | 'receiveBuffer'): SocketOption {
  return {
    name,
    nr,
    get: (_t, s) => s.settings[key],
    set: withInt((_t, s, value) => setBuffer(s, key, value, MEM_MAX)),
  };
}
function forcedBuffer(name: string, nr: number, key: 'sendBuffer' | 'receiveBuffer'): SocketOption {
  return {
    name,
    nr,
    set: withInt((t, s, value) => {
      if (!t.capable(CAP_NET_ADMIN)) return EPERM;
      return setBuffer(s, key, Math.max(0, value), 0x3fff_ffff);
    }),
  };
}
function timestamp(name: string, nr: number, ns: boolean, wide: boolean): SocketOption {
  return {
    name,
    nr,
    get(_t, s) {
      const { on } = s.settings;
      return on.has('timestamp') && on.has('timestampNs') === ns && on.has('timestampNew') === wide ? 1 : 0;
    },
    set: withInt((_t, s, value) => {
      turn(s, 'timestamp', value !== 0);
      turn(s, 'timestampNs', value !== 0 && ns);
      turn(s, 'timestampNew', value !== 0 && wide);
    }),
  };
}
function peerCredentials(s: Socket): Uint8Array {
  const who = s instanceof UnixSocket ? s.peerCredentials : { pid: 0, uid: 0xffff_ffff, gid: 0xffff_ffff };
  return bytes(12, (v) => {
    v.setInt32(0, who.pid, true);
    v.setUint32(4, who.uid, true);
    v.setUint32(8, who.gid, true);
  });
}
const LOOPBACK = 'lo';

export const socketLevel = new OptionSet(S.SOL_SOCKET, 'SO', [
  toggle('SO_DEBUG', S.SO_DEBUG, 'debug', (t, _s, on) => (on && !t.capable(CAP_NET_ADMIN) ? EACCES : undefined)),
  toggle('SO_REUSEADDR', S.SO_REUSEADDR, 'reuseAddress'),
  fixed('SO_TYPE', S.SO_TYPE, (_t, s) => s.type),
  {
    name: 'SO_ERROR',
    nr: S.SO_ERROR,
    get: (_t, s) => s.takeError()?.code ?? 0,
  },
  toggle('SO_DONTROUTE', S.SO_DONTROUTE, 'dontRoute'),
  toggle('SO_BROADCAST', S.SO_BROADCAST, 'broadcast'),
  buffer('SO_SNDBUF', S.SO_SNDBUF, 'sendBuffer'),
  buffer('SO_RCVBUF', S.SO_RCVBUF, 'receiveBuffer'),
  toggle('SO_KEEPALIVE', S.SO_KEEPALIVE, 'keepAlive'),
  toggle('SO_OOBINLINE', S.SO_OOBINLINE, 'oobInline'),
  toggle('SO_NO_CHECK', S.SO_NO_CHECK, 'noCheck'),
  {
    name: 'SO_PRIORITY',
    nr: S.SO_PRIORITY,
    get: (_t, s) => s.settings.priority,
    set: withInt((t, s, value) => {
      if ((value < 0 || value > 6) && !mayMark(t)) return EPERM;
      s.settings.priority = value;
      return undefined;
    }),
  },
  {
    name: 'SO_LINGER',
    nr: S.SO_LINGER,
    get: (_t, s) =>
      bytes(8, (v) => {
        v.setInt32(0, s.settings.linger === undefined ? 0 : 1, true);
        v.setInt32(4, s.settings.linger ?? s.settings.lingerSeconds, true);
      }),
    set(t, s, at, length) {
      const v = bytesAt(t, at, length, 8);
      if (v instanceof Errno) return v;
      s.settings.linger = v.getInt32(0, true) ? v.getInt32(4, true) : undefined;
      if (s.settings.linger !== undefined) s.settings.lingerSeconds = s.settings.linger;
      return undefined;
    },
  },
  { name: 'SO_BSDCOMPAT', nr: S.SO_BSDCOMPAT, get: () => 0, set: withInt(() => undefined) },
  toggle('SO_REUSEPORT', S.SO_REUSEPORT, 'reusePort', (_t, s, on) => (on && !isInet(s) ? EOPNOTSUPP : undefined)),
  // Netlink's messages have senders too.
  {
    ...toggle('SO_PASSCRED', S.SO_PASSCRED, 'passCredentials', (_t, s) =>
      isUnix(s) || s.family === S.AF_NETLINK ? undefined : EOPNOTSUPP,
    ),
    get: (_t, s) =>
      isUnix(s) || s.family === S.AF_NETLINK ? (s.settings.on.has('passCredentials') ? 1 : 0) : EOPNOTSUPP,
  },
  { name: 'SO_PEERCRED', nr: S.SO_PEERCRED, get: (_t, s) => peerCredentials(s) },
  {
    name: 'SO_RCVLOWAT',
    nr: S.SO_RCVLOWAT,
    get: (_t, s) => s.settings.receiveLow,
    set: withInt((_t, s, value) => {
      s.settings.receiveLow = Math.min(value < 0 ? 0x7fff_ffff : value || 1, s.mostLow);
      s.queue.wake();
    }),
  },
  fixed('SO_SNDLOWAT', S.SO_SNDLOWAT, () => 1),
  timeout('SO_RCVTIMEO', S.SO_RCVTIMEO, 'receiveTimeout', false),
  timeout('SO_SNDTIMEO', S.SO_SNDTIMEO, 'sendTimeout', false),
  {
    name: 'SO_BINDTODEVICE',
    nr: S.SO_BINDTODEVICE,
    get(_t, s, room) {
      if (s.settings.boundInterface === 0) return new Uint8Array(0);
      return room < 16 ? EINVAL : Uint8Array.from([...LOOPBACK, '\0'], (c) => c.charCodeAt(0));
    },
    set(t, s, at, length) {
      const given = length === 0 ? new Uint8Array(0) : t.user.bytes(at, Math.min(length, 15));
      if (given instanceof Errno) return EFAULT;
      const end = given.indexOf(0);
      const name = String.fromCharCode(...(end < 0 ? given : given.subarray(0, end)));
      if (name !== '' && name !== LOOPBACK) return ENODEV;
      s.settings.boundInterface = name === '' ? 0 : 1;
      return undefined;
    },
  },
  { name: 'SO_DETACH_FILTER', nr: S.SO_DETACH_FILTER, set: withInt(() => ENOENT) },
  { name: 'SO_GET_FILTER', nr: S.SO_ATTACH_FILTER, get: () => new Uint8Array(0) },
  {
    name: 'SO_PEERNAME',
    nr: S.SO_PEERNAME,
    get(_t, s, room) {
      const name = s.peerName();
      if (name instanceof Errno) return ENOTCONN;
      return name.length < room ? EINVAL : name;
    },
  },
  timestamp('SO_TIMESTAMP', S.SO_TIMESTAMP, false, false),
  fixed('SO_ACCEPTCONN', S.SO_ACCEPTCONN, (_t, s) => (s.listening ? 1 : 0)),
  forcedBuffer('SO_SNDBUFFORCE', S.SO_SNDBUFFORCE, 'sendBuffer'),
  forcedBuffer('SO_RCVBUFFORCE', S.SO_RCVBUFFORCE, 'receiveBuffer'),
  unixOnly('SO_PASSSEC', S.SO_PASSSEC, 'passSecurity'),
  timestamp('SO_TIMESTAMPNS', S.SO_TIMESTAMPNS, true, false),
  {
    name: 'SO_MARK',
    nr: S.SO_MARK,
    get: (_t, s) => s.settings.mark,
    set: withInt((t, s, value) => {
      if (!mayMark(t)) return EPERM;
      s.settings.mark = value;
      return undefined;
    }),
  },
  fixed('SO_PROTOCOL', S.SO_PROTOCOL, (_t, s) => s.protocol),
  fixed('SO_DOMAIN', S.SO_DOMAIN, (_t, s) => s.family),
  toggle('SO_RXQ_OVFL', S.SO_RXQ_OVFL, 'overflow'),
  toggle('SO_WIFI_STATUS', S.SO_WIFI_STATUS, 'wifiStatus'),
  {
    name: 'SO_PEEK_OFF',
    nr: S.SO_PEEK_OFF,
    get: (_t, s) => s.settings.peekOffset,
    set: withInt((_t, s, value) => {
      s.settings.peekOffset = value;
    }),
  },
  toggle('SO_NOFCS', S.SO_NOFCS, 'noFcs'),
  toggle('SO_LOCK_FILTER', S.SO_LOCK_FILTER, 'lockFilter', (_t, s, on) =>
    !on && s.settings.on.has('lockFilter') ? EPERM : undefined,
  ),
  toggle('SO_SELECT_ERR_QUEUE', S.SO_SELECT_ERR_QUEUE, 'selectErrorQueue'),
  {
    name: 'SO_BUSY_POLL',
    nr: S.SO_BUSY_POLL,
    get: (_t, s) => s.settings.busyPoll,
    set: withInt((t, s, value) => {
      if (value < 0) return EINVAL;
      if (value > s.settings.busyPoll && !t.capable(CAP_NET_ADMIN)) return EPERM;
      s.settings.busyPoll = value;
      return undefined;
    }),
  },
  {
    name: 'SO_MAX_PACING_RATE',
    nr: S.SO_MAX_PACING_RATE,
    get: (_t, s, room) =>
      room >= 8
        ? bytes(8, (v) => v.setBigUint64(0, s.settings.maxPacingRate, true))
        : bytes(4, (v) => v.setUint32(0, Number(BigInt.asUintN(32, s.settings.maxPacingRate)), true)),
    set(t, s, at, length) {
      const v = bytesAt(t, at, length, length >= 8 ? 8 : 4);
      if (v instanceof Errno) return v;
      const narrow = length >= 8 ? v.getBigUint64(0, true) : BigInt(v.getUint32(0, true));
      s.settings.maxPacingRate = length < 8 && narrow === 0xffff_ffffn ? 0xffff_ffff_ffff_ffffn : narrow;
      return undefined;
    },
  },
  fixed('SO_BPF_EXTENSIONS', S.SO_BPF_EXTENSIONS, () => 64),
  {
    name: 'SO_INCOMING_CPU',
    nr: S.SO_INCOMING_CPU,
    get: (_t, s) => s.settings.incomingCpu,
    set: withInt((_t, s, value) => {
      s.settings.incomingCpu = value;
    }),
  },
  {
    name: 'SO_MEMINFO',
    nr: S.SO_MEMINFO,
    get: (_t, s) =>
      bytes(36, (v) => {
        v.setUint32(4, s.settings.receiveBuffer, true);
        v.setUint32(12, s.settings.sendBuffer, true);
      }),
  },
  fixed('SO_INCOMING_NAPI_ID', S.SO_INCOMING_NAPI_ID, () => 0),
  {
    name: 'SO_COOKIE',
    nr: S.SO_COOKIE,
    get: (_t, s, room) => (room < 8 ? EINVAL : bytes(8, (v) => v.setBigUint64(0, BigInt(s.inode.ino), true))),
  },
  {
    name: 'SO_PEERGROUPS',
    nr: S.SO_PEERGROUPS,
    get(_t, s, room) {
      const groups = s instanceof UnixSocket ? s.peerGroups : undefined;
      if (!groups) return ENODATA;
      if (room < groups.length * 4) return ERANGE;
      return bytes(groups.length * 4, (v) => groups.forEach((g, i) => v.setUint32(4 * i, g, true)));
    },
  },
  {
    ...toggle('SO_ZEROCOPY', S.SO_ZEROCOPY, 'zeroCopy'),
    set: withInt((_t, s, value) => {
      if (!isInet(s)) return EOPNOTSUPP;
      if (value < 0 || value > 1) return EINVAL;
      turn(s, 'zeroCopy', value === 1);
      return undefined;
    }),
  },
  {
    name: 'SO_BINDTOIFINDEX',
    nr: S.SO_BINDTOIFINDEX,
    get: (_t, s) => s.settings.boundInterface,
    set: withInt((_t, s, value) => {
      if (value < 0) return EINVAL;
      s.settings.boundInterface = value;
      return undefined;
    }),
  },
  timestamp('SO_TIMESTAMP_NEW', S.SO_TIMESTAMP_NEW, false, true),
  timestamp('SO_TIMESTAMPNS_NEW', S.SO_TIMESTAMPNS_NEW, true, true),
  timeout('SO_RCVTIMEO_NEW', S.SO_RCVTIMEO_NEW, 'receiveTimeout', true),
  timeout('SO_SNDTIMEO_NEW', S.SO_SNDTIMEO_NEW, 'sendTimeout', true),
  toggle('SO_PREFER_BUSY_POLL', S.SO_PREFER_BUSY_POLL, 'preferBusyPoll', (t, _s, on) =>
    on && !t.capable(CAP_NET_ADMIN) ? EPERM : undefined,
  ),
  {
    name: 'SO_BUF_LOCK',
    nr: S.SO_BUF_LOCK,
    get: (_t, s) => s.settings.bufferLock,
    set: withInt((_t, s, value) => {
      if (value & ~3) return EINVAL;
      s.settings.bufferLock = value;
      return undefined;
    }),
  },
  toggle('SO_RCVMARK', S.SO_RCVMARK, 'receiveMark', (t) => (mayMark(t) ? undefined : EPERM)),
  unixOnly('SO_PASSPIDFD', S.SO_PASSPIDFD, 'passPidfd'),
  {
    name: 'SO_PEERPIDFD',
    nr: S.SO_PEERPIDFD,
    get(t, s, room) {
      const peer = s instanceof UnixSocket ? s.peerCredentials.process : undefined;
      if (!peer) return ENODATA;
      return room < 4 ? EINVAL : t.files.install(new PidFile(peer, 0), true);
    },
  },
  unixOnly('SO_PASSRIGHTS', S.SO_PASSRIGHTS, 'passRights'),
  toggle('SO_RCVPRIORITY', S.SO_RCVPRIORITY, 'receivePriority', (t) => (mayMark(t) ? undefined : EPERM)),
]);
