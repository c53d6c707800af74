// Interpreted, compiled where hot, compiled all: one machine. With --deterministic a program gives the same output, the same trace and the same count of
// instructions, to the last one, in each mode and each time.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { JIT_MODES } from '../cli/options.ts';
import { compile, execute, noGuests, RING3, ROOT, underRing3 } from './native.ts';

const dir = join(ROOT, 'test/modes');
const sources = readdirSync(dir).filter((f) => f.endsWith('.c'));
const counts = (stats: string): string | undefined => /\d+ instructions, \d+ system calls/.exec(stats)?.[0];

describe.skipIf(noGuests !== undefined)('modes', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
  });
  test.concurrent.each(sources)('%s', async (file) => {
    const argv = [compile(join(dir, file))];
    const run = async (options: readonly string[]): Promise<unknown> => {
      const { stdout, stderr, status } = await underRing3({ argv, seconds: 60 }, [...options, '--stats']);
      return { stdout, status, counts: counts(stderr) };
    };
    const trace = (mode: string): Promise<unknown> =>
      execute({
        argv: [process.execPath, RING3, 'strace', '-f', '-ttt', '-i', '-E', 'RING3_JIT', ...argv],
        env: { RING3_JIT: mode, RING3_DETERMINISTIC: '7' },
        seconds: 60,
      });
    const first = await run(['--deterministic']);
    expect(first).toMatchObject({ status: 'exit 0', counts: expect.any(String) });
    const traced = await trace('off');
    expect(traced).toMatchObject({ status: 'exit 0', stderr: expect.stringContaining('write(1') });
    for (const mode of JIT_MODES) {
      expect(await run(['--deterministic=0', `--jit=${mode}`])).toEqual(first);
      if (mode !== 'off') expect(await trace(mode)).toEqual(traced);
    }
  });
  test('another seed gives other random numbers', async () => {
    const argv = [compile(join(dir, 'turns.c'))];
    const [a, b] = await Promise.all(['1', '2'].map((seed) => underRing3({ argv }, [`--deterministic=${seed}`])));
    expect(a?.status).toBe('exit 0');
    expect(a?.stdout).not.toBe(b?.stdout);
  });
  test('a wait takes no time, and the clock has moved by it', async () => {
    const began = performance.now();
    const argv = ['/bin/sh', '-c', 'date -u +%F; sleep 100000; date -u +%F'];
    const { stdout } = await underRing3({ argv }, ['--deterministic']);
    expect(stdout).toBe('2026-01-01\n2026-01-02\n');
    expect(performance.now() - began).toBeLessThan(60_000);
  });
});
