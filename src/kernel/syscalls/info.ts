// The machine, its limits and its random numbers (kernel/sys.c, drivers/char/random.c).
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import * as I from '../../abi/info.ts';
import * as R from '../../abi/resource.ts';
import { custom, enumOf, flags, pid, pin, pout, size, uint } from '../../abi/type.ts';
import { type Process, RLIM_INFINITY } from '../process.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

const text = (s: string): Uint8Array => Uint8Array.from(s.slice(0, 64), (c) => c.charCodeAt(0));

export const uname = syscall({
  name: 'uname',
  nr: { x64: 63, i386: 122 },
  class: 'info',
  args: { buf: pout(I.utsname) },
  run: (t, { buf }) =>
    t.user.set(I.utsname, buf, {
      sysname: text(I.SYSNAME),
      nodename: text(t.kernel.hostname),
      release: text(I.RELEASE),
      version: text(I.VERSION),
      machine: text(I.MACHINE),
      domainname: text(t.kernel.domainname),
    }) ?? 0,
});

export const sysinfo = syscall({
  name: 'sysinfo',
  nr: { x64: 99, i386: 116 },
  class: 'info',
  args: { info: pout(I.sysinfo) },
  run: (t, { info }) =>
    t.user.set(I.sysinfo, info, {
      uptime: Number((t.kernel.monotonic() - t.kernel.bootTime) / 1_000_000_000n),
      totalram: t.kernel.memory,
      freeram: t.kernel.freeMemory,
      procs: t.kernel.threads.size,
      mem_unit: 1,
    }) ?? 0,
});

export const getrandom = syscall({
  name: 'getrandom',
  nr: { x64: 318, i386: 355 },
  class: 'info',
  args: { buf: custom('random', 'out', { ret: true }), buflen: size, flags: flags(I.grndFlags) },
  run(t, { buf, buflen, flags }) {
    const kinds = I.GRND_RANDOM | I.GRND_INSECURE;
    if (flags & ~(kinds | I.GRND_NONBLOCK) || (flags & kinds) === kinds) return EINVAL;
    const n = Math.min(buflen, 0x7fff_f000);
    return t.user.into(buf, n, (view) => {
      for (let at = 0; at < view.length; at += CHUNK) t.kernel.random(view.subarray(at, at + CHUNK));
      return view.length;
    });
  },
});
/** A host gives at most so many random bytes at a time. */
const CHUNK = 65536;

const toMemory = (n: number): bigint => (n === RLIM_INFINITY ? R.RLIM64_INFINITY : BigInt(n));
const fromMemory = (n: bigint): number => (n === R.RLIM64_INFINITY ? RLIM_INFINITY : Number(n));
const CAP_SYS_RESOURCE = 24;

/** do_prlimit: reads the old limit and sets the new one. */
function changeLimit(
  t: Thread,
  p: Process,
  which: number,
  next: { cur: number; max: number } | undefined,
): Errno | undefined {
  const limit = p.limits[which];
  if (!limit) return EINVAL;
  if (!next) return undefined;
  if (next.cur > next.max) return EINVAL;
  if (which === R.RLIMIT_NOFILE && next.max > NR_OPEN) return EPERM;
  if (next.max > limit.max && !t.capable(CAP_SYS_RESOURCE)) return EPERM;
  p.limits[which] = { ...next };
  if (which === R.RLIMIT_NOFILE) for (const task of p.threads) task.files.limit = next.cur;
  return undefined;
}
/** /proc/sys/fs/nr_open */
const NR_OPEN = 1048576;

export const prlimit64 = syscall({
  name: 'prlimit64',
  nr: { x64: 302, i386: 340 },
  class: 'info',
  args: { pid, resource: enumOf(R.rlimits), new_limit: pin(R.rlimit64), old_limit: pout(R.rlimit64) },
  run(t, a) {
    let next: { cur: number; max: number } | undefined;
    if (a.new_limit) {
      const given = t.user.get(R.rlimit64, a.new_limit);
      if (given instanceof Errno) return EFAULT;
      next = { cur: fromMemory(given.rlim_cur), max: fromMemory(given.rlim_max) };
    }
    const p = a.pid === 0 ? t.process : (t.kernel.thread(a.pid)?.process ?? t.kernel.processes.get(a.pid));
    if (!p) return ESRCH;
    if (p !== t.process && !mayLimit(t, p)) return EPERM;
    const old = p.limits[a.resource];
    if (!old) return EINVAL;
    const before = { rlim_cur: toMemory(old.cur), rlim_max: toMemory(old.max) };
    const refused = changeLimit(t, p, a.resource, next);
    if (refused) return refused;
    return a.old_limit && t.user.set(R.rlimit64, a.old_limit, before) ? EFAULT : 0;
  },
});
/** check_prlimit_permission: all ids of the other are the caller's real ones. */
function mayLimit(t: Thread, p: Process): boolean {
  const mine = t.credentials;
  const theirs = p.leader?.credentials;
  if (!theirs || t.capable(CAP_SYS_RESOURCE)) return true;
  return (
    [theirs.uid, theirs.euid, theirs.suid].every((u) => u === mine.uid) &&
    [theirs.gid, theirs.egid, theirs.sgid].every((g) => g === mine.gid)
  );
}

export const sched_getaffinity = syscall({
  name: 'sched_getaffinity',
  nr: { x64: 204, i386: 242 },
  class: 'sched',
  args: { pid, cpusetsize: uint, mask: custom('cpuset', 'out', { ret: true }) },
  run(t, { pid, cpusetsize, mask }) {
    const word = t.abi === 'x64' ? 8 : 4;
    if (cpusetsize * 8 < t.kernel.cpus || cpusetsize % word) return EINVAL;
    if (pid !== 0 && !t.kernel.thread(pid)) return ESRCH;
    const out = new Uint8Array(Math.min(cpusetsize, Math.ceil(t.kernel.cpus / (8 * word)) * word));
    for (let i = 0; i < t.kernel.cpus; i++) out[i >> 3] = (out[i >> 3] as number) | (1 << (i & 7));
    return t.user.put(mask, out) ?? out.length;
  },
});
