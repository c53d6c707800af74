// Signed 128 by 64 bit division where the quotient may need all its bits (SDM: IDIV): arguments low, high, divisor; result quotient.
import { HELPER_ARGS, HELPER_RESULTS } from '../layout.ts';
import type { Helper } from './index.ts';

const DE = 0;

export const idiv128: Helper = ({ view, fault }) => {
  const n = (view.getBigInt64(HELPER_ARGS + 8, true) << 64n) | view.getBigUint64(HELPER_ARGS, true);
  const by = view.getBigInt64(HELPER_ARGS + 16, true);
  const q = n / by;
  if (BigInt.asIntN(64, q) !== q) return fault(DE);
  view.setBigInt64(HELPER_RESULTS, q, true);
  return 0;
};
