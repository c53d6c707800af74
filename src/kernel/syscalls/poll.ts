// poll(2) and ppoll(2) (fs/select.c).
import { EFAULT, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import { POLLERR, POLLHUP, pollfd } from '../../abi/poll.ts';
import { RLIMIT_NOFILE } from '../../abi/resource.ts';
import { timespec, timespec64 } from '../../abi/time.ts';
import { int, pinout, sigset, size, uint } from '../../abi/type.ts';
import { finish, giveUpIn, type Limit, pollable, Queues, readiness, readLimit, setMask, timedOut } from '../poll.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import type { Block } from '../wait.ts';

const POLLFD = 8;
/** struct pollfd's members in the progress of a call: as the program gave them at its start. */
class Polled {
  readonly view: DataView;
  /** ppoll: the limit was zero. */
  zero = false;
  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.slice().buffer);
  }
}

function begin(t: Thread, fds: number, nfds: number): Polled | Errno {
  if (nfds > (t.process.limits[RLIMIT_NOFILE]?.cur ?? 0)) return EINVAL;
  const bytes = t.user.bytes(fds, nfds * POLLFD);
  return bytes instanceof Errno ? EFAULT : new Polled(bytes);
}
/** Looks at all; sleeps if nothing holds. ERESTARTNOHAND when interrupted. */
function look(t: Thread, p: Polled, fds: number): number | Errno | Block {
  t.progress = p;
  const { view } = p;
  const queues = new Queues();
  let count = 0;
  for (let at = 0; at < view.byteLength; at += POLLFD) {
    const fd = view.getInt32(at, true);
    let revents = 0;
    if (fd >= 0) {
      const file = pollable(t, fd);
      revents = readiness(file);
      if (file) revents &= view.getUint16(at + 4, true) | POLLERR | POLLHUP;
      queues.add(file);
    }
    view.setUint16(at + 6, revents, true);
    if (revents) count++;
  }
  if (count === 0 && !t.interrupted && !timedOut(t)) return queues.block(t);
  const refused = giveBack(t, view, fds);
  if (refused) return refused;
  return count === 0 && t.interrupted ? ERESTARTNOHAND : count;
}
/** The results alone are written: the rest of the array may be read-only for all Linux cares. */
function giveBack(t: Thread, view: DataView, fds: number): Errno | undefined {
  for (let at = 0; at < view.byteLength; at += POLLFD)
    if (t.user.put(fds + at + 6, new Uint8Array(view.buffer, at + 6, 2))) return EFAULT;
  return undefined;
}

const fds = pinout(pollfd, { arg: 'nfds' });
export const poll = syscall({
  name: 'poll',
  nr: { x64: 7, i386: 168 },
  class: 'poll',
  args: { fds, nfds: uint, timeout: int },
  run(t, { fds, nfds, timeout }) {
    if (timeout >= 0) giveUpIn(t, BigInt(timeout) * 1_000_000n);
    const p = t.progress instanceof Polled ? t.progress : begin(t, fds, nfds);
    const r = p instanceof Errno ? p : look(t, p, fds);
    return r === ERESTARTNOHAND ? ERESTART_RESTARTBLOCK : r;
  },
});

interface PpollArgs {
  readonly fds: number;
  readonly nfds: number;
  readonly tmo_p: number;
  readonly sigmask: number;
  readonly sigsetsize: number;
}
function pollWithMask(t: Thread, a: PpollArgs, kind: Limit['kind']): Result {
  const limit = { at: a.tmo_p, kind };
  let p = t.progress instanceof Polled ? t.progress : undefined;
  if (!p) {
    const zero = readLimit(t, limit);
    if (zero instanceof Errno) return zero;
    const refused = setMask(t, a.sigmask, a.sigsetsize);
    if (refused) return refused;
    const made = begin(t, a.fds, a.nfds);
    if (made instanceof Errno) return finish(t, limit, zero, made);
    p = made;
    p.zero = zero;
  }
  const r = look(t, p, a.fds);
  return typeof r === 'number' || r instanceof Errno ? finish(t, limit, p.zero, r) : r;
}
const masked = { sigmask: sigset('in'), sigsetsize: size };
export const ppoll = syscall({
  name: 'ppoll',
  nr: { x64: 271, i386: 309 },
  class: 'poll',
  args: { fds, nfds: uint, tmo_p: pinout(timespec), ...masked },
  run: (t, a) => pollWithMask(t, a, 'timespec'),
});
export const ppoll_time64 = syscall({
  name: 'ppoll_time64',
  nr: { i386: 414 },
  class: 'poll',
  args: { fds, nfds: uint, tmo_p: pinout(timespec64), ...masked },
  run: (t, a) => pollWithMask(t, a, 'timespec64'),
});
