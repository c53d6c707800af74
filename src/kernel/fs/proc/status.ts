// /proc/PID/status, stat, statm, limits and the like (proc(5)).
import { RLIM_NLIMITS } from '../../../abi/resource.ts';
import type { Kernel } from '../../kernel.ts';
import type { Process } from '../../process.ts';
import type { Thread } from '../../thread.ts';
import { sizes } from './maps.ts';

const PAGE = 4096;
const kb = (bytes: number): string => `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
const mask = (m: bigint): string => m.toString(16).padStart(16, '0');

/** R running, S sleeping, T stopped, Z dead. */
const letter = (p: Process, t: Thread | undefined): string =>
  p.ending ? 'Z' : p.stopped ? 'T' : t?.state === 'sleeping' ? 'S' : 'R';
const STATES: Readonly<Record<string, string>> = {
  R: 'R (running)',
  S: 'S (sleeping)',
  T: 'T (stopped)',
  Z: 'Z (zombie)',
};
function signalSets(p: Process): { caught: bigint; ignored: bigint } {
  let caught = 0n;
  let ignored = 0n;
  for (let s = 1; s <= 64; s++) {
    const { handler } = p.handlers.get(s);
    if (handler === 1) ignored |= 1n << BigInt(s - 1);
    else if (handler > 1) caught |= 1n << BigInt(s - 1);
  }
  return { caught, ignored };
}
/** A task's name as `status` shows it: no line breaks. */
const escaped = (comm: string): string => comm.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
function memory(t: Thread): string[] {
  const { space } = t;
  const s = sizes(space);
  const rss = space.resident * PAGE;
  return [
    `VmPeak:\t${kb(Math.max(space.peak.size, space.size))}`,
    `VmSize:\t${kb(space.size)}`,
    `VmLck:\t${kb(s.locked)}`,
    `VmPin:\t${kb(0)}`,
    `VmHWM:\t${kb(Math.max(space.peak.resident * PAGE, rss))}`,
    `VmRSS:\t${kb(rss)}`,
    `RssAnon:\t${kb(s.anonymous)}`,
    `RssFile:\t${kb(s.file)}`,
    `RssShmem:\t${kb(0)}`,
    `VmData:\t${kb(s.data)}`,
    `VmStk:\t${kb(s.stack)}`,
    `VmExe:\t${kb(s.code)}`,
    `VmLib:\t${kb(s.libraries)}`,
    `VmPTE:\t${kb(Math.ceil(space.resident / 512) * PAGE + 8 * PAGE)}`,
    `VmSwap:\t${kb(0)}`,
    'HugetlbPages:\t       0 kB',
    'CoreDumping:\t0',
    'THP_enabled:\t0',
    'untag_mask:\t0xffffffffffffffff',
  ];
}
export function statusText(p: Process, t: Thread | undefined): string {
  const c = t?.credentials;
  const { caught, ignored } = signalSets(p);
  const cpus = p.kernel.cpus;
  const ids = (a = 0, b = 0, s = 0, f = 0): string => `${a}\t${b}\t${s}\t${f}`;
  const tid = t?.tid ?? p.pid;
  return [
    `Name:\t${escaped(t?.comm ?? '')}`,
    ...(t ? [`Umask:\t${t.fs.umask.toString(8).padStart(4, '0')}`] : []),
    `State:\t${STATES[letter(p, t)]}`,
    `Tgid:\t${p.pid}`,
    'Ngid:\t0',
    `Pid:\t${tid}`,
    `PPid:\t${p.ppid}`,
    'TracerPid:\t0',
    `Uid:\t${ids(c?.uid, c?.euid, c?.suid, c?.fsuid)}`,
    `Gid:\t${ids(c?.gid, c?.egid, c?.sgid, c?.fsgid)}`,
    `FDSize:\t${t?.files.capacity ?? 0}`,
    `Groups:\t${(c?.groups ?? []).map((g) => `${g} `).join('')}${c?.groups.length ? '' : ' '}`,
    `NStgid:\t${p.pid}`,
    `NSpid:\t${tid}`,
    `NSpgid:\t${p.pgid}`,
    `NSsid:\t${p.sid}`,
    'Kthread:\t0',
    ...(t ? memory(t) : []),
    `Threads:\t${p.threads.size}`,
    `SigQ:\t${p.pendingSignals}/${p.limits[11]?.cur ?? 0}`,
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
    'Seccomp_filters:\t0',
    'Speculation_Store_Bypass:\tvulnerable',
    'SpeculationIndirectBranch:\tconditional enabled',
    `Cpus_allowed:\t${((1n << BigInt(cpus)) - 1n).toString(16)}`,
    `Cpus_allowed_list:\t${cpus > 1 ? `0-${cpus - 1}` : '0'}`,
    'Mems_allowed:\t1',
    'Mems_allowed_list:\t0',
    `voluntary_ctxt_switches:\t${t?.switches.voluntary ?? 0}`,
    `nonvoluntary_ctxt_switches:\t${t?.switches.preempted ?? 0}`,
    '',
  ].join('\n');
}

const ticks = (ns: bigint): number => Number(ns / 10_000_000n);
export function statText(kernel: Kernel, p: Process, t: Thread | undefined, whole: boolean): string {
  const { caught, ignored } = signalSets(p);
  const l = t?.space.layout;
  const low = (m: bigint): number => Number(m & 0x7fff_ffffn);
  const used = whole || !t ? p.cpuTime : { user: t.cpuTime, system: 0n };
  const nice = t?.nice ?? 0;
  const fields = [
    t?.tid ?? p.pid,
    `(${t?.comm ?? ''})`,
    letter(p, t),
    p.ppid,
    p.pgid,
    p.sid,
    kernel.terminals.of(p.sid)?.rdev ?? 0,
    kernel.terminals.of(p.sid)?.foreground ?? -1,
    4194304,
    t?.space.faults.minor ?? 0,
    p.childUsage.minorFaults,
    t?.space.faults.major ?? 0,
    p.childUsage.majorFaults,
    ticks(used.user),
    ticks(used.system),
    ticks(p.childTime.user),
    ticks(p.childTime.system),
    20 + nice,
    nice,
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
    low(t?.pending.mask ?? 0n),
    low(t?.blocked ?? 0n),
    low(ignored),
    low(caught),
    t?.state === 'sleeping' ? 1 : 0,
    0,
    0,
    p.exitSignal,
    0,
    0,
    0,
    0,
    0,
    0,
    l?.startData ?? 0,
    l?.endData ?? 0,
    t?.space.brkStart ?? 0,
    l?.argStart ?? 0,
    l?.argEnd ?? 0,
    l?.envStart ?? 0,
    l?.envEnd ?? 0,
    p.ending ? (p.ending.kind === 'exited' ? p.ending.code << 8 : p.ending.signal) : 0,
  ];
  return `${fields.join(' ')}\n`;
}
export function statmText(t: Thread): string {
  const s = sizes(t.space);
  const pages = (bytes: number): number => Math.floor(bytes / PAGE);
  const { space } = t;
  return `${pages(space.size)} ${space.resident} ${pages(s.file)} ${pages(s.code)} 0 ${pages(s.data + s.stack)} 0\n`;
}

/** Resource limits in Linux's order, with names and units as /proc/PID/limits has them. */
const LIMITS: readonly (readonly [name: string, unit: string])[] = [
  ['Max cpu time', 'seconds'],
  ['Max file size', 'bytes'],
  ['Max data size', 'bytes'],
  ['Max stack size', 'bytes'],
  ['Max core file size', 'bytes'],
  ['Max resident set', 'bytes'],
  ['Max processes', 'processes'],
  ['Max open files', 'files'],
  ['Max locked memory', 'bytes'],
  ['Max address space', 'bytes'],
  ['Max file locks', 'locks'],
  ['Max pending signals', 'signals'],
  ['Max msgqueue size', 'bytes'],
  ['Max nice priority', ''],
  ['Max realtime priority', ''],
  ['Max realtime timeout', 'us'],
];
export function limitsText(p: Process): string {
  const value = (n: number): string => (n === Number.POSITIVE_INFINITY ? 'unlimited' : String(n)).padEnd(20);
  const row = (name: string, soft: string, hard: string, unit: string): string =>
    `${name.padEnd(25)} ${soft} ${hard} ${unit.padEnd(10)}\n`;
  const head = row('Limit', 'Soft Limit'.padEnd(20), 'Hard Limit'.padEnd(20), 'Units');
  const rows = LIMITS.slice(0, RLIM_NLIMITS).map(([name, unit], i) => {
    const l = p.limits[i];
    return unit
      ? row(name, value(l?.cur ?? 0), value(l?.max ?? 0), unit)
      : `${name.padEnd(25)} ${value(l?.cur ?? 0)} ${value(l?.max ?? 0)} \n`;
  });
  return head + rows.join('');
}
