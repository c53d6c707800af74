// Instructions as text, as GNU objdump prints them: AT&T syntax or Intel's. Names and operands are the definitions' own; what only the text needs is in the
// hints `att` and `intel` of a definition or an encoding:
//   (none)      the name; in AT&T syntax with a size suffix where no register operand tells the size
//   name        this name, never with a suffix ("=" alone: the definition's name)
//   a|b|c       by operand size 16, 32, 64
//   a@b@c       by address size 16, 32, 64
//   name+       with a suffix where the operand is in memory, though a register operand is there
//   name^       with a suffix where the address-size prefix is there (loop)
//   name%       with x, y or z by vector length where the operand is in memory
//   {list}      within a name: the condition an immediate stands for (LISTS), which is then no operand; an immediate out of range stays
import { ABSOLUTE, Decoder, EVEX, isPrefix } from './decode.ts';
import { alias } from './disassemble-aliases.ts';
import { OperandText } from './disassemble-operands.ts';
import type { Form, Operand, Size } from './form.ts';
import { CONDITIONS } from './op.ts';
import type { DecodeTable } from './table.ts';

export type Syntax = 'att' | 'intel';
export interface TextOptions {
  /** Default: att. */
  readonly syntax?: Syntax;
  /** What an address is called ("main+0x4"), shown in angle brackets behind it. */
  readonly symbol?: (address: bigint) => string | undefined;
}

/** What the text of a form depends on, worked out once. */
interface Shape {
  /** Name before suffixes, by the hint. */
  readonly hint: string;
  /** A suffix is wanted where the operand is in memory. */
  readonly auto: boolean;
  /** REX.W or the operand-size prefix change something. */
  readonly usesW: boolean;
  readonly usesData: boolean;
  /** But only with a register. */
  readonly wideRegister: boolean;
  readonly usesReg: boolean;
  readonly byteRegister: boolean;
  /** The operand the size is read from. */
  readonly sized: Operand | undefined;
  readonly string: boolean;
  readonly branch: boolean;
  readonly indirect: boolean;
}

const PREFIX_NAMES: Record<number, string> = {
  0x66: 'data16',
  0xf0: 'lock',
  0xf2: 'repnz',
  0xf3: 'repz',
  0x2e: 'cs',
  0x36: 'ss',
  0x3e: 'ds',
  0x26: 'es',
  0x64: 'fs',
  0x65: 'gs',
};
const isSegment = (b: number): boolean =>
  b === 0x2e || b === 0x36 || b === 0x3e || b === 0x26 || b === 0x64 || b === 0x65;
const VEX_MAPS = ['vex1', 'vex2', 'vex3'] as const;
/** objdump doesn't mark these: masks as destinations, and some others. */
const NEVER_MARKED = /^vps(r[la]|ll)v|^vpcmp|^vcmp/;
const FWAIT = 0x9b;
const RM = new Set(['rm', 'rmreg']);
/** Jumps that segment prefixes give a hint. */
const JUMPS = new Set(['j', 'jrcxz', 'loop', 'loope', 'loopne']);
/** The shape of 90 shown as an exchange. */
const EXCHANGE: Shape = {
  hint: 'xchg',
  auto: false,
  usesW: true,
  usesData: true,
  wideRegister: false,
  usesReg: false,
  byteRegister: false,
  sized: undefined,
  string: false,
  branch: false,
  indirect: false,
};

export class Disassembler {
  readonly #table: DecodeTable;
  readonly #d: Decoder;
  readonly #att: boolean;
  readonly #operands: OperandText;
  readonly #shapes: (Shape | undefined)[] = [];
  #vexNames: ReadonlySet<string> | undefined;
  readonly #symbol: (address: bigint) => string | undefined;
  /** Bytes the text of the last call stands for. Text and CPU differ in two places: a REX prefix before another prefix, and fwait, which is shown with the x87 instruction behind it. */
  length = 0;

