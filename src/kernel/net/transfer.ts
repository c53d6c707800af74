// Messages on their way through a call: what a program sends, where it wants what it receives. Kept as a call's progress while it sleeps.

import { EFAULT, Errno } from '../../abi/errno.ts';
import { dropFile } from '../fdtable.ts';
import type { OpenFile } from '../fs/vfs.ts';
import type { Segment } from '../io.ts';
import type { Process } from '../process.ts';
import type { Thread } from '../thread.ts';

/** An ancillary message (cmsg(3)) as it lies in the kernel. */
export interface Control {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}
/** Who sent a message. */
export interface Sender {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** The process, where a descriptor of it may be asked for. */
  readonly process?: Process;
}
export const credentialsOf = (t: Thread): Sender => ({
  pid: t.process.pid,
  uid: t.credentials.uid,
  gid: t.credentials.gid,
  process: t.process,
});

const NONE: readonly never[] = [];

/** Where bytes to be sent lie: in the program's memory or in the kernel's. */
export type Source = readonly Segment[] | Uint8Array;
const isBytes = (s: Source): s is Uint8Array => s instanceof Uint8Array;
const lengthOf = (s: Source): number => (isBytes(s) ? s.length : s.reduce((n, x) => n + x.n, 0));

export class Outgoing {
  readonly source: Source;
  readonly total: number;
  /** Bytes that have gone. */
  done = 0;
  readonly flags: number;
  /** The call may not sleep. */
  readonly nowait: boolean;
  /** The address it is for, where one was given. */
  readonly to: Uint8Array | undefined;
  /** Descriptors and identity that go with it; references are taken when it is queued. */
  rights: readonly OpenFile[] = NONE;
  credentials: Sender | undefined;
  controls: readonly Control[] = NONE;
  constructor(source: Source, flags: number, nowait: boolean, to?: Uint8Array) {
    this.source = source;
    this.total = lengthOf(source);
    this.flags = flags;
    this.nowait = nowait;
    this.to = to;
  }
  /** The next bytes, n at most, as a copy or a view: not to be kept. EFAULT where they can't be read. */
  peek(t: Thread, n: number): Uint8Array | Errno {
    const { source, done } = this;
    const most = Math.min(n, this.total - done);
    if (isBytes(source)) return source.subarray(done, done + most);
    let skip = done;
    let into: Uint8Array | undefined;
    let got = 0;
    for (const s of source) {
      if (skip >= s.n && s.n > 0) {
        skip -= s.n;
        continue;
      }
      const part = Math.min(s.n - skip, most - got);
      const bytes = t.user.bytes(s.at + skip, part);
      if (bytes instanceof Errno) return EFAULT;
      if (got === 0 && part === most) return bytes;
      into ??= new Uint8Array(most);
      into.set(bytes, got);
      got += part;
      skip = 0;
      if (got === most) break;
    }
    return into ?? new Uint8Array(0);
  }
  /** The same as bytes of the kernel's own. */
  copy(t: Thread, n: number): Uint8Array | Errno {
    const bytes = this.peek(t, n);
    return bytes instanceof Errno ? bytes : bytes.slice();
  }
}

export class Incoming {
  readonly sink: Source;
  readonly room: number;
  /** Bytes that have been put. */
  done = 0;
  readonly flags: number;
  readonly nowait: boolean;
  /** The result, where it isn't the number of bytes put (MSG_TRUNC). */
  length: number | undefined;
  /** Who sent it, if known. */
  from: Uint8Array | undefined;
  /** MSG_* that the program gets back. */
  outFlags = 0;
  controls: readonly Control[] = NONE;
  /** Descriptors that came along: each with a reference that this owns. */
  rights: readonly OpenFile[] = NONE;
  /** SO_PASSPIDFD: the process that a descriptor is made of. */
  sender: Process | undefined;
  constructor(sink: Source, flags: number, nowait: boolean) {
    this.sink = sink;
    this.room = lengthOf(sink);
    this.flags = flags;
    this.nowait = nowait;
  }
  /** Nobody takes the descriptors. */
  dropRights(): void {
    if (this.rights.length === 0) return;
    for (const f of this.rights) dropFile(f);
    this.rights = NONE;
  }
  get left(): number {
    return this.room - this.done;
  }
  /** Puts the next bytes; there must be room for them. */
  put(t: Thread, bytes: Uint8Array): Errno | undefined {
    const { sink } = this;
    if (isBytes(sink)) {
      sink.set(bytes, this.done);
      this.done += bytes.length;
      return undefined;
    }
    let skip = this.done;
    let from = 0;
    for (const s of sink) {
      if (from === bytes.length) break;
      if (skip >= s.n) {
        skip -= s.n;
        continue;
      }
      const part = Math.min(s.n - skip, bytes.length - from);
      if (t.user.put(s.at + skip, bytes.subarray(from, from + part))) return EFAULT;
      from += part;
      skip = 0;
    }
    this.done += bytes.length;
    return undefined;
  }
}
