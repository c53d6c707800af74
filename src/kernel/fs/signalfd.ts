// signalfd(2): signals taken by reading. It shows the signals of whoever looks, not of whoever made it.
import { EAGAIN, EINVAL, type Errno } from '../../abi/errno.ts';
import { POLLIN } from '../../abi/poll.ts';
import type { Kernel } from '../kernel.ts';
import type { SigInfo } from '../signal/signals.ts';
import type { Task } from '../task.ts';
import { AnonymousFile } from './anonymous.ts';

const SIZE = 128;

export class SignalFile extends AnonymousFile {
  readonly #kernel: Kernel;
  /** The signals meant. */
  mask: bigint;
  constructor(kernel: Kernel, mask: bigint, flags: number) {
    super('[signalfd]', flags, kernel.signalled);
    this.#kernel = kernel;
    this.mask = mask;
  }
  override read(task: Task, into: Uint8Array): number | Errno {
    if (into.length < SIZE) return EINVAL;
    const thread = task.kernel.thread(task.tid);
    if (!thread) return EAGAIN;
    let done = 0;
    while (done + SIZE <= into.length) {
      const info = thread.pending.take(~this.mask) ?? thread.process.pending.take(~this.mask);
      if (!info) break;
      writeInfo(new DataView(into.buffer, into.byteOffset + done, SIZE), info);
      done += SIZE;
    }
    return done > 0 ? done : EAGAIN;
  }
  override poll(): number {
    const t = this.#kernel.current;
    return t && (t.pending.mask | t.process.pending.mask) & this.mask ? POLLIN : 0;
  }
  override info(_task: Task): string {
    return `sigmask:\t${this.mask.toString(16).padStart(16, '0')}\n`;
  }
}

/** struct signalfd_siginfo (linux/signalfd.h). */
function writeInfo(v: DataView, i: SigInfo): void {
  for (let at = 0; at < SIZE; at += 4) v.setUint32(at, 0, true);
  v.setUint32(0, i.signo, true);
  v.setInt32(4, i.errno ?? 0, true);
  v.setInt32(8, i.code, true);
  if (i.addr !== undefined) {
    v.setBigUint64(72, i.addr, true);
    return;
  }
  if (i.timerid !== undefined) {
    v.setUint32(24, i.timerid, true);
    v.setUint32(32, i.overrun ?? 0, true);
  } else {
    v.setUint32(12, i.pid ?? 0, true);
    v.setUint32(16, i.uid ?? 0, true);
  }
  if (i.status !== undefined) {
    v.setInt32(40, i.status, true);
    v.setBigUint64(56, BigInt(i.utime ?? 0), true);
    v.setBigUint64(64, BigInt(i.stime ?? 0), true);
  }
  if (i.value !== undefined) {
    v.setInt32(44, Number(BigInt.asIntN(32, i.value)), true);
    v.setBigUint64(48, i.value, true);
  }
}
