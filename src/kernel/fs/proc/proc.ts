// /proc: one entry a file (proc(5)).
import { ENOENT, Errno } from '../../../abi/errno.ts';
import type { Kernel } from '../../kernel.ts';
import type { Area } from '../../mm/area.ts';
import type { Process } from '../../process.ts';
import type { Thread } from '../../thread.ts';
import type { Dentry, Inode, OpenFile } from '../vfs.ts';
import { pathOf } from '../walk.ts';
import { Directory, Link, ProcFs, Text } from './nodes.ts';

const hex = (n: number, width = 8): string => n.toString(16).padStart(width, '0');
const kb = (bytes: number): string => String(Math.floor(bytes / 1024)).padStart(8);

export function mapsText(kernel: Kernel, t: Thread): string {
  return t.space.areas.list.map((a) => mapLine(kernel, a)).join('');
}
function mapLine(kernel: Kernel, a: Area): string {
  const st = a.file?.inode.attributes();
  const rights = `${a.prot & 1 ? 'r' : '-'}${a.prot & 2 ? 'w' : '-'}${a.prot & 4 ? 'x' : '-'}${a.shared ? 's' : 'p'}`;
  const dev = st ? `${hex(st.dev >> 8, 2)}:${hex(st.dev & 0xff, 2)}` : '00:00';
  const head = `${hex(a.start)}-${hex(a.end)} ${rights} ${hex(a.file ? a.offset : 0)} ${dev} ${st?.ino ?? 0}`;
  const name = a.file ? (typeof a.file.at === 'string' ? a.file.at : pathOf(a.file.at, kernel.root)) : a.name;
  return name ? `${head.padEnd(72)} ${name}\n` : `${head} \n`;
}
/** R running, S sleeping, T stopped, Z dead. */
const letter = (p: Process): string => (p.ending ? 'Z' : p.stopped ? 'T' : p.leader?.state === 'sleeping' ? 'S' : 'R');

function status(p: Process): string {
  const t = p.leader;
  const c = t?.credentials;
  const name = { R: 'R (running)', S: 'S (sleeping)', T: 'T (stopped)', Z: 'Z (zombie)' }[letter(p)];
  const mask = (m: bigint): string => m.toString(16).padStart(16, '0');
  let caught = 0n;
  let ignored = 0n;
  for (let s = 1; s <= 64; s++) {
    const { handler } = p.handlers.get(s);
    if (handler === 1) ignored |= 1n << BigInt(s - 1);
    else if (handler > 1) caught |= 1n << BigInt(s - 1);
  }
  const size = t?.space.size ?? 0;
  const rss = (t?.space.resident ?? 0) * 4096;
  return [
    `Name:\t${t?.comm ?? ''}`,
    `Umask:\t${(t?.fs.umask ?? 0).toString(8).padStart(4, '0')}`,
    `State:\t${name}`,
    `Tgid:\t${p.pid}`,
    'Ngid:\t0',
    `Pid:\t${p.pid}`,
    `PPid:\t${p.parent?.pid ?? 0}`,
    'TracerPid:\t0',
    `Uid:\t${c?.uid ?? 0}\t${c?.euid ?? 0}\t${c?.suid ?? 0}\t${c?.fsuid ?? 0}`,
    `Gid:\t${c?.gid ?? 0}\t${c?.egid ?? 0}\t${c?.sgid ?? 0}\t${c?.fsgid ?? 0}`,
    'FDSize:\t64',
    `Groups:\t${(c?.groups ?? []).join(' ')} `,
    `VmPeak:\t${kb(size)} kB`,
    `VmSize:\t${kb(size)} kB`,
    `VmHWM:\t${kb(rss)} kB`,
    `VmRSS:\t${kb(rss)} kB`,
    `Threads:\t${p.threads.size}`,
    `SigPnd:\t${mask(t?.pending.mask ?? 0n)}`,
    `ShdPnd:\t${mask(p.pending.mask)}`,
    `SigBlk:\t${mask(t?.blocked ?? 0n)}`,
    `SigIgn:\t${mask(ignored)}`,
    `SigCgt:\t${mask(caught)}`,
    `CapInh:\t${mask(c?.inheritable ?? 0n)}`,
    `CapPrm:\t${mask(c?.permitted ?? 0n)}`,
    `CapEff:\t${mask(c?.effective ?? 0n)}`,
    `CapBnd:\t${mask(c?.bounding ?? 0n)}`,
    `CapAmb:\t${mask(c?.ambient ?? 0n)}`,
    `NoNewPrivs:\t${t?.noNewPrivileges ? 1 : 0}`,
    'Seccomp:\t0',
    'Cpus_allowed:\t1',
    'Cpus_allowed_list:\t0',
    `voluntary_ctxt_switches:\t${t?.switches.voluntary ?? 0}`,
    `nonvoluntary_ctxt_switches:\t${t?.switches.preempted ?? 0}`,
    '',
  ].join('\n');
}
function stat(kernel: Kernel, p: Process): string {
  const t = p.leader;
  const ticks = (ns: bigint): number => Number(ns / 10_000_000n);
  const l = t?.space.layout;
  const fields = [
    p.pid,
    `(${t?.comm ?? ''})`,
    letter(p),
    p.parent?.pid ?? 0,
    p.pgid,
    p.sid,
    0,
    -1,
    4194304,
    t?.space.faults.minor ?? 0,
    0,
    0,
    0,
    ticks(p.cpuTime.user),
    ticks(p.cpuTime.system),
    ticks(p.childTime.user),
    0,
    20,
    0,
    p.threads.size,
    0,
    ticks(p.startTime - kernel.bootTime),
    t?.space.size ?? 0,
    t?.space.resident ?? 0,
    '18446744073709551615',
    l?.startCode ?? 0,
    l?.endCode ?? 0,
    l?.startStack ?? 0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    p.exitSignal,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    t?.space.brkStart ?? 0,
    l?.argStart ?? 0,
    l?.argEnd ?? 0,
    l?.envStart ?? 0,
    l?.envEnd ?? 0,
    0,
  ];
  return `${fields.join(' ')}\n`;
}
const fileName = (kernel: Kernel, f: OpenFile): string => (typeof f.at === 'string' ? f.at : pathOf(f.at, kernel.root));

