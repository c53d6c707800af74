// What the machine spends its time on, for --stats and profiles. A CPU has one only where somebody asked: without it the hooks cost a test each.

/**
 * guest: running its instructions, interpreted or compiled; translate: decoding them into records; compile: choosing regions and writing their modules;
 * build: V8's taking them in; fault: making pages present; kernel: system calls, signals, the scheduler; host: files and streams outside; idle: waiting; profile: measuring all that.
 */
export type Activity = 'guest' | 'translate' | 'compile' | 'build' | 'fault' | 'kernel' | 'host' | 'idle' | 'profile';

/** Time goes to one activity at a time: who begins another one puts the one before back when it is done. */
export class Meter {
  /** Milliseconds so far; of the activity under way, up to the last change. */
  readonly spent: Record<Activity, number> = {
    guest: 0,
    translate: 0,
    compile: 0,
    build: 0,
    fault: 0,
    kernel: 0,
    host: 0,
    idle: 0,
    profile: 0,
  };
  /** Blocks decoded; pages asked for; blocks found hot; regions compiled, their blocks and instructions (the same one may be in several), bytes of modules; regions
   * given up because their code changed, was taken away or ran with another MXCSR. */
  readonly counts = { translated: 0, faults: 0, hot: 0, regions: 0, blocks: 0, instructions: 0, bytes: 0, dropped: 0 };
  readonly #now: () => number;
  #at: Activity = 'kernel';
  #since: number;

  /** `now`: milliseconds, steady. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }
  /** So many regions were compiled: their nodes, and the size of their module. */
  compiled(regions: number, nodes: readonly { readonly instructions: number }[], bytes: number): void {
    const { counts } = this;
    counts.regions += regions;
    counts.blocks += nodes.length;
    for (const n of nodes) counts.instructions += n.instructions;
    counts.bytes += bytes;
  }
  /** What follows goes to that activity. Gives the one before. */
  begin(activity: Activity): Activity {
    const now = this.#now();
    const before = this.#at;
    this.spent[before] += now - this.#since;
    this.#since = now;
    this.#at = activity;
    return before;
  }
}
