// Reading ELF headers (ELF-64 object file format; AMD64 psABI chapter 4).
import { ENOEXEC, Errno } from '../../abi/errno.ts';

export const PT_LOAD = 1;
export const PT_INTERP = 3;
export const PF_X = 1,
  PF_W = 2,
  PF_R = 4;
export const PT_GNU_STACK = 0x6474e551;
const EM_X86_64 = 62;
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}
export interface ElfHeader {
  readonly dynamic: boolean;
  readonly entry: number;
  readonly phoff: number;
  readonly phentsize: number;
  readonly segments: readonly Segment[];
}

/** Header and program headers; `readAt` gives the file's bytes (short at its end). ENOEXEC where it is no x86-64 executable. */
export function readElf(readAt: (offset: number, n: number) => Uint8Array | Errno): ElfHeader | Errno {
  const h = readAt(0, 64);
  if (h instanceof Errno) return h;
  if (h.length < 64 || h[0] !== 0x7f || h[1] !== 0x45 || h[2] !== 0x4c || h[3] !== 0x46) return ENOEXEC;
  const v = new DataView(h.buffer, h.byteOffset, 64);
  const type = v.getUint16(16, true);
  if (v.getUint16(18, true) !== EM_X86_64 || (type !== 2 && type !== 3)) return ENOEXEC;
  const phoff = Number(v.getBigUint64(32, true));
  const phentsize = v.getUint16(54, true);
  const phnum = v.getUint16(56, true);
  if (phentsize !== 56 || phnum === 0 || phnum * 56 > 65536) return ENOEXEC;
  const table = readAt(phoff, phnum * 56);
  if (table instanceof Errno) return table;
  if (table.length < phnum * 56) return ENOEXEC;
  const p = new DataView(table.buffer, table.byteOffset, table.length);
  const segments = Array.from({ length: phnum }, (_, i): Segment => {
    const at = 56 * i;
    const u64 = (o: number): number => Number(p.getBigUint64(at + o, true));
    return {
      type: p.getUint32(at, true),
      flags: p.getUint32(at + 4, true),
      offset: u64(8),
      address: u64(16),
      fileSize: u64(32),
      memorySize: u64(40),
      align: u64(48),
    };
  });
  return { dynamic: type === 3, entry: Number(v.getBigUint64(24, true)), phoff, phentsize, segments };
}
