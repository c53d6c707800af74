// Writing netlink messages: a header, a fixed part, attributes; all aligned to four bytes.
import { NLM_F_MULTI, NLMSG_HDRLEN } from '../../../abi/netlink.ts';

export const align = (n: number): number => (n + 3) & ~3;

/** A fixed part or a value from integers of the given widths. */
export function packed(...list: readonly (readonly [bytes: 1 | 2 | 4 | 8, value: number])[]): Uint8Array {
  const out = new Uint8Array(list.reduce((n, [w]) => n + w, 0));
  const v = new DataView(out.buffer);
  let at = 0;
  for (const [w, value] of list) {
    if (w === 1) v.setUint8(at, value);
    else if (w === 2) v.setUint16(at, value, true);
    else v.setUint32(at, value, true);
    at += w;
  }
  return out;
}
export const u8 = (n: number): Uint8Array => packed([1, n]);
export const u32 = (n: number): Uint8Array => packed([4, n]);
export const text = (s: string): Uint8Array => Uint8Array.from([...s, '\0'], (c) => c.charCodeAt(0));

export type Attribute = readonly [type: number, value: Uint8Array];
export function attributes(list: readonly Attribute[]): Uint8Array {
  const out = new Uint8Array(list.reduce((n, [, value]) => n + align(4 + value.length), 0));
  const v = new DataView(out.buffer);
  let at = 0;
  for (const [type, value] of list) {
    v.setUint16(at, 4 + value.length, true);
    v.setUint16(at + 2, type, true);
    out.set(value, at + 4);
    at += align(4 + value.length);
  }
  return out;
}
/** Whom an answer is for: the sequence number of the question, the port that asked. */
export interface Asker {
  readonly seq: number;
  readonly port: number;
}
export function message(type: number, flags: number, to: Asker, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = NLMSG_HDRLEN + parts.reduce((n, p) => n + p.length, 0);
  const out = new Uint8Array(align(length));
  const v = new DataView(out.buffer);
  v.setUint32(0, length, true);
  v.setUint16(4, type, true);
  v.setUint16(6, flags, true);
  v.setUint32(8, to.seq, true);
  v.setUint32(12, to.port, true);
  let at = NLMSG_HDRLEN;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}
/** One of several messages that answer a question together. */
export const part = (type: number, to: Asker, fixed: Uint8Array, list: readonly Attribute[]): Uint8Array =>
  message(type, NLM_F_MULTI, to, fixed, attributes(list));
export function concat(list: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(list.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of list) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}
