// SSE4.2's string comparisons (SDM vol. 2 section 4.1) and crc32.
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Helper } from './index.ts';

/** Elements of the two operands, sign- or zero-extended: string functions compare many, so nothing is allocated. */
const A = new Int32Array(16);
const B = new Int32Array(16);
/** Puts an operand's elements in order; gives how many are valid without a length: those before a zero. */
function read(view: DataView, at: number, imm: number, into: Int32Array): number {
  const [words, signed] = [imm & 1, imm & 2];
  const count = words ? 8 : 16;
  let end = count;
  for (let i = count - 1; i >= 0; i--) {
    const v = words
      ? signed
        ? view.getInt16(at + 2 * i, true)
        : view.getUint16(at + 2 * i, true)
      : signed
        ? view.getInt8(at + i)
        : view.getUint8(at + i);
    into[i] = v;
    if (v === 0) end = i;
  }
  return end;
}
/** One bit a place of B, before polarity: is it one of A; in one of A's ranges; the same as in A; does A stand there? */
function matches(how: number, count: number, a: number, b: number): number {
  let bits = 0;
  for (let j = 0; j < count; j++) {
    const x = B[j] as number;
    const there = j < b;
    let on = false;
    if (how === 0) {
      for (let i = 0; there && i < a; i++) on ||= A[i] === x;
    } else if (how === 1) {
      for (let i = 0; there && i + 1 < a; i += 2) on ||= (A[i] as number) <= x && x <= (A[i + 1] as number);
    } else if (how === 2) on = there && j < a ? A[j] === x : there === j < a;
    else {
      on = true;
      for (let i = 0; on && i < a && j + i < count; i++) on = j + i < b && A[i] === B[j + i];
    }
    if (on) bits |= 1 << j;
  }
  return bits;
}
const result = { bits: 0, count: 0, flags: 0 };
/** The mask, and CF ZF SF OF at their places in rflags. Lengths are given, or the operands end at a zero. */
function compare(view: DataView, imm: number, explicit: boolean): typeof result {
  const count = imm & 1 ? 8 : 16;
  let a = read(view, L.HELPER_ARGS, imm, A);
  let b = read(view, L.HELPER_ARGS + 16, imm, B);
  if (explicit) {
    // Explicit lengths, 16 at most, come where the results go.
    a = Math.min(view.getUint32(L.HELPER_RESULTS, true), count);
    b = Math.min(view.getUint32(L.HELPER_RESULTS + 8, true), count);
  }
  let bits = matches((imm >> 2) & 3, count, a, b);
  const all = (1 << count) - 1;
  const polarity = (imm >> 4) & 3;
  if (polarity === 1) bits ^= all;
  else if (polarity === 3) bits ^= (1 << b) - 1;
  result.bits = bits & all;
  result.count = count;
  result.flags =
    (result.bits ? 1 : 0) | (b < count ? 0x40 : 0) | (a < count ? 0x80 : 0) | (result.bits & 1 ? 0x800 : 0);
  return result;
}
const finish =
  (index: boolean, explicit: boolean): Helper =>
  ({ view, u8 }, record) => {
    const imm = view.getUint8(record + R.REC_IMM);
    const r = compare(view, imm, explicit);
    view.setUint32(L.HELPER_RESULTS + 24, r.flags, true);
    if (index) {
      const at = r.bits === 0 ? r.count : imm & 0x40 ? 31 - Math.clz32(r.bits) : 31 - Math.clz32(r.bits & -r.bits);
      view.setUint32(L.HELPER_RESULTS, at, true);
      return 0;
    }
    u8.fill(0, L.HELPER_RESULTS, L.HELPER_RESULTS + 16);
    if (!(imm & 0x40)) view.setUint32(L.HELPER_RESULTS, r.bits, true);
    else {
      const size = 16 / r.count;
      for (let i = 0; i < r.count; i++)
        if (r.bits & (1 << i)) u8.fill(0xff, L.HELPER_RESULTS + i * size, L.HELPER_RESULTS + (i + 1) * size);
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
