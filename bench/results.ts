// What was measured, as it is stored, and how two measurements compare.
import type { Figure } from './measure.ts';
import type { Part } from './options.ts';

/** Figures of a row by way of running. */
export type Row = Readonly<Record<string, Figure>>;
export interface Results {
  readonly machine: MachineDescription;
  readonly scale: number;
  readonly best: number;
  /** By part, then row. Of calls, `cpu` and `wall` are those of one call. */
  readonly figures: Readonly<Partial<Record<Part, Readonly<Record<string, Row>>>>>;
  /** What runs are compared by: `PART/ROW/WAY` to a measure of the machine (see ratiosOf). */
  readonly ratios: Readonly<Record<string, number>>;
}
export interface MachineDescription {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly date: string;
}
/** What a part's ways are divided by, and which figure of them. */
const MEASURES: Readonly<Record<Part, { readonly by: string; readonly figure: keyof Figure }>> = {
  programs: { by: 'native', figure: 'cpu' },
  start: { by: 'node', figure: 'cpu' },
  calls: { by: 'native', figure: 'cpu' },
  memory: { by: 'node', figure: 'resident' },
};

/** The ratios of everything but what they are made by. */
export function ratiosOf(figures: Results['figures']): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const [part, rows] of Object.entries(figures)) {
    const { by, figure } = MEASURES[part as Part];
    for (const [row, ways] of Object.entries(rows)) {
      const whole = ways[by]?.[figure];
      if (!whole) continue;
      for (const [way, f] of Object.entries(ways))
        if (way !== by) ratios[`${part}/${row}/${way}`] = round(f[figure] / whole);
    }
  }
  return ratios;
}
const round = (x: number): number => Number(x.toPrecision(4));

/** The geometric mean; undefined of none. */
export function mean(list: readonly number[]): number | undefined {
  return list.length ? Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length) : undefined;
}
/** One way's figure by another's, for each row that has both. */
export function quotients(rows: Readonly<Record<string, Row>>, way: string, by: string): number[] {
  return Object.values(rows).flatMap((r) => {
    const [a, b] = [r[way]?.cpu, r[by]?.cpu];
    return a && b ? [a / b] : [];
  });
}

export interface Change {
  readonly key: string;
  readonly stored: number;
  readonly now: number;
}
/** Of ring3's own ratios: those that are worse, or better, by more than the threshold (a fifth: 0.2). */
export function changes(
  stored: Results['ratios'],
  now: Results['ratios'],
  threshold: number,
): { readonly worse: Change[]; readonly better: Change[] } {
  const worse: Change[] = [];
  const better: Change[] = [];
  for (const [key, ratio] of Object.entries(now)) {
    const before = stored[key];
    if (before === undefined || FOREIGN.has(key.slice(key.lastIndexOf('/') + 1))) continue;
    const change = { key, stored: before, now: ratio };
    if (ratio > before * (1 + threshold)) worse.push(change);
    else if (ratio * (1 + threshold) < before) better.push(change);
  }
  const by = (c: Change): number => c.now / c.stored;
  return { worse: worse.sort((a, b) => by(b) - by(a)), better: better.sort((a, b) => by(a) - by(b)) };
}
/** Ways of running that aren't ours. */
const FOREIGN = new Set(['native', 'qemu', 'node', 'strace']);

/** What is stored with the rows and ways measured now in their places. */
export function merge(stored: Results | undefined, now: Results): Results {
  if (!stored || stored.scale !== now.scale) return now;
  const figures: Partial<Record<Part, Record<string, Row>>> = {};
  for (const of of [stored.figures, now.figures])
    for (const [part, rows] of Object.entries(of) as [Part, Record<string, Row>][])
      for (const [row, ways] of Object.entries(rows)) {
        figures[part] ??= {};
        figures[part][row] = { ...figures[part][row], ...ways };
      }
  return { ...now, figures, ratios: ratiosOf(figures) };
}
