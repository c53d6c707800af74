// Which functions a task is in.
import { Errno } from '../abi/errno.ts';
import type { Inode } from '../kernel/fs/vfs.ts';
import { pathOf } from '../kernel/fs/walk.ts';
import type { Thread } from '../kernel/thread.ts';
import { ElfFile } from './elf-file.ts';
import { ElfFunctions } from './elf-functions.ts';
import type { Frame } from './profile.ts';
import { type Calls, callsOf, wordAt } from './unwind.ts';
import { type Row, UnwindTable } from './unwind-table.ts';

interface Code {
  readonly file: ElfFile;
  readonly functions: ElfFunctions;
  readonly unwind: UnwindTable;
}
/** A stack found before, and what it was found by: it holds as long as the return addresses stand where they stood. */
interface Known extends Calls {
  readonly stack: readonly number[];
}

const MOST_KNOWN = 1000;

/** All frames of a profile, each once. */
export class Frames {
  readonly list: Frame[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #files = new Map<Inode, Code>();
  /** By task, then place in code and stack. */
  readonly #known = new WeakMap<Thread, Map<string, Known>>();

  number(name: string, file?: string): number {
    const key = `${file ?? ''}\0${name}`;
    let n = this.#numbers.get(key);
    if (n === undefined) {
      n = this.list.push({ name, file }) - 1;
      this.#numbers.set(key, n);
    }
    return n;
  }
  /** The frames of a task that is at that address, the outermost first. */
  stack(t: Thread, rip: number): readonly number[] {
    let known = this.#known.get(t);
    if (!known) {
      known = new Map();
      this.#known.set(t, known);
    }
    const key = `${rip} ${t.cpu.get('rsp')}`;
    const before = known.get(key);
    if (before?.slots.every((slot, i) => wordAt(t, slot) === before.returns[i])) return before.stack;
    const calls = callsOf(t, rip, (at) => this.#row(t, at));
    const stack = [rip, ...calls.returns.map((r) => r - 1)].map((at) => this.#at(t, at)).reverse();
    if (known.size > MOST_KNOWN) known.clear();
    known.set(key, { ...calls, stack });
    return stack;
  }
  /** The frame of the function at an address. */
  #at(t: Thread, rip: number): number {
    const area = t.space.areas.find(rip);
    if (!area) return this.number('[not mapped]');
    const { file } = area;
    if (!file) return this.number(area.name || '[memory without a file]');
    const path = typeof file.at === 'string' ? file.at : pathOf(file.at, t.kernel.root);
    const offset = area.offset + rip - area.start;
    const f = this.#code(file.inode).functions.at(offset);
    return this.number(
      f?.name ?? `${path.slice(path.lastIndexOf('/') + 1)}+0x${(f?.start ?? offset).toString(16)}`,
      path,
    );
  }
  #row(t: Thread, rip: number): Row | undefined {
    const area = t.space.areas.find(rip);
    if (!area?.file) return undefined;
    const { file, unwind } = this.#code(area.file.inode);
    const offset = area.offset + rip - area.start;
    const s = file.loadedAt(offset);
    return s && unwind.row(offset - s.offset + s.address);
  }
  #code(inode: Inode): Code {
    let code = this.#files.get(inode);
    if (!code) {
      const file = new ElfFile((offset, length) => {
        const size = inode.attributes().size;
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
        const n = bytes.length ? inode.pread(bytes, offset) : 0;
        return bytes.subarray(0, n instanceof Errno ? 0 : n);
      });
      const unwind = new UnwindTable(file);
      code = { file, unwind, functions: new ElfFunctions(file, unwind) };
      this.#files.set(inode, code);
    }
    return code;
  }
}
