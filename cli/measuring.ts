// What --stats and --profile put into a run, and what they say when it is over.
import { Meter } from '../src/cpu/meter.ts';
import type { Host } from '../src/host/host.ts';
import type { Machine } from '../src/machine/machine.ts';
import { Accounts } from '../src/profile/accounts.ts';
import { Sampler } from '../src/profile/sampler.ts';
import { meteredHost } from './metered.ts';
import type { RunOptions } from './options.ts';
import { ProfileFile } from './profile.ts';
import { statsText } from './stats.ts';

export class Measuring {
  readonly meter = new Meter(() => performance.now());
  readonly host: Host;
  readonly runner: Accounts;
  readonly #began = performance.now();
  readonly #sampler: Sampler | undefined;
  readonly #file: ProfileFile | undefined;
  readonly #stats: boolean;

  /** Throws where the profile can't be written. */
  constructor(host: Host, options: Pick<RunOptions, 'stats' | 'profile'>) {
    this.host = meteredHost(host, this.meter);
    this.#stats = options.stats;
    this.#file = options.profile && new ProfileFile(options.profile);
    this.#sampler = this.#file && new Sampler(this.meter);
    this.runner = new Accounts(this.meter, this.#sampler);
  }
  finish(machine: Machine, command: readonly string[]): void {
    const seconds = (performance.now() - this.#began) / 1000;
    this.meter.begin('profile');
    if (this.#sampler) this.#file?.write(this.#sampler.finish(), command);
    if (this.#stats) process.stderr.write(statsText(machine.statistics(), seconds, this.meter, this.runner));
  }
}
