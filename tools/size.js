// `npm run size`: how big the browser bundle is, in bytes as they are and as a server sends them, as a table in Markdown.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { setUp } from './setup.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dir = join(root, 'dist/browser');
await setUp(root);

const names = readdirSync(dir);
/** What a module imports before it runs, itself included. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = readFileSync(join(dir, name), 'utf8');
  for (const [, other] of text.matchAll(/(?:from|import) ?"\.\/([\w-]+\.js)"/g)) closure(other, seen);
  return seen;
}
const find = (start) => names.find((n) => n.startsWith(start)) ?? '';
const page = closure('index.js');
const code = new Set([...closure('worker.js'), ...closure(find('engine-'))]);
const atOnce = new Set([...code, 'interp.wasm', 'tables.bin']);
const later = (start, ...more) => [...closure(find(start)), ...more].filter((n) => !atOnce.has(n));
const rows = [
  ["the page's part (index.js)", [...page]],
  ["the worker's code", [...code]],
  ['interp.wasm', ['interp.wasm']],
  ['tables.bin', ['tables.bin']],
  ['**needed to run a program**', [...new Set([...page, ...atOnce])]],
  ['the compiler, when something is hot', later('compiler-', 'handlers.bin')],
  ['the trace, when one is asked for', later('trace-')],
  ['**everything**', names],
];
const kilobytes = (n) => (n / 1000).toFixed(1);
const sum = (list, size) => kilobytes(list.reduce((n, name) => n + size(readFileSync(join(dir, name))), 0));
const lines = rows.map(
  ([title, list]) =>
    `| ${title} | ${sum(list, (b) => b.length)} | ${sum(list, (b) => gzipSync(b, { level: 9 }).length)} | ${sum(list, (b) => brotliCompressSync(b).length)} |`,
);
process.stdout.write(`| kB | raw | gzip -9 | brotli |\n|---|--:|--:|--:|\n${lines.join('\n')}\n`);
