// The tables of sockets that /proc/net shows (proc(5), net/ipv4/tcp_ipv4.c: tcp4_seq_show and its kin).
import { TCP_FIN_WAIT2, TCP_LISTEN, TCP_TIME_WAIT } from '../../abi/inet.ts';
import { hexOf, type Ip, isV4 } from './inet/address.ts';
import type { TcpSocket } from './inet/tcp.ts';
import type { TimeWait } from './inet/time-wait.ts';
import type { Network } from './network.ts';
import { UnixConnection } from './unix/connection.ts';
import type { UnixSocket } from './unix/socket.ts';

const hex = (n: number, width: number): string => n.toString(16).toUpperCase().padStart(width, '0');
/** Kernel addresses, which nobody is shown. */
const HIDDEN = '0'.repeat(16);
/** IPv4's rows are of one length. */
const ROW_TCP = 149,
  ROW_UDP = 127;
const TITLE4 = 'sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const TITLE6 =
  'sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

function endpoint(v6: boolean, ip: Ip | undefined, port: number): string {
  const none = '0'.repeat(v6 ? 32 : 8);
  if (ip === undefined) return `${none}:${hex(port, 4)}`;
  // An IPv6 socket's IPv4 addresses are shown mapped.
  const text = v6 && isV4(ip) ? `0000000000000000FFFF0000${hexOf(ip)}` : hexOf(ip);
  return `${text}:${hex(port, 4)}`;
}
interface Row {
  readonly v6: boolean;
  readonly localIp: Ip;
  readonly localPort: number;
  readonly remote: { readonly ip: Ip; readonly port: number } | undefined;
}
function row(
  s: Row,
  state: number,
  sending: number,
  waiting: number,
  timer: readonly [kind: number, ticks: number],
  uid: number,
  tail: string,
): string {
  const ends = `${endpoint(s.v6, s.localIp, s.localPort)} ${endpoint(s.v6, s.remote?.ip, s.remote?.port ?? 0)}`;
  const when = `${hex(timer[0], 2)}:${hex(timer[1], 8)}`;
  return `${ends} ${hex(state, 2)} ${hex(sending, 8)}:${hex(waiting, 8)} ${when} 00000000 ${String(uid).padStart(5)}        0 ${tail}`;
}
const count = (n: number | object): number => (typeof n === 'number' ? n : 0);

/** /proc/net/tcp and tcp6: who listens, then connections, then what is left of them. */
export function tcpTable(net: Network, v6: boolean, now: bigint): string {
  const list = [...net.tcpSockets].filter((s) => s.v6 === v6 && s.holdsPort && (s.state !== 7 || s.listening));
  const rank = (s: TcpSocket): number => (s.state === TCP_LISTEN ? 0 : 1);
  list.sort((a, b) => rank(a) - rank(b));
  const rows = list.map((s) => {
    const ino = s.orphan ? 0 : s.inode.ino;
    if (s.orphan && s.state === TCP_FIN_WAIT2) return left(s, now + 60_000_000_000n, s.state, now);
    const rest = s.listening ? '100 0 0 10 0' : '20 4 30 10 -1';
    // The other side's end counts as a byte.
    const waiting = s.listening ? s.pending.length : s.bytes.length + (s.finished ? 1 : 0);
    return row(s, s.state, count(s.waitingToGo()), waiting, [0, 0], s.owner, `${ino} 1 ${HIDDEN} ${rest}`);
  });
  for (const w of net.waiting) if (w.v6 === v6) rows.push(left(w, w.until, TCP_TIME_WAIT, now));
  return table(rows, v6, v6 ? `  ${TITLE6}` : `  ${TITLE4}`, v6 ? 0 : ROW_TCP, 4);
}
function left(s: TcpSocket | TimeWait, until: bigint, state: number, now: bigint): string {
  const ticks = Number((until - now) / 10_000_000n);
  return row(s, state, 0, 0, [3, Math.max(0, ticks)], 0, `0 3 ${HIDDEN}`);
}
function table(rows: readonly string[], v6: boolean, title: string, width: number, digits: number): string {
  const head = v6 ? title : title.padEnd(width);
  return `${[head, ...rows.map((r, i) => `${String(i).padStart(digits)}: ${r}`.padEnd(width))].join('\n')}\n`;
}
/** /proc/net/udp and udp6. */
export function udpTable(net: Network, v6: boolean): string {
  const rows = [...net.udpSockets]
    .filter((s) => s.v6 === v6 && s.holdsPort)
    .map((s) => row(s, s.remote ? 1 : 7, 0, s.charged, [0, 0], s.owner, `${s.inode.ino} 2 ${HIDDEN} ${s.drops}`));
  const title = v6 ? `  ${TITLE6} ref pointer drops` : `   ${TITLE4} ref pointer drops`;
  return table(rows, v6, title, v6 ? 0 : ROW_UDP, 5);
}
const UNCONNECTED = 1,
  CONNECTING = 2,
  CONNECTED = 3;
