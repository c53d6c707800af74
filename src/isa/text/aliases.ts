// Names that hold what an immediate says: cmpltps for cmpps with 1.
import type { Decoder } from '../decode.ts';
import type { Form } from '../form.ts';

const FP8 = ['eq', 'lt', 'le', 'unord', 'neq', 'nlt', 'nle', 'ord'];
const FP16 = [...FP8, 'eq_uq', 'nge', 'ngt', 'false', 'neq_oq', 'ge', 'gt', 'true'];
const FP32 = [
  ...FP16,
  'eq_os',
  'lt_oq',
  'le_oq',
  'unord_s',
  'neq_us',
  'nlt_uq',
  'nle_uq',
  'ord_s',
  'eq_us',
  'nge_uq',
  'ngt_uq',
  'false_os',
  'neq_os',
  'ge_oq',
  'gt_oq',
  'true_us',
];
const LISTS = {
  fp8: FP8,
  fp32: FP32,
  /** vpcmp: 3 and 7 (false, true) have no name. */
  int: ['eq', 'lt', 'le', undefined, 'neq', 'nlt', 'nle', undefined],
  /** AMD's vpcom. */
  com: ['lt', 'le', 'gt', 'ge', 'eq', 'neq', 'false', 'true'],
} as const satisfies Record<string, readonly (string | undefined)[]>;
type AliasList = keyof typeof LISTS | 'clmul' | 'vex' | 'cc';

/** Halves of a carry-less product: bits 0 and 4. */
function clmul(imm: number): string | undefined {
  const halves: Record<number, string> = { 0x00: 'lql', 0x01: 'hql', 0x10: 'lqh', 0x11: 'hqh' };
  return halves[imm];
}

/** Conditions of cmpccxadd, which negates by n throughout. */
const CMPXADD = ['o', 'no', 'b', 'nb', 'z', 'nz', 'be', 'nbe', 's', 'ns', 'p', 'np', 'l', 'nl', 'le', 'nle'];

/** The name where the hint has a {list}; undefined where it has none. */
export function alias(hint: string, form: Form, d: Decoder): { name: string; dropImmediate: boolean } | undefined {
  const at = hint.indexOf('{');
  if (at < 0) return undefined;
  const end = hint.indexOf('}');
  const list = hint.slice(at + 1, end) as AliasList;
  const replaced = (by: string): string => hint.slice(0, at) + by + hint.slice(end + 1);
  // An instruction that has an EVEX form as well.
  if (list === 'vex') return { name: replaced('{vex} '), dropImmediate: false };
  if (list === 'cc') return { name: replaced(CMPXADD[form.cc] as string), dropImmediate: false };
  const imm = (form.imm2 ? d.imm2 : d.imm) & 0xff;
  const word = list === 'clmul' ? clmul(imm) : (LISTS[list] as readonly (string | undefined)[])[imm];
  return { name: replaced(word ?? ''), dropImmediate: word !== undefined };
}
