// Which handlers the interpreter needs: one for each operation, operand size and kinds of operands; forms that differ only in encoding share one.
import type { DefinedForm } from '../../isa/encoding.ts';
import type { Operand } from '../../isa/form.ts';
import type { OpValue } from '../../isa/op.ts';
import { FIRST_HANDLER } from '../record.ts';

export type OpSize = 16 | 32 | 64;
/** What an operand is to a handler. `m`: in memory; `r x n`: general, xmm, mmx register by its offset; `i`: immediate; `j`: jump target; `a`: nothing is passed but the address. */
export interface HandlerOperand {
  readonly kind: 'r' | 'x' | 'n' | 'm' | 'i' | 'i64' | 'j' | 's' | 'none';
  readonly w: 8 | 16 | 32 | 64 | 128;
  readonly access: Operand['access'];
  /** Register number where it is fixed and no slot is left. */
  readonly fixed?: number;
}
export interface Handler {
  readonly op: OpValue;
  /** The condition code of a jcc-like form, else -1. */
  readonly cc: number;
  /** A 16-byte memory operand needn't be aligned. */
  readonly unaligned: boolean;
  readonly size: 8 | OpSize;
  readonly operands: readonly HandlerOperand[];
  readonly hot: boolean;
}

export function widthOf(o: Operand, size: OpSize): 8 | 16 | 32 | 64 | 128 {
  switch (o.size) {
    case 'b':
      return 8;
    case 'w':
    case 'u':
      return 16;
    case 'd':
      return 32;
    case 'q':
      return 64;
    case 'dq':
    case 't':
      return 128;
    case 'y':
      return size === 64 ? 64 : 32;
    case 'z':
      return o.source === 'imm' ? size : size === 16 ? 16 : 32;
    default:
      return size;
  }
}

/** Sizes 16 are rare but for plain moves and comparisons. */
const HOT16 = new Set(['mov', 'cmp', 'test', 'movzx', 'movsx']);

export function handlerOf(form: DefinedForm, size: OpSize, mem: boolean): Handler & { readonly key: string } {
  let slots = 0;
  const operands = form.operands.map((o): HandlerOperand => {
    // A jump is of its own size only where that cuts the instruction pointer.
    const w = o.source === 'rel' ? (size === 16 ? 16 : 32) : widthOf(o, size);
    const base = { w, access: o.access };
    if (o.source === 'mem' || o.source === 'moffs' || (o.source === 'rm' && mem)) return { ...base, kind: 'm' };
    if (o.source === 'imm') return { ...base, kind: o.size === 'v' ? 'i64' : 'i' };
    if (o.source === 'fixed' && o.bank === 'none') return { ...base, kind: 'i' };
    if (o.source === 'rel') return { ...base, kind: 'j' };
    if (o.source === 'si' || o.source === 'di') return { ...base, kind: 's' };
    const kind = o.bank === 'gpr' || o.bank === 'seg' ? 'r' : o.bank === 'xmm' ? 'x' : o.bank === 'mm' ? 'n' : 'none';
    if (kind === 'none') return { ...base, kind };
    if (slots++ >= 2) {
      if (o.source !== 'fixed') throw new Error(`${form.op.name} ${form.enc}: three register operands`);
      return { ...base, kind, fixed: o.number };
    }
    return { ...base, kind };
  });
  const first = form.operands[0];
  const real: Handler['size'] = first?.size === 'b' ? 8 : size;
  const sized =
    form.d64 ||
    form.op.sized ||
    form.operands.length === 0 ||
    form.operands.some((o) => ['v', 'z', 'y', 'bs', 'none'].includes(o.size) && o.source !== 'rel') ||
    form.operands.some((o) => o.source === 'si' || o.source === 'di');
  const key = [
    form.op.name,
    form.enc.includes('jcc') ? form.cc : '',
    sized ? real : real === 8 ? 8 : '',
    ...operands.map((o) => `${o.kind}${o.w}${o.access}${o.fixed ?? ''}`),
    form.unaligned ? 'u' : '',
    ops(form),
  ].join(':');
  // Where no operand shows the operation's size, 16 is as good as any, but for jumps, which it cuts.
  const rare = real === 16 && (sized || form.operands.some((o) => o.source === 'rel')) && !HOT16.has(form.op.name);
  const hot = form.op.hot !== undefined && !rare && !(form.op.hot === 'registers' && mem);
  return { key, op: form.op, cc: form.cc, unaligned: form.unaligned, size: real, operands, hot };
}
/** Two operations of one name (imul with one, two, three operands) are told apart by their definition. */
const ids = new Map<object, number>();
function ops(form: DefinedForm): number {
  const known = ids.get(form.op);
  if (known !== undefined) return known;
  ids.set(form.op, ids.size);
  return ids.size - 1;
}

export interface HandlerTable {
  /** Inline ones first; a handler's number is its index + FIRST_HANDLER. */
  readonly handlers: readonly Handler[];
  readonly inline: number;
  /** Handler number of form f, size s (0: 16, 1: 32, 2: 64), memory m: [f * 6 + s * 2 + m]. 0 where the form has no meaning. */
  readonly numbers: Uint16Array;
}
export function handlerTable(forms: readonly DefinedForm[]): HandlerTable {
  const byKey = new Map<string, ReturnType<typeof handlerOf>>();
  const keys: string[] = [];
  for (const f of forms) {
    for (const size of [16, 32, 64] as const) {
      for (const mem of [false, true]) {
        if (!f.op.sem) {
          keys.push('');
          continue;
        }
        const h = handlerOf(f, size, mem);
        if (!byKey.has(h.key)) byKey.set(h.key, h);
        keys.push(h.key);
      }
    }
  }
  const all = [...byKey.values()];
  const handlers = [...all.filter((h) => h.hot), ...all.filter((h) => !h.hot)];
  const number = new Map(handlers.map((h, i) => [h.key, i + FIRST_HANDLER]));
  return {
    handlers,
    inline: all.filter((h) => h.hot).length,
    numbers: Uint16Array.from(keys, (k) => (k ? (number.get(k) as number) : 0)),
  };
}
