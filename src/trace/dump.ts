// -e read= and -e write=: the data that calls move, in hexadecimal and as characters, below their lines.
import type { Context } from './context.ts';
import { has } from './select.ts';

/** Which way data goes, and whether the second argument is a buffer or a vector of buffers; a length of undefined is the result. */
interface Move {
  readonly way: 'read' | 'write';
  readonly vector?: true;
  readonly length?: number;
}
const READ: Move = { way: 'read' };
const WRITE: Move = { way: 'write', length: 2 };
const MOVES: Readonly<Record<string, Move | undefined>> = {
  read: READ,
  pread64: READ,
  recvfrom: READ,
  recv: READ,
  mq_timedreceive: READ,
  write: WRITE,
  pwrite64: WRITE,
  sendto: WRITE,
  send: WRITE,
  mq_timedsend: WRITE,
  readv: { way: 'read', vector: true },
  preadv: { way: 'read', vector: true },
  preadv2: { way: 'read', vector: true },
  writev: { way: 'write', vector: true },
  pwritev: { way: 'write', vector: true },
  pwritev2: { way: 'write', vector: true },
};
const ROW = 16;
/** No more than this of one buffer. */
const MOST = 1 << 20;

/** The dump that belongs below a call that has succeeded; empty where none was asked for. */
export function dumpOf(c: Context, name: string): string {
  const move = Object.hasOwn(MOVES, name) ? MOVES[name] : undefined;
  const { dumpRead, dumpWrite } = c.options;
  if (!move || c.failed || !has(move.way === 'read' ? dumpRead : dumpWrite, c.int(0))) return '';
  if (!move.vector) return rows(c, c.number(1), move.length === undefined ? c.result : c.number(move.length));
  let left = move.way === 'read' ? c.result : Number.POSITIVE_INFINITY;
  let text = '';
  for (let i = 0; i < Math.min(c.number(2), 1024) && left > 0; i++) {
    const v = c.view(c.number(1) + 2 * c.word * i, 2 * c.word);
    if (!v) break;
    const length = Math.min(c.pointerAt(v, c.word), left);
    if (length === 0) continue;
    text += ` * ${length} bytes in buffer ${i}\n${rows(c, c.pointerAt(v, 0), length)}`;
    left -= length;
  }
  return text;
}
function rows(c: Context, at: number, length: number): string {
  const b = c.bytes(at, Math.min(length, MOST));
  if (!b) return '';
  let text = '';
  for (let o = 0; o < b.length; o += ROW) {
    let hex = '';
    let characters = '';
    for (let i = 0; i < ROW; i++) {
      const byte = b[o + i];
      hex += byte === undefined ? '   ' : `${byte.toString(16).padStart(2, '0')} `;
      if (i === ROW / 2 - 1) hex += ' ';
      characters += byte === undefined ? ' ' : byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.';
    }
    text += ` | ${o.toString(16).padStart(5, '0')}  ${hex} ${characters} |\n`;
  }
  return text;
}
