// What this CPU says it is: exactly what is there (SDM vol. 2, CPUID). x86-64-v2 and nothing beyond.
import { HELPER_ARGS, HELPER_RESULTS } from '../layout.ts';
import type { Helper } from './index.ts';

const text = (s: string): number[] =>
  [0, 4, 8, 12].map(
    (i) => s.charCodeAt(i) | (s.charCodeAt(i + 1) << 8) | (s.charCodeAt(i + 2) << 16) | (s.charCodeAt(i + 3) << 24),
  );
/** C libraries look at the features of vendors they know only (glibc, sysdeps/x86/cpu-features.c). */
export const VENDOR = 'GenuineIntel';
const NAME = 'ring3 x86-64-v2 processor'.padEnd(48, '\0');

/** Leaf 1 edx: fpu tsc msr cx8 sep cmov clflush mmx fxsr sse sse2. */
const EDX1 =
  (1 << 0) | (1 << 4) | (1 << 5) | (1 << 8) | (1 << 15) | (1 << 19) | (1 << 23) | (1 << 24) | (1 << 25) | (1 << 26);
/** Leaf 1 ecx: sse3 ssse3 cx16 sse4.1 sse4.2 popcnt hypervisor. */
const ECX1 = (1 << 0) | (1 << 9) | (1 << 13) | (1 << 19) | (1 << 20) | (1 << 23) | (1 << 31);
/** Leaf 0x80000001 edx: syscall nx rdtscp lm; ecx: lahf. */
const EDX81 = (EDX1 & 0x0183f3ff) | (1 << 11) | (1 << 20) | (1 << 27) | (1 << 29);

const FSGSBASE = 1;
/** Family 6, model 0x2c, stepping 1: a processor whose features are those of x86-64-v2. */
const SIGNATURE = 0x000206c1;
/** Deterministic cache parameters, leaf 4: type (1 data, 2 instruction, 3 both), level, ways, sets; lines of 64 bytes. */
const CACHES: readonly (readonly [type: number, level: number, ways: number, sets: number])[] = [
  [1, 1, 8, 64],
  [2, 1, 8, 64],
  [3, 2, 8, 1024],
];
function cacheLeaf(subleaf: number): readonly number[] {
  const cache = CACHES[subleaf];
  if (!cache) return [0, 0, 0, 0];
  const [type, level, ways, sets] = cache;
  return [type | (level << 5) | (1 << 8), ((ways - 1) << 22) | 63, sets - 1, 0];
}

export function cpuidLeaf(leaf: number, subleaf = 0): readonly number[] {
  switch (leaf) {
    case 0: {
      const [b, d, c] = text(VENDOR) as [number, number, number];
      return [7, b, c, d];
    }
    case 1:
      return [SIGNATURE, (8 << 8) | (1 << 16), ECX1, EDX1];
    case 2:
      // Descriptor ff: the caches are in leaf 4.
      return [0x0000ff01, 0, 0, 0];
    case 4:
      return cacheLeaf(subleaf);
    case 7:
      return [0, subleaf === 0 ? FSGSBASE : 0, 0, 0];
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
  cpuidLeaf(view.getUint32(HELPER_ARGS, true), view.getUint32(HELPER_ARGS + 8, true)).forEach((v, i) =>
    view.setInt32(HELPER_RESULTS + 8 * i, v, true),
  );
  return 0;
};
