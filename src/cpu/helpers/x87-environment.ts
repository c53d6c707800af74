// fnstenv, fldenv, fnsave, frstor: the x87's environment in memory in its 14- and 28-byte forms (SDM vol. 1 figures 8-9 to 8-12), 64-bit mode's being the
// protected one. Arguments: address, operand size.

import type { Probe } from '../access.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Helper, HelperContext } from './index.ts';

/** Full tag word: 0 valid, 1 zero, 2 special, 3 empty for each physical register. */
function tags(view: DataView): number {
  const used = view.getUint8(L.X87 + 4);
  let word = 0;
  for (let i = 0; i < 8; i++) {
    const at = L.X87_REGS + 16 * i;
    const m = view.getBigUint64(at, true);
    const e = view.getUint16(at + 8, true) & 0x7fff;
    const tag = !(used & (1 << i)) ? 3 : e === 0 && m === 0n ? 1 : e === 0 || e === 0x7fff || m >> 63n === 0n ? 2 : 0;
    word |= tag << (2 * i);
  }
  return word;
}
const lengthOf = (wide: boolean): number => (wide ? 28 : 14);
/** Environments are accessed word by word, registers in two parts, after a look at the end. With 32-bit addresses a part may begin at the start again. */
function probe(c: HelperContext, record: number, at: bigint, wide: boolean): Probe {
  const word = wide ? 4 : 2;
  if (c.view.getUint8(record + R.REC_SCALE) !== R.NARROW) return { word };
  const base = c.view.getBigUint64(c.view.getUint16(record + R.REC_SEG, true), true);
  const room = 0x1_0000_0000 - Number(BigInt.asUintN(32, at - base));
  const head = lengthOf(wide);
  const into = (room - head) % 10;
  return {
    word,
    wraps: room <= head ? Math.ceil(room / word) * word : room + (into === 0 ? 0 : into <= 8 ? 8 - into : 10 - into),
  };
}

function environment(view: DataView, wide: boolean): Uint8Array {
  const image = new Uint8Array(lengthOf(wide));
  const out = new DataView(image.buffer);
  const word = (at: number): number => view.getUint16(L.X87 + at, true);
  const low = [word(0), word(2), tags(view)];
  const opcode = word(24) & 0x7ff;
  if (wide) {
    low.forEach((v, i) => out.setUint32(4 * i, v | 0xffff0000, true));
    out.setUint32(12, view.getUint32(L.X87 + 8, true), true);
    out.setUint32(16, word(26) | (opcode << 16), true);
    out.setUint32(20, view.getUint32(L.X87 + 16, true), true);
    out.setUint32(24, word(28) | 0xffff0000, true);
  } else {
    low.forEach((v, i) => out.setUint16(2 * i, v, true));
    out.setUint16(6, word(8), true);
    out.setUint16(8, word(26), true);
    out.setUint16(10, word(16), true);
    out.setUint16(12, word(28), true);
  }
  return image;
}
function setEnvironment(view: DataView, image: DataView, wide: boolean): void {
  const step = wide ? 4 : 2;
  const control = (image.getUint16(0, true) & 0x1f7f) | 0x40;
  let status = image.getUint16(step, true) & 0x7f7f;
  if (status & ~control & 0x3f) status |= 0x8080;
  const full = image.getUint16(2 * step, true);
  let used = 0;
  for (let i = 0; i < 8; i++) if (((full >> (2 * i)) & 3) !== 3) used |= 1 << i;
  view.setUint16(L.X87, control, true);
  view.setUint16(L.X87 + 2, status, true);
  view.setUint8(L.X87 + 4, used);
  const pointer = (at: number): bigint => BigInt(wide ? image.getUint32(at, true) : image.getUint16(at, true));
  view.setBigUint64(L.X87 + 8, pointer(3 * step), true);
  view.setBigUint64(L.X87 + 16, pointer(5 * step), true);
  view.setUint16(L.X87 + 24, wide ? image.getUint16(18, true) & 0x7ff : 0, true);
  view.setUint16(L.X87 + 26, image.getUint16(4 * step, true), true);
  view.setUint16(L.X87 + 28, image.getUint16(6 * step, true), true);
}
const arguments_ = ({ view }: HelperContext): { at: bigint; wide: boolean } => ({
  at: view.getBigUint64(L.HELPER_ARGS, true),
  wide: view.getUint32(L.HELPER_ARGS + 8, true) !== 16,
});
const registerAt = (view: DataView, i: number): number =>
  L.X87_REGS + 16 * (((view.getUint16(L.X87 + 2, true) >> 11) + i) & 7);

export const fnstenv: Helper = (c, record) => {
  const { at, wide } = arguments_(c);
  if (!c.cpu.storeBytesForHelper(at, environment(c.view, wide), probe(c, record, at, wide))) return R.EXIT_FAULT;
  // Storing the environment masks all exceptions.
  c.view.setUint16(L.X87, c.view.getUint16(L.X87, true) | 0x3f, true);
  c.view.setUint16(L.X87 + 2, c.view.getUint16(L.X87 + 2, true) & 0x7f7f, true);
  return 0;
};
export const fldenv: Helper = (c, record) => {
  const { at, wide } = arguments_(c);
  const image = c.cpu.loadBytesForHelper(at, lengthOf(wide), probe(c, record, at, wide));
  if (!image) return R.EXIT_FAULT;
  setEnvironment(c.view, new DataView(image.buffer), wide);
  return 0;
};
export const fnsave: Helper = (c, record) => {
  const { at, wide } = arguments_(c);
  const head = environment(c.view, wide);
  const image = new Uint8Array(head.length + 80);
  image.set(head);
  for (let i = 0; i < 8; i++) {
    const from = registerAt(c.view, i);
    image.set(c.u8.subarray(from, from + 10), head.length + 10 * i);
  }
  if (!c.cpu.storeBytesForHelper(at, image, probe(c, record, at, wide))) return R.EXIT_FAULT;
  // What fninit leaves.
  c.u8.fill(0, L.X87, L.X87 + 32);
  c.view.setUint16(L.X87, 0x37f, true);
  return 0;
};
export const frstor: Helper = (c, record) => {
  const { at, wide } = arguments_(c);
  const head = lengthOf(wide);
  const image = c.cpu.loadBytesForHelper(at, head + 80, probe(c, record, at, wide));
  if (!image) return R.EXIT_FAULT;
  setEnvironment(c.view, new DataView(image.buffer), wide);
  for (let i = 0; i < 8; i++) c.u8.set(image.subarray(head + 10 * i, head + 10 * i + 10), registerAt(c.view, i));
  return 0;
};
