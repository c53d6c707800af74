// eventfd(2): a counter that can be waited for.
import { EAGAIN, EINVAL, type Errno } from '../../abi/errno.ts';
import { POLLERR, POLLIN, POLLOUT } from '../../abi/poll.ts';
import type { Task } from '../task.ts';
import { AnonymousFile } from './anonymous.ts';

const MAX = 0xffff_ffff_ffff_ffffn;

export class EventFile extends AnonymousFile {
  #count: bigint;
  readonly #semaphore: boolean;
  readonly #id: number;
  constructor(count: number, flags: number, semaphore: boolean, id: number) {
    super('[eventfd]', flags);
    this.#count = BigInt(count);
    this.#semaphore = semaphore;
    this.#id = id;
  }
  override read(_task: Task, into: Uint8Array): number | Errno {
    if (into.length < 8) return EINVAL;
    if (this.#count === 0n) return EAGAIN;
    const n = this.#semaphore ? 1n : this.#count;
    this.#count -= n;
    new DataView(into.buffer, into.byteOffset, 8).setBigUint64(0, n, true);
    this.queue.wake(POLLOUT);
    return 8;
  }
  override write(_task: Task, from: Uint8Array): number | Errno {
    if (from.length !== 8) return EINVAL;
    const n = new DataView(from.buffer, from.byteOffset, 8).getBigUint64(0, true);
    if (n === MAX) return EINVAL;
    if (MAX - this.#count <= n) return EAGAIN;
    this.signal(n);
    return 8;
  }
  /** Adds to the counter and tells who waits. */
  signal(n: bigint): void {
    this.#count += n;
    this.queue.wake(POLLIN);
  }
  override poll(): number {
    return (
      (this.#count > 0n ? POLLIN : 0) | (this.#count === MAX ? POLLERR : 0) | (MAX - 1n > this.#count ? POLLOUT : 0)
    );
  }
  override info(_task: Task): string {
    return `eventfd-count: ${this.#count.toString(16).padStart(16)}\neventfd-id: ${this.#id}\neventfd-semaphore: ${this.#semaphore ? 1 : 0}\n`;
  }
}
