// Cases from the instruction definitions: each variant of each form in turn, then again with other values.
import { Decoder } from '../../src/isa/decode.ts';
import { type DefinedForm, forms } from '../../src/isa/encoding.ts';
import { ops } from '../../src/isa/index.ts';
import type { OpValue } from '../../src/isa/op.ts';
import { DecodeTable, packForms } from '../../src/isa/table.ts';
import { type Case, CODE, FOUR_GIB, PAGE, S, WRITABLE_CODE } from './batch.ts';
import { excluded, excludedByName } from './excluded.ts';
import { undefinedFlags } from './flags.ts';
import { type Variant, variants, write } from './instruction.ts';
import { type Kind, Random, Words } from './random.ts';
import { CaseState } from './state.ts';

const EPOCH = 50_000;

export class Generator {
  readonly seed: number;
  readonly variants: readonly Variant[];
  readonly #decoder: Decoder;
  #epoch = -1;
  #words = new Words(0);
  /** Definitions by form. */
  readonly #ops: readonly OpValue[];

  constructor(seed: number, only?: string) {
    const all = forms(ops);
    this.seed = seed;
    this.#ops = all.map((f) => f.op);
    this.#decoder = new Decoder(new DecodeTable(packForms(all)));
    this.variants = variants(all).filter(
      ({ form }) => !excludedByName(form.name) && (only === undefined || form.name === only),
    );
  }
  /** Case `index` of this seed: always the same one. */
  make(index: number): Case {
    const r = new Random(this.seed, index);
    const variant = this.variants[index % this.variants.length] as Variant;
    const { name } = variant.form.op;
    const g = new CaseState(r, kindOf(variant.form, r), this.#wordsFor(index));
    let rip = place(r);
    let code = this.#write(variant, rip, g);
    if (rip === CODE + 2 * PAGE) {
      // The code ends with the page, or is cut off by its end. (Whether ud0 and ud1 have operands that are fetched depends on the maker.)
      rip -= /^ud[01]$/.test(name) ? 64 : r.chance(50) ? code.length : r.below(code.length + 1);
      code = this.#write(variant, rip, g);
    }
    g.set(S.rip, BigInt(rip));
    g.put(rip, code);
    return this.#finish(index, g, code, name);
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
  /** Writes until it is something the host can be asked about: stray prefixes may have made another instruction of it. */
  #write(variant: Variant, rip: number, g: CaseState): Uint8Array {
    for (;;) {
      const code = Uint8Array.from(write(variant, rip, g, { stray: true }));
      const d = this.#decoder;
      d.decode(code, 0, code.length, true);
      if (excluded(d, this.#ops) === undefined) return code;
    }
  }
  #finish(index: number, g: CaseState, code: Uint8Array, name: string): Case {
    const d = this.#decoder;
    d.decode(code, 0, code.length, true);
    return {
      seed: this.seed,
      index,
      state: g.bytes,
      pieces: g.pieces,
      code,
      name: d.form?.name ?? name,
      undefinedFlags: d.form ? undefinedFlags(d, this.#ops[d.form.id] as OpValue, g.bytes) : 0,
    };
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
