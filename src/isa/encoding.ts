// Reads the encodings of definitions into forms: what the decoder matches and where operands come from.
import type { Access, OpValue } from './op.ts';

/** Where an operand's number stands. 'fixed': known from the letter; 'mem': memory only (M); 'rm': register or memory. */
export type Source = 'rm' | 'mem' | 'rmreg' | 'reg' | 'opreg' | 'imm' | 'rel' | 'moffs' | 'fixed' | 'si' | 'di';
export type Bank = 'gpr' | 'xmm' | 'mm' | 'seg' | 'cr' | 'dr' | 'st' | 'none';
/** Size letters: b w d q, v 16/32/64 by operand size, z 16/32/32, y 32/32/64, dq 128, ps pd 128, ss 32, sd 64, bs: byte sign-extended to the operation, p: far pointer. */
export type Size = 'b' | 'w' | 'd' | 'q' | 'v' | 'z' | 'y' | 'dq' | 'bs' | 't' | 'p' | 'none';

export interface Operand {
  readonly source: Source;
  readonly bank: Bank;
  readonly size: Size;
  /** Register number, or the constant, of a fixed operand. */
  readonly number: number;
  readonly access: Access;
  readonly text: string;
}
/** Bits of the key that the decoder builds and a form compares: `(key & mask) === value`. */
export const KEY = { prefix: 0, reg: 2, mod3: 5, rm: 6, w: 9, mode64: 10, bits: 11 } as const;
export type MapName = 'one' | '0f' | '0f38' | '0f3a';
export interface Form {
  readonly id: number;
  readonly op: OpValue;
  readonly map: MapName;
  readonly opcode: number;
  readonly mask: number;
  readonly value: number;
  readonly modrm: boolean;
  readonly operands: readonly Operand[];
  readonly lock: boolean;
  readonly d64: boolean;
  readonly rep: boolean;
  /** A 16-byte memory operand needn't be aligned. */
  readonly unaligned: boolean;
  /** The condition code of a jcc-like form, else -1. */
  readonly cc: number;
  readonly enc: string;
}

const GPR_NAMES: Record<string, [number, Size]> = {
  AL: [0, 'b'],
  CL: [1, 'b'],
  AX: [0, 'w'],
  DX: [2, 'w'],
  eAX: [0, 'z'],
  rAX: [0, 'v'],
  rCX: [1, 'v'],
  rDX: [2, 'v'],
};
const SIZES: Record<string, Size> = { ps: 'dq', pd: 'dq', x: 'dq', ss: 'd', sd: 'q', '': 'none' };

export function operand(text: string, access: Access): Operand {
  const make = (source: Source, bank: Bank, size: Size, number = 0): Operand => ({
    source,
    bank,
    size,
    number,
    access,
    text,
  });
  const named = GPR_NAMES[text];
  if (named) return make('fixed', 'gpr', named[1], named[0]);
  if (text === '1') return make('fixed', 'none', 'b', 1);
  if (text === 'XMM0') return make('fixed', 'xmm', 'dq', 0);
  if (text === 'ST0') return make('fixed', 'st', 't', 0);
  if (text === 'STi') return make('rmreg', 'st', 't');
  const seg = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS'].indexOf(text);
  if (seg >= 0) return make('fixed', 'seg', 'w', seg);
  const letter = text[0] as string;
  const rest = text.slice(1);
  const size = SIZES[rest] ?? (rest as Size);
  switch (letter) {
    case 'E':
      return make('rm', 'gpr', size);
    case 'R':
      return make('rmreg', 'gpr', size);
    case 'G':
      return make('reg', 'gpr', size);
    case 'M':
      return make('mem', 'none', size);
    case 'Z':
      return make('opreg', 'gpr', size);
    case 'V':
      return make('reg', 'xmm', size);
    case 'W':
      return make('rm', 'xmm', size);
    case 'U':
      return make('rmreg', 'xmm', size);
    case 'P':
      return make('reg', 'mm', size);
    case 'Q':
      return make('rm', 'mm', size);
    case 'N':
      return make('rmreg', 'mm', size);
    case 'I':
      return make('imm', 'none', size);
    case 'J':
      return make('rel', 'none', size);
    case 'O':
      return make('moffs', 'none', size);
    case 'S':
      return make('reg', 'seg', size);
    case 'C':
      return make('reg', 'cr', size);
    case 'D':
      return make('reg', 'dr', size);
    case 'X':
      return make('si', 'none', size);
    case 'Y':
      return make('di', 'none', size);
  }
  throw new Error(`operand ${text}`);
}

