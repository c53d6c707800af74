// Users, groups and capabilities of a task, and what changes with them (kernel/sys.c, security/commoncap.c). Credentials are never changed in place: tasks
// made by clone share the object.
import {
  CAP_CHOWN,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_LINUX_IMMUTABLE,
  CAP_MAC_OVERRIDE,
  CAP_MKNOD,
  CAP_SETGID,
  CAP_SETUID,
} from '../abi/capability.ts';
import { EINVAL, EPERM, type Errno } from '../abi/errno.ts';
import { RLIMIT_NPROC } from '../abi/resource.ts';
import type { Credentials } from './task.ts';
import type { Thread } from './thread.ts';

const bit = (cap: number): bigint => 1n << BigInt(cap);
/** What fsuid 0 brings and takes (CAP_FS_MASK). */
const FILE_CAPABILITIES =
  bit(CAP_CHOWN) |
  bit(CAP_DAC_OVERRIDE) |
  bit(CAP_DAC_READ_SEARCH) |
  bit(CAP_FOWNER) |
  bit(CAP_FSETID) |
  bit(CAP_MKNOD) |
  bit(CAP_LINUX_IMMUTABLE) |
  bit(CAP_MAC_OVERRIDE);

/** Ids that stand for "leave it as it is". */
export const UNCHANGED = 0xffff_ffff;
/** PR_SET_SECUREBITS */
export const SECBIT_NOROOT = 1,
  SECBIT_NO_SETUID_FIXUP = 4,
  SECBIT_KEEP_CAPS = 16,
  SECBIT_KEEP_CAPS_LOCKED = 32,
  SECBIT_NO_CAP_AMBIENT_RAISE = 64;

export const ALL_SECUREBITS = 0xff;

/** The task has new credentials: what hangs on its being able to look at itself changes too. */
export function setCredentials(t: Thread, next: Credentials): void {
  const old = t.credentials;
  t.credentials = next;
  if (next.uid !== old.uid)
    t.overProcessLimit =
      next.uid !== 0 && t.kernel.tasksOf(next.uid) > (t.process.limits[RLIMIT_NPROC]?.cur ?? Number.POSITIVE_INFINITY);
  const changed =
    old.euid !== next.euid || old.egid !== next.egid || old.fsuid !== next.fsuid || old.fsgid !== next.fsgid;
  if (!changed && (next.permitted & ~old.permitted) === 0n) return;
  t.process.dumpable = 0;
  t.deathSignal = 0;
}

/** cap_emulate_setxuid: leaving root gives the capabilities up, becoming effective root brings them in. */
function afterUserChange(t: Thread, old: Credentials, next: Credentials): Credentials {
  if (t.secureBits & SECBIT_NO_SETUID_FIXUP) return next;
  let { permitted, effective, ambient } = next;
  const root = (c: Credentials): boolean => c.uid === 0 || c.euid === 0 || c.suid === 0;
  if (root(old) && !root(next)) {
    if (!(t.secureBits & SECBIT_KEEP_CAPS)) permitted = effective = 0n;
    ambient = 0n;
  }
  if (old.euid === 0 && next.euid !== 0) effective = 0n;
  if (old.euid !== 0 && next.euid === 0) effective = permitted;
  return { ...next, permitted, effective, ambient };
}

