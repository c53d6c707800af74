import { describe, expect, test } from 'vitest';
import { optionsOf } from './double.ts';
import { Summary } from './summary.ts';

function filled(): Summary {
  const s = new Summary();
  s.add('x64', 0, 'read', 2000n, false);
  s.add('x64', 0, 'read', 4_000_000n, true);
  s.add('x64', 1, 'write', 1000n, false);
  s.add('x64', 39, 'getpid', 0n, false);
  return s;
}
describe('the table of -c', () => {
  test('as it is', () => {
    expect(filled().text(optionsOf('-c'))).toBe(
      [
        '% time     seconds  usecs/call     calls    errors syscall',
        '------ ----------- ----------- --------- --------- ----------------',
        ' 99.98    0.004002        2001         2         1 read',
        '  0.02    0.000001           1         1           write',
        '  0.00    0.000000           0         1           getpid',
        '------ ----------- ----------- --------- --------- ----------------',
        '100.00    0.004003        1000         4         1 total',
        '',
      ].join('\n'),
    );
  });
  test('with other columns, in another order', () => {
    expect(filled().text(optionsOf('-c', '-S', 'name', '-U', 'name,min-time,longest'))).toBe(
      [
        'syscall          shortest  longest',
        '---------------- -------- --------',
        'getpid           0.000000 0.000000',
        'read             0.000002 0.004000',
        'write            0.000001 0.000001',
        '---------------- -------- --------',
        'total            0.000000 0.004000',
        '',
      ].join('\n'),
    );
  });
  test('nothing counted, nothing written', () => {
    expect(new Summary().text(optionsOf('-c'))).toBe('');
  });
  test('32-bit calls have a table of their own', () => {
    const s = new Summary();
    s.add('i386', 3, 'read', 0n, false);
    expect(s.text(optionsOf('-c'))).toMatch(/^System call usage summary for 32 bit mode:\n% time/);
  });
});
