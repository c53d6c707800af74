// Sub-commands of multiplexed calls (fcntl, ioctl): one value each, in the form system calls have.
import { type NameTable, names, type Type, unused } from '../abi/type.ts';
import type { OpenFile } from './fs/vfs.ts';
import type { Result } from './syscall.ts';
import type { Thread } from './thread.ts';

export interface Command<F extends OpenFile = OpenFile> {
  readonly name: string;
  readonly nr: number;
  /** What the argument is; without one the command takes none. */
  readonly arg?: Type;
  readonly returns?: Type;
  /** `arg` is the raw register: a number or a user address. */
  run(task: Thread, file: F, arg: number, fd: number): Result;
}
export function command<F extends OpenFile = OpenFile>(c: Command<F>): Command<F> {
  return c;
}
export class CommandSet<F extends OpenFile = OpenFile> {
  readonly names: NameTable;
  readonly #byNumber: ReadonlyMap<number, Command<F>>;
  readonly list: readonly Command<F>[];
  constructor(prefix: string, list: readonly Command<F>[]) {
    this.list = list;
    this.names = names(prefix, Object.fromEntries(list.map((c) => [c.name, c.nr])));
    this.#byNumber = new Map(list.map((c) => [c.nr, c]));
  }
  get(nr: number): Command<F> | undefined {
    return this.#byNumber.get(nr);
  }
  /** Types of the argument and of the result by command, for Switch types. */
  get args(): (readonly [number, Type])[] {
    return this.list.map((c) => [c.nr, c.arg ?? unused] as const);
  }
  get results(): (readonly [number, Type])[] {
    return this.list.flatMap((c) => (c.returns ? [[c.nr, c.returns] as const] : []));
  }
}
