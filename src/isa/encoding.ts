// Reads the encodings of definitions into forms: what the decoder matches and where operands come from. Build time only; the running CPU reads table.ts.
import * as F from './form.ts';
import { type Access, type Bank, type Form, KEY, type MapName, type Operand, type Size, type Source } from './form.ts';
import type { OpValue } from './op.ts';

/** A form with what only the build needs: its definition, and what the decoder's table is made from. */
export interface DefinedForm extends Form {
  readonly op: OpValue;
  readonly map: MapName;
  readonly opcode: number;
  readonly mask0: number;
  readonly value: number;
  readonly enc: string;
}

/** Fixed general registers. CX and DX of counts and ports don't tell an operation's size, but that is the disassembler's matter. */
const FIXED: Record<string, readonly [Bank, number, Size]> = {
  AL: ['gpr', 0, 'b'],
  CL: ['gpr', 1, 'b'],
  AX: ['gpr', 0, 'w'],
  DX: ['gpr', 2, 'w'],
  EAX: ['gpr', 0, 'd'],
  ECX: ['gpr', 1, 'd'],
  EDX: ['gpr', 2, 'd'],
  EBX: ['gpr', 3, 'd'],
  eAX: ['gpr', 0, 'z'],
  rAX: ['gpr', 0, 'v'],
  rCX: ['gpr', 1, 'v'],
  rDX: ['gpr', 2, 'v'],
  mAX: ['gpr', 0, 'm'],
  '1': ['none', 1, 'b'],
  '3': ['none', 3, 'b'],
  XMM0: ['xmm', 0, 'dq'],
  ST0: ['st', 0, 't'],
  ES: ['seg', 0, 'w'],
  CS: ['seg', 1, 'w'],
  SS: ['seg', 2, 'w'],
  DS: ['seg', 3, 'w'],
  FS: ['seg', 4, 'w'],
  GS: ['seg', 5, 'w'],
};
/** The manual's letters (SDM vol. 2 appendix A.2.1); K, T and B before a letter's role: opmask, tile and bound registers; XB: xlat's string. */
const LETTERS: Record<string, readonly [Source, Bank]> = {
  E: ['rm', 'gpr'],
  R: ['rmreg', 'gpr'],
  G: ['reg', 'gpr'],
  B: ['vvvv', 'gpr'],
  M: ['mem', 'none'],
  Z: ['opreg', 'gpr'],
  V: ['reg', 'xmm'],
  W: ['rm', 'xmm'],
  U: ['rmreg', 'xmm'],
  H: ['vvvv', 'xmm'],
  L: ['is4', 'xmm'],
  P: ['reg', 'mm'],
  Q: ['rm', 'mm'],
  N: ['rmreg', 'mm'],
  I: ['imm', 'none'],
  J: ['rel', 'none'],
  O: ['moffs', 'none'],
  S: ['reg', 'seg'],
  C: ['reg', 'cr'],
  D: ['reg', 'dr'],
  X: ['si', 'none'],
  Y: ['di', 'none'],
  XB: ['si', 'none'],
  KG: ['reg', 'k'],
  KH: ['vvvv', 'k'],
  KR: ['rmreg', 'k'],
  KE: ['rm', 'k'],
  TG: ['reg', 'tmm'],
  TR: ['rmreg', 'tmm'],
  TH: ['vvvv', 'tmm'],
  BG: ['reg', 'bnd'],
  BE: ['rm', 'bnd'],
};

export function operand(text: string, access: Access, vex: boolean): Operand {
  const fixed = FIXED[text];
  if (fixed) return { source: 'fixed', bank: fixed[0], number: fixed[1], size: fixed[2], access };
  if (text === 'STi') return { source: 'rmreg', bank: 'st', size: 't', number: 0, access };
  const m = /^(K[GHRE]|T[GRH]|B[GE]|XB|[A-Z])([a-z]*)$/.exec(text);
  const letter = LETTERS[m?.[1] ?? ''];
  const rest = m?.[2] === 'ps' || m?.[2] === 'pd' ? 'x' : m?.[2] === 'ss' ? 'd' : m?.[2] === 'sd' ? 'q' : m?.[2];
  const size = rest === '' ? 'none' : rest === 'x' && !vex ? 'dq' : (rest as Size);
  if (!letter || !F.SIZES.includes(size)) throw new Error(`operand ${text}`);
  // The register of a string operand: rsi, rdi; rbx of xlat.
  const number = m?.[1] === 'XB' ? 3 : letter[0] === 'si' ? 6 : letter[0] === 'di' ? 7 : 0;
  return { source: letter[0], bank: letter[1], size, number, access };
}

