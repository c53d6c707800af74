// Waiting for several files at once: what poll, select and epoll have in common, and the calls with a signal mask and a time limit.
import { EFAULT, EINTR, EINVAL, ERESTARTNOHAND, Errno } from '../abi/errno.ts';
import { O_PATH } from '../abi/open.ts';
import { ALWAYS, POLLNVAL } from '../abi/poll.ts';
import { UNBLOCKABLE } from '../abi/signal.ts';
import { timespec, timespec64, timeval } from '../abi/time.ts';
import type { OpenFile } from './fs/vfs.ts';
import type { Thread } from './thread.ts';
import { Block, type WaitQueue } from './wait.ts';

/** The file of a descriptor that may be waited for. */
export function pollable(t: Thread, fd: number): OpenFile | undefined {
  const file = t.files.get(fd);
  return file instanceof Errno || file.flags & O_PATH ? undefined : file;
}
export const readiness = (file: OpenFile | undefined): number => (file ? (file.poll() ?? ALWAYS) : POLLNVAL);

/** The queues of several files, each once. */
export class Queues {
  readonly #set = new Set<WaitQueue>();
  add(file: OpenFile | undefined): void {
    if (file) this.#set.add(file.queue);
  }
  block(t: Thread): Block {
    return new Block([...this.#set], t.deadline);
  }
}

/** Sets when a call gives up, at its first run; nanoseconds, undefined for never. */
export function giveUpIn(t: Thread, ns: bigint | undefined): void {
  if (ns !== undefined) t.deadline ??= t.kernel.monotonic() + ns;
}
export const timedOut = (t: Thread): boolean => t.deadline !== undefined && t.kernel.monotonic() >= t.deadline;

/** The signal mask that a call asks for while it sleeps (set_user_sigmask): at its first run. */
export function setMask(t: Thread, at: number, size: number): Errno | undefined {
  if (at === 0) return undefined;
  if (size !== 8) return EINVAL;
  const bytes = t.user.bytes(at, 8);
  if (bytes instanceof Errno) return EFAULT;
  t.savedMask ??= t.blocked;
  t.blocked = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) & ~UNBLOCKABLE;
  return undefined;
}
/** The call is over without having been interrupted: signals that come now see the task's own mask again. */
export function restoreMask(t: Thread): void {
  if (t.savedMask === undefined) return;
  t.blocked = t.savedMask;
  t.savedMask = undefined;
}

/** A time limit as the program gave it, where what is left of it may be written back. */
export interface Limit {
  readonly at: number;
  readonly kind: 'timespec' | 'timespec64' | 'timeval';
}
const NS = 1_000_000_000n;
/** Reads a limit and sets when the call gives up. `true`: a limit of zero. */
export function readLimit(t: Thread, { at, kind }: Limit): boolean | Errno {
  if (at === 0) return false;
  let sec: number;
  let nsec: number;
  if (kind === 'timeval') {
    const tv = t.user.get(timeval, at);
    if (tv instanceof Errno) return EFAULT;
    sec = tv.tv_sec + Math.trunc(tv.tv_usec / 1e6);
    nsec = (tv.tv_usec % 1e6) * 1000;
  } else {
    const ts = t.user.get(kind === 'timespec' ? timespec : timespec64, at);
    if (ts instanceof Errno) return EFAULT;
    sec = ts.tv_sec;
    nsec = ts.tv_nsec;
  }
  if (sec < 0 || nsec < 0 || nsec >= 1e9) return EINVAL;
  giveUpIn(t, BigInt(Math.min(sec, 9e9)) * NS + BigInt(nsec));
  return sec === 0 && nsec === 0;
}
/** Writes back what is left (poll_select_finish). A program that can't be told must not see its call made again, so EINTR then. */
export function finish(t: Thread, { at, kind }: Limit, zero: boolean, result: number | Errno): number | Errno {
  if (result !== ERESTARTNOHAND) restoreMask(t);
  if (at === 0 || zero || t.deadline === undefined) return result;
  const rest = t.deadline - t.kernel.monotonic();
  const left = rest > 0n ? rest : 0n;
  const tv_sec = Number(left / NS);
  const tv_nsec = Number(left % NS);
  const failed =
    kind === 'timeval'
      ? t.user.set(timeval, at, { tv_sec, tv_usec: Math.trunc(tv_nsec / 1000) })
      : t.user.set(kind === 'timespec' ? timespec : timespec64, at, { tv_sec, tv_nsec });
  return failed && result === ERESTARTNOHAND ? EINTR : result;
}
