// shmget, shmat, shmdt, shmctl (ipc/shm.c).
import { CAP_IPC_LOCK } from '../../abi/capability.ts';
import { EFAULT, EIDRM, EINVAL, ENOMEM, ENOSPC, EPERM, Errno } from '../../abi/errno.ts';
import * as I from '../../abi/ipc.ts';
import { MAP_FIXED, MAP_FIXED_NOREPLACE, MMAP_MIN_ADDR, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { addr, custom, enumOf, flags, hex32, int, size } from '../../abi/type.ts';
import { seconds } from '../ipc/registry.ts';
import { type Segment, SHMALL, SHMMAX, SHMMNI, Segment as Shm } from '../ipc/shm.ts';
import { PAGE, pageUp, TASK_SIZE } from '../mm/address-space.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Thread } from '../thread.ts';

export const shmget = syscall({
  name: 'shmget',
  nr: { x64: 29, i386: 395 },
  class: 'ipc',
  args: { key: hex32, size, shmflg: custom('ipcget', 'in') },
  returns: int,
  run(t, a) {
    const flag = a.shmflg % 0x1_0000_0000;
    t.kernel.sharedMemory.sweep();
    const make = (): Segment | Errno => {
      if (a.size < 1 || a.size > SHMMAX) return EINVAL;
      if (flag & I.SHM_HUGETLB) return ENOMEM;
      if (pageUp(a.size) / PAGE > t.kernel.pool.limit && !(flag & I.SHM_NORESERVE)) return ENOMEM;
      return a.size > TASK_SIZE ? ENOSPC : new Shm(t, a.key, flag, a.size);
    };
    const suits = (s: Segment): Errno | undefined => (a.size > s.size ? EINVAL : undefined);
    return t.kernel.sharedMemory.find(t, a.key, flag, make, suits);
  },
});

/** Where a segment is to go; undefined: anywhere. */
function wantedPlace(at: number, flag: number): number | Errno | undefined {
  if (at === 0) return flag & I.SHM_REMAP ? EINVAL : undefined;
  if (at % PAGE === 0) return at;
  if (!(flag & I.SHM_RND)) return EINVAL;
  const down = at - (at % PAGE);
  return down === 0 && flag & I.SHM_REMAP ? EINVAL : down;
}
function attach(t: Thread, id: number, at: number, flag: number): number | Errno {
  const wanted = wantedPlace(at, flag);
  if (id < 0 || wanted instanceof Errno) return EINVAL;
  const s = t.kernel.sharedMemory.get(id);
  if (s instanceof Errno) return s;
  const writes = !(flag & I.SHM_RDONLY);
  const denied = s.permits(t, writes ? 0o666 : 0o444);
  if (denied) return denied;
  if (s.removed && s.pages.references === 0) return EIDRM;
  const length = pageUp(s.size);
  if (wanted !== undefined && !(flag & I.SHM_REMAP)) {
    if (wanted + length > TASK_SIZE || !t.space.areas.isFree(wanted, wanted + length)) return EINVAL;
    if (wanted < MMAP_MIN_ADDR) return EPERM;
  }
  const how = wanted === undefined ? 0 : flag & I.SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
  const place = t.space.place(wanted ?? 0, length, how);
  if (place instanceof Errno) return place;
  if (!t.space.mayExpand(length, PROT_READ, true, 0)) return ENOMEM;
  t.space.attach(s.pages, place, length, {
    prot: PROT_READ | (writes ? PROT_WRITE : 0) | (flag & I.SHM_EXEC ? PROT_EXEC : 0),
    may: writes ? 7 : 5,
    name: `/SYSV${(s.key >>> 0).toString(16).padStart(8, '0')} (deleted)`,
  });
  s.atime = seconds(t);
  s.last = t.process.pid;
  return place;
}
export const shmat = syscall({
  name: 'shmat',
  nr: { x64: 30, i386: 397 },
  class: 'ipc',
  args: { shmid: int, shmaddr: addr, shmflg: flags(I.shmatFlags) },
  returns: addr,
  run: (t, a) => attach(t, a.shmid, a.shmaddr, a.shmflg),
});

export const shmdt = syscall({
  name: 'shmdt',
  nr: { x64: 67, i386: 398 },
  class: 'ipc',
  args: { shmaddr: addr },
  run(t, { shmaddr }) {
    if (shmaddr % PAGE) return EINVAL;
    const { areas } = t.space;
    const segments = [...t.kernel.sharedMemory];
    const first = areas.list.find(
      (a) => a.start >= shmaddr && a.start - shmaddr === a.offset && segments.some((s) => s.pages === a.anonymous),
    );
    const s = segments.find((x) => x.pages === first?.anonymous);
    if (!s) return EINVAL;
    // All its pieces that stand where this attachment put them.
    for (const a of areas.list.filter((a) => a.anonymous === s.pages && a.start - shmaddr === a.offset))
      t.space.unmap(a.start, a.end - a.start);
    s.dtime = seconds(t);
    s.last = t.process.pid;
    t.kernel.sharedMemory.sweep();
    return 0;
  },
});

function stat(t: Thread, s: Segment, at: number): Errno | undefined {
  const perm = s.permissions();
  const mode = s.mode | (s.removed ? I.SHM_DEST : 0) | (s.locked ? I.SHM_LOCKED : 0);
  return t.user.set(I.shmidDs, at, {
    shm_perm: { ...EMPTY_PERM, ...perm, key: s.removed ? 0 : s.key, mode },
    shm_segsz: s.size,
    shm_atime: s.atime,
    shm_dtime: s.dtime,
    shm_ctime: s.ctime,
    shm_cpid: s.creator,
    shm_lpid: s.last,
    shm_nattch: s.attached,
  });
}
const EMPTY_PERM = { key: 0, uid: 0, gid: 0, cuid: 0, cgid: 0, mode: 0, seq: 0, pad: 0, unused1: 0, unused2: 0 };

/** What is told of all segments together. */
function info(t: Thread, command: number, at: number): Result {
  const all = [...t.kernel.sharedMemory];
  const failed =
    command === I.IPC_INFO
      ? t.user.set(I.shminfo, at, { shmmax: SHMMAX, shmmin: 1, shmmni: SHMMNI, shmseg: SHMMNI, shmall: SHMALL })
      : t.user.set(I.shmInfo, at, {
          used_ids: all.length,
          shm_tot: all.reduce((n, s) => n + pageUp(s.size) / PAGE, 0),
          shm_rss: all.reduce((n, s) => n + s.pages.size, 0),
        });
  return failed ? EFAULT : t.kernel.sharedMemory.highest;
}
function control(t: Thread, s: Segment, command: number, at: number): Result {
  switch (command) {
    case I.IPC_STAT:
      return s.permits(t, 0o444) ?? (stat(t, s, at) ? EFAULT : 0);
    case I.IPC_SET: {
      const given = t.user.get(I.shmidDs, at);
      if (given instanceof Errno) return EFAULT;
      return s.belongsTo(t) ?? s.setOwner(t, given.shm_perm) ?? 0;
    }
    case I.IPC_RMID: {
      const refused = s.belongsTo(t);
      if (refused) return refused;
      t.kernel.pool.give(t.kernel.sharedMemory.remove(s));
      return 0;
    }
    default: {
      // SHM_LOCK and SHM_UNLOCK: pages never leave memory anyway.
      const { euid } = t.credentials;
      if (!t.capable(CAP_IPC_LOCK)) {
        if (euid !== s.uid && euid !== s.cuid) return EPERM;
        if (command === I.SHM_LOCK && t.space.limit(8) === 0) return EPERM;
      }
      s.locked = command === I.SHM_LOCK;
      return 0;
    }
  }
}
export const shmctl = syscall({
  name: 'shmctl',
  nr: { x64: 31, i386: 396 },
  class: 'ipc',
  args: { shmid: int, cmd: enumOf(I.shmCommands), buf: custom('shmid_ds', 'inout') },
  run(t, a) {
    const command = a.cmd & ~I.IPC_64;
    if (a.shmid < 0) return EINVAL;
    const { sharedMemory } = t.kernel;
    sharedMemory.sweep();
    if (command === I.IPC_INFO || command === I.SHM_INFO) return info(t, command, a.buf);
    if (command === I.SHM_STAT || command === I.SHM_STAT_ANY) {
      const s = sharedMemory.atPlace(a.shmid);
      if (!s) return EINVAL;
      const denied = command === I.SHM_STAT ? s.permits(t, 0o444) : undefined;
      return denied ?? (stat(t, s, a.buf) ? EFAULT : s.id);
    }
    if (![I.IPC_RMID, I.IPC_SET, I.IPC_STAT, I.SHM_LOCK, I.SHM_UNLOCK].includes(command)) return EINVAL;
    if (command === I.IPC_SET && t.user.get(I.shmidDs, a.buf) instanceof Errno) return EFAULT;
    const s = sharedMemory.get(a.shmid);
    return s instanceof Errno ? s : control(t, s, command, a.buf);
  },
});
