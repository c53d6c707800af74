// Segments as Linux's descriptor table has them for programs, and what loading, asking and jumping to one does (SDM vol. 3 chapter 3.4, vol. 2 LAR, LSL, VERR).
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Helper, HelperContext } from './index.ts';

interface Segment {
  /** As lar shows it: type and rights in bits 8 to 15, flags in 20 to 23. */
  readonly rights: number;
  readonly limit: number;
}
const CODE = 0x800;
const WRITABLE = 0x200;
const LONG = 0x20_0000;
/** By index; all may be used by ring 3, all have base 0: code of 32 bits, data, code of 64 bits, the one whose limit is the CPU's number. */
const SEGMENTS = new Map<number, Segment>([
  [4, { rights: 0xcf_fb00, limit: 0xffff_ffff }],
  [5, { rights: 0xcf_f300, limit: 0xffff_ffff }],
  [6, { rights: 0xaf_fb00, limit: 0xffff_ffff }],
  [15, { rights: 0x40_f500, limit: 0 }],
]);
const segmentOf = (selector: number): Segment | undefined =>
  selector & 4 ? undefined : SEGMENTS.get((selector & 0xffff) >> 3);
const GP = 13;
const refuse = (c: HelperContext, selector: number): number => c.fault(GP, selector & 0xfffc);

/** Arguments: the selector, and where the register stands in the state, 0 if it is the record's first operand. */
export const loadSegment: Helper = (c, record) => {
  const { view } = c;
  const selector = view.getUint16(L.HELPER_ARGS, true);
  const at = view.getUint16(L.HELPER_ARGS + 8, true) || view.getUint16(record + R.REC_D, true);
  const s = segmentOf(selector);
  // The stack's must be writable and of ring 3; others may be null.
  if (at === L.SS ? (selector & 3) !== 3 || !s || s.rights & CODE || !(s.rights & WRITABLE) : !s && selector > 3)
    return refuse(c, selector);
  view.setUint16(at, selector, true);
  if (at === L.SELECTORS + 8) view.setBigUint64(L.FS_BASE, 0n, true);
  if (at === L.SELECTORS + 10) view.setBigUint64(L.GS_BASE, 0n, true);
  return 0;
};

/** Argument: a selector. Results: 1 if there is such a segment, its rights, its limit, bit 0 readable and bit 1 writable. */
export const askSegment: Helper = ({ view }) => {
  const s = segmentOf(view.getUint16(L.HELPER_ARGS, true));
  const put = (i: number, v: number): void => view.setUint32(L.HELPER_RESULTS + 8 * i, v, true);
  put(0, s ? 1 : 0);
  put(1, s?.rights ?? 0);
  put(2, s?.limit ?? 0);
  put(3, s ? 1 | (!(s.rights & CODE) && s.rights & WRITABLE ? 2 : 0) : 0);
  return 0;
};

const canonical = (rip: bigint): boolean => BigInt.asIntN(48, rip) === BigInt.asIntN(64, rip);
/** The code segment of a far transfer, or undefined after a fault. A return's selector must be of ring 3. */
function codeSegment(c: HelperContext, selector: number, rip: bigint, returns: boolean): Segment | undefined {
  const s = segmentOf(selector);
  if (!s || !(s.rights & CODE) || (returns && (selector & 3) !== 3)) {
    refuse(c, selector);
    return undefined;
  }
  if (s.rights & LONG ? !canonical(rip) : rip > 0xffff_ffffn) {
    c.fault(GP);
    return undefined;
  }
  return s;
}
const RETURN = 1;
const ASK = 2;
/** Arguments: a selector, where its segment is entered, and RETURN or ASK (only whether it can be) or 0. Code goes on in that segment, which may be one of 32 bits. */
export const enterSegment: Helper = (c) => {
  const selector = c.view.getUint16(L.HELPER_ARGS, true);
  const rip = c.view.getBigUint64(L.HELPER_ARGS + 8, true);
  const how = c.view.getUint8(L.HELPER_ARGS + 16);
  if (!codeSegment(c, selector, rip, how === RETURN)) return R.EXIT_FAULT;
  if (how !== ASK) c.view.setUint16(L.CS, selector | 3, true);
  return 0;
};
/** iret to ring 3: arguments are the code selector, rip, the stack's selector. */
export const interruptReturn: Helper = (c) => {
  const selector = c.view.getUint16(L.HELPER_ARGS, true);
  const stack = c.view.getUint16(L.HELPER_ARGS + 16, true);
  if (!codeSegment(c, selector, c.view.getBigUint64(L.HELPER_ARGS + 8, true), true)) return R.EXIT_FAULT;
  const s = segmentOf(stack);
  if ((stack & 3) !== 3 || !s || s.rights & CODE || !(s.rights & WRITABLE)) return refuse(c, stack);
  c.view.setUint16(L.CS, selector, true);
  c.view.setUint16(L.SS, stack, true);
  return 0;
};
