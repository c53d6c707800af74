// IPPROTO_TCP's options (tcp(7), net/ipv4/tcp.c).
import { EFAULT, EINVAL, ENOENT, ENOTCONN, EPERM, Errno } from '../../../abi/errno.ts';
import * as I from '../../../abi/inet.ts';
import { SOMAXCONN } from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import { OptionSet, type SocketOption, withInt } from '../option.ts';
import type { TcpSocket } from './tcp.ts';

type Option = SocketOption<TcpSocket>;

/** What the options hold, as plain data. */
export class TcpSettings {
  readonly on = new Set<string>(['quickAck']);
  maxSegment = 0;
  keepIdle = 7200;
  keepInterval = 75;
  keepCount = 9;
  synCount = 6;
  finTimeout = 60;
  /** Retransmissions of the handshake's last step that a server waits for data. */
  deferAccept = 0;
  windowClamp = 0;
  congestion = 'cubic';
  userTimeout = 0;
  fastOpen = 0;
  notSentLow = 0;
  txDelay = 0;
  saveSyn = 0;
}
type Numbers = {
  [K in keyof TcpSettings]: TcpSettings[K] extends number ? K : never;
}[keyof TcpSettings];

function toggle(name: string, nr: number, which: string): Option {
  return {
    name,
    nr,
    get: (_t, s) => (s.tcp.on.has(which) ? 1 : 0),
    set: withInt((_t, s, value) => {
      if (value) s.tcp.on.add(which);
      else s.tcp.on.delete(which);
      return undefined;
    }),
  };
}
/** 0 or 1 and nothing else. */
function strict(name: string, nr: number, which: string, refuse?: (s: TcpSocket) => Errno | undefined): Option {
  const o = toggle(name, nr, which);
  return {
    ...o,
    set: withInt((_t, s, value) => {
      if (value < 0 || value > 1) return EINVAL;
      const refused = refuse?.(s);
      if (refused) return refused;
      if (value) s.tcp.on.add(which);
      else s.tcp.on.delete(which);
      return undefined;
    }),
  };
}
function bounded(name: string, nr: number, key: Numbers, least: number, most: number): Option {
  return {
    name,
    nr,
    get: (_t, s) => s.tcp[key],
    set: withInt((_t, s, value) => {
      if (value < least || value > most) return EINVAL;
      s.tcp[key] = value;
      return undefined;
    }),
  };
}
const text = (s: string, n: number): Uint8Array => {
  const out = new Uint8Array(n);
  out.set(Uint8Array.from(s, (c) => c.charCodeAt(0)));
  return out;
};
function stringAt(t: Thread, at: number, length: number, most: number): string | Errno {
  if (length < 1) return EINVAL;
  const bytes = t.user.bytes(at, Math.min(length, most));
  if (bytes instanceof Errno) return EFAULT;
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}
const CONGESTION: ReadonlySet<string> = new Set(['cubic', 'reno']);
/** Seconds as the number of retransmissions they take, and back: 1, 3, 7, ... up to two minutes apart. */
function retransmissions(seconds: number): number {
  let n = 0;
  let period = 1;
  for (let passed = 0; passed < seconds && n < 255; n++) {
    passed += period;
    period = Math.min(period * 2, 120);
  }
  return n;
}
function secondsOf(retransmissions: number): number {
  let seconds = 0;
  let period = 1;
  for (let i = 0; i < retransmissions; i++) {
    seconds += period;
    period = Math.min(period * 2, 120);
  }
  return seconds;
}

/** struct tcp_info up to what Linux 6 has of it. */
const INFO = 248;
function info(s: TcpSocket): Uint8Array {
  const out = new Uint8Array(INFO);
  const v = new DataView(out.buffer);
  v.setUint8(0, s.state);
  if (s.state === I.TCP_LISTEN) {
    v.setUint32(24, s.pending.length, true);
    v.setUint32(28, s.backlog, true);
    return out;
  }
  const connected = s.peer !== undefined;
  // Timestamps, selective acknowledgements, window scaling.
  v.setUint8(5, connected ? 7 : 0);
  v.setUint8(6, connected ? 0x77 : 0);
  v.setUint32(8, connected ? 200_000 : 1_000_000, true);
  v.setUint32(12, connected ? 40_000 : 0, true);
  v.setUint32(16, s.segmentSize, true);
  v.setUint32(20, 536, true);
  v.setUint32(60, connected ? 65535 : 0, true);
  v.setUint32(64, 65535, true);
  v.setUint32(68, connected ? 20 : 0, true);
  v.setUint32(72, connected ? 10 : 250_000, true);
  v.setUint32(76, 0x7fff_ffff, true);
  v.setUint32(80, 10, true);
  v.setUint32(84, s.segmentSize, true);
  v.setUint32(88, 3, true);
  v.setUint32(96, 65536, true);
  v.setBigUint64(104, 0xffff_ffff_ffff_ffffn, true);
  v.setBigUint64(112, 0xffff_ffff_ffff_ffffn, true);
  v.setBigUint64(120, BigInt(s.sent), true);
  v.setBigUint64(128, BigInt(s.received), true);
  return out;
}

