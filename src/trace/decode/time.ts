// Times: pairs of seconds and a fraction, and what the calendar makes of them.
import type { Context } from '../context.ts';
import { signed, unsigned } from '../number.ts';

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
