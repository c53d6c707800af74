// Records as the translator should write them, from what the decoder says: the same in plain words, to compare with.

import * as L from '../../src/cpu/layout.ts';
import { FIXED, FROM_OPCODE, FROM_REG, FROM_RM_OR_MEMORY, type Plan, planOf, type Slot } from '../../src/cpu/plan.ts';
import * as R from '../../src/cpu/record.ts';
import { ABSOLUTE, Decoder, RIP } from '../../src/isa/decode.ts';
import type { DecodeTable } from '../../src/isa/table.ts';

const NONE = L.ZERO | (L.ZERO << 16);

export class Reference {
  readonly #decoder: Decoder;
  readonly #table: DecodeTable;
  readonly #numbers: Uint16Array;
  readonly #plans: (Plan | undefined)[] = [];
  /** The records of the last block, word by word. */
  words: number[] = [];
  /** Bytes of the last block's code. */
  length = 0;

  /** `numbers`: see HandlerTable. */
  constructor(table: DecodeTable, numbers: Uint16Array) {
    this.#decoder = new Decoder(table);
    this.#table = table;
    this.#numbers = numbers;
  }
  /** The block of bytes[at], at address rip. False where its first instruction has no meaning or isn't whole. */
  block(bytes: Uint8Array, at: number, end: number, rip: number, mode64: boolean): boolean {
    const d = this.#decoder;
    this.words = [];
    this.length = 0;
    let last = 0;
    let count = 0;
    do {
      if (!d.decode(bytes, at + this.length, end, mode64)) break;
      const ends = this.#lower(rip + this.length, count + 1);
      if (ends === undefined) break;
      count++;
      last = d.length;
      this.length += last;
      if (ends) return true;
    } while (count < R.MOST && Math.floor((rip + this.length) / L.PAGE) === Math.floor(rip / L.PAGE));
    if (count) this.#put(R.OP_GOTO | (last << 16), L.ZERO | (count << 16), NONE, 0, 0, 0, 0, rip + this.length - last);
    return count > 0;
  }
  #put(
    op: number,
    segCount: number,
    baseIndex: number,
    registers: number,
    disp: number,
    dispHigh: number,
    imm: number,
    rip: number,
  ): void {
    this.words.push(op, registers, baseIndex, segCount, disp, dispHigh, imm, rip | 0);
  }
  /** True: the block ends with it. Undefined: it has no meaning. */
  #lower(rip: number, count: number): boolean | undefined {
    const d = this.#decoder;
    const { form } = d;
    if (!form || d.refused) return undefined;
    this.#plans[form.id] ??= planOf(this.#table.form(form.id), this.#numbers);
    const plan = this.#plans[form.id] as Plan;
    const op = plan.handlers[(d.size === 16 ? 0 : d.size === 32 ? 2 : 4) + (d.mem ? 1 : 0)] as number;
    if (op === R.OP_INVALID || (d.lock && !(plan.lock && d.mem))) return undefined;
    const length = d.length << 16;
    const counted = count << 16;
    const override = d.segment === 4 ? L.FS_BASE : d.segment === 5 ? L.GS_BASE : L.ZERO;
    let segment = L.ZERO;
    let baseIndex = NONE;
    let scale = 0;
    let disp = 0;
    let dispHigh = 0;
    if (d.mem) {
      if (!plan.lea) segment = override;
      baseIndex = (d.base >= 0 ? L.GPR + 8 * d.base : L.ZERO) | ((d.index >= 0 ? L.GPR + 8 * d.index : L.ZERO) << 16);
      scale = d.scale << 24;
      let sum = d.base === RIP ? rip + d.length + d.disp : d.disp;
      if (plan.pop && d.base === 4) sum += d.size / 8;
      disp = sum | 0;
      dispHigh = d.base === ABSOLUTE ? d.immHigh : sum === disp ? disp >> 31 : Math.floor(sum / 0x1_0000_0000);
      const narrow = d.address32 && d.mode64;
      if (narrow || segment !== L.ZERO) {
        const kind = narrow ? R.OP_EA32 : R.OP_EA;
        this.#put(kind | length | scale, counted | segment, baseIndex, 0, disp, dispHigh, 0, rip);
        baseIndex = L.SCRATCH_REG | (L.ZERO << 16);
        scale = narrow ? R.NARROW << 24 : 0;
        disp = dispHigh = 0;
      }
    }
    let registers = 0;
    let shift = 0;
    for (const s of plan.slots) {
      if (shift === 32 || (s.from === FROM_RM_OR_MEMORY && d.mem)) continue;
      registers |= this.#offset(s) << shift;
      shift += 16;
    }
    let { imm } = d;
    if (plan.wideImmediate) {
      disp = d.imm;
      dispHigh = d.immHigh;
    } else if (plan.enter) imm = (d.imm & 0xffff) | (d.imm2 << 16);
    else if (plan.bits) imm = d.address32 ? 32 : 0;
    else if (plan.masked) {
      if (plan.segment) segment = override;
      if (plan.string) imm = d.repeat;
      disp = -1;
      dispHigh = d.address32 ? 0 : -1;
    }
    this.#put(op | length | scale, counted | segment, baseIndex, registers, disp, dispHigh, imm, rip);
    return plan.ends;
  }
  #offset(s: Slot): number {
    const d = this.#decoder;
    const n = s.from === FIXED ? s.number : s.from === FROM_REG ? d.reg : s.from === FROM_OPCODE ? d.opreg : d.rm;
    if (s.byte && d.rex === 0 && n >= 4 && n < 8) return L.GPR + 8 * (n - 4) + 1;
    return s.base + s.stride * (n & s.mask);
  }
}
