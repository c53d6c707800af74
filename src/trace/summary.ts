// The table of -c: how often each call was made, how often it failed, how long it took.
import type { Abi } from '../abi/type.ts';
import type { Column, SortKey, StraceOptions } from './options.ts';

/** One call's row; times in nanoseconds. */
interface Count {
  readonly name: string;
  readonly nr: number;
  calls: number;
  errors: number;
  time: bigint;
  shortest: bigint;
  longest: bigint;
}

interface ColumnForm {
  readonly heading: string;
  readonly least: number;
  readonly left?: true;
  readonly cell: (row: Row, all: Row) => string;
}
type Row = Omit<Count, 'nr'> & { readonly total?: true };
const seconds = (ns: bigint): string => {
  const us = ns / 1000n;
  return `${us / 1_000_000n}.${String(us % 1_000_000n).padStart(6, '0')}`;
};
const FORMS: Readonly<Record<Column, ColumnForm>> = {
  'time-percent': {
    heading: '% time',
    least: 6,
    cell: (r, all) =>
      r.total ? '100.00' : (all.time === 0n ? 0 : (100 * Number(r.time)) / Number(all.time)).toFixed(2),
  },
  'total-time': { heading: 'seconds', least: 11, cell: (r) => seconds(r.time) },
  'min-time': { heading: 'shortest', least: 8, cell: (r) => seconds(r.shortest) },
  'max-time': { heading: 'longest', least: 8, cell: (r) => seconds(r.longest) },
  'avg-time': {
    heading: 'usecs/call',
    least: 11,
    cell: (r) => String(r.calls === 0 ? 0 : r.time / BigInt(r.calls) / 1000n),
  },
  calls: { heading: 'calls', least: 9, cell: (r) => String(r.calls) },
  errors: { heading: 'errors', least: 9, cell: (r) => (r.errors ? String(r.errors) : '') },
  name: { heading: 'syscall', least: 16, left: true, cell: (r) => r.name },
};

const compare = (a: bigint | number, b: bigint | number): number => (a < b ? 1 : a > b ? -1 : 0);
/** Largest first; equal ones stay in the order of their numbers. */
const ORDERS: Readonly<Record<SortKey, (a: Count, b: Count) => number>> = {
  'total-time': (a, b) => compare(a.time, b.time),
  'min-time': (a, b) => compare(a.shortest, b.shortest),
  'max-time': (a, b) => compare(a.longest, b.longest),
  'avg-time': (a, b) => compare(a.time / BigInt(a.calls), b.time / BigInt(b.calls)),
  calls: (a, b) => compare(a.calls, b.calls),
  errors: (a, b) => compare(a.errors, b.errors),
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  nothing: () => 0,
};

export class Summary {
  readonly #counts = { x64: new Map<number, Count>(), i386: new Map<number, Count>() };

  add(abi: Abi, nr: number, name: string, time: bigint, failed: boolean): void {
    const counts = this.#counts[abi];
    let c = counts.get(nr);
    if (!c) {
      c = { name, nr, calls: 0, errors: 0, time: 0n, shortest: time, longest: time };
      counts.set(nr, c);
    }
    c.calls++;
    if (failed) c.errors++;
    c.time += time;
    if (time < c.shortest) c.shortest = time;
    if (time > c.longest) c.longest = time;
  }
  /** The tables, one for each ABI that was used; empty where nothing was counted. */
  text(options: Pick<StraceOptions, 'summaryColumns' | 'summarySort'>): string {
    const tables: string[] = [];
    for (const abi of ['x64', 'i386'] as const) {
      const rows = [...this.#counts[abi].values()].sort((a, b) => a.nr - b.nr).sort(ORDERS[options.summarySort]);
      if (!rows.length) continue;
      const table = makeTable(rows, options.summaryColumns);
      tables.push(abi === 'x64' ? table : `System call usage summary for 32 bit mode:\n${table}`);
    }
    return tables.join('');
  }
}
function makeTable(rows: readonly Count[], columns: readonly Column[]): string {
  const all = {
    name: 'total',
    total: true as const,
    calls: 0,
    errors: 0,
    time: 0n,
    shortest: rows[0]?.shortest ?? 0n,
    longest: 0n,
  };
  for (const r of rows) {
    all.calls += r.calls;
    all.errors += r.errors;
    all.time += r.time;
    if (r.shortest < all.shortest) all.shortest = r.shortest;
    if (r.longest > all.longest) all.longest = r.longest;
  }
  const forms = columns.map((c) => FORMS[c]);
  const lines = [...rows, all].map((r) => forms.map((f) => f.cell(r, all)));
  const widths = forms.map((f, i) => {
    const longest = Math.max(...lines.map((l) => (l[i] as string).length));
    return Math.max(f.least, f.left ? longest + (longest >= f.least ? 1 : 0) : longest);
  });
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, i) => {
        const f = forms[i] as ColumnForm;
        const width = widths[i] as number;
        if (!f.left) return cell.padStart(width);
        return i === cells.length - 1 ? cell : cell.padEnd(width);
      })
      .join(' ')}\n`;
  const rule = line(widths.map((w) => '-'.repeat(w)));
  const heading = line(forms.map((f) => f.heading));
  return heading + rule + lines.slice(0, -1).map(line).join('') + rule + line(lines.at(-1) as string[]);
}
