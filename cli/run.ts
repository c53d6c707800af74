// `ring3 run`: runs a program.
import { Errno } from '../src/abi/errno.ts';
import { NodeHost } from '../src/host/node/host.ts';
import { Machine } from '../src/machine/machine.ts';
import { refusalText } from '../src/machine/refusal.ts';
import { reportChanges } from './changes.ts';
import { conclude, refusalStatus } from './ending.ts';
import { cpuParts } from './engine.ts';
import type { Measuring } from './measuring.ts';
import { parseRunOptions } from './options.ts';

/** Bytes as the guest sees them, one char a byte. */
export const byteString = (s: string): string => Buffer.from(s, 'utf8').toString('latin1');

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseRunOptions(args, process.env);
  if ('error' in parsed) {
    process.stderr.write(`ring3: ${parsed.error}\n`);
    return 2;
  }
  const { options, command } = parsed;
  const host = new NodeHost();
  let measuring: Measuring | undefined;
  try {
    if (options.stats || options.profile) measuring = new (await import('./measuring.ts')).Measuring(host, options);
  } catch (e) {
    process.stderr.write(`ring3: --profile: ${(e as Error).message}\n`);
    return 2;
  }
  const machine = new Machine({
    host: measuring?.host ?? host,
    cpu: { ...cpuParts(options.jit), ...(measuring ? { meter: measuring.meter } : {}) },
    ...(measuring ? { runner: measuring.runner } : {}),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
  });
  const argv = command.map(byteString);
  const envp = Object.entries(host.environment).map(([k, v]) => byteString(`${k}=${v}`));
  const name = argv[0] as string;
  const path = machine.find(name, host.environment.PATH ?? '/usr/local/bin:/usr/bin:/bin');
  const how =
    path instanceof Errno
      ? ({ kind: 'not started', error: path } as const)
      : await machine.run({ path, argv, envp }, true);
  if (how.kind === 'not started') {
    process.stderr.write(refusalText(command[0] as string, how.error, machine));
    return refusalStatus(how.error);
  }
  measuring?.finish(machine, command);
  reportChanges(machine);
  return conclude(how);
}
