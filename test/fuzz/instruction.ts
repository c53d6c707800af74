// Writes one instruction of a form at an address, with registers set so that its memory operand lies where the case wants it.
import type { DefinedForm } from '../../src/isa/encoding.ts';
import { KEY, type MapName, type Operand } from '../../src/isa/form.ts';
import { CODE, DATA, EXEC, HIGH, PAGE, REGIONS, S } from './batch.ts';
import { integer, type Random } from './random.ts';
import type { CaseState } from './state.ts';

/** A form with its operand size and kind of operand chosen: what a handler is made for. */
export interface Variant {
  readonly form: DefinedForm;
  readonly size: 16 | 32 | 64;
  readonly mem: boolean;
}
const SIZED = new Set(['v', 'z', 'y', 'none']);

/** Every variant of the forms that 64-bit mode has and that mean something. */
export function variants(forms: readonly DefinedForm[]): Variant[] {
  return forms.flatMap((form) => {
    const mode64 = (form.mask0 >> KEY.mode64) & 1 ? (form.value >> KEY.mode64) & 1 : 1;
    if (!form.op.sem || !mode64 || !MAP_BYTES[form.map]) return [];
    const sizes =
      form.d64 || form.op.sized || form.operands.some((o) => SIZED.has(o.size)) || form.operands.length === 0;
    const wide = (form.mask0 >> KEY.w) & 1 ? ((form.value >> KEY.w) & 1 ? [64] : [16, 32]) : [16, 32, 64];
    const memory = form.operands.some((o) => o.source === 'mem')
      ? [true]
      : form.operands.some((o) => o.source === 'rm')
        ? [false, true]
        : [false];
    return memory.flatMap((mem) =>
      (sizes ? wide : wide.slice(-1)).map((size) => ({ form, size: size as 16 | 32 | 64, mem })),
    );
  });
}

const MAP_BYTES: Partial<Record<MapName, readonly number[]>> = {
  one: [],
  '0f': [0x0f],
  '0f38': [0x0f, 0x38],
  '0f3a': [0x0f, 0x3a],
};
const word32 = (n: number): number[] => [n & 0xff, (n >> 8) & 0xff, (n >> 16) & 0xff, (n >> 24) & 0xff];
const fits = (n: bigint, bits: number): boolean => BigInt.asIntN(bits, n) === n;

interface Memory {
  readonly rm: number;
  readonly mod: number;
  readonly sib?: number;
  readonly rexB: number;
  readonly rexX: number;
  readonly disp: (next: number) => number[];
  readonly dispLength: number;
}

/** Bytes of an operand in memory as far as the test's data goes. */
export function operandBytes(o: Operand, size: number): number {
  const known: Partial<Record<Operand['size'], number>> = { b: 1, w: 2, d: 4, q: 8, dq: 16, t: 10 };
  return known[o.size] ?? size / 8;
}

