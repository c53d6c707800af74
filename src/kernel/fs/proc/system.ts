// Files of /proc about the machine as a whole.
import * as I from '../../../abi/info.ts';
import type { Kernel } from '../../kernel.ts';

const PAGE = 4096;
const seconds = (ns: bigint): number => Number(ns) / 1e9;
const ticks = (ns: bigint): number => Number(ns / 10_000_000n);

const line = (name: string, bytes: number): string =>
  `${`${name}:`.padEnd(16)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`;
export function meminfoText(kernel: Kernel): string {
  const total = kernel.memory;
  const used = kernel.pool.used * PAGE;
  const free = Math.max(0, total - used);
  const files = kernel.mounts.filePages() * PAGE;
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', free],
    ['Buffers', 0],
    ['Cached', files],
    ['SwapCached', 0],
    ['Active', used - files],
    ['Inactive', files],
    ['Active(anon)', used - files],
    ['Inactive(anon)', 0],
    ['Active(file)', 0],
    ['Inactive(file)', 0],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Zswap', 0],
    ['Zswapped', 0],
    ['Dirty', 0],
    ['Writeback', 0],
    ['AnonPages', used - files],
    ['Mapped', 0],
    ['Shmem', files],
    ['KReclaimable', 0],
    ['Slab', 0],
    ['SReclaimable', 0],
    ['SUnreclaim', 0],
    ['KernelStack', 0],
    ['PageTables', 0],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', total / 2],
    ['Committed_AS', used],
    ['VmallocTotal', 35184372087808],
    ['VmallocUsed', 0],
    ['VmallocChunk', 0],
    ['Percpu', 0],
    ['AnonHugePages', 0],
    ['ShmemHugePages', 0],
    ['ShmemPmdMapped', 0],
    ['FileHugePages', 0],
    ['FilePmdMapped', 0],
  ];
  const pages = ['Total', 'Free', 'Rsvd', 'Surp'].map((n) => `${`HugePages_${n}:`.padEnd(16)}       0\n`);
  return (
    rows.map(([n, b]) => line(n, b)).join('') + pages.join('') + line('Hugepagesize', 2 << 20) + line('Hugetlb', 0)
  );
}
const busy = (kernel: Kernel): bigint => {
  let ns = 0n;
  for (const p of kernel.processes.values())
    ns += p.cpuTime.user + p.cpuTime.system + p.childTime.user + p.childTime.system;
  return ns;
};
export function statText(kernel: Kernel): string {
  const up = kernel.monotonic() - kernel.bootTime;
  const used = busy(kernel);
  const idle = up * BigInt(kernel.cpus) > used ? up * BigInt(kernel.cpus) - used : 0n;
  const row = (name: string, share: bigint): string =>
    `${name} ${ticks(used / share)} 0 0 ${ticks(idle / share)} 0 0 0 0 0 0\n`;
  const boot = (kernel.realtime() - up) / 1_000_000_000n;
  let running = 0;
  for (const t of kernel.threads.values()) if (t.state === 'runnable') running++;
  return [
    row('cpu ', 1n),
    ...Array.from({ length: kernel.cpus }, (_, i) => row(`cpu${i}`, BigInt(kernel.cpus))),
    'intr 0\n',
    `ctxt ${kernel.statistics().calls}\n`,
    `btime ${boot}\n`,
    `processes ${kernel.processes.size}\n`,
    `procs_running ${running}\n`,
    'procs_blocked 0\n',
    'softirq 0 0 0 0 0 0 0 0 0 0 0\n',
  ].join('');
}
export function uptimeText(kernel: Kernel): string {
  const up = seconds(kernel.monotonic() - kernel.bootTime);
  const idle = Math.max(0, up * kernel.cpus - seconds(busy(kernel)));
  return `${up.toFixed(2)} ${idle.toFixed(2)}\n`;
}
export function loadavgText(kernel: Kernel): string {
  let running = 0;
  let last = 0;
  for (const t of kernel.threads.values()) {
    if (t.state === 'runnable') running++;
    last = Math.max(last, t.tid);
  }
  return `0.00 0.00 0.00 ${running}/${kernel.threads.size} ${last}\n`;
}
export const versionText = (): string => `${I.SYSNAME} version ${I.RELEASE} (ring3) ${I.VERSION}\n`;

/** Instruction sets of this CPU (x86-64-v2), as Linux names them. */
const FLAGS =
  'fpu tsc msr cx8 sep cmov clflush mmx fxsr sse sse2 syscall nx rdtscp lm nopl cpuid pni ssse3 cx16 sse4_1 sse4_2 popcnt hypervisor lahf_lm';
export function cpuinfoText(kernel: Kernel): string {
  const cpu = (n: number): string =>
    [
      `processor\t: ${n}`,
      'vendor_id\t: GenuineRing3',
      'cpu family\t: 6',
      'model\t\t: 58',
      'model name\t: ring3 x86-64-v2 processor',
      'stepping\t: 0',
      'cpu MHz\t\t: 1000.000',
      'cache size\t: 512 KB',
      'physical id\t: 0',
      `siblings\t: ${kernel.cpus}`,
      `core id\t\t: ${n}`,
      `cpu cores\t: ${kernel.cpus}`,
      `apicid\t\t: ${n}`,
      `initial apicid\t: ${n}`,
      'fpu\t\t: yes',
      'fpu_exception\t: yes',
      'cpuid level\t: 7',
      'wp\t\t: yes',
      `flags\t\t: ${FLAGS}`,
      'bugs\t\t:',
      'bogomips\t: 2000.00',
      'clflush size\t: 64',
      'cache_alignment\t: 64',
      'address sizes\t: 46 bits physical, 48 bits virtual',
      'power management:',
      '',
      '',
    ].join('\n');
  return Array.from({ length: kernel.cpus }, (_, i) => cpu(i)).join('');
}
export const FILESYSTEMS =
  'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tsockfs\nnodev\tpipefs\nnodev\tdevpts\n\text4\nnodev\toverlay\n';
export const DEVICES =
  'Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n';
export const SWAPS = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';
export const PARTITIONS = 'major minor  #blocks  name\n\n';
