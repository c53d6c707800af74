// Moving data and waiting for it: vectors of buffers, poll, select, epoll.
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, signed, unsigned } from '../number.ts';
import { type CallDecoder, type Decoders, type Show, showArray } from '../shape.ts';
import { flagText } from '../xlat.ts';
import { sigsetText } from './signal.ts';
import { timespec, timespecAt, timeval } from './time.ts';

// --- vectors
/** Buffers: `filled` bytes of them hold data; undefined: all they have. */
export function vector(c: Context, at: number, n: number, filled: number | undefined): void {
  let left = filled ?? Number.POSITIVE_INFINITY;
  showArray(c, at, n, 16, (_c, v, o) => {
    const base = c.pointerAt(v, o);
    const length = v.getUint32(o + 8, true) + v.getUint32(o + 12, true) * 0x1_0000_0000;
    c.w.open('{');
    c.w.field('iov_base');
    if (filled !== undefined && c.failed) c.address(base);
    else {
      const here = Math.min(length, left);
      left -= here;
      c.buffer(base, here);
    }
    c.w.field('iov_len');
    c.w.number(unsigned(v.getUint32(o + 8, true), v.getUint32(o + 12, true)));
    c.w.close('}');
  });
}
const gather: Show = (c, lo, hi) => vector(c, hi * 0x1_0000_0000 + lo, c.number(2), undefined);
const scatter: Show = (c, lo, hi) => vector(c, hi * 0x1_0000_0000 + lo, c.number(2), c.failed ? 0 : c.result);
const position: Show = (c, lo, hi) => c.w.number(signed(lo, hi));
/** The offset comes in two registers, of which x86-64 uses the first; it is one number to whoever reads. */
const placed = { given: { pos_h: () => false } };
/** Vectors of this task's memory, and of another's, which aren't followed. */
const across = (read: boolean): CallDecoder => {
  const local: Show = (c, lo, hi) =>
    vector(c, hi * 0x1_0000_0000 + lo, c.number(2), read ? (c.failed ? 0 : c.result) : undefined);
  const remote: Show = (c, lo, hi) =>
    showArray(c, hi * 0x1_0000_0000 + lo, c.number(4), 16, (_c, v, o) => {
      c.w.open('{');
      c.w.field('iov_base');
      c.address(c.pointerAt(v, o));
      c.w.field('iov_len');
      c.w.number(unsigned(v.getUint32(o + 8, true), v.getUint32(o + 12, true)));
      c.w.close('}');
    });
  return { args: { local_iov: local, remote_iov: remote }, ...(read ? { late: ['local_iov'] } : {}) };
};
const writing: CallDecoder = { args: { iov: gather, vec: gather, pos_l: position }, ...placed };
const reading: CallDecoder = { args: { iov: scatter, vec: scatter, pos_l: position }, late: ['iov', 'vec'], ...placed };

/** sendfile's offset: where it began, and where it got to if that is elsewhere. */
const sendfile: CallDecoder = {
  enter(c) {
    c.w.argument('out_fd');
    c.fd(c.int(0));
    c.w.argument('in_fd');
    c.fd(c.int(1));
    c.w.argument('offset');
    const v = c.number(2) === 0 ? undefined : c.view(c.number(2), 8);
    if (v) {
      c.kept = v.getBigInt64(0, true);
      c.w.sign(`[${c.kept}]`);
    } else c.address(c.number(2));
    if (v) return false;
    c.w.sign(`, ${unsigned(c.uint(3), c.high(3))}`);
    return true;
  },
  leave(c) {
    if (c.kept === undefined) return;
    const v = c.failed ? undefined : c.view(c.number(2), 8);
    const now = v?.getBigInt64(0, true);
    if (now !== undefined && now !== c.kept) c.w.sign(` => [${now}]`);
    c.w.sign(`, ${unsigned(c.uint(3), c.high(3))}`);
  },
};

