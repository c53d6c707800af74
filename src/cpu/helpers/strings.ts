// SSE4.2's string comparisons (SDM vol. 2 section 4.1) and crc32.
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Helper } from './index.ts';

interface Operand {
  readonly elements: readonly number[];
  readonly valid: number;
}

/** Flags CF ZF SF OF of the result at their places in rflags; index or mask. */
function compare(
  view: DataView,
  imm: number,
  lengths: readonly [number, number] | undefined,
): { result: number; count: number; flags: number } {
  const words = (imm & 1) !== 0;
  const signed = (imm & 2) !== 0;
  const count = words ? 8 : 16;
  const operand = (at: number, length: number | undefined): Operand => {
    const elements = Array.from({ length: count }, (_, i) =>
      words
        ? signed
          ? view.getInt16(at + 2 * i, true)
          : view.getUint16(at + 2 * i, true)
        : signed
          ? view.getInt8(at + i)
          : view.getUint8(at + i),
    );
    const end = elements.indexOf(0);
    return { elements, valid: length === undefined ? (end < 0 ? count : end) : Math.min(length, count) };
  };
  const a = operand(L.HELPER_ARGS, lengths?.[0]);
  const b = operand(L.HELPER_ARGS + 16, lengths?.[1]);
  let bits = 0;
  const set = (i: number, on: boolean): void => {
    if (on) bits |= 1 << i;
  };
  for (let j = 0; j < count; j++) {
    const x = b.elements[j] as number;
    const there = j < b.valid;
    switch ((imm >> 2) & 3) {
      case 0:
        set(j, there && a.elements.slice(0, a.valid).includes(x));
        break;
      case 1: {
        let on = false;
        for (let i = 0; i + 1 < a.valid; i += 2)
          if ((a.elements[i] as number) <= x && x <= (a.elements[i + 1] as number)) on = true;
        set(j, on && there);
        break;
      }
      case 2: {
        const mine = j < a.valid;
        set(j, there && mine ? a.elements[j] === x : there === mine);
        break;
      }
      default: {
        let on = true;
        for (let i = 0; i < a.valid && j + i < count; i++)
          if (j + i >= b.valid || a.elements[i] !== b.elements[j + i]) on = false;
        set(j, on);
      }
    }
  }
  const all = (1 << count) - 1;
  const polarity = (imm >> 4) & 3;
  if (polarity === 1) bits ^= all;
  else if (polarity === 3) bits ^= (1 << b.valid) - 1;
  bits &= all;
  const flags = (bits ? 1 : 0) | (b.valid < count ? 0x40 : 0) | (a.valid < count ? 0x80 : 0) | (bits & 1 ? 0x800 : 0);
  return { result: bits, count, flags };
}
const finish =
  (index: boolean, explicit: boolean): Helper =>
  ({ view, u8 }, record) => {
    const imm = view.getUint8(record + R.REC_IMM);
    // Explicit lengths, 16 at most, come where the results go.
    const length = (i: number): number => view.getUint32(L.HELPER_RESULTS + 8 * i, true);
    const r = compare(view, imm, explicit ? [length(0), length(1)] : undefined);
    view.setUint32(L.HELPER_RESULTS + 24, r.flags, true);
    if (index) {
      const at =
        r.result === 0 ? r.count : imm & 0x40 ? 31 - Math.clz32(r.result) : 31 - Math.clz32(r.result & -r.result);
      view.setUint32(L.HELPER_RESULTS, at, true);
      return 0;
    }
    u8.fill(0, L.HELPER_RESULTS, L.HELPER_RESULTS + 16);
    if (!(imm & 0x40)) view.setUint32(L.HELPER_RESULTS, r.result, true);
    else {
      const size = 16 / r.count;
      for (let i = 0; i < r.count; i++)
        if (r.result & (1 << i)) u8.fill(0xff, L.HELPER_RESULTS + i * size, L.HELPER_RESULTS + (i + 1) * size);
    }
    return 0;
  };
export const pcmpestrm = finish(false, true);
export const pcmpestri = finish(true, true);
export const pcmpistrm = finish(false, false);
export const pcmpistri = finish(true, false);

/** Reflected Castagnoli polynomial. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
  return c;
});
/** Arguments: the old value, the operand, its bits. */
export const crc32: Helper = ({ view, u8 }) => {
  let c = view.getUint32(L.HELPER_ARGS, true);
  const bytes = view.getUint32(L.HELPER_ARGS + 16, true) / 8;
  for (let i = 0; i < bytes; i++) c = (TABLE[(c ^ (u8[L.HELPER_ARGS + 8 + i] as number)) & 0xff] as number) ^ (c >>> 8);
  view.setUint32(L.HELPER_RESULTS, c, true);
  return 0;
};