  constructor(table: DecodeTable, options: TextOptions = {}) {
    this.#table = table;
    this.#d = new Decoder(table);
    this.#att = options.syntax !== 'intel';
    this.#symbol = options.symbol ?? (() => undefined);
    this.#operands = new OperandText(this.#d, this.#att, this.#symbol);
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
      if (rex && (b === FWAIT || this.#prefix(b, mode64))) return this.#alone(bytes, at, p, mode64);
      if (b === FWAIT && wait < 0) {
        wait = p;
        if (p === at) continue;
        // Prefixes before it are its own.
        p++;
        break;
      }
      if (!this.#prefix(b, mode64)) break;
      rex = mode64 && b >= 0x40 && b < 0x50;
    }
    if (wait >= 0) {
      if (p < end && ((bytes[p] as number) & 0xf8) === 0xd8)
        return this.#waiting(bytes, at, wait, p, end, address, mode64);
      return this.#alone(bytes, at, wait + 1, mode64);
    }
    if (!d.decode(bytes, at, end, mode64) || !d.form) {
      this.length = Math.max(d.opcodeLength, Math.min(p + 1, end) - at);
      return p < end ? `${this.#prefixes(bytes, at, p, undefined, mode64)}(bad)` : '(bad)';
    }
    this.length = d.length;
    return this.#text(bytes, at, p, address, false);
  }
  #prefix(b: number, mode64: boolean): boolean {
    return isPrefix(b) && (mode64 || b < 0x40 || b >= 0x50);
  }
  /** Prefixes (and fwait) without an instruction. */
  #alone(bytes: Uint8Array, at: number, end: number, mode64: boolean): string {
    this.length = end - at;
    return this.#prefixes(bytes, at, end, undefined, mode64).trimEnd();
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
    const behind = bytes.slice(at, Math.min(end, p + 16));
    behind.copyWithin(1, 0, wait - at);
    if (!d.decode(behind, 1, behind.length, mode64) || !d.form) {
      this.length = p + 1 - at;
      return `${this.#prefixes(behind, 1, p - at, undefined, mode64)}(bad)`;
    }
    this.length = d.length + 1;
    return this.#text(behind, 1, p - at, address + 1n, true);
  }

  #text(bytes: Uint8Array, at: number, opcodeAt: number, address: bigint, wait: boolean): string {
    const d = this.#d;
    const form = d.form as Form;
    const shape = this.#shape(form);
    // 66 90 is shown as what it says, not as the nop it is.
    const exchange = form.name === 'nop' && form.operands.length === 0 && d.operand16;
    const prefixes = this.#prefixes(bytes, at, opcodeAt, exchange ? EXCHANGE : shape, d.mode64);
    if (exchange) {
      const r = `${this.#att ? '%' : ''}${d.rex & 8 ? 'rax' : 'ax'}`;
      return `${`${prefixes}xchg`.padEnd(6)} ${r},${r}`;
    }
    const known = alias(shape.hint, form, d);
    let name = this.#name(form, shape, known?.name);
    if (wait && name.startsWith('fn')) name = `f${name.slice(2)}`;
    if (d.family === EVEX && this.#fitsVex(form)) name = `{evex} ${name}`;
    const operands = this.#operands.all(form, address, known?.dropImmediate === true, shape.indirect);
    if (operands === '') return `${prefixes}${name}`;
    const head = `${prefixes}${name}`;
    return `${head.padEnd(6)} ${operands}${this.#operands.comment(address)}`;
  }

