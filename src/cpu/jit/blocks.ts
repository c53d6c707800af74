// A translated block as the compiler sees it: how it ends and where control goes, read from its records.
import type { Handler } from '../interp/handlers.ts';
import * as R from '../record.ts';
import type { Block } from '../translate.ts';
import type { PackedHandlers } from './handler-table.ts';

export type Ending =
  /** On to `to`: a jump, or just what follows. */
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'branch'; readonly taken: number; readonly next: number }
  | { readonly kind: 'call'; readonly to: number; readonly back: number }
  | { readonly kind: 'return' }
  | { readonly kind: 'indirect call'; readonly back: number }
  | { readonly kind: 'indirect jump' }
  /** Only the interpreter knows. */
  | { readonly kind: 'leave' };

const BRANCHES = new Set(['j', 'loop', 'loope', 'loopne', 'jrcxz']);

export class Blocks {
  readonly #view: DataView;
  readonly #handlers: PackedHandlers;
  constructor(view: DataView, handlers: PackedHandlers) {
    this.#view = view;
    this.#handlers = handlers;
  }
  /** The handler of a record, undefined where it is one of the interpreter's own. */
  handler(record: number): Handler | undefined {
    return this.#handlers.get(this.#view.getUint16(record + R.REC_OP, true) - R.FIRST_HANDLER);
  }
  /** How often it was reached by the interpreter, roughly. */
  visits(b: Block): number {
    return b.heat + this.#view.getUint8(b.first + R.REC_HEAT);
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
        return relative ? { kind: 'jump', to } : { kind: 'indirect jump' };
      case 'call':
        return relative ? { kind: 'call', to, back: behind } : { kind: 'indirect call', back: behind };
      case 'ret':
        return { kind: 'return' };
      default:
        return { kind: 'leave' };
    }
  }
}
