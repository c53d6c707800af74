// The machine's network: who has which name or port, and all sockets there are.

import { UnixNames } from './unix/address.ts';
import type { UnixSocket } from './unix/socket.ts';

export class Network {
  /** Number of the next socket's inode. */
  nextInode = 20000;
  readonly unix = new UnixNames();
  readonly unixSockets = new Set<UnixSocket>();
}
