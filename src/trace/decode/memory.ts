// Mappings.
import * as M from '../../abi/mman.ts';
import { names } from '../../abi/type.ts';
import { hex } from '../number.ts';
import type { Decoders, Show } from '../shape.ts';
import { nameOf, split, styled } from '../xlat.ts';

const HUGE_SHIFT = 26;
const types = names('MAP', { MAP_FILE: 0, MAP_SHARED: 1, MAP_PRIVATE: 2, MAP_SHARED_VALIDATE: 3 });
const rest = names('MAP', Object.fromEntries(M.mapFlags.entries.filter(([, v]) => v > M.MAP_TYPE)));
/** The type of a mapping is a number in the low bits, the size of huge pages another in the high ones. */
const mapFlags: Show = (c, lo, hi) => {
  const { constants } = c.options;
  if (constants === 'raw') return c.w.number(hex(lo, hi));
  const type = lo & M.MAP_TYPE;
  let text = nameOf(types, type) ?? `${hex(type, 0)} /* MAP_??? */`;
  const huge = lo & M.MAP_HUGETLB ? lo >>> HUGE_SHIFT : 0;
  const s = split(rest, (lo & ~M.MAP_TYPE & (huge ? (1 << HUGE_SHIFT) - 1 : -1)) >>> 0, hi);
  if (s.text) text += `|${s.text}`;
  if (s.lo | s.hi) text += `|${hex(s.lo, s.hi)}`;
  if (huge) text += `|${huge}<<MAP_HUGE_SHIFT`;
  c.w.sign(styled(constants, hex(lo, hi), text));
};

export const memory: Decoders = {
  calls: {
    mmap: { args: { flags: mapFlags, offset: (c, lo, hi) => c.w.number(hex(lo, hi)) } },
    mremap: { given: { new_address: (c) => (c.uint(3) & (M.MREMAP_FIXED | M.MREMAP_DONTUNMAP)) !== 0 } },
  },
};
