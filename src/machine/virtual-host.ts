// A host for runs that come out the same every time: time passes by what programs do, random numbers come from a seed. Files, the environment and what is read
// from the standard streams are the real host's.
import type { Host, HostStream } from '../host/host.ts';

/** When the virtual world begins: 2026-01-01 00:00:00 UTC, by CLOCK_REALTIME and CLOCK_MONOTONIC. */
const REALTIME = 1_767_225_600_000_000_000n;
const MONOTONIC = 1_000_000_000_000n;
const PID = 1000;

/** Random bytes from a seed: a counter whose steps are mixed by two multiplications each. */
class Generator {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) {
      this.#state = (this.#state + 0x9e3779b9) >>> 0;
      let x = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b);
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
      into[i] = (x ^ (x >>> 16)) & 0xff;
    }
  }
}

/** A stream that tells whether something is awaited of it that hasn't come yet. */
function watched(stream: HostStream, awaited: (yes: boolean) => void): HostStream {
  return new Proxy(stream, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      if (name !== 'read' && name !== 'ready' && name !== 'write') return method.bind(target);
      return (...args: unknown[]) => {
        const result = Reflect.apply(method, target, args);
        awaited(result === 'again' || result === false);
        return result;
      };
    },
  });
}

/**
 * `work`: how much the machine has done so far, in instructions; each takes a nanosecond. Waiting for a time takes none, unless something outside is waited for
 * as well.
 */
export function virtualHost(host: Host, seed: number, work: () => number): Host {
  const random = new Generator(seed);
  /** What waiting has added. */
  let waited = 0n;
  const awaited = new Set<number>();
  const elapsed = (): bigint => waited + BigInt(Math.floor(work()));
  const monotonic = (): bigint => MONOTONIC + elapsed();
  const [input, output, error] = host.stdio.map((s, fd) =>
    watched(s, (yes) => {
      if (yes) awaited.add(fd);
      else awaited.delete(fd);
    }),
  ) as [HostStream, HostStream, HostStream];
  let last = 0n;
  let stamps = 0n;
  const { identity } = host;
  return {
    stdio: [input, output, error],
    files: host.files,
    identity: { ...identity, pid: PID, ppid: PID - 1, pgid: PID, sid: PID - 1 },
    environment: host.environment,
    memory: host.memory,
    cpus: host.cpus,
    monotonic,
    realtime: () => REALTIME + elapsed(),
    /** Read twice within one run of the CPU, whose instructions are counted at its end, it has moved on all the same. */
    timestamp: () => {
      const now = monotonic();
      stamps = now === last ? stamps + 1n : 0n;
      last = now;
      return now + stamps;
    },
    random: (into) => random.fill(into),
    async idle(deadline) {
      const now = monotonic();
      if (deadline === undefined || deadline === 0n) return host.idle(deadline);
      const left = deadline > now ? deadline - now : 0n;
      const until = host.monotonic() + left;
      await host.idle(awaited.size ? until : 0n);
      if (!awaited.size || host.monotonic() >= until) waited += left;
    },
    wake: () => host.wake(),
    onSignal: (deliver) => host.onSignal(deliver),
    ...(host.terminal ? { terminal: () => host.terminal?.() } : {}),
    ...(host.suspend ? { suspend: () => host.suspend?.() } : {}),
  };
}
