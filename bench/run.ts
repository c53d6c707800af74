// Measures the rows that are wanted, each in all ways of running.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeData } from './data.ts';
import { Bench, type Figure, type Measured } from './measure.ts';
import type { BenchOptions, Part } from './options.ts';
import type { Row } from './results.ts';
import { CALLS, CALLS_UNDER_STRACE, MEMORY, PROGRAMS, ROWS, STARTS } from './rows.ts';

const RING3 = [process.execPath, join(process.cwd(), 'bin/ring3')];
const NODE = [process.execPath, '-e', '0'];

const say = (text: string): boolean => process.stderr.write(text);
type Ways = Record<string, readonly string[]>;

/** One measuring: `figures` has what `all` has measured, `wrong` how many rows went wrong. `directory`: scratch. */
export class Measuring {
  readonly #options: BenchOptions;
  readonly #bench: Bench;
  readonly #programs: string;
  readonly #data: string;
  readonly #qemu: string | undefined;
  readonly figures: Partial<Record<Part, Record<string, Row>>> = {};
  wrong = 0;

  constructor(options: BenchOptions, directory: string) {
    this.#options = options;
    this.#programs = directory;
    this.#data = join(directory, 'data');
    this.#bench = new Bench(directory);
    this.#bench.build('bench', ['measure.c']);
    this.#bench.build('bench/programs');
    for (const script of ['work.lua', 'work.py', 'work.pl'])
      writeFileSync(join(directory, script), readFileSync(join('bench/programs', script)));
    this.#qemu = options.qemu ? this.#bench.which('qemu-x86_64') : undefined;
    if (options.qemu && !this.#qemu) say('bench: no qemu-x86_64 here (Debian: qemu-user): without its column\n');
  }
  all(): void {
    if (this.#wanted('programs').length) makeData(this.#data, this.#options.scale);
    // The first start builds, and keeps what V8 compiled.
    for (const mode of this.#options.modes) this.#bench.once(this.#ring3(mode, [join(this.#programs, 'empty')]));
    for (const row of PROGRAMS) this.#row('programs', row.name, () => this.#program(row.argv));
    for (const row of STARTS) this.#row('start', row.name, () => this.#start(row.argv));
    for (const row of CALLS) this.#row('calls', row.name, () => this.#calls(row));
    this.#row('memory', MEMORY, () => this.#start([join(this.#programs, MEMORY)]));
  }
  #wanted(part: Part): readonly string[] {
    const { only } = this.#options;
    return only === undefined || only.has(part) ? ROWS[part] : ROWS[part].filter((name) => only.has(name));
  }
  #row(part: Part, name: string, measure: () => Measured | undefined): void {
    if (!this.#wanted(part).includes(name)) return;
    const began = performance.now();
    const m = measure();
    if (!m) return void say(`${name}: left out, its program isn't here\n`);
    if (m.wrong.length) {
      this.wrong++;
      return void say(`${name}: WRONG OUTPUT or status: ${m.wrong.join(', ')}\n`);
    }
    this.figures[part] ??= {};
    this.figures[part][name] = m.figures;
    const cells = Object.entries(m.figures).map(
      ([way, f]) => `${way} ${part === 'calls' ? `${(f.cpu * 1e9).toFixed(0)} ns` : f.cpu.toFixed(3)}`,
    );
    say(`${part}/${name}: ${cells.join(', ')} (${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
  }
  #arguments(argv: readonly string[]): readonly string[] | undefined {
    const { scale } = this.#options;
    const [program, ...rest] = argv.map((word) =>
      word
        .replace('$P', this.#programs)
        .replace('$D', this.#data)
        .replace(/\{([\d.]+)(?:\^([\d.]+))?\}$/, (_, n: string, power = '1') =>
          String(Math.max(1, Math.round(Number(n) * scale ** Number(power)))),
        ),
    );
    const path = this.#bench.which(program as string);
    return path === undefined ? undefined : [path, ...rest];
  }
  #ring3(mode: string, argv: readonly string[]): readonly string[] {
    return [...RING3, 'run', `--jit=${mode}`, '--', ...argv];
  }
  #ways(argv: readonly string[]): Ways {
    const ways: Ways = { native: argv };
    if (this.#qemu) ways.qemu = [this.#qemu, ...argv];
    for (const mode of this.#options.modes) ways[mode] = this.#ring3(mode, argv);
    return ways;
  }
  #program(row: readonly string[]): Measured | undefined {
    const argv = this.#arguments(row);
    return argv && this.#bench.compare(this.#ways(argv), this.#options.best);
  }
  #start(row: readonly string[]): Measured | undefined {
    const argv = this.#arguments(row);
    // Short, so that more rounds are needed and cost little.
    return argv && this.#bench.compare({ ...this.#ways(argv), node: NODE }, 3 * this.#options.best, ['node']);
  }
  /** CPU time of a call: what so many take beyond none, by their number. */
  #calls(row: (typeof CALLS)[number]): Measured {
    const { scale, best, modes } = this.#options;
    const program = join(this.#programs, 'calls');
    const strace = this.#bench.which('strace');
    const counts: Record<string, number> = {};
    const ways: Ways = {};
    const way = (name: string, count: number, prefix: readonly string[]): void => {
      counts[name] = Math.max(1, Math.round(count * scale));
      ways[`${name} 0`] = [...prefix, program, row.name, '0'];
      ways[name] = [...prefix, program, row.name, String(counts[name])];
    };
    way('native', row.untraced, []);
    if (strace) way('strace', CALLS_UNDER_STRACE, [strace, '-o', '/dev/null']);
    for (const mode of modes) way(mode, row.untraced, [...RING3, 'run', `--jit=${mode}`, '--']);
    for (const mode of modes)
      way(`${mode} traced`, row.traced, ['/usr/bin/env', `RING3_JIT=${mode}`, ...RING3, 'strace', '-o', '/dev/null']);
    const m = this.#bench.compare(ways, best, Object.keys(ways));
    const one = (name: string): Figure => {
      const [whole, none] = [m.figures[name], m.figures[`${name} 0`]] as [Figure, Figure];
      const per = (figure: 'cpu' | 'wall'): number =>
        Math.max(1e-10, (whole[figure] - none[figure]) / (counts[name] as number));
      return { cpu: per('cpu'), wall: per('wall'), resident: whole.resident };
    };
    return { figures: Object.fromEntries(Object.keys(counts).map((name) => [name, one(name)])), wrong: m.wrong };
  }
}
