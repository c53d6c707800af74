// ioctl: names of requests that no file of ours knows, and terminals' settings.
import { names } from '../../abi/type.ts';
import { hex } from '../number.ts';
import { behind, type Decoders, type Show, type ShowField } from '../shape.ts';
import { constant, nameOf, split } from '../xlat.ts';
import { asksInterface, interfaceRequests } from './interface.ts';

const TIOCEXCL = 0x540c;
const TIOCNXCL = 0x540d;
const TIOCSTI = 0x5412;
const TIOCNOTTY = 0x5422;
const TIOCSPTLCK = 0x40045431;
/** Requests by number; two names where two drivers chose the same. */
const requests = names('_IOC', {
  ...interfaceRequests,
  TCGETS: 0x5401,
  'SNDCTL_TMR_START or TCSETS': 0x5402,
  'SNDCTL_TMR_STOP or TCSETSW': 0x5403,
  'SNDCTL_TMR_CONTINUE or TCSETSF': 0x5404,
  TCGETA: 0x5405,
  TCSETA: 0x5406,
  TCSETAW: 0x5407,
  TCSETAF: 0x5408,
  TCSBRK: 0x5409,
  TCXONC: 0x540a,
  TCFLSH: 0x540b,
  TIOCEXCL,
  TIOCNXCL,
  TIOCSCTTY: 0x540e,
  TIOCGPGRP: 0x540f,
  TIOCSPGRP: 0x5410,
  TIOCOUTQ: 0x5411,
  TIOCSTI,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  TIOCMGET: 0x5415,
  TIOCMBIS: 0x5416,
  TIOCMBIC: 0x5417,
  TIOCMSET: 0x5418,
  TIOCGSOFTCAR: 0x5419,
  TIOCSSOFTCAR: 0x541a,
  FIONREAD: 0x541b,
  TIOCLINUX: 0x541c,
  TIOCCONS: 0x541d,
  TIOCGSERIAL: 0x541e,
  TIOCSSERIAL: 0x541f,
  TIOCPKT: 0x5420,
  FIONBIO: 0x5421,
  TIOCNOTTY,
  TIOCSETD: 0x5423,
  TIOCGETD: 0x5424,
  TCSBRKP: 0x5425,
  TIOCSBRK: 0x5427,
  TIOCCBRK: 0x5428,
  TIOCGSID: 0x5429,
  TIOCGPTN: 0x80045430,
  TIOCSPTLCK,
  TIOCGPTPEER: 0x5441,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOASYNC: 0x5452,
  FIOQSIZE: 0x5460,
  FIBMAP: 1,
  FIGETBSZ: 2,
  'BTRFS_IOC_CLONE or FICLONE': 0x40049409,
  'BTRFS_IOC_CLONE_RANGE or FICLONERANGE': 0x4020940d,
  FS_IOC_GETFLAGS: 0x80086601,
  FS_IOC_SETFLAGS: 0x40086602,
  FS_IOC_FIEMAP: 0xc020660b,
  BLKROSET: 0x125d,
  BLKROGET: 0x125e,
  BLKGETSIZE: 0x1260,
  BLKSSZGET: 0x1268,
  BLKGETSIZE64: 0x80081272,
  BLKDISCARD: 0x1277,
  CDROM_GET_CAPABILITY: 0x5331,
  LOOP_GET_STATUS64: 0x4c05,
  LOOP_CTL_GET_FREE: 0x4c82,
  RNDGETENTCNT: 0x80045200,
  RTC_RD_TIME: 0x80247009,
  VT_GETSTATE: 0x5603,
  KDGKBTYPE: 0x4b33,
  TUNSETIFF: 0x400454ca,
  USBDEVFS_RESET: 0x5514,
});
const directions = names('_IOC', { _IOC_READ: 2, _IOC_WRITE: 1 });
const request: Show = (c, lo) => {
  const name = nameOf(requests, lo);
  if (name) return c.w.named(hex(lo, 0), name);
  const dir = lo >>> 30 === 0 ? '_IOC_NONE' : split(directions, lo >>> 30).text;
  c.w.named(
    hex(lo, 0),
    `_IOC(${dir}, ${hex((lo >>> 8) & 0xff, 0)}, ${hex(lo & 0xff, 0)}, ${hex((lo >>> 16) & 0x3fff, 0)})`,
  );
};

