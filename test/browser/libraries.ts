// What a program of this machine needs beside itself.
import { spawnSync } from 'node:child_process';

/** The files that the dynamic linker loads for a program, itself among them; none for a static one. */
export function libraries(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((m) => m[1] as string);
}
