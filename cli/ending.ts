// How we end: as the program did.
import { constants } from 'node:os';
import type { Ending } from '../src/kernel/process.ts';

/** Status a shell gives for a program that execve refuses (POSIX, Shell 2.8.2). */
export function refusalStatus(error: { readonly name: string }): 126 | 127 {
  return error.name === 'ENOENT' || error.name === 'ENOTDIR' ? 127 : 126;
}

let ran = false;
/** A program was run to its end: all that a run needs has been compiled. */
export const programRan = (): boolean => ran;

/**
 * Exit status of an ending. A program killed by a signal: the same signal ends this process, so that whoever waits sees what it would have seen; where the
 * host can't, 128 + number.
 */
export async function conclude(how: Ending): Promise<number> {
  ran = true;
  if (how.kind === 'exited') return how.code;
  const name = Object.entries(constants.signals).find(([, n]) => n === how.signal)?.[0] as NodeJS.Signals | undefined;
  if (name && name !== 'SIGKILL' && name !== 'SIGSTOP') {
    // Node holds handlers of its own for some (SIGUSR1, SIGPIPE): taking one on and off again leaves the default.
    process.removeAllListeners(name);
    const nothing = (): void => {};
    process.on(name, nothing);
    process.removeListener(name, nothing);
  }
  try {
    process.kill(process.pid, how.signal);
    await new Promise((done) => setTimeout(done, 100));
  } catch {
    return 128 + how.signal;
  }
  return 128 + how.signal;
}
