// Runs tasks as the kernel would, and counts what ends the runs; the time is put down to the guest.
import type { Meter } from '../cpu/meter.ts';
import type { Exit } from '../kernel/cpu.ts';
import type { Runner } from '../kernel/observe.ts';
import type { Thread } from '../kernel/thread.ts';

export class Accounts implements Runner {
  readonly #meter: Meter;
  readonly #by: Runner | undefined;
  /** Runs of the CPU by what ended them. */
  readonly exits: Record<Exit['kind'], number> = { syscall: 0, fault: 0, budget: 0 };

  /** `by`: who runs them, and measures by that meter; default the CPU alone. */
  constructor(meter: Meter, by?: Runner) {
    this.#meter = meter;
    this.#by = by;
  }
  run(t: Thread, budget: number): Exit {
    const exit = this.#by ? this.#by.run(t, budget) : this.#timed(t, budget);
    this.exits[exit.kind]++;
    return exit;
  }
  #timed(t: Thread, budget: number): Exit {
    const before = this.#meter.begin('guest');
    const exit = t.cpu.run(budget);
    this.#meter.begin(before);
    return exit;
  }
}
