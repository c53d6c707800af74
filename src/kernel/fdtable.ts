// Descriptors of a process (or of tasks that share them by CLONE_FILES).
import { EBADF, EMFILE, type Errno } from '../abi/errno.ts';
import { notifyClose } from './fs/notify.ts';
import type { OpenFile } from './fs/vfs.ts';
import type { FdTable, Task } from './task.ts';

interface Entry {
  readonly file: OpenFile;
  cloexec: boolean;
}

/** One reference less. With the last one the file goes, and epoll sets that hold it hear of that. */
export function dropFile(file: OpenFile): void {
  if (--file.references > 0) return;
  file.inode.locks?.dropped(file);
  notifyClose(file);
  file.release();
  file.queue.wake();
}

export class Descriptors implements FdTable {
  readonly #entries: (Entry | undefined)[] = [];
  limit = 1024;
  /** Tasks that use this table. */
  users = 1;

  /** How many descriptors there is room for, as the kernel's table grows: what select(2) looks at, and FDSize of /proc. */
  get capacity(): number {
    const highest = this.#entries.length;
    return highest <= 64 ? 64 : 2 ** Math.ceil(Math.log2(Math.max(128, highest)));
  }
  get(fd: number): OpenFile | Errno {
    return this.#entries[fd]?.file ?? EBADF;
  }
  install(file: OpenFile, cloexec: boolean, from = 0): number | Errno {
    let fd = from;
    while (this.#entries[fd]) fd++;
    if (fd >= this.limit) return EMFILE;
    this.#entries[fd] = { file, cloexec };
    file.references++;
    return fd;
  }
  set(fd: number, file: OpenFile, cloexec: boolean, task?: Task): Errno | undefined {
    if (fd < 0 || fd >= this.limit) return EBADF;
    const old = this.#entries[fd];
    file.references++;
    this.#entries[fd] = { file, cloexec };
    if (old) this.#drop(old.file, task);
    return undefined;
  }
  close(task: Task, fd: number): Errno | undefined {
    const e = this.#entries[fd];
    if (!e) return EBADF;
    this.#entries[fd] = undefined;
    return this.#drop(e.file, task);
  }
  #drop(file: OpenFile, task?: Task): Errno | undefined {
    const error = task ? file.flush?.(task) : undefined;
    file.inode.locks?.dropped(this);
    dropFile(file);
    return error;
  }
  cloexec(fd: number): boolean {
    return this.#entries[fd]?.cloexec ?? false;
  }
  setCloexec(fd: number, on: boolean): void {
    const e = this.#entries[fd];
    if (e) e.cloexec = on;
  }
  *entries(): Iterable<readonly [number, OpenFile, boolean]> {
    for (let fd = 0; fd < this.#entries.length; fd++) {
      const e = this.#entries[fd];
      if (e) yield [fd, e.file, e.cloexec];
    }
  }
  copy(): Descriptors {
    const d = new Descriptors();
    d.limit = this.limit;
    for (const [fd, file, cloexec] of this.entries()) {
      file.references++;
      d.#entries[fd] = { file, cloexec };
    }
    return d;
  }
  closeOnExec(task: Task): void {
    for (const [fd, , cloexec] of [...this.entries()]) if (cloexec) this.close(task, fd);
  }
  closeAll(task: Task): void {
    for (const [fd] of [...this.entries()]) this.close(task, fd);
  }
}
