// An instruction's bytes from a form of the definitions: fields the form fixes, the others at random but valid.
import { bytesOf } from '../../src/isa/decode.ts';
import type { DefinedForm } from '../../src/isa/encoding.ts';
import { IMM_8, IMM_16, IMM_32, IMM_FAR, IMM_MOFFS, IMM_NONE, IMM_ONE, IMM_V, KEY } from '../../src/isa/form.ts';

const PREFIX_BYTES = [0, 0x66, 0xf3, 0xf2];
const LEGACY_MAPS: Record<string, readonly number[]> = {
  one: [],
  '0f': [0x0f],
  '0f38': [0x0f, 0x38],
  '0f3a': [0x0f, 0x3a],
};

/** Bytes of one instruction of this form in 64-bit code. */
export function encode(form: DefinedForm, next: () => number): Uint8Array {
  const out: number[] = [];
  const fixed = (at: number, bits: number): number | undefined => {
    const mask = ((1 << bits) - 1) << at;
    return (form.mask0 & mask) === mask ? (form.value & mask) >> at : undefined;
  };
  const pick = (at: number, bits: number, choices = 1 << bits): number => fixed(at, bits) ?? next() % choices;
  const has = (bank: string): boolean => form.operands.some((o) => o.bank === bank);
  const limited =
    has('k') || has('tmm') || has('mm') || has('seg') || has('bnd') || has('cr') || has('dr') || has('st');
  const vector = has('xmm');
  const w = fixed(KEY.w, 1) ?? (form.map.startsWith('xop') || form.map === '3dnow' ? 0 : next() & 1);
  const r = limited ? 0 : (fixed(KEY.rexR, 1) ?? next() & 1);
  const b = limited ? 0 : (fixed(KEY.rexB, 1) ?? next() & 1);

  const vectored = form.operands.some((o) => o.source === 'mem' || o.source === 'rm');
  const mod3 = fixed(KEY.mod3, 1) ?? (vectored ? +(next() % 2 === 0) : 1);
  const mod = mod3 ? 3 : next() % 3;
  let rm = fixed(KEY.rm, 3) ?? next() % 8;
  if (form.sib && mod !== 3) rm = 4;
  const sib = mod !== 3 && rm === 4;
  const reg = pick(KEY.reg, 3);
  const x = sib && !limited ? next() & 1 : 0;

  const v = form.vvvv ? next() % (limited || !vector ? 8 : 16) : 0;
  const evex = form.map.startsWith('evex');
  if (evex || form.map.startsWith('vex') || form.map.startsWith('xop')) {
    const map = Number.parseInt(/[0-9a-f]$/.exec(form.map)?.[0] as string, 16);
    const pp = Math.max(form.prefix, 0);
    const low = ((r ^ 1) << 7) | ((x ^ 1) << 6) | ((b ^ 1) << 5);
    if (evex) {
      let l = fixed(KEY.l, 2) ?? next() % 3;
      const masked = form.mustMask || (form.mask && next() % 2 === 0);
      const mask = masked ? 1 + (next() % 7) : 0;
      const zero = masked && form.zeroing && (mod3 || form.operands[0]?.source !== 'rm') && next() % 2;
      const broadcast = mod3 ? form.rounding || form.sae : form.broadcast !== 0;
      const bit = broadcast && next() % 2 === 0;
      // With a rounding mode the length is 512 bits or none.
      if (bit && mod3) {
        if (fixed(KEY.l, 2) !== undefined && l !== 2) l = 2;
        l = form.rounding ? next() % 4 : 0;
      }
      out.push(0x62, low | 0x10 | map, (w << 7) | ((v ^ 15) << 3) | 4 | pp);
      out.push((zero ? 0x80 : 0) | (l << 5) | (bit ? 0x10 : 0) | 8 | mask);
    } else {
      const l = fixed(KEY.l, 2) ?? next() % 2;
      out.push(form.map.startsWith('xop') ? 0x8f : 0xc4, low | map, (w << 7) | ((v ^ 15) << 3) | (l << 2) | pp);
    }
    out.push(form.opcode);
  } else {
    if (form.prefix > 0) out.push(PREFIX_BYTES[form.prefix] as number);
    const rex = (w << 3) | (r << 2) | (x << 1) | b;
    if (rex && form.map !== '3dnow') out.push(0x40 | rex);
    if (form.map === '3dnow') out.push(0x0f, 0x0f);
    else out.push(...(LEGACY_MAPS[form.map] as readonly number[]), form.opcode);
  }
  const bytes = (n: number): void => {
    for (let i = 0; i < n; i++) out.push(next() & 0xff);
  };
  if (form.modrm) {
    out.push((mod << 6) | (reg << 3) | rm);
    let base = rm;
    if (sib) {
      const index = form.vsib !== 'none' || next() % 4 ? 1 + (next() % 3) : next() % 8;
      base = next() % 8;
      out.push(((next() % 4) << 6) | (index << 3) | base);
    }
    if (mod === 1) bytes(1);
    else if (mod === 2 || (mod === 0 && base === 5)) bytes(4);
  }
  if (form.map === '3dnow') out.push(form.opcode);
  const size = w ? 64 : form.d64 ? 64 : 32;
  for (const imm of [form.imm1, form.imm2]) {
    if (imm === IMM_NONE || imm === IMM_ONE) continue;
    if (imm === IMM_8) bytes(1);
    else if (imm === IMM_16) bytes(2);
    else if (imm === IMM_32) bytes(4);
    else if (imm === IMM_V) bytes(bytesOf('v', 0, size));
    else if (imm === IMM_MOFFS) bytes(8);
    else if (imm === IMM_FAR) bytes(6);
    else bytes(4);
  }
  return Uint8Array.from(out);
}

/** Does 64-bit code have the form? */
export function in64(form: DefinedForm): boolean {
  const bit = 1 << KEY.mode64;
  return (form.mask0 & bit) === 0 || (form.value & bit) !== 0;
}
