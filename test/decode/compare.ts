// Our text and lengths against objdump's, over one file.
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
  /** objdump's "(bad)" lines, and those of them where ours is no instruction either. */
  bad: number;
  lengthDifferences: number;
  textDifferences: number;
}

/** What stands in a line of objdump without a text of its own. */
const hex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(' ');

/** Compares a file; `report` hears of each difference. undefined: not an x86 ELF file. */
export async function compareFile(
  path: string,
  disassembler: Disassembler,
  syntax: Syntax,
  report: (d: Difference, kind: 'length' | 'text') => void,
): Promise<Result | undefined> {
  const code = codeOf(path);
  if (!code) return undefined;
  const r: Result = { instructions: 0, bad: 0, lengthDifferences: 0, textDifferences: 0 };
  let section: Section | undefined;
  let next = 0;
  /** A line, its text by us, and where we end: judged when the next line says where objdump ended. */
  let pending: { address: number; theirs: string; ours: string; end: number } | undefined;
  const judge = (theirEnd: number | undefined): void => {
    if (!pending || !section) return;
    const { address, theirs, ours, end } = pending;
    pending = undefined;
    r.instructions++;
    if (theirs.endsWith('(bad)')) r.bad++;
    const at = address - section.address;
    const difference = (to: number): Difference => ({
      address,
      bytes: hex(section!.bytes.subarray(at, to - section!.address)),
      theirs,
      ours,
    });
    if (theirEnd !== undefined && theirEnd !== end) {
      r.lengthDifferences++;
      report(difference(Math.max(theirEnd, end)), 'length');
    } else if (ours !== theirs) {
      r.textDifferences++;
      report(difference(end), 'text');
    }
  };
  await objdump(['-d', ...(syntax === 'intel' ? ['-M', 'intel'] : []), path], ({ address, text }) => {
    const inside = section && address >= section.address && address < section.address + section.bytes.length;
    judge(inside ? address : undefined);
    if (!inside)
      section = code.sections.find(
        (s) => address >= s.address && address < s.address + s.bytes.length && s !== section,
      );
    if (!section) return;
    const at = address - section.address;
    const ours = normal(disassembler.text(section.bytes, at, section.bytes.length, BigInt(address), code.mode64));
    next = address + disassembler.length;
    pending = { address, theirs: normal(text), ours, end: next };
  });
  judge(undefined);
  return r;
}
