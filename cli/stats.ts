// What `ring3 run --stats` says at the end.
import type { Meter } from '../src/cpu/meter.ts';
import type { Accounts } from '../src/profile/accounts.ts';

const ms = (x: number): string => `${x.toFixed(1)} ms`;

/** Lines for standard error. `seconds`: by the clock on the wall, from the beginning of the run. */
export function statsText(
  totals: { readonly instructions: number; readonly calls: number },
  seconds: number,
  meter: Meter,
  accounts: Accounts,
): string {
  const { spent, counts } = meter;
  const { exits } = accounts;
  const { instructions, calls } = totals;
  const lines = [
    `${instructions} instructions, ${calls} system calls, ${seconds.toFixed(3)} s, ${(instructions / seconds / 1e6).toFixed(0)} million instructions a second`,
    `guest code ${ms(spent.guest)}: ended by ${exits.syscall} system calls, ${exits.fault} faults, ${exits.budget} times by the end of a turn`,
    `translation ${ms(spent.translate)}: ${counts.translated} blocks`,
    `compiler ${ms(spent.compile)}, V8 ${ms(spent.build)} on this thread: ${counts.hot} times something was hot, ${counts.regions} regions of ${counts.blocks} blocks, ${counts.instructions} instructions, ${counts.bytes} bytes, ${counts.dropped} dropped`,
    `page faults ${ms(spent.fault)}: ${counts.faults}`,
    `kernel ${ms(spent.kernel)}, host ${ms(spent.host)}, waiting ${ms(spent.idle)}`,
  ];
  return lines.map((l) => `ring3: ${l}\n`).join('');
}