export function setuid(t: Thread, uid: number): Errno | undefined {
  if (uid === UNCHANGED) return EINVAL;
  const c = t.credentials;
  if (t.capable(CAP_SETUID)) {
    setCredentials(t, afterUserChange(t, c, { ...c, uid, euid: uid, suid: uid, fsuid: uid }));
    return undefined;
  }
  if (uid !== c.uid && uid !== c.suid) return EPERM;
  setCredentials(t, afterUserChange(t, c, { ...c, euid: uid, fsuid: uid }));
  return undefined;
}
export function setreuid(t: Thread, ruid: number, euid: number): Errno | undefined {
  const c = t.credentials;
  const free = t.capable(CAP_SETUID);
  if (ruid !== UNCHANGED && !free && ruid !== c.uid && ruid !== c.euid) return EPERM;
  if (euid !== UNCHANGED && !free && euid !== c.uid && euid !== c.euid && euid !== c.suid) return EPERM;
  const next = { ...c, uid: ruid === UNCHANGED ? c.uid : ruid, euid: euid === UNCHANGED ? c.euid : euid };
  next.fsuid = next.euid;
  if (ruid !== UNCHANGED || (euid !== UNCHANGED && euid !== c.uid)) next.suid = next.euid;
  setCredentials(t, afterUserChange(t, c, next));
  return undefined;
}
export function setresuid(t: Thread, ruid: number, euid: number, suid: number): Errno | undefined {
  const c = t.credentials;
  const mine = [c.uid, c.euid, c.suid, UNCHANGED];
  if (!t.capable(CAP_SETUID) && [ruid, euid, suid].some((u) => !mine.includes(u))) return EPERM;
  const pick = (asked: number, now: number): number => (asked === UNCHANGED ? now : asked);
  const next = { ...c, uid: pick(ruid, c.uid), euid: pick(euid, c.euid), suid: pick(suid, c.suid) };
  next.fsuid = next.euid;
  setCredentials(t, afterUserChange(t, c, next));
  return undefined;
}
/** Gives the one before, whether or not it changed. */
export function setfsuid(t: Thread, uid: number): number {
  const c = t.credentials;
  const allowed = [c.uid, c.euid, c.suid, c.fsuid].includes(uid) || t.capable(CAP_SETUID);
  if (uid === UNCHANGED || !allowed || uid === c.fsuid) return c.fsuid;
  let { effective } = c;
  if (!(t.secureBits & SECBIT_NO_SETUID_FIXUP)) {
    if (c.fsuid === 0) effective &= ~FILE_CAPABILITIES;
    if (uid === 0) effective |= c.permitted & FILE_CAPABILITIES;
  }
  setCredentials(t, { ...c, fsuid: uid, effective });
  return c.fsuid;
}

export function setgid(t: Thread, gid: number): Errno | undefined {
  if (gid === UNCHANGED) return EINVAL;
  const c = t.credentials;
  if (t.capable(CAP_SETGID)) setCredentials(t, { ...c, gid, egid: gid, sgid: gid, fsgid: gid });
  else if (gid === c.gid || gid === c.sgid) setCredentials(t, { ...c, egid: gid, fsgid: gid });
  else return EPERM;
  return undefined;
}
export function setregid(t: Thread, rgid: number, egid: number): Errno | undefined {
  const c = t.credentials;
  const free = t.capable(CAP_SETGID);
  if (rgid !== UNCHANGED && !free && rgid !== c.gid && rgid !== c.egid) return EPERM;
  if (egid !== UNCHANGED && !free && egid !== c.gid && egid !== c.egid && egid !== c.sgid) return EPERM;
  const next = { ...c, gid: rgid === UNCHANGED ? c.gid : rgid, egid: egid === UNCHANGED ? c.egid : egid };
  if (rgid !== UNCHANGED || (egid !== UNCHANGED && egid !== c.gid)) next.sgid = next.egid;
  next.fsgid = next.egid;
  setCredentials(t, next);
  return undefined;
}
export function setresgid(t: Thread, rgid: number, egid: number, sgid: number): Errno | undefined {
  const c = t.credentials;
  const mine = [c.gid, c.egid, c.sgid, UNCHANGED];
  if (!t.capable(CAP_SETGID) && [rgid, egid, sgid].some((g) => !mine.includes(g))) return EPERM;
  const pick = (asked: number, now: number): number => (asked === UNCHANGED ? now : asked);
  const next = { ...c, gid: pick(rgid, c.gid), egid: pick(egid, c.egid), sgid: pick(sgid, c.sgid) };
  next.fsgid = next.egid;
  setCredentials(t, next);
  return undefined;
}
export function setfsgid(t: Thread, gid: number): number {
  const c = t.credentials;
  const allowed = [c.gid, c.egid, c.sgid, c.fsgid].includes(gid) || t.capable(CAP_SETGID);
  if (gid !== UNCHANGED && allowed && gid !== c.fsgid) setCredentials(t, { ...c, fsgid: gid });
  return c.fsgid;
}
