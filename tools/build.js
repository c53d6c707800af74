// Builds dist/: bundles the command line, and lets src/cpu/generate.ts make what the CPU loads. The stamp written last says what it was built from.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  const outputs = { 'ring3.cjs': 'cli/main.ts', 'compiler.cjs': 'src/cpu/jit/compiler.ts' };
  for (const [name, entry] of Object.entries(outputs)) {
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
    });
    put(name, made.outputFiles[0].contents);
  }
  // Left by builds that were cut off, and the compiled code of the bundle before.
  for (const name of readdirSync(dist))
    if (/^generate\.|\.cache$/.test(name)) rmSync(join(dist, name), { force: true });
  put('stamp', stamp);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
