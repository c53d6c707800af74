// The trace of a run, from strace's own options.
import { tables } from '../kernel/syscalls/index.ts';
import { parseStraceArguments } from '../trace/options.ts';
import { createStrace, type Strace } from '../trace/strace.ts';

/** Throws a TypeError for options that strace would refuse, or that mean files and commands, which a page has none of. */
export function createTracer(args: readonly string[], write: (text: string) => void): Strace {
  const parsed = parseStraceArguments([...args, 'program'], tables);
  if (parsed.kind === 'error') throw new TypeError(parsed.message.trimEnd());
  if (parsed.kind !== 'run' || parsed.command.length !== 1)
    throw new TypeError('traceOptions: give options of strace only, no program and no request for help');
  const { options } = parsed;
  if (options.output !== undefined || options.separately)
    throw new TypeError('traceOptions: -o and -ff name files: the text comes to the `trace` callback instead');
  if (options.environment.length || options.argv0 !== undefined)
    throw new TypeError('traceOptions: -E and --argv0 belong to the program: give `env` and the command instead');
  const sink = { write };
  for (const w of parsed.warnings) write(w);
  return createStrace(options, { trace: sink, notes: sink });
}
