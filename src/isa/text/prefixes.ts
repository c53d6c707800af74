// Prefixes as text: those that the instruction doesn't use itself, in the order of the bytes.
import { ABSOLUTE, type Decoder, isPrefix, LEGACY } from '../decode.ts';
import type { Form } from '../form.ts';
import { EXCHANGE, type Shape } from './shape.ts';

export const FWAIT = 0x9b;
const NAMES: Record<number, string> = {
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
  [FWAIT]: 'fwait',
};
const isSegment = (b: number): boolean =>
  b === 0x2e || b === 0x36 || b === 0x3e || b === 0x26 || b === 0x64 || b === 0x65;
/** Jumps that segment prefixes give a hint. */
const JUMPS = new Set(['j', 'jrcxz', 'loop', 'loope', 'loopne']);

/** Is the byte a prefix in this mode? */
export function isPrefixIn(b: number, mode64: boolean): boolean {
  return isPrefix(b) && (mode64 || b < 0x40 || b >= 0x50);
}

export class PrefixText {
  readonly #d: Decoder;
  readonly #att: boolean;
  /** The branch hint the last call saw: 2e or 3e, 0 none. */
  hint = 0;

  constructor(d: Decoder, att: boolean) {
    this.#d = d;
    this.#att = att;
  }
  /** Names of the prefixes in bytes[at..end), each with a blank behind it. Of a repeated one only the last can be used. No shape: there is no instruction. */
  text(bytes: Uint8Array, at: number, end: number, shape: Shape | undefined, mode64: boolean): string {
    this.hint = shape && JUMPS.has(this.#d.form?.name ?? '') ? branchHint(bytes, at, end) : 0;
    let text = '';
    for (let i = at; i < end; i++) {
      const name = this.#name(bytes, i, end, shape, mode64);
      if (name) text += `${name} `;
    }
    return text;
  }
  #name(bytes: Uint8Array, i: number, end: number, shape: Shape | undefined, mode64: boolean): string {
    const b = bytes[i] as number;
    // What stands before a VEX prefix is of no use to the instruction.
    const vex = this.#d.family !== LEGACY;
    const form = this.#d.form;
    if (mode64 && b >= 0x40 && b < 0x50)
      return shape && form && !vex && this.#rexUsed(b, form, shape) ? '' : rexName(b);
    const plain = b === 0x67 ? (mode64 ? 'addr32' : 'addr16') : (NAMES[b] as string);
    if (!shape || !form || !isLast(bytes, i, end)) return plain;
    if (vex && (b === 0x66 || b === 0xf2 || b === 0xf3)) return plain;
    if (b === 0x66) return this.#dataUsed(form, shape) ? '' : plain;
    if (b === 0x67) return this.#addressUsed(shape) ? '' : plain;
    if (b === 0xf2 || b === 0xf3) return this.#repeat(b, form, shape) ?? plain;
    if (isSegment(b)) return this.#segment(b, shape) ?? plain;
    return plain;
  }
  #dataUsed(form: Form, shape: Shape): boolean {
    const d = this.#d;
    if (form.prefix === 1) return true;
    return shape.usesData && !(shape.wideRegister && d.mem) && (d.size === 16 || shape === EXCHANGE);
  }
  #addressUsed(shape: Shape): boolean {
    if (shape.moffs) return false;
    return this.#d.mem || shape.string || shape.hint.includes('@') || shape.hint.endsWith('^');
  }
  /** What rep and repne are called here; '': part of the opcode. */
  #repeat(b: number, form: Form, shape: Shape): string | undefined {
    const d = this.#d;
    if (form.prefix === (b === 0xf3 ? 2 : 3)) return '';
    if (form.rep) return b === 0xf3 && !/^(cmps|scas)/.test(form.name) ? 'rep' : undefined;
    if (b === 0xf2 && shape.branch) return 'bnd';
    // Lock elision: of locked instructions, xchg, and stores that end it.
    if (!d.mem) return undefined;
    if (form.lock && (d.lock || form.name === 'xchg')) return b === 0xf2 ? 'xacquire' : 'xrelease';
    const [to, from] = form.operands;
    const store = form.name === 'mov' && to?.source === 'rm' && to.bank === 'gpr' && from?.bank !== 'seg';
    return store && b === 0xf3 ? 'xrelease' : undefined;
  }
  #segment(b: number, shape: Shape): string | undefined {
    if (shape.stringSource) return '';
    if (this.hint) return this.#att ? '' : undefined;
    if (b === 0x3e && shape.indirect && shape.branch) return 'notrack';
    return this.#d.mem && this.#d.segment >= 0 ? '' : undefined;
  }
  #rexUsed(rex: number, form: Form, shape: Shape): boolean {
    const d = this.#d;
    if (rex === 0x40) return this.#namesNewByte(form);
    let used = 0;
    if (shape.usesW && !(shape.wideRegister && d.mem)) used |= 8;
    if (shape.usesR) used |= 4;
    if (d.mem && (d.modrm & 7) === 4) used |= 2;
    if (shape.usesB || (d.mem && d.base !== ABSOLUTE)) used |= 1;
    return (rex & 15 & ~used) === 0;
  }
  /** Is one of the byte registers named that are others without REX: spl for ah? */
  #namesNewByte(form: Form): boolean {
    const d = this.#d;
    return form.operands.some((o) => {
      if (o.bank !== 'gpr' || o.size !== 'b') return false;
      if (o.source === 'rm') return !d.mem && (d.modrm & 4) !== 0;
      if (o.source === 'reg') return (d.modrm & 0x20) !== 0;
      return o.source === 'opreg' && (d.opcode & 4) !== 0;
    });
  }
}

/** Is there no other prefix of its kind behind it? All segment prefixes are of one kind. */
function isLast(bytes: Uint8Array, i: number, end: number): boolean {
  const b = bytes[i] as number;
  const segment = isSegment(b);
  for (let k = i + 1; k < end; k++) {
    const other = bytes[k] as number;
    if (other === b || (segment && isSegment(other))) return false;
  }
  return true;
}
/** 2e or 3e before a jump, unless both are there. */
function branchHint(bytes: Uint8Array, at: number, end: number): number {
  let hint = 0;
  for (let i = at; i < end; i++) {
    const b = bytes[i] as number;
    if (b !== 0x2e && b !== 0x3e) continue;
    if (hint && hint !== b) return 0;
    hint = b;
  }
  return hint;
}
function rexName(rex: number): string {
  const bits = (rex & 8 ? 'W' : '') + (rex & 4 ? 'R' : '') + (rex & 2 ? 'X' : '') + (rex & 1 ? 'B' : '');
  return bits ? `rex.${bits}` : 'rex';
}
