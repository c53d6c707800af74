// `npm run bench:browser`: times of programs in headless Chromium, by the page's clock, as a table in Markdown. `-n N`: runs of each, of which the quickest
// counts.
import { basename, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { executable, launch } from '../../test/browser/chromium.ts';
import { libraries } from '../../test/browser/libraries.ts';
import { serve } from '../../test/browser/server.ts';
import { UNSHARED } from '../../test/browser/worlds.ts';
import { compile, ROOT } from '../../test/native.ts';

interface Row {
  readonly what: string;
  readonly source: string;
  readonly jit: 'on' | 'off';
}
interface Timed {
  /** Milliseconds: of the first run on a machine that is new, and of later ones. */
  readonly first: number;
  readonly again: number;
  readonly stdout: string;
}
const ROWS: readonly Row[] = [
  { what: 'a static program', source: 'test/guest/hello-static.c', jit: 'on' },
  { what: 'a program of the C library', source: 'test/guest/hello.c', jit: 'on' },
  { what: 'computing, interpreted', source: 'test/browser/compute.c', jit: 'off' },
  { what: 'computing, compiled', source: 'test/browser/compute.c', jit: 'on' },
];
const FORKS = 'test/browser/forks.c';

async function timed(browser: Browser, row: Row, before: string, runs: number): Promise<Timed> {
  const program = compile(join(ROOT, row.source));
  const paths = [program, ...libraries(program)];
  const files = Object.fromEntries(paths.map((p) => [`/files/${basename(p)}`, p]));
  const server = await serve({ '/page.js': join(ROOT, 'test/browser/page.js'), ...files }, { before });
  const page = await browser.newPage();
  try {
    await page.goto(server.origin);
    const spec = {
      machine: { files: Object.fromEntries(paths.map((p) => [p, `/files/${basename(p)}`])), jit: row.jit },
      command: [program],
      runs,
    };
    return await page.evaluate((spec) => {
      const { ring3 } = globalThis as { ring3?: { timed(spec: unknown): Promise<Timed> } };
      return (ring3 as NonNullable<typeof ring3>).timed(spec);
    }, spec);
  } finally {
    await page.close();
    await server.close();
  }
}

const at = process.argv.indexOf('-n');
const runs = at < 0 ? 5 : Number(process.argv[at + 1]);
if (!executable || !(runs >= 1)) {
  process.stderr.write('bench:browser: needs a chromium, and -n a number of runs\n');
  process.exit(1);
}
const browser = await launch();
try {
  process.stdout.write(
    `Chromium ${browser.version()}\n\n| milliseconds | first | again | again, memory not shared |\n|---|--:|--:|--:|\n`,
  );
  for (const row of ROWS) {
    const shared = await timed(browser, row, '', runs);
    const apart = await timed(browser, row, UNSHARED, runs);
    process.stdout.write(
      `| ${row.what} | ${[shared.first, shared.again, apart.again].map(Math.round).join(' | ')} |\n`,
    );
  }
  const { stdout, first } = await timed(browser, { what: '', source: FORKS, jit: 'on' }, '', 1);
  process.stdout.write(`\nProcesses beside the first one: ${stdout.trim()}, in ${Math.round(first)} ms\n`);
} finally {
  await browser.close();
}
