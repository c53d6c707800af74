// A translated block as the compiler sees it: how it ends and where control goes, read from its records.
import type { Handler } from '../interp/handlers.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import type { Block } from '../translations.ts';
import type { PackedHandlers } from './handler-table.ts';

export type Ending =
  /** On to `to`: a jump, or just what follows. */
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'branch'; readonly taken: number; readonly next: number }
  | { readonly kind: 'call'; readonly to: number; readonly back: number }
  | { readonly kind: 'return' }
  | { readonly kind: 'indirect call'; readonly back: number; readonly targets: readonly number[] }
  | { readonly kind: 'indirect jump'; readonly targets: readonly number[] }
  /** Only the interpreter knows. */
  | { readonly kind: 'leave' };

/** Done by the interpreter: what may end a run when it is done itself. */
const INTERPRETED = new Set(['popf', 'iret', 'ldmxcsr']);
const BRANCHES = new Set(['j', 'loop', 'loope', 'loopne', 'jrcxz']);

export class Blocks {
  readonly #view: DataView;
  readonly #handlers: PackedHandlers;
  /** Where jumps went, by the address of the jump. */
  readonly #jumps: ReadonlyMap<number, readonly number[]>;
  constructor(view: DataView, handlers: PackedHandlers, jumps: ReadonlyMap<number, readonly number[]>) {
    this.#view = view;
    this.#handlers = handlers;
    this.#jumps = jumps;
  }
  /** The handler of a record, undefined where it is one of the interpreter's own. */
  handler(record: number): Handler | undefined {
    return this.#handlers.get(this.#view.getUint16(record + R.REC_OP, true) - R.FIRST_HANDLER);
  }
  /** The interpreter does one of its instructions, and goes on from there. */
  interrupted(b: Block): boolean {
    const from = b.copy || b.first;
    for (let r = from; r < from + (b.last - b.first); r += R.RECORD) {
      const op = this.#view.getUint16(r + R.REC_OP, true);
      if (op >= R.FIRST_HANDLER && this.interpreted(this.handler(r))) return true;
    }
    return false;
  }
  interpreted(h: Handler | undefined): boolean {
    return !h || INTERPRETED.has(h.op.name);
  }
  /** How often it was reached by the interpreter, roughly. */
  visits(b: Block): number {
    const over = this.#view.getUint8(L.HEATS + ((b.first >>> 5) & (L.HEATS_COUNT - 1)));
    return b.heat + 256 * over + this.#view.getUint8(b.first + R.REC_HEAT);
  }
  /** Instructions of the block: what it takes from the budget. */
  count(b: Block): number {
    return this.#view.getUint8(b.last - R.RECORD + R.REC_COUNT);
  }
  ending(b: Block, ripBase: number): Ending {
    const view = this.#view;
    // An entry's own first record is changed, its copy's isn't.
    const last = (b.copy ? b.copy + (b.last - b.first) : b.last) - R.RECORD;
    const behind = ripBase + view.getUint32(last + R.REC_RIP, true) + view.getUint8(last + R.REC_LEN);
    if (view.getUint16(last + R.REC_OP, true) === R.OP_GOTO) return { kind: 'jump', to: behind };
    const h = this.handler(last);
    if (!h) return { kind: 'leave' };
    const relative = h.operands[0]?.kind === 'j';
    const to = behind + view.getInt32(last + R.REC_IMM, true);
    if (relative && (h.size === 16 || to < 0)) return { kind: 'leave' };
    const { name } = h.op;
    if (BRANCHES.has(name)) return { kind: 'branch', taken: to, next: behind };
    switch (name) {
      case 'jmp':
        return relative ? { kind: 'jump', to } : { kind: 'indirect jump', targets: this.#targets(last, ripBase) };
      case 'call':
        return relative
          ? { kind: 'call', to, back: behind }
          : { kind: 'indirect call', back: behind, targets: this.#targets(last, ripBase) };
      case 'ret':
        return { kind: 'return' };
      default:
        return { kind: 'leave' };
    }
  }
  /** Where an indirect jump is thought to go: through a pointer at a fixed place (a procedure linkage table's), where that leads now. */
  #targets(record: number, ripBase: number): readonly number[] {
    const view = this.#view;
    const u16 = (field: number): number => view.getUint16(record + field, true);
    const memory = this.handler(record)?.operands[0]?.kind === 'm';
    if (memory && u16(R.REC_BASE) === L.ZERO && u16(R.REC_INDEX) === L.ZERO && u16(R.REC_SEG) === L.ZERO) {
      const at = view.getUint32(record + R.REC_DISP, true);
      const linear = view.getUint32(record + R.REC_DISP + 4, true) === 0 && at < L.GUEST_END;
      if (linear && view.getUint8(L.PERM + (at >>> 12)) & L.RR)
        return [view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000];
    }
    return this.#jumps.get(ripBase + view.getUint32(record + R.REC_RIP, true)) ?? [];
  }
}
