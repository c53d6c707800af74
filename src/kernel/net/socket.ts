// What sockets of all families have in common: their state, and moving messages with sleep, time limits and signals.
import { EAGAIN, EINTR, EINVAL, ENOTCONN, ENOTTY, EOPNOTSUPP, EPIPE, ERESTARTSYS, Errno } from '../../abi/errno.ts';
import { O_NONBLOCK, O_RDWR } from '../../abi/open.ts';
import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { MSG_NOSIGNAL, MSG_PEEK } from '../../abi/socket.ts';
import { BaseFile } from '../fs/file.ts';
import type { Segment } from '../io.ts';
import type { Kernel } from '../kernel.ts';
import { giveUpIn, timedOut } from '../poll.ts';
import type { Result } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { Block, type WaitQueue } from '../wait.ts';
import { socketIoctl } from './ioctl.ts';
import { takeScm } from './message.ts';
import type { OptionSet } from './option.ts';
import { SocketSettings } from './settings.ts';
import { SocketInode } from './sockfs.ts';
import { type Control, Incoming, Outgoing } from './transfer.ts';

export abstract class Socket extends BaseFile {
  readonly kernel: Kernel;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  /** What setsockopt(2) changes at level SOL_SOCKET. */
  readonly settings: SocketSettings;
  /** An error that came from outside of any call: reported once, by the next call or SO_ERROR. */
  error: Errno | undefined;
  /** Directions that are over: nothing more will be read, or may be sent. */
  receiveShut = false;
  sendShut = false;

  constructor(task: Thread, family: number, type: number, protocol: number) {
    const inode = new SocketInode(task);
    super(`socket:[${inode.ino}]`, inode, 0);
    this.flags = O_RDWR;
    this.kernel = task.kernel;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    this.settings = new SocketSettings();
  }
  /** Takes the pending error. */
  takeError(): Errno | undefined {
    const { error } = this;
    this.error = undefined;
    return error;
  }

  /** Addresses are as the program gives them, family first. */
  abstract bind(t: Thread, address: Uint8Array): Errno | undefined;
  abstract connect(t: Thread, address: Uint8Array): Result;
  abstract localName(): Uint8Array;
  peerName(): Uint8Array | Errno {
    return ENOTCONN;
  }
  listen(_t: Thread, _backlog: number): Errno | undefined {
    return EOPNOTSUPP;
  }
  get listening(): boolean {
    return false;
  }
  /** A connection that has come; EAGAIN where there is none yet. */
  accept(_t: Thread): Socket | Errno {
    return EOPNOTSUPP;
  }
  shutdown(_t: Thread, _how: number): Errno | undefined {
    return EOPNOTSUPP;
  }
  /** Sends what it can, counting in `out.done`. Gives what to wait for if that isn't all, or why it isn't. */
  protected abstract push(t: Thread, out: Outgoing): WaitQueue | Errno | undefined;
  /** Receives what is there. Gives what to wait for if that is too little, or an error. */
  protected abstract pull(t: Thread, into: Incoming): WaitQueue | Errno | undefined;

  /** What goes with a message besides its bytes: taken into `out`, or refused. */
  takeControls(t: Thread, controls: readonly Control[], out: Outgoing): Errno | undefined {
    return takeScm(t, controls, out, false);
  }
  /** Options of the family's and protocol's own levels. */
  options(_level: number): OptionSet | undefined {
    return undefined;
  }
  /** Buffer sizes were set: there may be more room now. */
  buffersChanged(): void {
    this.queue.wake();
  }
  /** The most that SO_RCVLOWAT may be. */
  get mostLow(): number {
    return 0x7fff_ffff;
  }
  /** Where MSG_PEEK begins to look (SO_PEEK_OFF), and its moving on with what is looked at and what is taken. */
  protected peekStart(into: Incoming): number {
    return into.flags & MSG_PEEK ? Math.max(0, this.settings.peekOffset) : 0;
  }
  protected moved(into: Incoming, looked: number, taken = looked): void {
    const { settings } = this;
    if (settings.peekOffset < 0) return;
    const peek = (into.flags & MSG_PEEK) !== 0;
    settings.peekOffset = peek ? settings.peekOffset + looked : Math.max(0, settings.peekOffset - taken);
  }
  /** Of whole messages: which one a receive is about, and from which byte on. */
  protected messageAt(lengths: readonly { readonly bytes: Uint8Array }[], into: Incoming): [index: number, at: number] {
    let at = this.peekStart(into);
    let index = 0;
    for (; at > 0 && index < lengths.length; index++) {
      const n = (lengths[index] as { bytes: Uint8Array }).bytes.length;
      if (at < n) break;
      at -= n;
    }
    return [index, at];
  }

