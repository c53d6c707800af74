// Requests of sockets, a value each (netdevice(7), unix(7), tcp(7)).
import { EFAULT, EINVAL, ENODEV, ENOTTY, EPERM, Errno } from '../../abi/errno.ts';
import { F_OWNER_PGRP } from '../../abi/fcntl.ts';
import * as S from '../../abi/socket.ts';
import { custom, int, pin, pout, type Type } from '../../abi/type.ts';
import { type Command, CommandSet, command } from '../command.ts';
import { setOwner } from '../syscalls/owner.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import { LOOPBACK } from './interface.ts';
import type { Socket } from './socket.ts';

/** A count that the socket knows. */
function count(name: string, nr: number, of: (s: Socket) => number | Errno): Command<Socket> {
  return command<Socket>({
    name,
    nr,
    arg: pout(int),
    run(task, s, arg) {
      const n = of(s);
      return n instanceof Errno ? n : (task.user.set(int, arg, n) ?? 0);
    },
  });
}
/** Who is told by signal: fcntl's commands under other names. */
function owner(name: string, nr: number): Command<Socket> {
  return command<Socket>({
    name,
    nr,
    arg: pin(int),
    run(task, s, arg, fd) {
      const who = task.user.get(int, arg);
      if (who instanceof Errno) return EFAULT;
      return setOwner.run(task, s, who >>> 0, fd);
    },
  });
}
const ownerOf = (s: Socket): number => {
  const who = s.async?.owner;
  return who ? (who.type === F_OWNER_PGRP ? -who.pid : who.pid) : 0;
};
const ifreq: Type = custom('ifreq', 'inout');
const NAME = 16;
const sizeOf = (task: Task): number => (task.abi === 'x64' ? 40 : 32);

/** A question about an interface: the ifreq's name tells which, the answer stands behind it. */
function about(name: string, nr: number, fill: (v: DataView) => Errno | undefined | void): Command<Socket> {
  return command<Socket>({
    name,
    nr,
    arg: ifreq,
    run(task, _s, arg) {
      const raw = task.user.bytes(arg, sizeOf(task));
      if (raw instanceof Errno) return EFAULT;
      const bytes = raw.slice();
      if (nameIn(bytes) !== LOOPBACK.name) return ENODEV;
      return fill(new DataView(bytes.buffer, NAME)) ?? task.user.put(arg, bytes) ?? 0;
    },
  });
}
function nameIn(bytes: Uint8Array): string {
  const end = bytes.subarray(0, NAME).indexOf(0);
  const name = String.fromCharCode(...bytes.subarray(0, end < 0 ? NAME - 1 : end));
  // Aliases (lo:1) are the interface itself.
  return name.split(':')[0] as string;
}
/** struct sockaddr_in with an address alone. */
function inet(v: DataView, address: readonly number[]): void {
  for (let i = 0; i < 16; i++) v.setUint8(i, 0);
  v.setUint16(0, S.AF_INET, true);
  address.forEach((n, i) => v.setUint8(4 + i, n));
}
const CAP_NET_ADMIN = 12;

export const socketCommands = new CommandSet<Socket>('SIOC', [
  count('FIONREAD', S.SIOCINQ, (s) => s.waitingToRead()),
  count('SIOCOUTQ', S.SIOCOUTQ, (s) => s.waitingToGo()),
  count('SIOCOUTQNSD', S.SIOCOUTQNSD, (s) => s.unsent()),
  count('SIOCATMARK', S.SIOCATMARK, (s) => s.atMark()),
  owner('FIOSETOWN', S.FIOSETOWN),
  owner('SIOCSPGRP', S.SIOCSPGRP),
  count('FIOGETOWN', S.FIOGETOWN, ownerOf),
  count('SIOCGPGRP', S.SIOCGPGRP, ownerOf),
  command<Socket>({
    name: 'SIOCGIFNAME',
    nr: S.SIOCGIFNAME,
    arg: ifreq,
    run(task, _s, arg) {
      const raw = task.user.bytes(arg, sizeOf(task));
      if (raw instanceof Errno) return EFAULT;
      const bytes = raw.slice();
      if (new DataView(bytes.buffer).getInt32(NAME, true) !== LOOPBACK.index) return ENODEV;
      bytes.fill(0, 0, NAME);
      bytes.set(Uint8Array.from(LOOPBACK.name, (c) => c.charCodeAt(0)));
      return task.user.put(arg, bytes) ?? 0;
    },
  }),
  command<Socket>({
    name: 'SIOCGIFCONF',
    nr: S.SIOCGIFCONF,
    arg: custom('ifconf', 'inout'),
    run(task, _s, arg) {
      const word = task.abi === 'x64' ? 8 : 4;
      const raw = task.user.bytes(arg, 2 * word);
      if (raw instanceof Errno) return EFAULT;
      const v = new DataView(raw.buffer, raw.byteOffset, raw.length);
      const room = v.getInt32(0, true);
      const at = v.getUint32(word, true) + (word === 8 ? v.getUint32(12, true) * 0x1_0000_0000 : 0);
      const size = sizeOf(task);
      let used = size;
      if (at !== 0) {
        used = 0;
        if (room >= size) {
          const entry = new Uint8Array(size);
          entry.set(Uint8Array.from(LOOPBACK.name, (c) => c.charCodeAt(0)));
          inet(new DataView(entry.buffer, NAME), LOOPBACK.address);
          if (task.user.put(at, entry)) return EFAULT;
          used = size;
        }
      }
      return task.user.set(int, arg, used) ?? 0;
    },
  }),
  about('SIOCGIFFLAGS', S.SIOCGIFFLAGS, (v) => v.setInt16(0, LOOPBACK.flags, true)),
  about('SIOCGIFADDR', S.SIOCGIFADDR, (v) => inet(v, LOOPBACK.address)),
  about('SIOCGIFDSTADDR', S.SIOCGIFDSTADDR, (v) => inet(v, LOOPBACK.address)),
  about('SIOCGIFBRDADDR', S.SIOCGIFBRDADDR, (v) => inet(v, [0, 0, 0, 0])),
  about('SIOCGIFNETMASK', S.SIOCGIFNETMASK, (v) => inet(v, [255, 0, 0, 0])),
  about('SIOCGIFMETRIC', S.SIOCGIFMETRIC, (v) => v.setInt32(0, 0, true)),
  about('SIOCGIFMTU', S.SIOCGIFMTU, (v) => v.setInt32(0, LOOPBACK.mtu, true)),
  about('SIOCGIFHWADDR', S.SIOCGIFHWADDR, (v) => {
    for (let i = 0; i < 16; i++) v.setUint8(i, 0);
    v.setUint16(0, LOOPBACK.hardwareType, true);
  }),
  about('SIOCGIFINDEX', S.SIOCGIFINDEX, (v) => v.setInt32(0, LOOPBACK.index, true)),
  about('SIOCGIFTXQLEN', S.SIOCGIFTXQLEN, (v) => v.setInt32(0, LOOPBACK.queueLength, true)),
  about('SIOCGIFMAP', S.SIOCGIFMAP, (v) => {
    for (let i = 0; i < 16; i++) v.setUint8(i, 0);
  }),
  command<Socket>({
    name: 'SIOCSIFFLAGS',
    nr: S.SIOCSIFFLAGS,
    arg: ifreq,
    run: (task) => (task.capable(CAP_NET_ADMIN) ? EINVAL : EPERM),
  }),
]);

export function socketIoctl(task: Thread, s: Socket, command: number, arg: number): ReturnType<Command<Socket>['run']> {
  return socketCommands.get(command)?.run(task, s, arg, -1) ?? ENOTTY;
}
