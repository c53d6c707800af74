// `ring3 run --profile`: its files are as speedscope and pprof want them, and name the function that takes the time.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, noGuests, RING3, ROOT } from '../native.ts';
import { readPprof } from './read-pprof.ts';
import { speedscopeFaults } from './speedscope-rules.ts';

interface Speedscope {
  readonly shared: { readonly frames: readonly { readonly name: string; readonly file?: string }[] };
  readonly profiles: readonly {
    readonly name: string;
    readonly endValue: number;
    readonly samples: readonly (readonly number[])[];
    readonly weights: readonly number[];
  }[];
}
const directory = mkdtempSync(join(tmpdir(), 'ring3-profile-'));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (options: readonly string[], program: readonly string[]) =>
  spawnSync(process.execPath, [RING3, 'run', ...options, '--', ...program], {
    encoding: 'utf8',
    cwd: directory,
    timeout: 60_000,
  });
/** Weights by stack, written `outer > inner`. */
function byStack(file: Speedscope, name: RegExp): Map<string, number> {
  const p = file.profiles.find((x) => name.test(x.name));
  const sums = new Map<string, number>();
  p?.samples.forEach((stack, i) => {
    const text = stack.map((f) => file.shared.frames[f]?.name).join(' > ');
    sums.set(text, (sums.get(text) ?? 0) + (p.weights[i] as number));
  });
  return sums;
}

describe.skipIf(noGuests !== undefined)('ring3 run --profile', () => {
  let program = '';
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
    program = compile(join(ROOT, 'test/profile/hot.c'));
  });
  test.each(['off', 'on'])('for speedscope, --jit=%s', (jit) => {
    const out = join(directory, `${jit}.json`);
    const r = run([`--jit=${jit}`, `--profile=${out}`], [program]);
    expect(r.stderr).toBe('');
    expect(r.stdout).toMatch(/^\d+\n$/);
    const text = readFileSync(out, 'utf8');
    expect(speedscopeFaults(text)).toEqual([]);
    const file = JSON.parse(text) as Speedscope;
    const parent = /^hot-\w+ \(\d+\)$/;
    const [first] = file.profiles.filter((p) => parent.test(p.name));
    const sums = byStack(file, parent);
    const inside = (name: string): number =>
      [...sums].reduce((n, [s, w]) => (s.split(' > ').at(-1) === name ? n + w : n), 0);
    expect(inside('hot')).toBeGreaterThan(10 * inside('cool'));
    const names = file.profiles.filter((p) => parent.test(p.name));
    expect(names.length).toBe(2);
    expect(first?.endValue).toBeGreaterThan(0);
    expect(file.shared.frames.find((f) => f.name === 'hot')?.file).toBe(program);
    const how = byStack(file, /by way of running$/);
    expect(
      [...how.keys()].some(
        (s) => s.startsWith(`by way of running: ${jit === 'off' ? 'interpreted' : 'compiled'} > `) && s.endsWith('hot'),
      ),
    ).toBe(true);
    const exits = byStack(file, /exits by cause$/);
    expect(exits.get('left for: system call')).toBeGreaterThan(100);
    expect(exits.get('left for: translation')).toBeGreaterThan(100);
    expect([...sums.keys()].some((s) => s.endsWith('[kernel: getppid]'))).toBe(true);
  });
  test('for pprof', () => {
    const out = join(directory, 'p.pb.gz');
    expect(run(['--jit=off', '--profile', out], [program]).status).toBe(0);
    const p = readPprof(gunzipSync(readFileSync(out)));
    expect(p.types).toEqual(['samples/count', 'instructions/count', 'time/nanoseconds']);
    const inside = (name: string): number =>
      p.samples.reduce((n, s) => (s.stack[0] === name ? n + (s.values[1] as number) : n), 0);
    expect(inside('hot')).toBeGreaterThan(20e6);
    expect(p.samples.find((s) => s.stack[0] === 'hot')?.labels).toMatchObject({
      run: 'interpreted',
      pid: expect.any(Number),
    });
    expect(p.comments.some((c) => /left for system call: \d+$/.test(c))).toBe(true);
  });
  test('stacks lead through calls, libraries and signal handlers to the start', () => {
    const out = join(directory, 'stack.json');
    expect(run(['--jit=off', `--profile=${out}`], [compile(join(ROOT, 'test/profile/stack.c'))]).status).toBe(0);
    const text = readFileSync(out, 'utf8');
    const sums = byStack(JSON.parse(text) as Speedscope, /^stack-\w+ \(\d+\)$/);
    const [most] = [...sums].sort((a, b) => b[1] - a[1]).filter(([s]) => s.endsWith('work'))[0] ?? [''];
    expect(most).toMatch(/^_start > .*main( > deep){6} > .*raise.* > handler > work$/);
  });
  test('nothing the program can see changes: as many instructions, the same output', () => {
    const counted = (options: string[]): string => {
      const r = run(['--stats', ...options], [program]);
      return `${r.stdout}${/\d+ instructions, \d+ system calls/.exec(r.stderr)?.[0]}`;
    };
    expect(counted([`--profile=${join(directory, 'x.json')}`])).toBe(counted([]));
  });
  test('a program that is killed leaves its profile', () => {
    const out = join(directory, 'killed.json');
    const r = run([`--profile=${out}`], ['/bin/sh', '-c', 'kill -9 $$']);
    expect(r.status === 137 || r.signal === 'SIGKILL').toBe(true);
    expect(speedscopeFaults(readFileSync(out, 'utf8'))).toEqual([]);
  });
  test.each([
    ['x.txt', /x\.txt: give a file named \*\.json \(speedscope\) or \*\.pb\.gz \(pprof\)/],
    ['/nowhere/x.json', /--profile: .*\/nowhere\/x\.json/],
  ])('%s is refused', (file, message) => {
    const r = run(['--profile', file], ['/bin/true']);
    expect(r.status).toBe(2);
    expect(r.stderr).toMatch(message);
  });
  test('--stats tells what the machine spends', () => {
    const { stderr } = run(['--stats', '--jit=on'], [program]);
    for (const part of [
      /^ring3: guest code [\d.]+ ms: ended by \d+ system calls/m,
      /^ring3: translation [\d.]+ ms: [1-9]\d* blocks$/m,
      /^ring3: compiler [\d.]+ ms, V8 [\d.]+ ms on this thread: .* [1-9]\d* regions of [1-9]\d* blocks, [1-9]\d* instructions, [1-9]\d* bytes, \d+ dropped$/m,
      /^ring3: page faults [\d.]+ ms: [1-9]\d*$/m,
      /^ring3: kernel [\d.]+ ms, host [\d.]+ ms, waiting [\d.]+ ms$/m,
    ])
      expect(stderr).toMatch(part);
  });
});