/** Makes the registers lead to `target`; falls back to a plain base where a way to address can't. */
function memory(
  g: CaseState,
  target: number,
  segmentBase: bigint,
  address32: boolean,
  { pointers, relative }: Options,
): Memory {
  const { r } = g;
  const space = address32 ? 32 : 64;
  const wanted = BigInt.asUintN(space, BigInt(target) - segmentBase);
  const signed = BigInt.asIntN(space, wanted);
  const way = r.below(10);
  const fixed =
    (n: number): Memory['disp'] =>
    () =>
      word32(n);
  if (way === 0 && relative !== false)
    return {
      rm: 5,
      mod: 0,
      rexB: r.below(2),
      rexX: 0,
      disp: (next) => word32(Number(BigInt.asIntN(32, wanted - BigInt(next)))),
      dispLength: 4,
    };
  if (way === 1 && fits(signed, 32))
    return { rm: 4, mod: 0, sib: 0x25, rexB: r.below(2), rexX: 0, disp: fixed(Number(signed)), dispLength: 4 };
  if (pointers) {
    const base = r.pick(pointers);
    const disp = BigInt.asIntN(32, wanted - g.gpr(base));
    const short = fits(disp, 8) && r.chance(80);
    const bytes = word32(Number(disp)).slice(0, short ? 1 : 4);
    const sib = (base & 7) === 4 ? { sib: 0x24 } : {};
    return {
      rm: base & 7,
      mod: short ? 1 : 2,
      ...sib,
      rexB: base >> 3,
      rexX: 0,
      disp: () => bytes,
      dispLength: bytes.length,
    };
  }
  const mod = r.below(3);
  const disp = mod === 0 ? 0 : mod === 1 ? (r.u32() << 24) >> 24 : r.chance(50) ? r.below(0x1000) - 0x800 : r.u32() | 0;
  const junk = (v: bigint): bigint => (address32 ? BigInt.asUintN(32, v) | (r.u64() << 32n) : v);
  const d = mod === 0 ? [] : mod === 1 ? [disp & 0xff] : word32(disp);
  const scale = r.below(4);
  if (way === 2) {
    // An index and no base.
    const index = r.pick([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    const value = r.u32() >>> r.below(32);
    g.setGpr(index, junk(BigInt(value)));
    const rest = BigInt.asIntN(space, wanted - (BigInt(value) << BigInt(scale)));
    if (fits(rest, 32)) {
      const sib = (scale << 6) | ((index & 7) << 3) | 5;
      return { rm: 4, mod: 0, sib, rexB: r.below(2), rexX: index >> 3, disp: fixed(Number(rest)), dispLength: 4 };
    }
  }
  const base = r.below(16);
  let index = r.chance(50) ? r.below(16) : 4;
  if (index === base) index = 4;
  let sum = wanted - BigInt(disp);
  if (index !== 4) {
    const value = r.chance(60) ? BigInt(r.below(64)) : integer(r);
    g.setGpr(index, value);
    sum -= g.gpr(index) << BigInt(scale);
  }
  g.setGpr(base, junk(sum));
  const needsSib = index !== 4 || (base & 7) === 4 || r.chance(10);
  const realMod = mod === 0 && (base & 7) === 5 ? 1 : mod;
  const bytes = realMod !== mod ? [0] : d;
  return {
    rm: needsSib ? 4 : base & 7,
    mod: realMod,
    ...(needsSib ? { sib: (scale << 6) | ((index & 7) << 3) | (base & 7) } : {}),
    rexB: base >> 3,
    rexX: index >> 3,
    disp: () => bytes,
    dispLength: bytes.length,
  };
}

/** Where a jump leads: code of ours, mostly, and sometimes what can't be executed. */
function jumpTarget(r: Random, from: number): number {
  const n = r.below(20);
  if (n < 12) return CODE + 0x40 + r.below(2 * PAGE - 0x80);
  if (n < 15) return from + r.below(256) - 128;
  if (n === 15) return DATA + r.below(PAGE);
  if (n === 16) return CODE + 2 * PAGE + r.below(16) - 8;
  if (n === 17) return HIGH + r.below(PAGE);
  return r.pick(REGIONS.filter((x) => x.prot & EXEC)).address + r.below(PAGE);
}

function immediate(o: Operand, size: number, g: CaseState): number[] {
  const { r } = g;
  const length =
    o.size === 'b' || o.size === 'bs' ? 1 : o.size === 'w' ? 2 : o.size === 'v' ? size / 8 : size === 16 ? 2 : 4;
  const v = integer(r);
  return Array.from({ length }, (_, i) => Number((v >> BigInt(8 * i)) & 0xffn));
}

export interface Options {
  /** Prefixes that do nothing, or nothing here, are thrown in. */
  readonly stray: boolean;
  /** Registers that hold addresses and stay as they are: memory operands lie around them, other operands are elsewhere. Without: any register is set to suit. */
  readonly pointers?: readonly number[];
  /** False: the bytes mean the same at any address. */
  readonly relative?: boolean;
}

/** The bytes of an instruction of this variant at `rip`; sets registers and memory of the case to suit. */
export function write({ form, size, mem }: Variant, rip: number, g: CaseState, options: Options): number[] {
  const { r } = g;
  const prefixes: number[] = [];
  const need = (at: number, bits: number): number | undefined => {
    const m = ((1 << bits) - 1) << at;
    return (form.mask0 & m) === m ? (form.value & m) >> at : undefined;
  };
  const address32 = r.chance(8);
  const segment = r.chance(8) ? r.pick([0x64, 0x65]) : r.chance(4) ? r.pick([0x26, 0x2e, 0x36, 0x3e]) : 0;
  if (address32) prefixes.push(0x67);
  if (segment) prefixes.push(segment);
  // What is read or written piece by piece wraps at 4 GiB piece by piece, each CPU in its own way.
  if (address32 && form.name.startsWith('maskmov') && BigInt.asUintN(32, g.gpr(7)) > 0xffff_fff0n)
    g.setGpr(7, BigInt(DATA));
  const mandatory = need(KEY.prefix, 2);
  if (mandatory === 1 || (mandatory === undefined && size === 16)) prefixes.push(0x66);
  if (mandatory === 2) prefixes.push(0xf3);
  if (mandatory === 3) prefixes.push(0xf2);
  if (mandatory === undefined && (form.rep ? r.chance(60) : options.stray && r.chance(4)))
    prefixes.push(r.pick([0xf2, 0xf3]));
  if (form.lock && mem ? r.chance(20) : options.stray && r.chance(1)) prefixes.push(0xf0);
  if (options.stray && r.chance(3)) prefixes.push(r.pick([0x66, 0x2e, 0x36, 0x64, 0xf2, 0xf3]));
  prefixes.sort(() => r.below(3) - 1);

  const wBit = need(KEY.w, 1);
  const w = wBit ?? (size === 64 && !(form.d64 && r.chance(50)) ? 1 : 0);
  const low = options.pointers !== undefined;
  let rexR = low ? 0 : (need(KEY.rexR, 1) ?? r.below(2));
  let rexB = need(KEY.rexB, 1) ?? (low ? 0 : r.below(2));
  let rexX = r.below(2);
  const opreg = form.operands.some((o) => o.source === 'opreg');
  const tail: number[] = [];
  let disp: Memory['disp'] = () => [];
  if (form.modrm) {
    const reg = need(KEY.reg, 3) ?? r.below(8);
    if (mem) {
      const o = form.operands.find((x) => x.source === 'rm' || x.source === 'mem');
      const bytes = o ? operandBytes(o, size) : 8;
      const aligned = o?.size === 'dq' && !form.unaligned && r.chance(85);
      let target = aligned ? Math.floor(g.target(16) / 16) * 16 : g.target(bytes);
      const base = segment === 0x64 ? g.get(S.fsBase) : segment === 0x65 ? g.get(S.gsBase) : 0n;
      const wraps = (to: number): boolean => BigInt.asUintN(32, BigInt(to) - base) > 0xffff_fe00n;
      if (address32 && wraps(target)) target = wraps(DATA + 0x200) ? DATA + 0x800 : DATA + 0x200;
      const m = memory(g, target, base, address32, options);
      g.fill(target, Math.max(bytes, 8));
      tail.push((m.mod << 6) | (reg << 3) | m.rm);
      if (m.sib !== undefined) tail.push(m.sib);
      rexB = m.rexB;
      rexX = m.rexX;
      disp = m.disp;
      for (let i = 0; i < m.dispLength; i++) tail.push(0);
    } else tail.push(0xc0 | (reg << 3) | (need(KEY.rm, 3) ?? r.below(8)));
  } else if (!opreg) rexR = rexX = rexB = 0;
  const dispEnd = tail.length;
  let rel: { at: number; length: number } | undefined;
  for (const o of form.operands) {
    if (o.source === 'imm') tail.push(...immediate(o, size, g));
    else if (o.source === 'moffs') {
      const target = g.target(operandBytes(o, size));
      g.fill(target, 16);
      const base = segment === 0x64 ? g.get(S.fsBase) : segment === 0x65 ? g.get(S.gsBase) : 0n;
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(target) - base));
      tail.push(...bytes.subarray(0, address32 ? 4 : 8));
    } else if (o.source === 'rel') {
      rel = { at: tail.length, length: o.size === 'bs' ? 1 : 4 };
      for (let i = 0; i < rel.length; i++) tail.push(0);
    }
  }
  const rex = (w << 3) | (rexR << 2) | (rexX << 1) | rexB;
  const head = [...prefixes, ...(rex || r.chance(20) ? [0x40 | rex] : []), ...(MAP_BYTES[form.map] ?? [])];
  head.push(form.opcode);
  const next = rip + head.length + tail.length;
  const d = disp(next);
  tail.splice(dispEnd - d.length, d.length, ...d);
  if (rel) {
    let to = jumpTarget(r, next) - next;
    if (rel.length === 1) to = (to << 24) >> 24;
    // Onto itself it would run for ever.
    if (to < 0 && to >= rip - next && !r.chance(2)) to = 5;
    tail.splice(rel.at, rel.length, ...word32(to).slice(0, rel.length));
  }
  // Indirect jumps need somewhere to go.
  if (['jmp', 'call', 'ret'].includes(form.op.name) && !rel) aimIndirect(g, rip, mem, tail[0] ?? 0, rexB);
  if (FAR.has(form.op.name)) aimFar(g, rip, size, mem);
  return [...head, ...tail];
}

