// What happens at a time: a heap of deadlines of CLOCK_MONOTONIC.

/** One deadline; given back by `at`, taken by `cancel`. */
export interface Timer {
  readonly at: bigint;
  readonly seq: number;
  readonly fire: () => void;
  /** Place in the heap; -1 when it has fired or was cancelled. */
  index: number;
}

export class Timers {
  readonly #heap: Timer[] = [];
  #seq = 0;

  at(time: bigint, fire: () => void): Timer {
    const timer: Timer = { at: time, seq: this.#seq++, fire, index: this.#heap.length };
    this.#heap.push(timer);
    this.#up(timer);
    return timer;
  }
  cancel(timer: Timer): void {
    const i = timer.index;
    if (i < 0) return;
    timer.index = -1;
    const last = this.#heap.pop();
    if (!last || last === timer) return;
    this.#put(last, i);
    this.#up(last);
    this.#down(last);
  }
  /** The first deadline there is. */
  get next(): bigint | undefined {
    return this.#heap[0]?.at;
  }
  /** Fires what is due, in order of time, then of setting. */
  fireDue(now: bigint): void {
    for (let t = this.#heap[0]; t && t.at <= now; t = this.#heap[0]) {
      this.cancel(t);
      t.fire();
    }
  }
  #put(t: Timer, i: number): void {
    this.#heap[i] = t;
    t.index = i;
  }
  #up(t: Timer): void {
    while (t.index > 0) {
      const i = t.index;
      const above = this.#heap[(i - 1) >> 1] as Timer;
      if (!before(t, above)) return;
      this.#put(t, above.index);
      this.#put(above, i);
    }
  }
  #down(t: Timer): void {
    for (;;) {
      const i = t.index;
      let least = t;
      for (const c of [this.#heap[2 * i + 1], this.#heap[2 * i + 2]]) if (c && before(c, least)) least = c;
      if (least === t) return;
      this.#put(t, least.index);
      this.#put(least, i);
    }
  }
}
const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq);
