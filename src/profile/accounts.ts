// Runs tasks as the kernel would, and puts the time down to who spends it.
import type { Meter } from '../cpu/meter.ts';
import type { Exit } from '../kernel/cpu.ts';
import type { Runner } from '../kernel/observe.ts';
import type { Thread } from '../kernel/thread.ts';

export class Accounts implements Runner {
  readonly #meter: Meter;
  /** Runs of the CPU by what ended them. */
  readonly exits: Record<Exit['kind'], number> = { syscall: 0, fault: 0, budget: 0 };

  constructor(meter: Meter) {
    this.#meter = meter;
  }
  run(t: Thread, budget: number): Exit {
    const before = this.#meter.begin('guest');
    const exit = t.cpu.run(budget);
    this.#meter.begin(before);
    this.exits[exit.kind]++;
    return exit;
  }
}
