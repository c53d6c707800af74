// What a walk over a call's arguments says, piece by piece. The text writer joins the pieces as strace does; a writer of trees would keep them.
import type { NameTable } from '../abi/type.ts';
import { hex } from './number.ts';
import type { StraceOptions } from './options.ts';
import { escapeBytes, escapeText } from './quote.ts';
import { constant, flagText, styled } from './xlat.ts';

export class TextWriter {
  /** The line so far. */
  out = '';
  readonly options: StraceOptions;
  /** Nothing stands yet between the bracket and here. */
  #fresh = true;

  constructor(options: StraceOptions) {
    this.options = options;
  }

  /** Begins the arguments, or goes on with them behind a separator that has been written. */
  begin(): void {
    this.#fresh = true;
  }
  separate(): void {
    if (this.#fresh) this.#fresh = false;
    else this.out += ', ';
  }
  /** The next argument, by its name. */
  argument(name: string): void {
    this.separate();
    if (this.options.argumentNames) this.out += `${name}=`;
  }
  open(bracket: '{' | '[' | '~[' | '(' | 'makedev(' | (string & {})): void {
    this.out += bracket;
    this.#fresh = true;
  }
  close(bracket: '}' | ']' | ')' | (string & {})): void {
    this.out += bracket;
    this.#fresh = false;
  }
  /** The next member of a structure. */
  field(name: string): void {
    this.out += this.#fresh ? `${name}=` : `, ${name}=`;
    this.#fresh = false;
  }
  /** The rest is left out, or can't be read. */
  more(mark: '...' | '???' = '...'): void {
    this.separate();
    this.out += mark;
  }

  null(): void {
    this.out += 'NULL';
  }
  address(lo: number, hi: number): void {
    this.out += (lo | hi) === 0 ? 'NULL' : hex(lo, hi);
  }
  /** A number, already written. */
  number(text: string): void {
    this.out += text;
  }
  /** A name that stands for a number, and the number. */
  named(number: string, name: string): void {
    this.out += styled(this.options.constants, number, name);
  }
  constant(table: NameTable, lo: number, hi = 0): void {
    this.out += constant(table, lo, hi, this.options.constants);
  }
  flags(table: NameTable, lo: number, hi = 0): void {
    this.out += flagText(table, lo, hi, this.options.constants);
  }
  /** Bytes as a string; `cut`: there are more. */
  bytes(bytes: Uint8Array, from: number, to: number, cut: boolean, hexadecimal = false): void {
    const style = hexadecimal ? 'all' : this.options.hexStrings;
    this.out += `"${escapeBytes(bytes, from, to, style)}"${cut ? '...' : ''}`;
  }
  /** A byte string. */
  text(s: string, cut = false): void {
    this.out += cut ? `"${escapeText(s, this.options.hexStrings)}"...` : `"${escapeText(s, this.options.hexStrings)}"`;
  }
  comment(text: string): void {
    this.out += ` /* ${text} */`;
  }
  /** Something that is neither a value nor a bracket: an arrow, a bar, an `or`. */
  sign(text: string): void {
    this.out += text;
  }
}
