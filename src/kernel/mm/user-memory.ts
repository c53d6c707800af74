// Copying between the kernel and a program's memory, with the rights ring 3 has.

import { EFAULT, ENAMETOOLONG, Errno } from '../../abi/errno.ts';
import { read, sizeOf, type ValueOf, write } from '../../abi/struct.ts';
import type { Abi, Type } from '../../abi/type.ts';
import type { Cpu } from '../cpu.ts';
import type { UserMemory } from '../task.ts';
import type { AddressSpace } from './address-space.ts';
import { PAGE } from './address-space.ts';

export class UserAccess implements UserMemory {
  readonly #space: () => AddressSpace;
  readonly #abi: () => Abi;
  constructor(space: () => AddressSpace, abi: () => Abi) {
    this.#space = space;
    this.#abi = abi;
  }
  /** The page's bytes where an access is allowed. */
  #page(page: number, access: 'read' | 'write'): Uint8Array | undefined {
    const space = this.#space();
    const { cpu } = space;
    if (!(page >= 0 && page < 0x8000_0000_0000)) return undefined;
    for (let i = 0; i < 3; i++) {
      if (page < cpu.guestEnd && cpu.allows(page, access)) return cpu.u8.subarray(page, page + PAGE);
      const answer = space.fault(page, access);
      if (typeof answer === 'object') return answer.bytes;
      if (answer !== 'retry') return undefined;
    }
    return undefined;
  }
  /** From `at` on, how many of n bytes are allowed; calls `each` with the pieces. */
  #walk(at: number, n: number, access: 'read' | 'write', each?: (piece: Uint8Array, done: number) => void): number {
    let done = 0;
    while (done < n) {
      const page = Math.floor((at + done) / PAGE) * PAGE;
      const bytes = this.#page(page, access);
      if (!bytes) break;
      const from = at + done - page;
      const m = Math.min(n - done, PAGE - from);
      each?.(bytes.subarray(from, from + m), done);
      done += m;
    }
    return done;
  }
  #linear(at: number, n: number, access: 'read' | 'write'): boolean {
    const { cpu } = this.#space();
    if (!(at >= cpu.guestStart) || at + n > cpu.guestEnd) return false;
    for (let p = Math.floor(at / PAGE) * PAGE; p < at + n; p += PAGE) if (!cpu.allows(p, access)) return false;
    return true;
  }
  direct(at: number, n: number): boolean {
    return this.#linear(at, n, 'read');
  }
  readable(at: number, n: number): number {
    return this.#walk(at, n, 'read');
  }
  writable(at: number, n: number): number {
    return this.#walk(at, n, 'write');
  }
  bytes(at: number, n: number): Uint8Array | Errno {
    if (n === 0) return new Uint8Array(0);
    const { cpu } = this.#space();
    if (this.#linear(at, n, 'read')) return this.#view(cpu, at, n);
    if (this.readable(at, n) < n) return EFAULT;
    if (this.#linear(at, n, 'read')) return this.#view(cpu, at, n);
    const out = new Uint8Array(n);
    this.#walk(at, n, 'read', (piece, done) => out.set(piece, done));
    return out;
  }
  put(at: number, from: Uint8Array): Errno | undefined {
    const n = from.length;
    const { cpu } = this.#space();
    if (this.#linear(at, n, 'write')) {
      cpu.invalidate(at, n);
      cpu.u8.set(from, at);
      return undefined;
    }
    if (this.writable(at, n) < n) return EFAULT;
    cpu.invalidate(at, n);
    this.#walk(at, n, 'write', (piece, done) => piece.set(from.subarray(done, done + piece.length)));
    return undefined;
  }
  window(at: number, n: number): Uint8Array | undefined {
    const { cpu } = this.#space();
    if (n === 0 || !this.#linear(at, n, 'write')) return undefined;
    cpu.invalidate(at, n);
    return this.#view(cpu, at, n);
  }
  /** The bytes there. Programs read and write by way of the same buffers again and again, and making a view takes longer than all else a short transfer does. */
  #view({ u8 }: Cpu, at: number, n: number): Uint8Array {
    if (this.#lastAt === at && this.#last.length === n && this.#lastOf === u8) return this.#last;
    this.#lastAt = at;
    this.#lastOf = u8;
    return (this.#last = new Uint8Array(u8.buffer, at, n));
  }
  #lastAt = 0;
  #lastOf: Uint8Array | undefined;
  #last: Uint8Array = new Uint8Array(0);
  into<T>(at: number, n: number, fill: (view: Uint8Array) => T): T | Errno {
    if (n === 0) return fill(new Uint8Array(0));
    const space = this.#space();
    const most = this.#linear(at, n, 'write') ? n : this.writable(at, n);
    if (most === 0) return EFAULT;
    space.cpu.invalidate(at, most);
    if (this.#linear(at, most, 'write')) return fill(space.cpu.u8.subarray(at, at + most));
    const scratch = new Uint8Array(most);
    const result = fill(scratch);
    const used = typeof result === 'number' ? Math.max(0, Math.min(result, most)) : 0;
    this.#walk(at, used, 'write', (piece, done) => piece.set(scratch.subarray(done, done + piece.length)));
    return result;
  }
  string(at: number, most = PAGE): string | Errno {
    const slot = at & (LATEST - 1);
    const known = latest[slot] as string;
    if (known.length <= most && this.#stands(known, at)) return known;
    const s = this.#string(at, most);
    if (typeof s === 'string' && s.length <= MOST_KEPT) latest[slot] = s;
    return s;
  }
  /** The string stands there, with its NUL, in one page that is at hand. */
  #stands(s: string, at: number): boolean {
    const { cpu } = this.#space();
    const n = s.length;
    if (!(at >= cpu.guestStart) || at + n >= cpu.guestEnd || (at % PAGE) + n >= PAGE) return false;
    if (!cpu.allows(at - (at % PAGE), 'read')) return false;
    const { u8 } = cpu;
    if (u8[at + n] !== 0) return false;
    for (let i = 0; i < n; i++) if (u8[at + i] !== s.charCodeAt(i)) return false;
    return true;
  }
  #string(at: number, most: number): string | Errno {
    let out = '';
    const { cpu } = this.#space();
    // The NUL may stand behind the last of them.
    for (let done = 0; done <= most; ) {
      const page = Math.floor((at + done) / PAGE) * PAGE;
      const linear = page >= cpu.guestStart && page < cpu.guestEnd && cpu.allows(page, 'read');
      const bytes = linear ? cpu.u8 : this.#page(page, 'read');
      if (!bytes) return done === most ? ENAMETOOLONG : EFAULT;
      const start = linear ? page : 0;
      const from = at + done - page + start;
      const end = Math.min(start + PAGE, from + most + 1 - done);
      let to = from;
      while (to < end && bytes[to] !== 0) to++;
      out += text(bytes, from, to);
      if (to < end) return out;
      done += to - from;
    }
    return ENAMETOOLONG;
  }
  get<const T extends Type>(t: T, at: number): ValueOf<T> | Errno {
    const abi = this.#abi();
    const { size } = sizeOf(t, abi);
    const bytes = this.bytes(at, size);
    if (bytes instanceof Errno) return bytes;
    return read(t, new DataView(bytes.buffer, bytes.byteOffset, size), 0, abi);
  }
  set<const T extends Type>(t: T, at: number, value: Partial<ValueOf<T>> | ValueOf<T>): Errno | undefined {
    const abi = this.#abi();
    const { size } = sizeOf(t, abi);
    const small = size <= SCRATCH.length;
    const bytes = small ? scratch(size) : new Uint8Array(size);
    write(t, small ? SCRATCH_VIEW : new DataView(bytes.buffer), 0, abi, value);
    return this.put(at, bytes);
  }
}
/** Where structures are put together before they are copied. */
const SCRATCH = new Uint8Array(512);
const SCRATCH_VIEW = new DataView(SCRATCH.buffer);
/** Its beginnings by length, made once each. */
const BEGINNINGS: (Uint8Array | undefined)[] = [];
const scratch = (size: number): Uint8Array => (BEGINNINGS[size] ??= SCRATCH.subarray(0, size));
/** Strings that programs gave last, by their addresses: mostly the same ones stand there again, and to compare takes less than to put together. */
const LATEST = 256;
const MOST_KEPT = 256;
const latest: string[] = new Array<string>(LATEST).fill('');
/** Bytes as chars, as a flat string at once; a page at most. */
const text = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
