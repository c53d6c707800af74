// pidfds: descriptors that stand for a process (pidfd_open(2)). They poll readable when it has ended.
import { POLLHUP, POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import type { Process } from '../process.ts';
import { AnonymousFile } from './anonymous.ts';

export class PidFile extends AnonymousFile {
  readonly process: Process;
  constructor(process: Process, flags: number) {
    super('[pidfd]', flags, process.pidfdQueue);
    this.process = process;
  }
  /** Its parent has not waited for it. */
  get exists(): boolean {
    return this.process.kernel.processes.get(this.process.pid) === this.process;
  }
  override poll(): number {
    if (!this.process.ending) return 0;
    return POLLIN | POLLRDNORM | (this.exists ? 0 : POLLHUP);
  }
  override info(): string {
    const pid = this.exists ? this.process.pid : -1;
    return `Pid:\t${pid}\nNSpid:\t${pid}\n`;
  }
}
