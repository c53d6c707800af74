// Operands as text, in AT&T's or Intel's syntax.
import { bytesOf, type Decoder, EVEX, RIP } from '../decode.ts';
import type { Form, Operand, Size } from '../form.ts';

const NAMES64 = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const NAMES32 = NAMES64.map((n, i) => (i < 8 ? `e${n.slice(1)}` : `${n}d`));
const NAMES16 = NAMES64.map((n, i) => (i < 8 ? n.slice(1) : `${n}w`));
const NAMES8 = 'al cl dl bl spl bpl sil dil'.split(' ').concat(NAMES64.slice(8).map((n) => `${n}b`));
const NAMES8_LEGACY = 'al cl dl bl ah ch dh bh'.split(' ');
const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs', '?', '?'];
const ROUNDINGS = ['rn', 'rd', 'ru', 'rz'];
const POINTERS: Record<number, string> = {
  1: 'BYTE',
  2: 'WORD',
  4: 'DWORD',
  6: 'FWORD',
  8: 'QWORD',
  10: 'TBYTE',
  16: 'XMMWORD',
  32: 'YMMWORD',
  64: 'ZMMWORD',
};

export class OperandText {
  readonly #d: Decoder;
  readonly #att: boolean;
  readonly #symbol: (address: bigint) => string | undefined;
  /** % before registers, $ before immediates, in AT&T syntax. */
  readonly #r: string;

  constructor(d: Decoder, att: boolean, symbol: (address: bigint) => string | undefined) {
    this.#d = d;
    this.#att = att;
    this.#symbol = symbol;
    this.#r = att ? '%' : '';
  }

  /** All operands, in the syntax's order. */
  all(form: Form, address: bigint, dropImmediate: boolean, indirect: boolean): string {
    const d = this.#d;
    const texts: string[] = [];
    let seen = 0;
    const last = form.operands.length - 1;
    for (let i = 0; i <= last; i++) {
      const o = form.operands[i] as Operand;
      if (dropImmediate && o.source === 'imm' && i === last) break;
      let text = this.#one(o, form, address, seen);
      if (o.source === 'imm') seen++;
      if (indirect && this.#att) text = `*${text}`;
      if (text === '') continue;
      if (i === 0 && d.family === EVEX) text += this.#masking();
      texts.push(text);
    }
    if (d.evexB && d.modrm >= 0xc0) {
      const mode = form.rounding ? `{${ROUNDINGS[d.rounding]}-sae}` : '{sae}';
      // Behind the last vector register.
      const at = form.operands.findIndex((o, i) => i > 0 && (o.source === 'imm' || o.bank === 'gpr'));
      const place = at < 0 ? texts.length : at;
      if (this.#att) texts.splice(place, 0, mode);
      else texts[place - 1] += mode;
    }
    return this.#att && !UNREVERSED.has(form.name) ? texts.reverse().join(',') : texts.join(',');
  }
  /** "        # address <symbol>" of an operand relative to rip. */
  comment(address: bigint): string {
    const d = this.#d;
    if (!d.mem || d.base !== RIP) return '';
    const target = BigInt.asUintN(64, address + BigInt(d.length + d.disp));
    return `        # ${this.#address(target)}`;
  }
  #address(target: bigint): string {
    const name = this.#symbol(target);
    return name === undefined ? `0x${target.toString(16)}` : `${target.toString(16)} <${name}>`;
  }
  #masking(): string {
    const d = this.#d;
    return (d.mask ? `{${this.#r}k${d.mask}}` : '') + (d.zeroing ? '{z}' : '');
  }

