// What the machine tells about itself (linux/utsname.h, linux/sysinfo.h).
import { struct } from './struct.ts';
import { bytes, long, names, u16, uint, ulong } from './type.ts';

export const utsname = struct('utsname', {
  sysname: bytes(65),
  nodename: bytes(65),
  release: bytes(65),
  version: bytes(65),
  machine: bytes(65),
  domainname: bytes(65),
});
export const sysinfo = struct('sysinfo', {
  uptime: long,
  load0: ulong,
  load1: ulong,
  load2: ulong,
  totalram: ulong,
  freeram: ulong,
  sharedram: ulong,
  bufferram: ulong,
  totalswap: ulong,
  freeswap: ulong,
  procs: u16,
  pad: u16,
  totalhigh: ulong,
  freehigh: ulong,
  mem_unit: uint,
});
export const GRND_NONBLOCK = 1,
  GRND_RANDOM = 2,
  GRND_INSECURE = 4;
export const grndFlags = names('GRND', { GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE });
/** What uname and /proc say this kernel is. */
export const SYSNAME = 'Linux';
export const RELEASE = '6.1.0-ring3';
export const VERSION = '#1 SMP';
export const MACHINE = 'x86_64';
