// Futexes (linux/futex.h).
import { struct } from './struct.ts';
import { addr, names, u64, uint } from './type.ts';

export const FUTEX_WAIT = 0,
  FUTEX_WAKE = 1,
  FUTEX_FD = 2,
  FUTEX_REQUEUE = 3,
  FUTEX_CMP_REQUEUE = 4,
  FUTEX_WAKE_OP = 5,
  FUTEX_LOCK_PI = 6,
  FUTEX_UNLOCK_PI = 7,
  FUTEX_TRYLOCK_PI = 8,
  FUTEX_WAIT_BITSET = 9,
  FUTEX_WAKE_BITSET = 10,
  FUTEX_WAIT_REQUEUE_PI = 11,
  FUTEX_CMP_REQUEUE_PI = 12,
  FUTEX_LOCK_PI2 = 13,
  FUTEX_PRIVATE_FLAG = 128,
  FUTEX_CLOCK_REALTIME = 256;
export const FUTEX_WAITERS = 0x8000_0000,
  FUTEX_OWNER_DIED = 0x4000_0000,
  FUTEX_TID_MASK = 0x3fff_ffff,
  FUTEX_BITSET_MATCH_ANY = 0xffff_ffff;
export const futexOps = names('FUTEX', {
  FUTEX_WAIT,
  FUTEX_WAKE,
  FUTEX_FD,
  FUTEX_REQUEUE,
  FUTEX_CMP_REQUEUE,
  FUTEX_WAKE_OP,
  FUTEX_LOCK_PI,
  FUTEX_UNLOCK_PI,
  FUTEX_TRYLOCK_PI,
  FUTEX_WAIT_BITSET,
  FUTEX_WAKE_BITSET,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_CMP_REQUEUE_PI,
  FUTEX_LOCK_PI2,
});
/** The list of held robust mutexes that a thread leaves to the kernel (set_robust_list(2)). */
export const robustListHead = struct('robust_list_head', {
  next: { k: 'int', size: 'long', signed: false, show: 'addr' },
  futex_offset: { k: 'int', size: 'long', signed: true, show: 'dec' },
  list_op_pending: { k: 'int', size: 'long', signed: false, show: 'addr' },
});
/** One word of futex_waitv. */
export const futexWaitv = struct('futex_waitv', { val: u64, uaddr: addr, flags: uint, __reserved: uint });
