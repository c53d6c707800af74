// The command line: `ring3 COMMAND ...`, and `ring3 PROGRAM ...` for `ring3 run PROGRAM ...`.
import { HELP, VERSION } from './help.ts';

export { programRan } from './ending.ts';

type Command = (args: readonly string[]) => Promise<number>;
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).run,
  strace: async () => (await import('./strace.ts')).strace,
};

/** Runs one command; gives the exit status (a program killed by a signal kills us by the same). */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  switch (name) {
    case undefined:
      process.stderr.write(HELP);
      return 2;
    case '-h':
    case '--help':
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case '-V':
    case '--version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return (await command())(rest);
  if (name.startsWith('-')) {
    process.stderr.write(`ring3: unknown option ${name}: see ring3 --help\n`);
    return 2;
  }
  const run = await (COMMANDS.run as () => Promise<Command>)();
  return run(['--', ...args]);
}
