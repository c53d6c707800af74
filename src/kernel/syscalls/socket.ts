// Making sockets and giving them names and peers (net/socket.c).
import { EAGAIN, EBADF, ECONNABORTED, EINVAL, ENOTSOCK, EOPNOTSUPP, Errno } from '../../abi/errno.ts';
import { O_NONBLOCK, O_PATH } from '../../abi/open.ts';
import * as S from '../../abi/socket.ts';
import { array, custom, enumOf, fd, flags, int, pinout, pout } from '../../abi/type.ts';
import { makeSocket } from '../net/create.ts';
import { readAddress, writeAddress } from '../net/message.ts';
import { interruption, Socket } from '../net/socket.ts';
import { credentialsOf } from '../net/transfer.ts';

import { UnixConnection } from '../net/unix/connection.ts';
import { UnixSocket } from '../net/unix/socket.ts';
import { giveUpIn, timedOut } from '../poll.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';

/** The socket of a descriptor. */
export function socketOf(t: Thread, fd: number): Socket | Errno {
  const file = t.files.get(fd);
  if (file instanceof Errno || file.flags & O_PATH) return EBADF;
  return file instanceof Socket ? file : ENOTSOCK;
}
const FLAGS = S.SOCK_CLOEXEC | S.SOCK_NONBLOCK;
const cloexec = (flags: number): boolean => (flags & S.SOCK_CLOEXEC) !== 0;
function withFlags(s: Socket, flags: number): Socket {
  if (flags & S.SOCK_NONBLOCK) s.flags |= O_NONBLOCK;
  return s;
}
const domain = enumOf(S.families);
const type = { ...int, show: 'socktype' } as const;
const protocol = { ...int, show: 'sockproto' } as const;
const address = custom('sockaddr', 'in', { arg: 'addrlen' });
const addressOut = custom('sockaddr', 'out', { arg: 'addrlen' });
const lengthOut = pinout(int);

export const socket = syscall({
  name: 'socket',
  nr: { x64: 41, i386: 359 },
  class: 'net',
  args: { domain, type, protocol },
  returns: fd,
  run(t, a) {
    if (a.type & ~S.SOCK_TYPE_MASK & ~FLAGS) return EINVAL;
    const s = makeSocket(t, a.domain, a.type & S.SOCK_TYPE_MASK, a.protocol);
    if (s instanceof Errno) return s;
    const fd = t.files.install(withFlags(s, a.type), cloexec(a.type));
    if (fd instanceof Errno) s.release();
    return fd;
  },
});

function pairUp(t: Thread, one: Socket, other: Socket): Errno | undefined {
  if (!(one instanceof UnixSocket) || !(other instanceof UnixSocket)) return EOPNOTSUPP;
  if (one instanceof UnixConnection && other instanceof UnixConnection) one.join(other);
  else {
    one.peer = other;
    other.peer = one;
  }
  for (const s of [one, other]) {
    s.peerCredentials = credentialsOf(t);
    s.peerGroups = t.credentials.groups;
  }
  return undefined;
}
export const socketpair = syscall({
  name: 'socketpair',
  nr: { x64: 53, i386: 360 },
  class: 'net',
  args: { domain, type, protocol, sv: pout(array(fd, 2)) },
  run(t, a) {
    if (a.type & ~S.SOCK_TYPE_MASK & ~FLAGS) return EINVAL;
    const made: number[] = [];
    const sockets: Socket[] = [];
    const giveUp = (why: Errno): Errno => {
      for (const fd of made) t.files.close(t, fd);
      for (const s of sockets.slice(made.length)) s.release();
      return why;
    };
    for (let i = 0; i < 2; i++) {
      const s = makeSocket(t, a.domain, a.type & S.SOCK_TYPE_MASK, a.protocol);
      if (s instanceof Errno) return giveUp(s);
      sockets.push(withFlags(s, a.type));
    }
    const refused = pairUp(t, sockets[0] as Socket, sockets[1] as Socket);
    if (refused) return giveUp(refused);
    for (const s of sockets) {
      const fd = t.files.install(s, cloexec(a.type));
      if (fd instanceof Errno) return giveUp(fd);
      made.push(fd);
    }
    const bytes = new Uint8Array(new Int32Array(made).buffer);
    const unwritable = t.user.put(a.sv, bytes);
    return unwritable ? giveUp(unwritable) : 0;
  },
});

