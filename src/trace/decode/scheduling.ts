// Scheduling, priorities, barriers; the machine as a whole.
import { syslogActions } from '../../abi/info.ts';
import { ioprioWho, schedFlags, schedPolicies } from '../../abi/sched.ts';
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, unsigned } from '../number.ts';
import type { Decoders, Show, ShowField } from '../shape.ts';
import { constant, flagText, nameOf } from '../xlat.ts';

const param: ShowField = (c, v, at) => c.w.sign(`[${v.getInt32(at, true)}]`);
/** struct sched_attr as long as its size says: the first version ends before the utilization limits. */
const FIRST_SIZE = 48;
const attributes: ShowField = (c, v, at) => {
  const { w } = c;
  const u32 = (o: number): number => v.getUint32(at + o, true);
  const wide = (o: number): string => unsigned(u32(o), u32(o + 4));
  w.open('{');
  w.field('size');
  w.number(String(u32(0)));
  w.field('sched_policy');
  w.constant(schedPolicies, u32(4));
  w.field('sched_flags');
  w.flags(schedFlags, u32(8), u32(12));
  const rest: readonly (readonly [string, string])[] = [
    ['nice', String(v.getInt32(at + 16, true))],
    ['priority', String(u32(20))],
    ['runtime', wide(24)],
    ['deadline', wide(32)],
    ['period', wide(40)],
    ...(u32(0) > FIRST_SIZE
      ? ([
          ['util_min', String(u32(48))],
          ['util_max', String(u32(52))],
        ] as const)
      : []),
  ];
  for (const [name, text] of rest) {
    w.field(`sched_${name}`);
    w.number(text);
  }
  w.close('}');
};
const ioprioClasses = names('IOPRIO_CLASS', {
  IOPRIO_CLASS_NONE: 0,
  IOPRIO_CLASS_RT: 1,
  IOPRIO_CLASS_BE: 2,
  IOPRIO_CLASS_IDLE: 3,
});
const ioprioText = (n: number): string =>
  `IOPRIO_PRIO_VALUE(${constant(ioprioClasses, n >>> 13, 0, 'abbrev')}, ${n & 0x1fff})`;
const ioprio: Show = (c, lo) => c.w.named(hex(lo, 0), ioprioText(lo >>> 0));

const barriers = names('MEMBARRIER_CMD', {
  MEMBARRIER_CMD_GLOBAL: 1,
  MEMBARRIER_CMD_GLOBAL_EXPEDITED: 2,
  MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED: 4,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED: 8,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED: 16,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE: 32,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE: 64,
  MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ: 128,
  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ: 256,
});
const barrierFlags = names('MEMBARRIER_CMD_FLAG', { MEMBARRIER_CMD_FLAG_CPU: 1 });
const kcmpTakesIndexes = (c: Context): boolean => c.uint(2) === 0 || c.uint(2) === 7;
/** Actions of syslog(2) that take a buffer, and those that take a level alone. */
const READS: readonly number[] = [2, 3, 4];
const CONSOLE_LEVEL = 8;

/** Longer names than Linux takes aren't looked at. */
const MOST_NAME = 64;
const hostName: Show = (c, lo, hi) => {
  const n = c.uint(1);
  if (n > MOST_NAME) c.w.address(lo, hi);
  else c.buffer(hi * 0x1_0000_0000 + lo, n);
};
const RESTART2 = 0xa1b2c3d4;
const magics = names('LINUX_REBOOT_MAGIC', { LINUX_REBOOT_MAGIC1: 0xfee1dead });
const magics2 = names('LINUX_REBOOT_MAGIC', {
  LINUX_REBOOT_MAGIC2: 672274793,
  LINUX_REBOOT_MAGIC2A: 85072278,
  LINUX_REBOOT_MAGIC2B: 369367448,
  LINUX_REBOOT_MAGIC2C: 537993216,
});
const rebootCommands = names('LINUX_REBOOT_CMD', {
  LINUX_REBOOT_CMD_CAD_OFF: 0,
  LINUX_REBOOT_CMD_RESTART: 0x01234567,
  LINUX_REBOOT_CMD_HALT: 0xcdef0123,
  LINUX_REBOOT_CMD_CAD_ON: 0x89abcdef,
  LINUX_REBOOT_CMD_POWER_OFF: 0x4321fedc,
  LINUX_REBOOT_CMD_RESTART2: RESTART2,
  LINUX_REBOOT_CMD_SW_SUSPEND: 0xd000fce2,
  LINUX_REBOOT_CMD_KEXEC: 0x45584543,
});
const magic =
  (table: typeof magics): Show =>
  (c, lo) =>
    c.w.constant(table, lo);

export const scheduling: Decoders = {
  structures: { sched_param: { show: param }, sched_attr: { show: attributes } },
  calls: {
    membarrier: {
      args: { flags: (c, lo) => c.w.flags(barrierFlags, lo) },
      given: { cpu_id: (c) => (c.uint(1) & 1) !== 0 },
      result: (c) => {
        if (c.uint(0) !== 0) return undefined;
        c.note = flagText(barriers, c.result, 0, 'abbrev');
        return hex(c.result, 0);
      },
    },
    sched_getscheduler: {
      result: (c) => {
        c.note = constant(schedPolicies, c.result, 0, 'abbrev');
        return undefined;
      },
    },
    ioprio_get: {
      args: { which: (c, lo) => c.w.constant(ioprioWho, lo) },
      result: (c) => {
        c.note = ioprioText(c.result);
        return hex(c.result, 0);
      },
    },
    ioprio_set: { args: { ioprio } },
    kcmp: { given: { idx1: kcmpTakesIndexes, idx2: kcmpTakesIndexes } },
    syslog: {
      args: {
        type: (c, lo) => {
          const name = nameOf(syslogActions, lo) ?? 'SYSLOG_ACTION_???';
          c.w.sign(c.options.constants === 'raw' ? String(lo | 0) : `${lo | 0} /* ${name} */`);
        },
        bufp: (c, lo, hi) =>
          c.failed ? c.w.address(lo, hi) : c.buffer(hi * 0x1_0000_0000 + lo, Math.max(0, c.result)),
      },
      late: ['bufp'],
      given: {
        bufp: (c) => READS.includes(c.uint(0)),
        len: (c) => READS.includes(c.uint(0)) || c.uint(0) === CONSOLE_LEVEL,
      },
    },
    sethostname: { args: { name: hostName, len: (c, lo) => c.w.number(String(lo >>> 0)) } },
    setdomainname: { args: { name: hostName, len: (c, lo) => c.w.number(String(lo >>> 0)) } },
    reboot: {
      args: { magic: magic(magics), magic2: magic(magics2), cmd: magic(rebootCommands) },
      given: { arg: (c) => c.uint(2) === RESTART2 },
    },
  },
};
