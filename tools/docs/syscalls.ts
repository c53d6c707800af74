// docs/SYSCALLS.md: every system call of Linux on x86-64 and what we have of it, from the values in src/kernel/syscalls.
import { prctlOptions } from '../../src/abi/prctl.ts';
import type { Syscall } from '../../src/kernel/syscall.ts';
import { syscalls } from '../../src/kernel/syscalls/index.ts';
import { prctlNumbers } from '../../src/kernel/syscalls/prctl.ts';

type State = 'done' | 'partial' | 'absent';
const stateOf = (s: Syscall): State =>
  s.absent !== undefined ? 'absent' : s.partial !== undefined ? 'partial' : 'done';
const cell = (text: string): string => text.replaceAll('|', '\\|');

function row(s: Syscall): string {
  const note = s.absent ?? s.partial ?? '';
  return `| ${s.nr.x64} | ${s.nr.i386 ?? ''} | ${s.name} | ${s.class} | ${stateOf(s)} | ${cell(note)} |`;
}

export function syscallsPage(): string {
  const all = syscalls.filter((s) => s.nr.x64 !== undefined).sort((a, b) => (a.nr.x64 ?? 0) - (b.nr.x64 ?? 0));
  const count = (state: State): number => all.filter((s) => stateOf(s) === state).length;
  const prctls = prctlOptions.entries.filter(([, n]) => prctlNumbers.includes(n)).map(([name]) => name);
  return [
    '# System calls',
    '',
    'Made by `npm run docs` from the values in `src/kernel/syscalls`: one value is one call. *done*: all of what Linux does as far as a program in the',
    'machine can see; *partial*: what is missing stands beside it; *absent*: answers -ENOSYS, for the reason given. The class is what a rule may name.',
    '',
    `${all.length} calls: ${count('done')} done, ${count('partial')} partial, ${count('absent')} absent.`,
    '',
    '| x86-64 | i386 | call | class | state | |',
    '|--:|--:|---|---|---|---|',
    ...all.map(row),
    '',
    '## prctl',
    '',
    `Sub-commands there are: ${prctls.join(', ')}.`,
    '',
  ].join('\n');
}
