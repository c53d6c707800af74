// The file tree a machine starts with: the host's files under an overlay, or an empty tree in memory; /dev, /proc and what is mounted there.
import { Errno } from '../abi/errno.ts';
import { S_IFCHR, S_IFIFO, S_IFLNK, S_IFMT } from '../abi/stat.ts';
import type { HostFiles } from '../host/host.ts';
import { Name } from '../kernel/fs/dentry.ts';
import { openDevice } from '../kernel/fs/dev/devices.ts';
import { Mounts } from '../kernel/fs/mounts.ts';
import { Overlay, type OverlayOptions } from '../kernel/fs/overlay/overlay.ts';
import { openFifo } from '../kernel/fs/pipe.ts';
import { makeProc } from '../kernel/fs/proc/proc.ts';
import type { Kernel } from '../kernel/kernel.ts';

const EXT_MAGIC = 0xef53;
const TMPFS_MAGIC = 0x01021994;

/** Character devices of /dev: name, major, minor, rights (Documentation/admin-guide/devices.txt). */
const DEVICES: readonly (readonly [name: string, major: number, minor: number, mode: number])[] = [
  ['null', 1, 3, 0o666],
  ['zero', 1, 5, 0o666],
  ['full', 1, 7, 0o666],
  ['random', 1, 8, 0o666],
  ['urandom', 1, 9, 0o666],
  ['tty', 5, 0, 0o666],
];
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
];

/** Mounts everything; gives the root file system, which knows what was changed. */
export function mountFiles(kernel: Kernel, files: HostFiles | undefined): Overlay {
  const clock = (): bigint => kernel.realtime();
  const pages = kernel.pool;
  const special: OverlayOptions['special'] = (inode, mode, rdev) => {
    if ((mode & S_IFMT) === S_IFIFO) return (task, flags, at) => openFifo(inode, flags, at, task);
    if ((mode & S_IFMT) === S_IFCHR) return (_task, flags, at) => openDevice(inode, rdev, flags, at);
    return undefined;
  };
  const memory = (type: string, dev: number, mode: number): Overlay =>
    new Overlay({ type, magic: TMPFS_MAGIC, dev, clock, special, pages, mode });
  const tree = files
    ? new Overlay({ type: 'overlay', magic: EXT_MAGIC, dev: 0x801, clock, special, pages, host: files, hostRoot: '' })
    : memory('tmpfs', 0x18, 0o755);
  const root = new Name('', undefined, tree.root);
  kernel.root = root;
  kernel.mounts = new Mounts(memory('tmpfs', 1, 0o777));
  kernel.mounts.add(root, undefined, files ? 'overlay' : 'tmpfs', 'rw,relatime');
  const dev = memory('devtmpfs', 0x5, 0o755);
  const owner = { uid: 0, gid: 0 };
  for (const [name, major, minor, mode] of DEVICES)
    dev.root.mknod(name, { mode: S_IFCHR | mode, ...owner }, (major << 8) | minor);
  for (const [name, target] of LINKS) dev.root.symlink(name, target, { mode: S_IFLNK | 0o777, ...owner });
  dev.root.mkdir('shm', { mode: 0o1777, ...owner });
  const devices = mountOn(kernel, root, 'dev', dev, 'devtmpfs', 'rw,nosuid,relatime');
  mountOn(kernel, devices, 'shm', memory('tmpfs', 0x19, 0o1777), 'tmpfs', 'rw,nosuid,nodev');
  mountOn(kernel, root, 'proc', makeProc(kernel), 'proc', 'rw,nosuid,nodev,noexec,relatime');
  return tree;
}
function mountOn(
  kernel: Kernel,
  parent: Name,
  name: string,
  fs: { readonly root: Name['inode'] },
  source: string,
  options: string,
): Name {
  if (parent.inode.lookup(name) instanceof Errno) parent.inode.mkdir(name, { mode: 0o755, uid: 0, gid: 0 });
  const at = parent.child(name);
  if (at instanceof Errno) throw new Error(`cannot mount ${source} on ${name}: ${at.name}`);
  const root = new Name(name, at.parent, fs.root);
  kernel.mounts.add(root, at, source, options);
  return root;
}
