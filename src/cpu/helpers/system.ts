// Segment loads, enter, the time-stamp counter.
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Helper } from './index.ts';

export const rdtsc: Helper = ({ view, cpu }) => {
  const t = cpu.rdtsc();
  view.setUint32(L.HELPER_RESULTS, Number(t & 0xffffffffn), true);
  view.setUint32(L.HELPER_RESULTS + 8, Number((t >> 32n) & 0xffffffffn), true);
  return 0;
};

/** Selectors that Linux's user space can load: null, user data, user code (as data). Anything else isn't in the tables: #GP(selector). */
const LOADABLE = new Set([0, 1, 2, 3, 0x2b, 0x23, 0x33]);

/** Arguments: the selector. The register is the record's first operand. */
export const loadSegment: Helper = ({ view, fault }, record) => {
  const selector = view.getUint16(L.HELPER_ARGS, true);
  const at = view.getUint16(record + R.REC_D, true);
  const stack = at === L.SELECTORS + 4;
  if (at === L.SELECTORS + 2) return fault(6);
  if (!LOADABLE.has(selector) || (stack && selector !== 0x2b)) return fault(13, selector & 0xfffc);
  view.setUint16(at, selector, true);
  if (at === L.SELECTORS + 8) view.setBigUint64(L.FS_BASE, 0n, true);
  if (at === L.SELECTORS + 10) view.setBigUint64(L.GS_BASE, 0n, true);
  return 0;
};

/** enter size, level: the frame of a procedure; immediate holds both (size in the low half). */
export const enter: Helper = ({ view, cpu }, record) => {
  const imm = view.getUint32(record + R.REC_IMM, true);
  const bytes = imm & 0xffff;
  const level = (imm >>> 16) & 31;
  const w = cpu.mode === 64 ? 8n : 4n;
  const put = (at: bigint, v: bigint): boolean => cpu.storeForHelper(at, v, Number(w));
  let sp = view.getBigUint64(L.GPR + 32, true) - w;
  const bp = view.getBigUint64(L.GPR + 40, true);
  if (!put(sp, bp)) return R.EXIT_FAULT;
  const frame = sp;
  for (let i = 1; i < level; i++) {
    const v = cpu.loadForHelper(bp - w * BigInt(i), Number(w));
    sp -= w;
    if (v === undefined || !put(sp, v)) return R.EXIT_FAULT;
  }
  if (level > 0) {
    sp -= w;
    if (!put(sp, frame)) return R.EXIT_FAULT;
  }
  const end = BigInt.asUintN(64, sp - BigInt(bytes));
  // The new top of the stack must be writable too.
  if (cpu.loadForHelper(end, 1) === undefined) return R.EXIT_FAULT;
  view.setBigUint64(L.GPR + 40, BigInt.asUintN(64, frame), true);
  view.setBigUint64(L.GPR + 32, end, true);
  return 0;
};

/** Argument: the address (aligned). 512 bytes; what a page's missing rights keep from being written or read is found before anything happens. */
export const fxsave: Helper = ({ view, cpu }) => {
  const at = view.getBigUint64(L.HELPER_ARGS, true);
  const image = new Uint8Array(512);
  cpu.fxsave(image);
  const words = new DataView(image.buffer);
  for (const n of [0n, 511n]) if (cpu.loadForHelper(at + n, 1) === undefined) return R.EXIT_FAULT;
  // Bytes 464 to 511 are the program's own (SDM vol. 1 section 10.5.1).
  for (let i = 0; i < 416; i += 8)
    if (!cpu.storeForHelper(at + BigInt(i), words.getBigUint64(i, true), 8)) return R.EXIT_FAULT;
  return 0;
};
export const fxrstor: Helper = ({ view, cpu, fault }) => {
  const at = view.getBigUint64(L.HELPER_ARGS, true);
  const image = new Uint8Array(512);
  const words = new DataView(image.buffer);
  for (let i = 0; i < 512; i += 8) {
    const v = cpu.loadForHelper(at + BigInt(i), 8);
    if (v === undefined) return R.EXIT_FAULT;
    words.setBigUint64(i, v, true);
  }
  if (words.getUint32(24, true) & ~0xffff) return fault(13);
  cpu.fxrstor(image);
  return 0;
};
