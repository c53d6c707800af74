// The Host where there is none to speak of: files and streams in memory, and of the platform only what browsers and Node have in common (clock, randomness,
// timers).
import type { Host, HostFiles, HostStream } from '../host.ts';

/** Bytes that getRandomValues gives at once. */
const MOST_RANDOM = 65536;
const LONGEST_TIMEOUT = 2 ** 30;

export interface BrowserHostOptions {
  readonly files: HostFiles;
  readonly stdio: Host['stdio'];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly hostname: string;
  readonly memory: number;
  readonly cpus: number;
  /** Called before the machine waits or looks around, at least every ten milliseconds: it goes on when that has resolved. */
  readonly pause: () => Promise<void> | undefined;
  /** Resolves as soon as what came in has been heard. */
  readonly tick: () => Promise<void>;
}

export class BrowserHost implements Host {
  readonly files: HostFiles;
  readonly stdio: readonly [HostStream, HostStream, HostStream];
  readonly identity: Host['identity'];
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: number;
  readonly cpus: number;
  readonly #pause: () => Promise<void> | undefined;
  readonly #tick: () => Promise<void>;
  #woken = false;
  #wakeIdle: (() => void) | undefined;
  #deliver: ((signal: number) => void) | undefined;

  constructor(options: BrowserHostOptions) {
    this.files = options.files;
    this.stdio = options.stdio;
    this.environment = options.environment;
    this.memory = options.memory;
    this.cpus = options.cpus;
    this.#pause = options.pause;
    this.#tick = options.tick;
    const { hostname, cwd } = options;
    const user = { uid: 0, gid: 0, euid: 0, egid: 0, groups: [0] };
    this.identity = { pid: 100, ppid: 1, ...user, hostname, cwd, umask: 0o022 };
  }
  realtime(): bigint {
    return nanoseconds(performance.timeOrigin + performance.now());
  }
  monotonic(): bigint {
    return nanoseconds(performance.now()) + 1_000_000_000_000n;
  }
  random(into: Uint8Array): void {
    // Shared memory isn't filled in place.
    const part = new Uint8Array(Math.min(into.length, MOST_RANDOM));
    for (let at = 0; at < into.length; at += part.length) {
      const some = part.subarray(0, into.length - at);
      crypto.getRandomValues(some);
      into.set(some, at);
    }
  }
  wake(): void {
    this.#woken = true;
    this.#wakeIdle?.();
  }
  async idle(deadline: bigint | undefined): Promise<void> {
    await this.#pause();
    if (deadline === 0n) await this.#tick();
    else if (!this.#woken) await this.#sleep(deadline);
    this.#woken = false;
  }
  #sleep(deadline: bigint | undefined): Promise<void> {
    const ms = deadline === undefined ? LONGEST_TIMEOUT : Math.max(0, Number(deadline - this.monotonic()) / 1e6);
    return new Promise((done) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#wakeIdle = undefined;
        done();
      };
      const timer = setTimeout(finish, Math.min(LONGEST_TIMEOUT, Math.ceil(ms)));
      this.#wakeIdle = finish;
    });
  }
  onSignal(deliver: (signal: number) => void): void {
    this.#deliver = deliver;
  }
  /** A signal from outside, by Linux's number. */
  signal(signal: number): void {
    this.#deliver?.(signal);
    this.wake();
  }
}
const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;
