// Tasks: making, ending and awaiting them (kernel/fork.c, kernel/exit.c).
import { E2BIG, EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import * as C from '../../abi/process.ts';
import { read, sizeOf } from '../../abi/struct.ts';
import { addr, big64, custom, hexlong, int, pid, pinout, pout, size } from '../../abi/type.ts';
import { clone as cloneTask, FORK, VFORK } from '../clone.ts';
import { exitProcess, exitThread } from '../exit.ts';
import { syscall } from '../syscall.ts';
import { mayLookInto } from './pidfd.ts';

export const fork = syscall({
  name: 'fork',
  nr: { x64: 57, i386: 2 },
  class: 'process',
  args: {},
  returns: pid,
  run: (t) => cloneTask(t, FORK),
});

export const vfork = syscall({
  name: 'vfork',
  nr: { x64: 58, i386: 190 },
  class: 'process',
  args: {},
  returns: pid,
  run: (t) => cloneTask(t, VFORK),
});

export const clone = syscall({
  name: 'clone',
  nr: { x64: 56 },
  class: 'process',
  args: {
    flags: custom('cloneflags', 'in'),
    stack: addr,
    parent_tid: pout(int),
    child_tid: pout(int),
    tls: { ...big64, show: 'addr' },
  },
  returns: pid,
  run(t, a) {
    const low = a.flags % 0x1_0000_0000;
    const asked = (low & ~C.CSIGNAL) >>> 0;
    // The descriptor goes where the thread id would.
    if (asked & C.CLONE_PIDFD && asked & C.CLONE_PARENT_SETTID) return EINVAL;
    return cloneTask(t, {
      flags: asked,
      exitSignal: low & C.CSIGNAL,
      stack: a.stack,
      tls: a.tls,
      pidfd: a.parent_tid,
      parentTid: a.parent_tid,
      childTid: a.child_tid,
    });
  },
});

export const clone3 = syscall({
  name: 'clone3',
  nr: { x64: 435, i386: 435 },
  class: 'process',
  args: { cl_args: pinout(C.cloneArgs), size },
  returns: pid,
  partial: 'set_tid, CLONE_INTO_CGROUP',
  run(t, { cl_args, size }) {
    if (size > 4096) return E2BIG;
    if (size < C.CLONE_ARGS_SIZE_VER0) return EINVAL;
    const known = sizeOf(C.cloneArgs, 'x64').size;
    const given = t.user.bytes(cl_args, size);
    if (given instanceof Errno) return EFAULT;
    const image = new Uint8Array(known);
    image.set(given.subarray(0, known));
    if (given.subarray(known).some((b) => b !== 0)) return E2BIG;
    const a = read(C.cloneArgs, new DataView(image.buffer), 0, 'x64');
    if (a.set_tid_size > 32n || (a.set_tid !== 0n) !== a.set_tid_size > 0n) return EINVAL;
    if (a.exit_signal & ~BigInt(C.CSIGNAL) || a.exit_signal > 64n) return EINVAL;
    const asked = Number(a.flags);
    if (a.flags & ~0x3_ffff_ff00n || asked & C.CLONE_DETACHED) return EINVAL;
    if (a.flags & BigInt(C.CLONE_SIGHAND) && a.flags & BigInt(C.CLONE_CLEAR_SIGHAND)) return EINVAL;
    if (a.flags & BigInt(C.CLONE_THREAD | C.CLONE_PARENT) && a.exit_signal) return EINVAL;
    if ((a.stack === 0n) !== (a.stack_size === 0n)) return EINVAL;
    if (a.flags & BigInt(C.CLONE_INTO_CGROUP) || a.set_tid_size) return EINVAL;
    return cloneTask(t, {
      flags: asked,
      exitSignal: Number(a.exit_signal),
      stack: Number(a.stack + a.stack_size),
      tls: a.tls,
      pidfd: Number(a.pidfd),
      parentTid: Number(a.parent_tid),
      childTid: Number(a.child_tid),
    });
  },
});

export const exit = syscall({
  name: 'exit',
  nr: { x64: 60, i386: 1 },
  class: 'process',
  args: { status: int },
  run(t, { status }) {
    exitThread(t.kernel, t, { kind: 'exited', code: status & 0xff });
    return 'noreturn';
  },
});

export const exit_group = syscall({
  name: 'exit_group',
  nr: { x64: 231, i386: 252 },
  class: 'process',
  args: { status: int },
  run(t, { status }) {
    exitProcess(t.kernel, t, { kind: 'exited', code: status & 0xff });
    return 'noreturn';
  },
});

export const set_tid_address = syscall({
  name: 'set_tid_address',
  nr: { x64: 218, i386: 258 },
  class: 'process',
  args: { tidptr: addr },
  returns: pid,
  run(t, { tidptr }) {
    t.clearChildTid = tidptr;
    return t.tid;
  },
});

export const get_robust_list = syscall({
  name: 'get_robust_list',
  nr: { x64: 274, i386: 312 },
  class: 'process',
  args: { pid, head_ptr: pout(addr), len_ptr: pout(size) },
  run(t, a) {
    const of = a.pid === 0 ? t : t.kernel.threads.get(a.pid);
    if (!of) return ESRCH;
    if (!mayLookInto(t, of.process)) return EPERM;
    const { head, length } = of.robustList;
    return t.user.set(size, a.len_ptr, length || 24) || t.user.set(addr, a.head_ptr, head) ? EFAULT : 0;
  },
});

export const arch_prctl = syscall({
  name: 'arch_prctl',
  nr: { x64: 158, i386: 384 },
  class: 'process',
  args: { code: custom('arch_prctl', 'in'), addr: hexlong },
  run(t, { code, addr }) {
    const base = code === 0x1001 || code === 0x1004 ? 'gs_base' : 'fs_base';
    switch (code) {
      case 0x1001:
      case 0x1002:
        if (addr >= 0x7fff_ffff_f000) return EPERM;
        t.cpu.set(base, addr);
        return 0;
      case 0x1003:
      case 0x1004:
        return t.user.set(hexlong, addr, Number(t.cpu.get(base))) ?? 0;
      default:
        return EINVAL;
    }
  },
});
