// memfd_create(2): files of memory, known by their descriptors alone.
import * as F from '../../abi/fcntl.ts';
import { O_RDWR } from '../../abi/open.ts';
import { S_IFREG } from '../../abi/stat.ts';
import type { Task } from '../task.ts';
import { Name } from './dentry.ts';
import { RegularFile } from './file.ts';
import type { OpenFile } from './vfs.ts';

/** `sealable`: seals may be added; `exec`: mode has the execute bits, and F_SEAL_EXEC isn't set. */
export function makeMemfd(task: Task, name: string, sealable: boolean, exec: boolean): OpenFile {
  const { memory } = task.kernel.mounts;
  const c = task.credentials;
  const inode = memory.make(S_IFREG | (exec ? 0o777 : 0o666), c.fsuid, c.fsgid, 0, 0);
  inode.sealable = true;
  inode.seals = (sealable ? 0 : F.F_SEAL_SEAL) | (exec ? 0 : F.F_SEAL_EXEC);
  const at = new Name(`memfd:${name}`, undefined, inode);
  at.deleted = true;
  return new RegularFile(at, inode, O_RDWR);
}
