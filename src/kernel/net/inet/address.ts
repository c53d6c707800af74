// Internet addresses: IPv4 and IPv6 alike as 16 bytes, and their sockaddrs (ip(7), ipv6(7)).
import { EAFNOSUPPORT, EINVAL, type Errno } from '../../../abi/errno.ts';
import { AF_INET, AF_INET6 } from '../../../abi/socket.ts';

/** 16 bytes as a byte string; IPv4 addresses are mapped (::ffff:a.b.c.d). */
export type Ip = string;
export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
}
const MAPPED = `${'\0'.repeat(10)}\xff\xff`;
export const v4 = (a: number, b: number, c: number, d: number): Ip => MAPPED + String.fromCharCode(a, b, c, d);
export const ANY4 = v4(0, 0, 0, 0),
  LOOPBACK4 = v4(127, 0, 0, 1),
  BROADCAST4 = v4(255, 255, 255, 255),
  ANY6: Ip = '\0'.repeat(16),
  LOOPBACK6: Ip = `${'\0'.repeat(15)}\x01`;

export const isV4 = (ip: Ip): boolean => ip.startsWith(MAPPED);
export const isAny = (ip: Ip): boolean => ip === ANY4 || ip === ANY6;
export const isMulticast = (ip: Ip): boolean =>
  isV4(ip) ? (ip.charCodeAt(12) & 0xf0) === 0xe0 : ip.charCodeAt(0) === 0xff;
export const isLinkLocal = (ip: Ip): boolean => ip.charCodeAt(0) === 0xfe && (ip.charCodeAt(1) & 0xc0) === 0x80;
/** The machine's own: all of 127.0.0.0/8, and ::1. */
export const isLoopback = (ip: Ip): boolean => (isV4(ip) ? ip.charCodeAt(12) === 127 : ip === LOOPBACK6);
/** Broadcasts of the loopback's network, and the limited one. */
export const isBroadcast = (ip: Ip): boolean => ip === BROADCAST4 || ip === v4(127, 255, 255, 255);
/** Where a packet to this address goes. */
export const destination = (ip: Ip): Ip => (ip === ANY4 ? LOOPBACK4 : ip === ANY6 ? LOOPBACK6 : ip);
/** The address that packets to another of the machine's have as their source, unless the socket has its own. */
export const sourceFor = (to: Ip): Ip => (isV4(to) ? LOOPBACK4 : LOOPBACK6);

const SIN = 16;
/** struct sockaddr_in6 without and with its scope. */
const SIN6_SHORT = 24;
const SIN6 = 28;

/** The sockaddr that a socket of the family shows for an endpoint. */
export function sockaddrOf(v6: boolean, { ip, port }: Endpoint): Uint8Array {
  const out = new Uint8Array(v6 ? SIN6 : SIN);
  out[0] = v6 ? AF_INET6 : AF_INET;
  out[2] = port >> 8;
  out[3] = port & 0xff;
  for (let i = v6 ? 0 : 12, at = v6 ? 8 : 4; i < 16; i++, at++) out[at] = ip.charCodeAt(i);
  return out;
}
const portIn = (a: Uint8Array): number => ((a[2] as number) << 8) | (a[3] as number);
export function inAddress(bytes: Uint8Array): Ip {
  return MAPPED + String.fromCharCode(...bytes.subarray(0, 4));
}
export const in6Address = (bytes: Uint8Array): Ip => String.fromCharCode(...bytes.subarray(0, 16));

/** A sockaddr_in's endpoint. Its family has been looked at. */
export function endpoint4(a: Uint8Array): Endpoint | Errno {
  if (a.length < SIN) return EINVAL;
  return { ip: inAddress(a.subarray(4, 8)), port: portIn(a) };
}
export function endpoint6(a: Uint8Array): (Endpoint & { readonly scope: number }) | Errno {
  if (a.length < SIN6_SHORT) return EINVAL;
  const scope = a.length >= SIN6 ? new DataView(a.buffer, a.byteOffset).getUint32(24, true) : 0;
  return { ip: in6Address(a.subarray(8, 24)), port: portIn(a), scope };
}
/** The endpoint of either family. */
export function endpointOf(family: number, a: Uint8Array): Endpoint | Errno {
  if (family === AF_INET) return endpoint4(a);
  return family === AF_INET6 ? endpoint6(a) : EAFNOSUPPORT;
}
/** As text, for /proc: the words of the address in the machine's byte order. */
export function hexOf(ip: Ip): string {
  const bytes = isV4(ip) ? ip.slice(12) : ip;
  let out = '';
  for (let w = 0; w < bytes.length; w += 4)
    for (let i = 3; i >= 0; i--)
      out += bytes
        .charCodeAt(w + i)
        .toString(16)
        .padStart(2, '0')
        .toUpperCase();
  return out;
}