const ATTRIBUTES = new Set(['lock', 'd64', 'i64', 'o64', 'rep', 'jcc', 'ua']);
const PREFIX: Record<string, number> = { np: 0, '66': 1, f3: 2, f2: 3 };
const MAPS: Record<string, MapName> = { '0f': '0f', '0f38': '0f38', '0f3a': '0f3a' };

function parse(op: OpValue, enc: string, add: (f: Omit<Form, 'id'>) => void): void {
  const words = enc.split(/\s+/);
  let map: MapName = 'one';
  let mask = 0;
  let value = 0;
  const need = (at: number, bits: number, v: number): void => {
    mask |= ((1 << bits) - 1) << at;
    value |= v << at;
  };
  let i = 0;
  for (; i < words.length - 1; i++) {
    const t = words[i] as string;
    // The last hexadecimal word is the opcode: a prefix word is one that another opcode-like word follows.
    const next = words[i + 1] as string;
    const opcodeFollows =
      /^[0-9a-f]{2}([/:+].*)?$/.test(next) || next in MAPS || next === 'w0' || next === 'w1' || next in PREFIX;
    if (t in MAPS && opcodeFollows) map = MAPS[t] as MapName;
    else if (t in PREFIX && opcodeFollows) need(KEY.prefix, 2, PREFIX[t] as number);
    else if (t === 'w0' || t === 'w1') need(KEY.w, 1, t === 'w1' ? 1 : 0);
    else break;
  }
  const m = /^([0-9a-f]{2})(?:\/([0-7])|:([0-9a-f]{2}))?$/.exec(words[i++] as string);
  if (!m) throw new Error(`${op.name}: encoding "${enc}"`);
  const opcode = Number.parseInt(m[1] as string, 16);
  let texts: string[] = [];
  if (i < words.length && !ATTRIBUTES.has(words[i] as string)) texts = (words[i++] as string).split(',');
  const attributes = new Set(words.slice(i));
  for (const a of attributes) if (!ATTRIBUTES.has(a)) throw new Error(`${op.name}: attribute ${a} in "${enc}"`);
  const operands = texts.map((t, n) => operand(t, op.access?.[n] ?? (n === 0 ? 'rw' : 'r')));
  let modrm = operands.some((o) => ['rm', 'mem', 'rmreg', 'reg'].includes(o.source));
  if (m[2]) {
    need(KEY.reg, 3, Number(m[2]));
    modrm = true;
  }
  if (m[3]) {
    const b = Number.parseInt(m[3], 16);
    need(KEY.reg, 3, (b >> 3) & 7);
    need(KEY.mod3, 1, 1);
    need(KEY.rm, 3, b & 7);
    modrm = true;
  } else if (operands.some((o) => o.source === 'mem')) need(KEY.mod3, 1, 0);
  else if (operands.some((o) => o.source === 'rmreg')) need(KEY.mod3, 1, 1);
  if (attributes.has('i64')) need(KEY.mode64, 1, 0);
  if (attributes.has('o64')) need(KEY.mode64, 1, 1);
  const base = {
    op,
    map,
    mask,
    value,
    modrm,
    operands,
    lock: attributes.has('lock'),
    d64: attributes.has('d64'),
    rep: attributes.has('rep'),
    unaligned: attributes.has('ua'),
    enc,
  };
  if (operands.some((o) => o.source === 'opreg'))
    for (let r = 0; r < 8; r++) add({ ...base, opcode: opcode + r, cc: -1 });
  else if (attributes.has('jcc')) for (let cc = 0; cc < 16; cc++) add({ ...base, opcode: opcode + cc, cc });
  else add({ ...base, opcode, cc: -1 });
}

const ones = (n: number): number => {
  let k = 0;
  for (let x = n; x; x &= x - 1) k++;
  return k;
};

/** All forms of the definitions, and for each map and opcode the candidates, the most particular first. */
export function forms(ops: readonly OpValue[]): { all: Form[]; byOpcode: Record<MapName, Form[][]> } {
  const all: Form[] = [];
  const empty = (): Form[][] => Array.from({ length: 256 }, () => []);
  const byOpcode = { one: empty(), '0f': empty(), '0f38': empty(), '0f3a': empty() };
  for (const op of ops) {
    for (const enc of op.enc) {
      parse(op, enc, (f) => {
        const form = { ...f, id: all.length };
        all.push(form);
        (byOpcode[f.map][f.opcode] as Form[]).push(form);
      });
    }
  }
  for (const map of Object.values(byOpcode)) for (const list of map) list.sort((a, b) => ones(b.mask) - ones(a.mask));
  return { all, byOpcode };
}