function processDirectory(fs: ProcFs, kernel: Kernel, p: Process, nested: boolean): Inode {
  const leader = (): Thread | Errno => p.leader ?? ENOENT;
  const memory = (from: 'argStart' | 'envStart', to: 'argEnd' | 'envEnd'): Uint8Array => {
    const t = p.leader;
    if (!t) return new Uint8Array(0);
    const bytes = t.user.bytes(t.space.layout[from], t.space.layout[to] - t.space.layout[from]);
    return bytes instanceof Errno ? new Uint8Array(0) : bytes.slice();
  };
  const place = (of: (t: Thread) => Dentry | OpenFile | undefined) => (): Dentry | OpenFile | Errno => {
    const t = leader();
    return t instanceof Errno ? t : (of(t) ?? ENOENT);
  };
  const link = (of: (t: Thread) => Dentry | OpenFile | undefined): Link => {
    const at = place(of);
    return new Link(
      fs,
      () => {
        const d = at();
        if (d instanceof Errno) return d;
        return 'references' in d ? fileName(kernel, d) : pathOf(d, kernel.root);
      },
      at,
    );
  };
  const exe = (t: Thread): Dentry | undefined => {
    const at = t.space.layout.exe?.at;
    return typeof at === 'string' ? undefined : at;
  };
  const descriptors = {
    names: (): string[] => {
      const t = p.leader;
      return t ? [...t.files.entries()].map(([fd]) => String(fd)) : [];
    },
  };
  return new Directory(fs, {
    cmdline: new Text(fs, () => memory('argStart', 'argEnd')),
    environ: new Text(fs, () => memory('envStart', 'envEnd'), 0o400),
    auxv: new Text(fs, () => p.leader?.space.layout.auxv ?? new Uint8Array(0), 0o400),
    comm: new Text(fs, () => `${p.leader?.comm ?? ''}\n`, 0o644),
    maps: new Text(fs, () => (p.leader ? mapsText(kernel, p.leader) : '')),
    status: new Text(fs, () => status(p)),
    stat: new Text(fs, () => stat(kernel, p)),
    statm: new Text(
      fs,
      () => `${Math.floor((p.leader?.space.size ?? 0) / 4096)} ${p.leader?.space.resident ?? 0} 0 0 0 0 0\n`,
    ),
    mounts: new Text(fs, () => mountsText(kernel)),
    cgroup: new Text(fs, () => '0::/\n'),
    oom_score_adj: new Text(fs, () => '0\n', 0o644),
    exe: link(exe),
    cwd: link((t) => t.fs.cwd),
    root: link((t) => t.fs.root),
    fd: new Directory(
      fs,
      {},
      {
        ...descriptors,
        get: (name) =>
          link((t) => {
            const f = t.files.get(Number(name));
            return f instanceof Errno ? undefined : f;
          }),
      },
    ),
    fdinfo: new Directory(
      fs,
      {},
      {
        ...descriptors,
        get: (name) =>
          new Text(fs, () => {
            const f = p.leader?.files.get(Number(name));
            return !f || f instanceof Errno
              ? ''
              : `pos:\t${f.position ?? 0}\nflags:\t0${f.flags.toString(8)}\nmnt_id:\t15\nino:\t${f.inode.ino}\n`;
          }),
      },
    ),
    ...(nested
      ? {}
      : {
          task: new Directory(
            fs,
            {},
            { names: () => [...p.threads].map((t) => String(t.tid)), get: () => processDirectory(fs, kernel, p, true) },
          ),
        }),
  });
}
function mountsText(kernel: Kernel): string {
  return kernel.mounts.list
    .map((m) => `${m.source} ${m.at ? pathOf(m.at, kernel.root) : '/'} ${m.root.inode.fs.type} ${m.options} 0 0\n`)
    .join('');
}

