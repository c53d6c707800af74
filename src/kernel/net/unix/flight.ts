// Descriptors on their way between processes: files whose only holders are messages that nobody can receive any more are found and dropped (net/unix/garbage.c).
import { dropFile } from '../../fdtable.ts';
import type { OpenFile } from '../../fs/vfs.ts';
import { UnixConnection } from './connection.ts';
import { UnixSocket } from './socket.ts';

export class Flight {
  /** How many messages hold each unix socket. */
  readonly #held = new Map<UnixSocket, number>();
  readonly #falling: OpenFile[] = [];
  #dropping = false;
  #collecting = false;

  /** A message took a reference. */
  took(files: readonly OpenFile[]): void {
    for (const f of files) if (f instanceof UnixSocket) this.#held.set(f, (this.#held.get(f) ?? 0) + 1);
  }
  /** A message gave them to somebody else, who holds them now. */
  landed(files: readonly OpenFile[]): void {
    for (const f of files) {
      if (!(f instanceof UnixSocket)) continue;
      const n = (this.#held.get(f) ?? 0) - 1;
      if (n > 0) this.#held.set(f, n);
      else this.#held.delete(f);
    }
  }
  /** A message is thrown away. One after the other: a file's end may throw away messages with further ones, to any depth. */
  dropped(files: readonly OpenFile[]): void {
    this.landed(files);
    this.#falling.push(...files);
    if (this.#dropping) return;
    this.#dropping = true;
    for (let f = this.#falling.pop(); f; f = this.#falling.pop()) dropFile(f);
    this.#dropping = false;
  }
  /** Empties the queues of sockets that are held by nothing but messages in one another's queues. */
  collect(): void {
    if (this.#held.size === 0 || this.#collecting) return;
    const lost = new Set<UnixSocket>();
    for (const [s, n] of this.#held) if (s.references === n) lost.add(s);
    const reached: UnixSocket[] = [];
    const reach = (s: UnixSocket): void => {
      for (const m of s.messages)
        for (const f of m.rights) if (f instanceof UnixSocket && lost.delete(f)) reached.push(f);
      if (s instanceof UnixConnection) for (const p of s.pending) reach(p);
    };
    for (const s of this.#all(lost)) reach(s);
    for (let s = reached.pop(); s; s = reached.pop()) reach(s);
    if (lost.size === 0) return;
    this.#collecting = true;
    for (const s of lost) s.purge();
    this.#collecting = false;
  }
  /** Sockets that somebody can receive from. */
  *#all(lost: ReadonlySet<UnixSocket>): Iterable<UnixSocket> {
    for (const s of this.sockets) if (!lost.has(s) && s.messages.length) yield s;
  }
  readonly sockets: ReadonlySet<UnixSocket>;
  constructor(sockets: ReadonlySet<UnixSocket>) {
    this.sockets = sockets;
  }
}