const ATTRIBUTES = new Set(['lock', 'd64', 'i64', 'o64', 'rep', 'jcc', 'ua', 'k', 'kz', 'k!', 'er', 'sae', 'sib']);
const PREFIX: Record<string, number> = { np: 0, '66': 1, f3: 2, f2: 3 };
/** Map tokens, and what the map is with a VEX, EVEX or XOP token before. */
const PLAIN_MAPS: Record<string, MapName> = { '0f': '0f', '0f38': '0f38', '0f3a': '0f3a', '3dnow': '3dnow' };
const VEX_MAPS: Record<string, Record<string, MapName>> = {
  vex: { '0f': 'vex1', '0f38': 'vex2', '0f3a': 'vex3' },
  evex: { '0f': 'evex1', '0f38': 'evex2', '0f3a': 'evex3', m5: 'evex5', m6: 'evex6' },
  xop: { m8: 'xop8', m9: 'xop9', ma: 'xopa' },
};
const BITS: Record<string, readonly [at: number, value: number]> = {
  w0: [KEY.w, 0],
  w1: [KEY.w, 1],
  rexb0: [KEY.rexB, 0],
  rexb1: [KEY.rexB, 1],
  rexr0: [KEY.rexR, 0],
};

const immediate = (o: Operand): number => {
  if (o.source === 'moffs') return F.IMM_MOFFS;
  if (o.source === 'is4') return F.IMM_8;
  if (o.source === 'fixed') return o.bank === 'none' ? F.IMM_ONE : F.IMM_NONE;
  if (o.source !== 'imm' && o.source !== 'rel') return F.IMM_NONE;
  const by: Partial<Record<Size, number>> = {
    b: F.IMM_8,
    bs: F.IMM_8,
    w: F.IMM_16,
    d: F.IMM_32,
    v: F.IMM_V,
    p: F.IMM_FAR,
  };
  return by[o.size] ?? F.IMM_Z;
};

