// The package as Node programs use it, from dist/.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine, MachineOptions } from '../../src/api/node/index.ts';
import { libraries } from '../browser/libraries.ts';
import { compile, noGuests, ROOT } from '../native.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe.skipIf(noGuests !== undefined)('the package in Node', () => {
  let make: (options?: MachineOptions) => Machine;
  const machines: Machine[] = [];
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: { '.': { default: string } };
    };
    const entry = (await import(join(ROOT, exports['.'].default))) as { Machine: new (o?: MachineOptions) => Machine };
    make = (options) => {
      const m = new entry.Machine(options);
      machines.push(m);
      return m;
    };
  });
  afterAll(() => {
    for (const m of machines) m.terminate();
  });

  test('echoes, once and again, with each run’s own environment', async () => {
    const program = readFileSync(compile(join(ROOT, 'test/api/echo.c')));
    const machine = make({ files: { '/bin/echo-all': program, '/home/x': '' }, hostname: 'nürnberg' });
    const pieces = ['a', 'bc', 'é'];
    const stdin = (async function* () {
      for (const p of pieces) yield p;
    })();
    const first = await machine.run(['echo-all', 'ü'], { env: { PATH: '/bin', WHO: 'me' }, cwd: '/home', stdin });
    expect(first).toMatchObject({ kind: 'exited', code: 0 });
    expect(text(first.stdout)).toBe('ü me /home nürnberg\nabcé');
    expect(text(first.stderr)).toBe('done\n');
    const order: string[] = [];
    const second = await machine.run(['/bin/echo-all', 'x'], {
      stdin: 'y',
      stdout: (b) => order.push(`out ${text(b)}`),
      stderr: (b) => order.push(`err ${text(b)}`),
      trace: (t) => order.push(t),
      traceOptions: ['-e', 'trace=write', '-q'],
    });
    expect(second.stdout).toHaveLength(0);
    expect(order.join('')).toMatch(
      /^write\(1, "x - \/ n.*out x - .*write\(2, "done\\n", 5.*err done\n.*\+\+\+ exited/s,
    );
  });
  test('output that nobody takes in holds the program up', { timeout: 60_000 }, async () => {
    const program = readFileSync(compile(join(ROOT, 'test/api/flood.c')));
    const machine = make({ files: { '/flood': program } });
    let bytes = 0;
    const how = await machine.run(['/flood'], { stdout: (b) => (bytes += b.length) });
    expect(how).toMatchObject({ kind: 'exited', code: 0 });
    expect(bytes).toBe(8 << 20);
  });
  test('files stay from run to run', async () => {
    const program = readFileSync(compile(join(ROOT, 'test/api/files.c')));
    const machine = make({ files: { '/files': program, '/data/old': 'old', '/data/gone': '', '/data/same': 'same' } });
    const first = await machine.run(['/files', 'change']);
    expect(first).toMatchObject({ kind: 'exited', code: 0 });
    expect(first.changes).toEqual({
      '/data/old': 'written',
      '/data/gone': 'removed',
      '/data/é': 'written',
      '/data/é/new': 'written',
      '/data/é/again': 'written',
      '/data/é/to': 'written',
      '/data/é/fifo': 'written',
      '/data/é/sparse': 'written',
    });
    expect(text(await machine.read('/data/old'))).toBe('older');
    expect(text(await machine.read('/data/same'))).toBe('same');
    await expect(machine.read('/data/gone')).rejects.toThrow('no such file');
    const second = await machine.run(['/files', 'look']);
    expect(text(second.stderr)).toBe('');
    expect(second).toMatchObject({ kind: 'exited', code: 0, changes: {} });
  });
  test.skipIf(!existsSync('/bin/busybox'))('a terminal', { timeout: 60_000 }, async () => {
    const paths = ['/bin/busybox', ...libraries('/bin/busybox')];
    const machine = make({ files: Object.fromEntries(paths.map((p) => [p, readFileSync(p)])) });
    let keys: ((k: string) => void) | undefined;
    const waiting: string[] = [];
    const stdin = (async function* () {
      for (;;) yield waiting.shift() ?? (await new Promise<string>((done) => (keys = done)));
    })();
    const type = (k: string): void => {
      if (keys) keys(k);
      else waiting.push(k);
      keys = undefined;
    };
    // ^C is for whoever has just written: between two commands it would be lost.
    /** What is typed when the screen ends with something, in turn; the screen is empty then. */
    const script: [RegExp, () => void][] = [
      [/# $/, () => type('busybox stty size; busybox sh -c "busybox tty; echo ready; exec busybox sleep 100"\r')],
      [/\r\n24 80\r\n\/dev\/tty1\r\nready\r\n$/, () => type('\x03')],
      [/\^C\r\n# $/, () => machine.resize({ rows: 50, columns: 132 })],
      [/$/, () => type('busybox stty size; exit 5\r')],
    ];
    let shown = '';
    const look = (): void => {
      while (script[0]?.[0].test(shown)) {
        shown = '';
        script.shift()?.[1]();
      }
    };
    const how = await machine.run(['busybox', 'sh'], {
      terminal: { rows: 24, columns: 80 },
      env: { PATH: '/bin', PS1: '# ', TERM: 'dumb' },
      stdin,
      stdout: (b) => {
        // The shell asks where the cursor is.
        shown = (shown + text(b)).replace('\x1b[6n', '');
        look();
      },
    });
    expect(shown).toMatch(/\r\n50 132\r\n$/);
    expect(how).toMatchObject({ kind: 'exited', code: 5 });
  });
  test('mistakes are told', async () => {
    const machine = make();
    await expect(machine.run([])).rejects.toThrow('The command is empty');
    await expect(machine.run(['x'], { trace: () => {}, traceOptions: ['-o', 'x'] })).rejects.toThrow(TypeError);
    expect(await machine.run(['/nothing'])).toMatchObject({ kind: 'not started', error: 'ENOENT' });
    const both = [machine.run(['/nothing']), machine.run(['/nothing'])];
    await expect(both[1]).rejects.toThrow('a program is running');
    await both[0];
    machine.terminate();
    await expect(machine.run(['/nothing'])).rejects.toThrow('the machine was terminated');
  });
});
