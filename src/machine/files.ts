// The file tree a machine starts with: the host's files under an overlay, or an empty tree in memory; /dev, /proc and what is mounted there.
import { Errno } from '../abi/errno.ts';
import { S_IFCHR, S_IFIFO, S_IFLNK, S_IFMT } from '../abi/stat.ts';
import type { HostFiles, HostStream } from '../host/host.ts';
import { Name } from '../kernel/fs/dentry.ts';
import { openDevice } from '../kernel/fs/dev/devices.ts';
import { type MountOptions, Mounts } from '../kernel/fs/mounts.ts';
import { Overlay, type OverlayOptions } from '../kernel/fs/overlay/overlay.ts';
import { openFifo } from '../kernel/fs/pipe.ts';
import { makeProc } from '../kernel/fs/proc/proc.ts';
import type { Kernel } from '../kernel/kernel.ts';

const EXT_MAGIC = 0xef53;
const TMPFS_MAGIC = 0x01021994;
const SYSFS_MAGIC = 0x62656572;
const DEVPTS_MAGIC = 0x1cd1;

/** Character devices of /dev: name, major, minor, rights (Documentation/admin-guide/devices.txt). */
const DEVICES: readonly (readonly [name: string, major: number, minor: number, mode: number])[] = [
  ['null', 1, 3, 0o666],
  ['zero', 1, 5, 0o666],
  ['full', 1, 7, 0o666],
  ['random', 1, 8, 0o666],
  ['urandom', 1, 9, 0o666],
  ['tty', 5, 0, 0o666],
  ['console', 5, 1, 0o600],
  ['ptmx', 5, 2, 0o666],
];
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
];

/** Device numbers of file systems in memory: anonymous ones that no host is likely to have. */
const DEV = { dev: 0xca, shm: 0xcb, pts: 0xcd, memfd: 1, root: 0xcc };
/** Mode, minor number and type of a root in memory. */
type InMemory = (type: string, dev: number, mode: number, magic?: number) => Overlay;

/** Mounts everything; gives the root file system, which knows what was changed. */
export function mountFiles(kernel: Kernel, files: HostFiles | undefined): Overlay {
  const clock = (): bigint => kernel.realtime();
  const pages = kernel.pool;
  const special: OverlayOptions['special'] = (inode, mode, rdev) => {
    if ((mode & S_IFMT) === S_IFIFO) return (task, flags, at) => openFifo(inode, flags, at, task);
    if ((mode & S_IFMT) === S_IFCHR) return (task, flags, at) => openDevice(task, inode, rdev, flags, at);
    return undefined;
  };
  const memory: InMemory = (type, dev, mode, magic = TMPFS_MAGIC) =>
    new Overlay({ type, magic, dev, clock, special, pages, mode });
  const below = (type: string, magic: number, hostRoot: string, readOnly: boolean): Overlay =>
    new Overlay({ type, magic, dev: DEV.root, clock, special, pages, host: files as HostFiles, hostRoot, readOnly });
  const tree = files ? below('overlay', EXT_MAGIC, '', false) : memory('tmpfs', DEV.root, 0o755);
  const root = new Name('', undefined, tree.root);
  kernel.root = root;
  kernel.mounts = new Mounts(memory('tmpfs', DEV.memfd, 0o777));
  const host = files?.mounts?.() ?? [];
  const known = host.find((m) => m.point === '/');
  kernel.mounts.add(root, undefined, known ?? { source: tree.type, options: 'rw,relatime' });
  mountOn(kernel, root, 'proc', makeProc(kernel), { source: 'proc', options: 'rw,nosuid,nodev,noexec,relatime' });
  if (files?.lstat('/sys')) {
    const sys = { source: 'sysfs', options: 'ro,nosuid,nodev,noexec,relatime', more: 'ro' };
    mountOn(kernel, root, 'sys', below('sysfs', SYSFS_MAGIC, '/sys', true), sys);
  }
  mountDevices(kernel, root, memory);
  const ours = /^\/(dev|proc|sys)(\/|$)/;
  kernel.mounts.below.push(...host.filter((m) => m.point !== '/' && !ours.test(m.point)));
  return tree;
}
function mountDevices(kernel: Kernel, root: Name, memory: InMemory): void {
  const dev = memory('devtmpfs', DEV.dev, 0o755);
  const owner = { uid: 0, gid: 0 };
  for (const [name, major, minor, mode] of DEVICES)
    dev.root.mknod(name, { mode: S_IFCHR | mode, ...owner }, (major << 8) | minor);
  for (const [name, target] of LINKS) dev.root.symlink(name, target, { mode: S_IFLNK | 0o777, ...owner });
  dev.root.mkdir('shm', { mode: 0o1777, ...owner });
  dev.root.mkdir('pts', { mode: 0o755, ...owner });
  const devices = mountOn(kernel, root, 'dev', dev, {
    source: 'devtmpfs',
    options: 'rw,nosuid,relatime',
    more: 'rw,mode=755',
  });
  const pts = memory('devpts', DEV.pts, 0o755, DEVPTS_MAGIC);
  kernel.terminals.directory = pts.root;
  kernel.terminals.place = mountOn(kernel, devices, 'pts', pts, {
    source: 'devpts',
    options: 'rw,nosuid,noexec,relatime',
    more: 'rw,mode=600,ptmxmode=000',
  });
  for (const stream of kernel.host.stdio) if (stream.kind === 'tty') addTerminal(devices, stream);
  mountOn(kernel, devices, 'shm', memory('tmpfs', DEV.shm, 0o1777), { source: 'tmpfs', options: 'rw,nosuid,nodev' });
}
/** The host's terminals stand where they stand on the host, so that ttyname finds them. */
function addTerminal(devices: Name, stream: HostStream): void {
  const parts = /^\/dev\/(.*)$/.exec(stream.path ?? '')?.[1]?.split('/');
  if (!parts?.length) return;
  const { mode, uid, gid, rdev } = stream.stat();
  let at = devices;
  for (const [i, name] of parts.entries()) {
    if (i === parts.length - 1) at.inode.mknod(name, { mode, uid, gid }, rdev);
    else if (at.inode.lookup(name) instanceof Errno) at.inode.mkdir(name, { mode: 0o755, uid: 0, gid: 0 });
    const next = at.child(name);
    if (next instanceof Errno) return;
    at = next;
  }
}
function mountOn(
  kernel: Kernel,
  parent: Name,
  name: string,
  fs: { readonly root: Name['inode'] },
  options: MountOptions,
): Name {
  if (parent.inode.lookup(name) instanceof Errno) parent.inode.mkdir(name, { mode: 0o755, uid: 0, gid: 0 });
  const at = parent.child(name);
  if (at instanceof Errno) throw new Error(`cannot mount ${options.source} on ${name}: ${at.name}`);
  const root = new Name(name, at.parent, fs.root);
  kernel.mounts.add(root, at, options);
  return root;
}
