// `npm run ok`: everything that must hold before a commit. One line a part; the output of what failed.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await setUp(root);
const bin = (name) => join(root, 'node_modules/.bin', name);
const parts = [
  ['format', bin('biome'), 'format', '.'],
  ['types', bin('tsc'), '-p', 'tsconfig.json'],
  ['types of the engine, without Node or DOM', bin('tsc'), '-p', 'tsconfig.engine.json'],
  ['types of the browser part', bin('tsc'), '-p', 'tsconfig.browser.json'],
  ['lint', bin('biome'), 'lint', '--error-on-warnings', '.'],
  ['imports', process.execPath, 'tools/check-imports.js'],
  ['tests', bin('vitest'), 'run'],
];
let failed = 0;
for (const [name, ...command] of parts) {
  const began = Date.now();
  const r = spawnSync(command[0], command.slice(1), { cwd: root, encoding: 'utf8' });
  const good = r.status === 0;
  process.stdout.write(`${good ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)\n`);
  if (!good) process.stdout.write(`${r.stdout}${r.stderr}\n`);
  else if (name === 'tests')
    process.stdout.write(
      `${r.stdout
        .split('\n')
        .filter((l) => /Tests|Test Files/.test(l))
        .join('\n')}\n`,
    );
  if (!good) failed++;
}
process.exitCode = failed ? 1 : 0;
