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
export const syslogActions = names('SYSLOG_ACTION', {
  SYSLOG_ACTION_CLOSE: 0,
  SYSLOG_ACTION_OPEN: 1,
  SYSLOG_ACTION_READ: 2,
  SYSLOG_ACTION_READ_ALL: 3,
  SYSLOG_ACTION_READ_CLEAR: 4,
  SYSLOG_ACTION_CLEAR: 5,
  SYSLOG_ACTION_CONSOLE_OFF: 6,
  SYSLOG_ACTION_CONSOLE_ON: 7,
  SYSLOG_ACTION_CONSOLE_LEVEL: 8,
  SYSLOG_ACTION_SIZE_UNREAD: 9,
  SYSLOG_ACTION_SIZE_BUFFER: 10,
});
/** What uname and /proc say this kernel is. */
export const SYSNAME = 'Linux';
export const RELEASE = '6.1.0-ring3';
export const VERSION = '#1 SMP';
export const MACHINE = 'x86_64';
/** What reboot must be told twice before it does anything (linux/reboot.h). */
export const REBOOT_MAGIC1 = 0xfee1dead;
export const REBOOT_MAGIC2: readonly number[] = [672274793, 85072278, 369367448, 537993216];
