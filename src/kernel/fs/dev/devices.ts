// Character devices of memory: null, zero, full, random (mem(4), random(4)).
import { ENOSPC, ENXIO, type Errno } from '../../../abi/errno.ts';
import type { Task } from '../../task.ts';
import { BaseFile } from '../file.ts';
import type { Dentry, Inode, OpenFile } from '../vfs.ts';

class NullDevice extends BaseFile {
  override position: number | undefined = 0;
  override read(_task: Task, _into: Uint8Array): number | Errno {
    return 0;
  }
  override write(_task: Task, from: Uint8Array): number | Errno {
    return from.length;
  }
  override seek(): number {
    return 0;
  }
}
class ZeroDevice extends NullDevice {
  override read(_task: Task, into: Uint8Array): number {
    into.fill(0);
    return into.length;
  }
}
class FullDevice extends ZeroDevice {
  override write(): Errno {
    return ENOSPC;
  }
}
class RandomDevice extends NullDevice {
  override read(task: Task, into: Uint8Array): number {
    for (let at = 0; at < into.length; at += 65536) task.kernel.random(into.subarray(at, at + 65536));
    return into.length;
  }
}
const MEMORY: Readonly<Record<number, new (at: Dentry, inode: Inode, flags: number) => OpenFile>> = {
  3: NullDevice,
  5: ZeroDevice,
  7: FullDevice,
  8: RandomDevice,
  9: RandomDevice,
};

/** Opens a character device by number (major << 8 | minor, as makedev has small ones). */
export function openDevice(inode: Inode, rdev: number, flags: number, at: Dentry): OpenFile | Errno {
  const make = rdev >> 8 === 1 ? MEMORY[rdev & 0xff] : undefined;
  return make ? new make(at, inode, flags) : ENXIO;
}
