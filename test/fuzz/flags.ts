// Which flags the definitions leave undefined after an instruction in a given state.
import type { Decoder } from '../../src/isa/decode.ts';
import type { OpValue } from '../../src/isa/op.ts';
import { S } from './batch.ts';

const BIT: Record<string, number> = { o: 0x800, s: 0x80, z: 0x40, a: 0x10, p: 4, c: 1 };
export const mask = (letters: string): number => [...letters].reduce((m, l) => m | (BIT[l] as number), 0);

/** A mask of rflags for the instruction just decoded; `state` is what it starts from (the count in cl). */
export function undefinedFlags(d: Decoder, op: OpValue, state: Buffer): number {
  const form = d.form;
  if (!form) return 0;
  const always = mask(op.undef ?? '');
  const rule = op.undefIf;
  if (!rule) return always;
  const by = form.operands.at(-1);
  const raw = by?.source === 'fixed' && by.bank === 'gpr' ? (state[S.gpr + 8] as number) : d.imm & 0xff;
  const width = form.operands[0]?.size === 'b' ? 8 : d.size;
  const count = raw & (width === 64 ? 63 : 31);
  if (count === 0) return 0;
  const overflow = count === 1 ? 0 : mask('o');
  return always | overflow | (rule === 'shift' && count > width ? mask('c') : 0);
}
