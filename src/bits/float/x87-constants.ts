// fld1 and its like: each constant to 68 bits or more, rounded as the control word says.
import { type Rounding, roundAt } from './soft.ts';
import { exactly } from './x87.ts';

/** Significands of 128 bits and the exponent of the last: log2(10), log2(e), pi, log10(2), ln(2). */
const LONG: readonly (readonly [bigint, number])[] = [
  [0xd49a784bcd1b8afe492bf6ff4dafdb4cn, -126],
  [0xb8aa3b295c17f0bbbe87fed0691d3e88n, -127],
  [0xc90fdaa22168c234c4c6628b80dc1cd1n, -126],
  [0x9a209a84fbcff7988f8959ac0b7c9178n, -129],
  [0xb17217f7d1cf79abc9e3b39803f2f6afn, -128],
];
/** The constant of opcode d9 e8+n: fld1 fldl2t fldl2e fldpi fldlg2 fldln2 fldz. */
export function constant(n: number, rounding: Rounding): bigint {
  if (n === 0) return exactly(0, 1n, 0);
  const long = LONG[n - 1];
  if (!long) return 0n;
  const r = roundAt(0, long[0], 64, true, rounding);
  return exactly(0, r.value, long[1] + 64);
}
