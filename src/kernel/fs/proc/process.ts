// /proc/PID and /proc/PID/task/TID: an entry a file.

import { CAP_SYS_RESOURCE } from '../../../abi/capability.ts';
import { EACCES, EINVAL, EIO, ENOENT, Errno, ESRCH } from '../../../abi/errno.ts';
import type { Kernel } from '../../kernel.ts';
import type { AddressSpace } from '../../mm/address-space.ts';
import { UserAccess } from '../../mm/user-memory.ts';
import type { Process } from '../../process.ts';
import type { Thread } from '../../thread.ts';
import type { Dentry, Inode } from '../vfs.ts';
import { pathOf } from '../walk.ts';
import { descriptorDirectories } from './descriptors.ts';
import { mapsText, rollupText, smapsText } from './maps.ts';
import { mountinfoText, mountsText, mountstatsText } from './mounts.ts';
import { networkFiles } from './net.ts';
import { Directory, Link, type ProcFs, Text, type TextOptions } from './nodes.ts';
import { limitsText, statmText, statText, statusText } from './status.ts';

const COMM_MAX = 15;
const NAMESPACES = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'pid_for_children',
  'time',
  'time_for_children',
  'user',
  'uts',
];
/** Inode numbers of the first namespaces, as Linux has them fixed (linux/proc_ns.h). */
const NAMESPACE_INO: Readonly<Record<string, number>> = {
  cgroup: 0xeffffffb,
  ipc: 0xefffffff,
  mnt: 0xeffffff8,
  net: 0xeffffff9,
  pid: 0xeffffffc,
  time: 0xeffffffa,
  user: 0xeffffffd,
  uts: 0xeffffffe,
};
const FULL_ID_MAP = '         0          0 4294967295\n';

function number(text: string): number | undefined {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined;
}
/** An address space's memory between two addresses, as it is now. */
function memory(space: AddressSpace, from: number, to: number): Uint8Array {
  const bytes =
    to > from
      ? new UserAccess(
          () => space,
          () => 'x64',
        ).bytes(from, to - from)
      : EIO;
  return bytes instanceof Errno ? new Uint8Array(0) : bytes.slice();
}
/** /proc/PID/cmdline: the argument area; a program that overwrote its end goes on into the environment (setproctitle). */
function commandLine(t: Thread | undefined): Uint8Array {
  if (!t) return new Uint8Array(0);
  const { argStart, argEnd, envEnd } = t.space.layout;
  const args = memory(t.space, argStart, argEnd);
  if (args.length === 0 || args.at(-1) === 0) return args;
  const all = memory(t.space, argStart, envEnd);
  const end = all.indexOf(0);
  return end < 0 ? all : all.subarray(0, end);
}
const oomWriter =
  (p: Process, scale: (n: number) => number | undefined) =>
  (task: Thread, text: string): number | Errno => {
    const n = number(text);
    const score = n === undefined ? undefined : scale(n);
    if (score === undefined) return EINVAL;
    if (score < p.oomScoreAdj && !task.capable(CAP_SYS_RESOURCE)) return EACCES;
    p.oomScoreAdj = score;
    return text.length;
  };

