// Restartable sequences: a task interrupted within one goes on at its abort handler (kernel/rseq.c).
import { Errno } from '../abi/errno.ts';
import { SI_KERNEL, SIGSEGV } from '../abi/signal.ts';
import { force } from './signal/send.ts';
import type { Thread } from './thread.ts';

const RSEQ_CS = 8;
const CS_SIZE = 32;

/** Before another task runs, or a handler: has this one left a sequence in the middle? */
export function abortSequence(t: Thread): void {
  const { at } = t.rseq;
  if (at === 0) return;
  const word = t.user.bytes(at + RSEQ_CS, 8);
  if (word instanceof Errno) return fail(t);
  const cs = Number(new DataView(word.buffer, word.byteOffset, 8).getBigUint64(0, true));
  if (cs === 0) return;
  const bytes = t.user.bytes(cs, CS_SIZE);
  if (bytes instanceof Errno) return fail(t);
  const v = new DataView(bytes.buffer, bytes.byteOffset, CS_SIZE);
  const start = v.getBigUint64(8, true);
  const length = v.getBigUint64(16, true);
  const abort = v.getBigUint64(24, true);
  const rip = t.cpu.get('rip');
  const inside = rip >= start && rip - start < length;
  if (inside && (abort < 4n || abort - start < length === abort >= start || !isSigned(t, Number(abort))))
    return fail(t);
  if (t.user.put(at + RSEQ_CS, new Uint8Array(8))) return fail(t);
  if (inside) t.cpu.set('rip', abort);
}
/** In front of an abort handler stands the signature the task registered. */
function isSigned(t: Thread, abort: number): boolean {
  const bytes = t.user.bytes(abort - 4, 4);
  if (bytes instanceof Errno) return false;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === t.rseq.signature;
}
function fail(t: Thread): void {
  t.rseq = { at: 0, length: 0, signature: 0 };
  force(t, { signo: SIGSEGV, code: SI_KERNEL, addr: 0n });
}
