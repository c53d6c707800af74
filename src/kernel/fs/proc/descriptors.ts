// /proc/PID/fd and fdinfo.
import { ENOENT, Errno } from '../../../abi/errno.ts';
import { F_RDLCK } from '../../../abi/fcntl.ts';
import { O_ACCMODE, O_CLOEXEC, O_RDONLY, O_WRONLY } from '../../../abi/open.ts';
import { major, minor } from '../../../abi/statx.ts';
import type { Process } from '../../process.ts';
import type { Thread } from '../../thread.ts';
import { AnonymousFile } from '../anonymous.ts';
import type { Name } from '../dentry.ts';
import type { OpenFile } from '../vfs.ts';
import { pathOf } from '../walk.ts';
import { Directory, Link, type ProcFs, Text } from './nodes.ts';

const LINK_SIZE = 64;

export const nameOf = (t: Thread, f: OpenFile): string =>
  typeof f.at === 'string' ? f.at : pathOf(f.at, t.kernel.root);
/** Rights of a link of fd: what the descriptor can do. */
function rights(f: OpenFile): number {
  const access = f.flags & O_ACCMODE;
  return access === O_RDONLY ? 0o500 : access === O_WRONLY ? 0o300 : 0o700;
}
function locksText(f: OpenFile, t: Thread): string {
  const a = f.inode.attributes();
  const where = `${major(a.dev).toString(16).padStart(2, '0')}:${minor(a.dev).toString(16).padStart(2, '0')}:${a.ino}`;
  return (f.inode.locks?.list() ?? [])
    .filter((l) => l.owner === t.files || l.owner === f)
    .map((l, i) => {
      const kind = l.whole ? 'FLOCK' : l.pid === -1 ? 'OFDLCK' : 'POSIX';
      const end = l.end === Number.POSITIVE_INFINITY ? 'EOF' : l.end;
      const type = l.type === F_RDLCK ? 'READ ' : 'WRITE';
      return `lock:\t${i + 1}: ${kind.padEnd(6)} ADVISORY  ${type} ${l.pid} ${where} ${l.start} ${end}\n`;
    })
    .join('');
}
function info(t: Thread, fd: number): string | Errno {
  const f = t.files.get(fd);
  if (f instanceof Errno) return ENOENT;
  const flags = (f.flags & ~O_CLOEXEC) | (t.files.cloexec(fd) ? O_CLOEXEC : 0);
  const mount = typeof f.at === 'string' ? undefined : t.kernel.mounts.of(f.at as Name);
  const more = f instanceof AnonymousFile ? (f.info?.(t) ?? '') : '';
  return `pos:\t${f.position ?? 0}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${mount?.id ?? 15}\nino:\t${f.inode.ino}\n${locksText(f, t)}${more}`;
}
export function descriptorDirectories(
  fs: ProcFs,
  of: Process,
  thread: () => Thread | undefined,
): { fd: Directory; fdinfo: Directory } {
  const names = (): string[] => [...(thread()?.files.entries() ?? [])].map(([fd]) => String(fd));
  const file = (name: string): OpenFile | undefined => {
    const t = thread();
    const f = /^(0|[1-9]\d{0,9})$/.test(name) ? t?.files.get(Number(name)) : undefined;
    return f instanceof Errno ? undefined : f;
  };
  const link = (name: string): Link => {
    const open = (): OpenFile | Errno => file(name) ?? ENOENT;
    return new Link(
      fs,
      () => {
        const f = open();
        const t = thread();
        return f instanceof Errno || !t ? ENOENT : nameOf(t, f);
      },
      { of, jump: open, mode: () => (file(name) ? rights(file(name) as OpenFile) : 0o777), size: LINK_SIZE },
    );
  };
  return {
    fd: new Directory(fs, {}, { of, mode: 0o500, size: () => names().length, more: { names, key: file, get: link } }),
    fdinfo: new Directory(
      fs,
      {},
      {
        of,
        more: {
          names,
          key: file,
          get: (name) => {
            const text = (): string | Errno => {
              const t = thread();
              return t ? info(t, Number(name)) : ENOENT;
            };
            return new Text(fs, text, { of });
          },
        },
      },
    ),
  };
}
