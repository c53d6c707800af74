// Who has which port, a table a protocol: conflicts, free ports, finding the socket that a packet is for.
import { EADDRINUSE, type Errno } from '../../../abi/errno.ts';
import { ANY4, ANY6, type Ip, isV4 } from './address.ts';

/** Ports the machine chooses from (/proc/sys/net/ipv4/ip_local_port_range). */
export const EPHEMERAL = { first: 32768, last: 60999 } as const;

/** What holds a port: a socket, or what is left of a connection for a while. */
export interface Holder {
  readonly localIp: Ip;
  /** Of family AF_INET6 and not for IPv4. */
  readonly v6only: boolean;
  readonly reusesAddress: boolean;
  readonly reusesPort: boolean;
  readonly owner: number;
  readonly inState: 'listening' | 'waiting' | 'other';
}

/** An address is one that the other stands for, or both are the same. */
function overlap(a: Holder, b: Holder): boolean {
  const covers = (x: Holder, y: Holder): boolean => {
    if (x.localIp === ANY4) return isV4(y.localIp) || (y.localIp === ANY6 && !y.v6only);
    if (x.localIp === ANY6) return !isV4(y.localIp) || !x.v6only;
    return false;
  };
  return a.localIp === b.localIp || covers(a, b) || covers(b, a);
}
/** Whether a socket bound to this address gets packets for that one. */
export function accepts(h: { readonly localIp: Ip; readonly v6only: boolean }, ip: Ip): boolean {
  if (h.localIp === ANY4) return isV4(ip);
  if (h.localIp === ANY6) return !isV4(ip) || !h.v6only;
  return h.localIp === ip;
}

export class Ports<H extends Holder> {
  readonly #byPort = new Map<number, Set<H>>();
  readonly #mayShare: (a: Holder, b: Holder) => boolean;
  readonly #random: (below: number) => number;
  constructor(mayShare: (a: Holder, b: Holder) => boolean, random: (below: number) => number) {
    this.#mayShare = mayShare;
    this.#random = random;
  }
  conflict(h: H, port: number): boolean {
    for (const other of this.#byPort.get(port) ?? [])
      if (other !== h && overlap(h, other) && !this.#mayShare(h, other)) return true;
    return false;
  }
  /** Takes a port, or any free one for 0. */
  take(h: H, port: number): number | Errno {
    if (port !== 0) {
      if (this.conflict(h, port)) return EADDRINUSE;
      this.add(h, port);
      return port;
    }
    const n = EPHEMERAL.last - EPHEMERAL.first + 1;
    const start = this.#random(n);
    for (let i = 0; i < n; i++) {
      const candidate = EPHEMERAL.first + ((start + i) % n);
      if (this.#byPort.has(candidate)) continue;
      this.add(h, candidate);
      return candidate;
    }
    return EADDRINUSE;
  }
  add(h: H, port: number): void {
    let holders = this.#byPort.get(port);
    if (!holders) this.#byPort.set(port, (holders = new Set()));
    holders.add(h);
  }
  release(h: H, port: number): void {
    const holders = this.#byPort.get(port);
    holders?.delete(h);
    if (holders?.size === 0) this.#byPort.delete(port);
  }
  at(port: number): Iterable<H> {
    return this.#byPort.get(port) ?? [];
  }
  *all(): Iterable<H> {
    for (const holders of this.#byPort.values()) yield* holders;
  }
}
/** TCP's rule (inet_bind_conflict): both say SO_REUSEADDR and the other doesn't listen, or both say SO_REUSEPORT and belong to one user. */
export const tcpMayShare = (a: Holder, b: Holder): boolean =>
  (a.reusesAddress && b.reusesAddress && b.inState !== 'listening') ||
  (a.reusesPort && b.reusesPort && (b.inState === 'waiting' || a.owner === b.owner));
export const udpMayShare = (a: Holder, b: Holder): boolean =>
  (a.reusesAddress && b.reusesAddress) || (a.reusesPort && b.reusesPort && a.owner === b.owner);
