// Results as tables in Markdown, and changes as lines.
import type { Figure } from './measure.ts';
import type { Part } from './options.ts';
import { type Change, mean, quotients, type Results, type Row } from './results.ts';

/** A part's table: its title, the ways in the order they are shown, the way others are compared with, and how a figure is written. */
interface Table {
  readonly title: string;
  readonly ways: readonly string[];
  readonly cell: (f: Figure, row: Row) => string;
  readonly quotients: readonly (readonly [way: string, by: string])[];
}
const seconds = (x: number): string => x.toFixed(2);
const milliseconds = (x: number): string => (1000 * x).toFixed(0);
const TABLES: Readonly<Record<Part, Table>> = {
  programs: {
    title: 'CPU seconds of programs, user + system of all threads',
    ways: ['native', 'qemu', 'off', 'on', 'eager'],
    cell: (f) => seconds(f.cpu),
    quotients: [
      ['qemu', 'native'],
      ['off', 'native'],
      ['on', 'native'],
      ['eager', 'native'],
      ['on', 'qemu'],
    ],
  },
  start: {
    title:
      'Start to end in milliseconds: wall, and CPU in brackets (node: `node -e 0`; + what is beyond that by the wall)',
    ways: ['native', 'qemu', 'node', 'off', 'on', 'eager'],
    cell: (f, row) => {
      const beyond = row.node && row.node !== f ? f.wall - row.node.wall : 0;
      return `${milliseconds(f.wall)} (${milliseconds(f.cpu)})${beyond > 0 ? ` +${milliseconds(beyond)}` : ''}`;
    },
    quotients: [],
  },
  calls: {
    title: 'Nanoseconds of CPU time for a system call',
    ways: ['native', 'strace', 'off', 'on', 'eager', 'off traced', 'on traced', 'eager traced'],
    cell: (f) => (1e9 * f.cpu).toFixed(0),
    quotients: [],
  },
  memory: {
    title: 'Most memory resident, in MiB',
    ways: ['native', 'qemu', 'node', 'off', 'on', 'eager'],
    cell: (f) => (f.resident / 2 ** 20).toFixed(1),
    quotients: [],
  },
};

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The tables of all that was measured. */
export function tables(r: Results): string {
  const { machine: m } = r;
  const out = [
    `${m.cpu}, ${m.cores} cores, ${m.memory}; ${m.system}; Node ${m.node}, V8 ${m.v8}; ${m.date}; best of ${r.best}, scale ${r.scale}.`,
  ];
  for (const [part, rows] of Object.entries(r.figures) as [Part, Readonly<Record<string, Row>>][]) {
    const t = TABLES[part];
    const ways = t.ways.filter((w) => Object.values(rows).some((row) => row[w]));
    const divided = t.quotients.filter(([a, b]) => ways.includes(a) && ways.includes(b));
    out.push('', `**${t.title}**`, '');
    out.push(line(['', ...ways, ...divided.map(([a, b]) => `${a}/${b}`)]));
    out.push(line([':--', ...ways, ...divided].map((_, i) => (i ? '--:' : ':--'))));
    for (const [name, row] of Object.entries(rows)) {
      const cells = ways.map((w) => (row[w] ? t.cell(row[w], row) : ''));
      const ratios = divided.map(([a, b]) => (row[a] && row[b] ? (row[a].cpu / row[b].cpu).toFixed(2) : ''));
      out.push(line([name, ...cells, ...ratios]));
    }
    if (divided.length) {
      const all = divided.map(([a, b]) => quotients(rows, a, b));
      out.push(line(['geometric mean', ...ways.map(() => ''), ...all.map((q) => mean(q)?.toFixed(2) ?? '')]));
      out.push(line(['worst', ...ways.map(() => ''), ...all.map((q) => Math.max(...q).toFixed(2))]));
    }
  }
  return `${out.join('\n')}\n`;
}
/** A line a change. */
export function changeLines(title: string, list: readonly Change[]): string {
  const lines = list.map(
    (c) => `  ${c.key}: ${c.stored} -> ${c.now} (${((100 * c.now) / c.stored - 100).toFixed(0)} %)\n`,
  );
  return list.length ? `${title}:\n${lines.join('')}` : '';
}

const BEGIN = '<!-- results: npm run bench -- --save -->';
const END = '<!-- end of results -->';
/** A page with the tables in the place that is marked for them. */
export function inPage(page: string, r: Results): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page has no place for results: ${BEGIN} ... ${END}`);
  return `${page.slice(0, from)}${BEGIN}\n\n${tables(r)}\n${page.slice(to)}`;
}
