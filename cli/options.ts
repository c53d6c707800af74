// Options of `ring3 run`.
/** Compile what is hot, everything, or nothing. */
export const JIT_MODES = ['off', 'on', 'eager'] as const;
export type JitMode = (typeof JIT_MODES)[number];

export interface RunOptions {
  readonly jit: JitMode;
  /** Bytes. */
  readonly memory?: number;
  /** Deterministic, with this seed. */
  readonly seed?: number;
  readonly stats: boolean;
  /** Where a profile goes. */
  readonly profile?: { readonly file: string; readonly format: ProfileFormat };
}
export type ProfileFormat = 'speedscope' | 'pprof';
/** By the ending of the file's name. */
const PROFILE_FORMATS: readonly (readonly [ending: string, format: ProfileFormat])[] = [
  ['.json', 'speedscope'],
  ['.pb.gz', 'pprof'],
];
export interface RunCommand {
  readonly options: RunOptions;
  readonly command: readonly string[];
}
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const LEAST_MEMORY = 4 * 2 ** 20;

/** A size as `dd` and `ulimit` take it; undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const m = /^(\d+)([KMG]?)(?:i?B)?$/i.exec(text);
  return m ? Number(m[1]) * (UNITS[(m[2] as string).toUpperCase()] as number) : undefined;
}

const MOST_SEED = 0xffff_ffff;
const DEFAULT_JIT: JitMode = 'on';
type Environment = { readonly RING3_JIT?: string | undefined; readonly RING3_DETERMINISTIC?: string | undefined };

function parseJit(name: string, text: string): JitMode | { readonly error: string } {
  return JIT_MODES.find((m) => m === text) ?? { error: `${name} ${text}: give off, on or eager` };
}
/** What RING3_JIT asks for. */
export function jitOf(environment: Environment): JitMode | { readonly error: string } {
  const text = environment.RING3_JIT;
  return text === undefined ? DEFAULT_JIT : parseJit('RING3_JIT', text);
}

function parseSeed(name: string, text: string): number | { readonly error: string } {
  const seed = Number(text);
  return /^\d+$/.test(text) && seed <= MOST_SEED
    ? seed
    : { error: `${name}=${text}: give a number up to ${MOST_SEED}` };
}
/** The seed that RING3_DETERMINISTIC gives, if it is set. */
export function seedOf(environment: Environment): number | undefined | { readonly error: string } {
  const text = environment.RING3_DETERMINISTIC;
  return text === undefined ? undefined : parseSeed('RING3_DETERMINISTIC', text);
}

export function parseRunOptions(
  args: readonly string[],
  environment: Environment,
): RunCommand | { readonly error: string } {
  let memory: number | undefined;
  let stats = false;
  let profile: RunOptions['profile'];
  let jit = jitOf(environment);
  let seed = seedOf(environment);
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] as string;
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-')) break;
    if (word === '--stats') stats = true;
    else if (word === '--deterministic') seed = 0;
    else if (word.startsWith('--deterministic='))
      seed = parseSeed('--deterministic', word.slice('--deterministic='.length));
    else if (word === '--jit' || word.startsWith('--jit=')) {
      const text = word === '--jit' ? args[++at] : word.slice('--jit='.length);
      jit = parseJit('--jit', text ?? '');
    } else if (word === '--memory' || word.startsWith('--memory=')) {
      const text = word === '--memory' ? args[++at] : word.slice('--memory='.length);
      memory = parseSize(text ?? '');
      if (memory === undefined || memory < LEAST_MEMORY)
        return { error: `--memory ${text ?? ''}: give a size of at least 4M, such as 512M or 2G` };
    } else if (word === '--profile' || word.startsWith('--profile=')) {
      const file = (word === '--profile' ? args[++at] : word.slice('--profile='.length)) ?? '';
      const format = PROFILE_FORMATS.find(([ending]) => file.endsWith(ending))?.[1];
      if (!format) return { error: `--profile ${file}: give a file named *.json (speedscope) or *.pb.gz (pprof)` };
      profile = { file, format };
    } else return { error: `run: unknown option ${word}: see ring3 --help` };
  }
  if (typeof jit !== 'string') return jit;
  if (typeof seed === 'object') return seed;
  const command = args.slice(at);
  if (!command.length) return { error: 'run: which program? ring3 run [OPTION...] [--] PROGRAM [ARG...]' };
  return {
    options: {
      ...(memory === undefined ? {} : { memory }),
      ...(seed === undefined ? {} : { seed }),
      ...(profile ? { profile } : {}),
      stats,
      jit,
    },
    command,
  };
}