// --- poll
const pollBits = names('POLL???', {
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDNORM: 64,
  POLLRDBAND: 128,
  POLLWRNORM: 256,
  POLLWRBAND: 512,
  POLLMSG: 1024,
  POLLREMOVE: 4096,
  POLLRDHUP: 8192,
  POLL_BUSY_LOOP: 32768,
});
const pollfds: Show = (c, lo, hi) =>
  showArray(c, hi * 0x1_0000_0000 + lo, c.uint(1), 8, (_c, v, at) => {
    const fd = v.getInt32(at, true);
    c.w.open('{');
    c.w.field('fd');
    c.fd(fd);
    if (fd >= 0) {
      c.w.field('events');
      c.w.flags(pollBits, v.getUint16(at + 4, true));
    }
    c.w.close('}');
  });
/** The descriptors that have something, as the result's note. */
function polled(c: Context): string {
  const at = c.number(0);
  const found: string[] = [];
  for (let i = 0; i < c.uint(1) && found.length < c.result; i++) {
    const v = c.view(at + 8 * i, 8);
    if (!v) return `${found.join(', ')}...`;
    const revents = v.getUint16(6, true);
    if (!revents) continue;
    if (c.abbreviate && found.length >= c.options.stringLimit) {
      found.push('...');
      break;
    }
    found.push(`{fd=${c.fdText(v.getInt32(0, true))}, revents=${flagText(pollBits, revents, 0, c.options.constants)}}`);
  }
  return `[${found.join(', ')}]`;
}
const outcome = (c: Context): undefined => {
  c.note = c.result === 0 ? 'Timeout' : polled(c);
  return undefined;
};
/** What is left of a timeout. */
function left(c: Context, at: number, form: typeof timespec): string {
  const v = at === 0 ? undefined : c.view(at, 16);
  if (!v) return '';
  const before = c.w.out;
  c.w.out = '';
  form(c, v, 0);
  const text = c.w.out;
  c.w.out = before;
  return `left ${text}`;
}

// --- select
/** Descriptors in a set, or undefined where it can't be read. */
function members(c: Context, at: number, nfds: number): number[] | undefined {
  const bytes = Math.ceil(Math.max(0, Math.min(nfds, 1024)) / 64) * 8;
  const b = c.bytes(at, bytes);
  if (!b) return undefined;
  const set: number[] = [];
  for (let fd = 0; fd < Math.min(nfds, 1024); fd++) if (((b[fd >> 3] as number) >> (fd & 7)) & 1) set.push(fd);
  return set;
}
const SETS = ['in', 'out', 'except'] as const;
const fdset: Show = (c, lo, hi) => {
  const set = (lo | hi) === 0 || c.int(0) < 0 ? undefined : members(c, hi * 0x1_0000_0000 + lo, c.int(0));
  if (!set) return c.w.address(lo, hi);
  c.w.sign(`[${set.map((fd) => c.fdText(fd)).join(' ')}]`);
};
const selected =
  (form: typeof timespec) =>
  (c: Context): undefined => {
    if (c.result === 0) {
      c.note = 'Timeout';
      return undefined;
    }
    const parts = SETS.flatMap((name, i) => {
      const at = c.number(1 + i);
      const set = at === 0 ? undefined : members(c, at, c.int(0));
      return set?.length ? [`${name} [${set.map((fd) => c.fdText(fd)).join(' ')}]`] : [];
    });
    const rest = left(c, c.number(4), form);
    if (rest) parts.push(rest);
    c.note = parts.join(', ');
    return undefined;
  };
const sets = { readfds: fdset, writefds: fdset, exceptfds: fdset, inp: fdset, outp: fdset, exp: fdset };
const setsEarly = ['readfds', 'writefds', 'exceptfds', 'inp', 'outp', 'exp', 'timeout', 'tvp', 'tsp', 'sigmask', 'sig'];
const timespecShow: Show = (c, lo, hi) => timespecAt(c, hi * 0x1_0000_0000 + lo);
const timevalShow: Show = (c, lo, hi) => {
  const v = (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, 16);
  if (v) timeval(c, v, 0);
  else c.w.address(lo, hi);
};

