// socket(2): which families, types and protocols there are.
import { EAFNOSUPPORT, EINVAL, EPROTONOSUPPORT, type Errno, ESOCKTNOSUPPORT } from '../../abi/errno.ts';
import * as S from '../../abi/socket.ts';
import type { Thread } from '../thread.ts';
import type { Socket } from './socket.ts';
import { UnixDatagram, UnixSeqpacket } from './unix/datagram.ts';
import { UnixStream } from './unix/stream.ts';

/** The highest socket type there is a number for, and one more. */
const SOCK_MAX = 11;

export function makeSocket(t: Thread, family: number, type: number, protocol: number): Socket | Errno {
  if (family < 0 || family >= S.AF_MAX) return EAFNOSUPPORT;
  if (type < 0 || type >= SOCK_MAX) return EINVAL;
  switch (family) {
    case S.AF_UNIX:
      return unix(t, type, protocol);
    default:
      return EAFNOSUPPORT;
  }
}
function unix(t: Thread, type: number, protocol: number): Socket | Errno {
  if (protocol !== 0 && protocol !== S.AF_UNIX) return EPROTONOSUPPORT;
  switch (type) {
    case S.SOCK_STREAM:
      return new UnixStream(t);
    case S.SOCK_RAW:
    case S.SOCK_DGRAM:
      return new UnixDatagram(t);
    case S.SOCK_SEQPACKET:
      return new UnixSeqpacket(t);
    default:
      return ESOCKTNOSUPPORT;
  }
}
