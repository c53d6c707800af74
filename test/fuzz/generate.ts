// Cases from the instruction definitions: each variant of each form in turn, then again with other values.
import { Decoder } from '../../src/isa/decode.ts';
import { type DefinedForm, forms } from '../../src/isa/encoding.ts';
import { ops } from '../../src/isa/index.ts';
import type { OpValue } from '../../src/isa/op.ts';
import { AC, TF } from '../../src/isa/state.ts';
import { DecodeTable, packForms } from '../../src/isa/table.ts';
import { type Case, CODE, FOUR_GIB, type Made, PAGE, S, WRITABLE_CODE } from './batch.ts';
import { EMULATED, excluded, excludedByName } from './excluded.ts';
import { undefinedFlags } from './flags.ts';
import { program } from './grow.ts';
import { type Options, type Variant, variants, write } from './instruction.ts';
import { anyOpcode } from './opcode.ts';
import { type Kind, Random, Words } from './random.ts';
import { selfModifying, sequence } from './sequence.ts';
import { CaseState } from './state.ts';

const EPOCH = 50_000;

/** What cases are made of: an instruction of each form; any opcode with any bytes behind it; several instructions; code that writes to code; programs. */
export const CASE_KINDS = ['form', 'opcode', 'sequence', 'self', 'program'] as const;
export type CaseKind = (typeof CASE_KINDS)[number];
const MIXED: readonly CaseKind[] = ['form', 'form', 'form', 'form', 'form', 'opcode', 'sequence', 'self', 'program'];
const FORMS = MIXED.filter((k) => k === 'form').length;

/** The definitions as cases are made from them. */
export class Instructions {
  readonly variants: readonly Variant[];
  readonly decoder: Decoder;
  /** Definitions by form. */
  readonly ops: readonly OpValue[];

  constructor(only?: string) {
    const all = forms(ops);
    this.ops = all.map((f) => f.op);
    this.decoder = new Decoder(new DecodeTable(packForms(all)));
    this.variants = variants(all).filter(
      ({ form }) => !excludedByName(form.name) && (only === undefined || form.name === only),
    );
  }
  /** Decodes: the decoder then tells what it is. */
  decode(code: Uint8Array): Decoder {
    this.decoder.decode(code, 0, code.length, true);
    return this.decoder;
  }
  undefinedFlags(d: Decoder, state: Buffer): number {
    return d.form ? undefinedFlags(d, this.ops[d.form.id] as OpValue, state) : 0;
  }
  /** Writes until it is something the host can be asked about: stray prefixes may have made another instruction of it. */
  write(variant: Variant, rip: number, g: CaseState, options: Options): Uint8Array {
    for (;;) {
      const code = Uint8Array.from(write(variant, rip, g, options));
      if (excluded(this.decode(code), this.ops) === undefined) return code;
    }
  }
}

export class Generator {
  readonly seed: number;
  readonly instructions: Instructions;
  readonly #kind: CaseKind | undefined;
  #epoch = -1;
  #words = new Words(0);

  constructor(seed: number, options: { only?: string | undefined; kind?: CaseKind | undefined } = {}) {
    this.seed = seed;
    this.instructions = new Instructions(options.only);
    this.#kind = options.only === undefined ? options.kind : 'form';
  }
  /** Cases after which each variant of each form was made at least once. */
  get round(): number {
    return this.instructions.variants.length * (this.#kind === 'form' ? 1 : 2);
  }
  /** Case `index` of this seed: always the same one. */
  make(index: number): Case {
    const r = new Random(this.seed, index);
    const words = this.#wordsFor(index);
    const kind = this.#kind ?? (MIXED[index % MIXED.length] as CaseKind);
    const made =
      kind === 'form'
        ? this.#form(index, r, words)
        : kind === 'opcode'
          ? anyOpcode(this.instructions, r, words)
          : kind === 'sequence'
            ? sequence(this.instructions, r, words)
            : kind === 'self'
              ? selfModifying(r, words)
              : program(this.instructions, r, words);
    return { seed: this.seed, index, ...made };
  }
  #form(index: number, r: Random, words: Words): Made {
    const { variants } = this.instructions;
    const turn = this.#kind === 'form' ? index : Math.floor(index / MIXED.length) * FORMS + (index % MIXED.length);
    const variant = variants[turn % variants.length] as Variant;
    const { name } = variant.form.op;
    const g = new CaseState(r, kindOf(variant.form, r), words);
    let rip = place(r);
    const write = (): Uint8Array => this.instructions.write(variant, rip, g, { stray: true });
    let code = write();
    if (rip === CODE + 2 * PAGE) {
      // The code ends with the page, or is cut off by its end. (Whether ud0 and ud1 have operands that are fetched depends on the maker.)
      rip -= /^ud[01]$/.test(name) ? 64 : r.chance(50) ? code.length : r.below(code.length + 1);
      code = write();
    }
    // No trap follows what the kernel does in the CPU's place, and it needs no alignment. For fxsave's area #AC and #GP are
    // both right.
    if (EMULATED.has(name) || name.startsWith('fx')) g.clearFlags(TF | AC);
    g.set(S.rip, BigInt(rip));
    g.put(rip, code);
    const d = this.instructions.decode(code);
    const undefinedFlags = this.instructions.undefinedFlags(d, g.bytes);
    return { state: g.bytes, pieces: g.pieces, code, name: d.form?.name ?? name, undefinedFlags };
  }
  /** Other words now and then: their number is small. */
  #wordsFor(index: number): Words {
    const epoch = Math.floor(index / EPOCH);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#words = new Words(this.seed + epoch);
    }
    return this.#words;
  }
}

function place(r: Random): number {
  const n = r.below(100);
  if (n < 80) return CODE + 0x400 + r.below(0x400);
  if (n < 86) return CODE + PAGE - r.below(16);
  if (n < 90) return CODE + 2 * PAGE;
  if (n < 97) return WRITABLE_CODE + r.below(2 * PAGE - 0x100);
  // A change of the upper half costs us all translations: not often.
  if (n < 99) return CODE + r.below(PAGE - 0x80);
  return r.chance(50) ? FOUR_GIB - r.below(32) : FOUR_GIB + r.below(64);
}
const FP64 = /(sd|pd)$|^cvt|^(u?comi|round|cmp).*sd/;
const FP32 = /(ss|ps)$|^cvt/;
function kindOf(form: DefinedForm, r: Random): Kind {
  const { name } = form.op;
  if (r.chance(12)) return r.pick(['integer', 'f32', 'f64']);
  const wide = FP64.test(name);
  const narrow = FP32.test(name);
  if (wide && narrow) return r.pick(['integer', 'f32', 'f64']);
  return wide ? 'f64' : narrow ? 'f32' : 'integer';
}
