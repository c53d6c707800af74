// The generated pages of docs/ say what the sources say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PAGES } from '../tools/docs/pages.ts';
import { ROOT } from './native.ts';

test.each(PAGES)('docs/$file is up to date', ({ file, text }) => {
  const there = readFileSync(join(ROOT, 'docs', file), 'utf8');
  expect(there === text(), `docs/${file} is stale: npm run docs`).toBe(true);
});
