// What the options of IP and IPv6 hold, as plain data.
import type { Ip } from './address.ts';

export type IpSwitch =
  | 'hdrincl'
  | 'packetInfo'
  | 'receiveOptions'
  | 'returnOptions'
  | 'receiveErrors'
  | 'receiveErrorsRfc4884'
  | 'receiveTtl'
  | 'receiveTos'
  | 'receiveOriginal'
  | 'receiveFragmentSize'
  | 'freebind'
  | 'transparent'
  | 'noDefragment'
  | 'checksum'
  | 'bindAddressNoPort'
  | 'multicastLoop'
  | 'multicastAll'
  | 'v6only'
  | 'packetInfo6'
  | 'receiveHopLimit'
  | 'receiveTclass'
  | 'receiveErrors6'
  | 'receiveErrors6Rfc4884'
  | 'receivePathMtu'
  | 'receiveHopOptions'
  | 'receiveDestinationOptions'
  | 'receiveRoutingHeader'
  | 'receiveOriginal6'
  | 'receiveFragmentSize6'
  | 'multicastLoop6'
  | 'multicastAll6'
  | 'dontFragment6'
  | 'flowInfo'
  | 'flowInfoSend'
  | 'autoFlowLabel'
  | 'routerAlertIsolate';

export class IpSettings {
  readonly on = new Set<IpSwitch>(['multicastLoop', 'multicastAll', 'multicastLoop6', 'multicastAll6']);
  tos = 0;
  /** -1: the system's (64). */
  ttl = -1;
  minTtl = 0;
  multicastTtl = 1;
  multicastInterface: Ip | undefined;
  unicastInterface = 0;
  mtuDiscover = 1;
  localPortRange = 0;
  tclass = 0;
  hops = -1;
  multicastHops = 1;
  multicastInterface6 = 0;
  mtuDiscover6 = 1;
  minHopCount = 0;
  addressPreferences = 2;
  unicastInterface6 = 0;
  fragmentSize = 0;
}
