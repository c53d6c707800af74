// The host's standard streams as open files of the first process.
import { EAGAIN, EBADF, EFBIG, EINVAL, EIO, ENOSPC, ENXIO, EPIPE, type Errno, ESPIPE } from '../../abi/errno.ts';
import { O_APPEND, O_NONBLOCK } from '../../abi/open.ts';
import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { HostError, type HostStream } from '../../host/host.ts';
import type { Task } from '../task.ts';
import { BaseFile } from './file.ts';
import { BaseInode } from './node.ts';
import {
  type Attributes,
  type Dentry,
  type FileSystem,
  type OpenFile,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from './vfs.ts';

const ERRORS: Readonly<Record<string, Errno>> = { ENOSPC, EFBIG, EINVAL, EBADF, ESPIPE, ENXIO };

class StreamInode extends BaseInode {
  readonly fs: FileSystem;
  readonly stream: HostStream;
  constructor(fs: FileSystem, stream: HostStream) {
    super();
    this.fs = fs;
    this.stream = stream;
  }
  get ino(): number {
    return this.stream.stat().ino;
  }
  attributes(): Attributes {
    const s = this.stream.stat();
    return {
      dev: s.dev,
      ino: s.ino,
      mode: s.mode,
      nlink: s.nlink,
      uid: s.uid,
      gid: s.gid,
      rdev: s.rdev,
      size: s.size,
      blksize: s.blksize,
      blocks: s.blocks,
      atime: s.atimeNs,
      mtime: s.mtimeNs,
      ctime: s.ctimeNs,
      btime: s.birthtimeNs,
    };
  }
  override setAttributes(change: Partial<Attributes>): Errno | undefined {
    if (change.size === undefined) return undefined;
    if (!this.stream.truncate) return EINVAL;
    try {
      this.stream.truncate(change.size);
    } catch (e) {
      return refusal(e);
    }
    return undefined;
  }
  override pread(into: Uint8Array, at: number): number | Errno {
    if (this.stream.kind !== 'file') return ESPIPE;
    try {
      const n = this.stream.read(into, at);
      return n === 'again' ? EAGAIN : n;
    } catch (e) {
      return refusal(e);
    }
  }
  open(_task: Task, flags: number, at: Dentry): OpenFile {
    return new StreamFile(this.fs, this.stream, at, flags);
  }
}
function refusal(e: unknown): Errno {
  if (e instanceof HostError) return ERRORS[e.code] ?? EIO;
  throw e;
}

/** A descriptor 0, 1 or 2 that the machine was started with. A regular file's offset is the host's own, shared with whoever else has the description. */
export class StreamFile extends BaseFile {
  readonly #stream: HostStream;
  /** The position was set: from now on the host's is behind, until release. */
  #moved = false;
  constructor(fs: FileSystem, stream: HostStream, at: Dentry | string, flags = stream.flags) {
    super(at, new StreamInode(fs, stream), flags);
    this.#stream = stream;
    if (stream.kind !== 'file' && stream.kind !== 'device') this.flags = flags & (3 | O_NONBLOCK | O_APPEND);
    if (stream.kind === 'file') this.position = stream.position?.() ?? 0;
    stream.onReadable(() => this.queue.wake());
    stream.onWritable(() => this.queue.wake());
  }
  override read(_task: Task, into: Uint8Array, at?: number): number | Errno {
    if (!this.readable) return EBADF;
    const file = this.#stream.kind === 'file';
    if (at !== undefined && !file) return ESPIPE;
    if (into.length === 0) return 0;
    try {
      const n = this.#stream.read(into, at ?? (file ? this.position : undefined));
      if (n === 'again') return EAGAIN;
      if (file && at === undefined) {
        this.position = (this.position as number) + n;
        this.#moved = true;
      }
      return n;
    } catch (e) {
      return refusal(e);
    }
  }
  override write(task: Task, from: Uint8Array, at?: number): number | Errno {
    if (!this.writable) return EBADF;
    const file = this.#stream.kind === 'file';
    if (at !== undefined && !file) return ESPIPE;
    if (from.length === 0) return 0;
    try {
      const appends = (this.flags & O_APPEND) !== 0;
      const n = this.#stream.write(from, at ?? (this.#moved && !appends ? this.position : undefined));
      if (n === 'again') return EAGAIN;
      if (file && at === undefined)
        this.position = appends ? this.inode.attributes().size : (this.position as number) + n;
      return n;
    } catch (e) {
      if (!(e instanceof HostError) || e.code !== 'EPIPE') return refusal(e);
      const sender = task.kernel.thread(task.tid) ?? task.process;
      task.kernel.send(sender, { signo: SIGPIPE, code: SI_USER, pid: task.process.pid, uid: task.credentials.uid });
      return EPIPE;
    }
  }
  override seek(offset: number, whence: number): number | Errno {
    if (this.#stream.kind === 'device') return 0;
    if (this.#stream.kind !== 'file') return ESPIPE;
    const { size } = this.inode.attributes();
    const base = whence === 0 ? 0 : whence === 1 ? (this.position as number) : size;
    if (whence > 2) {
      if (offset < 0 || offset >= size) return ENXIO;
      return (this.position = whence === 3 ? offset : size);
    }
    if (base + offset < 0) return EINVAL;
    if (base + offset !== this.position) this.#moved = true;
    return (this.position = base + offset);
  }
  override poll(): number | undefined {
    const { kind } = this.#stream;
    if (kind === 'file' || kind === 'device') return undefined;
    const input = this.readable && this.#stream.ready();
    return (input ? POLLIN | POLLRDNORM : 0) | (this.writable ? POLLOUT | POLLWRNORM : 0);
  }
  page(index: number): Uint8Array | undefined {
    if (this.#stream.kind !== 'file') return undefined;
    const bytes = new Uint8Array(4096);
    const n = this.inode.pread(bytes, index * 4096);
    return typeof n === 'number' && n > 0 ? bytes : undefined;
  }
  flush(): Errno | undefined {
    if (this.#moved && this.position !== undefined) this.#stream.leave?.(this.position);
    return undefined;
  }
}
