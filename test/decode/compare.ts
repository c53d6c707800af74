// Our text and lengths against objdump's: over a file, and over random bytes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder } from '../../src/isa/decode.ts';
import type { Disassembler, Syntax } from '../../src/isa/disassemble.ts';
import { codeOf, type Section } from './elf.ts';
import { normal, objdump } from './objdump.ts';

export interface Difference {
  readonly address: number;
  readonly bytes: string;
  readonly theirs: string;
  readonly ours: string;
}
export interface Result {
  instructions: number;
  /** objdump's "(bad)" lines, instructions with bad operands among them. */
  bad: number;
  /** Lines that take other bytes than the CPU does, on both sides: fwait with an x87 instruction, a REX prefix before another prefix. */
  pieces: number;
  /** Bytes that symbols call data. */
  data: number;
  lengthDifferences: number;
  textDifferences: number;
}
export type Report = (d: Difference, kind: 'length' | 'text') => void;

const hex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(' ');

/** Is the line no instruction but data, which symbols tell: its bytes as characters? Nor is .byte, where a symbol stands within an instruction. */
function isData(text: string, bytes: Uint8Array, at: number, end: number): boolean {
  if (text.startsWith('.byte')) return true;
  if (text.length !== end - at) return false;
  for (let i = 0; i < text.length; i++) {
    const b = bytes[at + i] as number;
    if (text.charCodeAt(i) !== (b >= 0x20 && b < 0x7f ? b : 0x2e)) return false;
  }
  return true;
}

/** Takes objdump's lines in order. A line is judged when the next one says where it ended. */
class Comparison {
  readonly result: Result = { instructions: 0, bad: 0, pieces: 0, data: 0, lengthDifferences: 0, textDifferences: 0 };
  readonly #sections: readonly Section[];
  readonly #mode64: boolean;
  readonly #disassembler: Disassembler;
  readonly #decoder: Decoder;
  readonly #report: Report;
  /** Which instructions count, by offset in the section. */
  readonly #counts: (at: number) => boolean;
  #section: Section | undefined;
  #address = 0;
  #theirs = '';
  #pending = false;

  constructor(
    sections: readonly Section[],
    mode64: boolean,
    disassembler: Disassembler,
    report: Report,
    counts: (at: number) => boolean = () => true,
  ) {
    this.#sections = sections;
    this.#mode64 = mode64;
    this.#disassembler = disassembler;
    this.#decoder = new Decoder(disassembler.table);
    this.#report = report;
    this.#counts = counts;
  }
  line(address: number, text: string): void {
    const s = this.#section;
    const inside = s !== undefined && address >= this.#address && address < s.address + s.bytes.length;
    // A symbol within an instruction: objdump ends it there.
    if (text.startsWith('.byte')) this.#pending = false;
    this.end(inside ? address : undefined);
    if (!inside)
      this.#section = this.#sections.find(
        (o) => o !== s && address >= o.address && address < o.address + o.bytes.length,
      );
    this.#address = address;
    this.#theirs = text;
    this.#pending = this.#section !== undefined && this.#counts(address - this.#section.address);
  }
  /** Judges the last line; `end`: where the next one begins, if in the same section. */
  end(end: number | undefined): void {
    const s = this.#section;
    if (!this.#pending || !s) return;
    this.#pending = false;
    const at = this.#address - s.address;
    if (end !== undefined && isData(this.#theirs, s.bytes, at, end - s.address)) {
      this.result.data += end - this.#address;
      return;
    }
    const text = this.#disassembler.text(s.bytes, at, s.bytes.length, BigInt(this.#address), this.#mode64);
    const same = text === this.#theirs;
    const ours = same ? text : normal(text);
    const theirs = same ? text : normal(this.#theirs);
    const length = this.#disassembler.length;
    const r = this.result;
    r.instructions++;
    // No instruction on both sides: how many bytes such a line takes is a matter of presentation.
    if (/[({]bad[)}]|%\?/.test(theirs)) {
      r.bad++;
      if (ours.endsWith('(bad)')) return;
    }
    this.#decoder.decode(s.bytes, at, s.bytes.length, this.#mode64);
    if (this.#decoder.form && this.#decoder.length !== length) r.pieces++;
    const theirLength = end === undefined ? length : end - this.#address;
    if (theirLength === length && ours === theirs) return;
    const kind = theirLength !== length ? 'length' : 'text';
    if (kind === 'length') r.lengthDifferences++;
    else r.textDifferences++;
    const bytes = hex(s.bytes.subarray(at, at + Math.max(length, theirLength)));
    this.#report({ address: this.#address, bytes, theirs, ours }, kind);
  }
}
const intel = (syntax: Syntax): string[] => (syntax === 'intel' ? ['-M', 'intel'] : []);

/** Compares a file; `report` hears of each difference; undefined: not an x86 ELF file. */
export async function compareFile(
  path: string,
  disassembler: Disassembler,
  syntax: Syntax,
  report: Report,
): Promise<Result | undefined> {
  const code = codeOf(path);
  if (!code) return undefined;
  const c = new Comparison(code.sections, code.mode64, disassembler, report);
  await objdump(['-d', ...intel(syntax), path], ({ address, text }) => c.line(address, text));
  c.end(undefined);
  return c.result;
}

const SLOT = 32;
/** Compares instructions made of random bytes: each slot holds one, and nops to find back by. */
export async function compareRandom(
  slots: readonly Uint8Array[],
  mode64: boolean,
  disassembler: Disassembler,
  syntax: Syntax,
  report: Report,
): Promise<Result> {
  const bytes = new Uint8Array(slots.length * SLOT).fill(0x90);
  slots.forEach((s, i) => bytes.set(s.subarray(0, 15), i * SLOT));
  const dir = mkdtempSync(join(tmpdir(), 'ring3-decode-'));
  try {
    const file = join(dir, 'code');
    writeFileSync(file, bytes);
    const section = { name: 'code', address: 0, bytes };
    const c = new Comparison([section], mode64, disassembler, report, (at) => at % SLOT === 0);
    const machine = mode64 ? 'i386:x86-64' : 'i386';
    await objdump(['-D', '-b', 'binary', '-m', machine, ...intel(syntax), file], ({ address, text }) =>
      c.line(address, text),
    );
    c.end(undefined);
    return c.result;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
