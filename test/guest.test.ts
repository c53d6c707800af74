// Every program in test/guest does under ring3 what it does here: output, error output, exit status or signal.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, directive, execute, noGuests, ROOT, underRing3, words } from './native.ts';

const dir = join(ROOT, 'test/guest');
const sources = readdirSync(dir).filter((f) => /\.[cS]$/.test(f));

describe.skipIf(noGuests !== undefined)('guest programs', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
  });
  // Some race the clock, natively too: on a busy machine they get another try.
  test.concurrent.each(sources)('%s', { retry: 2 }, async (file) => {
    const source = join(dir, file);
    const text = readFileSync(source, 'utf8');
    const argv = [compile(source), ...words(directive(text, 'args'))];
    const stdin = directive(text, 'stdin')?.replaceAll('\\n', '\n');
    const request = { argv, ...(stdin === undefined ? {} : { stdin }) };
    const native = await execute(request);
    expect(await underRing3(request)).toEqual(native);
  });
});
test.runIf(noGuests !== undefined)(`guest programs: skipped, ${noGuests}`, () => {});