  #one(o: Operand, form: Form, address: bigint, seen: number): string {
    const d = this.#d;
    switch (o.source) {
      case 'rm':
        return d.mem ? this.#memory(o, form) : this.#register(o, o.bank === 'xmm' ? d.rmVector : d.rm);
      case 'mem':
        return this.#memory(o, form);
      case 'rmreg':
        return this.#register(o, o.bank === 'xmm' ? d.rmVector : d.rm);
      case 'reg':
        return this.#register(o, d.reg);
      case 'opreg':
        return this.#register(o, d.opreg);
      case 'vvvv':
        return this.#register(o, d.vvvv);
      case 'is4':
        return this.#register(o, (d.imm >> 4) & (d.mode64 ? 15 : 7));
      case 'fixed':
        if (o.bank === 'none') return this.#att ? '' : `${o.number}`;
        // The port register.
        if (o.bank === 'gpr' && o.number === 2 && o.size === 'w') return this.#att ? '(%dx)' : 'dx';
        return this.#register(o, o.number);
      case 'imm':
        // A register operand has the high half of the byte.
        if (form.operands.some((p) => p.source === 'is4'))
          return `${this.#att ? '$' : ''}0x${(d.imm & 15).toString(16)}`;
        return this.#immediate(o, seen);
      case 'rel':
        return this.#target(address, o.size);
      case 'moffs':
        return this.#absolute();
      case 'si':
      case 'di':
        return this.#stringOperand(o);
    }
  }

  #register(o: Operand, n: number): string {
    const d = this.#d;
    switch (o.bank) {
      case 'gpr':
        return this.#r + this.#general(o, n);
      case 'xmm':
        return this.#r + vectorName(o, d.l) + n;
      case 'mm':
        return `${this.#r}mm${n & 7}`;
      case 'seg':
        return this.#r + SEGMENTS[n & 7];
      case 'cr':
        return `${this.#r}cr${n}`;
      case 'dr':
        return `${this.#r}${this.#att ? 'db' : 'dr'}${n}`;
      case 'st':
        return o.source === 'fixed' ? `${this.#r}st` : `${this.#r}st(${n & 7})`;
      case 'k':
        return `${this.#r}k${n & 7}`;
      case 'tmm':
        return `${this.#r}tmm${n & 7}`;
      case 'bnd':
        return n > 3 ? '(bad)' : `${this.#r}bnd${n}`;
      default:
        return '?';
    }
  }
  #general(o: Operand, n: number): string {
    const d = this.#d;
    const k = n & 15;
    switch (o.size) {
      case 'b':
        return ((d.rex === 0 && d.mode64) || !d.mode64 ? NAMES8_LEGACY[k] : NAMES8[k]) ?? (NAMES8[k] as string);
      case 'w':
        return NAMES16[k] as string;
      case 'd':
        return NAMES32[k] as string;
      case 'q':
        return NAMES64[k] as string;
      case 'y':
        return (d.size === 64 ? NAMES64 : NAMES32)[k] as string;
      case 'z':
        return (d.size === 16 ? NAMES16 : NAMES32)[k] as string;
      case 'n':
        return (d.mode64 ? NAMES64 : NAMES32)[k] as string;
      case 'm':
        return this.#addressName(k);
      default:
        return (d.size === 64 ? NAMES64 : d.size === 32 ? NAMES32 : NAMES16)[k] as string;
    }
  }
  /** A register of an address. */
  #addressName(n: number): string {
    const d = this.#d;
    return (d.address16 ? NAMES16 : d.address32 ? NAMES32 : NAMES64)[n] as string;
  }

  #immediate(o: Operand, seen: number): string {
    const d = this.#d;
    const value = seen === 0 ? d.imm : d.imm2;
    const sign = this.#att ? '$' : '';
    if (o.size === 'b') return `${sign}0x${(value & 0xff).toString(16)}`;
    if (o.size === 'w') return `${sign}0x${(value & 0xffff).toString(16)}`;
    if (o.size === 'p')
      return `${sign}0x${(d.imm2 & 0xffff).toString(16)},${sign}0x${((d.size === 16 ? value & 0xffff : value) >>> 0).toString(16)}`;
    if (d.size === 16) return `${sign}0x${(value & 0xffff).toString(16)}`;
    if (d.size === 32 || o.size === 'd') return `${sign}0x${(value >>> 0).toString(16)}`;
    const high = seen === 0 ? d.immHigh : value < 0 ? -1 : 0;
    return `${sign}${hex64(high, value)}`;
  }
  #target(address: bigint, size: Size): string {
    const d = this.#d;
    const width = d.size === 16 && size !== 'bs' ? 16 : d.mode64 ? 64 : 32;
    const target = BigInt.asUintN(width, address + BigInt(d.length + d.imm));
    return this.#address(target);
  }
  #absolute(): string {
    const d = this.#d;
    return this.#segmentText(!this.#att) + hex64(d.immHigh, d.disp);
  }
  #stringOperand(o: Operand): string {
    const d = this.#d;
    const name = this.#addressName(o.number);
    const segment = o.source === 'di' ? 'es' : d.segment >= 0 ? SEGMENTS[d.segment] : 'ds';
    if (this.#att) return `%${segment}:(%${name})`;
    return `${POINTERS[bytesOf(o.size, d.l, d.size)]} PTR ${segment}:[${name}]`;
  }
  /** Segment override before an address; `always`: ds where there is none. */
  #segmentText(always: boolean): string {
    const d = this.#d;
    if (d.segment >= 0) return `${this.#r}${SEGMENTS[d.segment]}:`;
    return always ? 'ds:' : '';
  }

  #memory(o: Operand, form: Form): string {
    const d = this.#d;
    const broadcast = d.evexB && d.modrm < 0xc0;
    const bytes = this.#bytes(o);
    const tail = broadcast && this.#att ? `{1to${bytes / form.broadcast}}` : '';
    return (this.#att ? this.#attAddress(form) : this.#intelAddress(o, form, bytes, broadcast)) + tail;
  }
  /** Bytes in memory of an operand, as Intel's syntax names them. */
  #bytes(o: Operand): number {
    const d = this.#d;
    switch (o.size) {
      case 'n':
        return d.mode64 ? 8 : 4;
      case 'p':
        return d.size === 16 ? 4 : 6;
      case 't':
        return 10;
      default:
        return bytesOf(o.size, d.l, d.size);
    }
  }
  #indexName(form: Form): string {
    const d = this.#d;
    if (form.vsib !== 'none') {
      const bytes = bytesOf(form.vsib, d.l, d.size);
      return `${bytes <= 16 ? 'x' : bytes === 32 ? 'y' : 'z'}mm${d.index}`;
    }
    if (d.index >= 0) return this.#addressName(d.index);
    return d.address32 ? 'eiz' : 'riz';
  }
  /** An index is shown that isn't there: where the SIB byte could have been left out, or scales nothing. */
  #showsIndex(form: Form): boolean {
    const d = this.#d;
    if (d.index >= 0 || form.vsib !== 'none') return true;
    if (d.address16 || (d.modrm & 7) !== 4 || d.modrm >= 0xc0) return false;
    if (d.base === -1) return d.scale !== 0 || (d.mode64 && d.address32) || !d.mode64;
    return d.scale !== 0 || (d.base & 7) !== 4;
  }
  #attAddress(form: Form): string {
    const d = this.#d;
    const index = this.#showsIndex(form);
    const segment = this.#segmentText(false);
    if (d.base === -1 && !index) return `${segment}${this.#absoluteDisp()}`;
    const base = d.base === RIP ? (d.address32 ? '%eip' : '%rip') : d.base < 0 ? '' : `%${this.#addressName(d.base)}`;
    const disp = this.#hasDisp() ? signedHex(d.disp) : '';
    const scaled = index ? `,%${this.#indexName(form)}${d.address16 ? '' : `,${1 << d.scale}`}` : '';
    return `${segment}${disp}(${base}${scaled})`;
  }
  #hasDisp(): boolean {
    const d = this.#d;
    return d.modrm >> 6 !== 0 || d.base < 0;
  }
  #absoluteDisp(): string {
    const d = this.#d;
    if (d.address16) return signedHex((d.disp << 16) >> 16);
    if (!d.mode64 || d.address32) return `0x${(d.disp >>> 0).toString(16)}`;
    return hex64(d.disp < 0 ? -1 : 0, d.disp);
  }
  #intelDisp(): string {
    const d = this.#d;
    if (d.disp >= 0) return `+${signedHex(d.disp)}`;
    return d.base === RIP ? `+${hex64(-1, d.disp)}` : signedHex(d.disp);
  }
  #intelAddress(o: Operand, form: Form, bytes: number, broadcast: boolean): string {
    const d = this.#d;
    const index = this.#showsIndex(form);
    const pointer = POINTERS[broadcast ? form.broadcast : bytes];
    const kind = pointer === undefined || o.size === 'none' ? '' : `${pointer} ${broadcast ? 'BCST' : 'PTR'} `;
    if (d.base === -1 && !index) return `${kind}${this.#segmentText(true)}${this.#absoluteDisp()}`;
    const base = d.base === RIP ? (d.address32 ? 'eip' : 'rip') : d.base < 0 ? '' : this.#addressName(d.base);
    const scaled = index ? `${base ? '+' : ''}${this.#indexName(form)}${d.address16 ? '' : `*${1 << d.scale}`}` : '';
    const disp = this.#hasDisp() ? this.#intelDisp() : '';
    return `${kind}${this.#segmentText(false)}[${base}${scaled}${disp}]`;
  }
}

/** AT&T's syntax has the operands from source to destination, but these are written as Intel does. */
const UNREVERSED = new Set(['enter', 'bound', 'monitor', 'mwait', 'monitorx', 'mwaitx']);
function vectorName(o: Operand, l: number): string {
  const bytes = bytesOf(o.size, l, 32);
  return bytes <= 16 ? 'xmm' : bytes === 32 ? 'ymm' : 'zmm';
}
function signedHex(n: number): string {
  return n < 0 ? `-0x${(-n).toString(16)}` : `0x${n.toString(16)}`;
}
function hex64(high: number, low: number): string {
  if (high === 0) return `0x${(low >>> 0).toString(16)}`;
  return `0x${(high >>> 0).toString(16)}${(low >>> 0).toString(16).padStart(8, '0')}`;
}
