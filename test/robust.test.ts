// What no program may do to the machine: end it, hang it, take all of the host.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, noGuests, ROOT, underRing3 } from './native.ts';

const source = (name: string): string => join(ROOT, 'test/robust', name);
describe.skipIf(noGuests !== undefined)('a hostile program', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
  });
  test('makes calls with any arguments', async () => {
    const seed = String(Math.floor(Math.random() * 1e6));
    const r = await underRing3({ argv: [compile(source('any-call.c')), '6', seed], seconds: 60 });
    expect({ ...r, seed }).toEqual({ stdout: '6 children\n', stderr: '', status: 'exit 0', seed });
  });
  test('takes all memory, tasks and stack it can', async () => {
    const r = await underRing3({ argv: [compile(source('bombs.c'))], seconds: 60 }, ['--memory', '64M']);
    expect(r.stderr).toBe('');
    expect(r.stdout.split('\n')).toEqual([
      'memory: killed by 9',
      'signals: killed by 11',
      'vfork in vfork: 1',
      'processes: refused after many 1',
      'all gone: 0',
      '',
    ]);
    expect(r.status).toBe('exit 0');
  });
});
