// `npm run bench:browser`: how quick programs are in a page (bench/browser/main.ts).
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBundled } from './bundled.js';
import { setUp } from './setup.js';

await setUp(join(dirname(fileURLToPath(import.meta.url)), '..'));
await runBundled('bench/browser/main.ts', process.argv.slice(2));
