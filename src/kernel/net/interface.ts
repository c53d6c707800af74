// The one interface there is: the machine's loopback.
export const LOOPBACK = {
  name: 'lo',
  index: 1,
  mtu: 65536,
  /** IFF_UP, IFF_LOOPBACK, IFF_RUNNING. */
  flags: 0x49,
  /** ARPHRD_LOOPBACK. */
  hardwareType: 772,
  queueLength: 1000,
  address: [127, 0, 0, 1],
} as const;
