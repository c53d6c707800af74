// Writes the generated pages.
import { mkdirSync, writeFileSync } from 'node:fs';
import { PAGES } from './pages.ts';

mkdirSync('docs', { recursive: true });
for (const { file, text } of PAGES) writeFileSync(`docs/${file}`, text());