  /** What SIOCINQ, SIOCOUTQ, SIOCOUTQNSD and SIOCATMARK ask for. */
  waitingToRead(): number | Errno {
    return ENOTTY;
  }
  waitingToGo(): number | Errno {
    return ENOTTY;
  }
  unsent(): number | Errno {
    return ENOTTY;
  }
  atMark(): number | Errno {
    return ENOTTY;
  }
  override ioctl(task: Thread, command: number, arg: number): number | Errno | Block {
    const r = socketIoctl(task, this, command, arg);
    return r === 'noreturn' ? ENOTTY : r;
  }

  // --- calls that may sleep
  /** A send call, or its continuation. */
  sendMessage(t: Thread, out: Outgoing): Result {
    const r = this.push(t, out);
    if (r === undefined) return out.done;
    if (r instanceof Errno) return out.done > 0 ? out.done : r;
    return this.#sleep(t, r, out, this.settings.sendTimeout, out.done);
  }
  /** A receive call, or its continuation. Its result is a count of bytes. */
  receiveMessage(t: Thread, into: Incoming): Result {
    const r = this.pull(t, into);
    if (r === undefined) return into.length ?? into.done;
    if (r instanceof Errno) return into.done > 0 ? into.done : r;
    return this.#sleep(t, r, into, this.settings.receiveTimeout, into.done);
  }
  #sleep(t: Thread, on: WaitQueue, progress: Outgoing | Incoming, limit: bigint | undefined, done: number): Result {
    if (progress.nowait) return done > 0 ? done : EAGAIN;
    giveUpIn(t, limit);
    if (timedOut(t)) return done > 0 ? done : EAGAIN;
    t.progress = progress;
    return new Block([on], t.deadline, done > 0 ? done : interruption(limit));
  }

  // --- as a file
  readv(t: Thread, segments: readonly Segment[], nowait: boolean): Result {
    // sock_read_iter: nothing wanted, nothing looked at.
    if (segments.every((s) => s.n === 0)) return 0;
    const into = t.progress instanceof Incoming ? t.progress : new Incoming(segments, 0, nowait || this.nonblocking);
    const r = this.receiveMessage(t, into);
    into.dropRights();
    return r;
  }
  writev(t: Thread, segments: readonly Segment[], nowait: boolean): Result {
    if (t.progress instanceof Outgoing) return this.sendMessage(t, t.progress);
    return this.sendMessage(t, new Outgoing(segments, 0, nowait || this.nonblocking));
  }
  override read(task: Thread, into: Uint8Array): number | Errno {
    const incoming = new Incoming(into, 0, true);
    const r = this.pull(task, incoming);
    incoming.dropRights();
    if (r === undefined || incoming.done > 0) return incoming.done;
    return r instanceof Errno ? r : EAGAIN;
  }
  override write(task: Thread, from: Uint8Array): number | Errno {
    const outgoing = new Outgoing(from, 0, true);
    const r = this.push(task, outgoing);
    if (r === undefined || outgoing.done > 0) return outgoing.done;
    return r instanceof Errno ? r : EAGAIN;
  }
  get nonblocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }
}
/** Why a sleep that a signal ended ends: with a time limit the call can't be made again by itself. */
export const interruption = (limit: bigint | undefined): Errno => (limit === undefined ? ERESTARTSYS : EINTR);

/** Nobody is left to read: EPIPE, and SIGPIPE unless the call says no. */
export function brokenPipe(task: Thread, flags: number): Errno {
  if (!(flags & MSG_NOSIGNAL)) {
    task.kernel.send(task, { signo: SIGPIPE, code: SI_USER, pid: task.process.pid, uid: task.credentials.uid });
  }
  return EPIPE;
}
/** The sockaddr's family; EINVAL where there's not even that. */
export function familyOf(address: Uint8Array): number | Errno {
  return address.length < 2 ? EINVAL : (address[0] as number) | ((address[1] as number) << 8);
}
