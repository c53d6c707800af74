// fork: the child's address space on a CPU of its own.
import type { Cpu } from '../cpu.ts';
import { AddressSpace } from './address-space.ts';
import { DONT_FORK, LOCKED, WIPE_ON_FORK } from './area.ts';
import { DIRTY } from './residence.ts';

/** Private pages that were written are copied, those of files come in again when touched, shared ones stay shared. */
export function forkSpace(parent: AddressSpace, cpu: Cpu): AddressSpace {
  const child = new AddressSpace(cpu, parent.pool);
  child.brkStart = parent.brkStart;
  child.brk = parent.brk;
  child.limits = parent.limits;
  child.mmapBase = parent.mmapBase;
  child.layout = { ...parent.layout };
  if (parent.layout.exe) parent.layout.exe.references++;
  for (const a of parent.areas.list) {
    if (a.traits & DONT_FORK) continue;
    child.append({ ...a, traits: a.traits & ~LOCKED });
    if (a.shared || a.traits & WIPE_ON_FORK) continue;
    const start = Math.max(a.start, cpu.guestStart);
    parent.residence.runs(start, Math.min(a.end, cpu.guestEnd), (from, to, bits) => {
      if (bits & DIRTY) child.adopt(from, parent.cpu.u8.subarray(from, to), a.prot);
    });
  }
  for (const [n, bytes] of parent.high) {
    const area = child.areas.find(n * 4096);
    if (area && !area.shared && !(area.traits & WIPE_ON_FORK)) child.adopt(n * 4096, bytes, area.prot);
  }
  child.peak.size = child.size;
  return child;
}
