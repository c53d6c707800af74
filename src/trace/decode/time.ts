// Times: pairs of seconds and a fraction, and what the calendar makes of them.
import type { Context } from '../context.ts';
import { signed, unsigned } from '../number.ts';
import type { Decoders, Show, ShowField } from '../shape.ts';

/** Local time with its offset from UTC, as strace adds it in comments; `nanoseconds` of the second, where known. */
export function calendar(seconds: number, nanoseconds?: number): string {
  const d = new Date(seconds * 1000);
  if (Number.isNaN(d.getTime())) return '';
  const two = (n: number): string => String(n).padStart(2, '0');
  const offset = -d.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const fraction = nanoseconds ? `.${String(nanoseconds).padStart(9, '0')}` : '';
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}${fraction}${zone}`;
}
/** struct timespec of the kernel's 64-bit form. */
export function timespec(c: Context, v: DataView, at: number): void {
  c.w.open('{');
  c.w.field('tv_sec');
  c.w.number(signed(v.getUint32(at, true), v.getUint32(at + 4, true)));
  c.w.field('tv_nsec');
  c.w.number(unsigned(v.getUint32(at + 8, true), v.getUint32(at + 12, true)));
  c.w.close('}');
}
export function timespecAt(c: Context, at: number): void {
  if (at === 0) return c.w.null();
  const v = c.view(at, 16);
  if (v) timespec(c, v, 0);
  else c.address(at);
}
/** struct timeval; strace takes the fraction for unsigned. */
export function timeval(c: Context, v: DataView, at: number): void {
  c.w.open('{');
  c.w.field('tv_sec');
  c.w.number(signed(v.getUint32(at, true), v.getUint32(at + 4, true)));
  c.w.field('tv_usec');
  c.w.number(unsigned(v.getUint32(at + 8, true), v.getUint32(at + 12, true)));
  c.w.close('}');
}
const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;
/** A time to set on a file, with the calendar's word for it. */
function fileTime(c: Context, v: DataView, at: number): void {
  const fraction = v.getUint32(at + 8, true);
  const high = v.getUint32(at + 12, true);
  const name =
    high !== 0 ? undefined : fraction === UTIME_NOW ? 'UTIME_NOW' : fraction === UTIME_OMIT ? 'UTIME_OMIT' : undefined;
  const { constants } = c.options;
  if (name && constants === 'abbrev') return c.w.sign(name);
  timespec(c, v, at);
  if (name && constants === 'verbose') return c.w.comment(name);
  if (name) return;
  c.w.comment(calendar(Number(v.getBigInt64(at, true)), fraction));
}
function fileTimeval(c: Context, v: DataView, at: number): void {
  timeval(c, v, at);
  const us = v.getUint32(at + 8, true);
  c.w.comment(calendar(Number(v.getBigInt64(at, true)), us * 1000).replace(/(\.\d{6})000/, '$1'));
}
const pair =
  (each: typeof fileTime): Show =>
  (c, lo, hi) => {
    const v = (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, 32);
    if (!v) return c.w.address(lo, hi);
    c.w.open('[');
    each(c, v, 0);
    c.w.sign(', ');
    each(c, v, 16);
    c.w.close(']');
  };
const utimbuf: ShowField = (c, v, at) => {
  c.w.open('{');
  for (const [name, o] of [
    ['actime', 0],
    ['modtime', 8],
  ] as const) {
    c.w.field(name);
    c.w.number(signed(v.getUint32(at + o, true), v.getUint32(at + o + 4, true)));
    c.w.comment(calendar(Number(v.getBigInt64(at + o, true))));
  }
  c.w.close('}');
};
const RESTART_RESTARTBLOCK = 516;
const EINTR = 4;
/** What is left of a sleep: Linux writes it only where a signal ended one that wasn't until a fixed time. */
function remaining(relative: (c: Context) => boolean): Show {
  return (c, lo, hi) => {
    const interrupted = c.error?.code === EINTR || c.error?.code === RESTART_RESTARTBLOCK;
    if (interrupted && relative(c)) timespecAt(c, hi * 0x1_0000_0000 + lo);
    else c.w.address(lo, hi);
  };
}
const TIMER_ABSTIME = 1;
const sleepLeft = remaining((c) => (c.uint(1) & TIMER_ABSTIME) === 0);

export const time: Decoders = {
  structures: { timespec: { show: timespec }, timeval: { show: timeval }, utimbuf: { show: utimbuf } },
  calls: {
    utimensat: { args: { times: pair(fileTime) } },
    futimesat: { args: { times: pair(fileTimeval) } },
    utimes: { args: { times: pair(fileTimeval) } },
    time: {
      args: {
        tloc: (c, lo, hi) => {
          const v = c.failed || (lo | hi) === 0 ? undefined : c.view(hi * 0x1_0000_0000 + lo, 8);
          if (!v) return c.w.address(lo, hi);
          const seconds = Number(v.getBigInt64(0, true));
          c.w.sign(`[${seconds} /* ${calendar(seconds)} */]`);
        },
      },
      late: ['tloc'],
      result: (c) => {
        c.note = calendar(c.result);
        return undefined;
      },
    },
    clock_nanosleep: { args: { rem: sleepLeft, remain: sleepLeft, rmtp: sleepLeft } },
    nanosleep: { args: { rem: remaining(() => true), rmtp: remaining(() => true) } },
  },
};
