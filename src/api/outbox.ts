// A program's output on its way out of the worker: in order, gathered into few messages, and never far ahead of who takes it.
import type { FromWorker, Piece } from './messages.ts';

const ENOUGH = 1 << 18;
/** Messages that may be under way at the same time. */
const MOST_UNDER_WAY = 4;
const FIRST_ROOM = 1 << 10;

export class Outbox {
  readonly #post: (message: FromWorker, transfer: readonly ArrayBuffer[]) => void;
  #pieces: Piece[] = [];
  /** The piece under construction: bytes of one stream. */
  #to: 'stdout' | 'stderr' | undefined;
  #room = new Uint8Array(FIRST_ROOM);
  #used = 0;
  #size = 0;
  #underWay = 0;
  #waiting: (() => void) | undefined;

  constructor(post: (message: FromWorker, transfer: readonly ArrayBuffer[]) => void) {
    this.#post = post;
  }
  bytes(to: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (this.#to !== to) this.#close();
    this.#to = to;
    if (this.#used + bytes.length > this.#room.length) {
      const more = new Uint8Array(2 * (this.#used + bytes.length));
      more.set(this.#room.subarray(0, this.#used));
      this.#room = more;
    }
    this.#room.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#count(bytes.length);
  }
  text(text: string): void {
    this.#close();
    const last = this.#pieces.at(-1);
    if (last?.to === 'trace') this.#pieces[this.#pieces.length - 1] = { to: 'trace', text: last.text + text };
    else this.#pieces.push({ to: 'trace', text });
    this.#count(text.length);
  }
  #count(n: number): void {
    this.#size += n;
    if (this.#size > ENOUGH) this.flush();
  }
  #close(): void {
    if (this.#to !== undefined) this.#pieces.push({ to: this.#to, bytes: this.#room.slice(0, this.#used) });
    this.#to = undefined;
    this.#used = 0;
  }
  /** Sends what there is. */
  flush(): void {
    this.#close();
    if (!this.#pieces.length) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    this.#underWay++;
    const buffers = pieces.flatMap((p) => (p.to === 'trace' ? [] : [p.bytes.buffer]));
    this.#post({ kind: 'output', pieces }, buffers);
  }
  taken(messages: number): void {
    this.#underWay -= messages;
    if (this.#underWay > MOST_UNDER_WAY) return;
    this.#waiting?.();
    this.#waiting = undefined;
  }
  /** Resolves when the other side has caught up; undefined where it has. */
  caughtUp(): Promise<void> | undefined {
    if (this.#underWay <= MOST_UNDER_WAY) return undefined;
    return new Promise((done) => {
      this.#waiting = done;
    });
  }
}
