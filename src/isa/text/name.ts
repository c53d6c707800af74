// An instruction's name with what the syntax hangs on it: conditions, sizes, branch hints, the mark of EVEX.
import { type Decoder, EVEX } from '../decode.ts';
import type { Form, Size } from '../form.ts';
import { CONDITIONS } from '../op.ts';
import type { DecodeTable } from '../table.ts';
import type { Shape } from './shape.ts';

const VEX_MAPS = ['vex1', 'vex2', 'vex3'] as const;
/** objdump doesn't mark these: masks as destinations, and some others. */
const NEVER_MARKED = /^vps(r[la]|ll)v|^vpcmp|^vcmp/;

export class NameText {
  readonly #table: DecodeTable;
  readonly #d: Decoder;
  readonly #att: boolean;
  #vexNames: ReadonlySet<string> | undefined;

  constructor(table: DecodeTable, d: Decoder, att: boolean) {
    this.#table = table;
    this.#d = d;
    this.#att = att;
  }
  /** `aliased`: the name an immediate gave; `branchHint`: PrefixText.hint; `wait`: fwait stands before. */
  text(form: Form, shape: Shape, aliased: string | undefined, branchHint: number, wait: boolean): string {
    let name = this.#choose(aliased ?? shape.hint);
    if (form.cc >= 0 && aliased === undefined) name += CONDITIONS[form.cc];
    if (branchHint && this.#att) return name.replace('^', '') + (branchHint === 0x3e ? ',pt' : ',pn');
    name = this.#suffixed(form, shape, name);
    if (wait && name.startsWith('fn')) name = `f${name.slice(2)}`;
    return this.#d.family === EVEX && this.#fitsVex(form) ? `{evex} ${name}` : name;
  }
  #choose(hint: string): string {
    const d = this.#d;
    if (hint.includes('|')) return hint.split('|')[d.size === 16 ? 0 : d.size === 32 ? 1 : 2] as string;
    if (hint.includes('@')) return hint.split('@')[d.address16 ? 0 : d.address32 ? 1 : 2] as string;
    return hint;
  }
  #suffixed(form: Form, shape: Shape, name: string): string {
    const d = this.#d;
    const inMemory = d.mem || shape.string;
    const bare = name.slice(0, -1);
    switch (name.at(-1)) {
      case '+':
        return bare + (this.#att && inMemory ? this.#size(shape) : '');
      case '%':
        return bare + (this.#att && inMemory ? this.#length(form) : '');
      case '^':
        return bare + (d.mode64 ? (d.address32 ? 'l' : '') : d.address16 ? 'w' : '');
    }
    if (this.#att && (d.opcode & 0xf8) === 0xd8 && form.name[0] === 'f') return x87Name(form, name);
    // In i386 code a y operand has one size only.
    if (shape.auto)
      return this.#att && inMemory && (d.mode64 || shape.sized?.size !== 'y') ? name + this.#size(shape) : name;
    // What pushes or jumps by 64 bits says when it doesn't.
    if (form.d64 && d.size === 16) {
      const register = form.operands.some((o) => o.source === 'opreg' || (o.source === 'rm' && !d.mem));
      if (!register && (this.#att || !d.mem)) return `${name}w`;
    }
    return name;
  }
  #size(shape: Shape): string {
    const d = this.#d;
    switch (shape.sized?.size) {
      case 'b':
        return 'b';
      case 'y':
        return d.size === 64 ? 'q' : 'l';
      case 'z':
        return d.size === 16 ? 'w' : 'l';
      default:
        return d.size === 16 ? 'w' : d.size === 32 ? 'l' : 'q';
    }
  }
  /** The letter of the vector length, where neither a broadcast nor half a register as the destination tells it. */
  #length(form: Form): string {
    const d = this.#d;
    if (d.evexB || (d.l === 2 && form.operands.some((o) => o.size === 'hx'))) return '';
    return 'xyz'[d.l] as string;
  }
  /** Could the instruction have been encoded with VEX? Then its name says that it wasn't. */
  #fitsVex(form: Form): boolean {
    const d = this.#d;
    if (d.mask || d.zeroing || d.evexB || d.l > 1 || d.usesUpper || NEVER_MARKED.test(form.name)) return false;
    // Of these only some forms exist with VEX.
    if (form.name.startsWith('vpbroadcast') && form.operands[1]?.bank === 'gpr') return false;
    if (form.name === 'vpermq' && form.vvvv) return false;
    this.#vexNames ??= this.#table.namesOf(VEX_MAPS);
    return this.#vexNames.has(form.name);
  }
}

/** x87: letters of their own tell sizes in memory; and AT&T's assembler once exchanged fsub and fsubr with st(i) as the destination, which stayed. */
function x87Name(form: Form, name: string): string {
  const first = form.operands[0];
  if (first?.source === 'mem') {
    const letters: Partial<Record<Size, string>> =
      name[1] === 'i' ? { w: 's', d: 'l', q: 'll' } : name[1] === 'b' ? {} : { d: 's', q: 'l', t: 't' };
    return name + (letters[first.size] ?? '');
  }
  const exchanged = /^(fsub|fdiv)(r?)(p?)$/.exec(name);
  if (exchanged && first?.bank === 'st' && first.source === 'rmreg')
    return `${exchanged[1]}${exchanged[2] ? '' : 'r'}${exchanged[3]}`;
  return name;
}
