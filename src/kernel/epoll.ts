// epoll(7): sets of files that tell when something happens to them (fs/eventpoll.c).
import { EEXIST, EFAULT, EINVAL, ELOOP, ENOENT, type Errno } from '../abi/errno.ts';
import {
  ALWAYS,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLLWAKEUP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
} from '../abi/poll.ts';
import { AnonymousFile } from './fs/anonymous.ts';
import type { OpenFile } from './fs/vfs.ts';
import type { Task } from './task.ts';
import { WaitQueue, type Watcher } from './wait.ts';

/** Bits of an item's events that say how to tell, not what. */
const PRIVATE = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
/** How many sets may watch one another in a row, and how many ways of each length there may be from a file to a set (path_limits). */
const MAX_NESTS = 4;
const PATHS = [Number.POSITIVE_INFINITY, 500, 100, 50, 10] as const;
/** The sets a file is in. */
const itemsOf = new WeakMap<OpenFile, Set<Item>>();

/** A file in a set, under one descriptor. */
class Item implements Watcher {
  readonly set: EpollFile;
  readonly file: OpenFile;
  readonly fd: number;
  events: number;
  data: bigint;
  constructor(set: EpollFile, file: OpenFile, fd: number, events: number, data: bigint) {
    this.set = set;
    this.file = file;
    this.fd = fd;
    this.events = events;
    this.data = data;
  }
  get exclusive(): boolean {
    return (this.events & EPOLLEXCLUSIVE) !== 0;
  }
  /** What of its events holds now. */
  holds(): number {
    return (this.file.poll() ?? ALWAYS) & this.events & ~PRIVATE;
  }
  notify(events: number): boolean {
    if (this.file.references === 0) {
      this.set.forget(this);
      return false;
    }
    if ((this.events & ~PRIVATE) === 0 || (events !== 0 && (events & this.events) === 0)) return false;
    const wakes = this.set.becomesReady(this);
    if (!this.exclusive) return true;
    const direction = events & (POLLIN | POLLOUT);
    return wakes && (direction === 0 || direction === (this.events & direction));
  }
}

export class EpollFile extends AnonymousFile {
  readonly #items = new Map<OpenFile, Map<number, Item>>();
  /** Items that something happened to since they were last looked at, in order. */
  readonly #ready = new Set<Item>();
  /** Tasks in epoll_wait; who polls the set itself waits on `queue`. */
  readonly waiting = new WaitQueue();
  constructor() {
    super('[eventpoll]', 0);
  }

  becomesReady(item: Item): boolean {
    this.#ready.add(item);
    const awaited = !this.waiting.idle;
    this.waiting.wake();
    this.queue.wake(POLLIN | POLLRDNORM);
    return awaited;
  }
  #find(file: OpenFile, fd: number): Item | undefined {
    return this.#items.get(file)?.get(fd);
  }
  add(file: OpenFile, fd: number, events: number, data: bigint): Errno | undefined {
    if (this.#find(file, fd)) return EEXIST;
    if (file instanceof EpollFile && (file.#reaches(this) || file.#below() + 1 + this.#above() > MAX_NESTS))
      return ELOOP;
    const item = new Item(this, file, fd, events | POLLERR | POLLHUP, data);
    let own = this.#items.get(file);
    if (!own) this.#items.set(file, (own = new Map()));
    own.set(fd, item);
    let all = itemsOf.get(file);
    if (!all) itemsOf.set(file, (all = new Set()));
    all.add(item);
    if (tooManyPaths(file)) {
      this.forget(item);
      return EINVAL;
    }
    file.queue.watch(item);
    if (item.holds()) this.becomesReady(item);
    return undefined;
  }
  modify(file: OpenFile, fd: number, events: number, data: bigint): Errno | undefined {
    const item = this.#find(file, fd);
    if (!item) return ENOENT;
    if (item.exclusive) return EINVAL;
    item.events = events | POLLERR | POLLHUP;
    item.data = data;
    if (item.holds()) this.becomesReady(item);
    return undefined;
  }
  delete(file: OpenFile, fd: number): Errno | undefined {
    const item = this.#find(file, fd);
    if (!item) return ENOENT;
    this.forget(item);
    return undefined;
  }
  forget(item: Item): void {
    const own = this.#items.get(item.file);
    own?.delete(item.fd);
    if (own?.size === 0) this.#items.delete(item.file);
    itemsOf.get(item.file)?.delete(item);
    item.file.queue.unwatch(item);
    this.#ready.delete(item);
  }

  /** Sets below this one, in a row; whether `to` is among them. */
  #below(): number {
    let most = 0;
    for (const file of this.#items.keys()) if (file instanceof EpollFile) most = Math.max(most, 1 + file.#below());
    return most;
  }
  #reaches(to: EpollFile): boolean {
    if (this === to) return true;
    for (const file of this.#items.keys()) if (file instanceof EpollFile && file.#reaches(to)) return true;
    return false;
  }
  /** Sets that this one is in, in a row. */
  #above(): number {
    let most = 0;
    for (const item of itemsOf.get(this) ?? []) most = Math.max(most, 1 + item.set.#above());
    return most;
  }

  /** Hands out up to `most` events; `put` copies one to the program. */
  take(most: number, put: (n: number, events: number, data: bigint) => boolean): number | Errno {
    let n = 0;
    const looked = [...this.#ready];
    for (const [i, item] of looked.entries()) {
      if (n >= most) break;
      this.#ready.delete(item);
      const events = item.holds();
      if (!events) continue;
      if (!put(n, events, item.data)) {
        const others = [...this.#ready].filter((x) => !looked.includes(x, i));
        this.#ready.clear();
        for (const x of [item, ...looked.slice(i + 1), ...others]) this.#ready.add(x);
        return n > 0 ? n : EFAULT;
      }
      n++;
      if (item.events & EPOLLONESHOT) item.events &= PRIVATE;
      else if (!(item.events & EPOLLET)) this.#ready.add(item);
    }
    return n;
  }
  override poll(): number {
    for (const item of [...this.#ready]) {
      if (item.holds()) return POLLIN | POLLRDNORM;
      this.#ready.delete(item);
    }
    return 0;
  }
  override ioctl(): Errno {
    return EINVAL;
  }
  override release(): void {
    for (const own of [...this.#items.values()]) for (const item of [...own.values()]) this.forget(item);
  }
  override info(_task: Task): string {
    let text = '';
    for (const [file, own] of this.#items)
      for (const item of own.values()) {
        const a = file.inode.attributes();
        const hex = (n: number | bigint): string => n.toString(16);
        text += `tfd: ${String(item.fd).padStart(8)} events: ${hex(item.events >>> 0).padStart(8)} data: ${hex(item.data).padStart(16)}  pos:${file.position ?? 0} ino:${hex(a.ino)} sdev:${hex(a.dev)}\n`;
      }
    return text;
  }
}

/** A change of a file may not reach so many sets that the news takes for ever (reverse_path_check). */
function tooManyPaths(file: OpenFile): boolean {
  const counts = [0, 0, 0, 0, 0];
  const walk = (f: OpenFile, length: number): boolean => {
    for (const item of itemsOf.get(f) ?? []) {
      const above = itemsOf.get(item.set);
      if (above?.size) {
        if (walk(item.set, length + 1)) return true;
      } else if (length > MAX_NESTS || ++(counts as number[])[length]! > (PATHS[length] as number)) return true;
    }
    return false;
  };
  return walk(file, 0);
}
