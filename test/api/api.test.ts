// The package as Node programs use it, from dist/.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Machine, MachineOptions } from '../../src/api/node/index.ts';
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
