// SIGIO: whom to tell when an open file becomes ready (fcntl's F_SETOWN, F_SETSIG, O_ASYNC).
import { SIGIO, SIGURG } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { SigInfo } from '../signal/signals.ts';
import type { WaitQueue, Watcher } from '../wait.ts';
import { type OpenFile, POLLIN, POLLOUT } from './vfs.ts';

const POLL_IN = 1,
  POLL_OUT = 2,
  POLL_MSG = 3;
const F_OWNER_PGRP = 2;

export class Async implements Watcher {
  readonly exclusive = false;
  /** F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP and its number; 0 for nobody. */
  owner: { type: number; pid: number } = { type: 1, pid: 0 };
  /** F_SETSIG's; 0: plain SIGIO. */
  signal = 0;
  readonly #file: OpenFile;
  readonly #kernel: Kernel;
  #fd = -1;
  #on = false;
  constructor(file: OpenFile, kernel: Kernel) {
    this.#file = file;
    this.#kernel = kernel;
  }
  /** O_ASYNC goes on or off, through this descriptor. */
  set(on: boolean, fd: number): void {
    this.#fd = fd;
    if (on === this.#on) return;
    this.#on = on;
    const { queue }: { queue: WaitQueue } = this.#file;
    if (on) queue.watch(this);
    else queue.unwatch(this);
  }
  notify(events: number): boolean {
    const bits = events || (this.#file.poll() ?? 0);
    const info = this.signal
      ? {
          signo: this.signal,
          code: bits & POLLIN ? POLL_IN : bits & POLLOUT ? POLL_OUT : POLL_MSG,
          band: bits,
          fd: this.#fd,
        }
      : { signo: SIGIO, code: 0x80 };
    return this.#tell(info);
  }
  /** Out-of-band data has come: SIGURG, whether O_ASYNC is on or not. */
  urgent(): void {
    this.#tell({ signo: SIGURG, code: 0x80 });
  }
  #tell(info: SigInfo): boolean {
    const { type, pid } = this.owner;
    if (pid === 0) return false;
    if (type === F_OWNER_PGRP) {
      for (const p of this.#kernel.processes.values()) if (p.pgid === pid) this.#kernel.send(p, info);
    } else {
      const to = type === 0 ? this.#kernel.thread(pid) : this.#kernel.processes.get(pid);
      if (to) this.#kernel.send(to, info);
    }
    return true;
  }
}
/** Of a file, made when first asked for. */
export function asyncOf(file: OpenFile, kernel: Kernel): Async {
  file.async ??= new Async(file, kernel);
  return file.async;
}