  /** Could the instruction have been encoded with VEX? Then its name says that it wasn't. */
  #fitsVex(form: Form): boolean {
    const d = this.#d;
    if (d.mask || d.zeroing || d.evexB || d.l > 1 || d.usesUpper || NEVER_MARKED.test(form.name)) return false;
    // Of these only some forms exist with VEX.
    if (/^vpbroadcast/.test(form.name) && form.operands[1]?.bank === 'gpr') return false;
    if (form.name === 'vpermq' && form.vvvv) return false;
    this.#vexNames ??= this.#table.namesOf(VEX_MAPS);
    return this.#vexNames.has(form.name);
  }
  #name(form: Form, shape: Shape, aliased: string | undefined): string {
    const d = this.#d;
    let hint = aliased ?? shape.hint;
    if (form.cc >= 0 && aliased === undefined) hint += CONDITIONS[form.cc];
    if (hint.includes('|')) hint = hint.split('|')[d.size === 16 ? 0 : d.size === 32 ? 1 : 2] as string;
    else if (hint.includes('@')) hint = hint.split('@')[d.address16 ? 0 : d.address32 ? 1 : 2] as string;
    if (this.#hint && this.#att) {
      const taken = this.#hint === 0x3e ? ',pt' : ',pn';
      return hint.replace('^', '') + taken;
    }
    const last = hint.at(-1);
    const inMemory = d.mem || shape.string;
    if (last === '+') return hint.slice(0, -1) + (this.#att && inMemory ? this.#suffix(shape) : '');
    if (last === '%') return hint.slice(0, -1) + (this.#att && inMemory ? this.#length(form) : '');
    if (last === '^') {
      const prefixed = d.mode64 ? d.address32 : d.address16;
      return hint.slice(0, -1) + (prefixed ? (d.mode64 ? 'l' : 'w') : '');
    }
    if ((d.opcode & 0xf8) === 0xd8 && form.name[0] === 'f' && this.#att) return this.#x87Name(form, hint);
    // In i386 code there is only one size it can have.
    const wanted = shape.auto && (d.mode64 || shape.sized?.size !== 'y');
    if (this.#att && wanted && inMemory) return hint + this.#suffix(shape);
    if (form.d64 && d.size === 16 && !shape.auto && shape.usesData) {
      const register = form.operands.some((o) => o.source === 'opreg' || (o.source === 'rm' && !d.mem));
      if (!register && (this.#att || !d.mem)) return `${hint}w`;
    }
    return hint;
  }
  /** x87: sizes in memory are told by letters of their own; and AT&T's assembler once exchanged fsub and fsubr with st(i) as the destination, which stayed. */
  #x87Name(form: Form, name: string): string {
    const first = form.operands[0];
    if (first?.source === 'mem') {
      const letters: Partial<Record<Size, string>> =
        name[1] === 'i' ? { w: 's', d: 'l', q: 'll' } : /^fb/.test(name) ? {} : { d: 's', q: 'l', t: 't' };
      return name + (letters[first.size] ?? '');
    }
    const exchanged = /^(fsub|fdiv)(r?)(p?)$/.exec(name);
    if (exchanged && first?.bank === 'st' && first.source === 'rmreg')
      return `${exchanged[1]}${exchanged[2] ? '' : 'r'}${exchanged[3]}`;
    return name;
  }
  /** The letter of the vector length, where neither a broadcast nor half a register as the destination tells it. */
  #length(form: Form): string {
    const d = this.#d;
    if (d.evexB || (d.l === 2 && form.operands.some((o) => o.size === 'hx'))) return '';
    return 'xyz'[d.l] as string;
  }
  #suffix(shape: Shape): string {
    const d = this.#d;
    switch (shape.sized?.size) {
      case 'b':
        return 'b';
      case 'w':
        return 'w';
      case 'd':
        return 'l';
      case 'q':
        return 'q';
      case 'y':
        return d.size === 64 ? 'q' : 'l';
      case 'n':
        return d.mode64 ? 'q' : 'l';
      case 'z':
        return d.size === 16 ? 'w' : 'l';
      default:
        return d.size === 16 ? 'w' : d.size === 32 ? 'l' : 'q';
    }
  }

  /** The branch hint seen by the last #prefixes. */
  #hint = 0;
  /** Names of the prefixes in bytes[at..end) that the instruction doesn't use itself; of a repeated one only the last can be used. */
  #prefixes(bytes: Uint8Array, at: number, end: number, shape: Shape | undefined, mode64: boolean): string {
    this.#hint = 0;
    if (at === end) return '';
    const d = this.#d;
    const form = shape ? (d.form as Form) : undefined;
    let text = '';
    let data = -1;
    let address = -1;
    let segment = -1;
    let rep = -1;
    let repne = -1;
    for (let i = at; i < end; i++) {
      const b = bytes[i] as number;
      if (b === 0x66) data = i;
      else if (b === 0x67) address = i;
      else if (b === 0xf3) rep = i;
      else if (b === 0xf2) repne = i;
      else if (isSegment(b)) segment = i;
    }
    const names = (i: number): string => {
      const b = bytes[i] as number;
      if (b === FWAIT) return 'fwait';
      if (mode64 && b >= 0x40 && b < 0x50) return shape && form && this.#rexUsed(b, form, shape) ? '' : rexName(b);
      if (b === 0x67) {
        const used = form && i === address && (d.mem || shape?.string || /[@^]/.test(shape?.hint ?? ''));
        return used && !form.operands.some((o) => o.source === 'moffs') ? '' : mode64 ? 'addr32' : 'addr16';
      }
      if (!form || !shape) return PREFIX_NAMES[b] as string;
      if (b === 0x66) {
        const used =
          form.prefix === 1 ||
          (shape.usesData && !(shape.wideRegister && d.mem) && (d.size === 16 || shape === EXCHANGE));
        return used && i === data ? '' : 'data16';
      }
      if (b === 0xf2 || b === 0xf3)
        return i === (b === 0xf2 ? repne : rep) ? this.#repeat(b, form, shape) : (PREFIX_NAMES[b] as string);
      if (isSegment(b)) return i === segment ? this.#segment(b, shape) : (PREFIX_NAMES[b] as string);
      return PREFIX_NAMES[b] as string;
    };
    for (let i = at; i < end; i++) {
      const name = names(i);
      if (name) text += `${name} `;
    }
    return text;
  }
  #repeat(b: number, form: Form, shape: Shape): string {
    const d = this.#d;
    if (form.prefix === (b === 0xf3 ? 2 : 3)) return '';
    if (form.rep) return b === 0xf3 && !/^(cmps|scas)/.test(form.name) ? 'rep' : (PREFIX_NAMES[b] as string);
    if (b === 0xf2 && shape.branch) return 'bnd';
    const store = form.name === 'mov' && d.mem && form.operands[0]?.source === 'rm' && form.operands[0].bank === 'gpr';
    if (d.mem && form.lock && (d.lock || form.name === 'xchg')) return b === 0xf2 ? 'xacquire' : 'xrelease';
    if (store && b === 0xf3 && form.operands[1]?.bank !== 'seg') return 'xrelease';
    return PREFIX_NAMES[b] as string;
  }
  #segment(b: number, shape: Shape): string {
    const d = this.#d;
    if (d.form?.operands.some((o) => o.source === 'si')) return '';
    if (JUMPS.has(d.form?.name ?? '')) {
      if (b === 0x2e || b === 0x3e) {
        this.#hint = b;
        return this.#att ? '' : (PREFIX_NAMES[b] as string);
      }
    }
    if (b === 0x3e && shape.indirect) return 'notrack';
    if (d.mem && d.segment >= 0) return '';
    return PREFIX_NAMES[b] as string;
  }
  #rexUsed(rex: number, form: Form, shape: Shape): boolean {
    const d = this.#d;
    // Without other bits it matters to the byte registers 4 to 7 only.
    if (rex === 0x40)
      return (
        shape.byteRegister &&
        form.operands.some(
          (o) =>
            o.bank === 'gpr' &&
            o.size === 'b' &&
            ((o.source === 'rm' && !d.mem && (d.modrm & 4) !== 0) ||
              (o.source === 'reg' && (d.modrm & 0x20) !== 0) ||
              (o.source === 'opreg' && (d.opcode & 4) !== 0)),
        )
      );
    let used = 0;
    if (shape.usesW && !(shape.wideRegister && d.mem)) used |= 8;
    if (shape.usesReg) used |= 4;
    if (d.mem && (d.modrm & 7) === 4) used |= 2;
    if (
      (d.mem && d.base !== ABSOLUTE) ||
      form.operands.some((o) => o.source === 'opreg' || (RM.has(o.source) && o.bank !== 'mm'))
    )
      used |= 1;
    return (rex & 15 & ~used) === 0;
  }

  #shape(form: Form): Shape {
    return (this.#shapes[form.id] ??= this.#makeShape(form));
  }
  #makeShape(form: Form): Shape {
    const hint = (this.#att ? form.att : form.intel) || '';
    const isString = form.operands.some((o) => o.source === 'si' || o.source === 'di');
    const register = (o: Operand): boolean =>
      o.bank === 'gpr' &&
      (o.source === 'reg' || o.source === 'opreg' || o.source === 'vvvv' || (o.source === 'fixed' && !isCount(o)));
    const target = form.operands.find(
      (o) => (o.source === 'rm' && o.bank === 'gpr') || o.source === 'si' || o.source === 'di',
    );
    const variable = (o: Operand): boolean =>
      ['v', 'y', 'z', 'u'].includes(o.size) || (o.size === 'bs' && o.source !== 'rel');
    const [by16, by32, by64] = hint.split('|');
    const indirect =
      /^l?(jmp|call)$/.test(form.name) && form.operands.some((o) => o.source === 'rm' || o.source === 'mem');
    return {
      hint: hint === '' || hint === '=' ? form.name : hint,
      auto:
        hint === '' &&
        target !== undefined &&
        (target.size === 'b' || target.size === 'v' || target.size === 'y' || target.size === 'z') &&
        !form.d64 &&
        !form.operands.some(register),
      usesW: form.usesW || (!form.d64 && (by32 !== by64 || form.operands.some((o) => variable(o) && o.size !== 'z'))),
      usesData: form.d64 || (by32 !== undefined && by16 !== by32) || form.operands.some(variable),
      wideRegister: form.operands.some((o) => o.size === 'u') && !form.operands.some((o) => o.size === 'v'),
      usesReg: form.operands.some((o) => o.source === 'reg' && o.bank !== 'mm' && o.bank !== 'seg'),
      byteRegister: form.operands.some(
        (o) => o.bank === 'gpr' && o.size === 'b' && (o.source === 'rm' || o.source === 'reg' || o.source === 'opreg'),
      ),
      sized: target ?? form.operands.find((o) => o.bank === 'gpr'),
      string: isString,
      branch: /^(j|jmp|call|ret)$/.test(form.name),
      indirect,
    };
  }
}

/** cl of shifts and dx of ports don't tell the operation's size. */
function isCount(o: Operand): boolean {
  return (o.number === 1 && o.size === 'b') || (o.number === 2 && o.size === 'w');
}
function rexName(rex: number): string {
  const bits = (rex & 8 ? 'W' : '') + (rex & 4 ? 'R' : '') + (rex & 2 ? 'X' : '') + (rex & 1 ? 'B' : '');
  return bits ? `rex.${bits}` : 'rex';
}
