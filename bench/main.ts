// `npm run bench`: see options.ts for what it does and how.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, HELP, PARTS, parseOptions } from './options.ts';
import { changeLines, inPage, tables } from './report.ts';
import { changes, type MachineDescription, merge, type Results, ratiosOf } from './results.ts';
import { ROWS } from './rows.ts';
import { Measuring } from './run.ts';

const STORED = 'bench/results.json';
const PAGE = 'docs/PERFORMANCE.md';

const say = (text: string): boolean => process.stderr.write(text);
/** What can't be done: the message, and the exit status for it. */
function refuse(text: string): number {
  say(`bench: ${text}\n`);
  return 2;
}
function describeMachine(): MachineDescription {
  return {
    cpu: os.cpus()[0]?.model ?? os.arch(),
    cores: os.cpus().length,
    memory: `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${os.type()} ${os.release().replace(/[^\d.].*/, '')}`,
    node: process.versions.node,
    v8: process.versions.v8,
    date: new Date().toISOString().slice(0, 10),
  };
}
function stored(): Results | undefined {
  try {
    return JSON.parse(readFileSync(STORED, 'utf8')) as Results;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${STORED}: ${(e as Error).message}`);
  }
}
/** Says what changed; true where something is worse. */
function compareWithStored(before: Results | undefined, now: Results, threshold: number): boolean {
  if (!before) return !say(`nothing stored to compare with: --save stores\n`);
  if (before.scale !== now.scale) return !say(`what is stored is of scale ${before.scale}: not compared\n`);
  if (before.machine.cpu !== now.machine.cpu) say(`what is stored is of another machine: ${before.machine.cpu}\n`);
  const { worse, better } = changes(before.ratios, now.ratios, threshold);
  const percent = `more than ${(100 * threshold).toFixed(0)} %`;
  say(
    `${changeLines(`better than stored by ${percent}`, better)}${changeLines(`WORSE than stored by ${percent}`, worse)}`,
  );
  if (!worse.length) say(`nothing is worse than stored by ${percent}\n`);
  return worse.length > 0;
}
function measure(options: BenchOptions): number {
  const known = new Set([...PARTS, ...Object.values(ROWS).flat()]);
  const unknown = [...(options.only ?? [])].find((name) => !known.has(name));
  if (unknown !== undefined) return refuse(`--only: no row or part is named ${unknown}: see --list`);
  if (os.type() !== 'Linux' || os.arch() !== 'x64') return refuse('needs Linux on x86-64, to compare with');
  const directory = mkdtempSync(join(os.tmpdir(), 'ring3-bench-'));
  try {
    const run = new Measuring(options, directory);
    run.all();
    const { scale, best } = options;
    const now: Results = {
      machine: describeMachine(),
      scale,
      best,
      figures: run.figures,
      ratios: ratiosOf(run.figures),
    };
    process.stdout.write(tables(now));
    const before = stored();
    const worse = compareWithStored(before, now, options.threshold);
    if (options.json !== undefined) writeFileSync(options.json, textOf(now));
    if (options.save) save(merge(before, now));
    return run.wrong || (options.check && worse) ? 1 : 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
/** For JSON: as many digits as the figures are worth. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value;

const textOf = (r: Results): string => `${JSON.stringify(r, rounded, 2)}\n`;
/** Stores results, and writes them in the page that shows them. */
function save(results: Results): void {
  const text = textOf(results);
  writeFileSync(STORED, text);
  writeFileSync(PAGE, inPage(readFileSync(PAGE, 'utf8'), JSON.parse(text) as Results));
}

function main(): number {
  const options = parseOptions(process.argv.slice(2));
  if ('error' in options) return refuse(options.error);
  switch (options.action) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'list':
      for (const part of PARTS) process.stdout.write(`${part}: ${ROWS[part].join(', ')}\n`);
      return 0;
    case 'show': {
      const results = stored();
      if (!results) return refuse(`nothing is stored in ${STORED}: measure with --save`);
      process.stdout.write(tables(results));
      return 0;
    }
    case 'measure':
      return measure(options);
  }
}
process.exitCode = main();
