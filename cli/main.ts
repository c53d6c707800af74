// The command line: `ring3 COMMAND ...`.
/** Runs one command; gives the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  process.stderr.write(`ring3: ${args[0] ?? ''}: no such command\n`);
  return 2;
}
