// `ring3 strace`: runs a program and shows its system calls.
import { Errno } from '../src/abi/errno.ts';
import { NodeHost } from '../src/host/node/host.ts';
import { tables } from '../src/kernel/syscalls/index.ts';
import { Machine } from '../src/machine/machine.ts';
import { parseStraceArguments, type StraceOptions } from '../src/trace/options.ts';
import { createStrace, type Strace } from '../src/trace/strace.ts';
import { reportChanges } from './changes.ts';
import { conclude } from './ending.ts';
import { cpuParts } from './engine.ts';
import { type JitMode, jitOf, seedOf } from './options.ts';
import { byteString } from './run.ts';
import { STRACE_HELP, STRACE_VERSION } from './strace-help.ts';
import { type OpenOutputs, OutputError, openOutputs } from './strace-output.ts';

/** Shows the trace before anyone has to wait. */
class WatchedHost extends NodeHost {
  readonly #tracer: Strace;
  constructor(tracer: Strace) {
    super();
    this.#tracer = tracer;
  }
  override idle(deadline: bigint | undefined): Promise<void> {
    this.#tracer.flush();
    return super.idle(deadline);
  }
}

export async function strace(args: readonly string[]): Promise<number> {
  const parsed = parseStraceArguments(args, tables);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(STRACE_HELP);
      return 0;
    case 'version':
      process.stdout.write(STRACE_VERSION);
      return 0;
    case 'error':
      process.stderr.write(parsed.message);
      return parsed.status;
  }
  const jit = jitOf(process.env);
  if (typeof jit !== 'string') {
    process.stderr.write(`ring3: ${jit.error}\n`);
    return 1;
  }
  const seed = seedOf(process.env);
  if (typeof seed === 'object') {
    process.stderr.write(`ring3: ${seed.error}\n`);
    return 1;
  }
  for (const w of parsed.warnings) process.stderr.write(w);
  try {
    return await trace(parsed.options, parsed.command, jit, seed);
  } catch (e) {
    if (!(e instanceof OutputError)) throw e;
    process.stderr.write(e.message);
    return 1;
  }
}

async function trace(
  options: StraceOptions,
  command: readonly string[],
  jit: JitMode,
  seed: number | undefined,
): Promise<number> {
  const outputs: OpenOutputs = openOutputs(options);
  const tracer = createStrace(options, outputs);
  const host = new WatchedHost(tracer);
  const machine = new Machine({
    host,
    cpu: cpuParts(jit),
    observers: [tracer],
    ...(seed === undefined ? {} : { seed }),
  });
  const name = byteString(command[0] as string);
  const path = machine.find(name, host.environment.PATH ?? '/usr/local/bin:/usr/bin:/bin');
  if (path instanceof Errno || !machine.exists(path)) {
    process.stderr.write(
      `strace: Can't stat '${command[0]}': ${path instanceof Errno ? path.text : 'No such file or directory'}\n`,
    );
    await outputs.close();
    return 1;
  }
  const argv = [options.argv0 ?? (command[0] as string), ...command.slice(1)].map(byteString);
  const program = { path, argv, envp: environment(host, options).map(byteString) };
  // What led to a mistake of ours is worth most.
  const how = await machine.run(program).catch((mistake) => {
    tracer.flush();
    throw mistake;
  });
  if (how.kind === 'not started') {
    tracer.flush();
    process.stderr.write(`strace: exec: ${how.error.text}\n`);
    tracer.notStarted();
  }
  tracer.finish();
  await outputs.close();
  if (how.kind === 'not started') return 1;
  reportChanges(machine);
  return conclude(how);
}
function environment(host: NodeHost, options: StraceOptions): string[] {
  const variables = new Map(Object.entries(host.environment));
  for (const [name, value] of options.environment) {
    if (value === undefined) variables.delete(name);
    else variables.set(name, value);
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}
