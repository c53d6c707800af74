// epoll's calls.
import { EBADF, EFAULT, EINTR, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import * as P from '../../abi/poll.ts';
import { layout } from '../../abi/struct.ts';
import { timespec, timespec64 } from '../../abi/time.ts';
import { enumOf, fd, flags, int, pin, pout, sigset, size } from '../../abi/type.ts';
import { EpollFile } from '../epoll.ts';
import { inUserRange } from '../io.ts';
import { giveUpIn, type Limit, pollable, readLimit, restoreMask, setMask, timedOut } from '../poll.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

const EVENT = layout(P.epollEvent, 'x64').size;
const create = (t: Thread, cloexec: boolean): Result => t.files.install(new EpollFile(), cloexec);

export const epoll_create = syscall({
  name: 'epoll_create',
  nr: { x64: 213, i386: 254 },
  class: 'poll',
  args: { size: int },
  returns: fd,
  run: (t, { size }) => (size <= 0 ? EINVAL : create(t, false)),
});
export const epoll_create1 = syscall({
  name: 'epoll_create1',
  nr: { x64: 291, i386: 329 },
  class: 'poll',
  args: { flags: flags(P.epollCreateFlags) },
  returns: fd,
  run: (t, { flags }) => (flags & ~P.EPOLL_CLOEXEC ? EINVAL : create(t, flags !== 0)),
});

/** What an exclusive item may wait for. */
const EXCLUSIVE_OK = P.POLLIN | P.POLLOUT | P.POLLERR | P.POLLHUP | P.EPOLLWAKEUP | P.EPOLLET | P.EPOLLEXCLUSIVE;
export const epoll_ctl = syscall({
  name: 'epoll_ctl',
  nr: { x64: 233, i386: 255 },
  class: 'poll',
  args: { epfd: fd, op: enumOf(P.epollOps), fd, event: pin(P.epollEvent) },
  run(t, a) {
    const event = a.op === P.EPOLL_CTL_DEL ? { events: 0, data: 0n } : t.user.get(P.epollEvent, a.event);
    if (event instanceof Errno) return EFAULT;
    const set = pollable(t, a.epfd);
    const file = pollable(t, a.fd);
    if (!set || !file) return EBADF;
    if (file.poll() === undefined) return EPERM;
    if (set === file || !(set instanceof EpollFile)) return EINVAL;
    if (event.events & P.EPOLLEXCLUSIVE) {
      if (a.op === P.EPOLL_CTL_MOD) return EINVAL;
      if (a.op === P.EPOLL_CTL_ADD && (file instanceof EpollFile || event.events & ~EXCLUSIVE_OK)) return EINVAL;
    }
    switch (a.op) {
      case P.EPOLL_CTL_ADD:
        return set.add(file, a.fd, event.events, event.data) ?? 0;
      case P.EPOLL_CTL_MOD:
        return set.modify(file, a.fd, event.events, event.data) ?? 0;
      case P.EPOLL_CTL_DEL:
        return set.delete(file, a.fd) ?? 0;
      default:
        return EINVAL;
    }
  },
});

interface WaitArgs {
  readonly epfd: number;
  readonly events: number;
  readonly maxevents: number;
}
function wait(t: Thread, a: WaitArgs): Result {
  const set = pollable(t, a.epfd);
  if (!set) return EBADF;
  if (a.maxevents <= 0 || a.maxevents > Math.floor(0x7fff_ffff / EVENT)) return EINVAL;
  if (!inUserRange(a.events, a.maxevents * EVENT)) return EFAULT;
  if (!(set instanceof EpollFile)) return EINVAL;
  const out = new Uint8Array(EVENT);
  const v = new DataView(out.buffer);
  const n = set.take(a.maxevents, (i, events, data) => {
    v.setUint32(0, events, true);
    v.setBigUint64(4, data, true);
    return t.user.put(a.events + i * EVENT, out) === undefined;
  });
  if (n !== 0 || timedOut(t)) return n;
  return t.interrupted ? EINTR : new Block([set.waiting], t.deadline, EINTR);
}
/** The limit and the mask are looked at in a call's first run; `progress` says that it was. */
function waitMasked(t: Thread, a: WaitArgs & { sigmask: number; sigsetsize: number }): Result {
  if (t.progress === undefined) {
    const refused = setMask(t, a.sigmask, a.sigsetsize);
    if (refused) return refused;
    t.progress = 'waiting';
  }
  const r = wait(t, a);
  if (typeof r === 'number' || (r instanceof Errno && r !== EINTR)) restoreMask(t);
  return r;
}
function inMilliseconds(t: Thread, timeout: number): void {
  if (timeout >= 0) giveUpIn(t, BigInt(timeout) * 1_000_000n);
}

const events = pout(P.epollEvent, { ret: true });
export const epoll_wait = syscall({
  name: 'epoll_wait',
  nr: { x64: 232, i386: 256 },
  class: 'poll',
  args: { epfd: fd, events, maxevents: int, timeout: int },
  run(t, a) {
    inMilliseconds(t, a.timeout);
    return wait(t, a);
  },
});
const masked = { sigmask: sigset('in'), sigsetsize: size };
export const epoll_pwait = syscall({
  name: 'epoll_pwait',
  nr: { x64: 281, i386: 319 },
  class: 'poll',
  args: { epfd: fd, events, maxevents: int, timeout: int, ...masked },
  run(t, a) {
    inMilliseconds(t, a.timeout);
    return waitMasked(t, a);
  },
});
function wait2(t: Thread, a: WaitArgs & { timeout: number; sigmask: number; sigsetsize: number }, kind: Limit['kind']) {
  if (t.progress === undefined) {
    const r = readLimit(t, { at: a.timeout, kind });
    if (r instanceof Errno) return r;
  }
  return waitMasked(t, a);
}
export const epoll_pwait2 = syscall({
  name: 'epoll_pwait2',
  nr: { x64: 441 },
  class: 'poll',
  args: { epfd: fd, events, maxevents: int, timeout: pin(timespec), ...masked },
  run: (t, a) => wait2(t, a, 'timespec'),
});
export const epoll_pwait2_i386 = syscall({
  name: 'epoll_pwait2',
  nr: { i386: 441 },
  class: 'poll',
  args: { epfd: fd, events, maxevents: int, timeout: pin(timespec64), ...masked },
  run: (t, a) => wait2(t, a, 'timespec64'),
});
