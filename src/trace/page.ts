// Lines of several tasks in one output. One line at most is open: when another task must write, the open line is marked unfinished and its task
// resumes on a line of its own later.

/** Takes text in pieces of any size (every character is ASCII); the order of the pieces is the trace's. */
export interface Sink {
  write(text: string): void;
}
/** Soon enough that the pieces are still young when V8 collects them. */
const ENOUGH = 16384;
/** One place that text goes to, and what is on its way there. */
export class Output {
  readonly #sink: Sink;
  #pending = '';
  /** Whose line is open. */
  open: Page | undefined;
  constructor(sink: Sink) {
    this.#sink = sink;
  }
  put(text: string): void {
    this.#pending += text;
    if (this.#pending.length > ENOUGH) this.pass();
  }
  pass(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#sink.write(text);
  }
}

/** The lines of one task. */
export class Page {
  readonly #output: Output;
  /** The open line's text so far; `#handed` characters of it have been passed on. */
  #text = '';
  #handed = 0;
  #state: 'none' | 'open' | 'held' | 'interrupted' = 'none';

  constructor(output: Output) {
    this.#output = output;
  }
  /** Begins a line that a call's end will finish. */
  start(text: string): void {
    const o = this.#output;
    if (o.open && o.open !== this) o.open.interrupt();
    this.#text = text;
    this.#handed = 0;
    this.#state = 'open';
    o.open = this;
  }
  /** Begins a line that nobody may see before its end. */
  hold(text: string): void {
    this.#text = text;
    this.#handed = 0;
    this.#state = 'held';
  }
  drop(): void {
    this.#state = 'none';
  }
  /** What stands in the line that is to be finished; undefined where it was interrupted: it goes on with `again`. */
  resume(): string | undefined {
    return this.#state === 'open' || this.#state === 'held' ? this.#text : undefined;
  }
  /** Begins another line in the stead of the one that was interrupted. */
  again(text: string): string {
    this.#yield();
    this.#text = text;
    this.#handed = 0;
    return text;
  }
  /** The whole line as `resume` or `again` gave it, with the rest and the line feed. */
  finish(line: string): void {
    const o = this.#output;
    if (this.#state === 'held') this.#yield();
    o.put(this.#handed ? line.slice(this.#handed) : line);
    this.#state = 'none';
    if (o.open === this) o.open = undefined;
  }
  /** What belongs below the line that was finished last. */
  append(text: string): void {
    if (text) this.#output.put(text);
  }
  /** A line of its own. */
  line(text: string): void {
    if (this.#output.open) this.#output.open.interrupt();
    this.#output.put(`${text}\n`);
  }
  /** Another task writes. */
  interrupt(): void {
    if (this.#state !== 'open') return;
    this.#output.put(`${this.#text.slice(this.#handed)} <unfinished ...>\n`);
    this.#state = 'interrupted';
    this.#output.open = undefined;
  }
  /** Shows the open line as far as it is known. */
  flush(): void {
    if (this.#state === 'open' && this.#handed < this.#text.length) {
      this.#output.put(this.#text.slice(this.#handed));
      this.#handed = this.#text.length;
    }
    this.#output.pass();
  }
  close(): void {
    if (this.#output.open === this) this.#output.open = undefined;
    this.#output.pass();
  }
  #yield(): void {
    const { open } = this.#output;
    if (open && open !== this) open.interrupt();
  }
}
