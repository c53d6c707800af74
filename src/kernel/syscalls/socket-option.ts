// getsockopt(2) and setsockopt(2): one value an option, in the sets of its level.
import { EFAULT, EINVAL, ENOPROTOOPT, EOPNOTSUPP, Errno } from '../../abi/errno.ts';
import { IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP, levels } from '../../abi/inet.ts';
import { AF_UNIX, SOL_SOCKET } from '../../abi/socket.ts';
import { custom, enumOf, fd, int, pinout } from '../../abi/type.ts';
import type { OptionSet } from '../net/option.ts';
import type { Socket } from '../net/socket.ts';
import { socketLevel } from '../net/socket-options.ts';
import { syscall } from '../syscall.ts';
import { socketOf } from './socket.ts';

const setOf = (s: Socket, level: number): OptionSet | undefined =>
  level === SOL_SOCKET ? socketLevel : s.options(level);
const level = enumOf(levels);
const FIRST: ReadonlySet<number> = new Set([SOL_SOCKET, IPPROTO_TCP, IPPROTO_UDP]);
const optname = { ...int, show: 'sockopt' } as const;

export const setsockopt = syscall({
  name: 'setsockopt',
  nr: { x64: 54, i386: 366 },
  class: 'net',
  args: { sockfd: fd, level, optname, optval: custom('sockopt', 'in', { arg: 'optlen' }), optlen: int },
  run(t, a) {
    if (a.optlen < 0) return EINVAL;
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const set = setOf(s, a.level);
    if (!set) return s.family === AF_UNIX ? EOPNOTSUPP : ENOPROTOOPT;
    const option = set.get(a.optname);
    if (!option?.set) {
      // The value is looked at before the name is, at most levels.
      if (FIRST.has(a.level) && a.optlen < 4) return EINVAL;
      const looks = FIRST.has(a.level) || (a.level === IPPROTO_IPV6 && a.optlen >= 4);
      return looks && t.user.readable(a.optval, 4) < 4 ? EFAULT : ENOPROTOOPT;
    }
    return option.set(t, s, a.optval, a.optlen) ?? 0;
  },
});
export const getsockopt = syscall({
  name: 'getsockopt',
  nr: { x64: 55, i386: 365 },
  class: 'net',
  args: { sockfd: fd, level, optname, optval: custom('sockopt', 'out', { arg: 'optlen' }), optlen: pinout(int) },
  run(t, a) {
    const s = socketOf(t, a.sockfd);
    if (s instanceof Errno) return s;
    const set = setOf(s, a.level);
    if (!set) return EOPNOTSUPP;
    const room = t.user.get(int, a.optlen);
    if (room instanceof Errno) return EFAULT;
    if (room < 0) return EINVAL;
    const value = set.get(a.optname)?.get?.(t, s, room) ?? ENOPROTOOPT;
    if (value instanceof Errno) return value;
    const bytes = typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : value;
    const n = Math.min(room, bytes.length);
    if (n > 0 && t.user.put(a.optval, bytes.subarray(0, n))) return EFAULT;
    return t.user.set(int, a.optlen, n) ? EFAULT : 0;
  },
});
