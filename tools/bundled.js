// Runs what is written in TypeScript from the command line: bundles it into dist/, runs it, removes it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs an entry point (a path from the root) with arguments, in the root; its exit status becomes ours. */
export async function runBundled(entry, args) {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const outfile = join(root, 'dist', `${basename(entry, '.ts')}.${process.pid}.mjs`);
  await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    sourcemap: 'inline',
    absWorkingDir: root,
    // It finds its own files by where it lies.
    external: ['playwright-core'],
    entryPoints: [entry],
    outfile,
  });
  try {
    const r = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { cwd: root, stdio: 'inherit' });
    process.exitCode = r.status ?? 1;
  } finally {
    rmSync(outfile);
  }
}
