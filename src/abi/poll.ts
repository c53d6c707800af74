// What poll(2), select(2) and epoll(7) wait for (asm-generic/poll.h, linux/eventpoll.h).
import { struct } from './struct.ts';
import { big64, fd, flags, names, s16 } from './type.ts';

export const POLLIN = 1,
  POLLPRI = 2,
  POLLOUT = 4,
  POLLERR = 8,
  POLLHUP = 16,
  POLLNVAL = 32,
  POLLRDNORM = 64,
  POLLRDBAND = 128,
  POLLWRNORM = 256,
  POLLWRBAND = 512,
  POLLRDHUP = 0x2000;
export const pollFlags = names('POLL', {
  POLLIN,
  POLLPRI,
  POLLOUT,
  POLLERR,
  POLLHUP,
  POLLNVAL,
  POLLRDNORM,
  POLLRDBAND,
  POLLWRNORM,
  POLLWRBAND,
  POLLMSG: 0x400,
  POLLREMOVE: 0x1000,
  POLLRDHUP,
});
/** What holds of a file that nobody can wait for. */
export const ALWAYS = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

const events = { ...s16, show: 'flags', names: pollFlags } as const;
export const pollfd = struct('pollfd', { fd, events, revents: events });

export const EPOLLEXCLUSIVE = 1 << 28,
  EPOLLWAKEUP = 1 << 29,
  EPOLLONESHOT = 1 << 30,
  EPOLLET = 2 ** 31;
export const epollEvents = names('EPOLL', {
  EPOLLIN: POLLIN,
  EPOLLPRI: POLLPRI,
  EPOLLOUT: POLLOUT,
  EPOLLRDNORM: POLLRDNORM,
  EPOLLRDBAND: POLLRDBAND,
  EPOLLWRNORM: POLLWRNORM,
  EPOLLWRBAND: POLLWRBAND,
  EPOLLMSG: 0x400,
  EPOLLERR: POLLERR,
  EPOLLHUP: POLLHUP,
  EPOLLRDHUP: POLLRDHUP,
  EPOLLEXCLUSIVE,
  EPOLLWAKEUP,
  EPOLLONESHOT,
  EPOLLET,
});
export const EPOLL_CTL_ADD = 1,
  EPOLL_CTL_DEL = 2,
  EPOLL_CTL_MOD = 3;
export const epollOps = names('EPOLL_CTL', { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD });
export const EPOLL_CLOEXEC = 0o2000000;
export const epollCreateFlags = names('EPOLL', { EPOLL_CLOEXEC });
/** Packed on x86-64, so that it is the same for both ABIs: 12 bytes. */
export const epollEvent = struct('epoll_event', { events: flags(epollEvents), data: big64 }, true);

export const EFD_SEMAPHORE = 1,
  EFD_CLOEXEC = 0o2000000,
  EFD_NONBLOCK = 0o4000;
export const eventfdFlags = names('EFD', { EFD_SEMAPHORE, EFD_CLOEXEC, EFD_NONBLOCK });
export const TFD_TIMER_ABSTIME = 1,
  TFD_TIMER_CANCEL_ON_SET = 2,
  TFD_CLOEXEC = 0o2000000,
  TFD_NONBLOCK = 0o4000;
export const timerfdFlags = names('TFD', { TFD_CLOEXEC, TFD_NONBLOCK });
export const timerfdSetFlags = names('TFD', { TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET });
export const SFD_CLOEXEC = 0o2000000,
  SFD_NONBLOCK = 0o4000;
export const signalfdFlags = names('SFD', { SFD_CLOEXEC, SFD_NONBLOCK });
