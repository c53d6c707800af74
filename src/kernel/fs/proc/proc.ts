// /proc: one entry a file (proc(5)).
import { ENOENT, Errno } from '../../../abi/errno.ts';
import type { Kernel } from '../../kernel.ts';
import type { Dentry, Inode } from '../vfs.ts';
import { Directory, Link, ProcFs, Text } from './nodes.ts';
import { initDirectory, processDirectory } from './process.ts';
import { sysctlTree } from './sysctl.ts';
import * as S from './system.ts';

/** The whole tree. `self` is asked for by whoever walks through /proc/self. */
export function makeProc(kernel: Kernel): ProcFs {
  const fs = new ProcFs(kernel.realtime());
  const text = (make: () => string, mode = 0o444): Text => new Text(fs, make, { mode });
  const link = (target: string): Link => new Link(fs, () => target, { size: target.length });
  // Followed by whose walk it is; read by whose turn it is, which is the same task.
  const child = (path: readonly string[]): Dentry | Errno => {
    let at = kernel.mounts.list.find((m) => m.root.inode === fs.root)?.root;
    for (const name of path) {
      const next = at?.child(name) ?? ENOENT;
      if (next instanceof Errno) return next;
      at = next;
    }
    return at ?? ENOENT;
  };
  const self = new Link(fs, () => String(kernel.current?.process.pid ?? 0), {
    jump: (task) => child([String(task.process.pid)]),
  });
  const threadSelf = new Link(fs, () => `${kernel.current?.process.pid ?? 0}/task/${kernel.current?.tid ?? 0}`, {
    jump: (task) => child([String(task.process.pid), 'task', String(task.tid)]),
  });
  // Most programs never look into it.
  const fixed = (): Record<string, Inode> => ({
    ...(kernel.processes.has(1) ? {} : { '1': initDirectory(fs, kernel) }),
    cmdline: text(() => 'ring3\n'),
    cpuinfo: text(() => S.cpuinfoText(kernel)),
    devices: text(() => S.DEVICES),
    filesystems: text(() => S.FILESYSTEMS),
    loadavg: text(() => S.loadavgText(kernel)),
    locks: text(() => ''),
    meminfo: text(() => S.meminfoText(kernel)),
    misc: text(() => ''),
    modules: text(() => ''),
    mounts: link('self/mounts'),
    net: link('self/net'),
    partitions: text(() => S.PARTITIONS),
    self,
    stat: text(() => S.statText(kernel)),
    swaps: text(() => S.SWAPS),
    sys: sysctlTree(fs, kernel),
    'thread-self': threadSelf,
    uptime: text(() => S.uptimeText(kernel)),
    version: text(() => S.versionText()),
    vmstat: text(() => `nr_free_pages ${Math.max(0, kernel.pool.limit - kernel.pool.used)}\npgfault 0\npgmajfault 0\n`),
  });
  fs.root = new Directory(fs, fixed, {
    nlink: 100,
    more: {
      names: () => [...kernel.processes.keys()].map(String),
      // A task's number leads somewhere too, without being listed.
      key: (name) =>
        /^[1-9]\d{0,9}$/.test(name)
          ? (kernel.processes.get(Number(name)) ?? kernel.threads.get(Number(name))?.process)
          : undefined,
      get: (name) => {
        const p = kernel.processes.get(Number(name)) ?? kernel.threads.get(Number(name))?.process;
        return p && processDirectory(fs, kernel, p);
      },
    },
  });
  return fs;
}
