// Builds dist/: bundles the command line, and lets src/cpu/generate.ts make what the CPU loads. The stamp written last says what it was built from.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stampOf } from './stamp.cjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export async function build() {
  const { build: bundle } = await import('esbuild');
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  const stamp = stampOf(root);
  const common = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    absWorkingDir: root,
  };
  const generator = join(dist, `generate.${process.pid}.mjs`);
  await bundle({ ...common, entryPoints: ['src/cpu/generate.ts'], outfile: generator });
  const { generate } = await import(pathToFileURL(generator).href);
  const put = (name, content) => {
    const temporary = join(dist, `${name}.${process.pid}`);
    writeFileSync(temporary, content);
    renameSync(temporary, join(dist, name));
  };
  for (const [name, content] of generate()) put(name, content);
  // What bin/load.js loads: a function. Of ASCII characters only, as the bundler writes it.
  const loaded = { banner: { js: '(function (module, require, bundleUrl) {' }, footer: { js: '})' } };
  const outputs = { 'ring3.cjs': ['cli/main.ts', loaded], 'compiler.cjs': ['src/cpu/jit/compiler.ts', loaded] };
  for (const [name, [entry, wrapped]] of Object.entries(outputs)) {
    const made = await bundle({
      ...common,
      entryPoints: [entry],
      write: false,
      outfile: name,
      format: 'cjs',
      // Where the bundle lies, given by bin/load.js.
      define: { 'import.meta.url': 'bundleUrl' },
      minifyWhitespace: true,
      minifySyntax: true,
      ...wrapped,
    });
    put(name, made.outputFiles[0].contents);
  }
  for (const [dir, platform] of [
    ['browser', 'browser'],
    ['node', 'node'],
  ])
    await packageEntry(bundle, join(dist, dir), platform);
  for (const name of ['interp.wasm', 'tables.bin', 'handlers.bin'])
    copyFileSync(join(dist, name), join(dist, 'browser', name));
  // Left by builds that were cut off, and the compiled code of the bundle before.
  for (const name of readdirSync(dist))
    if (/^generate\.|\.cache$/.test(name)) rmSync(join(dist, name), { force: true });
  put('stamp', stamp);
}

/**
 * The package's entry for one platform: index.js, worker.js, and what the worker loads later. A new directory takes the old one's place. For 'browser' the
 * bundler refuses whatever Node alone has.
 */
export async function packageEntry(bundle, outdir, platform, source = `src/api/${platform}`) {
  const made = `${outdir}.${process.pid}`;
  await bundle({
    bundle: true,
    splitting: true,
    platform,
    format: 'esm',
    target: platform === 'node' ? 'node20' : 'es2022',
    logLevel: 'warning',
    absWorkingDir: root,
    entryPoints: { index: `${source}/index.ts`, worker: `${source}/worker.ts` },
    chunkNames: '[name]-[hash]',
    outdir: made,
    minify: true,
  });
  rmSync(outdir, { recursive: true, force: true });
  renameSync(made, outdir);
}

/** The package's declarations, dist/types. */
function declare() {
  const tsc = join(root, 'node_modules/.bin/tsc');
  for (const platform of ['browser', 'node'])
    execFileSync(tsc, ['-p', `tsconfig.types-${platform}.json`], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  declare();
}
