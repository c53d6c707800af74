// Which function an address of a task is in.
import { Errno } from '../abi/errno.ts';
import type { Inode } from '../kernel/fs/vfs.ts';
import { pathOf } from '../kernel/fs/walk.ts';
import type { Thread } from '../kernel/thread.ts';
import { ElfFunctions } from './elf-functions.ts';
import type { Frame } from './profile.ts';

/** All frames of a profile, each once. */
export class Frames {
  readonly list: Frame[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #files = new Map<Inode, ElfFunctions>();

  number(name: string, file?: string): number {
    const key = `${file ?? ''}\0${name}`;
    let n = this.#numbers.get(key);
    if (n === undefined) {
      n = this.list.push({ name, file }) - 1;
      this.#numbers.set(key, n);
    }
    return n;
  }
  /** The frame of the function at an address. */
  at(t: Thread, rip: number): number {
    const area = t.space.areas.find(rip);
    if (!area) return this.number('[not mapped]');
    const { file } = area;
    if (!file) return this.number(area.name || '[memory without a file]');
    const path = typeof file.at === 'string' ? file.at : pathOf(file.at, t.kernel.root);
    const offset = area.offset + rip - area.start;
    const f = this.#functions(file.inode).at(offset);
    return this.number(
      f?.name ?? `${path.slice(path.lastIndexOf('/') + 1)}+0x${(f?.start ?? offset).toString(16)}`,
      path,
    );
  }
  #functions(inode: Inode): ElfFunctions {
    let f = this.#files.get(inode);
    if (!f) {
      f = new ElfFunctions((offset, length) => {
        const size = inode.attributes().size;
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
        const n = bytes.length ? inode.pread(bytes, offset) : 0;
        return bytes.subarray(0, n instanceof Errno ? 0 : n);
      });
      this.#files.set(inode, f);
    }
    return f;
  }
}