function unixRow(s: UnixSocket, unaccepted: boolean): string {
  const state = unaccepted ? CONNECTING : s.peer ? CONNECTED : UNCONNECTED;
  const flags = s.listening ? '00010000' : '00000000';
  const type = s.type.toString(16).padStart(4, '0');
  const name = s.name === undefined ? '' : ` ${s.name.replaceAll('\0', '@')}`;
  const ino = String(unaccepted ? 0 : s.inode.ino).padStart(5);
  return `${HIDDEN}: 0000000${s.peer ? 3 : 2} 00000000 ${flags} ${type} 0${state} ${ino}${name}\n`;
}
export function unixTable(net: Network): string {
  const unaccepted = new Set<UnixSocket>();
  for (const s of net.unixSockets) if (s instanceof UnixConnection) for (const p of s.pending) unaccepted.add(p);
  const rows = [...net.unixSockets].map((s) => unixRow(s, unaccepted.has(s)));
  return `Num       RefCount Protocol Flags    Type St Inode Path\n${rows.join('')}`;
}
export function netlinkTable(net: Network): string {
  const rows = [...net.netlink].map((s) => {
    const cell = (v: number, width: number): string => String(v).padEnd(width);
    const groups = s.groups.toString(16).padStart(8, '0');
    const { ino } = s.inode;
    return `${HIDDEN} ${cell(s.protocol, 3)} ${cell(s.port, 10)} ${groups} ${cell(0, 8)} ${cell(0, 8)} ${cell(0, 5)} ${cell(2, 8)} ${cell(0, 8)} ${cell(ino, 8)}\n`;
  });
  return `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n${rows.join('')}`;
}
/** /proc/net/sockstat and sockstat6. */
export function socketCounts(net: Network, v6: boolean): string {
  const tcp = [...net.tcpSockets];
  const used = (list: Iterable<{ readonly v6: boolean; readonly holdsPort: boolean }>): number =>
    [...list].filter((s) => s.v6 === v6 && s.holdsPort).length;
  const inuse = tcp.filter((s) => s.v6 === v6 && s.holdsPort && !s.orphan).length;
  if (v6)
    return `TCP6: inuse ${inuse}\nUDP6: inuse ${used(net.udpSockets)}\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n`;
  const all = tcp.length + net.udpSockets.size + net.unixSockets.size + net.netlink.size;
  const halves = tcp.filter((s) => s.orphan && s.state === TCP_FIN_WAIT2).length;
  const orphans = tcp.filter((s) => s.orphan).length - halves;
  return `sockets: used ${all}\nTCP: inuse ${inuse} orphan ${orphans} tw ${net.waiting.size + halves} alloc ${tcp.length} mem 0\nUDP: inuse ${used(net.udpSockets)} mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n`;
}
