// The decoder's table: packed at build time so that starting costs nothing, a form made an object when it is first met.
//   u32   number of forms, of operands, of strings
//   u32   where each string ends, counted from the first
//   u16   for each map and opcode: its first form (the next entry's is its end)
//   u16   a form: mask, value, name (a string's number), att and intel (the same), flags, (cc + 1) | (prefix + 1) << 8, imm1 | imm2 << 8, vsib | broadcast << 8,
//         5 operands (index + 1, 0 none)
//   u8    an operand: source, bank, size, number, access
//   u8    strings
import type { DefinedForm } from './encoding.ts';
import { ACCESSES, BANKS, type Form, MAPS, type MapName, type Operand, SIZES, SOURCES } from './form.ts';

const WORDS = 14;
const FLAGS_AT = 5;
const OPERANDS_AT = 9;
const MOST_OPERANDS = 5;
const ROOTS = MAPS.length * 256 + 1;
const FLAGS = [
  'modrm',
  'lock',
  'd64',
  'rep',
  'unaligned',
  'vvvv',
  'mask',
  'zeroing',
  'mustMask',
  'rounding',
  'sae',
  'usesW',
  'sib',
] as const satisfies readonly (keyof Form)[];

/** What a decoder matches: candidates of an opcode are forms roots[o] up to roots[o + 1]. */
export class DecodeTable {
  readonly roots: Uint16Array;
  readonly #words: Uint16Array;
  readonly #bytes: Uint8Array;
  readonly #operandsAt: number;
  readonly #operands: (Operand | undefined)[];
  readonly #stringEnds: Uint32Array;
  readonly #stringsAt: number;
  readonly #forms: (Form | undefined)[];

