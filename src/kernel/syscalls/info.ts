// The machine, its limits and its random numbers (kernel/sys.c, drivers/char/random.c).
import { CAP_SYS_ADMIN, CAP_SYS_BOOT, CAP_SYS_RESOURCE, CAP_SYSLOG } from '../../abi/capability.ts';
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import * as I from '../../abi/info.ts';
import * as R from '../../abi/resource.ts';
import { addr, cstring, custom, enumOf, flags, hex32, int, pid, pin, pout, size } from '../../abi/type.ts';
import { type Process, RLIM_INFINITY } from '../process.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';
import { usageOf, usageOfTask } from '../usage.ts';

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

export const getrlimit = syscall({
  name: 'getrlimit',
  nr: { x64: 97 },
  class: 'info',
  args: { resource: enumOf(R.rlimits), rlim: pout(R.rlimit) },
  run(t, { resource, rlim }) {
    const limit = t.process.limits[resource];
    if (!limit) return EINVAL;
    const value = { rlim_cur: toMemory(limit.cur), rlim_max: toMemory(limit.max) };
    return t.user.set(R.rlimit, rlim, value) ? EFAULT : 0;
  },
});
export const setrlimit = syscall({
  name: 'setrlimit',
  nr: { x64: 160, i386: 75 },
  class: 'process',
  args: { resource: enumOf(R.rlimits), rlim: pin(R.rlimit) },
  run(t, { resource, rlim }) {
    const given = t.user.get(R.rlimit, rlim);
    if (given instanceof Errno) return EFAULT;
    return (
      changeLimit(t, t.process, resource, { cur: fromMemory(given.rlim_cur), max: fromMemory(given.rlim_max) }) ?? 0
    );
  },
});

const RUSAGE_SELF = 0,
  RUSAGE_CHILDREN = -1,
  RUSAGE_THREAD = 1;
export const getrusage = syscall({
  name: 'getrusage',
  nr: { x64: 98, i386: 77 },
  class: 'info',
  args: { who: enumOf(R.rusageWho), usage: pout(R.rusage) },
  run(t, { who, usage }) {
    if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) return EINVAL;
    t.kernel.charge();
    const value =
      who === RUSAGE_THREAD ? usageOfTask(t) : usageOf(t.process, who === RUSAGE_CHILDREN ? 'children' : 'own');
    return t.user.set(R.rusage, usage, value) ? EFAULT : 0;
  },
});

/** A name of at most 64 bytes for the machine. */
function readName(t: Thread, at: number, length: number): string | Errno {
  if (!t.capable(CAP_SYS_ADMIN)) return EPERM;
  if (length < 0 || length > 64) return EINVAL;
  const bytes = t.user.bytes(at, length);
  return bytes instanceof Errno ? EFAULT : String.fromCharCode(...bytes).replace(/\0.*$/s, '');
}
export const sethostname = syscall({
  name: 'sethostname',
  nr: { x64: 170, i386: 74 },
  class: 'info',
  args: { name: cstring, len: int },
  run(t, { name, len }) {
    const text = readName(t, name, len);
    if (text instanceof Errno) return text;
    t.kernel.hostname = text;
    return 0;
  },
});
export const setdomainname = syscall({
  name: 'setdomainname',
  nr: { x64: 171, i386: 121 },
  class: 'info',
  args: { name: cstring, len: int },
  run(t, { name, len }) {
    const text = readName(t, name, len);
    if (text instanceof Errno) return text;
    t.kernel.domainname = text;
    return 0;
  },
});

const SYSLOG_READ_ALL = 3,
  SYSLOG_SIZE_UNREAD = 9,
  SYSLOG_SIZE_BUFFER = 10;
const LOG_SIZE = 131072;
/** The kernel's log: it writes none. */
export const syslog = syscall({
  name: 'syslog',
  nr: { x64: 103, i386: 103 },
  class: 'info',
  args: { type: enumOf(I.syslogActions), bufp: addr, len: int },
  partial: 'an empty log that can be measured and read, not cleared or followed',
  run(t, { type, bufp, len }) {
    const open = type === SYSLOG_READ_ALL || type === SYSLOG_SIZE_BUFFER || type === SYSLOG_SIZE_UNREAD;
    if (!t.capable(CAP_SYSLOG) && !t.capable(CAP_SYS_ADMIN)) return EPERM;
    if (!open) return EINVAL;
    if (type === SYSLOG_SIZE_BUFFER) return LOG_SIZE;
    return type === SYSLOG_READ_ALL && (bufp === 0 || len < 0) ? EINVAL : 0;
  },
});

/** The machine is the host's program: nobody in it may end it but by ending the first program. */
export const reboot = syscall({
  name: 'reboot',
  nr: { x64: 169, i386: 88 },
  class: 'process',
  args: { magic: hex32, magic2: hex32, cmd: hex32, arg: addr },
  run(t, a) {
    if (!t.capable(CAP_SYS_BOOT)) return EPERM;
    return a.magic === I.REBOOT_MAGIC1 && I.REBOOT_MAGIC2.includes(a.magic2) ? EPERM : EINVAL;
  },
});
