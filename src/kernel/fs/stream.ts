// The host's standard streams as open files of the first process.
import { EAGAIN, EBADF, EINVAL, EIO, ENOSPC, EPIPE, type Errno, ESPIPE } from '../../abi/errno.ts';
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

const TCGETS = 0x5401,
  TIOCGWINSZ = 0x5413,
  TIOCGPGRP = 0x540f,
  TIOCSPGRP = 0x5410,
  FIONREAD = 0x541b;

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
  override pread(_into: Uint8Array, _at: number): Errno {
    return ESPIPE;
  }
  open(_task: Task, _flags: number, at: Dentry): OpenFile {
    return new StreamFile(this.fs, this.stream, at);
  }
}

export class StreamFile extends BaseFile {
  readonly #stream: HostStream;
  constructor(fs: FileSystem, stream: HostStream, at: Dentry | string) {
    super(at, new StreamInode(fs, stream), stream.readable ? (stream.writable ? 2 : 0) : 1);
    this.#stream = stream;
    if (stream.kind === 'pipe') this.flags &= 3;
    stream.onReadable(() => this.queue.wake());
  }
  override read(_task: Task, into: Uint8Array, at?: number): number | Errno {
    if (at !== undefined) return ESPIPE;
    if (!this.readable) return EBADF;
    if (into.length === 0) return 0;
    try {
      const n = this.#stream.read(into);
      return n === 'again' ? EAGAIN : n;
    } catch (e) {
      if (e instanceof HostError) return EIO;
      throw e;
    }
  }
  override write(task: Task, from: Uint8Array, at?: number): number | Errno {
    if (at !== undefined) return ESPIPE;
    if (!this.writable) return EBADF;
    try {
      const n = this.#stream.write(from);
      return n === 'again' ? EAGAIN : n;
    } catch (e) {
      if (!(e instanceof HostError)) throw e;
      if (e.code !== 'EPIPE') return e.code === 'ENOSPC' ? ENOSPC : EIO;
      const sender = task.kernel.thread(task.tid) ?? task.process;
      task.kernel.send(sender, { signo: SIGPIPE, code: SI_USER, pid: task.process.pid, uid: task.credentials.uid });
      return EPIPE;
    }
  }
  override seek(): number | Errno {
    return ESPIPE;
  }
  override poll(): number {
    return (this.readable ? POLLIN | POLLRDNORM : 0) | (this.writable ? POLLOUT | POLLWRNORM : 0);
  }
  override ioctl(task: Task, command: number, arg: number): number | Errno {
    if (this.#stream.kind !== 'tty') return super.ioctl(task, command, arg) as Errno;
    const put = (bytes: Uint8Array): number | Errno => task.user.put(arg, bytes) ?? 0;
    switch (command) {
      case TCGETS: {
        // A terminal in its usual cooked state: struct termios of the kernel, 36 bytes.
        const out = new Uint8Array(36);
        const v = new DataView(out.buffer);
        [0x4500, 0x5, 0xbf, 0x8a3b].forEach((n, i) => v.setUint32(4 * i, n, true));
        out.set([3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22], 17);
        return put(out);
      }
      case TIOCGWINSZ: {
        const size = this.#stream.windowSize?.() ?? { rows: 24, columns: 80 };
        const out = new Uint8Array(8);
        new DataView(out.buffer).setUint16(0, size.rows, true);
        new DataView(out.buffer).setUint16(2, size.columns, true);
        return put(out);
      }
      case TIOCGPGRP: {
        const out = new Uint8Array(4);
        new DataView(out.buffer).setInt32(0, task.process.pgid, true);
        return put(out);
      }
      case TIOCSPGRP:
      case FIONREAD:
        return EINVAL;
      default:
        return super.ioctl(task, command, arg) as Errno;
    }
  }
}
