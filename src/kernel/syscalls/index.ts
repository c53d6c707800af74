// Every system call, by number and ABI. A family is a module whose exports are calls; adding a family adds one line here.
import type { SyscallTable } from '../kernel.ts';
import type { Syscall } from '../syscall.ts';

/** The families' exports: calls, one by one or in arrays. */
const families: readonly object[] = [];

export const syscalls: readonly Syscall[] = families.flatMap((f) => Object.values(f).flat() as Syscall[]);

function byNumber(abi: 'x64' | 'i386'): (Syscall | undefined)[] {
  const table: (Syscall | undefined)[] = [];
  for (const s of syscalls) {
    const nr = s.nr[abi];
    if (nr !== undefined) table[nr] = s;
  }
  return table;
}
export const tables: SyscallTable = { x64: byNumber('x64'), i386: byNumber('i386') };
