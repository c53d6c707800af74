// Socket options: one value each, with its level, its number, and what reads and sets it.
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { type NameTable, names } from '../../abi/type.ts';
import type { Thread } from '../thread.ts';
import type { Socket } from './socket.ts';

export interface SocketOption<S extends Socket = Socket> {
  readonly name: string;
  readonly nr: number;
  /** The value: an int as a number, others as bytes, cut to what the program has room for. `room`: that many. Without: ENOPROTOOPT. */
  get?(t: Thread, s: S, room: number): number | Uint8Array | Errno;
  /** Takes the value of `length` bytes at the user address. Without: ENOPROTOOPT. */
  set?(t: Thread, s: S, at: number, length: number): Errno | undefined;
}

export class OptionSet<S extends Socket = Socket> {
  readonly level: number;
  readonly names: NameTable;
  readonly #byNumber: ReadonlyMap<number, SocketOption<S>>;
  constructor(level: number, prefix: string, list: readonly SocketOption<S>[]) {
    this.level = level;
    this.names = names(prefix, Object.fromEntries(list.map((o) => [o.name, o.nr])));
    this.#byNumber = new Map(list.map((o) => [o.nr, o]));
  }
  get(nr: number): SocketOption<S> | undefined {
    return this.#byNumber.get(nr);
  }
}

/** An int argument: at least four bytes. */
export function intAt(t: Thread, at: number, length: number): number | Errno {
  if (length < 4) return EINVAL;
  const bytes = t.user.bytes(at, 4);
  return bytes instanceof Errno ? EFAULT : new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
}
/** A `set` that takes an int. */
export const withInt =
  <S extends Socket>(set: (t: Thread, s: S, value: number) => Errno | undefined | void) =>
  (t: Thread, s: S, at: number, length: number): Errno | undefined => {
    const value = intAt(t, at, length);
    return value instanceof Errno ? value : (set(t, s, value) ?? undefined);
  };
/** A fixed number of bytes. */
export function bytesAt(t: Thread, at: number, length: number, n: number): DataView | Errno {
  if (length < n) return EINVAL;
  const bytes = t.user.bytes(at, n);
  return bytes instanceof Errno ? EFAULT : new DataView(bytes.slice().buffer);
}
