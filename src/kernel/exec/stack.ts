// The stack a program starts with: strings, auxiliary vector, environment, arguments (AMD64 psABI 3.4.1; fs/exec.c and fs/binfmt_elf.c's order). All of it is
// put together in one piece that ends at the top of the stack.
import { ENOMEM, type Errno } from '../../abi/errno.ts';
import { cpuFeatures } from '../../abi/hwcap.ts';
import type { Kernel } from '../kernel.ts';
import { type AddressSpace, PAGE } from '../mm/address-space.ts';
import { UserAccess } from '../mm/user-memory.ts';
import type { Credentials } from '../task.ts';

/** AT_MINSIGSTKSZ: a frame with the FXSAVE image and what aligning both may take, rounded up (get_sigframe_size). */
const SIGNAL_FRAME = 1040;
const PLATFORM = 'x86_64';
const RANDOM_BYTES = 16;
/** Clock ticks a second, and what rseq(2) knows: bytes of its area and their alignment. */
const CLOCK_TICKS = 100;
const RSEQ_FEATURE_SIZE = 28;
const RSEQ_ALIGN = 32;

export interface StackContents {
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  readonly execfn: string;
  readonly phdr: number;
  readonly phnum: number;
  readonly base: number;
  readonly entry: number;
  readonly vdso: number;
  readonly secure: boolean;
}

/** A piece of memory that is filled from its end down. */
class Pile {
  readonly bytes: Uint8Array;
  readonly #top: number;
  at: number;
  constructor(top: number, size: number) {
    this.#top = top;
    this.bytes = new Uint8Array(size);
    this.at = top;
  }
  /** Place in `bytes` of an address. */
  place(address: number): number {
    return this.bytes.length - (this.#top - address);
  }
  string(text: string): number {
    this.at -= text.length + 1;
    const to = this.place(this.at);
    for (let i = 0; i < text.length; i++) this.bytes[to + i] = text.charCodeAt(i);
    return this.at;
  }
  /** In memory the last string is the lowest; the addresses are in the list's order. */
  strings(list: readonly string[]): number[] {
    const out = new Array<number>(list.length);
    for (let i = list.length - 1; i >= 0; i--) out[i] = this.string(list[i] as string);
    return out;
  }
  align(n: number): void {
    this.at = Math.floor(this.at / n) * n;
  }
}

const auxiliary = (c: Credentials, s: StackContents, random: number, execfn: number, platform: number) => [
  [33, s.vdso],
  [51, SIGNAL_FRAME],
  [16, cpuFeatures],
  [6, PAGE],
  [17, CLOCK_TICKS],
  [3, s.phdr],
  [4, 56],
  [5, s.phnum],
  [7, s.base],
  [8, 0],
  [9, s.entry],
  [11, c.uid],
  [12, c.euid],
  [13, c.gid],
  [14, c.egid],
  [23, s.secure ? 1 : 0],
  [25, random],
  [26, 0],
  [31, execfn],
  [15, platform],
  [27, RSEQ_FEATURE_SIZE],
  [28, RSEQ_ALIGN],
  [0, 0],
];
/** Entries of the auxiliary vector: AT_* with its value. */
const AUXILIARY = 23;

/** Writes it below `top`; gives the stack pointer. */
export function buildStack(
  kernel: Kernel,
  c: Credentials,
  space: AddressSpace,
  top: number,
  s: StackContents,
): number | Errno {
  let size = s.execfn.length + PLATFORM.length + RANDOM_BYTES + 128 + 8 * (3 + 2 * AUXILIARY);
  for (const list of [s.argv, s.envp]) for (const text of list) size += text.length + 1 + 8;
  const pile = new Pile(top, size);
  pile.at -= 8;
  const execfn = pile.string(s.execfn);
  const envEnd = pile.at;
  const env = pile.strings(s.envp);
  const envStart = pile.at;
  const args = pile.strings(s.argv);
  Object.assign(space.layout, { argStart: pile.at, argEnd: envStart, envStart, envEnd });
  pile.align(16);
  const platform = pile.string(PLATFORM);
  pile.at -= RANDOM_BYTES;
  const random = pile.at;
  kernel.random(pile.bytes.subarray(pile.place(random), pile.place(random) + RANDOM_BYTES));
  const auxv = auxiliary(c, s, random, execfn, platform).flat();
  const words = [args.length, ...args, 0, ...env, 0, ...auxv];
  pile.at -= 8 * words.length;
  pile.align(16);
  const view = new DataView(pile.bytes.buffer);
  const from = pile.place(pile.at);
  words.forEach((n, i) => {
    view.setUint32(from + 8 * i, n, true);
    view.setUint32(from + 8 * i + 4, Math.floor(n / 2 ** 32), true);
  });
  const behind = from + 8 * words.length;
  space.layout.auxv = pile.bytes.slice(behind - 8 * auxv.length, behind);
  const user = new UserAccess(
    () => space,
    () => 'x64',
  );
  return user.put(pile.at, pile.bytes.subarray(from)) ? ENOMEM : pile.at;
}