/** The whole tree. `self` is asked for by whoever walks through /proc/self. */
export function makeProc(kernel: Kernel): ProcFs {
  const fs = new ProcFs(kernel.realtime());
  const total = kernel.memory;
  const uptime = (): number => Number(kernel.monotonic() - kernel.bootTime) / 1e9;
  const text = (f: () => string): Text => new Text(fs, f);
  const own = new Link(
    fs,
    () => ENOENT,
    (task) => {
      const root = kernel.mounts.list.find((m) => m.root.inode === fs.root)?.root;
      return root?.child(String(task.process.pid)) ?? ENOENT;
    },
  );
  // The text of /proc/self is the reader's pid: readlink(2) asks through the task that runs.
  own.readlink = () => String(kernel.current?.process.pid ?? 0);
  const cpu = (n: number): string =>
    [
      `processor\t: ${n}`,
      'vendor_id\t: GenuineIntel',
      'cpu family\t: 6',
      'model\t\t: 44',
      'model name\t: ring3 x86-64-v2 processor',
      'stepping\t: 1',
      'cpu MHz\t\t: 1000.000',
      'cache size\t: 512 KB',
      'physical id\t: 0',
      `siblings\t: ${kernel.cpus}`,
      `core id\t\t: ${n}`,
      `cpu cores\t: ${kernel.cpus}`,
      'fpu\t\t: yes',
      'fpu_exception\t: yes',
      'cpuid level\t: 7',
      'wp\t\t: yes',
      'flags\t\t: fpu tsc msr cx8 sep cmov clflush mmx fxsr sse sse2 syscall nx rdtscp lm pni ssse3 cx16 sse4_1 sse4_2 popcnt hypervisor lahf_lm',
      'bogomips\t: 2000.00',
      'clflush size\t: 64',
      'cache_alignment\t: 64',
      'address sizes\t: 46 bits physical, 48 bits virtual',
      '',
      '',
    ].join('\n');
  fs.root = new Directory(
    fs,
    {
      self: own,
      'thread-self': own,
      cpuinfo: text(() => Array.from({ length: kernel.cpus }, (_, i) => cpu(i)).join('')),
      meminfo: text(
        () =>
          `MemTotal:       ${kb(total)} kB\nMemFree:        ${kb(total / 2)} kB\nMemAvailable:   ${kb(total / 2)} kB\nBuffers:        ${kb(0)} kB\nCached:         ${kb(0)} kB\nSwapCached:     ${kb(0)} kB\nSwapTotal:      ${kb(0)} kB\nSwapFree:       ${kb(0)} kB\n`,
      ),
      uptime: text(() => `${uptime().toFixed(2)} ${uptime().toFixed(2)}\n`),
      loadavg: text(() => `0.00 0.00 0.00 1/${kernel.processes.size} ${kernel.processes.size}\n`),
      version: text(() => 'Linux version 6.1.0-ring3 (ring3) #1 SMP\n'),
      filesystems: text(() => 'nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\n\text4\n'),
      mounts: new Link(fs, () => 'self/mounts'),
      stat: text(
        () =>
          `cpu  0 0 0 0 0 0 0 0 0 0\n${Array.from({ length: kernel.cpus }, (_, i) => `cpu${i} 0 0 0 0 0 0 0 0 0 0\n`).join('')}intr 0\nctxt 0\nbtime ${kernel.realtime() / 1_000_000_000n - BigInt(Math.floor(uptime()))}\nprocesses ${kernel.processes.size}\nprocs_running 1\nprocs_blocked 0\n`,
      ),
      sys: new Directory(fs, {
        kernel: new Directory(fs, {
          hostname: text(() => `${kernel.hostname}\n`),
          ostype: text(() => 'Linux\n'),
          osrelease: text(() => '6.1.0-ring3\n'),
          version: text(() => '#1 SMP\n'),
          pid_max: text(() => '4194304\n'),
          threads_max: text(() => '191814\n'),
          ngroups_max: text(() => '65536\n'),
          cap_last_cap: text(() => '40\n'),
          core_pattern: text(() => 'core\n'),
        }),
        vm: new Directory(fs, {
          overcommit_memory: text(() => '0\n'),
          max_map_count: text(() => '65530\n'),
          mmap_min_addr: text(() => '65536\n'),
        }),
        fs: new Directory(fs, {
          'file-max': text(() => '9223372036854775807\n'),
          'pipe-max-size': text(() => '1048576\n'),
        }),
      }),
    },
    {
      names: () => [...kernel.processes.keys()].map(String),
      get: (name) => {
        const p = kernel.processes.get(Number(name));
        return p && processDirectory(fs, kernel, p, false);
      },
    },
  );
  return fs;
}