const iflags = names('I', {
  IGNBRK: 1,
  BRKINT: 2,
  IGNPAR: 4,
  PARMRK: 8,
  INPCK: 0o20,
  ISTRIP: 0o40,
  INLCR: 0o100,
  IGNCR: 0o200,
  ICRNL: 0o400,
  IUCLC: 0o1000,
  IXON: 0o2000,
  IXANY: 0o4000,
  IXOFF: 0o10000,
  IMAXBEL: 0o20000,
  IUTF8: 0o40000,
});
const oflags = names('O', {
  OPOST: 1,
  OLCUC: 2,
  ONLCR: 4,
  OCRNL: 8,
  ONOCR: 0o20,
  ONLRET: 0o40,
  OFILL: 0o100,
  OFDEL: 0o200,
});
/** Fields of several bits in c_oflag: mask, and names of the values from the lowest on. */
const delays: readonly (readonly [mask: number, values: readonly string[]])[] = [
  [0o400, ['NL0', 'NL1']],
  [0o3000, ['CR0', 'CR1', 'CR2', 'CR3']],
  [0o14000, ['TAB0', 'TAB1', 'TAB2', 'XTABS']],
  [0o20000, ['BS0', 'BS1']],
  [0o40000, ['VT0', 'VT1']],
  [0o100000, ['FF0', 'FF1']],
];
const cflags = names('C', {
  CSTOPB: 0o100,
  CREAD: 0o200,
  PARENB: 0o400,
  PARODD: 0o1000,
  HUPCL: 0o2000,
  CLOCAL: 0o4000,
  CMSPAR: 0o10000000000,
  CRTSCTS: 0o20000000000,
});
const speeds = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];
const fastSpeeds = [
  0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000,
  3500000, 4000000,
];
const CBAUD = 0o10017;
const lflags = names('L', {
  ISIG: 1,
  ICANON: 2,
  XCASE: 4,
  ECHO: 8,
  ECHOE: 0o20,
  ECHOK: 0o40,
  ECHONL: 0o100,
  NOFLSH: 0o200,
  IEXTEN: 0o100000,
  ECHOCTL: 0o1000,
  ECHOPRT: 0o2000,
  ECHOKE: 0o4000,
  FLUSHO: 0o10000,
  PENDIN: 0o40000,
  TOSTOP: 0o400,
  EXTPROC: 0o200000,
});
const lines = names('N', { N_TTY: 0, N_SLIP: 1, N_MOUSE: 2, N_PPP: 3 });
const CONTROL = [
  'VINTR',
  'VQUIT',
  'VERASE',
  'VKILL',
  'VEOF',
  'VTIME',
  'VMIN',
  'VSWTC',
  'VSTART',
  'VSTOP',
  'VSUSP',
  'VEOL',
  'VREPRINT',
  'VDISCARD',
  'VWERASE',
  'VLNEXT',
  'VEOL2',
];
const speed = (bits: number): string => {
  const fast = bits & 0o10000;
  const n = (fast ? fastSpeeds : speeds)[bits & 0o17] as number;
  return fast && n === 0 ? 'BOTHER' : `B${n}`;
};
const joined = (table: typeof iflags, n: number): string => {
  const s = split(table, n >>> 0);
  return [s.text, s.lo ? hex(s.lo, 0) : ''].filter(Boolean).join('|');
};
/** Fields of several bits, a bar, then the flags. */
const mixed = (fields: readonly string[], table: typeof iflags, rest: number): string =>
  `${fields.join('|')}|${joined(table, rest)}`;
function outputModes(v: number): string {
  let rest = v;
  const fields = delays.map(([mask, values]) => {
    rest &= ~mask;
    return values[(v & mask) / (mask & -mask)] as string;
  });
  return mixed(fields, oflags, rest);
}
function controlModes(v: number): string {
  const fields = [speed(v & CBAUD)];
  const input = (v >>> 16) & CBAUD;
  if (input) fields.push(`${speed(input)}<<IBSHIFT`);
  fields.push(`CS${5 + ((v >>> 4) & 3)}`);
  return mixed(fields, cflags, v & ~(CBAUD | (CBAUD << 16) | 0o60));
}
const termios: ShowField = (c, v, at) => {
  const word = (i: number): number => v.getUint32(at + 4 * i, true);
  const { constants } = c.options;
  const field = (name: string, n: number, text: string): void => {
    c.w.field(name);
    c.w.sign(constants === 'raw' ? hex(n, 0) : constants === 'verbose' ? `${hex(n, 0)} /* ${text} */` : text);
  };
  c.w.open('{');
  field('c_iflag', word(0), joined(iflags, word(0)) || '0');
  field('c_oflag', word(1), outputModes(word(1)));
  field('c_cflag', word(2), controlModes(word(2)));
  field('c_lflag', word(3), joined(lflags, word(3)) || '0');
  if (c.abbreviate) c.w.more();
  else {
    c.w.field('c_line');
    c.w.sign(constant(lines, v.getUint8(at + 16), 0, constants));
    c.w.field('c_cc');
    c.w.open('[');
    for (let i = 0; i < 19; i++) {
      c.w.separate();
      c.w.sign(`[${CONTROL[i] ?? i}]=${hex(v.getUint8(at + 17 + i), 0)}`);
    }
    c.w.close(']');
  }
  c.w.close('}');
};
const flushWhat = names('TC', { TCIFLUSH: 0, TCOFLUSH: 1, TCIOFLUSH: 2 });
/** Arguments of requests that no file of ours takes. */
const others = new Map<number, Show>([
  [TIOCSTI, (c, lo, hi) => c.buffer(hi * 0x1_0000_0000 + lo, 1)],
  [TIOCSPTLCK, behind(4, (c, v) => c.w.sign(`[${v.getInt32(0, true)}]`))],
]);
/** An argument of an unknown kind. */
const hexadecimal: Show = (c, lo, hi) => {
  const other = c.failed || !c.leaving ? others.get(c.uint(1)) : undefined;
  if (other) other(c, lo, hi);
  else c.w.number(hex(lo, hi));
};
const NO_ARGUMENT: readonly number[] = [TIOCNOTTY, TIOCEXCL, TIOCNXCL];

export const ioctl: Decoders = {
  integers: { ioctl: request, tcflush: (c, lo) => c.w.constant(flushWhat, lo) },
  decoders: { address: () => hexadecimal },
  calls: {
    ioctl: {
      given: { arg: (c) => !NO_ARGUMENT.includes(c.uint(1)) },
      lateIf: { arg: (c) => asksInterface(c.uint(1)) },
    },
  },
  structures: { termios: { show: termios } },
};
