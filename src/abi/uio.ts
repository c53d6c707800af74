// struct iovec and the flags of preadv2 and pwritev2 (linux/uio.h, linux/fs.h).
import { struct } from './struct.ts';
import { inBuf, names, size } from './type.ts';

/** Buffers a call takes bytes from. */
export const iovecIn = struct('iovec', { iov_base: inBuf('iov_len'), iov_len: size });
/** Buffers a call fills, as far as its result says. */
export const iovecOut = struct('iovec', {
  iov_base: { k: 'buffer', len: { arg: 'iov_len' }, dir: 'out' },
  iov_len: size,
});
export const UIO_MAXIOV = 1024;
/** The most bytes one read or write moves. */
export const MAX_RW_COUNT = 0x7fff_f000;
export const RWF_HIPRI = 1,
  RWF_DSYNC = 2,
  RWF_SYNC = 4,
  RWF_NOWAIT = 8,
  RWF_APPEND = 0x10,
  RWF_NOAPPEND = 0x20;
export const rwfFlags = names('RWF', { RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_NOWAIT, RWF_APPEND, RWF_NOAPPEND });
