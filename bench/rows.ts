// table
// What is measured. In arguments, {N} is N times the scale, {N^p} N times the scale to the power p (work that grows faster than its argument),
// $P where the programs lie, $D the generated data (data.ts). A program without a slash is looked up in PATH, a row whose program is absent is left out.

import type { Part } from './options.ts';

export interface ProgramRow {
  readonly name: string;
  readonly argv: readonly string[];
}
/** CPU-bound programs: those of bench/programs by their names, then real ones. */
export const PROGRAMS: readonly ProgramRow[] = [
  { name: 'machine', argv: ['$P/machine', '{180000^0.67}'] },
  { name: 'words', argv: ['$P/words', '{220000}'] },
  { name: 'life', argv: ['$P/life', '{220}'] },
  { name: 'heat', argv: ['$P/heat', '{2000}'] },
  { name: 'treap', argv: ['$P/treap', '{700000}'] },
  { name: 'queens', argv: ['$P/queens', '{2300}'] },
  { name: 'cipher', argv: ['$P/cipher', '{800000}'] },
  { name: 'shapes', argv: ['$P/shapes', '{3500}'] },
  { name: 'gzip', argv: ['gzip', '-n', '-c', '$D/text'] },
  { name: 'gunzip', argv: ['gzip', '-d', '-c', '$D/text-long.gz'] },
  { name: 'bzip2', argv: ['bzip2', '-c', '$D/text'] },
  { name: 'xz', argv: ['xz', '-T1', '-4', '-c', '$D/text-short'] },
  { name: 'sort', argv: ['sort', '--parallel=1', '-k', '3,3', '-k', '1,1n', '$D/text', '$D/text'] },
  { name: 'md5sum', argv: ['md5sum', '$D/text-long', '$D/text-long'] },
  { name: 'lua', argv: ['lua5.4', '$P/work.lua', '{600000}'] },
  { name: 'python', argv: ['/usr/bin/python3', '-I', '-S', '$P/work.py', '{300000}'] },
  { name: 'perl', argv: ['perl', '$P/work.pl', '$D/text-short', '{4}'] },
  { name: 'sqlite', argv: ['sqlite3', '-batch', ':memory:', '.read $D/rows.sql'] },
  {
    name: 'jq',
    argv: ['jq', '-c', 'group_by(.kind) | map({kind: .[0].kind, n: length, most: (map(.at) | max)})', '$D/rows.json'],
  },
];

/** What starts and ends: the time beyond `node -e 0` counts. */
export const STARTS: readonly ProgramRow[] = [
  { name: 'empty', argv: ['$P/empty'] },
  { name: 'hello', argv: ['$P/hello'] },
  { name: 'true', argv: ['/bin/true'] },
  { name: 'python3 -c 1', argv: ['/usr/bin/python3', '-c', '1'] },
];

/** Kinds of bench/programs/calls.c, and how many rounds. */
export const CALLS: readonly { readonly name: string; readonly untraced: number; readonly traced: number }[] = [
  { name: 'getuid', untraced: 1_000_000, traced: 100_000 },
  { name: 'refused', untraced: 1_000_000, traced: 100_000 },
  { name: 'read', untraced: 500_000, traced: 100_000 },
  { name: 'stat', untraced: 100_000, traced: 50_000 },
];
/** The real strace makes each some twenty microseconds longer. */
export const CALLS_UNDER_STRACE = 20_000;

/** The start whose memory is measured. */
export const MEMORY = 'hello';
export const ROWS: Readonly<Record<Part, readonly string[]>> = {
  programs: PROGRAMS.map((r) => r.name),
  start: STARTS.map((r) => r.name),
  calls: CALLS.map((r) => r.name),
  memory: [MEMORY],
};
