// madvise: what a program says about its memory, where it changes what memory does (mm/madvice.c).
import { EACCES, EFAULT, EINVAL, ENOMEM, type Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import type { AddressSpace } from './address-space.ts';
import { type Area, DONT_DUMP, DONT_FORK, LOCKED, WIPE_ON_FORK } from './area.ts';

type Advice = (space: AddressSpace, area: Area, start: number, end: number) => Errno | undefined;
const traits =
  (set: number, clear: number, unless?: (a: Area) => Errno | undefined): Advice =>
  (space, a, start, end) => {
    const refused = unless?.(a);
    if (refused) return refused;
    space.setTraits(start, end, set, clear);
    return undefined;
  };
const ok: Advice = () => undefined;
const privateAnonymous = (a: Area): Errno | undefined => (a.file || a.shared ? EINVAL : undefined);
const check =
  (refusal: (a: Area) => Errno | undefined): Advice =>
  (_space, a) =>
    refusal(a);
const unlessLocked = (a: Area): Errno | undefined => (a.traits & LOCKED ? EINVAL : undefined);

/** Private pages become what they were at first. */
const forget: Advice = (space, a, start, end) => {
  if (!a.shared) space.discard(start, end);
  return undefined;
};
/** Frees the pages behind a shared mapping as well. */
const remove: Advice = (space, a, start, end) => {
  if (a.traits & LOCKED) return EINVAL;
  if (!a.file && !a.shared) return EINVAL;
  if (!a.shared || !(a.may & M.PROT_WRITE)) return EACCES;
  const from = (a.offset + start - a.start) / 4096;
  const to = from + (end - start) / 4096;
  if (a.anonymous) space.pool.give(a.anonymous.drop(from, to));
  else if (a.file) {
    const zeroes = new Uint8Array(4096);
    for (let i = from; i < to; i++) a.file.page?.(i)?.set(zeroes);
  }
  return undefined;
};
const populate =
  (write: boolean): Advice =>
  (space, a, start, end) => {
    if (write ? !(a.prot & M.PROT_WRITE) : !a.prot) return EINVAL;
    if (space.populate(start, end)) return undefined;
    return space.lastRefusal === 'bus' ? EFAULT : ENOMEM;
  };

/** By advice; those that are mere hints to a kernel that reads ahead, swaps, or has huge pages change nothing that a program could see. */
const ADVICE = new Map<number, Advice>([
  [M.MADV_NORMAL, ok],
  [M.MADV_RANDOM, ok],
  [M.MADV_SEQUENTIAL, ok],
  [M.MADV_WILLNEED, ok],
  [M.MADV_DONTNEED, (s, a, start, end) => unlessLocked(a) ?? forget(s, a, start, end)],
  // Linux frees such pages when memory runs short: until then they keep their contents.
  [M.MADV_FREE, check((a) => privateAnonymous(a) ?? unlessLocked(a))],
  [M.MADV_REMOVE, remove],
  [M.MADV_DONTFORK, traits(DONT_FORK, 0)],
  [M.MADV_DOFORK, traits(0, DONT_FORK)],
  [M.MADV_MERGEABLE, ok],
  [M.MADV_UNMERGEABLE, ok],
  [M.MADV_HUGEPAGE, ok],
  [M.MADV_NOHUGEPAGE, ok],
  [M.MADV_DONTDUMP, traits(DONT_DUMP, 0)],
  [M.MADV_DODUMP, traits(0, DONT_DUMP)],
  [M.MADV_WIPEONFORK, traits(WIPE_ON_FORK, 0, privateAnonymous)],
  [M.MADV_KEEPONFORK, traits(0, WIPE_ON_FORK)],
  [M.MADV_COLD, check(unlessLocked)],
  [M.MADV_PAGEOUT, check(unlessLocked)],
  [M.MADV_POPULATE_READ, populate(false)],
  [M.MADV_POPULATE_WRITE, populate(true)],
  [M.MADV_DONTNEED_LOCKED, forget],
  // No huge pages to collapse into.
  [M.MADV_COLLAPSE, () => EINVAL],
]);
export const isAdvice = (advice: number): boolean => ADVICE.has(advice);

/** Applies it to every area of [start, end); ENOMEM where part isn't mapped, after the rest is done. */
export function advise(space: AddressSpace, start: number, end: number, advice: number): Errno | undefined {
  const apply = ADVICE.get(advice);
  if (!apply) return EINVAL;
  let at = start;
  let hole = false;
  for (const a of space.areas.overlapping(start, end)) {
    if (a.start > at) hole = true;
    at = a.end;
    const error = apply(space, a, Math.max(start, a.start), Math.min(end, a.end));
    if (error) return error;
  }
  return hole || at < end ? ENOMEM : undefined;
}
