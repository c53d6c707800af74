// siginfo_t in memory (asm-generic/siginfo.h).
import type { SigInfo } from './signals.ts';

/** siginfo_t as Linux lays it out: which fields there are follows from who sent it. */
export function writeSigInfo(i: SigInfo): Uint8Array {
  if (i.raw) return i.raw;
  const out = new Uint8Array(128);
  const v = new DataView(out.buffer);
  v.setInt32(0, i.signo, true);
  v.setInt32(4, i.errno ?? 0, true);
  v.setInt32(8, i.code, true);
  if (i.addr !== undefined) {
    v.setBigUint64(16, i.addr, true);
    if (i.syscall !== undefined) {
      v.setInt32(24, i.syscall, true);
      v.setUint32(28, i.arch ?? 0, true);
    }
  } else if (i.band !== undefined) {
    v.setBigInt64(16, BigInt(i.band), true);
    v.setInt32(24, i.fd ?? 0, true);
  } else if (i.timerid !== undefined) {
    v.setInt32(16, i.timerid, true);
    v.setInt32(20, i.overrun ?? 0, true);
    v.setBigUint64(24, i.value ?? 0n, true);
  } else {
    v.setInt32(16, i.pid ?? 0, true);
    v.setInt32(20, i.uid ?? 0, true);
    if (i.status !== undefined) {
      v.setInt32(24, i.status, true);
      v.setBigInt64(32, BigInt(i.utime ?? 0), true);
      v.setBigInt64(40, BigInt(i.stime ?? 0), true);
    } else if (i.value !== undefined) v.setBigUint64(24, i.value, true);
  }
  return out;
}
