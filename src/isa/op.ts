// One instruction is one value: its encodings in the manual's operand letters, which flags it leaves undefined, and its meaning.
import type { Access } from './form.ts';
import type { Sem, V } from './sem.ts';

export type Meaning = (b: Sem, ...operands: V[]) => V | readonly V[] | void;

export interface OpDef {
  /**
   * Encodings: "[tokens] opcode[/digit | /digitr | :modrm] [operands] [attributes]"; operand letters as in encoding.ts, sizes as in form.ts;
   * /digitr: ModRM names a register, whichever.
   * tokens: 66 f2 f3 (mandatory prefix), np (none of them); vex evex xop before the map; 0f 0f38 0f3a m5 m6 m8 m9 ma 3dnow (map); w0 w1 (REX.W, VEX.W); l0 l1 l2 (vector length
   * 128, 256, 512); rexb0 rexb1 (REX.B), rexr0 (REX.R).
   * attributes: lock (allowed with a memory destination), d64 (64-bit operand size by default in 64-bit mode), i64 (invalid in 64-bit mode), o64 (only there), rep (string prefix),
   * jcc (+cc: sixteen opcodes, one a condition), ua (a 16-byte memory operand may be unaligned); of EVEX: k (a write mask may be given), kz (it may zero), k! (it must be given),
   * b16 b32 b64 (memory may be one element, broadcast), er (rounding can be set), sae (exceptions can be suppressed); vsib=SIZE (the index is a vector), sib (there must be a SIB byte); of the text: att=HINT intel=HINT text=HINT (disassemble.ts).
   */
  readonly enc: readonly string[];
  /** By operand; default: the first rw, the others r. */
  readonly access?: readonly Access[];
  /** Flags (letters o s z a p c) whose value the manual leaves undefined; `undefIf` says when only sometimes, for the tests. */
  readonly undef?: string;
  readonly undefIf?: 'shift' | 'rotate';
  /** Absent: decoded and shown, raises #UD when executed. */
  readonly sem?: Meaning;
  /** Written inline in the interpreter's loop; others are functions of their own, so that the loop stays small. 'registers': only between registers. */
  readonly hot?: true | 'registers';
  /** Its meaning depends on the operand size, though no operand shows it. */
  readonly sized?: true;
  /** Always #GP at ring 3 (hlt, in, mov cr...). */
  readonly privileged?: true;
  /** Its name in AT&T and Intel syntax where the rules of disassemble.ts don't give it: see there. `text`: for both. An encoding's own att=, intel=, text= go before. */
  readonly att?: string;
  readonly intel?: string;
  readonly text?: string;
}
export interface OpValue extends OpDef {
  readonly name: string;
}

/** Every instruction, in order of definition. */
export const ops: OpValue[] = [];
export function op(name: string, def: OpDef): OpValue {
  const value = { name, ...def };
  ops.push(value);
  return value;
}

/** Condition names by code, as objdump prints them. */
export const CONDITIONS = [
  'o',
  'no',
  'b',
  'ae',
  'e',
  'ne',
  'be',
  'a',
  's',
  'ns',
  'p',
  'np',
  'l',
  'ge',
  'le',
  'g',
] as const;
