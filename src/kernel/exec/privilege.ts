// What a program's file gives or takes: set-id bits and file capabilities (fs/exec.c, bprm_fill_uid; security/commoncap.c).
import { ALL_CAPABILITIES } from '../../abi/capability.ts';
import { Errno } from '../../abi/errno.ts';
import { S_ISGID, S_ISUID } from '../../abi/stat.ts';
import { SECBIT_NOROOT } from '../credentials.ts';
import type { Inode } from '../fs/vfs.ts';
import type { Credentials } from '../task.ts';
import type { Thread } from '../thread.ts';

export interface Privilege {
  readonly credentials: Credentials;
  /** AT_SECURE: the program runs with more than its caller has. */
  readonly secure: boolean;
}
interface FileCapabilities {
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly effective: boolean;
}
const VFS_CAP_REVISION_2 = 0x0200_0000;
const VFS_CAP_REVISION_3 = 0x0300_0000;
const S_IXGRP = 0o010;

/** The security.capability attribute (struct vfs_cap_data). */
function fileCapabilities(inode: Inode): FileCapabilities | undefined {
  const raw = inode.getxattr('security.capability');
  if (raw instanceof Errno || raw.length < 20) return undefined;
  const v = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const magic = v.getUint32(0, true);
  const revision = (magic & 0xff00_0000) >>> 0;
  if (revision !== VFS_CAP_REVISION_2 && revision !== VFS_CAP_REVISION_3) return undefined;
  const set = (at: number): bigint => (BigInt(v.getUint32(at + 8, true)) << 32n) | BigInt(v.getUint32(at, true));
  return { permitted: set(4), inheritable: set(8), effective: (magic & 1) !== 0 };
}

/** Credentials after execve of a file. */
export function privilegeOf(t: Thread, inode: Inode): Privilege {
  const old = t.credentials;
  const a = inode.attributes();
  const setuid = !t.noNewPrivileges && (a.mode & S_ISUID) !== 0;
  const setgid = !t.noNewPrivileges && (a.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP);
  const euid = setuid ? a.uid : old.euid;
  const egid = setgid ? a.gid : old.egid;
  const file = t.noNewPrivileges ? undefined : fileCapabilities(inode);
  const rootful = !(t.secureBits & SECBIT_NOROOT);
  let permitted = file ? (file.permitted & old.bounding) | (file.inheritable & old.inheritable) : 0n;
  let effective = file?.effective ?? false;
  if (rootful && (euid === 0 || old.uid === 0)) {
    permitted = (old.bounding | old.inheritable) & ALL_CAPABILITIES;
    if (euid === 0) effective = true;
  }
  // PR_SET_NO_NEW_PRIVS: no more than it had, even for root.
  if (t.noNewPrivileges) permitted &= old.permitted;
  const changed = euid !== old.euid || egid !== old.egid;
  const ambient = changed || file ? 0n : old.ambient;
  permitted |= ambient;
  const credentials: Credentials = {
    ...old,
    euid,
    suid: euid,
    fsuid: euid,
    egid,
    sgid: egid,
    fsgid: egid,
    permitted,
    effective: effective ? permitted : ambient,
    ambient,
  };
  const setId = euid !== old.uid || egid !== old.gid;
  const grown = old.uid !== 0 && !(rootful && euid === 0) && (effective || (permitted & ~ambient) !== 0n);
  return { credentials, secure: setId || grown };
}
