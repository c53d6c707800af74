// Clocks by number, and times as programs write them.
import { EFAULT, EINVAL, Errno } from '../abi/errno.ts';
import * as T from '../abi/time.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';

export const NS = 1_000_000_000n;
/** Seconds beyond which Linux's times stop (KTIME_SEC_MAX). */
const MOST_SECONDS = 9223372036;

export const toTimespec = (ns: bigint): { tv_sec: number; tv_nsec: number } => ({
  tv_sec: Number(ns / NS),
  tv_nsec: Number(ns % NS),
});
export const toTimeval = (ns: bigint): { tv_sec: number; tv_usec: number } => ({
  tv_sec: Number(ns / NS),
  tv_usec: Number((ns % NS) / 1000n),
});
export const fromSeconds = (sec: number, nsec: number): bigint =>
  BigInt(Math.min(sec, MOST_SECONDS)) * NS + BigInt(nsec);

/** A timespec in nanoseconds: EFAULT, EINVAL. */
export function readTimespec(t: Thread, at: number): bigint | Errno {
  const ts = t.user.get(T.timespec, at);
  if (ts instanceof Errno) return EFAULT;
  if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1e9) return EINVAL;
  return fromSeconds(ts.tv_sec, ts.tv_nsec);
}

/** A clock that programs may name. */
export interface Clock {
  now(): bigint;
  readonly resolution: bigint;
  /** How far CLOCK_MONOTONIC is behind it now; undefined for CPU time, which stands still while its task sleeps. */
  readonly ahead: bigint | undefined;
  /** CPU time: whose. */
  readonly of?: Process | Thread;
  /** What else it does: sleeping until a time, timers. */
  readonly sleeps: boolean;
  readonly timers: boolean;
}
const COARSE = 4_000_000n;

const onKernel = (t: Thread, real: boolean, resolution: bigint, sleeps: boolean): Clock => ({
  now: () => (real ? t.kernel.realtime() : t.kernel.monotonic()),
  resolution,
  ahead: real ? t.kernel.realtime() - t.kernel.monotonic() : 0n,
  sleeps,
  timers: sleeps,
});
const ofProcess = (p: Process, resolution = 1n): Clock => ({
  now: () => {
    p.kernel.charge();
    return p.cpuTime.user + p.cpuTime.system;
  },
  resolution,
  ahead: undefined,
  of: p,
  sleeps: true,
  timers: true,
});
const ofThread = (of: Thread, sleeps: boolean, resolution = 1n): Clock => ({
  now: () => {
    of.kernel.charge();
    return of.cpuTime;
  },
  resolution,
  ahead: undefined,
  of,
  sleeps,
  timers: true,
});

const CPUCLOCK_PERTHREAD = 4;
const CPUCLOCK_KINDS = 3;

/** The clock of a number; undefined where there is none. */
export function clockOf(t: Thread, id: number): Clock | undefined {
  if (id < 0) return cpuClockOf(t, id);
  switch (id) {
    case T.CLOCK_REALTIME:
    case T.CLOCK_TAI:
      return onKernel(t, true, 1n, true);
    case T.CLOCK_REALTIME_COARSE:
      return onKernel(t, true, COARSE, false);
    case T.CLOCK_MONOTONIC:
    case T.CLOCK_BOOTTIME:
      return onKernel(t, false, 1n, true);
    case T.CLOCK_MONOTONIC_RAW:
      return onKernel(t, false, 1n, false);
    case T.CLOCK_MONOTONIC_COARSE:
      return onKernel(t, false, COARSE, false);
    case T.CLOCK_PROCESS_CPUTIME_ID:
      return ofProcess(t.process);
    case T.CLOCK_THREAD_CPUTIME_ID:
      return ofThread(t, false);
    default:
      return undefined;
  }
}
/** Clocks of other tasks and processes: ~pid, three bits of what (clock_getcpuclockid(3)). */
function cpuClockOf(t: Thread, id: number): Clock | undefined {
  const kind = id & CPUCLOCK_KINDS;
  if (kind === CPUCLOCK_KINDS) return undefined;
  const resolution = kind === 2 ? 1n : COARSE;
  const whose = ~(id >> 3);
  if (id & CPUCLOCK_PERTHREAD) {
    const of = whose === 0 ? t : t.kernel.threads.get(whose);
    return of?.process === t.process ? ofThread(of, true, resolution) : undefined;
  }
  const of = whose === 0 ? t.process : t.kernel.processes.get(whose);
  return of && ofProcess(of, resolution);
}
