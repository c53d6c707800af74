// Files: how they are opened, what stat and its kin say of them, directory entries.
import { lockTypes } from '../../abi/fcntl.ts';
import {
  accessModes,
  atFlags,
  O_ACCMODE,
  O_CREAT,
  O_TMPFILE,
  openFlags,
  resolveFlags,
  whence,
} from '../../abi/open.ts';
import { signalName } from '../../abi/signal.ts';
import { statxMask } from '../../abi/statx.ts';
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, octal, signed, unsigned } from '../number.ts';
import { type CallDecoder, type Decoders, type Show, type ShowField, showArray } from '../shape.ts';
import { nameOf, split, styled } from '../xlat.ts';
import { calendar } from './time.ts';

/** Texts that were put together before, as many as a hostile program may make us keep. */
const MOST_KEPT = 1024;
function kept(texts: Map<number, string>, n: number, make: (n: number) => string): string {
  const known = texts.get(n);
  if (known !== undefined) return known;
  const made = make(n);
  if (texts.size < MOST_KEPT) texts.set(n, made);
  return made;
}
const openTexts = new Map<number, string>();
/** The access mode first, then the flags. */
export function openFlagText(lo: number, hi = 0): string {
  return hi === 0 ? kept(openTexts, lo, (n) => flagsOfOpen(n, 0)) : flagsOfOpen(lo, hi);
}
function flagsOfOpen(lo: number, hi: number): string {
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
const modeTexts = new Map<number, string>();
/** A file's type and rights: S_IFREG|S_ISUID|0644. */
export const modeText = (m: number): string => kept(modeTexts, m, typeAndRights);
function typeAndRights(m: number): string {
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
  const m = v.getUint32(at + 24, true);
  if (c.abbreviate && c.options.constants === 'abbrev' && !special(m)) {
    // What nearly all look like, in few pieces.
    const size = signed(v.getUint32(at + 48, true), v.getUint32(at + 52, true));
    return w.sign(`{st_mode=${modeText(m & 0xffff)}, st_size=${size}, ...}`);
  }
  w.open('{');
  if (!c.abbreviate) statBefore(c, v, at);
  w.field('st_mode');
  mode(c, m, 0);
  if (!c.abbreviate) statBetween(c, v, at);
  if (special(m)) {
    w.field('st_rdev');
    dev(c, v.getUint32(at + 40, true), v.getUint32(at + 44, true));
  } else {
    w.field('st_size');
    w.number(signed(v.getUint32(at + 48, true), v.getUint32(at + 52, true)));
  }
  if (c.abbreviate) w.more();
  else statTimes(c, v, at);
  w.close('}');
};
/** What stands in front of the mode, between it and the size, and behind, when nothing is left out. */
function statBefore(c: Context, v: DataView, at: number): void {
  c.w.field('st_dev');
  dev(c, v.getUint32(at, true), v.getUint32(at + 4, true));
  wordField(c, v, at + 8, 'st_ino');
}
function statBetween(c: Context, v: DataView, at: number): void {
  wordField(c, v, at + 16, 'st_nlink');
  intField(c, v, at + 28, 'st_uid');
  intField(c, v, at + 32, 'st_gid');
  wordField(c, v, at + 56, 'st_blksize');
  wordField(c, v, at + 64, 'st_blocks');
}
function wordField({ w }: Context, v: DataView, at: number, name: string): void {
  w.field(name);
  w.number(unsigned(v.getUint32(at, true), v.getUint32(at + 4, true)));
}
function intField({ w }: Context, v: DataView, at: number, name: string): void {
  w.field(name);
  w.number(String(v.getUint32(at, true)));
}
const STAT_TIMES = [
  ['st_atime', 72],
  ['st_mtime', 88],
  ['st_ctime', 104],
] as const;
function statTimes(c: Context, v: DataView, at: number): void {
  for (const [name, o] of STAT_TIMES) {
    c.w.field(name);
    c.w.number(signed(v.getUint32(at + o, true), v.getUint32(at + o + 4, true)));
    const nanoseconds = v.getUint32(at + o + 8, true);
    timeComment(c, Number(v.getBigInt64(at + o, true)), nanoseconds);
    intField(c, v, at + o + 8, `${name}_nsec`);
  }
}
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

// --- statx, statfs
const statxAttributes = names('STATX_ATTR', {
  STATX_ATTR_COMPRESSED: 4,
  STATX_ATTR_IMMUTABLE: 0x10,
  STATX_ATTR_APPEND: 0x20,
  STATX_ATTR_NODUMP: 0x40,
  STATX_ATTR_ENCRYPTED: 0x800,
  STATX_ATTR_AUTOMOUNT: 0x1000,
  STATX_ATTR_MOUNT_ROOT: 0x2000,
  STATX_ATTR_VERITY: 0x100000,
  STATX_ATTR_DAX: 0x200000,
});
const statx: ShowField = (c, v, at) => {
  const { w } = c;
  const u32 = (o: number): number => v.getUint32(at + o, true);
  const word = (o: number): readonly [number, number] => [u32(o), u32(o + 4)];
  const field = (name: string, text: string): void => {
    w.field(`stx_${name}`);
    w.number(text);
  };
  const time = (name: string, o: number): void => {
    const nanoseconds = u32(o + 8);
    w.field(`stx_${name}`);
    w.open('{');
    w.field('tv_sec');
    w.number(signed(...word(o)));
    w.field('tv_nsec');
    w.number(String(nanoseconds));
    w.close('}');
    timeComment(c, Number(v.getBigInt64(at + o, true)), nanoseconds);
  };
  w.open('{');
  w.field('stx_mask');
  w.flags(statxMask, u32(0));
  if (!c.abbreviate) field('blksize', String(u32(4)));
  w.field('stx_attributes');
  w.flags(statxAttributes, u32(8), u32(12));
  if (!c.abbreviate) {
    field('nlink', String(u32(16)));
    field('uid', String(u32(20)));
    field('gid', String(u32(24)));
  }
  w.field('stx_mode');
  mode(c, v.getUint16(at + 28, true), 0);
  if (!c.abbreviate) field('ino', unsigned(...word(32)));
  field('size', unsigned(...word(40)));
  if (!c.abbreviate) {
    field('blocks', unsigned(...word(48)));
    w.field('stx_attributes_mask');
    w.flags(statxAttributes, u32(56), u32(60));
    time('atime', 64);
    time('btime', 80);
    time('ctime', 96);
    time('mtime', 112);
    field('rdev_major', String(u32(128)));
    field('rdev_minor', String(u32(132)));
    field('dev_major', String(u32(136)));
    field('dev_minor', String(u32(140)));
    field('mnt_id', hex(...word(144)));
  } else w.more();
  w.close('}');
};
const SYNC_TYPE = 0x6000;
const syncTypes = names('AT_STATX', {
  AT_STATX_SYNC_AS_STAT: 0,
  AT_STATX_FORCE_SYNC: 0x2000,
  AT_STATX_DONT_SYNC: 0x4000,
  'AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC': 0x6000,
});
const statxFlags: Show = (c, lo) => {
  const rest = (lo & ~SYNC_TYPE) >>> 0;
  c.w.constant(syncTypes, lo & SYNC_TYPE);
  if (!rest) return;
  c.w.sign('|');
  c.w.flags(atFlags, rest);
};

const magics = names('?', {
  EXT2_SUPER_MAGIC: 0xef53,
  PROC_SUPER_MAGIC: 0x9fa0,
  TMPFS_MAGIC: 0x01021994,
  SYSFS_MAGIC: 0x62656572,
  DEVPTS_SUPER_MAGIC: 0x1cd1,
  OVERLAYFS_SUPER_MAGIC: 0x794c7630,
  XFS_SUPER_MAGIC: 0x58465342,
  BTRFS_SUPER_MAGIC: 0x9123683e,
  NFS_SUPER_MAGIC: 0x6969,
  RAMFS_MAGIC: 0x858458f6,
  SQUASHFS_MAGIC: 0x73717368,
  MSDOS_SUPER_MAGIC: 0x4d44,
  FUSE_SUPER_MAGIC: 0x65735546,
  PIPEFS_MAGIC: 0x50495045,
  SOCKFS_MAGIC: 0x534f434b,
  CGROUP2_SUPER_MAGIC: 0x63677270,
  ANON_INODE_FS_MAGIC: 0x09041934,
  V9FS_MAGIC: 0x01021997,
  DEBUGFS_MAGIC: 0x64626720,
});
const mountFlags = names('ST', {
  ST_VALID: 32,
  ST_RDONLY: 1,
  ST_NOSUID: 2,
  ST_NODEV: 4,
  ST_NOEXEC: 8,
  ST_SYNCHRONOUS: 16,
  ST_MANDLOCK: 64,
  ST_NOATIME: 1024,
  ST_NODIRATIME: 2048,
  ST_RELATIME: 4096,
  ST_NOSYMFOLLOW: 8192,
});
const statfs: ShowField = (c, v, at) => {
  const { w } = c;
  const word = (i: number): readonly [number, number] => [
    v.getUint32(at + 8 * i, true),
    v.getUint32(at + 8 * i + 4, true),
  ];
  const field = (name: string, text: string): void => {
    w.field(`f_${name}`);
    w.number(text);
  };
  w.open('{');
  w.field('f_type');
  const type = nameOf(magics, v.getUint32(at, true));
  if (type) w.named(hex(...word(0)), type);
  else w.number(hex(...word(0)));
  for (const [i, name] of ['bsize', 'blocks', 'bfree', 'bavail', 'files', 'ffree'].entries())
    field(name, unsigned(...word(i + 1)));
  field('fsid', `{val=[${hex(v.getUint32(at + 56, true), 0)}, ${hex(v.getUint32(at + 60, true), 0)}]}`);
  field('namelen', unsigned(...word(8)));
  field('frsize', unsigned(...word(9)));
  w.field('f_flags');
  w.flags(mountFlags, ...word(10));
  w.close('}');
};

// --- names and contents
/** The directory that getcwd wrote, without its NUL, which the result counts. */
const directory: Show = (c, lo, hi) => {
  if (c.failed) c.w.address(lo, hi);
  else c.buffer(hi * 0x1_0000_0000 + lo, c.result - 1);
};
/** struct flock: who holds a lock is told by the call, not asked. */
const flock: ShowField = (c, v, at) => {
  const { w } = c;
  const long = (o: number): string => signed(v.getUint32(at + o, true), v.getUint32(at + o + 4, true));
  w.open('{');
  w.field('l_type');
  w.constant(lockTypes, v.getUint16(at, true));
  w.field('l_whence');
  w.constant(whence, v.getUint16(at + 2, true));
  w.field('l_start');
  w.number(long(8));
  w.field('l_len');
  w.number(long(16));
  if (c.leaving) {
    w.field('l_pid');
    c.pid(v.getInt32(at + 24, true));
  }
  w.close('}');
};
/** struct open_how: all of its members are 64 bits wide. */
const openHow: ShowField = (c, v, at) => {
  const { w } = c;
  const flags = v.getUint32(at, true);
  w.open('{');
  w.field('flags');
  w.sign(
    styled(c.options.constants, hex(flags, v.getUint32(at + 4, true)), openFlagText(flags, v.getUint32(at + 4, true))),
  );
  const mode = v.getBigUint64(at + 8, true);
  if (flags & O_CREAT || (flags & O_TMPFILE) === O_TMPFILE || mode) {
    w.field('mode');
    w.number(mode === 0n ? '000' : `0${mode.toString(8)}`);
  }
  w.field('resolve');
  w.flags(resolveFlags, v.getUint32(at + 16, true), v.getUint32(at + 20, true));
  w.close('}');
};
const F_GETLK = 5;
const F_GETFD = 1,
  F_GETFL = 3,
  F_GETSIG = 11,
  F_GETLEASE = 1025;
/** Commands of fcntl with a result that has a name. */
function fcntlResult(c: Context): string | undefined {
  switch (c.uint(1)) {
    case F_GETFD:
      if (c.result === 0) return '0';
      c.note = `flags ${c.result === 1 ? styled(c.options.constants, '0x1', 'FD_CLOEXEC') : hex(c.result, 0)}`;
      return hex(c.result, 0);
    case F_GETFL:
      c.note = `flags ${openFlagText(c.result)}`;
      return hex(c.result, 0);
    case F_GETSIG:
      if (c.result) c.note = signalName(c.result);
      return undefined;
    case F_GETLEASE:
      c.note = nameOf(lockTypes, c.result);
      return hex(c.result, 0);
  }
  return undefined;
}
/** struct file_handle: what there was room for, and what the call made of it. */
const HANDLE_HEADER = 8;
const MOST_HANDLE = 128;
function handle(c: Context, at: number): number {
  const v = c.view(at, HANDLE_HEADER);
  const length = v?.getUint32(0, true) ?? 0;
  const b = v && length <= MOST_HANDLE ? c.bytes(at + HANDLE_HEADER, length) : undefined;
  if (!v || !b) return 0;
  c.w.field('handle_type');
  c.w.number(String(v.getInt32(4, true)));
  c.w.field('f_handle');
  c.w.bytes(b, 0, length, false, true);
  return length;
}
const nameToHandle: CallDecoder = {
  enter(c) {
    c.w.argument('dirfd');
    c.dirfd(c.int(0));
    c.w.argument('pathname');
    c.path(c.number(1));
    c.w.argument('handle');
    const v = c.number(2) === 0 ? undefined : c.view(c.number(2), 4);
    c.kept = v?.getUint32(0, true);
    if (v) c.w.sign(`{handle_bytes=${c.kept}`);
    else c.address(c.number(2));
    return false;
  },
  leave(c) {
    if (c.kept !== undefined) {
      const now = c.view(c.number(2), 4)?.getUint32(0, true);
      if (now !== undefined && now !== c.kept) c.w.sign(` => ${now}`);
      c.w.begin();
      if (!c.failed) {
        c.w.sign(', ');
        handle(c, c.number(2));
      }
      c.w.close('}');
    }
    c.w.sign(', ');
    const id = c.failed || c.number(3) === 0 ? undefined : c.view(c.number(3), 4);
    if (id) c.w.sign(`[${id.getInt32(0, true)}]`);
    else c.address(c.number(3));
    c.w.sign(', ');
    c.w.flags(handleFlags, c.uint(4));
  },
};
const handleFlags = names('AT', { AT_SYMLINK_FOLLOW: 0x400, AT_EMPTY_PATH: 0x1000 });
const knownHandle: Show = (c, lo, hi) => {
  const at = hi * 0x1_0000_0000 + lo;
  const v = at === 0 ? undefined : c.view(at, HANDLE_HEADER);
  if (!v) return c.w.address(lo, hi);
  c.w.open('{');
  c.w.field('handle_bytes');
  c.w.number(String(v.getUint32(0, true)));
  handle(c, at);
  c.w.close('}');
};
/** One byte a page: 1 where it is in memory. */
const mincore: Show = (c, lo, hi) => {
  const pages = Math.ceil(c.number(1) / 4096);
  if (c.failed) return pages === 0 ? c.w.sign('[]') : c.w.address(lo, hi);
  showArray(c, hi * 0x1_0000_0000 + lo, pages, 1, (_c, v, at) => c.w.number(String(v.getUint8(at) & 1)));
};

export const file: Decoders = {
  integers: { mode, dev, openflags: openFlagsShow },
  decoders: {
    dirent64: () => dirents(true),
    dirent: () => dirents(false),
    mincore: () => mincore,
    file_handle: () => knownHandle,
  },
  structures: {
    stat: { show: stat },
    statx: { show: statx },
    statfs: { show: statfs },
    flock: { show: flock },
    open_how: { show: openHow },
  },
  calls: {
    open: opening(1),
    openat: opening(2),
    statx: { args: { flags: statxFlags } },
    name_to_handle_at: nameToHandle,
    open_by_handle_at: { args: { flags: openFlagsShow } },
    getcwd: { args: { buf: directory }, late: ['buf'] },
    fcntl: { result: fcntlResult, lateIf: { arg: (c) => c.uint(1) === F_GETLK } },
    fcntl64: { result: fcntlResult, lateIf: { arg: (c) => c.uint(1) === F_GETLK } },
    mknod: { given: { dev: (c) => special(c.uint(1)) }, args: { mode } },
    mknodat: { given: { dev: (c) => special(c.uint(2)) }, args: { mode } },
  },
};
