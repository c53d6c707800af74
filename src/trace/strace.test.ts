import { describe, expect, test } from 'vitest';
import { EAGAIN, EBADF, ENOENT } from '../abi/errno.ts';
import { type Clock, FakeTask, optionsOf, Recorder } from './double.ts';
import { createStrace } from './strace.ts';

const clock = (): Clock => ({ monotonic: 0n, realtime: 1_700_000_000_000_000_000n });

describe('a line', () => {
  test('has its result in column 40, or behind a blank', () => {
    const r = new Recorder();
    expect(r.call('close', [3])).toBe('close(3)                                = 0\n');
    expect(r.call('close', [-1], EBADF)).toBe(
      'close(-1)                               = -1 EBADF (Bad file descriptor)\n',
    );
    const path = r.task.place('/a/path/that/is/quite/long');
    expect(r.call('access', [path, 4], ENOENT)).toBe(
      'access("/a/path/that/is/quite/long", R_OK) = -1 ENOENT (No such file or directory)\n',
    );
    expect(new Recorder(['-a', '12']).call('close', [3])).toBe('close(3)    = 0\n');
    expect(new Recorder(['-a', '0']).call('close', [3])).toBe('close(3) = 0\n');
  });
  test("of a call that nobody knows, and of one that doesn't return", () => {
    const r = new Recorder();
    expect(r.call('999', [1, 2, 0, 0, -1, 6])).toBe('syscall_0x3e7(0x1, 0x2, 0, 0, 0xffffffffffffffff, 0x6) = 0\n');
    const call = r.task.call('exit_group', 7);
    r.strace.enter?.(r.task.thread, call);
    r.strace.ended?.(r.task.thread, { kind: 'exited', code: 7 });
    expect(r.take()).toBe('exit_group(7)                           = ?\n+++ exited with 7 +++\n');
  });
  test('of a call that was to be restarted', () => {
    const r = new Recorder();
    const call = r.task.call('pause');
    r.strace.enter?.(r.task.thread, call);
    r.strace.exit?.(r.task.thread, call, { code: 514 });
    expect(r.take()).toBe(
      'pause()                                 = ? ERESTARTNOHAND (To be restarted if no handler)\n',
    );
  });
  test('cut off by the end of its task', () => {
    const r = new Recorder();
    r.strace.enter?.(r.task.thread, r.task.call('read', 0, 0x10000, 5));
    r.strace.ended?.(r.task.thread, { kind: 'killed', signal: 9, core: false });
    expect(r.take()).toBe('read(0,  <unfinished ...>)              = ?\n+++ killed by SIGKILL +++\n');
  });
  test('shows inputs as they were before the call and outputs as they are behind it', () => {
    const r = new Recorder();
    const at = r.task.place('before');
    const change = (): void =>
      r.task.memory.set(
        Uint8Array.from('after!', (c) => c.charCodeAt(0)),
        at - 0x10000,
      );
    expect(r.call('write', [1, at, 6], 6, change)).toMatch('write(1, "before", 6)');
    expect(r.call('read', [0, at, 6], 6)).toMatch('read(0, "after!", 6)');
    expect(r.call('read', [0, at, 6], EAGAIN)).toMatch(`read(0, 0x${at.toString(16)}, 6)`);
    expect(r.call('write', [1, 1, 6], EBADF)).toMatch('write(1, 0x1, 6)');
    expect(r.call('write', [1, 0, 0], 0)).toMatch('write(1, NULL, 0)');
  });
});

describe('what stands before a line', () => {
  test('times', () => {
    const c = clock();
    const r = new Recorder(
      ['--absolute-timestamps=unix,precision:ms', '-T', '-n', '-o', 'f'],
      new FakeTask(1, 'x64', c),
    );
    expect(r.call('getpid', [], 100, () => (c.monotonic += 1_234_567n))).toBe(
      '1700000000.000 [  39] getpid()          = 100 <0.001234>\n',
    );
  });
  test('the time since the line before', () => {
    const c = clock();
    const r = new Recorder(['-r', '-o', 'f'], new FakeTask(1, 'x64', c));
    expect(r.call('getpid', [], 1)).toMatch(/^ {5}0\.000000 getpid\(\)/);
    c.monotonic += 2_500_000_000n;
    expect(r.call('getpid', [], 1)).toMatch(/^ {5}2\.500000 getpid\(\)/);
  });
  test('the task: in a file always, else where there are several', () => {
    const file = new Recorder(['-f', '-o', 'f']);
    expect(file.call('getpid', [], 1)).toMatch(/^100 {3}getpid\(\)/);
    const error = new Recorder(['-f']);
    expect(error.call('getpid', [], 1)).toMatch(/^getpid\(\)/);
    const child = new FakeTask(101);
    error.strace.created?.(child.thread, error.task.thread);
    expect(error.notes).toBe('strace: Process 101 attached\n');
    expect(error.call('getpid', [], 1)).toMatch(/^\[pid {3}100\] getpid\(\)/);
  });
});

