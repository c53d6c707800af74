// `#!` lines: which program a script asks for (fs/binfmt_script.c).
import { ENOEXEC, type Errno } from '../../abi/errno.ts';

/** Bytes of a program's file that decide how it is run (BINPRM_BUF_SIZE). */
export const HEAD = 256;

export interface Shebang {
  /** Empty where a zero stands in its place: no name of a file. */
  readonly interpreter: string;
  /** All that follows on the line, as one argument. */
  readonly argument: string | undefined;
}

const SPACE = 0x20,
  TAB = 9,
  NEWLINE = 10;
const isSpace = (b: number | undefined): boolean => b === SPACE || b === TAB;
const text = (b: Uint8Array, from: number, to: number): string => {
  let s = '';
  for (let i = from; i < to && b[i] !== 0; i++) s += String.fromCharCode(b[i] as number);
  return s;
};

/** `head`: the file's first HEAD bytes, zeros behind its end. Undefined: not a script. */
export function shebang(head: Uint8Array): Shebang | Errno | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const last = HEAD - 1;
  const nextText = (from: number, to: number): number => {
    for (let i = from; i <= to; i++) if (!isSpace(head[i])) return i;
    return -1;
  };
  const terminator = (from: number, to: number): number => {
    for (let i = from; i <= to; i++) if (isSpace(head[i]) || head[i] === 0) return i;
    return -1;
  };
  let end = head.indexOf(NEWLINE);
  if (end < 0) {
    const first = nextText(2, last);
    // A name that doesn't end within the head may be cut off: it must not be run.
    if (first < 0 || terminator(first, last) < 0) return ENOEXEC;
    end = last;
  }
  while (isSpace(head[end - 1])) end--;
  const name = nextText(2, end);
  if (name < 0 || name === end) return ENOEXEC;
  const separator = terminator(name, end);
  const nameEnd = separator < 0 ? end : separator;
  let argument: string | undefined;
  if (separator >= 0 && head[separator] !== 0) {
    const at = nextText(separator, end);
    if (at >= 0 && at !== end) argument = text(head, at, end);
  }
  const interpreter = text(head, name, Math.min(nameEnd, end));
  return { interpreter, argument: argument === '' ? undefined : argument };
}
