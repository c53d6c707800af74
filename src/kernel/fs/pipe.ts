// Pipes and fifos (pipe(7)).
import { EAGAIN, EBADF, EBUSY, ENXIO, EPIPE, type Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { S_IFIFO } from '../../abi/stat.ts';
import { copy } from '../../bits/copy.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import { Block, WaitQueue } from '../wait.ts';
import { BaseFile } from './file.ts';
import { BaseInode, madeUp } from './node.ts';
import {
  type Attributes,
  type Dentry,
  type FileSystem,
  type Inode,
  type OpenFile,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from './vfs.ts';

const FIONREAD = 0x541b;

const PAGE = 4096;
/** A buffer of Linux's pipe: bytes [from, to) of a page. `packet`: one write of a pipe in packet mode, taken whole by one read. */
interface Buffer {
  readonly page: Uint8Array;
  from: number;
  to: number;
  readonly packet: boolean;
}

/** The bytes in flight and who is at either end. Room is counted in buffers, as Linux does: one that is partly read still takes its place. */
export class Pipe {
  /** Buffers there are. */
  #slots = 16;
  readonly queue = new WaitQueue();
  readers = 0;
  writers = 0;
  /** Openings so far, for the rendezvous of fifos. */
  readerOpens = 0;
  writerOpens = 0;
  readonly #buffers: Buffer[] = [];
  /** Pages to use again. */
  readonly #free: Uint8Array[] = [];
  length = 0;

  get capacity(): number {
    return this.#slots * PAGE;
  }
  get full(): boolean {
    return this.#buffers.length >= this.#slots;
  }
  /** Bytes that a write of whole buffers could take. */
  get room(): number {
    return Math.max(0, this.#slots - this.#buffers.length) * PAGE;
  }
  read(into: Uint8Array): number {
    let done = 0;
    const { full } = this;
    while (done < into.length && this.#buffers.length) {
      const b = this.#buffers[0] as Buffer;
      const n = Math.min(b.to - b.from, into.length - done);
      copy(b.page, b.from, n, into, done);
      done += n;
      this.length -= b.packet ? b.to - b.from : n;
      b.from = b.packet ? b.to : b.from + n;
      if (b.from === b.to) {
        this.#buffers.shift();
        this.#free.push(b.page);
      }
      if (b.packet) break;
    }
    // Tasks that wait for more room look again; who polls hears of it when there was none at all.
    if (done) this.queue.wake(full && !this.full ? POLLOUT | POLLWRNORM : POLLNVAL);
    return done;
  }
  /** What fits (0: nothing). The odd bytes of a write go into the last buffer if they fit there; the rest takes new ones. */
  write(from: Uint8Array, packet = false): number {
    let done = packet ? 0 : this.#merge(from);
    while (done < from.length && !this.full) {
      const page = this.#free.pop() ?? new Uint8Array(PAGE);
      const n = Math.min(PAGE, from.length - done);
      copy(from, done, n, page, 0);
      this.#buffers.push({ page, from: 0, to: n, packet });
      done += n;
    }
    if (done === 0) return 0;
    this.length += done;
    this.queue.wake(POLLIN | POLLRDNORM);
    return done;
  }
  #merge(from: Uint8Array): number {
    const odd = from.length % PAGE;
    const last = this.#buffers.at(-1);
    if (odd === 0 || !last || last.packet || last.to + odd > PAGE) return 0;
    copy(from, 0, odd, last.page, last.to);
    last.to += odd;
    return odd;
  }
  /** F_SETPIPE_SZ: what is inside must fit. */
  resize(size: number): number | Errno {
    if (size / PAGE < this.#buffers.length) return EBUSY;
    this.#slots = size / PAGE;
    this.queue.wake();
    return size;
  }
  peek(most: number): Uint8Array {
    const out = new Uint8Array(Math.min(most, this.length));
    let at = 0;
    for (const b of this.#buffers) {
      if (at >= out.length) break;
      out.set(b.page.subarray(b.from, Math.min(b.to, b.from + out.length - at)), at);
      at += b.to - b.from;
    }
    return out;
  }
}

export class PipeFile extends BaseFile {
  readonly pipe: Pipe;
  constructor(at: Dentry | string, inode: Inode, flags: number, pipe: Pipe) {
    super(at, inode, flags, pipe.queue);
    this.flags &= ~O.O_LARGEFILE;
    this.pipe = pipe;
    if (this.readable) {
      pipe.readers++;
      pipe.readerOpens++;
    }
    if (this.writable) {
      pipe.writers++;
      pipe.writerOpens++;
    }
    pipe.queue.wake();
  }
  override read(_task: Task, into: Uint8Array): number | Errno {
    if (!this.readable) return EBADF;
    if (into.length === 0) return 0;
    const n = this.pipe.read(into);
    if (n > 0) return n;
    return this.pipe.writers === 0 ? 0 : EAGAIN;
  }
  override write(task: Task, from: Uint8Array): number | Errno {
    if (!this.writable) return EBADF;
    if (from.length === 0) return 0;
    if (this.pipe.readers === 0) {
      const sender = task.kernel.thread(task.tid) ?? task.process;
      task.kernel.send(sender, { signo: SIGPIPE, code: SI_USER, pid: task.process.pid, uid: task.credentials.uid });
      return EPIPE;
    }
    const n = this.pipe.write(from, (this.flags & O.O_DIRECT) !== 0);
    return n > 0 ? n : EAGAIN;
  }
  override poll(): number {
    const p = this.pipe;
    let events = 0;
    if (this.readable) {
      if (p.length) events |= POLLIN | POLLRDNORM;
      if (p.writers === 0 && p.writerOpens > 0) events |= POLLHUP;
    }
    if (this.writable) {
      if (!p.full) events |= POLLOUT | POLLWRNORM;
      if (p.readers === 0) events |= POLLERR;
    }
    return events;
  }
  override ioctl(task: Thread, command: number, arg: number): number | Errno {
    if (command !== FIONREAD) return super.ioctl(task, command, arg) as Errno;
    const out = new Uint8Array(4);
    new DataView(out.buffer).setUint32(0, this.pipe.length, true);
    return task.user.put(arg, out) ?? 0;
  }
  override release(): void {
    if (this.readable) this.pipe.readers--;
    if (this.writable) this.pipe.writers--;
    this.pipe.queue.wake();
  }
}

class PipeFs implements FileSystem {
  readonly type = 'pipefs';
  readonly magic = 0x50495045;
  readonly dev = 14;
  readonly readOnly = false;
  get root(): Inode {
    throw new Error('pipefs has no root');
  }
  statfs(): ReturnType<FileSystem['statfs']> {
    return { bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}
const pipefs = new PipeFs();

class PipeInode extends BaseInode {
  readonly fs = pipefs;
  readonly ino: number;
  readonly pipe = new Pipe();
  readonly #a: Attributes;
  constructor(ino: number, task: Task) {
    super();
    this.ino = ino;
    this.#a = madeUp(
      { mode: S_IFIFO | 0o600, ino, dev: pipefs.dev, uid: task.credentials.fsuid, gid: task.credentials.fsgid },
      task.kernel.realtime(),
    );
  }
  attributes(): Attributes {
    return this.#a;
  }
  override setAttributes(change: Partial<Attributes>): Errno | undefined {
    Object.assign(this.#a, change);
    return undefined;
  }
  open(_task: Task, flags: number): OpenFile {
    return new PipeFile(`pipe:[${this.ino}]`, this, flags, this.pipe);
  }
}
let nextIno = 10000;
/** The two ends of a new pipe; flags: O_NONBLOCK, O_DIRECT. */
export function makePipe(task: Task, flags: number): [OpenFile, OpenFile] {
  const inode = new PipeInode(nextIno++, task);
  const reader = inode.open(task, O.O_RDONLY | (flags & O.O_NONBLOCK));
  return [reader, inode.open(task, O.O_WRONLY | (flags & (O.O_NONBLOCK | O.O_DIRECT)))];
}

const fifos = new WeakMap<Inode, Pipe>();
/** Opening a fifo: both ends wait for one another (fifo(7)). */
export function openFifo(inode: Inode, flags: number, at: Dentry, task: Task): OpenFile | Errno | Block {
  let pipe = fifos.get(inode);
  if (!pipe) {
    pipe = new Pipe();
    fifos.set(inode, pipe);
  }
  const access = flags & O.O_ACCMODE;
  if (access === O.O_RDWR) return new PipeFile(at, inode, flags, pipe);
  if (flags & O.O_NONBLOCK) {
    if (access === O.O_WRONLY && pipe.readers === 0) return ENXIO;
    return new PipeFile(at, inode, flags, pipe);
  }
  // The first try makes the end, so that the other side sees it; later ones wait for an opening of the other side.
  let waiting = task.progress as { file: PipeFile; others: number } | undefined;
  if (!waiting) {
    const others = access === O.O_RDONLY ? pipe.writerOpens : pipe.readerOpens;
    const present = access === O.O_RDONLY ? pipe.writers : pipe.readers;
    const file = new PipeFile(at, inode, flags, pipe);
    if (present > 0) return file;
    waiting = { file, others };
    task.progress = waiting;
  }
  if ((access === O.O_RDONLY ? pipe.writerOpens : pipe.readerOpens) > waiting.others) return waiting.file;
  if (task.interrupted) waiting.file.release();
  return new Block([pipe.queue]);
}
