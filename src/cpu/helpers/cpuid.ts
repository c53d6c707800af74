// What this CPU says it is: exactly what is there (SDM vol. 2, CPUID). x86-64-v2 and nothing beyond.
import { HELPER_ARGS, HELPER_RESULTS } from '../layout.ts';
import type { Helper } from './index.ts';

const text = (s: string): number[] =>
  [0, 4, 8, 12].map(
    (i) => s.charCodeAt(i) | (s.charCodeAt(i + 1) << 8) | (s.charCodeAt(i + 2) << 16) | (s.charCodeAt(i + 3) << 24),
  );
const VENDOR = 'GenuineRing3';
const NAME = 'ring3 x86-64-v2 processor'.padEnd(48, '\0');

/** Leaf 1 edx: fpu tsc msr cx8 sep cmov clflush mmx fxsr sse sse2. */
const EDX1 =
  (1 << 0) | (1 << 4) | (1 << 5) | (1 << 8) | (1 << 15) | (1 << 19) | (1 << 23) | (1 << 24) | (1 << 25) | (1 << 26);
/** Leaf 1 ecx: sse3 ssse3 cx16 sse4.1 sse4.2 popcnt hypervisor. */
const ECX1 = (1 << 0) | (1 << 9) | (1 << 13) | (1 << 19) | (1 << 20) | (1 << 23) | (1 << 31);
/** Leaf 0x80000001 edx: syscall nx rdtscp lm; ecx: lahf. */
const EDX81 = (EDX1 & 0x0183f3ff) | (1 << 11) | (1 << 20) | (1 << 27) | (1 << 29);

export function cpuidLeaf(leaf: number): readonly number[] {
  switch (leaf) {
    case 0: {
      const [b, d, c] = text(VENDOR) as [number, number, number];
      return [7, b, c, d];
    }
    case 1:
      return [0x000306a0, (8 << 8) | (1 << 16), ECX1, EDX1];
    case 0x80000000:
      return [0x80000008 | 0, 0, 0, 0];
    case 0x80000001:
      return [0, 0, 1, EDX81];
    case 0x80000002:
    case 0x80000003:
    case 0x80000004:
      return text(NAME.slice((leaf - 0x80000002) * 16));
    case 0x80000006:
      return [0, 0, (512 << 16) | (6 << 12) | 64, 0];
    case 0x80000007:
      return [0, 0, 0, 1 << 8];
    case 0x80000008:
      return [(48 << 8) | 46, 0, 0, 0];
    default:
      return [0, 0, 0, 0];
  }
}

export const cpuid: Helper = ({ view }) => {
  cpuidLeaf(view.getUint32(HELPER_ARGS, true)).forEach((v, i) => view.setInt32(HELPER_RESULTS + 8 * i, v, true));
  return 0;
};
