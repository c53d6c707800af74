// Shared memory segments of System V (ipc/shm.c): anonymous shared pages with a number.

import { AnonymousPages } from '../mm/area.ts';
import type { Task } from '../task.ts';
import { IpcObject, Registry } from './registry.ts';

/** /proc/sys/kernel/shmmni, shmmax and shmall */
export const SHMMNI = 4096,
  SHMMAX = 2 ** 64 - 2 ** 24,
  SHMALL = 2 ** 64 - 2 ** 24;

export class Segment extends IpcObject {
  readonly size: number;
  readonly pages = new AnonymousPages();
  readonly creator: number;
  last = 0;
  atime = 0;
  dtime = 0;
  locked = false;
  constructor(task: Task, key: number, mode: number, size: number) {
    super(task, key, mode);
    this.size = size;
    this.creator = task.process.pid;
    // The segment itself keeps the pages while nobody has it attached.
    this.pages.references = 1;
  }
  /** Mappings of it, in all address spaces. */
  get attached(): number {
    return this.pages.references - (this.removed ? 0 : 1);
  }
}

export class SharedMemory extends Registry<Segment> {
  constructor() {
    super(SHMMNI);
  }
  /** IPC_RMID: gone with the last that has it attached. Gives how many pages are free at once. */
  remove(s: Segment): number {
    if (s.removed) return 0;
    s.removed = true;
    const free = --s.pages.references === 0;
    if (free) this.delete(s);
    return free ? s.pages.size : 0;
  }
  /** Segments removed before that nobody has attached any more are forgotten. */
  sweep(): void {
    for (const s of this) if (s.removed && s.pages.references === 0) this.delete(s);
  }
}
