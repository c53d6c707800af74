// Runs programs and says what they took: the least of several rounds, the ways of running taking turns so that a busy minute hits all of them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

/** What the least of the rounds took. */
export interface Figure {
  /** Seconds by the clock on the wall. */
  readonly wall: number;
  /** Seconds of CPU time, user + system, all threads and children. */
  readonly cpu: number;
  /** The most resident at once, in bytes. */
  readonly resident: number;
}
export interface Run extends Figure {
  readonly status: number;
  readonly output: Buffer;
}
/** A row's figures by way of running, and the ways whose output or status isn't the first way's. */
export interface Measured {
  readonly figures: Readonly<Record<string, Figure>>;
  readonly wrong: readonly string[];
}

const LONGEST = 300;
const COMPILER = ['-O2', '-w'];

export class Bench {
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;

  /** `directory`: scratch, where the programs are built. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: directory, LC_ALL: 'C', TZ: 'UTC' };
  }
  /** Compiles the C sources of a folder; flags stand behind `build:` in their first lines. */
  build(sources: string, files: readonly string[] = readdirSync(sources).filter((f) => f.endsWith('.c'))): void {
    for (const file of files) {
      const source = join(sources, file);
      const head = readFileSync(source, 'utf8').split('\n').slice(0, 3).join('\n');
      const flags = /build: *(.*)/.exec(head)?.[1]?.trim().split(/\s+/) ?? [];
      const out = join(this.#directory, basename(file, '.c'));
      const gcc = spawnSync('gcc', [...COMPILER, '-o', out, source, ...flags], { encoding: 'utf8' });
      if (gcc.status !== 0) throw new Error(`gcc can't compile ${file}: ${gcc.error?.message ?? gcc.stderr}`);
    }
  }
  /** The path of a program, undefined where there is none. */
  which(program: string): string | undefined {
    const paths = program.includes('/')
      ? [program]
      : (this.#environment.PATH as string).split(delimiter).map((d) => join(d, program));
    return paths.find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  }
  once(argv: readonly string[]): Run {
    const file = join(this.#directory, 'took');
    const r = spawnSync(join(this.#directory, 'measure'), [String(LONGEST), file, ...argv], {
      env: this.#environment,
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 30,
    });
    if (r.status !== 0) throw new Error(`${argv.join(' ')}: ${r.error?.message ?? r.stderr}`);
    const [wall, user, system, kibibytes, status] = readFileSync(file, 'utf8').trim().split(' ').map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { wall, cpu: user + system, resident: kibibytes * 1024, status, output: r.stdout };
  }
  /** Each way `best` times, in turns. The first is what the others' output is compared with; `differ`: ways that print something of their own. */
  compare(ways: Readonly<Record<string, readonly string[]>>, best: number, differ: readonly string[] = []): Measured {
    const figures: Record<string, Figure> = {};
    const wrong = new Set<string>();
    let model: Run | undefined;
    for (let round = 0; round < best; round++)
      for (const [name, argv] of Object.entries(ways)) {
        const now = this.once(argv);
        model ??= now;
        if (now.status !== model.status || !(differ.includes(name) || now.output.equals(model.output))) wrong.add(name);
        const { wall, cpu, resident } = now;
        figures[name] = least(figures[name], { wall, cpu, resident });
      }
    return { figures, wrong: [...wrong] };
  }
}
/** Each figure by itself: the least of both. */
export function least(a: Figure | undefined, b: Figure): Figure {
  if (!a) return b;
  return {
    wall: Math.min(a.wall, b.wall),
    cpu: Math.min(a.cpu, b.cpu),
    resident: Math.min(a.resident, b.resident),
  };
}
