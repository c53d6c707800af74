// What a start loads: nothing that what was asked for can do without.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, noGuests, RING3, ROOT } from './native.ts';

const directory = mkdtempSync(join(tmpdir(), 'ring3-load-'));
afterAll(() => rmSync(directory, { recursive: true }));
/** Notes which files Node reads, by whichever way. */
const WATCH = `const fs = require('node:fs');
const seen = new Set();
for (const name of ['readFileSync', 'openSync']) {
  const real = fs[name];
  fs[name] = (path, ...rest) => (seen.add(String(path)), real(path, ...rest));
}
process.on('exit', () => fs.writeFileSync(process.env.RING3_SEEN, [...seen].join('\\n')));
`;

/** Names of the files of dist/ that a command of ring3's reads. */
function loaded(args: readonly string[]): string[] {
  const watch = join(directory, 'watch.cjs');
  const seen = join(directory, 'seen');
  writeFileSync(watch, WATCH);
  const r = spawnSync(process.execPath, ['-r', watch, RING3, ...args], {
    encoding: 'utf8',
    env: { ...process.env, RING3_SEEN: seen },
  });
  expect(r.stderr).toBe('');
  const files = readFileSync(seen, 'utf8')
    .split('\n')
    .filter((f) => /\bdist\//.test(f));
  return [...new Set(files.map((f) => basename(f)))].sort();
}

beforeAll(async () => {
  const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
  await setUp(ROOT);
});
test.each(['--version', '--help'])('ring3 %s loads no part of the machine', (option) => {
  expect(loaded([option])).not.toEqual(expect.arrayContaining([expect.stringMatching(/wasm|bin|compiler/)]));
});
describe.skipIf(noGuests !== undefined)('ring3 run', () => {
  test.each(['off', 'on'])('of a short program loads no compiler, --jit=%s', (jit) => {
    const files = loaded(['run', `--jit=${jit}`, compile(join(ROOT, 'test/guest/hello.c'))]);
    expect(files).not.toContain('compiler.cjs');
    expect(files).not.toContain('handlers.bin');
  });
  test('of a long one does', () => {
    expect(loaded(['run', '--jit=on', compile(join(ROOT, 'test/profile/hot.c'))])).toContain('compiler.cjs');
  });
});