export const tcpLevel = new OptionSet<TcpSocket>(I.IPPROTO_TCP, 'TCP', [
  toggle('TCP_NODELAY', I.TCP_NODELAY, 'noDelay'),
  {
    name: 'TCP_MAXSEG',
    nr: I.TCP_MAXSEG,
    get: (_t, s) => (s.peer ? s.segmentSize : s.tcp.maxSegment || 536),
    set: withInt((_t, s, value) => {
      if (value !== 0 && (value < 88 || value > 32767)) return EINVAL;
      s.tcp.maxSegment = value;
      return undefined;
    }),
  },
  toggle('TCP_CORK', I.TCP_CORK, 'cork'),
  bounded('TCP_KEEPIDLE', I.TCP_KEEPIDLE, 'keepIdle', 1, 32767),
  bounded('TCP_KEEPINTVL', I.TCP_KEEPINTVL, 'keepInterval', 1, 32767),
  bounded('TCP_KEEPCNT', I.TCP_KEEPCNT, 'keepCount', 1, 127),
  bounded('TCP_SYNCNT', I.TCP_SYNCNT, 'synCount', 1, 127),
  {
    name: 'TCP_LINGER2',
    nr: I.TCP_LINGER2,
    get: (_t, s) => s.tcp.finTimeout,
    set: withInt((_t, s, value) => {
      s.tcp.finTimeout = value < 0 ? -1 : value > 120 ? 120 : value === 0 ? 60 : value;
    }),
  },
  {
    name: 'TCP_DEFER_ACCEPT',
    nr: I.TCP_DEFER_ACCEPT,
    get: (_t, s) => secondsOf(s.tcp.deferAccept),
    set: withInt((_t, s, value) => {
      s.tcp.deferAccept = retransmissions(value);
    }),
  },
  {
    name: 'TCP_WINDOW_CLAMP',
    nr: I.TCP_WINDOW_CLAMP,
    get: (_t, s) => s.tcp.windowClamp,
    set: withInt((_t, s, value) => {
      if (value === 0 && s.state !== I.TCP_CLOSE) return EINVAL;
      s.tcp.windowClamp = value === 0 ? 0 : Math.max(value, 1152);
      return undefined;
    }),
  },
  { name: 'TCP_INFO', nr: I.TCP_INFO, get: (_t, s) => info(s) },
  toggle('TCP_QUICKACK', I.TCP_QUICKACK, 'quickAck'),
  {
    name: 'TCP_CONGESTION',
    nr: I.TCP_CONGESTION,
    get: (_t, s) => text(s.tcp.congestion, 16),
    set(t, s, at, length) {
      const name = stringAt(t, at, length, 15);
      if (name instanceof Errno) return name;
      if (!CONGESTION.has(name)) return ENOENT;
      s.tcp.congestion = name;
      return undefined;
    },
  },
  strict('TCP_THIN_LINEAR_TIMEOUTS', I.TCP_THIN_LINEAR_TIMEOUTS, 'thinLinear'),
  // The kernel has forgotten it, but for its name.
  { ...strict('TCP_THIN_DUPACK', I.TCP_THIN_DUPACK, 'thinDupack'), get: () => 0 },
  bounded('TCP_USER_TIMEOUT', I.TCP_USER_TIMEOUT, 'userTimeout', 0, 0x7fff_ffff),
  { name: 'TCP_REPAIR', nr: I.TCP_REPAIR, get: () => 0, set: withInt(() => EPERM) },
  {
    name: 'TCP_FASTOPEN',
    nr: I.TCP_FASTOPEN,
    get: (_t, s) => s.tcp.fastOpen,
    set: withInt((_t, s, value) => {
      if (value < 0 || (s.state !== I.TCP_CLOSE && s.state !== I.TCP_LISTEN)) return EINVAL;
      s.tcp.fastOpen = Math.min(value, SOMAXCONN);
      return undefined;
    }),
  },
  {
    name: 'TCP_TIMESTAMP',
    nr: I.TCP_TIMESTAMP,
    get: (t) => Number((t.kernel.monotonic() / 1_000_000n) % 0x7fff_ffffn),
  },
  {
    name: 'TCP_NOTSENT_LOWAT',
    nr: I.TCP_NOTSENT_LOWAT,
    get: (_t, s) => s.tcp.notSentLow,
    set: withInt((_t, s, value) => {
      s.tcp.notSentLow = value;
    }),
  },
  bounded('TCP_SAVE_SYN', I.TCP_SAVE_SYN, 'saveSyn', 0, 2),
  { name: 'TCP_SAVED_SYN', nr: I.TCP_SAVED_SYN, get: () => new Uint8Array(0) },
  strict('TCP_FASTOPEN_CONNECT', I.TCP_FASTOPEN_CONNECT, 'fastOpenConnect', (s) =>
    s.state === I.TCP_CLOSE ? undefined : EINVAL,
  ),
  {
    name: 'TCP_ULP',
    nr: I.TCP_ULP,
    get: () => new Uint8Array(0),
    set(t, s, at, length) {
      const name = stringAt(t, at, length, 15);
      if (name instanceof Errno) return name;
      return s.state === I.TCP_ESTABLISHED ? ENOENT : ENOTCONN;
    },
  },
  strict('TCP_FASTOPEN_NO_COOKIE', I.TCP_FASTOPEN_NO_COOKIE, 'fastOpenNoCookie'),
  strict('TCP_INQ', I.TCP_INQ, 'inq'),
  {
    name: 'TCP_TX_DELAY',
    nr: I.TCP_TX_DELAY,
    get: (_t, s) => s.tcp.txDelay,
    set: withInt((_t, s, value) => {
      if (value < 0) return EINVAL;
      s.tcp.txDelay = value;
      return undefined;
    }),
  },
]);
