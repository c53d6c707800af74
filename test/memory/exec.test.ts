// What a program took is given back when it ends or executes another: many one after another need no more memory than a few.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, noGuests, RING3, ROOT } from '../native.ts';

const directory = mkdtempSync(join(tmpdir(), 'ring3-memory-'));
afterAll(() => rmSync(directory, { recursive: true }));
/** A program's tables, records, regions and pages are more than a megabyte: this is less than what as many of them would leave. */
const ALLOWED = 32 * 2 ** 20;
const REPORT = `process.on('exit', () => require('node:fs').writeFileSync(process.env.RING3_MEMORY, String(process.resourceUsage().maxRSS)));`;

/** Bytes resident at most, over a chain of so many programs. */
function most(jit: string, programs: number): number {
  const report = join(directory, 'report.cjs');
  const out = join(directory, 'memory');
  writeFileSync(report, REPORT);
  const chain = compile(join(ROOT, 'test/memory/chain.c'));
  const r = spawnSync(process.execPath, ['-r', report, RING3, 'run', `--jit=${jit}`, '--', chain, String(programs)], {
    encoding: 'utf8',
    env: { ...process.env, RING3_MEMORY: out },
  });
  expect(r.stderr).toBe('');
  expect(r.status).toBe(0);
  return 1024 * Number(readFileSync(out, 'utf8'));
}

describe.skipIf(noGuests !== undefined)('memory of ended programs', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
  });
  test.each(['off', 'on'])('--jit=%s', (jit) => {
    expect(most(jit, 50) - most(jit, 12)).toBeLessThan(ALLOWED);
  });
});
