// The Host on Node: files, clock, randomness, standard streams, signals.
import { randomFillSync } from 'node:crypto';
import { constants, openSync } from 'node:fs';
import * as os from 'node:os';
import type { Host } from '../host.ts';
import { NodeFiles } from './files.ts';
import { hostIdentity } from './identity.ts';
import { NodeStream } from './stream.ts';

export class NodeHost implements Host {
  readonly files = new NodeFiles();
  readonly stdio: readonly [NodeStream, NodeStream, NodeStream];
  readonly identity;
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: number;
  readonly cpus: number;
  #woken = false;
  /** Opened when first asked for; null where there is none. */
  #terminal: NodeStream | null | undefined;
  #wakeIdle: (() => void) | undefined;
  readonly #origin = process.hrtime.bigint();
  readonly #realtime =
    BigInt(Math.round(performance.timeOrigin * 1000 + performance.now() * 1000)) * 1000n - process.hrtime.bigint();

  constructor(options: { memory?: number; cpus?: number } = {}) {
    const wake = (): void => this.wake();
    this.stdio = [new NodeStream(0, wake), new NodeStream(1, wake), new NodeStream(2, wake)];
    this.memory = options.memory ?? Math.min(os.totalmem(), 4 * 2 ** 30);
    this.cpus = options.cpus ?? 1;
    this.environment = Object.fromEntries(
      Object.entries(process.env).filter((e): e is [string, string] => e[1] !== undefined),
    );
    this.identity = hostIdentity();
  }
  terminal(): NodeStream | undefined {
    if (this.#terminal === undefined) {
      try {
        const fd = openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY);
        this.#terminal = new NodeStream(fd, () => this.wake());
      } catch {
        this.#terminal = null;
      }
    }
    return this.#terminal ?? undefined;
  }
  realtime(): bigint {
    return process.hrtime.bigint() + this.#realtime;
  }
  monotonic(): bigint {
    return process.hrtime.bigint() - this.#origin + 1_000_000_000_000n;
  }
  random(into: Uint8Array): void {
    randomFillSync(into);
  }
  wake(): void {
    this.#woken = true;
    this.#wakeIdle?.();
  }
  async idle(deadline: bigint | undefined): Promise<void> {
    this.files.pass();
    if (deadline === 0n) {
      await new Promise<void>((done) => setImmediate(done));
      this.#woken = false;
      this.files.epoch++;
      return;
    }
    if (!this.#woken) {
      await new Promise<void>((done) => {
        const ms =
          deadline === undefined ? 1 << 30 : Math.min(1 << 30, Math.max(0, Number(deadline - this.monotonic()) / 1e6));
        const timer = setTimeout(finish, Math.ceil(ms));
        const self = this;
        function finish(): void {
          clearTimeout(timer);
          self.#wakeIdle = undefined;
          done();
        }
        this.#wakeIdle = finish;
      });
    }
    this.#woken = false;
    this.files.epoch++;
  }
  /** As the terminal's key would: without job control around it the signal is ignored, and the program goes on. */
  suspend(): void {
    process.kill(process.pid, 'SIGTSTP');
  }
  onSignal(deliver: (signal: number) => void): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
      process.on(name, () => {
        deliver(os.constants.signals[name]);
        this.wake();
      });
    }
  }
}
