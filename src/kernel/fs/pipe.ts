// Pipes and fifos (pipe(7)).
import { EAGAIN, EBADF, EBUSY, ENXIO, EPIPE, type Errno } from '../../abi/errno.ts';
import * as O from '../../abi/open.ts';
import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { S_IFIFO } from '../../abi/stat.ts';
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

export const PIPE_BUF = 4096;
const FIONREAD = 0x541b;

/** The bytes in flight and who is at either end. */
export class Pipe {
  capacity = 65536;
  readonly queue = new WaitQueue();
  readers = 0;
  writers = 0;
  /** Openings so far, for the rendezvous of fifos. */
  readerOpens = 0;
  writerOpens = 0;
  readonly #chunks: Uint8Array[] = [];
  length = 0;

  get room(): number {
    return this.capacity - this.length;
  }
  read(into: Uint8Array): number {
    let done = 0;
    const full = this.room === 0;
    while (done < into.length && this.#chunks.length) {
      const c = this.#chunks[0] as Uint8Array;
      const n = Math.min(c.length, into.length - done);
      into.set(c.subarray(0, n), done);
      if (n === c.length) this.#chunks.shift();
      else this.#chunks[0] = c.subarray(n);
      done += n;
    }
    this.length -= done;
    // Tasks that wait for more room look again; who polls hears of it when there was none at all.
    if (done) this.queue.wake(full ? POLLOUT | POLLWRNORM : POLLNVAL);
    return done;
  }
  /** What fits; small writes all or nothing (0). */
  write(from: Uint8Array): number {
    const room = this.capacity - this.length;
    if (from.length <= PIPE_BUF && room < from.length) return 0;
    const n = Math.min(room, from.length);
    if (n === 0) return 0;
    this.#chunks.push(from.slice(0, n));
    this.length += n;
    this.queue.wake(POLLIN | POLLRDNORM);
    return n;
  }
  /** F_SETPIPE_SZ: what is inside must fit. */
  resize(size: number): number | Errno {
    if (size < this.length) return EBUSY;
    this.capacity = size;
    this.queue.wake();
    return size;
  }
  peek(most: number): Uint8Array {
    const out = new Uint8Array(Math.min(most, this.length));
    let at = 0;
    for (const c of this.#chunks) {
      if (at >= out.length) break;
      out.set(c.subarray(0, out.length - at), at);
      at += c.length;
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
    if (this.pipe.readers === 0) {
      const sender = task.kernel.thread(task.tid) ?? task.process;
      task.kernel.send(sender, { signo: SIGPIPE, code: SI_USER, pid: task.process.pid, uid: task.credentials.uid });
      return EPIPE;
    }
    if (from.length === 0) return 0;
    const n = this.pipe.write(from);
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
      if (p.length < p.capacity) events |= POLLOUT | POLLWRNORM;
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
  const kept = flags & (O.O_NONBLOCK | O.O_DIRECT);
  return [inode.open(task, O.O_RDONLY | kept), inode.open(task, O.O_WRONLY | kept)];
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
