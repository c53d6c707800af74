// What shared memory, semaphores and message queues of System V have in common: keys, numbers, owners and rights (ipc/util.c).
import { CAP_IPC_OWNER, CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { EACCES, EEXIST, EIDRM, EINVAL, ENOENT, ENOSPC, EPERM, Errno } from '../../abi/errno.ts';
import * as I from '../../abi/ipc.ts';
import type { ValueOf } from '../../abi/struct.ts';
import type { Task } from '../task.ts';

const MODE = 0o777;
/** A number is a place in the table and how often the place was used before. */
const PLACES = 32768;

/** An object by number: who made it, whose it is, who may use it. */
export abstract class IpcObject {
  id = -1;
  readonly key: number;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  mode: number;
  /** Seconds since the Epoch. */
  ctime: number;
  removed = false;
  constructor(task: Task, key: number, mode: number) {
    const { euid, egid } = task.credentials;
    this.key = key;
    this.uid = this.cuid = euid;
    this.gid = this.cgid = egid;
    this.mode = mode & MODE;
    this.ctime = seconds(task);
  }
  get sequence(): number {
    return Math.floor(this.id / PLACES);
  }
  /** ipcperms: rights asked for as permission bits of any class. */
  permits(task: Task, wanted: number): Errno | undefined {
    const bits = (wanted >> 6) | (wanted >> 3) | wanted;
    const c = task.credentials;
    const group = (g: number): boolean => c.egid === g || c.groups.includes(g);
    let granted = this.mode;
    if (c.euid === this.cuid || c.euid === this.uid) granted >>= 6;
    else if (group(this.cgid) || group(this.gid)) granted >>= 3;
    return bits & ~granted & 7 && !task.capable(CAP_IPC_OWNER) ? EACCES : undefined;
  }
  /** Changing and removing: its owners, or CAP_SYS_ADMIN. */
  belongsTo(task: Task): Errno | undefined {
    const { euid } = task.credentials;
    return euid === this.cuid || euid === this.uid || task.capable(CAP_SYS_ADMIN) ? undefined : EPERM;
  }
  permissions(): Partial<ValueOf<typeof I.ipcPerm>> {
    const { key, uid, gid, cuid, cgid, mode } = this;
    return { key, uid, gid, cuid, cgid, mode, seq: this.sequence % 0x1_0000 };
  }
  /** IPC_SET. */
  setOwner(task: Task, p: { uid: number; gid: number; mode: number }): Errno | undefined {
    if (p.uid === 0xffff_ffff || p.gid === 0xffff_ffff) return EINVAL;
    this.uid = p.uid;
    this.gid = p.gid;
    this.mode = (this.mode & ~MODE) | (p.mode & MODE);
    this.ctime = seconds(task);
    return undefined;
  }
}
export const seconds = (task: Task): number => Number(task.kernel.realtime() / 1_000_000_000n);

export class Registry<T extends IpcObject> {
  readonly #places: (T | undefined)[] = [];
  readonly #most: number;
  #uses = 0;
  constructor(most: number) {
    this.#most = most;
  }
  get used(): number {
    let n = 0;
    for (const o of this.#places) if (o) n++;
    return n;
  }
  /** The highest place in use, as SHM_INFO and the like answer. */
  get highest(): number {
    return Math.max(
      0,
      this.#places.findLastIndex((o) => o !== undefined),
    );
  }
  atPlace(place: number): T | undefined {
    return this.#places[place];
  }
  /** EINVAL: no such number; EIDRM: the place is another's by now. */
  get(id: number): T | Errno {
    if (id < 0) return EINVAL;
    const o = this.#places[id % PLACES];
    if (!o) return EINVAL;
    return o.id === id ? o : EIDRM;
  }
  /** ipcget: the object of a key, made where allowed. `suits` refuses one that is there. */
  find(
    task: Task,
    key: number,
    flags: number,
    make: () => T | Errno,
    suits: (o: T) => Errno | undefined = () => undefined,
  ): number | Errno {
    if (key !== I.IPC_PRIVATE) {
      const there = this.#places.find((o) => o?.key === key && !o.removed);
      if (there) {
        if (flags & I.IPC_CREAT && flags & I.IPC_EXCL) return EEXIST;
        return suits(there) ?? there.permits(task, flags & MODE) ?? there.id;
      }
      if (!(flags & I.IPC_CREAT)) return ENOENT;
    }
    if (this.used >= this.#most) return ENOSPC;
    const made = make();
    if (made instanceof Errno) return made;
    let place = this.#places.indexOf(undefined);
    if (place < 0) place = this.#places.length;
    // A place that is used again gives another number.
    made.id = place + PLACES * (place < this.#places.length ? ++this.#uses % 0x1_0000 : 0);
    this.#places[place] = made;
    return made.id;
  }
  delete(o: T): void {
    o.removed = true;
    if (this.#places[o.id % PLACES] === o) this.#places[o.id % PLACES] = undefined;
  }
  *[Symbol.iterator](): Iterator<T> {
    for (const o of this.#places) if (o) yield o;
  }
}
