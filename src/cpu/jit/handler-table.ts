// The handlers by number as the build knows them, packed: the compiler makes one an object when it first meets its number.
//   26 bytes a handler: u16 index of the operation in isa's list, i8 condition code, u8 size, u8 unaligned, u8 number of operands, 5 operands of
//   4 bytes: kind, width / 8, access, 1 + fixed register or 0
import { ACCESSES } from '../../isa/form.ts';
import type { OpValue } from '../../isa/op.ts';
import type { Handler, HandlerOperand } from '../interp/handlers.ts';

const BYTES = 26;
const OPERANDS_AT = 6;
const MOST_OPERANDS = 5;
const KINDS = ['r', 'x', 'n', 'm', 'i', 'i64', 'j', 's', 'none'] as const satisfies readonly HandlerOperand['kind'][];

export function packHandlers(handlers: readonly Handler[], ops: readonly OpValue[]): Uint8Array {
  const index = new Map(ops.map((o, i) => [o, i]));
  const packed = new Uint8Array(handlers.length * BYTES);
  const view = new DataView(packed.buffer);
  handlers.forEach((h, i) => {
    const at = i * BYTES;
    if (h.operands.length > MOST_OPERANDS) throw new Error(`${h.op.name}: too many operands`);
    view.setUint16(at, index.get(h.op) as number, true);
    view.setInt8(at + 2, h.cc);
    packed.set([h.size, h.unaligned ? 1 : 0, h.operands.length], at + 3);
    h.operands.forEach((o, k) => {
      const fixed = o.fixed === undefined ? 0 : o.fixed + 1;
      packed.set([KINDS.indexOf(o.kind), o.w / 8, ACCESSES.indexOf(o.access), fixed], at + OPERANDS_AT + 4 * k);
    });
  });
  return packed;
}

export class PackedHandlers {
  readonly #packed: Uint8Array;
  readonly #ops: readonly OpValue[];
  readonly #handlers: (Handler | undefined)[];
  /** `ops` must be the list that packHandlers was given. */
  constructor(packed: Uint8Array, ops: readonly OpValue[]) {
    this.#packed = packed;
    this.#ops = ops;
    this.#handlers = new Array<Handler | undefined>(packed.length / BYTES).fill(undefined);
  }
  /** The handler with a number less FIRST_HANDLER; undefined where there is none. */
  get(n: number): Handler | undefined {
    if (n < 0 || n >= this.#handlers.length) return undefined;
    return (this.#handlers[n] ??= this.#make(n * BYTES));
  }
  #make(at: number): Handler {
    const packed = this.#packed;
    const byte = (i: number): number => packed[at + i] as number;
    return {
      op: this.#ops[byte(0) | (byte(1) << 8)] as OpValue,
      cc: (byte(2) << 24) >> 24,
      size: byte(3) as Handler['size'],
      unaligned: byte(4) !== 0,
      hot: false,
      operands: Array.from({ length: byte(5) }, (_, k) => {
        const o = OPERANDS_AT + 4 * k;
        return {
          kind: KINDS[byte(o)]!,
          w: (byte(o + 1) * 8) as HandlerOperand['w'],
          access: ACCESSES[byte(o + 2)]!,
          ...(byte(o + 3) ? { fixed: byte(o + 3) - 1 } : {}),
        };
      }),
    };
  }
}
