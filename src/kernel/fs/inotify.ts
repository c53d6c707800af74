// inotify(7): what happened to files, read as a queue of events.
import { EAGAIN, EBADF, EEXIST, EINVAL, ENOSPC, type Errno } from '../../abi/errno.ts';
import * as N from '../../abi/inotify.ts';
import { O_RDONLY } from '../../abi/open.ts';
import { POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import { int } from '../../abi/type.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task.ts';
import type { Thread } from '../thread.ts';
import { WaitQueue } from '../wait.ts';
import { AnonymousFile } from './anonymous.ts';
import { addMark, type Mark, removeMark } from './notify.ts';
import type { Inode } from './vfs.ts';

/** Events kept for one reader, and watches and instances of one user (/proc/sys/fs/inotify). */
export const MAX_EVENTS = 16384,
  MAX_WATCHES = 65536,
  MAX_INSTANCES = 128;
const HEAD = 16;
const FIONREAD = 0x541b;
const HEAD_ALIGN = HEAD;

interface Event {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: string;
}
/** Bytes of an event: names are filled up with NULs, one at least. */
const sizeOf = (e: Event): number =>
  HEAD + (e.name === '' ? 0 : Math.ceil((e.name.length + 1) / HEAD_ALIGN) * HEAD_ALIGN);

class Watch implements Mark {
  readonly #owner: InotifyFile;
  readonly wd: number;
  readonly inode: Inode;
  mask: number;
  constructor(owner: InotifyFile, wd: number, inode: Inode, mask: number) {
    this.#owner = owner;
    this.wd = wd;
    this.inode = inode;
    this.mask = mask;
  }
  event(mask: number, cookie: number, name = '', unlinked = false): void {
    if (unlinked && this.mask & N.IN_EXCL_UNLINK) return;
    this.#owner.put({ wd: this.wd, mask: mask >>> 0, cookie, name });
    if (this.mask & N.IN_ONESHOT) this.#owner.drop(this);
  }
  gone(): void {
    this.#owner.drop(this);
  }
  stillOpen(inode: Inode): boolean {
    return this.#owner.kernel.hasOpen(inode);
  }
}

export class InotifyFile extends AnonymousFile {
  readonly kernel: Kernel;
  readonly #uid: number;
  readonly #byNumber = new Map<number, Watch>();
  readonly #byInode = new Map<Inode, Watch>();
  readonly #events: Event[] = [];
  #bytes = 0;
  #next = 1;
  constructor(task: Task, flags: number) {
    super('inotify', flags, new WaitQueue(), O_RDONLY);
    this.kernel = task.kernel;
    this.#uid = task.credentials.uid;
    const { inotifyUsers } = this.kernel;
    inotifyUsers.set(this.#uid, (inotifyUsers.get(this.#uid) ?? 0) + 1);
  }
  /** Watches an inode, or changes what for. Gives the watch's number. */
  watch(inode: Inode, mask: number): number | Errno {
    const events = mask & (N.IN_ALL_EVENTS | N.IN_ONESHOT | N.IN_EXCL_UNLINK);
    const known = this.#byInode.get(inode);
    if (known) {
      if (mask & N.IN_MASK_CREATE) return EEXIST;
      known.mask = mask & N.IN_MASK_ADD ? known.mask | events : events;
      return known.wd;
    }
    if (this.#byNumber.size >= MAX_WATCHES) return ENOSPC;
    const w = new Watch(this, this.#next++, inode, events);
    this.#byNumber.set(w.wd, w);
    this.#byInode.set(inode, w);
    addMark(inode, w);
    return w.wd;
  }
  unwatch(wd: number): Errno | undefined {
    const w = this.#byNumber.get(wd);
    if (!w) return EINVAL;
    this.drop(w);
    return undefined;
  }
  drop(w: Watch): void {
    if (!this.#byNumber.delete(w.wd)) return;
    this.#byInode.delete(w.inode);
    removeMark(w.inode, w);
    this.put({ wd: w.wd, mask: N.IN_IGNORED, cookie: 0, name: '' });
  }
  /** Queues an event, unless the last one says the same. */
  put(e: Event): void {
    const last = this.#events[this.#events.length - 1];
    if (last && last.wd === e.wd && last.mask === e.mask && last.cookie === e.cookie && last.name === e.name) return;
    if (this.#events.length >= MAX_EVENTS) {
      if (last?.mask !== N.IN_Q_OVERFLOW) this.#add({ wd: -1, mask: N.IN_Q_OVERFLOW, cookie: 0, name: '' });
      return;
    }
    this.#add(e);
  }
  #add(e: Event): void {
    this.#events.push(e);
    this.#bytes += sizeOf(e);
    this.queue.wake(POLLIN | POLLRDNORM);
  }
  override read(_task: Task, into: Uint8Array): number | Errno {
    let done = 0;
    let taken = 0;
    const v = new DataView(into.buffer, into.byteOffset, into.length);
    for (const e of this.#events) {
      const n = sizeOf(e);
      if (done + n > into.length) break;
      into.fill(0, done, done + n);
      v.setInt32(done, e.wd, true);
      v.setUint32(done + 4, e.mask, true);
      v.setUint32(done + 8, e.cookie, true);
      v.setUint32(done + 12, n - HEAD, true);
      for (let i = 0; i < e.name.length; i++) into[done + HEAD + i] = e.name.charCodeAt(i);
      done += n;
      taken++;
    }
    if (this.#events.length === 0) return EAGAIN;
    this.#events.splice(0, taken);
    this.#bytes -= done;
    return taken === 0 ? EINVAL : done;
  }
  override write(): Errno {
    return EBADF;
  }
  override poll(): number {
    return this.#events.length ? POLLIN | POLLRDNORM : 0;
  }
  override ioctl(task: Thread, command: number, arg: number): ReturnType<AnonymousFile['ioctl']> {
    if (command !== FIONREAD) return super.ioctl(task, command, arg);
    return task.user.set(int, arg, this.#bytes) ?? 0;
  }
  override release(): void {
    for (const w of this.#byNumber.values()) removeMark(w.inode, w);
    this.#byNumber.clear();
    this.#byInode.clear();
    const { inotifyUsers } = this.kernel;
    inotifyUsers.set(this.#uid, (inotifyUsers.get(this.#uid) ?? 1) - 1);
  }
  override info(_task: Task): string {
    const hex = (n: number): string => (n >>> 0).toString(16);
    return [...this.#byNumber.values()]
      .reverse()
      .map((w) => {
        const a = w.inode.attributes();
        return `inotify wd:${hex(w.wd)} ino:${a.ino.toString(16)} sdev:${hex(a.dev)} mask:${hex(w.mask)} ignored_mask:0 \n`;
      })
      .join('');
  }
}