function parse(op: OpValue, enc: string, add: (f: Omit<DefinedForm, 'id'>) => void): void {
  const words = enc.split(/\s+/);
  const bad = (what: string): never => {
    throw new Error(`${op.name}: ${what} in "${enc}"`);
  };
  let family = '';
  let map: MapName = 'one';
  let mask0 = 0;
  let value = 0;
  const need = (at: number, bits: number, v: number): void => {
    mask0 |= ((1 << bits) - 1) << at;
    value |= v << at;
  };
  let i = 0;
  // The opcode is the last word of two hexadecimal digits (with /digit or :modrm) in a row of tokens.
  const tokens = [
    ...Object.keys(PREFIX),
    ...Object.keys(PLAIN_MAPS),
    ...Object.keys(VEX_MAPS),
    ...Object.keys(BITS),
    'm5',
    'm6',
    'm8',
    'm9',
    'ma',
    'l0',
    'l1',
    'l2',
  ];
  const opcodeLike = /^[0-9a-f]{2}([/:].*)?$/;
  for (; i < words.length - 1; i++) {
    const t = words[i] as string;
    const next = words[i + 1] as string;
    if (!tokens.includes(t) || !(tokens.includes(next) || opcodeLike.test(next))) break;
    const bits = BITS[t];
    if (t in VEX_MAPS) family = t;
    else if (family && VEX_MAPS[family]?.[t]) map = VEX_MAPS[family]?.[t] as MapName;
    else if (t in PLAIN_MAPS) map = PLAIN_MAPS[t] as MapName;
    else if (t in PREFIX) need(KEY.prefix, 2, PREFIX[t] as number);
    else if (bits) need(bits[0], 1, bits[1]);
    else if (/^l[012]$/.test(t)) need(KEY.l, 2, Number(t[1]));
    else bad(t);
  }
  const m = /^([0-9a-f]{2})(?:\/([0-7])(r?)|:([0-9a-f]{2}))?$/.exec(words[i++] as string);
  if (!m) return bad('no opcode');
  const opcode = Number.parseInt(m[1] as string, 16);
  const isAttribute = (w: string): boolean => ATTRIBUTES.has(w) || /^b(16|32|64)$|^(vsib|att|intel|text)=/.test(w);
  let texts: string[] = [];
  if (i < words.length && !isAttribute(words[i] as string)) texts = (words[i++] as string).split(',');
  const attributes = new Set(words.slice(i));
  for (const a of attributes) if (!isAttribute(a)) bad(`attribute ${a}`);
  const vex = family !== '';
  const operands = texts.map((t, n) => operand(t, op.access?.[n] ?? (n === 0 ? 'rw' : 'r'), vex));
  const from = (...sources: Source[]): boolean => operands.some((o) => sources.includes(o.source));
  const modrm = m[2] !== undefined || m[4] !== undefined || from('rm', 'mem', 'rmreg', 'reg');
  if (m[2]) need(KEY.reg, 3, Number(m[2]));
  if (m[4]) {
    const b = Number.parseInt(m[4], 16);
    need(KEY.reg, 3, (b >> 3) & 7);
    need(KEY.mod3, 1, 1);
    need(KEY.rm, 3, b & 7);
  } else if (m[3]) need(KEY.mod3, 1, 1);
  else if (from('mem')) need(KEY.mod3, 1, 0);
  else if (from('rmreg')) need(KEY.mod3, 1, 1);
  if (attributes.has('i64')) need(KEY.mode64, 1, 0);
  if (attributes.has('o64')) need(KEY.mode64, 1, 1);
  const valued = (name: string): string | undefined =>
    [...attributes].find((a) => a.startsWith(name))?.slice(name.length);
  const hint = (text = ''): string => (text === '%' ? `${op.name}%` : text);
  const immediates = operands.map(immediate).filter((k) => k !== F.IMM_NONE);
  // Registers in the last immediate's high half share its byte with an immediate in the low half.
  if (from('is4') && immediates.length > 1) immediates.pop();
  if (immediates.length > 2) bad('three immediates');
  const base = {
    op,
    name: op.name,
    att: hint(valued('att=') ?? valued('text=') ?? op.att ?? op.text),
    intel: hint(valued('intel=') ?? valued('text=') ?? op.intel ?? op.text),
    prefix: mask0 & 3 ? value & 3 : -1,
    usesW: (mask0 & (1 << KEY.w)) !== 0,
    map,
    mask0,
    value,
    modrm,
    operands,
    imm1: immediates[0] ?? F.IMM_NONE,
    imm2: immediates[1] ?? F.IMM_NONE,
    lock: attributes.has('lock'),
    d64: attributes.has('d64'),
    rep: attributes.has('rep'),
    unaligned: attributes.has('ua'),
    vvvv: from('vvvv'),
    mask: attributes.has('k') || attributes.has('kz') || attributes.has('k!'),
    zeroing: attributes.has('kz'),
    mustMask: attributes.has('k!'),
    broadcast: Number([...attributes].find((a) => /^b\d/.test(a))?.slice(1) ?? 0) / 8,
    rounding: attributes.has('er'),
    sae: attributes.has('sae'),
    sib: attributes.has('sib') || valued('vsib=') !== undefined,
    vsib: (valued('vsib=') ?? 'none') as Size,
    enc,
  };
  if (from('opreg')) for (let r = 0; r < 8; r++) add({ ...base, opcode: opcode + r, cc: -1 });
  else if (attributes.has('jcc')) for (let cc = 0; cc < 16; cc++) add({ ...base, opcode: opcode + cc, cc });
  else add({ ...base, opcode, cc: -1 });
}

const ones = (n: number): number => {
  let k = 0;
  for (let x = n; x; x &= x - 1) k++;
  return k;
};

/** All forms of the definitions, by map and opcode, of one opcode the most particular first: a form's id is its index. */
export function forms(ops: readonly OpValue[]): DefinedForm[] {
  const all: Omit<DefinedForm, 'id'>[] = [];
  for (const op of ops) for (const enc of op.enc) parse(op, enc, (f) => all.push(f));
  const place = (f: Omit<DefinedForm, 'id'>): number =>
    (F.MAPS.indexOf(f.map) * 256 + f.opcode) * 32 + (KEY.bits - ones(f.mask0));
  return all.sort((a, b) => place(a) - place(b)).map((f, id) => ({ ...f, id }));
}
