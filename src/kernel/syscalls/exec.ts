// execve (fs/exec.c).
import { E2BIG, EFAULT, ENOENT, Errno } from '../../abi/errno.ts';
import { argv, envp, path } from '../../abi/type.ts';
import { exec } from '../exec/exec.ts';
import type { Dentry } from '../fs/vfs.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

const MAX_ARG_STRLEN = 131072;
const MOST_STRINGS = 0x40000;

/** A NULL-terminated array of strings. */
function strings(t: Thread, at: number): string[] | Errno {
  const out: string[] = [];
  if (at === 0) return out;
  const word = t.abi === 'x64' ? 8 : 4;
  for (let n = 0; ; n++) {
    if (n >= MOST_STRINGS) return E2BIG;
    const bytes = t.user.bytes(at + n * word, word);
    if (bytes instanceof Errno) return EFAULT;
    const v = new DataView(bytes.buffer, bytes.byteOffset, word);
    const p = word === 8 ? Number(v.getBigUint64(0, true)) : v.getUint32(0, true);
    if (p === 0) return out;
    const s = t.user.string(p, MAX_ARG_STRLEN);
    if (s instanceof Errno) return s === EFAULT ? s : E2BIG;
    out.push(s);
  }
}

function run(t: Thread, from: Dentry, name: string, argvAt: number, envpAt: number, openFlags: number): Result {
  const args = strings(t, argvAt);
  if (args instanceof Errno) return args;
  const env = strings(t, envpAt);
  if (env instanceof Errno) return env;
  return exec(t, name, args, env, from, openFlags) ?? 'noreturn';
}

export const execve = syscall({
  name: 'execve',
  nr: { x64: 59, i386: 11 },
  class: 'process.exec',
  args: { pathname: path, argv, envp },
  run(t, a) {
    const name = t.user.string(a.pathname);
    if (name instanceof Errno) return name;
    if (name === '') return ENOENT;
    return run(t, t.fs.cwd, name, a.argv, a.envp, 0);
  },
});
