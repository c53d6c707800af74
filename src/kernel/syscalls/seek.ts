// lseek(2).
import { EINVAL, Errno } from '../../abi/errno.ts';
import { whence as whences } from '../../abi/open.ts';
import { enumOf, fd, hex32, long, pout, s64, uint } from '../../abi/type.ts';
import { fileOf } from '../io.ts';
import { type Result, syscall } from '../syscall.ts';
import type { Task } from '../task.ts';

const SEEK_MAX = 4;
function seek(task: Task, fd: number, offset: number, whence: number): number | Errno {
  const file = fileOf(task, fd);
  if (file instanceof Errno) return file;
  return whence > SEEK_MAX ? EINVAL : file.seek(offset, whence);
}
const whence = { ...enumOf(whences), signed: false };
export const lseek = syscall({
  name: 'lseek',
  nr: { x64: 8, i386: 19 },
  class: 'file.fd',
  args: { fd, offset: long, whence },
  run: (task, { fd, offset, whence }) => seek(task, fd, offset, whence),
});
export const _llseek = syscall({
  name: '_llseek',
  nr: { i386: 140 },
  class: 'file.fd',
  args: { fd, offset_high: hex32, offset_low: uint, result: pout(s64), whence },
  run(task, v): Result {
    const to = seek(task, v.fd, (v.offset_high | 0) * 0x1_0000_0000 + v.offset_low, v.whence);
    return to instanceof Errno ? to : (task.user.set(s64, v.result, to) ?? 0);
  },
});
