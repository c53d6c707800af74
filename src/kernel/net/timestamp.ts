// When a message came, for receivers that ask (socket(7), SO_TIMESTAMP).
import * as S from '../../abi/socket.ts';
import type { Thread } from '../thread.ts';
import type { Control } from './transfer.ts';

/** A time as SO_TIMESTAMP's or SO_TIMESTAMPNS's message has it. */
export function timeMessage(t: Thread, on: ReadonlySet<string>, time: bigint): Control[] {
  if (!on.has('timestamp')) return [];
  const ns = on.has('timestampNs');
  const wide = on.has('timestampNew') || t.abi === 'x64';
  const type = ns
    ? on.has('timestampNew')
      ? S.SO_TIMESTAMPNS_NEW
      : S.SO_TIMESTAMPNS
    : on.has('timestampNew')
      ? S.SO_TIMESTAMP_NEW
      : S.SO_TIMESTAMP;
  const [sec, rest] = [time / 1_000_000_000n, (time % 1_000_000_000n) / (ns ? 1n : 1000n)];
  const data = wide
    ? new Uint8Array(new BigInt64Array([sec, rest]).buffer)
    : new Uint8Array(Int32Array.of(Number(sec), Number(rest)).buffer);
  return [{ level: S.SOL_SOCKET, type, data }];
}
