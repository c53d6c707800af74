// What SOL_SOCKET's options hold, as plain data.

/** Buffer sizes as /proc/sys/net/core has them; sizes are kept doubled, as the kernel's bookkeeping counts. */
export const MEM_DEFAULT = 212992,
  MEM_MAX = 4194304,
  SNDBUF_MIN = 4608,
  RCVBUF_MIN = 2304;

/** Options that are on or off, by name. */
export type Switch =
  | 'debug'
  | 'reuseAddress'
  | 'reusePort'
  | 'dontRoute'
  | 'broadcast'
  | 'keepAlive'
  | 'oobInline'
  | 'noCheck'
  | 'passCredentials'
  | 'passPidfd'
  | 'passSecurity'
  | 'passRights'
  | 'timestamp'
  | 'timestampNs'
  | 'timestampNew'
  | 'overflow'
  | 'wifiStatus'
  | 'noFcs'
  | 'lockFilter'
  | 'selectErrorQueue'
  | 'zeroCopy'
  | 'receiveMark'
  | 'receivePriority'
  | 'preferBusyPoll';

export class SocketSettings {
  readonly on = new Set<Switch>(['passRights']);
  sendBuffer = MEM_DEFAULT;
  receiveBuffer = MEM_DEFAULT;
  /** Set by the program: the kernel doesn't change it by itself (SO_BUF_LOCK). */
  bufferLock = 0;
  priority = 0;
  mark = 0;
  /** SO_LINGER's seconds, while it is on. */
  linger: number | undefined;
  /** The seconds it had when last on. */
  lingerSeconds = 0;
  receiveLow = 1;
  /** Nanoseconds; undefined for no limit. */
  sendTimeout: bigint | undefined;
  receiveTimeout: bigint | undefined;
  peekOffset = -1;
  maxPacingRate = 0xffff_ffff_ffff_ffffn;
  incomingCpu = -1;
  busyPoll = 0;
  txRehash = 1;
  /** The interface it is bound to: an index, 0 for any. */
  boundInterface = 0;
}
