// What a run leaves behind in memory only, told to a person at a terminal.
import type { Machine } from '../src/machine/machine.ts';

const MOST = 10;

/** Says which files would have been changed. Silent where standard error isn't a terminal: programs read that. */
export function reportChanges(machine: Machine): void {
  const changed = [...machine.files.changes()];
  if (!changed.length || !process.stderr.isTTY) return;
  const lines = changed.slice(0, MOST).map(([path, how]) => `  ${how === 'removed' ? 'removed' : 'written'} ${path}\n`);
  if (changed.length > MOST) lines.push(`  and ${changed.length - MOST} more\n`);
  process.stderr.write(`ring3: these changes stayed in memory and are gone:\n${lines.join('')}`);
}
