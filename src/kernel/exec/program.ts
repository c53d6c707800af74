// Finding what execve is to run: the file, through `#!` lines to an ELF program, and the interpreter that one names.
import { EACCES, EIO, ELIBBAD, ELOOP, ENOENT, ENOEXEC, Errno } from '../../abi/errno.ts';
import { openFile } from '../fs/open.ts';
import type { Dentry, OpenFile } from '../fs/vfs.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';
import { type ElfHeader, PT_INTERP, readElf } from './elf.ts';
import { HEAD, shebang } from './script.ts';

const SCRIPT_DEPTH = 5;
const PATH_MAX = 4096;

/** A file to run, opened for it. */
export interface Binary {
  readonly file: OpenFile;
  readonly elf: ElfHeader;
}
export interface Program extends Binary {
  readonly argv: readonly string[];
  readonly interpreter: Binary | undefined;
}

/** Lets go of a file that nothing came to use. */
export const letGo = (f: OpenFile): void => {
  if (f.references === 0) f.release();
};
export function openExecutable(t: Thread, from: Dentry, path: string, flags = 0): OpenFile | Errno {
  const file = openFile(t, from, path, { flags, exec: true });
  return file instanceof Block ? EACCES : file;
}
/** Bytes of the file from an offset on; fewer where it ends. */
function read(f: OpenFile, offset: number, n: number): Uint8Array | Errno {
  const bytes = new Uint8Array(n);
  const got = f.inode.pread(bytes, offset);
  return got instanceof Errno ? got : bytes.subarray(0, got);
}
const headerOf = (f: OpenFile): ElfHeader | Errno => readElf((offset, n) => read(f, offset, n));

/**
 * Follows scripts from an opened file to a program. `filename`: how the script is named to its interpreter; `hidden`: that name will mean nothing to it.
 * Takes over `file`: it is let go of where this fails.
 */
export function findProgram(
  t: Thread,
  file: OpenFile,
  filename: string,
  hidden: boolean,
  argv: readonly string[],
): Program | Errno {
  let at = file;
  let name = filename;
  let args = argv;
  const give = (e: Errno): Errno => {
    letGo(at);
    return e;
  };
  for (let depth = 0; ; depth++) {
    const bytes = read(at, 0, HEAD);
    if (bytes instanceof Errno) return give(bytes);
    const head = new Uint8Array(HEAD);
    head.set(bytes);
    const line = shebang(head);
    if (line instanceof Errno) return give(line);
    if (!line) break;
    if (hidden && depth === 0) return give(ENOENT);
    const next = line.interpreter === '' ? EACCES : openExecutable(t, t.fs.cwd, line.interpreter);
    if (next instanceof Errno) return give(next);
    letGo(at);
    at = next;
    args = [line.interpreter, ...(line.argument === undefined ? [] : [line.argument]), name, ...args.slice(1)];
    name = line.interpreter;
    if (depth === SCRIPT_DEPTH) return give(ELOOP);
  }
  const elf = headerOf(at);
  if (elf instanceof Errno) return give(ENOEXEC);
  const interpreter = interpreterOf(t, at, elf);
  if (interpreter instanceof Errno) return give(interpreter);
  return { file: at, elf, argv: args, interpreter };
}

/** The program interpreter (ld.so) that PT_INTERP names. */
function interpreterOf(t: Thread, file: OpenFile, elf: ElfHeader): Binary | Errno | undefined {
  const named = elf.segments.find((s) => s.type === PT_INTERP);
  if (!named) return undefined;
  if (named.fileSize > PATH_MAX || named.fileSize < 2) return ENOEXEC;
  const bytes = read(file, named.offset, named.fileSize);
  if (bytes instanceof Errno || bytes.length < named.fileSize) return EIO;
  if (bytes[bytes.length - 1] !== 0) return ENOEXEC;
  const path = String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
  const opened = path === '' ? ENOENT : openExecutable(t, t.fs.cwd, path);
  if (opened instanceof Errno) return opened;
  const size = opened.inode.attributes().size;
  const header = headerOf(opened);
  if (!(header instanceof Errno)) return { file: opened, elf: header };
  letGo(opened);
  return size < 64 ? EIO : ELIBBAD;
}
