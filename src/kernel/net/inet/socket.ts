// What TCP and UDP sockets of both families have in common: addresses, ports, the options of IP.
import { EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, Errno } from '../../../abi/errno.ts';
import { IPPROTO_IP, IPPROTO_IPV6 } from '../../../abi/inet.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../abi/socket.ts';
import type { Thread } from '../../thread.ts';
import type { OptionSet } from '../option.ts';
import { familyOf, Socket } from '../socket.ts';
import {
  ANY4,
  ANY6,
  destination,
  type Endpoint,
  endpoint4,
  endpoint6,
  type Ip,
  isAny,
  isBroadcast,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isV4,
  sockaddrOf,
} from './address.ts';
import { ipLevel } from './ip-options.ts';
import { IpSettings } from './ip-settings.ts';
import { ipv6Level } from './ipv6-options.ts';
import type { Holder } from './ports.ts';

const CAP_NET_BIND_SERVICE = 10;
/** Ports below take a capability. */
const PROTECTED = 1024;

export abstract class InetSocket extends Socket implements Holder {
  readonly v6: boolean;
  readonly ip: IpSettings;
  /** Its own address and port; port 0: none yet. */
  localIp: Ip;
  localPort = 0;
  /** The port is its own now; the number stays to be seen when a connection has ended and given it back. */
  holdsPort = false;
  /** bind(2) chose the port: it stays when a connection ends. */
  portBound = false;
  /** What it was bound to: a connection's address is forgotten when the connection is. */
  boundIp: Ip;
  remote: Endpoint | undefined;
  /** Multicast groups it has joined. */
  readonly groups = new Set<Ip>();
  readonly owner: number;

  constructor(t: Thread, family: number, type: number, protocol: number) {
    super(t, family, type, protocol);
    this.v6 = family === AF_INET6;
    this.ip = new IpSettings();
    this.localIp = this.boundIp = this.v6 ? ANY6 : ANY4;
    this.owner = t.credentials.fsuid;
  }
  get v6only(): boolean {
    return this.v6 && this.ip.on.has('v6only');
  }
  get reusesAddress(): boolean {
    return this.settings.on.has('reuseAddress');
  }
  get reusesPort(): boolean {
    return this.settings.on.has('reusePort');
  }
  abstract readonly inState: Holder['inState'];
  /** Takes the port (0: any) for `localIp`; EADDRINUSE where it can't. */
  protected abstract takePort(port: number): number | Errno;
  /** A socket with this state may be bound. */
  protected abstract readonly mayBind: boolean;

  override bind(t: Thread, address: Uint8Array): Errno | undefined {
    const wanted = this.v6 ? this.#bind6(address) : this.#bind4(address);
    if (wanted instanceof Errno) return wanted;
    const { ip, port } = wanted;
    if (port !== 0 && port < PROTECTED && !t.capable(CAP_NET_BIND_SERVICE)) return EACCES;
    if (!this.mayBind || this.holdsPort) return EINVAL;
    const was = this.localIp;
    this.localIp = ip;
    const got = this.takePort(port);
    if (got instanceof Errno) {
      this.localIp = was;
      return got;
    }
    this.boundIp = ip;
    this.localPort = got;
    this.holdsPort = true;
    this.portBound = port !== 0 || this.portBound;
    return undefined;
  }
  #bind4(a: Uint8Array): Endpoint | Errno {
    const family = familyOf(a);
    const e = endpoint4(a);
    if (e instanceof Errno) return e;
    if (family !== AF_INET && !(family === AF_UNSPEC && e.ip === ANY4)) return EAFNOSUPPORT;
    return this.#available(e.ip) ? e : EADDRNOTAVAIL;
  }
  #bind6(a: Uint8Array): Endpoint | Errno {
    const family = familyOf(a);
    const e = endpoint6(a);
    if (e instanceof Errno) return e;
    if (family !== AF_INET6) return EAFNOSUPPORT;
    if (isMulticast(e.ip) && !isV4(e.ip) && this.type === 1) return EINVAL;
    if (isV4(e.ip) && this.v6only) return EINVAL;
    if (isLinkLocal(e.ip)) return e.scope === 0 ? EINVAL : EADDRNOTAVAIL;
    return this.#available(e.ip) ? e : EADDRNOTAVAIL;
  }
  #available(ip: Ip): boolean {
    return (
      isAny(ip) ||
      isLoopback(ip) ||
      (isV4(ip) && (isMulticast(ip) || isBroadcast(ip))) ||
      (isMulticast(ip) && this.type !== 1) ||
      this.ip.on.has('freebind') ||
      this.ip.on.has('transparent')
    );
  }
  /** Makes sure there is a port. */
  autobind(): Errno | undefined {
    if (this.holdsPort) return undefined;
    const port = this.takePort(0);
    if (port instanceof Errno) return port;
    this.localPort = port;
    this.holdsPort = true;
    return undefined;
  }
  /** Where packets for an address given by the program go: the machine itself, or nowhere. */
  protected route(ip: Ip): Ip | Errno {
    const to = destination(this.v6 && ip === ANY4 ? ANY4 : ip);
    if (isV4(to) && this.v6only) return ENETUNREACH;
    return isLoopback(to) ? to : ENETUNREACH;
  }
  override localName(): Uint8Array {
    return sockaddrOf(this.v6, { ip: this.localIp, port: this.localPort });
  }
  override options(level: number): OptionSet | undefined {
    if (level === IPPROTO_IP) return ipLevel;
    return level === IPPROTO_IPV6 && this.v6 ? ipv6Level : undefined;
  }
}
