// `ring3 strace`: runs a program and shows its system calls.
export async function strace(_args: readonly string[]): Promise<number> {
  process.stderr.write('ring3: strace is not there yet\n');
  return 2;
}
