// The machine's network: who has which name or port, and all sockets there are.
import type { Kernel } from '../kernel.ts';
import type { Endpoint, Ip } from './inet/address.ts';
import { accepts, type Holder, Ports, tcpMayShare, udpMayShare } from './inet/ports.ts';
import { TcpSocket } from './inet/tcp.ts';
import type { TimeWait } from './inet/time-wait.ts';
import type { UdpSocket } from './inet/udp.ts';
import type { NetlinkSocket } from './netlink/socket.ts';
import { UnixNames } from './unix/address.ts';
import { Flight } from './unix/flight.ts';
import type { UnixSocket } from './unix/socket.ts';

/** What sockets may hold however little memory the machine has. */
const MEMORY_MIN = 16 << 20;

export class Network {
  /** Number of the next socket's inode. */
  nextInode = 20000;
  readonly unix = new UnixNames();
  readonly unixSockets = new Set<UnixSocket>();
  readonly flight = new Flight(this.unixSockets);
  /** Bytes that sockets hold, of all there may be. */
  buffered = 0;
  readonly #kernel: Kernel;
  readonly tcp: Ports<Holder>;
  readonly tcpSockets = new Set<TcpSocket>();
  /** Connections in TIME_WAIT. */
  readonly waiting = new Set<TimeWait>();
  readonly udp: Ports<UdpSocket>;
  readonly udpSockets = new Set<UdpSocket>();
  readonly netlink = new Set<NetlinkSocket>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const random = (below: number): number => {
      const bytes = new Uint8Array(4);
      kernel.random(bytes);
      return new DataView(bytes.buffer).getUint32(0, true) % below;
    };
    this.tcp = new Ports(tcpMayShare, random);
    this.udp = new Ports(udpMayShare, random);
  }
  /** There is memory for so many bytes more. */
  mayBuffer(n: number): boolean {
    return this.buffered + n <= Math.max(MEMORY_MIN, this.#kernel.memory / 8);
  }
  /** Who listens there; of several (SO_REUSEPORT) one by the client's port. */
  tcpListener(ip: Ip, port: number, from: number): TcpSocket | undefined {
    const found: TcpSocket[] = [];
    for (const h of this.tcp.at(port)) if (h instanceof TcpSocket && h.listening && accepts(h, ip)) found.push(h);
    return best(found, ip, from);
  }
  /** The connection between these two, seen from the first. */
  tcpConnection(at: TcpSocket, to: Endpoint): boolean {
    for (const h of this.tcp.at(at.localPort))
      if (
        h !== at &&
        h instanceof TcpSocket &&
        h.localIp === at.localIp &&
        h.remote?.ip === to.ip &&
        h.remote.port === to.port
      )
        return true;
    return false;
  }
  /** The socket that a datagram is for: connected ones before bound ones, bound ones before the others. */
  udpReceiver(from: Endpoint, to: Endpoint): UdpSocket | undefined {
    const open: UdpSocket[] = [];
    for (const s of this.udp.at(to.port)) {
      if (!accepts(s, to.ip)) continue;
      if (!s.remote) open.push(s);
      else if (s.remote.ip === from.ip && s.remote.port === from.port) return s;
    }
    return best(open, to.ip, from.port);
  }
}
/** Of sockets that would take it: those with the very address, then those of its family. */
function best<H extends Holder & { readonly v6: boolean }>(list: readonly H[], ip: Ip, from: number): H | undefined {
  const score = (h: H): number => (h.localIp === ip ? 2 : 0) + (h.v6 ? 0 : 1);
  let most = -1;
  let top: H[] = [];
  for (const h of list) {
    const n = score(h);
    if (n < most) continue;
    if (n > most) top = [];
    most = n;
    top.push(h);
  }
  // Datagrams go to the socket that came last, unless all agreed to share.
  return top.every((h) => h.reusesPort) ? top[from % top.length] : top[top.length - 1];
}
