// The Host on Node: files, clock, randomness, standard streams, signals.
import { constants, openSync, readSync } from 'node:fs';
import { constants as osConstants, totalmem } from 'node:os';
import type { Host } from '../host.ts';
import { builtin } from './builtin.ts';
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
  /** Rounded up, for no file is to look newer than now is. (`performance` knows more digits and would be a twentieth of an empty program's start.) */
  readonly #realtime = BigInt(Date.now() + 1) * 1_000_000n - process.hrtime.bigint();
  /** Where random bytes are read; null where the host has no such file. Opened when first asked for. */
  #urandom: number | null | undefined;

  constructor(options: { memory?: number; cpus?: number } = {}) {
    const wake = (): void => this.wake();
    this.stdio = [new NodeStream(0, wake), new NodeStream(1, wake), new NodeStream(2, wake)];
    this.memory = options.memory ?? Math.min(totalmem(), 4 * 2 ** 30);
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
    if (this.#urandom === undefined) {
      try {
        this.#urandom = openSync('/dev/urandom', 'r');
      } catch {
        this.#urandom = null;
      }
    }
    // node:crypto is loaded only where there is no other way: that takes as long as all of the kernel.
    if (this.#urandom === null) builtin('node:crypto').randomFillSync(into);
    else for (let at = 0; at < into.length; ) at += readSync(this.#urandom, into, at, into.length - at, null);
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
        deliver(osConstants.signals[name]);
        this.wake();
      });
    }
  }
}
