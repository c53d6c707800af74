// Advisory locks on files: records by process (POSIX) or by open file description, and flock(2)'s on whole files (fs/locks.c).
import { EAGAIN, EDEADLK, type Errno } from '../../abi/errno.ts';
import { F_UNLCK, F_WRLCK } from '../../abi/fcntl.ts';
import { WaitQueue } from '../wait.ts';
import type { Inode, OpenFile } from './vfs.ts';

/** Who holds a lock: a process's descriptor table, or an open file description. */
export type Owner = object;
export interface Record {
  readonly type: number;
  readonly start: number;
  /** Of its last byte; infinite up to the end however far it grows. */
  readonly end: number;
  readonly owner: Owner;
  /** As F_GETLK tells it; -1 for a description's. */
  readonly pid: number;
}
const overlaps = (a: Record, b: Record): boolean => a.start <= b.end && b.start <= a.end;

/** Sleepers in F_SETLKW, for finding circles. */
interface Waiting {
  readonly locks: FileLocks;
  readonly record: Record;
  /** Whether it still sleeps. */
  asleep(): boolean;
}
const waiting = new Set<Waiting>();

export class FileLocks {
  #records: Record[] = [];
  readonly #flocks = new Map<Owner, number>();
  /** Woken when a lock goes. */
  readonly queue = new WaitQueue();

  /** The first lock that stands against one. */
  conflict(r: Record): Record | undefined {
    return this.#records.find(
      (x) => x.owner !== r.owner && overlaps(x, r) && (x.type === F_WRLCK || r.type === F_WRLCK),
    );
  }
  /** Sets, changes or (F_UNLCK) takes away; EAGAIN where another stands against it. */
  set(r: Record): Errno | undefined {
    if (r.type !== F_UNLCK && this.conflict(r)) return EAGAIN;
    const kept: Record[] = [];
    let { start, end } = r;
    for (const x of this.#records) {
      if (x.owner !== r.owner) {
        kept.push(x);
        continue;
      }
      if (x.type === r.type && x.start <= r.end + 1 && r.start <= x.end + 1) {
        // One of the same kind beside or within: they become one.
        start = Math.min(start, x.start);
        end = Math.max(end, x.end);
        continue;
      }
      if (!overlaps(x, r)) {
        kept.push(x);
        continue;
      }
      if (x.start < r.start) kept.push({ ...x, end: r.start - 1 });
      if (x.end > r.end) kept.push({ ...x, start: r.end + 1 });
    }
    if (r.type !== F_UNLCK) kept.push({ ...r, start, end });
    this.#records = kept.sort((a, b) => a.start - b.start);
    this.queue.wake();
    return undefined;
  }
  /** Before sleeping for a lock: EDEADLK if whoever holds it waits, by however many steps, for us. */
  wait(record: Record, asleep: () => boolean): Errno | undefined {
    const seen = new Set<Owner>();
    for (let holder = this.conflict(record)?.owner; holder && !seen.has(holder); ) {
      if (holder === record.owner) return EDEADLK;
      seen.add(holder);
      const current: Owner = holder;
      const next = [...waiting].find((w) => w.record.owner === current && w.asleep());
      holder = next?.locks.conflict(next.record)?.owner;
      if (holder === record.owner) return EDEADLK;
    }
    for (const w of waiting) if (!w.asleep()) waiting.delete(w);
    waiting.add({ locks: this, record, asleep });
    return undefined;
  }
  /** flock(2). `type`: F_RDLCK, F_WRLCK or F_UNLCK. A change of kind gives the old lock up first. */
  flock(file: OpenFile, type: number): Errno | undefined {
    if (this.#flocks.get(file) === type) return undefined;
    if (this.#flocks.delete(file)) this.queue.wake();
    if (type === F_UNLCK) return undefined;
    for (const other of this.#flocks.values()) if (other === F_WRLCK || type === F_WRLCK) return EAGAIN;
    this.#flocks.set(file, type);
    return undefined;
  }
  /** All there are; `whole`: flock's. */
  list(): (Record & { readonly whole: boolean })[] {
    const flocks = [...this.#flocks].map(([owner, type]) => ({
      owner,
      type,
      start: 0,
      end: Number.POSITIVE_INFINITY,
      pid: -1,
      whole: true,
    }));
    return [...this.#records.map((r) => ({ ...r, whole: false })), ...flocks];
  }
  /** A descriptor was closed, or a description is gone: its owner's locks go. */
  dropped(owner: Owner): void {
    const before = this.#records.length;
    this.#records = this.#records.filter((r) => r.owner !== owner);
    if (this.#flocks.delete(owner) || this.#records.length !== before) this.queue.wake();
  }
}
export function locksOf(inode: Inode): FileLocks {
  inode.locks ??= new FileLocks();
  return inode.locks;
}
