// A program's output and the number of its instructions are the same interpreted, compiled at once and compiled where it is hot.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, execute, noGuests, type Outcome, RING3, ROOT } from '../native.ts';

/** Static, and alone with themselves: nothing they do depends on the time. */
const PROGRAMS = ['hot-code.c', 'hot-faults.c', 'hello-static.c', 'signal-frame.c'];
/** Interrupted by the clock: their counts differ from run to run. */
const TIMED = ['hot-interrupted.c'];
const SECONDS = 100;

function counted(program: string, mode: string): Promise<Outcome> {
  return execute({
    argv: [process.execPath, RING3, 'run', '--stats', `--jit=${mode}`, '--', program],
    seconds: SECONDS,
  });
}
/** What stands before the statistics, and the two of them that must be the same. */
const outcome = ({ stdout, stderr, status }: Outcome): unknown => ({
  stdout,
  status,
  counts: /\d+ instructions, \d+ system calls/.exec(stderr)?.[0],
});

describe.skipIf(noGuests !== undefined)('as many instructions in every mode', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
  });
  test.concurrent.each(PROGRAMS)('%s', async (file) => {
    const program = compile(join(ROOT, 'test/guest', file));
    const native = await execute({ argv: [program] });
    const off = await counted(program, 'off');
    expect([off.stdout, off.status]).toEqual([native.stdout, native.status]);
    for (const mode of ['eager', 'on'])
      expect({ mode, outcome: outcome(await counted(program, mode)) }).toEqual({ mode, outcome: outcome(off) });
  });
  test.each(TIMED)('%s', async (file) => {
    const program = compile(join(ROOT, 'test/guest', file));
    const { stdout, status } = await execute({ argv: [program] });
    for (const mode of ['eager', 'on']) {
      const ours = await counted(program, mode);
      expect([mode, ours.stdout, ours.status]).toEqual([mode, stdout, status]);
    }
  });
});