/** pselect6's sixth argument: a pointer to a mask and its size. */
const maskBehind: Show = (c, lo, hi) => {
  const v = (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, 2 * c.word);
  if (!v) return c.w.address(lo, hi);
  const at = c.pointerAt(v, 0);
  const mask = at === 0 ? undefined : c.view(at, 8);
  c.w.open('{');
  c.w.field('sigmask');
  if (mask) c.w.sign(sigsetText(mask.getUint32(0, true), mask.getUint32(4, true)));
  else c.address(at);
  c.w.field('sigsetsize');
  c.w.number(String(c.pointerAt(v, c.word)));
  c.w.close('}');
};

// --- epoll
const epollBits = names('EPOLL???', {
  EPOLLIN: 1,
  EPOLLPRI: 2,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 16,
  EPOLLNVAL: 32,
  EPOLLRDNORM: 64,
  EPOLLRDBAND: 128,
  EPOLLWRNORM: 256,
  EPOLLWRBAND: 512,
  EPOLLMSG: 1024,
  EPOLLRDHUP: 8192,
  EPOLLEXCLUSIVE: 0x10000000,
  EPOLLWAKEUP: 0x20000000,
  EPOLLONESHOT: 0x40000000,
  EPOLLET: 0x80000000,
});
/** struct epoll_event, which is packed on x86-64. */
function epollEvent(c: Context, v: DataView, at: number): void {
  c.w.open('{');
  c.w.field('events');
  c.w.flags(epollBits, v.getUint32(at, true));
  c.w.field('data');
  const lo = v.getUint32(at + 4, true);
  c.w.sign(`{u32=${lo}, u64=${unsigned(lo, v.getUint32(at + 8, true))}}}`);
}
const EPOLL_CTL_DEL = 2;
const epollCtl: Show = (c, lo, hi) => {
  const v = (lo | hi) === 0 || c.uint(1) === EPOLL_CTL_DEL ? undefined : c.view(hi * 0x1_0000_0000 + lo, 12);
  if (v) epollEvent(c, v, 0);
  else c.w.address(lo, hi);
};
const epollEvents: Show = (c, lo, hi) => {
  if (c.failed) c.w.address(lo, hi);
  else showArray(c, hi * 0x1_0000_0000 + lo, c.result, 12, epollEvent);
};
const epollWaiting: CallDecoder = { args: { events: epollEvents }, late: ['events'] };

export const io: Decoders = {
  integers: {
    pollbits: (c, lo) => c.w.flags(pollBits, lo),
  },
  decoders: { pselect6_sigmask: () => maskBehind, fd_set: () => fdset },
  calls: {
    writev: writing,
    pwritev: writing,
    pwritev2: writing,
    vmsplice: writing,
    readv: reading,
    preadv: reading,
    preadv2: reading,
    sendfile,
    process_vm_readv: across(true),
    process_vm_writev: across(false),
    poll: { args: { fds: pollfds, ufds: pollfds }, early: ['fds', 'ufds'], result: outcome },
    ppoll: {
      args: { fds: pollfds, ufds: pollfds, tmo_p: timespecShow, tsp: timespecShow },
      early: ['fds', 'ufds', 'tmo_p', 'tsp', 'sigmask'],
      result: (c) => {
        outcome(c);
        if (c.result > 0) c.note = [c.note, left(c, c.number(2), timespec)].filter(Boolean).join(', ');
        return undefined;
      },
    },
    select: { args: { ...sets, timeout: timevalShow, tvp: timevalShow }, early: setsEarly, result: selected(timeval) },
    pselect6: {
      args: { ...sets, timeout: timespecShow, tsp: timespecShow },
      early: setsEarly,
      result: selected(timespec),
    },
    epoll_ctl: { args: { event: epollCtl } },
    epoll_wait: epollWaiting,
    epoll_pwait: epollWaiting,
    epoll_pwait2: epollWaiting,
    lseek: { args: { offset: (c, lo, hi) => c.w.number(signed(lo, hi)) } },
    copy_file_range: { args: { flags: (c, lo) => c.w.number(hex(lo, 0)) } },
  },
};
