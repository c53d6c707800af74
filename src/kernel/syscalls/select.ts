// select(2) and pselect(2) (fs/select.c).
import { EBADF, EFAULT, EINVAL, ERESTARTNOHAND, Errno } from '../../abi/errno.ts';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../../abi/poll.ts';
import { struct } from '../../abi/struct.ts';
import { timespec, timespec64, timeval } from '../../abi/time.ts';
import { addr, custom, int, long, pin, pinout, size } from '../../abi/type.ts';
import { finish, type Limit, pollable, Queues, readiness, readLimit, setMask, timedOut } from '../poll.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

/** Which poll bits make a descriptor a member of the three sets of results. */
const MEANT = [
  POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL,
  POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL,
  POLLPRI | POLLNVAL,
] as const;

interface Sets {
  readonly n: number;
  readonly in: readonly Uint8Array[];
  readonly at: readonly number[];
  readonly zero: boolean;
}
interface SelectArgs {
  readonly nfds: number;
  readonly readfds: number;
  readonly writefds: number;
  readonly exceptfds: number;
  readonly timeout: number;
}

function begin(t: Thread, a: SelectArgs, zero: boolean): Sets | Errno {
  if (a.nfds < 0) return EINVAL;
  const n = Math.min(a.nfds, t.files.capacity);
  const word = t.abi === 'x64' ? 8 : 4;
  const bytes = Math.ceil(n / (8 * word)) * word;
  const at = [a.readfds, a.writefds, a.exceptfds];
  const sets: Uint8Array[] = [];
  for (const p of at) {
    const set = p === 0 ? new Uint8Array(bytes) : t.user.bytes(p, bytes);
    if (set instanceof Errno) return EFAULT;
    sets.push(set.slice());
  }
  for (let fd = 0; fd < n; fd++) if (sets.some((s) => has(s, fd)) && t.files.get(fd) instanceof Errno) return EBADF;
  return { n, in: sets, at, zero };
}
const has = (set: Uint8Array, fd: number): boolean => (((set[fd >> 3] as number) >> (fd & 7)) & 1) === 1;

function look(t: Thread, s: Sets): Result {
  t.progress = s;
  const queues = new Queues();
  const out = s.in.map((b) => new Uint8Array(b.length));
  let count = 0;
  for (let fd = 0; fd < s.n; fd++) {
    if (!s.in.some((set) => has(set, fd))) continue;
    const file = pollable(t, fd);
    const ready = readiness(file);
    queues.add(file);
    for (let k = 0; k < 3; k++) {
      const set = out[k] as Uint8Array;
      if (!has(s.in[k] as Uint8Array, fd) || !(ready & (MEANT[k] as number))) continue;
      set[fd >> 3] = (set[fd >> 3] as number) | (1 << (fd & 7));
      count++;
    }
  }
  if (count === 0 && t.interrupted) return ERESTARTNOHAND;
  if (count === 0 && !timedOut(t)) return queues.block(t);
  for (let k = 0; k < 3; k++) {
    const at = s.at[k] as number;
    if (at !== 0 && t.user.put(at, out[k] as Uint8Array)) return EFAULT;
  }
  return count;
}
const isSets = (p: unknown): p is Sets => typeof p === 'object' && p !== null && 'in' in p && 'zero' in p;

function selectFiles(t: Thread, a: SelectArgs, kind: Limit['kind'], mask?: () => Errno | undefined): Result {
  const limit = { at: a.timeout, kind };
  let s = isSets(t.progress) ? t.progress : undefined;
  if (!s) {
    const zero = readLimit(t, limit);
    if (zero instanceof Errno) return zero;
    const refused = mask?.();
    if (refused) return refused;
    const made = begin(t, a, zero);
    if (made instanceof Errno) return finish(t, limit, zero, made);
    s = made;
  }
  const r = look(t, s);
  return typeof r === 'number' || r instanceof Errno ? finish(t, limit, s.zero, r) : r;
}

const set = custom('fd_set', 'inout', { arg: 'nfds' });
const sets = { nfds: int, readfds: set, writefds: set, exceptfds: set };
export const select = syscall({
  name: 'select',
  nr: { x64: 23 },
  class: 'poll',
  args: { ...sets, timeout: pinout(timeval) },
  run: (t, a) => selectFiles(t, a, 'timeval'),
});
export const newselect = syscall({
  name: '_newselect',
  nr: { i386: 142 },
  class: 'poll',
  args: { ...sets, timeout: pinout(timeval) },
  run: (t, a) => selectFiles(t, a, 'timeval'),
});
/** i386's first one: its five arguments in memory. */
const oldArgs = struct('sel_arg_struct', { nfds: long, readfds: addr, writefds: addr, exceptfds: addr, timeout: addr });
export const oldSelect = syscall({
  name: 'select',
  nr: { i386: 82 },
  class: 'poll',
  args: { arg: pin(oldArgs) },
  run(t, { arg }) {
    const a = t.user.get(oldArgs, arg);
    return a instanceof Errno ? EFAULT : selectFiles(t, a, 'timeval');
  },
});

/** pselect6's last argument: where the mask is, and its size. */
const sigsetPointer = struct('sigset_argpack', { ss: addr, ss_len: size });
function maskBehind(t: Thread, at: number): Errno | undefined {
  if (at === 0) return undefined;
  const p = t.user.get(sigsetPointer, at);
  return p instanceof Errno ? EFAULT : setMask(t, p.ss, p.ss_len);
}
const sigmask = custom('pselect6_sigmask', 'in');
export const pselect6 = syscall({
  name: 'pselect6',
  nr: { x64: 270, i386: 308 },
  class: 'poll',
  args: { ...sets, timeout: pinout(timespec), sigmask },
  run: (t, a) => selectFiles(t, a, 'timespec', () => maskBehind(t, a.sigmask)),
});
export const pselect6_time64 = syscall({
  name: 'pselect6_time64',
  nr: { i386: 413 },
  class: 'poll',
  args: { ...sets, timeout: pinout(timespec64), sigmask },
  run: (t, a) => selectFiles(t, a, 'timespec64', () => maskBehind(t, a.sigmask)),
});
