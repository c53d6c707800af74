// socketcall(2): i386's first way into the socket calls. Each is the value it is by its own number, with its arguments in memory.
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { addr, enumOf, names } from '../../abi/type.ts';
import { type Syscall, syscall } from '../syscall.ts';
import * as socket from './socket.ts';
import * as message from './socket-message.ts';
import * as option from './socket-option.ts';

/** By the number of the sub-call (linux/net.h). */
export const socketCalls: ReadonlyMap<number, Syscall> = new Map([
  [1, socket.socket],
  [2, socket.bind],
  [3, socket.connect],
  [4, socket.listen],
  [5, socket.accept],
  [6, socket.getsockname],
  [7, socket.getpeername],
  [8, socket.socketpair],
  [9, message.send],
  [10, message.recv],
  [11, message.sendto],
  [12, message.recvfrom],
  [13, socket.shutdown],
  [14, option.setsockopt],
  [15, option.getsockopt],
  [16, message.sendmsg],
  [17, message.recvmsg],
  [18, socket.accept4],
  [19, message.recvmmsg],
  [20, message.sendmmsg],
]);
const calls = names(
  'SYS',
  Object.fromEntries([...socketCalls].map(([nr, { name }]) => [`SYS_${name.toUpperCase()}`, nr])),
);

export const socketcall = syscall({
  name: 'socketcall',
  nr: { i386: 102 },
  class: 'net',
  args: { call: enumOf(calls), args: addr },
  run(t, { call, args }) {
    const sub = socketCalls.get(call);
    if (!sub?.call) return EINVAL;
    const n = Object.keys(sub.args).length;
    const bytes = t.user.bytes(args, 4 * n);
    if (bytes instanceof Errno) return EFAULT;
    const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const raw = new Uint32Array(12);
    for (let i = 0; i < n; i++) raw[2 * i] = v.getUint32(4 * i, true);
    return sub.call(t, raw);
  },
});
