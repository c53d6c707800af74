// Makes the checkout ready: dependencies, then dist/. Says what it does on standard error; does nothing when all is up to date.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { upToDate } from './stamp.cjs';

const say = (text) => process.stderr.write(`ring3: ${text}\n`);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function setUp(root) {
  if (upToDate(root)) return;
  mkdirSync(join(root, 'dist'), { recursive: true });
  // One at a time: a second first start waits for the one under way.
  const lock = join(root, 'dist/lock');
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (upToDate(root)) return;
      if (tries > 600) throw new Error(`another set-up seems to hang: if none runs, remove ${lock}`);
      await sleep(200);
    }
  }
  try {
    if (!existsSync(join(root, 'node_modules/esbuild'))) {
      say('first start: installing dependencies (npm ci)');
      const r = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: root,
        stdio: ['ignore', 2, 2],
        shell: process.platform === 'win32',
      });
      if (r.status !== 0) throw new Error('npm ci failed: check the network, then start again');
    }
    say('building');
    const { build } = await import('./build.js');
    await build();
  } finally {
    rmdirSync(lock);
  }
}
