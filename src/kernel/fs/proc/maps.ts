// /proc/PID/maps, smaps and what is counted from mappings.
import { major, minor } from '../../../abi/statx.ts';
import type { Kernel } from '../../kernel.ts';
import type { AddressSpace } from '../../mm/address-space.ts';
import { type Area, GROWS_DOWN, LOCKED, NO_RESERVE } from '../../mm/area.ts';
import { DIRTY } from '../../mm/residence.ts';
import { pathOf } from '../walk.ts';

const PAGE = 4096;
const hex = (n: number, width = 8): string => n.toString(16).padStart(width, '0');

/** One line of maps. */
function line(kernel: Kernel, a: Area): string {
  const st = a.file?.inode.attributes();
  const rights = `${a.prot & 1 ? 'r' : '-'}${a.prot & 2 ? 'w' : '-'}${a.prot & 4 ? 'x' : '-'}${a.shared ? 's' : 'p'}`;
  const dev = st ? `${hex(major(st.dev), 2)}:${hex(minor(st.dev), 2)}` : '00:00';
  const head = `${hex(a.start)}-${hex(a.end)} ${rights} ${hex(a.file ? a.offset : 0)} ${dev} ${st?.ino ?? 0}`;
  const name = a.file ? (typeof a.file.at === 'string' ? a.file.at : pathOf(a.file.at, kernel.root)) : a.name;
  const shared = a.anonymous ? a.name || '/dev/zero (deleted)' : name;
  return shared ? `${head.padEnd(72)} ${shared}` : `${head} `;
}
export const mapsText = (kernel: Kernel, space: AddressSpace): string =>
  space.areas.list.map((a) => `${line(kernel, a)}\n`).join('');

interface Counts {
  /** Pages present, and of those the ones that were written. */
  present: number;
  dirty: number;
}
function count(space: AddressSpace, a: Area): Counts {
  const c = { present: 0, dirty: 0 };
  if (a.shared) return c;
  const from = Math.max(a.start, space.cpu.guestStart);
  const to = Math.min(a.end, space.cpu.guestEnd);
  if (from < to)
    space.residence.runs(from, to, (start, end, bits) => {
      const pages = (end - start) / PAGE;
      c.present += pages;
      if (bits & DIRTY) c.dirty += pages;
    });
  if (a.end > space.cpu.guestEnd)
    for (const n of space.high.keys())
      if (n * PAGE >= a.start && n * PAGE < a.end) {
        c.present++;
        c.dirty++;
      }
  return c;
}
const kb = (name: string, pages: number): string => `${`${name}:`.padEnd(16)}${String(pages * 4).padStart(8)} kB\n`;
function details(c: Counts, anonymous: number): string {
  return [
    kb('Rss', c.present),
    kb('Pss', c.present),
    kb('Pss_Dirty', c.dirty),
    kb('Shared_Clean', 0),
    kb('Shared_Dirty', 0),
    kb('Private_Clean', c.present - c.dirty),
    kb('Private_Dirty', c.dirty),
    kb('Referenced', c.present),
    kb('Anonymous', anonymous),
    kb('KSM', 0),
    kb('LazyFree', 0),
    kb('AnonHugePages', 0),
    kb('ShmemPmdMapped', 0),
    kb('FilePmdMapped', 0),
    kb('Shared_Hugetlb', 0),
    kb('Private_Hugetlb', 0),
    kb('Swap', 0),
    kb('SwapPss', 0),
  ].join('');
}
function flagsOf(a: Area): string {
  const out: string[] = [];
  if (a.prot & 1) out.push('rd');
  if (a.prot & 2) out.push('wr');
  if (a.prot & 4) out.push('ex');
  if (a.shared) out.push('sh');
  if (a.may & 1) out.push('mr');
  if (a.may & 2) out.push('mw');
  if (a.may & 4) out.push('me');
  if (a.shared && a.may & 2) out.push('ms');
  if (a.traits & GROWS_DOWN) out.push('gd');
  if (a.traits & LOCKED) out.push('lo');
  if (!(a.traits & NO_RESERVE) && !a.shared && a.prot & 2) out.push('ac');
  if (a.traits & NO_RESERVE) out.push('nr');
  return out.map((f) => `${f} `).join('');
}
export function smapsText(kernel: Kernel, space: AddressSpace): string {
  return space.areas.list
    .map((a) => {
      const c = count(space, a);
      const size = kb('Size', (a.end - a.start) / PAGE) + kb('KernelPageSize', 1) + kb('MMUPageSize', 1);
      const locked = kb('Locked', a.traits & LOCKED ? c.present : 0);
      const rest = `THPeligible:           0\nVmFlags: ${flagsOf(a)}\n`;
      return `${line(kernel, a)}\n${size}${details(c, a.file ? c.dirty : c.present)}${locked}${rest}`;
    })
    .join('');
}
export function rollupText(_kernel: Kernel, space: AddressSpace): string {
  const { list } = space.areas;
  const first = list[0];
  const last = list.at(-1);
  if (!first || !last) return '';
  const sum = { present: 0, dirty: 0 };
  let anonymous = 0;
  for (const a of list) {
    const c = count(space, a);
    sum.present += c.present;
    sum.dirty += c.dirty;
    anonymous += a.file ? c.dirty : c.present;
  }
  const head = `${`${hex(first.start)}-${hex(last.end)} ---p 00000000 00:00 0`.padEnd(72)} [rollup]\n`;
  return head + details(sum, anonymous) + kb('Locked', 0);
}

/** Bytes of the parts that /proc/PID/status and statm tell apart. */
export function sizes(space: AddressSpace): {
  data: number;
  stack: number;
  code: number;
  libraries: number;
  locked: number;
  anonymous: number;
  file: number;
} {
  const s = { data: 0, stack: 0, code: 0, libraries: 0, locked: 0, anonymous: 0, file: 0 };
  const { exe } = space.layout;
  for (const a of space.areas.list) {
    const n = a.end - a.start;
    const c = count(space, a);
    if (a.file) {
      s.file += (c.present - c.dirty) * PAGE;
      s.anonymous += c.dirty * PAGE;
    } else s.anonymous += c.present * PAGE;
    if (a.traits & LOCKED) s.locked += n;
    if (a.traits & GROWS_DOWN) s.stack += n;
    else if (!a.shared && a.prot & 2) s.data += n;
    else if (a.file && a.prot & 4) {
      if (a.file.inode === exe?.inode) s.code += n;
      else s.libraries += n;
    }
  }
  return s;
}
