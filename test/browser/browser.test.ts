// The machine in a page: the bundle in a worker of headless Chromium does what the same programs do here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, execute, noGuests, ROOT } from '../native.ts';
import { launch, noBrowser } from './chromium.ts';
import { libraries } from './libraries.ts';
import { type Server, serve } from './server.ts';
import { FEW_MEMORIES, UNSHARED } from './worlds.ts';

interface Ran {
  readonly kind: string;
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly trace: string;
  readonly instructions: number;
}
const LATEST = 120_000;
const skipped = noGuests ?? (process.env.CI ? undefined : noBrowser);

describe.skipIf(skipped !== undefined)('in Chromium', { timeout: LATEST }, () => {
  let browser: Browser | undefined;
  let server: Server | undefined;
  let page: Page | undefined;
  let scratch: string | undefined;
  const served: Record<string, string> = { '/page.js': join(ROOT, 'test/browser/page.js') };
  /** A file of this machine at its own path in the browser's. */
  const given = (...paths: string[]): Record<string, string> => {
    for (const p of paths) served[`/files${p}`] = p;
    return Object.fromEntries(paths.map((p) => [p, `/files${p}`]));
  };
  const call = <T>(name: string, spec: unknown): Promise<T> =>
    (page as Page).evaluate(
      ([name, spec]) => {
        const { ring3 } = globalThis as { ring3?: Record<string, (spec: unknown) => Promise<never>> };
        return (ring3 as NonNullable<typeof ring3>)[name as string]?.(spec) as Promise<never>;
      },
      [name, spec] as const,
    );
  const fresh = async (options: Parameters<typeof serve>[1] = {}): Promise<void> => {
    await page?.close();
    await server?.close();
    server = await serve(served, options);
    page = await (browser as Browser).newPage();
    await page.goto(server.origin);
  };
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
    scratch = mkdtempSync(join(tmpdir(), 'ring3-browser-'));
    browser = await launch();
    await fresh();
  }, LATEST);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  }, LATEST);

  test('a static program; nothing is fetched that it does without', async () => {
    const program = compile(join(ROOT, 'test/guest/hello-static.c'));
    const native = await execute({ argv: [program] });
    const r = await call<Ran>('run', { machine: { files: given(program) }, command: [program] });
    expect({ status: `exit ${r.code}`, stdout: r.stdout, stderr: r.stderr }).toEqual(native);
    const names = server?.requests.join(' ');
    expect(names).toContain('interp.wasm');
    expect(names).not.toMatch(/compiler|handlers|trace/);
  });
  test('a program of the C library, its libraries in memory; the trace', async () => {
    const program = compile(join(ROOT, 'test/guest/hello.c'));
    const files = { ...given(...libraries(program)), '/bin/hello': given(program)[program] };
    const r = await call<Ran>('run', { machine: { files }, command: ['hello'], traced: true });
    expect(r).toMatchObject({ kind: 'exited', code: 0, stdout: 'Hello, world!\n', stderr: '' });
    expect(r.trace).toMatch(/^execve\("\/bin\/hello", \["hello"\], 0x[0-9a-f]+ \/\* 2 vars \*\/\) += 0\n/);
    expect(r.trace).toMatch(/^write\(1, "Hello, world!\\n", 14\) += 14$/m);
    expect(r.trace).toMatch(/\+\+\+ exited with 0 \+\+\+\n$/);
  });
  test('compiled code computes what it does here', async () => {
    const program = compile(join(ROOT, 'test/browser/compute.c'));
    const native = await execute({ argv: [program] });
    const before = server?.requests.length;
    const r = await call<Ran>('run', { machine: { files: given(program) }, command: [program] });
    expect({ status: `exit ${r.code}`, stdout: r.stdout, stderr: r.stderr }).toEqual(native);
    expect(server?.requests.slice(before).join(' ')).toMatch(/compiler-.*handlers\.bin|handlers\.bin.*compiler-/);
  });
  const busybox = '/bin/busybox';
  test.skipIf(!existsSync(busybox))('a shell with pipes and forks, from a tar archive', async () => {
    const tar = join(scratch as string, 'files.tar');
    const members = [busybox, ...libraries(busybox), '/etc/passwd'].map((p) => p.slice(1));
    expect(spawnSync('tar', ['-chf', tar, '-C', '/', ...members]).status).toBe(0);
    served['/files.tar'] = tar;
    const script =
      'for i in 1 2 3; do busybox echo $i $PWD; done | busybox sort -r | busybox wc -c; busybox cat; busybox md5sum </etc/passwd; exit 3';
    const native = await execute({
      argv: [busybox, 'sh', '-c', script.replace('$PWD', '/')],
      stdin: 'typed é\n',
      env: { PATH: '/bin' },
    });
    const r = await call<Ran>('run', {
      machine: { tar: '/files.tar' },
      command: ['busybox', 'sh', '-c', script],
      stdin: 'typed é\n',
    });
    expect({ status: `exit ${r.code}`, stderr: r.stderr, stdout: Buffer.from(r.stdout).toString('latin1') }).toEqual(
      native,
    );
  });
  test.skipIf(!existsSync(busybox))('typed to, signalled, terminated', async () => {
    const machine = { files: given(busybox, ...libraries(busybox)) };
    const talk = "trap 'echo signal; trap - TERM; kill $$' TERM; echo ready; read x; echo got $x; while :; do :; done";
    expect(await call('interactive', { machine, command: ['busybox', 'sh', '-c', talk] })).toEqual({
      kind: 'killed',
      signal: 15,
      out: 'ready\ngot one\nsignal\n',
    });
    expect(await call('terminated', { machine, command: ['busybox', 'yes'] })).toBe('the machine was terminated');
  });
  test('in a page that is isolated', async () => {
    await fresh({ isolated: true });
    expect(await page?.evaluate('crossOriginIsolated')).toBe(true);
    const program = compile(join(ROOT, 'test/guest/hello-static.c'));
    const r = await call<Ran>('run', { machine: { files: given(program) }, command: [program] });
    expect(r).toMatchObject({ code: 7, stdout: 'Hello, static world!\n' });
  });
  test('without shared memory', async () => {
    await fresh({ before: UNSHARED });
    const program = compile(join(ROOT, 'test/browser/compute.c'));
    const native = await execute({ argv: [program] });
    expect(await call<Ran>('run', { machine: { files: given(program) }, command: [program] })).toMatchObject({
      code: 0,
      stdout: native.stdout,
    });
  });
  test('as many processes as there is room for, and an errno for the next', async () => {
    await fresh({ before: FEW_MEMORIES });
    const program = compile(join(ROOT, 'test/browser/forks.c'));
    const r = await call<Ran>('run', { machine: { files: given(program) }, command: [program] });
    expect(r).toMatchObject({ code: 0, stdout: '11 ENOMEM\n', stderr: '' });
  });
  test("the example's page", async () => {
    const { serveDemo } = (await import(join(ROOT, 'tools/demo.js'))) as {
      serveDemo(port: number): Promise<{ url: string; server: import('node:http').Server }>;
    };
    const { url, server: demo } = await serveDemo(0);
    const demoPage = await (browser as Browser).newPage();
    try {
      demoPage.setDefaultTimeout(LATEST / 2);
      await demoPage.goto(url);
      await demoPage.selectOption('#programs', '/bin/cat');
      await demoPage.getByText('loaded').waitFor();
      await demoPage.fill('#command', 'cat "-" nowhere');
      await demoPage.click('#run');
      await demoPage.fill('#input', 'typed');
      await demoPage.press('#input', 'Enter');
      await demoPage.press('#input', 'Control+d');
      await demoPage.getByText(/^exited with 1: .* system calls$/).waitFor();
      expect(await demoPage.textContent('#output')).toBe('typed\ncat: nowhere: No such file or directory\n');
      expect(await demoPage.textContent('#trace')).toMatch(/^execve\("\/bin\/cat", \["cat", "-", "nowhere"\]/);
    } finally {
      await demoPage.close();
      demo.closeAllConnections();
      demo.close();
    }
  });
  test('what is wrong is said', async () => {
    const run = (spec: unknown): Promise<unknown> => call('run', spec).catch((e: Error) => e.message);
    expect(await run({ machine: {}, command: ['nothing'] })).toMatchObject({
      message: 'ring3: nothing: command not found',
    });
    expect(await run({ machine: {}, command: [] })).toMatch(/command is empty/);
    expect(await run({ machine: { files: { x: '/page.js' } }, command: ['x'] })).toMatch(
      /x: a path must begin with \//,
    );
    await fresh({ missing: '/ring3/interp.wasm' });
    expect(await run({ machine: {}, command: ['x'] })).toMatch(/interp\.wasm: 404 Not Found: the package's files/);
  });
});
test.runIf(skipped !== undefined)(`in Chromium: skipped, ${skipped}`, () => {});
describe('the bundle', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
  });
  test('imports its own files alone', async () => {
    const dir = join(ROOT, 'dist/browser');
    // The bundler follows every import, and refuses one that isn't a file.
    const { metafile } = await build({
      entryPoints: ['index.js', 'worker.js'].map((f) => join(dir, f)),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'neutral',
      outdir: dir,
    });
    for (const [file, { imports }] of Object.entries(metafile.inputs)) {
      expect(resolve(file).startsWith(`${dir}/`)).toBe(true);
      expect(imports.filter((i) => i.external)).toEqual([]);
      expect(readFileSync(file, 'utf8')).not.toMatch(/\brequire\(|\bprocess\.(env|versions|argv|binding)\b/);
    }
  });
  test('is not built from what imports Node', async () => {
    const { packageEntry } = (await import(join(ROOT, 'tools/build.js'))) as {
      packageEntry(bundle: typeof build, outdir: string, platform: string, source: string): Promise<void>;
    };
    const outdir = mkdtempSync(join(tmpdir(), 'ring3-bundle-'));
    const quiet: typeof build = (options) => build({ ...options, logLevel: 'silent' });
    try {
      await expect(packageEntry(quiet, outdir, 'browser', 'src/api/node')).rejects.toThrow(/node:worker_threads/);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  });
});