export const bind = syscall({
  name: 'bind',
  nr: { x64: 49, i386: 361 },
  class: 'net',
  args: { sockfd: fd, addr: address, addrlen: int },
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const name = readAddress(t, a.addr, a.addrlen);
    return name instanceof Errno ? name : (s.bind(t, name) ?? 0);
  },
});
export const connect = syscall({
  name: 'connect',
  nr: { x64: 42, i386: 362 },
  class: 'net',
  args: { sockfd: fd, addr: address, addrlen: int },
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const name = readAddress(t, a.addr, a.addrlen);
    return name instanceof Errno ? name : s.connect(t, name);
  },
});
export const listen = syscall({
  name: 'listen',
  nr: { x64: 50, i386: 363 },
  class: 'net',
  args: { sockfd: fd, backlog: int },
  run(t, { sockfd, backlog }) {
    const s = socketOf(t, sockfd);
    if (s instanceof Errno) return s;
    return s.listen(t, Math.min(backlog >>> 0, S.SOMAXCONN)) ?? 0;
  },
});

function acceptFrom(t: Thread, fd: number, addr: number, addrlen: number, flags: number): Result {
  const s = socketOf(t, fd);
  if (s === EBADF) return EBADF;
  if (flags & ~FLAGS) return EINVAL;
  if (s instanceof Errno) return s;
  const end = s.accept(t);
  if (end === EAGAIN) {
    if (s.nonblocking) return EAGAIN;
    const limit = s.settings.receiveTimeout;
    giveUpIn(t, limit);
    return timedOut(t) ? EAGAIN : new Block([s.queue], t.deadline, interruption(limit));
  }
  if (end instanceof Errno) return end;
  const made = t.files.install(withFlags(end, flags), cloexec(flags));
  if (made instanceof Errno) {
    end.release();
    return made;
  }
  if (addr === 0) return made;
  const name = end.peerName();
  const failed = name instanceof Errno ? ECONNABORTED : writeAddress(t, name, addr, addrlen);
  if (!failed) return made;
  t.files.close(t, made);
  return failed;
}
export const accept = syscall({
  name: 'accept',
  nr: { x64: 43 },
  class: 'net',
  args: { sockfd: fd, addr: addressOut, addrlen: lengthOut },
  returns: fd,
  run: (t, a) => acceptFrom(t, a.sockfd, a.addr, a.addrlen, 0),
});
export const accept4 = syscall({
  name: 'accept4',
  nr: { x64: 288, i386: 364 },
  class: 'net',
  args: { sockfd: fd, addr: addressOut, addrlen: lengthOut, flags: flags(S.socketFlags) },
  returns: fd,
  run: (t, a) => acceptFrom(t, a.sockfd, a.addr, a.addrlen, a.flags),
});

const nameArgs = { sockfd: fd, addr: addressOut, addrlen: lengthOut };
export const getsockname = syscall({
  name: 'getsockname',
  nr: { x64: 51, i386: 367 },
  class: 'net',
  args: nameArgs,
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    return s instanceof Errno ? s : (writeAddress(t, s.localName(), a.addr, a.addrlen) ?? 0);
  },
});
export const getpeername = syscall({
  name: 'getpeername',
  nr: { x64: 52, i386: 368 },
  class: 'net',
  args: nameArgs,
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const name = s.peerName();
    return name instanceof Errno ? name : (writeAddress(t, name, a.addr, a.addrlen) ?? 0);
  },
});
export const shutdown = syscall({
  name: 'shutdown',
  nr: { x64: 48, i386: 373 },
  class: 'net',
  args: { sockfd: fd, how: enumOf(S.shutdownHow) },
  run(t, { sockfd, how }) {
    const s = socketOf(t, sockfd);
    if (s instanceof Errno) return s;
    return how < 0 || how > 2 ? EINVAL : (s.shutdown(t, how) ?? 0);
  },
});
