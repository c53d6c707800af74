// IPPROTO_UDP's options (udp(7)).
import { EINVAL, ENOPROTOOPT, type Errno } from '../../../abi/errno.ts';
import * as I from '../../../abi/inet.ts';
import { OptionSet, type SocketOption, withInt } from '../option.ts';
import type { UdpSocket } from './udp.ts';

type Option = SocketOption<UdpSocket>;
export class UdpSettings {
  corked = false;
  noCheck6Send = false;
  noCheck6Receive = false;
  /** Bytes of each datagram that a long message is cut into; 0: none is. */
  segment = 0;
  gro = false;
}
type Switches = {
  [K in keyof UdpSettings]: UdpSettings[K] extends boolean ? K : never;
}[keyof UdpSettings];

function toggle(name: string, nr: number, key: Switches, after?: (s: UdpSocket) => void): Option {
  return {
    name,
    nr,
    get: (_t, s) => (s.udp[key] ? 1 : 0),
    set: withInt((_t, s, value) => {
      s.udp[key] = value !== 0;
      after?.(s);
    }),
  };
}
export const udpLevel = new OptionSet<UdpSocket>(I.IPPROTO_UDP, 'UDP', [
  toggle('UDP_CORK', I.UDP_CORK, 'corked', (s) => {
    if (!s.udp.corked) s.flushCork();
  }),
  // Encapsulations are for IPsec, which isn't here.
  {
    name: 'UDP_ENCAP',
    nr: I.UDP_ENCAP,
    get: () => 0,
    set: withInt((_t, _s, value): Errno | undefined => (value === 0 ? undefined : ENOPROTOOPT)),
  },
  toggle('UDP_NO_CHECK6_TX', I.UDP_NO_CHECK6_TX, 'noCheck6Send'),
  toggle('UDP_NO_CHECK6_RX', I.UDP_NO_CHECK6_RX, 'noCheck6Receive'),
  {
    name: 'UDP_SEGMENT',
    nr: I.UDP_SEGMENT,
    get: (_t, s) => s.udp.segment,
    set: withInt((_t, s, value) => {
      if (value < 0 || value > 0xffff) return EINVAL;
      s.udp.segment = value;
      return undefined;
    }),
  },
  toggle('UDP_GRO', I.UDP_GRO, 'gro'),
]);
