// Why a file can't be executed, told to a person: execve says no more than an errno.
import type { Machine, NotStarted } from './machine.ts';

const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'i386',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 'S390',
  40: 'ARM',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
  258: 'LoongArch',
};
const X86_64 = 62;
const ET_EXEC = 2;
const ET_DYN = 3;
const HEADER = 64;

const isElf = (head: Uint8Array): boolean =>
  head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;

/** A text that a shell may try as a script: no ELF file, no NUL in its first line (as bash looks at it). */
export function isText(head: Uint8Array): boolean {
  if (isElf(head)) return false;
  const end = head.indexOf(0x0a);
  return !head.subarray(0, end < 0 ? head.length : end).includes(0);
}

/** For ENOEXEC: what is wrong with a file that begins with `head`, its first 64 bytes or more where it has them. */
export function whyNotExecutable(head: Uint8Array): string {
  if (!isElf(head)) return 'not a program: neither ELF nor a script';
  if (head.length < HEADER) return 'damaged: it ends within its ELF header';
  const v = new DataView(head.buffer, head.byteOffset, HEADER);
  const little = head[5] === 1;
  const machine = v.getUint16(18, little);
  const bits = head[4] === 1 ? '32-bit ' : head[4] === 2 ? '' : 'unknown-width ';
  if (machine !== X86_64 || head[4] !== 2 || !little)
    return `a ${bits}${MACHINES[machine] ?? `machine ${machine}`} program; ring3 runs 64-bit x86-64 ones`;
  const type = v.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN) return 'an ELF file, but not a program (an object file or a core dump)';
  return 'damaged: its ELF program headers make no sense or are cut off';
}

/** The line for a program that could not be started. */
export function refusalText(name: string, error: NotStarted['error'], machine: Machine): string {
  if (error.name === 'ENOENT' && !name.includes('/')) return `ring3: ${name}: command not found\n`;
  const reason =
    error.name === 'ENOENT' && machine.exists(name)
      ? 'the interpreter it names (#! line or ELF program header) was not found'
      : error.name === 'EACCES' && machine.isDirectory(name)
        ? 'Is a directory'
        : error.name === 'ENOEXEC'
          ? `cannot execute it: ${whyNotExecutable(machine.head(name))}`
          : error.text;
  return `ring3: ${name}: ${reason}\n`;
}
