// Message queues of System V (ipc/msg.c).
import { WaitQueue } from '../wait.ts';
import { IpcObject, Registry } from './registry.ts';

/** /proc/sys/kernel/msgmax, msgmnb and msgmni */
export const MSGMAX = 8192,
  MSGMNB = 16384,
  MSGMNI = 32000;

export interface Message {
  readonly type: number;
  readonly data: Uint8Array;
}
export class MessageQueue extends IpcObject {
  readonly messages: Message[] = [];
  /** Bytes in it, and the most there may be. */
  bytes = 0;
  limit = MSGMNB;
  stime = 0;
  rtime = 0;
  lastSender = 0;
  lastReceiver = 0;
  /** Woken at each change. */
  readonly queue = new WaitQueue();

  hasRoom(n: number): boolean {
    return this.bytes + n <= this.limit && this.messages.length + 1 <= this.limit;
  }
  put(m: Message): void {
    this.messages.push(m);
    this.bytes += m.data.length;
    this.queue.wake();
  }
  /** Place of the message asked for: the first; the first of a type, or of any other; the first of the lowest type up to a limit. -1: none. */
  find(type: number, except: boolean): number {
    if (type === 0) return this.messages.length ? 0 : -1;
    if (type > 0) return this.messages.findIndex((m) => (m.type === type) !== except);
    let best = -1;
    this.messages.forEach((m, i) => {
      if (m.type <= -type && (best < 0 || m.type < (this.messages[best] as Message).type)) best = i;
    });
    return best;
  }
  take(place: number): Message {
    const [m] = this.messages.splice(place, 1) as [Message];
    this.bytes -= m.data.length;
    this.queue.wake();
    return m;
  }
}
export class MessageQueues extends Registry<MessageQueue> {
  constructor() {
    super(MSGMNI);
  }
}
