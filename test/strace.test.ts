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
    ['-xx -a20', 'strings.c'],
    ['-x -e!%file', 'strings.c'],
    ['--strings-in-hex=non-ascii-chars', 'strings.c'],
    ['-Xverbose -n', 'files.c'],
    ['-Xraw -v', 'memory.c'],
    ['-s5 -y -z', 'files.c'],
    ['-Z -e%desc', 'files.c'],
    ['-eraw=openat,fcntl -everbose=none', 'files.c'],
    ['-f -esignal=!USR1 -qqq -etrace=none', 'signals.c'],
  ])('strace %s of %s', (options, file) => {
    expect(compare([compile(join(dir, file))], options.split(' ')).text).toBe('');
  });
});
test.runIf(!hasStrace)('traces: skipped, no strace here', () => {});
