// Changing and reading users, groups and capabilities (kernel/sys.c, kernel/groups.c, kernel/capability.c).

import { ALL_CAPABILITIES, CAP_SETGID, CAP_SETPCAP, CAP_VERSIONS, capData, capHeader } from '../../abi/capability.ts';
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { custom, int, pin, pinout, pout, size, uid } from '../../abi/type.ts';
import * as C from '../credentials.ts';
import { syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

export const setuid = syscall({
  name: 'setuid',
  nr: { x64: 105 },
  class: 'cred',
  args: { uid },
  run: (t, { uid }) => C.setuid(t, uid) ?? 0,
});
export const setgid = syscall({
  name: 'setgid',
  nr: { x64: 106 },
  class: 'cred',
  args: { gid: uid },
  run: (t, { gid }) => C.setgid(t, gid) ?? 0,
});
export const setreuid = syscall({
  name: 'setreuid',
  nr: { x64: 113 },
  class: 'cred',
  args: { ruid: uid, euid: uid },
  run: (t, { ruid, euid }) => C.setreuid(t, ruid, euid) ?? 0,
});
export const setregid = syscall({
  name: 'setregid',
  nr: { x64: 114 },
  class: 'cred',
  args: { rgid: uid, egid: uid },
  run: (t, { rgid, egid }) => C.setregid(t, rgid, egid) ?? 0,
});
export const setresuid = syscall({
  name: 'setresuid',
  nr: { x64: 117 },
  class: 'cred',
  args: { ruid: uid, euid: uid, suid: uid },
  run: (t, { ruid, euid, suid }) => C.setresuid(t, ruid, euid, suid) ?? 0,
});
export const setresgid = syscall({
  name: 'setresgid',
  nr: { x64: 119 },
  class: 'cred',
  args: { rgid: uid, egid: uid, sgid: uid },
  run: (t, { rgid, egid, sgid }) => C.setresgid(t, rgid, egid, sgid) ?? 0,
});
export const setfsuid = syscall({
  name: 'setfsuid',
  nr: { x64: 122 },
  class: 'cred',
  args: { fsuid: uid },
  returns: uid,
  run: (t, { fsuid }) => C.setfsuid(t, fsuid),
});
export const setfsgid = syscall({
  name: 'setfsgid',
  nr: { x64: 123 },
  class: 'cred',
  args: { fsgid: uid },
  returns: uid,
  run: (t, { fsgid }) => C.setfsgid(t, fsgid),
});

const three = (t: Thread, at: readonly number[], values: readonly number[]): Errno | 0 =>
  at.some((p, i) => t.user.set(uid, p, values[i] as number)) ? EFAULT : 0;
export const getresuid = syscall({
  name: 'getresuid',
  nr: { x64: 118 },
  class: 'info',
  args: { ruid: pout(uid), euid: pout(uid), suid: pout(uid) },
  run(t, a) {
    const c = t.credentials;
    return three(t, [a.ruid, a.euid, a.suid], [c.uid, c.euid, c.suid]);
  },
});
export const getresgid = syscall({
  name: 'getresgid',
  nr: { x64: 120 },
  class: 'info',
  args: { rgid: pout(uid), egid: pout(uid), sgid: pout(uid) },
  run(t, a) {
    const c = t.credentials;
    return three(t, [a.rgid, a.egid, a.sgid], [c.gid, c.egid, c.sgid]);
  },
});

const NGROUPS_MAX = 65536;
export const getgroups = syscall({
  name: 'getgroups',
  nr: { x64: 115 },
  class: 'info',
  args: { size: int, list: custom('groups', 'out', { ret: true }) },
  run(t, { size, list }) {
    if (size < 0) return EINVAL;
    const { groups } = t.credentials;
    if (size === 0) return groups.length;
    if (groups.length > size) return EINVAL;
    return t.user.put(list, new Uint8Array(Uint32Array.from(groups).buffer)) ? EFAULT : groups.length;
  },
});
export const setgroups = syscall({
  name: 'setgroups',
  nr: { x64: 116 },
  class: 'cred',
  args: { size, list: pin(uid, { arg: 'size' }) },
  run(t, { size, list }) {
    if (!t.capable(CAP_SETGID)) return EPERM;
    const n = size % 0x1_0000_0000;
    if (n > NGROUPS_MAX) return EINVAL;
    const bytes = t.user.bytes(list, 4 * n);
    if (bytes instanceof Errno) return EFAULT;
    const v = new DataView(bytes.buffer, bytes.byteOffset, 4 * n);
    const groups = Array.from({ length: n }, (_, i) => v.getUint32(4 * i, true)).sort((a, b) => a - b);
    if (groups.includes(C.UNCHANGED)) return EINVAL;
    t.credentials = { ...t.credentials, groups };
    return 0;
  },
});

/** How many words of data a header's version has; an unknown one is answered with the version we like best. */
function wordsOf(t: Thread, header: number): { words: number; pid: number } | Errno {
  const h = t.user.get(capHeader, header);
  if (h instanceof Errno) return EFAULT;
  const words = CAP_VERSIONS.get(h.version);
  if (words !== undefined) return { words, pid: h.pid };
  const newest = [...CAP_VERSIONS.keys()].at(-1) as number;
  return t.user.set(capHeader, header, { version: newest, pid: h.pid }) ? EFAULT : EINVAL;
}
const half = (set: bigint, i: number): number => Number((set >> BigInt(32 * i)) & 0xffff_ffffn);

export const capget = syscall({
  name: 'capget',
  nr: { x64: 125, i386: 184 },
  class: 'info',
  args: { hdrp: pinout(capHeader), datap: custom('cap_data', 'out') },
  run(t, { hdrp, datap }) {
    const h = wordsOf(t, hdrp);
    if (h instanceof Errno) return h === EINVAL && datap === 0 ? 0 : h;
    if (h.pid < 0) return EINVAL;
    const of = h.pid === 0 ? t : t.kernel.threads.get(h.pid);
    if (!of) return ESRCH;
    const c = of.credentials;
    if (datap === 0) return 0;
    for (let i = 0; i < h.words; i++) {
      const failed = t.user.set(capData, datap + 12 * i, {
        effective: half(c.effective, i),
        permitted: half(c.permitted, i),
        inheritable: half(c.inheritable, i),
      });
      if (failed) return EFAULT;
    }
    return 0;
  },
});
export const capset = syscall({
  name: 'capset',
  nr: { x64: 126, i386: 185 },
  class: 'cred',
  args: { hdrp: pinout(capHeader), datap: custom('cap_data', 'in') },
  run(t, { hdrp, datap }) {
    const h = wordsOf(t, hdrp);
    if (h instanceof Errno) return h;
    if (h.pid !== 0 && h.pid !== t.tid) return EPERM;
    let [effective, permitted, inheritable] = [0n, 0n, 0n];
    for (let i = 0; i < h.words; i++) {
      const d = t.user.get(capData, datap + 12 * i);
      if (d instanceof Errno) return EFAULT;
      const shift = BigInt(32 * i);
      effective |= BigInt(d.effective) << shift;
      permitted |= BigInt(d.permitted) << shift;
      inheritable |= BigInt(d.inheritable) << shift;
    }
    effective &= ALL_CAPABILITIES;
    permitted &= ALL_CAPABILITIES;
    inheritable &= ALL_CAPABILITIES;
    const old = t.credentials;
    const outside = (set: bigint, of: bigint): boolean => (set & ~of) !== 0n;
    if (!t.capable(CAP_SETPCAP) && outside(inheritable, old.inheritable | old.permitted)) return EPERM;
    if (outside(inheritable, old.inheritable | old.bounding)) return EPERM;
    if (outside(permitted, old.permitted) || outside(effective, permitted)) return EPERM;
    const ambient = old.ambient & permitted & inheritable;
    C.setCredentials(t, { ...old, effective, permitted, inheritable, ambient });
    return 0;
  },
});
