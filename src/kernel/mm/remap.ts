// mremap: a mapping grows, shrinks or moves (mm/mremap.c).
import { EAGAIN, EFAULT, EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import { type AddressSpace, MAX_MAP_COUNT, PAGE, pageUp, TASK_SIZE } from './address-space.ts';
import { type Area, LOCKED } from './area.ts';

export interface RemapRequest {
  readonly address: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly flags: number;
  readonly to: number;
}

/** The mapping's new address. */
export function remap(space: AddressSpace, r: RemapRequest): number | Errno {
  const { address, flags } = r;
  const old = pageUp(r.oldLength);
  const next = pageUp(r.newLength);
  const refused = refuse(space, { ...r, oldLength: old, newLength: next });
  if (refused) return refused;
  const area = space.areas.find(address) as Area;
  const elsewhere = flags & (M.MREMAP_FIXED | M.MREMAP_DONTUNMAP);
  if (!elsewhere) {
    if (next === old) return address;
    if (next < old) {
      space.unmap(address + next, old - next);
      return address;
    }
    if (address + old === area.end && roomBehind(space, area, next - old)) {
      space.areas.extend(area, area.start, address + next);
      space.areas.mergeAround(area.start, area.end);
      if (area.traits & LOCKED) space.populate(address + old, address + next);
      return address;
    }
    if (!(flags & M.MREMAP_MAYMOVE)) return ENOMEM;
  }
  if (flags & M.MREMAP_FIXED) space.unmap(r.to, next);
  if (elsewhere && old > next) space.unmap(address + next, old - next);
  const place = space.place(elsewhere ? r.to : 0, next, flags & M.MREMAP_FIXED ? M.MAP_FIXED : 0);
  if (place instanceof Errno) return place;
  return move(space, address, Math.min(old, next), place, next, flags);
}

/** check_mremap_params and check_prep_vma, in their order; lengths in whole pages. */
function refuse(space: AddressSpace, r: RemapRequest): Errno | undefined {
  const { address, oldLength: old, newLength: next, flags } = r;
  const elsewhere = (flags & (M.MREMAP_FIXED | M.MREMAP_DONTUNMAP)) !== 0;
  if (flags & ~(M.MREMAP_MAYMOVE | M.MREMAP_FIXED | M.MREMAP_DONTUNMAP)) return EINVAL;
  if (elsewhere && !(flags & M.MREMAP_MAYMOVE)) return EINVAL;
  if (flags & M.MREMAP_DONTUNMAP && old !== next) return EINVAL;
  if (address % PAGE || next === 0 || next > TASK_SIZE) return EINVAL;
  if (elsewhere) {
    if (r.to % PAGE || r.to > TASK_SIZE - next) return EINVAL;
    if (address + old > r.to && r.to + next > address) return EINVAL;
    if (space.areas.list.length + 4 >= MAX_MAP_COUNT) return ENOMEM;
  }
  const area = space.areas.find(address);
  if (!area) return EFAULT;
  if (!elsewhere && next <= old) return undefined;
  if (old === 0 && !area.shared) return EINVAL;
  if (old > area.end - address) return EFAULT;
  if (next === old) return undefined;
  if (area.traits & LOCKED && !space.mayLock(next - old)) return EAGAIN;
  return next > old && !space.mayExpand(next - old, area.prot, area.shared, area.traits) ? ENOMEM : undefined;
}

function roomBehind(space: AddressSpace, area: Area, more: number): boolean {
  const end = area.end + more;
  // A mapping stays in the linear part or outside it.
  const most = area.start < space.cpu.guestEnd ? space.cpu.guestEnd : TASK_SIZE;
  return end <= most && space.areas.isFree(area.end, end);
}

function move(space: AddressSpace, from: number, kept: number, to: number, length: number, flags: number): number {
  const area = space.areas.find(from) as Area;
  space.insert({
    ...area,
    start: to,
    end: to + length,
    offset: area.offset + from - area.start,
  });
  if (!area.shared) space.movePages(from, to, kept);
  if (flags & M.MREMAP_DONTUNMAP) space.setTraits(from, from + kept, 0, LOCKED);
  else if (kept) space.unmap(from, kept);
  if (area.traits & LOCKED) space.populate(to, to + length);
  return to;
}
