// /proc/net: what the machine's own loopback has to show.
import type { Kernel } from '../../kernel.ts';
import { netlinkTable, socketCounts, tcpTable, udpTable, unixTable } from '../../net/tables.ts';
import type { Inode } from '../vfs.ts';
import { type ProcFs, Text } from './nodes.ts';

const DEV =
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
  `    lo:${['       0', '      0', '   0', '   0', '   0', '    0', '         0', '        0'].join(' ')} ${['       0', '      0', '   0', '   0', '   0', '    0', '      0', '         0'].join(' ')}\n`;
/** Nothing leads out; the loopback's own address. */
const NONE6 = '0'.repeat(32);
const UNREACHABLE = `${NONE6} 00 ${NONE6} 00 ${NONE6} ffffffff 00000001 00000000 00200200       lo\n`;
const ROUTES6 = `${UNREACHABLE}${NONE6.slice(1)}1 80 ${NONE6} 00 ${NONE6} 00000000 00000003 00000000 80200001       lo\n${UNREACHABLE}`;
const RAW =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';

export function networkFiles(fs: ProcFs, kernel: Kernel): Record<string, Inode> {
  const text = (t: string): Text => new Text(fs, () => t);
  const made = (make: () => string): Text => new Text(fs, make);
  const { net } = kernel;
  return {
    dev: text(DEV),
    if_inet6: text('00000000000000000000000000000001 01 80 10 80       lo\n'),
    route: text('Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'),
    ipv6_route: text(ROUTES6),
    tcp: made(() => tcpTable(net, false, kernel.monotonic())),
    tcp6: made(() => tcpTable(net, true, kernel.monotonic())),
    udp: made(() => udpTable(net, false)),
    udp6: made(() => udpTable(net, true)),
    unix: made(() => unixTable(net)),
    netlink: made(() => netlinkTable(net)),
    sockstat: made(() => socketCounts(net, false)),
    sockstat6: made(() => socketCounts(net, true)),
    raw: text(RAW),
    packet: text('sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n'),
    arp: text('IP address       HW type     Flags       HW address            Mask     Device\n'),
  };
}
