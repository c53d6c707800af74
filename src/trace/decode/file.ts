// Files: how they are opened, what stat and its kin say of them, directory entries.
import { accessModes, O_ACCMODE, O_CREAT, O_TMPFILE, openFlags } from '../../abi/open.ts';
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, octal, signed, unsigned } from '../number.ts';
import { behind, type CallDecoder, type Decoders, type Show, type ShowField } from '../shape.ts';
import { nameOf, split, styled } from '../xlat.ts';
import { calendar } from './time.ts';

/** The access mode first, then the flags. */
export function openFlagText(lo: number, hi = 0): string {
  const mode = nameOf(accessModes, lo & O_ACCMODE) as string;
  const s = split(openFlags, (lo & ~O_ACCMODE) >>> 0, hi);
  let text = mode;
  if (s.text) text += `|${s.text}`;
  if (s.lo | s.hi) text += `|${hex(s.lo, s.hi)}`;
  return text;
}
const openFlagsShow: Show = (c, lo) => c.w.sign(styled(c.options.constants, hex(lo, 0), openFlagText(lo)));
const creates =
  (index: number) =>
  (c: Context): boolean => {
    const flags = c.uint(index);
    return (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE;
  };
const opening = (index: number): CallDecoder => ({ args: { flags: openFlagsShow }, given: { mode: creates(index) } });

const TYPES = names('S_IF', {
  S_IFREG: 0o100000,
  S_IFSOCK: 0o140000,
  S_IFIFO: 0o010000,
  S_IFLNK: 0o120000,
  S_IFDIR: 0o040000,
  S_IFBLK: 0o060000,
  S_IFCHR: 0o020000,
});
/** A file's type and rights: S_IFREG|S_ISUID|0644. */
export function modeText(m: number): string {
  const type = nameOf(TYPES, m & 0o170000);
  if (!type) return octal(m);
  return `${type}${m & 0o4000 ? '|S_ISUID' : ''}${m & 0o2000 ? '|S_ISGID' : ''}${m & 0o1000 ? '|S_ISVTX' : ''}|${octal(m & 0o777)}`;
}
const mode: Show = (c, lo) => c.w.sign(styled(c.options.constants, octal(lo & 0xffff), modeText(lo & 0xffff)));
export function devText(lo: number, hi: number): string {
  const major = ((hi & 0xfffff000) | ((lo >>> 8) & 0xfff)) >>> 0;
  const minor = ((lo & 0xff) | ((lo >>> 12) & 0xfff00)) >>> 0;
  return `makedev(${hex(major, 0)}, ${hex(minor, 0)})`;
}
const dev: Show = (c, lo, hi) => c.w.sign(styled(c.options.constants, hex(lo, hi), devText(lo, hi)));
const special = (m: number): boolean => (m & 0o170000) === 0o020000 || (m & 0o170000) === 0o060000;

/** struct stat of x86-64. */
const stat: ShowField = (c, v, at) => {
  const { w } = c;
  const word = (o: number): readonly [number, number] => [v.getUint32(at + o, true), v.getUint32(at + o + 4, true)];
  const m = v.getUint32(at + 24, true);
  const field = (name: string, text: string): void => {
    w.field(name);
    w.number(text);
  };
  w.open('{');
  if (!c.abbreviate) {
    w.field('st_dev');
    dev(c, ...word(0));
    field('st_ino', unsigned(...word(8)));
  }
  w.field('st_mode');
  mode(c, m, 0);
  if (!c.abbreviate) {
    field('st_nlink', unsigned(...word(16)));
    field('st_uid', String(v.getUint32(at + 28, true)));
    field('st_gid', String(v.getUint32(at + 32, true)));
    field('st_blksize', unsigned(...word(56)));
    field('st_blocks', unsigned(...word(64)));
  }
  if (special(m)) {
    w.field('st_rdev');
    dev(c, ...word(40));
  } else field('st_size', signed(...word(48)));
  if (c.abbreviate) w.more();
  else
    for (const [name, o] of [
      ['st_atime', 72],
      ['st_mtime', 88],
      ['st_ctime', 104],
    ] as const) {
      field(name, signed(...word(o)));
      const nanoseconds = v.getUint32(at + o + 8, true);
      timeComment(c, Number(v.getBigInt64(at + o, true)), nanoseconds);
      field(`${name}_nsec`, String(nanoseconds));
    }
  w.close('}');
};
function timeComment(c: Context, seconds: number, nanoseconds: number): void {
  if (seconds !== 0 || nanoseconds !== 0) c.w.comment(calendar(seconds, nanoseconds));
}

/** getdents64's entries: how many, or all of them with -v. */
const DT = names('DT', {
  DT_UNKNOWN: 0,
  DT_FIFO: 1,
  DT_CHR: 2,
  DT_DIR: 4,
  DT_BLK: 6,
  DT_REG: 8,
  DT_LNK: 10,
  DT_SOCK: 12,
  DT_WHT: 14,
});
const dirents =
  (wide: boolean): Show =>
  (c, lo, hi) => {
    const at = hi * 0x1_0000_0000 + lo;
    const v =
      c.failed || !c.verbose ? undefined : c.result === 0 ? new DataView(new ArrayBuffer(0)) : c.view(at, c.result);
    if (!v) return c.w.address(lo, hi);
    const { w } = c;
    if (!c.abbreviate) w.open('[');
    let entries = 0;
    for (let o = 0; o + 19 <= v.byteLength; entries++) {
      const length = v.getUint16(o + 16, true);
      if (length < 19 || o + length > v.byteLength) break;
      if (!c.abbreviate) {
        w.separate();
        w.open('{');
        w.field('d_ino');
        w.number(unsigned(v.getUint32(o, true), v.getUint32(o + 4, true)));
        w.field('d_off');
        w.number(signed(v.getUint32(o + 8, true), v.getUint32(o + 12, true)));
        w.field('d_reclen');
        w.number(String(length));
        const type = (): void => {
          w.field('d_type');
          w.constant(DT, v.getUint8(wide ? o + 18 : o + length - 1));
        };
        if (wide) type();
        const from = o + (wide ? 19 : 18);
        const bytes = new Uint8Array(v.buffer, v.byteOffset + from, o + length - from);
        const zero = bytes.indexOf(0);
        w.field('d_name');
        w.bytes(bytes, 0, zero < 0 ? bytes.length : zero, false);
        if (!wide) type();
        w.close('}');
      }
      o += length;
    }
    if (!c.abbreviate) return w.close(']');
    w.address(lo, hi);
    w.comment(`${entries} entries`);
  };

export const file: Decoders = {
  integers: { mode, dev, openflags: openFlagsShow },
  decoders: {
    dirents: (_t, scope) => dirents(scope.names.length < 4),
    stat: () => behind(144, stat, true),
  },
  structures: { stat: { show: stat } },
  calls: {
    open: opening(1),
    openat: opening(2),
    getdents64: { args: { dirp: dirents(true), dirent: dirents(true) } },
    getdents: { args: { dirp: dirents(false), dirent: dirents(false) } },
    mknod: { given: { dev: (c) => special(c.uint(1)) }, args: { mode } },
    mknodat: { given: { dev: (c) => special(c.uint(2)) }, args: { mode } },
  },
};
