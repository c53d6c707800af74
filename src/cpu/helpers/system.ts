// enter, the time-stamp counter, the state in memory.
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Helper } from './index.ts';

const RSP = 4;
const RBP = 5;

export const rdtsc: Helper = ({ view, cpu }) => {
  const t = cpu.rdtsc();
  view.setUint32(L.HELPER_RESULTS, Number(t & 0xffffffffn), true);
  view.setUint32(L.HELPER_RESULTS + 8, Number((t >> 32n) & 0xffffffffn), true);
  return 0;
};

/** enter size, level: the frame of a procedure; the immediate holds both (size in the low half). Argument: the operand size in bits. */
export const enter: Helper = ({ view, cpu }, record) => {
  const imm = view.getUint32(record + R.REC_IMM, true);
  const level = (imm >>> 16) & 31;
  const w = view.getUint32(L.HELPER_ARGS, true) / 8;
  const bp = view.getBigUint64(L.GPR + 8 * RBP, true);
  let sp = view.getBigUint64(L.GPR + 8 * RSP, true);
  const word = new Uint8Array(8);
  const push = (v: bigint): boolean => {
    sp = BigInt.asUintN(64, sp - BigInt(w));
    new DataView(word.buffer).setBigUint64(0, BigInt.asUintN(64, v), true);
    return cpu.storeBytesForHelper(sp, word.subarray(0, w), { word: w });
  };
  // One after another: what was pushed before a fault stays in memory, below a stack pointer that hasn't moved.
  if (!push(bp)) return R.EXIT_FAULT;
  const frame = sp;
  for (let i = 1; i < level; i++) {
    const v = cpu.loadBytesForHelper(bp - BigInt(w * i), w, { word: w });
    if (!v) return R.EXIT_FAULT;
    const wide = new Uint8Array(8);
    wide.set(v);
    if (!push(new DataView(wide.buffer).getBigUint64(0, true))) return R.EXIT_FAULT;
  }
  if (level > 0 && !push(frame)) return R.EXIT_FAULT;
  // The new top of the stack must be writable too.
  const bottom = BigInt.asUintN(64, sp - BigInt(imm & 0xffff));
  if (!cpu.writable(bottom, w)) return R.EXIT_FAULT;
  if (w === 2) view.setUint16(L.GPR + 8 * RBP, Number(frame & 0xffffn), true);
  else view.setBigUint64(L.GPR + 8 * RBP, BigInt.asUintN(8 * w, frame), true);
  view.setBigUint64(L.GPR + 8 * RSP, bottom, true);
  return 0;
};

/** Bytes 464 to 511 of the image are the program's own (SDM vol. 1 section 10.5.1), and what lies before them is left alone by CPUs. */
const SAVED = 416;
/** Argument: the address (aligned). Nothing is written unless all can be. */
export const fxsave: Helper = ({ view, cpu }) => {
  const at = view.getBigUint64(L.HELPER_ARGS, true);
  const image = new Uint8Array(512);
  cpu.fxsave(image);
  if (!cpu.writable(at + 511n, 1) || !cpu.storeBytesForHelper(at, image.subarray(0, SAVED), 'last first'))
    return R.EXIT_FAULT;
  return 0;
};
export const fxrstor: Helper = ({ view, cpu, fault }) => {
  const at = view.getBigUint64(L.HELPER_ARGS, true);
  const image = cpu.loadBytesForHelper(at, 512, 'last first');
  if (!image) return R.EXIT_FAULT;
  if (new DataView(image.buffer).getUint32(24, true) & ~0xffff) return fault(13);
  cpu.fxrstor(image);
  return 0;
};
