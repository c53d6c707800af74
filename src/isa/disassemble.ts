// Instructions as text, as GNU objdump prints them: AT&T syntax or Intel's. Names and operands are the definitions' own; what only the text needs is in the
// hints `att` and `intel` of a definition or an encoding:
//   (none)      the name; in AT&T syntax with a size suffix where no register operand tells the size
//   name        this name, never with a suffix ("=" alone: the definition's name)
//   a|b|c       by operand size 16, 32, 64
//   a@b@c       by address size 16, 32, 64
//   name+       with a suffix where the operand is in memory, though a register operand is there
//   name^       with a suffix where the address-size prefix is there (loop)
//   name%       with x, y or z by vector length where the operand is in memory ("%" alone: the definition's name)
//   {list}      within a name: the condition an immediate stands for (text/aliases.ts), which is then no operand; an immediate out of range stays
import { Decoder } from './decode.ts';
import type { Form } from './form.ts';
import type { DecodeTable } from './table.ts';
import { alias } from './text/aliases.ts';
import { NameText } from './text/name.ts';
import { OperandText } from './text/operands.ts';
import { FWAIT, isPrefixIn, PrefixText } from './text/prefixes.ts';
import { EXCHANGE, type Shape, shapeOf } from './text/shape.ts';

export type Syntax = 'att' | 'intel';
export interface TextOptions {
  /** Default: att. */
  readonly syntax?: Syntax;
  /** What an address is called ("main+0x4"), shown in angle brackets behind it. */
  readonly symbol?: (address: bigint) => string | undefined;
}

export class Disassembler {
  readonly table: DecodeTable;
  readonly #d: Decoder;
  readonly #att: boolean;
  readonly #prefixes: PrefixText;
  readonly #names: NameText;
  readonly #operands: OperandText;
  readonly #shapes: (Shape | undefined)[] = [];
  /** Bytes the text of the last call stands for. Text and CPU differ in two places: a REX prefix before another prefix, and fwait, which is shown with the x87 instruction behind it. */
  length = 0;

  constructor(table: DecodeTable, options: TextOptions = {}) {
    this.table = table;
    const d = new Decoder(table);
    const att = options.syntax !== 'intel';
    this.#d = d;
    this.#att = att;
    this.#prefixes = new PrefixText(d, att);
    this.#names = new NameText(table, d, att);
    this.#operands = new OperandText(d, att, options.symbol ?? (() => undefined));
  }

  /** The text of the instruction at bytes[at], which stands at `address`; "(bad)" where there is none. Needs at < end. */
  text(bytes: Uint8Array, at: number, end: number, address: bigint, mode64: boolean): string {
    const d = this.#d;
    let p = at;
    let rex = false;
    let wait = -1;
    // Prefixes as they are shown: a REX prefix that another one follows stands alone, an fwait belongs to the x87 instruction behind it.
    for (; p < end && p - at < 14; p++) {
      const b = bytes[p] as number;
      if (rex && (b === FWAIT || isPrefixIn(b, mode64)))
        return this.#alone(bytes, at, wait >= 0 ? wait + 1 : p, mode64);
      if (b === FWAIT && wait < 0) {
        wait = p;
        if (p === at) continue;
        // Prefixes before it are its own.
        p++;
        break;
      }
      if (!isPrefixIn(b, mode64)) break;
      rex = mode64 && b >= 0x40 && b < 0x50;
    }
    if (wait >= 0) {
      if (p < end && ((bytes[p] as number) & 0xf8) === 0xd8)
        return this.#waiting(bytes, at, wait, p, end, address, mode64);
      return this.#alone(bytes, at, wait + 1, mode64);
    }
    if (!d.decode(bytes, at, end, mode64) || !d.form) {
      this.length = Math.max(d.opcodeLength, Math.min(p + 1, end) - at);
      return `${this.#prefixes.text(bytes, at, p < end ? p : at, undefined, mode64)}(bad)`;
    }
    this.length = d.length;
    return this.#text(d.form, bytes, at, p, address, false);
  }
  /** Prefixes (and fwait) without an instruction. */
  #alone(bytes: Uint8Array, at: number, end: number, mode64: boolean): string {
    this.length = end - at;
    return this.#prefixes.text(bytes, at, end, undefined, mode64).trimEnd();
  }
  /** fwait at bytes[wait], an x87 opcode at bytes[p]: one line, named without the n of "no wait". */
  #waiting(
    bytes: Uint8Array,
    at: number,
    wait: number,
    p: number,
    end: number,
    address: bigint,
    mode64: boolean,
  ): string {
    const d = this.#d;
    const without = bytes.slice(at, Math.min(end, p + 16));
    without.copyWithin(1, 0, wait - at);
    if (!d.decode(without, 1, without.length, mode64) || !d.form) {
      this.length = p + 1 - at;
      return `${this.#prefixes.text(without, 1, p - at, undefined, mode64)}(bad)`;
    }
    this.length = d.length + 1;
    return this.#text(d.form, without, 1, p - at, address + 1n, true);
  }

  #text(form: Form, bytes: Uint8Array, at: number, opcodeAt: number, address: bigint, wait: boolean): string {
    const d = this.#d;
    this.#shapes[form.id] ??= shapeOf(form, this.#att);
    const shape = this.#shapes[form.id] as Shape;
    // 66 90 is shown as what it says, not as the nop it is.
    if (form.name === 'nop' && form.operands.length === 0 && d.operand16) {
      const r = `${this.#att ? '%' : ''}${d.rex & 8 ? 'rax' : 'ax'}`;
      return `${`${this.#prefixes.text(bytes, at, opcodeAt, EXCHANGE, d.mode64)}xchg`.padEnd(6)} ${r},${r}`;
    }
    const known = alias(shape.hint, form, d);
    const prefixes = this.#prefixes.text(bytes, at, opcodeAt, shape, d.mode64);
    const name = this.#names.text(form, shape, known?.name, this.#prefixes.hint, wait);
    const operands = this.#operands.all(form, address, known?.dropImmediate === true, shape.indirect);
    if (operands === '') return prefixes + name;
    return `${(prefixes + name).padEnd(6)} ${operands}${this.#operands.comment(address)}`;
  }
}
