// Network interfaces: ioctls with struct ifreq and ifconf.
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import type { Decoders, Show } from '../shape.ts';
import { address } from './net.ts';

const NAME = 16;
const REQUEST = 40;
const FIRST = 0x8910;
const LAST = 0x8970;
const SIOCGIFNAME = 0x8910;
const SIOCGIFCONF = 0x8912;
const interfaceFlags = names('IFF', {
  IFF_UP: 1,
  IFF_BROADCAST: 2,
  IFF_DEBUG: 4,
  IFF_LOOPBACK: 8,
  IFF_POINTOPOINT: 16,
  IFF_NOTRAILERS: 32,
  IFF_RUNNING: 64,
  IFF_NOARP: 128,
  IFF_PROMISC: 256,
  IFF_ALLMULTI: 512,
  IFF_MASTER: 1024,
  IFF_SLAVE: 2048,
  IFF_MULTICAST: 4096,
  IFF_PORTSEL: 8192,
  IFF_AUTOMEDIA: 16384,
  IFF_DYNAMIC: 32768,
});
const hardware = names('ARPHRD', { ARPHRD_ETHER: 1, ARPHRD_LOOPBACK: 772, ARPHRD_NONE: 0xfffe });

/** What stands behind the name. */
type Part = (c: Context, v: DataView, at: number) => void;
const part =
  (name: string, show: Part): Part =>
  (c, v, at) => {
    c.w.field(`ifr_${name}`);
    show(c, v, at);
  };
const int: Part = (c, v, o) => c.w.number(String(v.getInt32(o, true)));
const flags: Part = (c, v, o) => c.w.flags(interfaceFlags, v.getUint16(o, true));
const sockaddr: Part = (c, _v, o) => address(c, c.number(2) + o, 16);
const hardwareAddress: Part = (c, v, o) => {
  const bytes = Array.from({ length: 6 }, (_, i) =>
    v
      .getUint8(o + 2 + i)
      .toString(16)
      .padStart(2, '0'),
  );
  c.w.open('{');
  c.w.field('sa_family');
  c.w.constant(hardware, v.getUint16(o, true));
  c.w.field('sa_data');
  c.w.sign(bytes.join(':'));
  c.w.close('}');
};
const map: Part = (c, v, o) => {
  const hex = (n: number): string => (n === 0 ? '0' : `0x${n.toString(16)}`);
  c.w.sign(
    `{mem_start=${hex(Number(v.getBigUint64(o, true)))}, mem_end=${hex(Number(v.getBigUint64(o + 8, true)))}, ` +
      `base_addr=${hex(v.getUint16(o + 16, true))}, irq=${hex(v.getUint8(o + 18))}, dma=${hex(v.getUint8(o + 19))}, port=${hex(v.getUint8(o + 20))}}`,
  );
};
const PARTS: Readonly<Record<number, Part>> = {
  0x13: part('flags', flags),
  0x15: part('addr', sockaddr),
  0x17: part('dstaddr', sockaddr),
  0x19: part('broadaddr', sockaddr),
  0x1b: part('netmask', sockaddr),
  0x1d: part('metric', int),
  0x21: part('mtu', int),
  0x27: part('hwaddr', hardwareAddress),
  0x33: part('ifindex', int),
  0x42: part('qlen', int),
  0x70: part('map', map),
};
/** Requests that set something have the number before, or behind, the one that asks for it. */
const SETTERS: Readonly<Record<number, number>> = {
  0x14: 0x13,
  0x16: 0x15,
  0x18: 0x17,
  0x1a: 0x19,
  0x1c: 0x1b,
  0x1e: 0x1d,
  0x22: 0x21,
  0x24: 0x27,
  0x43: 0x42,
  0x71: 0x70,
};
/** Requests of which more is known when the call has ended. */
export const asksInterface = (request: number): boolean =>
  request >= FIRST && request <= LAST && !((request & 0xff) in SETTERS);

function name(c: Context, v: DataView, at: number): void {
  const bytes = new Uint8Array(v.buffer, v.byteOffset + at, NAME);
  const zero = bytes.indexOf(0);
  c.w.field('ifr_name');
  c.w.bytes(bytes, 0, zero < 0 ? NAME : zero, false);
}
const ifreq: Show = (c, lo, hi) => {
  const v = (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, REQUEST);
  if (!v) return c.w.address(lo, hi);
  const low = c.uint(1) & 0xff;
  c.w.open('{');
  if (c.uint(1) === SIOCGIFNAME) {
    c.w.field('ifr_ifindex');
    c.w.number(String(v.getInt32(NAME, true)));
    if (!c.failed) name(c, v, 0);
  } else {
    name(c, v, 0);
    if (!c.failed || low in SETTERS) PARTS[SETTERS[low] ?? low]?.(c, v, NAME);
  }
  c.w.close('}');
};
const lengthText = (n: number): string =>
  n % REQUEST || n === 0 ? String(n) : `${n} /* ${n / REQUEST} * sizeof(struct ifreq) */`;
/** What ifc_len said before the call isn't kept: it is what the caller had room for. */
const ifconf: Show = (c, lo, hi) => {
  const v = (lo | hi) === 0 || c.failed ? undefined : c.view(hi * 0x1_0000_0000 + lo, 16);
  if (!v) return c.w.address(lo, hi);
  const length = v.getInt32(0, true);
  const at = c.pointerAt(v, 8);
  c.w.open('{');
  c.w.field('ifc_len');
  c.w.sign(lengthText(length));
  c.w.field('ifc_buf');
  const list = at === 0 ? undefined : c.view(at, length);
  if (!list) c.address(at);
  else {
    c.w.open('[');
    for (let o = 0; o + REQUEST <= length; o += REQUEST) {
      c.w.separate();
      c.w.open('{');
      name(c, list, o);
      c.w.field('ifr_addr');
      address(c, at + o + NAME, 16);
      c.w.close('}');
    }
    c.w.close(']');
  }
  c.w.close('}');
};
export const networkInterface: Decoders = { decoders: { ifreq: () => ifreq, ifconf: () => ifconf } };
export const interfaceRequests = {
  SIOCGIFNAME,
  SIOCGIFCONF,
  SIOCGIFFLAGS: 0x8913,
  SIOCSIFFLAGS: 0x8914,
  SIOCGIFADDR: 0x8915,
  SIOCSIFADDR: 0x8916,
  SIOCGIFDSTADDR: 0x8917,
  SIOCSIFDSTADDR: 0x8918,
  SIOCGIFBRDADDR: 0x8919,
  SIOCSIFBRDADDR: 0x891a,
  SIOCGIFNETMASK: 0x891b,
  SIOCSIFNETMASK: 0x891c,
  SIOCGIFMETRIC: 0x891d,
  SIOCSIFMETRIC: 0x891e,
  SIOCGIFMTU: 0x8921,
  SIOCSIFMTU: 0x8922,
  SIOCSIFHWADDR: 0x8924,
  SIOCGIFHWADDR: 0x8927,
  SIOCGIFINDEX: 0x8933,
  SIOCGIFTXQLEN: 0x8942,
  SIOCSIFTXQLEN: 0x8943,
  SIOCGIFMAP: 0x8970,
  SIOCSIFMAP: 0x8971,
};
