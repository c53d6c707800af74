// Character devices of memory: null, zero, full, random (mem(4), random(4)).
import { EINVAL, ENOSPC, ENXIO, type Errno } from '../../../abi/errno.ts';
import { major, minor } from '../../../abi/statx.ts';
import { int, pout } from '../../../abi/type.ts';
import { CommandSet, command } from '../../command.ts';
import type { Task } from '../../task.ts';
import type { Thread } from '../../thread.ts';
import type { Block } from '../../wait.ts';
import { BaseFile } from '../file.ts';
import type { Dentry, Inode, OpenFile } from '../vfs.ts';
import { openTerminal } from './terminal.ts';

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
  override poll(): number | undefined {
    return undefined;
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
const POOL_BITS = 256;
/** Requests of the random devices; there is always enough entropy. */
export const randomCommands = new CommandSet('RND', [
  command({
    name: 'RNDGETENTCNT',
    nr: 0x80045200,
    arg: pout(int),
    run: (t, _file, arg) => t.user.set(int, arg, POOL_BITS) ?? 0,
  }),
]);
class RandomDevice extends BaseFile {
  override position: number | undefined = 0;
  override read(task: Task, into: Uint8Array): number {
    for (let at = 0; at < into.length; at += 65536) task.kernel.random(into.subarray(at, at + 65536));
    return into.length;
  }
  override write(_task: Task, from: Uint8Array): number {
    return from.length;
  }
  override seek(): number {
    return 0;
  }
  override ioctl(task: Thread, nr: number, arg: number): number | Errno | Block {
    const r = randomCommands.get(nr)?.run(task, this, arg, -1) ?? EINVAL;
    return r === 'noreturn' ? EINVAL : r;
  }
}
const MEMORY: Readonly<Record<number, new (at: Dentry, inode: Inode, flags: number) => OpenFile>> = {
  3: NullDevice,
  5: ZeroDevice,
  7: FullDevice,
  8: RandomDevice,
  9: RandomDevice,
};

/** Opens a character device by its number. */
export function openDevice(task: Task, inode: Inode, rdev: number, flags: number, at: Dentry): OpenFile | Errno {
  const make = major(rdev) === 1 ? MEMORY[minor(rdev)] : undefined;
  return make ? new make(at, inode, flags) : (openTerminal(task, inode, rdev, flags, at) ?? ENXIO);
}
