// Where the path arguments of system calls start: a directory descriptor, AT_FDCWD, or an open file itself.
import { EBADF, ENOENT, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD } from '../../abi/open.ts';
import type { Task } from '../task.ts';
import { Name } from './dentry.ts';
import type { Dentry, OpenFile } from './vfs.ts';
import { type Last, resolve, type WalkOptions, walk } from './walk.ts';

/** The place of an open file; what has none in the tree (pipes, sockets) gets a nameless one. */
export function placeOf(file: OpenFile): Name {
  return typeof file.at === 'string' ? new Name(file.at, undefined, file.inode) : (file.at as Name);
}
/** Where a relative path of an *at call starts. Absolute paths don't look at the descriptor. */
export function startOf(task: Task, dirfd: number, path: string): Dentry | Errno {
  if (path.startsWith('/')) return task.fs.root;
  if (dirfd === AT_FDCWD) return task.fs.cwd;
  const file = task.files.get(dirfd);
  return file instanceof Errno ? EBADF : placeOf(file);
}
/** Walks the path argument at the user address `at`. */
export function walkAt(task: Task, dirfd: number, at: number, options: WalkOptions = {}): Last | Errno {
  const path = task.user.string(at);
  if (path instanceof Errno) return path;
  if (path === '') return ENOENT;
  const start = startOf(task, dirfd, path);
  return start instanceof Errno ? start : walk(task, start, path, options);
}
/** The existing file that a path argument names; with AT_EMPTY_PATH an empty one means the descriptor's own. */
export function resolveAt(task: Task, dirfd: number, at: number, flags = 0, options: WalkOptions = {}): Name | Errno {
  const path = at === 0 && flags & AT_EMPTY_PATH ? '' : task.user.string(at);
  if (path instanceof Errno) return path;
  if (path === '' && flags & AT_EMPTY_PATH) {
    if (dirfd === AT_FDCWD) return task.fs.cwd as Name;
    const file = task.files.get(dirfd);
    return file instanceof Errno ? EBADF : placeOf(file);
  }
  if (path === '') return ENOENT;
  const start = startOf(task, dirfd, path);
  return start instanceof Errno ? start : resolve(task, start, path, options);
}
