// -P: which calls touch one of the given paths, by name or through a descriptor.
import { Errno } from '../abi/errno.ts';
import { pathOf, resolve } from '../kernel/fs/walk.ts';
import type { Syscall } from '../kernel/syscall.ts';
import type { Call, Thread } from '../kernel/thread.ts';
import { whole } from './number.ts';

/** Arguments that can touch a path. */
interface Places {
  readonly paths: readonly number[];
  readonly fds: readonly number[];
}
const places = new WeakMap<Syscall, Places>();
function placesOf(s: Syscall): Places {
  let p = places.get(s);
  if (!p) {
    const types = Object.values(s.args);
    const where = (test: (t: (typeof types)[number]) => boolean): number[] =>
      types.flatMap((t, i) => (test(t) ? [i] : []));
    p = {
      paths: where((t) => t.k === 'path'),
      fds: where((t) => t.k === 'int' && (t.show === 'fd' || t.show === 'dirfd')),
    };
    places.set(s, p);
  }
  return p;
}

export class PathFilter {
  /** The paths as they were given, and where they led when the first program started. */
  readonly #paths = new Set<string>();

  /** Looks the paths up; gives the messages about those that lead elsewhere. */
  constructor(given: readonly string[], t: Thread) {
    for (const path of given) {
      this.#paths.add(path);
      const at = resolve(t, t.fs.cwd, path);
      if (at instanceof Errno) continue;
      const real = pathOf(at, t.fs.root);
      if (real === path) continue;
      this.#paths.add(real);
      this.resolved.push(`strace: Requested path "${path}" resolved into "${real}"\n`);
    }
  }
  readonly resolved: string[] = [];

  touches(t: Thread, call: Call): boolean {
    if (!call.syscall) return false;
    const { paths, fds } = placesOf(call.syscall);
    for (const i of paths) {
      const s = t.user.string(whole(call.raw[2 * i] as number, call.raw[2 * i + 1] as number));
      if (typeof s === 'string' && this.#paths.has(s)) return true;
    }
    for (const i of fds) {
      const file = t.files.get((call.raw[2 * i] as number) | 0);
      if (file instanceof Errno || typeof file.at === 'string') continue;
      const path = pathOf(file.at, t.fs.root);
      if (this.#paths.has(path.endsWith(' (deleted)') ? path.slice(0, -10) : path)) return true;
    }
    return false;
  }
}
