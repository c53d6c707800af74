// What the first process takes over from the one that started the machine.
import { ALL_CAPABILITIES } from '../abi/capability.ts';
import type { Host } from '../host/host.ts';
import { defaultLimits, type Process } from './process.ts';
import type { Credentials } from './task.ts';

export function credentialsOf(identity: Host['identity']): Credentials {
  const { uid, gid, euid, egid, groups } = identity;
  const full = euid === 0 ? ALL_CAPABILITIES : 0n;
  const sets = identity.capabilities ?? {
    permitted: full,
    effective: full,
    inheritable: 0n,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
  };
  return {
    uid,
    euid,
    suid: euid,
    fsuid: euid,
    gid,
    egid,
    sgid: egid,
    fsgid: egid,
    groups,
    permitted: sets.permitted & ALL_CAPABILITIES,
    effective: sets.effective & ALL_CAPABILITIES,
    inheritable: sets.inheritable & ALL_CAPABILITIES,
    bounding: sets.bounding & ALL_CAPABILITIES,
    ambient: sets.ambient & ALL_CAPABILITIES,
  };
}

/** Group, session and limits: those of the host's process, where it has them. */
export function takeOver(p: Process, identity: Host['identity']): void {
  p.pgid = identity.pgid ?? p.pid;
  p.sid = identity.sid ?? p.pid;
  p.uid = identity.uid;
  p.limits = defaultLimits();
  identity.limits?.forEach((l, i) => {
    if (l && p.limits[i]) p.limits[i] = { ...l };
  });
}
