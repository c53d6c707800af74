// The stack a program starts with: strings, auxiliary vector, environment, arguments (AMD64 psABI 3.4.1; fs/binfmt_elf.c's order).
import { ENOMEM, type Errno } from '../../abi/errno.ts';
import { cpuFeatures } from '../../abi/hwcap.ts';
import type { Kernel } from '../kernel.ts';
import { type AddressSpace, PAGE } from '../mm/address-space.ts';
import { UserAccess } from '../mm/user-memory.ts';
import type { Credentials } from '../task.ts';

/** AT_MINSIGSTKSZ: a frame with the FXSAVE image and what aligning both may take, rounded up (get_sigframe_size). */
const SIGNAL_FRAME = 1040;

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

/** Writes it below `top`; gives the stack pointer. */
export function buildStack(
  kernel: Kernel,
  c: Credentials,
  space: AddressSpace,
  top: number,
  s: StackContents,
): number | Errno {
  const user = new UserAccess(
    () => space,
    () => 'x64',
  );
  let failed: Errno | undefined;
  const put = (at: number, bytes: Uint8Array): void => {
    failed ??= user.put(at, bytes);
  };
  let at = top - 8;
  const string = (text: string): number => {
    const bytes = Uint8Array.from(`${text}\0`, (ch) => ch.charCodeAt(0));
    at -= bytes.length;
    put(at, bytes);
    return at;
  };
  const execfn = string(s.execfn);
  const strings = (list: readonly string[]): number[] => [...list].reverse().map(string).reverse();
  const envEnd = at;
  const env = strings(s.envp);
  const envStart = at;
  const args = strings(s.argv);
  space.layout.envStart = envStart;
  space.layout.envEnd = envEnd;
  space.layout.argStart = at;
  space.layout.argEnd = envStart;
  at = Math.floor(at / 16) * 16;
  const platform = string('x86_64');
  at -= 16;
  const random = new Uint8Array(16);
  kernel.random(random);
  const randomAt = at;
  put(at, random);
  const auxv: [number, number][] = [
    [33, s.vdso],
    [51, SIGNAL_FRAME],
    [16, cpuFeatures],
    [6, PAGE],
    [17, 100],
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
    [25, randomAt],
    [26, 0],
    [31, execfn],
    [15, platform],
    [27, 28],
    [28, 32],
    [0, 0],
  ];
  const words = [args.length, ...args, 0, ...env, 0, ...auxv.flat()];
  const sp = Math.floor((at - 8 * words.length) / 16) * 16;
  const image = new BigUint64Array(words.map((n) => BigInt(n)));
  put(sp, new Uint8Array(image.buffer));
  space.layout.auxv = new Uint8Array(new BigUint64Array(auxv.flat().map((n) => BigInt(n))).buffer);
  return failed ? ENOMEM : sp;
}
