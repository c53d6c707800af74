// Restartable sequences (kernel/rseq.c): a word in the task's memory tells which CPU it runs on.
import { EBUSY, EFAULT, EINVAL, EPERM } from '../../abi/errno.ts';
import { custom, uint } from '../../abi/type.ts';
import { TASK_SIZE } from '../mm/address-space.ts';
import { syscall } from '../syscall.ts';

const ORIGINAL_SIZE = 32;
const UNREGISTER = 1;

export const rseq = syscall({
  name: 'rseq',
  nr: { x64: 334, i386: 386 },
  class: 'process',
  args: { rseq: custom('rseq', 'in'), rseq_len: uint, flags: uint, sig: { ...uint, show: 'hex' } },
  run(t, a) {
    const now = t.rseq;
    if (a.flags & UNREGISTER) {
      if (a.flags & ~UNREGISTER || !now.at || now.at !== a.rseq || now.length !== a.rseq_len) return EINVAL;
      if (now.signature !== a.sig) return EPERM;
      // Uninitialized: cpu_id_start 0, cpu_id -1.
      const gone = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255);
      if (t.user.put(a.rseq, gone)) return EFAULT;
      t.rseq = { at: 0, length: 0, signature: 0 };
      return 0;
    }
    if (a.flags) return EINVAL;
    if (now.at) {
      if (now.at !== a.rseq || now.length !== a.rseq_len) return EINVAL;
      return now.signature !== a.sig ? EPERM : EBUSY;
    }
    if (a.rseq_len < ORIGINAL_SIZE || a.rseq % ORIGINAL_SIZE) return EINVAL;
    if (a.rseq > TASK_SIZE - a.rseq_len) return EFAULT;
    // Every task runs on CPU 0; the kernel has nothing to change later.
    if (t.user.put(a.rseq, new Uint8Array(8))) return EFAULT;
    t.rseq = { at: a.rseq, length: a.rseq_len, signature: a.sig };
    return 0;
  },
});
