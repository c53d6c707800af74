// Instructions, or the rare half of them, that are done outside the generated code. A helper gets its arguments at HELPER_ARGS and leaves results at
// HELPER_RESULTS; it answers 0, or the exit code of a fault it raised (then nothing has been changed).

import type { Cpu } from '../cpu.ts';
import { HELPER_NAMES, type HelperName } from '../helper-names.ts';
import { cpuid } from './cpuid.ts';
import { idiv128 } from './divide.ts';
import { askSegment, enterSegment, interruptReturn, loadSegment } from './segment.ts';
import { crc32, pcmpestri, pcmpestrm, pcmpistri, pcmpistrm } from './strings.ts';
import { enter, fxrstor, fxsave, rdtsc } from './system.ts';
import { fldenv, fnsave, fnstenv, frstor } from './x87-environment.ts';

export interface HelperContext {
  readonly view: DataView;
  readonly u8: Uint8Array;
  readonly cpu: Cpu;
  readonly fault: (vector: number, error?: number) => number;
}
export type Helper = (c: HelperContext, record: number) => number;

const byName: Record<HelperName, Helper> = {
  idiv128,
  cpuid,
  rdtsc,
  loadSegment,
  askSegment,
  enterSegment,
  interruptReturn,
  enter,
  fxsave,
  fxrstor,
  pcmpestrm,
  pcmpestri,
  pcmpistrm,
  pcmpistri,
  crc32,
  fnstenv,
  fldenv,
  fnsave,
  frstor,
};
export const HELPERS: readonly Helper[] = HELPER_NAMES.map((n) => byName[n]);
