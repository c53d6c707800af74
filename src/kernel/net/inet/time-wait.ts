// What is left of a connection that this side ended first: its port stays taken for a minute (TIME_WAIT).
import type { Kernel } from '../../kernel.ts';
import type { Endpoint, Ip } from './address.ts';
import type { Holder } from './ports.ts';
import type { InetSocket } from './socket.ts';

const MINUTE = 60_000_000_000n;

export class TimeWait implements Holder {
  readonly #kernel: Kernel;
  readonly localIp: Ip;
  readonly localPort: number;
  readonly remote: Endpoint | undefined;
  readonly v6: boolean;
  readonly v6only = false;
  readonly reusesAddress: boolean;
  readonly reusesPort: boolean;
  readonly owner: number;
  readonly inState = 'waiting';
  /** When the port is free again. */
  readonly until: bigint;
  constructor(kernel: Kernel, of: InetSocket) {
    this.#kernel = kernel;
    this.localIp = of.localIp;
    this.localPort = of.localPort;
    this.remote = of.remote;
    this.v6 = of.v6;
    this.reusesAddress = of.reusesAddress;
    this.reusesPort = of.reusesPort;
    this.owner = of.owner;
    this.until = kernel.monotonic() + MINUTE;
  }
  begin(): void {
    const { net, scheduler } = this.#kernel;
    net.tcp.add(this, this.localPort);
    net.waiting.add(this);
    scheduler.timers.at(this.until, () => {
      net.tcp.release(this, this.localPort);
      net.waiting.delete(this);
    });
  }
}
