/** Helpers by number: what instructions call outside the generated code. Implemented in cpu/helpers/. */
export const HELPER_NAMES = [
  'idiv128',
  'cpuid',
  'rdtsc',
  'loadSegment',
  'askSegment',
  'enterSegment',
  'interruptReturn',
  'enter',
  'fxsave',
  'fxrstor',
  'pcmpestrm',
  'pcmpestri',
  'pcmpistrm',
  'pcmpistri',
  'crc32',
  'fnstenv',
  'fldenv',
  'fnsave',
  'frstor',
] as const;
export type HelperName = (typeof HELPER_NAMES)[number];