describe('tasks', () => {
  test('interrupt one another', () => {
    const r = new Recorder(['-f', '-o', 'f']);
    const child = new FakeTask(101);
    const sleep = r.task.call('wait4', -1, 0, 0, 0);
    r.strace.enter?.(r.task.thread, sleep);
    r.strace.created?.(child.thread, r.task.thread);
    const exit = child.call('exit_group', 1);
    r.strace.enter?.(child.thread, exit);
    r.strace.ended?.(child.thread, { kind: 'exited', code: 1 });
    r.strace.exit?.(r.task.thread, sleep, 101);
    expect(r.take()).toBe(
      [
        '100   wait4(-1,  <unfinished ...>',
        '101   exit_group(1)                     = ?',
        '101   +++ exited with 1 +++',
        '100   <... wait4 resumed>NULL, 0, NULL) = 101',
        '',
      ].join('\n'),
    );
  });
  test("that aren't followed stay out", () => {
    const r = new Recorder();
    r.call('getpid', [], 1);
    const child = new FakeTask(101);
    r.strace.created?.(child.thread, r.task.thread);
    r.strace.enter?.(child.thread, child.call('getpid'));
    r.strace.ended?.(child.thread, { kind: 'exited', code: 0 });
    expect(r.take()).toBe('');
  });
  test('have a file each with -ff', () => {
    const files = new Map<number, string>();
    const strace = createStrace(optionsOf('-ff', '-o', 'f'), {
      trace: { write: (s) => expect(s).toBe('') },
      notes: { write: () => {} },
      task: (tid) => ({ write: (s) => files.set(tid, (files.get(tid) ?? '') + s) }),
    });
    const [a, b] = [new FakeTask(1), new FakeTask(2)];
    const run = (t: FakeTask): void => {
      const call = t.call('getuid');
      strace.enter?.(t.thread, call);
      strace.exit?.(t.thread, call, 7);
    };
    run(a);
    strace.created?.(b.thread, a.thread);
    run(b);
    strace.flush();
    const line = 'getuid()                                = 7\n';
    expect([...files]).toEqual([
      [1, line],
      [2, line],
    ]);
  });
});

describe('what is chosen', () => {
  test('calls', () => {
    const r = new Recorder(['-e', 'trace=close']);
    expect(r.call('getpid', [], 1) + r.call('close', [1])).toMatch(/^close\(1\) +/);
  });
  test('outcomes', () => {
    const good = new Recorder(['-z']);
    expect(good.call('close', [1], EBADF)).toBe('');
    expect(good.call('close', [2])).toMatch('close(2)');
    const bad = new Recorder(['-Z']);
    expect(bad.call('close', [1], EBADF)).toMatch('close(1)');
    expect(bad.call('close', [2])).toBe('');
  });
  test('signals', () => {
    const r = new Recorder(['-e', 'signal=!USR1']);
    r.call('getpid', [], 1);
    r.strace.signal?.(r.task.thread, { signo: 10, code: 0, pid: 1, uid: 2 });
    r.strace.signal?.(r.task.thread, { signo: 12, code: 0, pid: 1, uid: 2 });
    expect(r.take()).toBe('--- SIGUSR2 {si_signo=SIGUSR2, si_code=SI_USER, si_pid=1, si_uid=2} ---\n');
  });
  test('raw arguments', () => {
    const r = new Recorder(['-e', 'raw=close']);
    expect(r.call('close', [-1])).toMatch('close(0xffffffff');
  });
  test('data below a call', () => {
    const r = new Recorder(['-e', 'write=1']);
    const at = r.task.place('hello, you there\n');
    expect(r.call('write', [1, at, 17], 17)).toBe(
      [
        'write(1, "hello, you there\\n", 17)      = 17',
        ' | 00000  68 65 6c 6c 6f 2c 20 79  6f 75 20 74 68 65 72 65  hello, you there |',
        ` | 00010  0a${' '.repeat(48)}.${' '.repeat(15)} |`,
        '',
      ].join('\n'),
    );
  });
});
test('a summary at the end', () => {
  const r = new Recorder(['-c']);
  r.call('close', [1], EBADF);
  r.call('close', [2]);
  r.strace.finish();
  expect(r.text).toMatch(/\n100\.00 +0\.000000 +0 +2 +1 total\n$/);
  expect(r.text).toMatch(/\n +0\.00 +0\.000000 +0 +2 +1 close\n/);
});
