import { describe, expect, test } from 'vitest';
import { int, path } from '../abi/type.ts';
import { syscall } from '../kernel/syscall.ts';
import { parseStraceArguments, type StraceOptions } from './options.ts';
import { has } from './select.ts';

const calls = (['read', 'write', 'open', 'close', 'stat', 'fstat'] as const).map((name, nr) =>
  syscall({ name, nr: { x64: nr }, class: 'file.fd', args: name === 'stat' ? { path } : { fd: int } }),
);
const table = { x64: calls, i386: [] };
const parse = (...argv: string[]) => parseStraceArguments(argv, table);
const options = (...argv: string[]): StraceOptions => {
  const r = parse(...argv, 'prog');
  if (r.kind !== 'run') throw new Error(JSON.stringify(r));
  return r.options;
};
const traced = (set: string): string =>
  calls
    .filter((_, nr) => has(options('-e', set).trace.x64, nr))
    .map((c) => c.name)
    .join(' ');
const message = (...argv: string[]): string => {
  const r = parse(...argv);
  return r.kind === 'error' ? r.message : r.kind;
};
const HELP = "Try 'strace -h' for more information.\n";

describe('the command line', () => {
  test('options end at the program', () => {
    const r = parse('-f', 'ls', '-la');
    expect(r).toMatchObject({ kind: 'run', command: ['ls', '-la'], options: { followForks: true, separately: false } });
    expect(parse('--', '-x')).toMatchObject({ command: ['-x'] });
  });
  test('short options combine and take their argument attached or apart', () => {
    expect(options('-fttT', '-s100', '-a', '5', '-ofile')).toMatchObject({
      followForks: true,
      absolute: { format: 'time', precision: 'us' },
      duration: 'us',
      stringLimit: 100,
      column: 5,
      output: 'file',
    });
    expect(options('-ff', '-ttt', '-yy', '-xx', '-qqq')).toMatchObject({
      separately: true,
      absolute: { format: 'unix', precision: 'us' },
      hexStrings: 'all',
    });
  });
  test('long options may be cut short', () => {
    expect(options('--string-l=7', '--follow', '--relative-timestamps=ns')).toMatchObject({
      stringLimit: 7,
      followForks: true,
      relative: 'ns',
    });
  });
  test.each([
    [['-Q'], `strace: invalid option -- 'Q'\n${HELP}`],
    [['--nosuch'], `strace: unrecognized option '--nosuch'\n${HELP}`],
    [['-s'], `strace: option requires an argument -- 's'\n${HELP}`],
    [['--output'], `strace: option '--output' requires an argument\n${HELP}`],
    [['--summary=1', 'x'], `strace: option '--summary' doesn't allow an argument\n${HELP}`],
    [['-s', '-1', 'x'], `strace: invalid -s argument: '-1'\n${HELP}`],
    [['--string-limit=x', 'x'], `strace: invalid --string-limit argument: 'x'\n${HELP}`],
    [['-S', 'foo', 'x'], `strace: invalid sortby: 'foo'\n${HELP}`],
    [['-w', 'x'], `strace: -w/--summary-wall-clock must be given with (-c/--summary-only or -C/--summary)\n${HELP}`],
    [['-c', '-C', 'x'], `strace: -c/--summary-only and -C/--summary are mutually exclusive\n${HELP}`],
    [[], `strace: must have PROG [ARGS] or -p PID\n${HELP}`],
    [['-e', 'nosuch', 'x'], "strace: invalid system call 'nosuch'\n"],
    [['-e', 'foo=bar', 'x'], "strace: invalid system call 'foo=bar'\n"],
    [['-e', 'trace=/(', 'x'], 'strace: regcomp: (: Unmatched ( or \\(\n'],
    [
      ['-e', 'trace=close@99', 'x'],
      `strace: incorrect personality designator '99' in qualification 'close@99'\n${HELP}`,
    ],
    [['-e', 'signal=foo', 'x'], "strace: invalid signal 'foo'\n"],
    [['-e', 'read=-1', 'x'], "strace: invalid descriptor '-1'\n"],
    [['-e', 'status=foo', 'x'], "strace: invalid status 'foo'\n"],
    [
      ['-U', 'name,name', '-c', 'x'],
      `strace: call summary column has been provided more than once: 'name' (-U option residual: 'name')\n${HELP}`,
    ],
    [['-b', 'foo', 'x'], "strace: Syscall 'foo' for -b isn't supported\n"],
    [['--c', 'x'], `strace: option '--c' is ambiguous; possibilities: '--columns' '--const-print-style'\n${HELP}`],
  ])('%j is refused as strace does', (argv, expected) => {
    expect(message(...argv)).toBe(expected);
  });
  test('idle options are warned of', () => {
    expect(parse('-c', '-i', 'x')).toMatchObject({
      warnings: ['strace: -i/--instruction-pointer has no effect with -c/--summary-only\n'],
    });
  });
});

describe('sets of calls', () => {
  test.each([
    ['read,close', 'read close'],
    ['trace=!read', 'write open close stat fstat'],
    ['!!read', 'read'],
    ['/stat$', 'stat fstat'],
    ['%file', 'open stat'],
    ['file,close', 'open close stat'],
    ['?nosuch,3', 'close'],
    ['none', ''],
    ['!none', 'read write open close stat fstat'],
    ['all', 'read write open close stat fstat'],
    ['%%stat', 'stat fstat'],
  ])('%s', (set, expected) => {
    expect(traced(set)).toBe(expected);
  });
  test('the last expression counts', () => {
    const r = options('-e', 'trace=read', '-e', 'trace=write');
    expect(has(r.trace.x64, 0)).toBe(false);
    expect(has(r.trace.x64, 1)).toBe(true);
  });
});