const FAR = new Set(['ljmp', 'lcall', 'lret', 'iret', 'lss', 'lfs', 'lgs']);
/** Far pointers with selectors that exist: before an offset, at the stack pointer, or in the frame that iret takes apart. */
function aimFar(g: CaseState, rip: number, size: number, mem: boolean): void {
  const { r } = g;
  if (!r.chance(85)) return;
  const code = (): number => r.pick([0x33, 0x33, 0x33, 0x23, 0x30, 0x2b, 0x20, 0x7b, 0x10, 0]);
  const data = (): number => r.pick([0x2b, 0x2b, 0x2b, 0x2a, 0x33, 0x7b, 3, 0, 0x18]);
  const at = mem ? (g.pieces.at(-1)?.address ?? 0) : Number(g.gpr(4) & 0xffff_ffff_ffffn);
  const w = mem && size === 64 ? 4 : size / 8;
  const bytes = Buffer.alloc(40 + 8);
  const word = (i: number, v: number): void => {
    bytes.writeUIntLE(w === 2 ? v & 0xffff : w === 4 ? v >>> 0 : v, i * w, Math.min(w, 6));
  };
  word(0, jumpTarget(r, rip));
  word(1, code());
  const frame = bytes.subarray(0, 5 * w);
  if (mem) {
    // A stack pointer beyond 4 GiB is of no use to code of 32 bits; which of the two is noticed first differs.
    if (g.gpr(4) >> 32n || g.gpr(4) < 64n) g.setGpr(4, BigInt(DATA + 0x180));
    bytes.writeUInt16LE(r.chance(50) ? code() : data(), w);
    return g.put(at, bytes.subarray(0, w + 2));
  }
  word(2, r.u32() & 0x244fd5);
  word(3, g.target(8));
  word(4, data());
  g.put(at, frame);
}

function aimIndirect(g: CaseState, rip: number, mem: boolean, modrm: number, rexB: number): void {
  const { r } = g;
  if (!r.chance(90)) return;
  const to = BigInt(jumpTarget(r, rip));
  if (!mem && modrm >= 0xc0) g.setGpr((modrm & 7) | (rexB << 3), to);
  else {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(to);
    // The operand's bytes were the last piece put; a return's are at the stack pointer.
    const last = g.pieces.at(-1);
    g.put(mem && last ? last.address : Number(g.gpr(4) & 0xffff_ffff_ffffn), bytes);
  }
}