/** What both a process's and a task's directory have. */
function common(
  fs: ProcFs,
  kernel: Kernel,
  p: Process,
  thread: () => Thread | undefined,
  whole: boolean,
): Record<string, Inode> {
  const text = (make: (t: Thread) => string | Uint8Array | Errno, options: TextOptions = {}): Text =>
    new Text(
      fs,
      () => {
        const t = thread();
        return t ? make(t) : '';
      },
      { of: p, ...options },
    );
  /** Of the memory that the task has when the file is opened; nothing once that is gone. */
  const ofSpace = (make: (kernel: Kernel, space: AddressSpace) => string | Uint8Array, mode = 0o444): Text => {
    const now = (): AddressSpace | undefined => thread()?.space;
    const bound = (space: AddressSpace | undefined) => (): string | Uint8Array =>
      space && space.users > 0 ? make(kernel, space) : '';
    return new Text(fs, () => bound(now())(), { of: p, mode, bind: () => bound(now()) });
  };
  const place = (of: (t: Thread) => Dentry | undefined): Link => {
    const at = (): Dentry | Errno => {
      const t = thread();
      return (t && of(t)) ?? ENOENT;
    };
    const name = (): string | Errno => {
      const d = at();
      return d instanceof Errno ? d : pathOf(d, kernel.root);
    };
    return new Link(fs, name, { of: p, jump: at });
  };
  const score = (): number => Math.max(0, Math.ceil(666 + (p.oomScoreAdj * 2) / 3));
  return {
    attr: new Directory(fs, { current: text(() => EINVAL, { mode: 0o666 }) }, { of: p }),
    auxv: text((t) => t.space.layout.auxv, { mode: 0o400 }),
    cgroup: text(() => '0::/\n'),
    cmdline: text(commandLine),
    comm: text((t) => `${t.comm}\n`, {
      mode: 0o644,
      write(task, line) {
        const t = thread();
        if (!t) return ESRCH;
        if (task.process !== p) return EINVAL;
        if (line.length > 0) t.comm = line.replace(/\0.*$/s, '').slice(0, COMM_MAX);
        return line.length;
      },
    }),
    cpuset: text(() => '/\n'),
    cwd: place((t) => t.fs.cwd),
    environ: ofSpace((_kernel, space) => memory(space, space.layout.envStart, space.layout.envEnd), 0o400),
    exe: place((t) => {
      const at = t.space.layout.exe?.at;
      return typeof at === 'string' ? undefined : at;
    }),
    ...descriptorDirectories(fs, p, thread),
    gid_map: text(() => FULL_ID_MAP, { mode: 0o644 }),
    io: text(
      () => 'rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n',
      { mode: 0o400 },
    ),
    limits: text(() => limitsText(p)),
    loginuid: text(() => '4294967295', { mode: 0o644 }),
    maps: ofSpace(mapsText),
    mem: text(() => EIO, { mode: 0o600 }),
    mountinfo: text((t) => mountinfoText(kernel, t.fs.root)),
    mounts: text((t) => mountsText(kernel, t.fs.root)),
    net: new Directory(fs, networkFiles(fs, kernel), { of: p }),
    ns: new Directory(
      fs,
      Object.fromEntries(
        NAMESPACES.map((n) => {
          const kind = n.replace('_for_children', '');
          return [n, new Link(fs, () => `${kind}:[${NAMESPACE_INO[kind]}]`, { of: p })];
        }),
      ),
      { of: p, mode: 0o511 },
    ),
    oom_adj: text(() => `${Math.trunc((p.oomScoreAdj * 17) / 1000)}\n`, {
      mode: 0o644,
      write: oomWriter(p, (n) => (n < -17 || n > 15 ? undefined : n === 15 ? 1000 : Math.trunc((n * 1000) / 17))),
    }),
    oom_score: text(() => `${score()}\n`),
    oom_score_adj: text(() => `${p.oomScoreAdj}\n`, {
      mode: 0o644,
      write: oomWriter(p, (n) => (n < -1000 || n > 1000 ? undefined : n)),
    }),
    personality: text(() => '00000000\n', { mode: 0o400 }),
    projid_map: text(() => FULL_ID_MAP, { mode: 0o644 }),
    root: place((t) => t.fs.root),
    schedstat: text((t) => `${t.cpuTime} 0 ${t.switches.preempted + t.switches.voluntary}\n`),
    sessionid: text(() => '4294967295'),
    setgroups: text(() => 'allow\n', { mode: 0o644 }),
    smaps: ofSpace(smapsText),
    smaps_rollup: ofSpace(rollupText),
    stat: new Text(fs, () => statText(kernel, p, thread(), whole), { of: p }),
    statm: text(statmText),
    status: new Text(fs, () => statusText(p, thread()), { of: p }),
    uid_map: text(() => FULL_ID_MAP, { mode: 0o644 }),
    wchan: text(() => '0'),
  };
}
function taskDirectory(fs: ProcFs, kernel: Kernel, p: Process, t: Thread): Inode {
  const alive = (): Thread | undefined => (kernel.threads.get(t.tid) === t ? t : undefined);
  return new Directory(fs, common(fs, kernel, p, alive, false), { of: p, nlink: 7 });
}
export function processDirectory(fs: ProcFs, kernel: Kernel, p: Process): Inode {
  const tasks = (): string[] => [...p.threads].map((t) => String(t.tid));
  return new Directory(
    fs,
    {
      ...common(fs, kernel, p, () => p.leader, true),
      autogroup: new Text(fs, () => '/autogroup-1 nice 0\n', { of: p, mode: 0o644 }),
      coredump_filter: new Text(fs, () => '00000033\n', { of: p, mode: 0o644 }),
      mountstats: new Text(fs, () => mountstatsText(kernel, p.leader?.fs.root ?? kernel.root), { of: p, mode: 0o400 }),
      task: new Directory(
        fs,
        {},
        {
          of: p,
          nlink: 3,
          more: {
            names: tasks,
            key: (name) => kernel.threads.get(Number(name)),
            get: (name) => {
              const t = kernel.threads.get(Number(name));
              return t?.process === p ? taskDirectory(fs, kernel, p, t) : undefined;
            },
          },
        },
      ),
      timerslack_ns: new Text(fs, () => `${p.leader?.timerSlack ?? 50000}\n`, { of: p, mode: 0o666 }),
    },
    { of: p, nlink: 9 },
  );
}

/** /proc/1: whoever inherits orphans. It isn't a task of the machine: the kernel does its work. */
export function initDirectory(fs: ProcFs, kernel: Kernel): Inode {
  const text = (make: () => string, mode = 0o444): Text => new Text(fs, make, { mode });
  return new Directory(
    fs,
    {
      cgroup: text(() => '0::/\n'),
      cmdline: text(() => ''),
      comm: text(() => 'init\n', 0o644),
      mountinfo: text(() => mountinfoText(kernel, kernel.root)),
      mounts: text(() => mountsText(kernel, kernel.root)),
      stat: text(() => `1 (init) S 0 1 1 0 -1 4194560${' 0'.repeat(10)} 20 0 1${' 0'.repeat(32)}\n`),
      statm: text(() => '0 0 0 0 0 0 0\n'),
      status: text(
        () =>
          'Name:\tinit\nUmask:\t0000\nState:\tS (sleeping)\nTgid:\t1\nNgid:\t0\nPid:\t1\nPPid:\t0\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t64\nGroups:\t \nThreads:\t1\n',
      ),
    },
    { nlink: 9 },
  );
}
