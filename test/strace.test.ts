// Our traces equal the real strace's, where there is one to compare with.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, hasStrace, ROOT } from './native.ts';

interface Comparison {
  compare(command: readonly string[], options?: readonly string[]): { text: string; lines: number };
}
const dir = join(ROOT, 'test/trace');
const sources = readdirSync(dir).filter((f) => f.endsWith('.c'));

describe.skipIf(!hasStrace)('traces', () => {
  let compare: Comparison['compare'];
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
    ({ compare } = (await import(join(ROOT, 'tools/compare-strace.js'))) as Comparison);
  });
  test.each(sources)('%s', (file) => {
    expect(compare([compile(join(dir, file))]).text).toBe('');
  });
  test.each([
    ['-v', 'memory.c'],
    ['-xx', 'strings.c'],
    ['-x', 'strings.c'],
    ['--strings-in-hex=non-ascii-chars', 'strings.c'],
    ['-Xverbose', 'files.c'],
    ['-Xraw', 'memory.c'],
    ['-s5', 'files.c'],
    ['-y', 'files.c'],
    ['-n', 'memory.c'],
    ['-f', 'signals.c'],
    ['-a20', 'memory.c'],
    ['-z', 'files.c'],
    ['-Z', 'files.c'],
    ['-e%desc', 'files.c'],
    ['-e!%file', 'files.c'],
    ['-eraw=openat,fcntl', 'files.c'],
    ['-everbose=none', 'files.c'],
    ['-esignal=!USR1', 'signals.c'],
    ['-etrace=none', 'signals.c'],
    ['-qqq', 'signals.c'],
  ])('strace %s of %s', (option, file) => {
    expect(compare([compile(join(dir, file))], [option]).text).toBe('');
  });
});
test.runIf(!hasStrace)('traces: skipped, no strace here', () => {});
