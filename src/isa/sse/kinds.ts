// What generated code and the exact routines agree on.
/** Kinds the exact routines know (cpu/helpers/float.ts), by number. */
export const FP_KINDS = [
  'add',
  'sub',
  'mul',
  'div',
  'min',
  'max',
  'sqrt',
  'ucomi',
  'comi',
  'cvtsd2ss',
  'cvtss2sd',
  'cvtsi2f',
  'cvtf2si32',
  'cvttf2si32',
  'cvtf2si64',
  'cvttf2si64',
  'round',
  'cmp',
  'cvtsi2f32',
] as const;
export type FpKind = (typeof FP_KINDS)[number];