  /** Reads what packForms wrote; the bytes must stay as they are. */
  constructor(packed: Uint8Array) {
    const bytes = packed.byteOffset % 4 ? packed.slice() : packed;
    const head = new Uint32Array(bytes.buffer, bytes.byteOffset, 3);
    const [forms, operands, strings] = [head[0] as number, head[1] as number, head[2] as number];
    let at = 12;
    this.#stringEnds = new Uint32Array(bytes.buffer, bytes.byteOffset + at, strings);
    at += strings * 4;
    this.roots = new Uint16Array(bytes.buffer, bytes.byteOffset + at, ROOTS);
    at += ROOTS * 2;
    this.#words = new Uint16Array(bytes.buffer, bytes.byteOffset + at, forms * WORDS);
    at += forms * WORDS * 2;
    this.#bytes = bytes;
    this.#operandsAt = at;
    this.#stringsAt = at + 5 * operands;
    this.#operands = new Array<Operand | undefined>(operands).fill(undefined);
    this.#forms = new Array<Form | undefined>(forms).fill(undefined);
  }
  get size(): number {
    return this.#forms.length;
  }
  matches(id: number, key: number): boolean {
    return (key & (this.#words[id * WORDS] as number)) === this.#words[id * WORDS + 1];
  }
  /** What `matches` compares of a key, and with what. */
  bits(id: number): { readonly mask: number; readonly value: number } {
    return { mask: this.#words[id * WORDS] as number, value: this.#words[id * WORDS + 1] as number };
  }
  /** Does form `id` have a ModRM byte? */
  hasModrm(id: number): boolean {
    return ((this.#words[id * WORDS + FLAGS_AT] as number) & 1) !== 0;
  }
  /** Names of the forms in some maps, without those whose text says that they are VEX forms. */
  namesOf(maps: readonly MapName[]): ReadonlySet<string> {
    const names = new Set<string>();
    for (const map of maps) {
      const root = MAPS.indexOf(map) * 256;
      for (let id = this.roots[root] as number; id < (this.roots[root + 256] as number); id++) {
        const f = this.form(id);
        if (!f.att.startsWith('{vex}')) names.add(f.name);
      }
    }
    return names;
  }
  form(id: number): Form {
    return this.#forms[id] ?? this.#make(id);
  }
  #operand(i: number): Operand {
    const at = this.#operandsAt + 5 * i;
    const byte = (n: number): number => this.#bytes[at + n] as number;
    return (this.#operands[i] ??= {
      source: SOURCES[byte(0)]!,
      bank: BANKS[byte(1)]!,
      size: SIZES[byte(2)]!,
      number: byte(3),
      access: ACCESSES[byte(4)]!,
    });
  }
  #string(i: number): string {
    const from = i === 0 ? 0 : (this.#stringEnds[i - 1] as number);
    return String.fromCharCode(
      ...this.#bytes.subarray(this.#stringsAt + from, this.#stringsAt + (this.#stringEnds[i] as number)),
    );
  }
  #make(id: number): Form {
    const word = (i: number): number => this.#words[id * WORDS + i] as number;
    const operands: Operand[] = [];
    for (let i = 0; i < MOST_OPERANDS; i++) {
      const n = word(OPERANDS_AT + i);
      if (n) operands.push(this.#operand(n - 1));
    }
    const flag = (name: (typeof FLAGS)[number]): boolean => (word(FLAGS_AT) & (1 << FLAGS.indexOf(name))) !== 0;
    const form: Form = {
      id,
      name: this.#string(word(2)),
      att: this.#string(word(3)),
      intel: this.#string(word(4)),
      cc: (word(6) & 0xff) - 1,
      prefix: (word(6) >> 8) - 1,
      usesW: flag('usesW'),
      sib: flag('sib'),
      modrm: flag('modrm'),
      operands,
      imm1: word(7) & 0xff,
      imm2: word(7) >> 8,
      lock: flag('lock'),
      d64: flag('d64'),
      rep: flag('rep'),
      unaligned: flag('unaligned'),
      vvvv: flag('vvvv'),
      mask: flag('mask'),
      zeroing: flag('zeroing'),
      mustMask: flag('mustMask'),
      broadcast: word(8) >> 8,
      rounding: flag('rounding'),
      sae: flag('sae'),
      vsib: SIZES[word(8) & 0xff]!,
    };
    this.#forms[id] = form;
    return form;
  }
}

/** Packs forms as encoding.ts gives them. */
export function packForms(forms: readonly DefinedForm[]): Uint8Array {
  const index = (): { of: (key: string) => number; keys: () => string[] } => {
    const known = new Map<string, number>();
    return {
      of(key) {
        if (!known.has(key)) known.set(key, known.size);
        return known.get(key) as number;
      },
      keys: () => [...known.keys()],
    };
  };
  const strings = index();
  const operands = index();
  const roots = new Uint16Array(ROOTS);
  for (const f of forms) (roots[MAPS.indexOf(f.map) * 256 + f.opcode + 1] as number)++;
  for (let i = 1; i < ROOTS; i++) roots[i] = (roots[i] as number) + (roots[i - 1] as number);
  const words = new Uint16Array(forms.length * WORDS);
  for (const f of forms) {
    const at = f.id * WORDS;
    if (f.operands.length > MOST_OPERANDS) throw new Error(`${f.name} ${f.enc}: too many operands`);
    words.set(
      [
        f.mask0,
        f.value,
        strings.of(f.name),
        strings.of(f.att),
        strings.of(f.intel),
        FLAGS.reduce((r, name, i) => r | (f[name] ? 1 << i : 0), 0),
        (f.cc + 1) | ((f.prefix + 1) << 8),
        f.imm1 | (f.imm2 << 8),
        SIZES.indexOf(f.vsib) | (f.broadcast << 8),
        ...f.operands.map(
          (o) =>
            operands.of(
              [
                SOURCES.indexOf(o.source),
                BANKS.indexOf(o.bank),
                SIZES.indexOf(o.size),
                o.number,
                ACCESSES.indexOf(o.access),
              ].join(),
            ) + 1,
        ),
      ],
      at,
    );
  }
  const operandBytes = operands.keys().flatMap((k) => k.split(',').map(Number));
  let ends = 0;
  const stringEnds = strings.keys().map((k) => (ends += k.length));
  const text = Array.from(strings.keys().join(''), (c) => c.charCodeAt(0));
  const head = new Uint32Array([forms.length, operandBytes.length / 5, stringEnds.length, ...stringEnds]);
  const parts = [head, roots, words].map((a) => new Uint8Array(a.buffer));
  const bytes = [...parts, Uint8Array.from(operandBytes), Uint8Array.from(text)];
  const packed = new Uint8Array(bytes.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of bytes) {
    packed.set(p, at);
    at += p.length;
  }
  return packed;
}
