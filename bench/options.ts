// Options of `npm run bench`.
import { parseArgs } from 'node:util';
import { JIT_MODES, type JitMode } from '../cli/options.ts';

export const PARTS = ['programs', 'start', 'calls', 'memory'] as const;
export type Part = (typeof PARTS)[number];

export const HELP = `npm run bench -- [OPTION...]: what programs take natively, under qemu-x86_64 (where it is installed) and under ring3, by the compiler's mode

  --only=NAME,...     these rows or parts only. Parts: ${PARTS.join(', ')}; rows: see --list
  --modes=MODE,...    of the compiler (default ${JIT_MODES.join(',')})
  --best=N            the least of N rounds counts (default 3); the ways of running take turns
  --scale=X           work of a program; at 1 (default) a quarter of a second natively
  --no-qemu           leave qemu out
  --json=FILE         write every figure to FILE
  --save              store the figures measured in bench/results.json and docs/PERFORMANCE.md
  --check             exit status 1 if something got worse than what is stored
  --threshold=PART    how much worse counts: 0.2 (default) is a fifth
  --show              print what is stored as tables, measure nothing
  --list              print the rows

CPU seconds are user + system of all threads. The outputs of all ways of running must be the same: a row where they aren't says so, has no ratios, and
makes the exit status 1. Every run ends by saying what got worse or better than the stored ratios; they are comparable at the same scale only.
Close other work first: what shares a core's caches and units slows both down, by up to a half.
`;

export interface BenchOptions {
  /** Rows or parts; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  readonly modes: readonly JitMode[];
  readonly best: number;
  readonly scale: number;
  readonly qemu: boolean;
  readonly json: string | undefined;
  readonly save: boolean;
  readonly check: boolean;
  readonly threshold: number;
  readonly action: 'measure' | 'show' | 'list' | 'help';
}

/** The options, or what is wrong with them. */
export function parseOptions(args: readonly string[]): BenchOptions | { readonly error: string } {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (e) {
    return { error: (e as Error).message };
  }
  const list = (text: string | undefined): string[] | undefined => text?.split(',').filter(Boolean);
  const modes = list(values.modes) ?? [...JIT_MODES];
  const wrong = modes.find((m) => !JIT_MODES.some((known) => known === m));
  if (wrong !== undefined) return { error: `--modes: ${wrong} is none of ${JIT_MODES.join(', ')}` };
  const [best, scale, threshold] = [values.best, values.scale, values.threshold].map(Number) as [
    number,
    number,
    number,
  ];
  if (!Number.isInteger(best) || best < 1) return { error: `--best=${values.best}: give a number of rounds` };
  if (!(scale > 0 && scale < 1000)) return { error: `--scale=${values.scale}: give a number above 0` };
  if (!(threshold > 0)) return { error: `--threshold=${values.threshold}: give a number above 0, such as 0.2` };
  const only = list(values.only);
  return {
    only: only && new Set(only),
    modes: JIT_MODES.filter((m) => modes.includes(m)),
    best,
    scale,
    qemu: !values['no-qemu'],
    json: values.json,
    save: values.save,
    check: values.check,
    threshold,
    action: values.help ? 'help' : values.list ? 'list' : values.show ? 'show' : 'measure',
  };
}
const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      modes: { type: 'string' },
      best: { type: 'string', default: '3' },
      scale: { type: 'string', default: '1' },
      'no-qemu': { type: 'boolean', default: false },
      json: { type: 'string' },
      save: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      threshold: { type: 'string', default: '0.2' },
      show: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
