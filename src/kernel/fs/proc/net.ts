// /proc/net: what the machine's own loopback has to show.
import type { Kernel } from '../../kernel.ts';
import type { Inode } from '../vfs.ts';
import { type ProcFs, Text } from './nodes.ts';

const DEV =
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
  `    lo:${['       0', '      0', '   0', '   0', '   0', '    0', '         0', '        0'].join(' ')} ${['       0', '      0', '   0', '   0', '   0', '    0', '      0', '         0'].join(' ')}\n`;

export function networkFiles(fs: ProcFs, _kernel: Kernel): Record<string, Inode> {
  const text = (t: string): Text => new Text(fs, () => t);
  return {
    dev: text(DEV),
    if_inet6: text('00000000000000000000000000000001 01 80 10 80       lo\n'),
    route: text('Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'),
    arp: text('IP address       HW type     Flags       HW address            Mask     Device\n'),
  };
}
