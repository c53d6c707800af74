// The C library's getopt_long as strace uses it: options end at the first operand; short ones combine; long ones may be cut short where that's unambiguous.

export type Argument = 'none' | 'required' | 'optional';
export interface Option<K extends string> {
  readonly key: K;
  readonly short?: string;
  readonly long?: string;
  readonly argument: Argument;
}
export interface Found<K extends string> {
  readonly key: K;
  /** The option as messages name it: '-s' or '--string-limit'. */
  readonly as: string;
  readonly value: string | undefined;
}
export interface Parsed<K extends string> {
  readonly found: readonly Found<K>[];
  readonly operands: readonly string[];
  readonly error?: string;
}

/** Takes the options off a command line. At a mistake it stops: `found` has what stood before, `error` getopt's message. */
export function getopt<K extends string>(argv: readonly string[], options: readonly Option<K>[]): Parsed<K> {
  const found: Found<K>[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const stop = (error?: string): Parsed<K> => ({ found, operands: argv.slice(i), ...(error ? { error } : {}) });
    if (word === '--') return { found, operands: argv.slice(i + 1) };
    if (word[0] !== '-' || word === '-') return stop();
    if (word.startsWith('--')) {
      const o = long(word, options);
      if (typeof o === 'string') return stop(o);
      const at = word.indexOf('=');
      let value = at < 0 ? undefined : word.slice(at + 1);
      if (value !== undefined && o.argument === 'none') return stop(`option '--${o.long}' doesn't allow an argument`);
      if (value === undefined && o.argument === 'required') {
        value = argv[++i];
        if (value === undefined) return stop(`option '--${o.long}' requires an argument`);
      }
      found.push({ key: o.key, as: `--${o.long}`, value });
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const o = options.find((x) => x.short === letter);
      if (!o) return stop(`invalid option -- '${letter}'`);
      if (o.argument !== 'required') {
        found.push({ key: o.key, as: `-${letter}`, value: undefined });
        continue;
      }
      const value = j + 1 < word.length ? word.slice(j + 1) : argv[++i];
      if (value === undefined) return stop(`option requires an argument -- '${letter}'`);
      found.push({ key: o.key, as: `-${letter}`, value });
      break;
    }
  }
  return { found, operands: [] };
}

function long<K extends string>(word: string, options: readonly Option<K>[]): Option<K> | string {
  const name = word.slice(2).split('=', 1)[0] as string;
  const exact = options.find((o) => o.long === name);
  if (exact) return exact;
  const near = options.filter((o) => o.long?.startsWith(name));
  const first = near[0];
  if (!first) return `unrecognized option '${word}'`;
  if (near.every((o) => o.key === first.key && o.argument === first.argument)) return first;
  return `option '${word}' is ambiguous; possibilities: ${near.map((o) => `'--${o.long}'`).join(' ')}`;
}
