// Mapping an ELF file's segments (fs/binfmt_elf.c, elf_load).
import { EFAULT, ENOEXEC, ENOMEM, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { type AddressSpace, PAGE, pageDown, pageUp, TASK_SIZE } from '../mm/address-space.ts';
import { type ElfHeader, PF_R, PF_W, PF_X, PT_LOAD, type Segment } from './elf.ts';

export interface Loaded {
  /** What to add to the file's addresses. */
  readonly bias: number;
  /** End of the last segment's memory. */
  readonly end: number;
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
}
const protOf = (s: Segment): number =>
  (s.flags & PF_R ? M.PROT_READ : 0) | (s.flags & PF_W ? M.PROT_WRITE : 0) | (s.flags & PF_X ? M.PROT_EXEC : 0);

/** Where a position-independent file goes: at `wanted`, or where mmap would put it; undefined where there's no room. */
function biasOf(space: AddressSpace, loads: readonly Segment[], wanted: number | undefined): number | Errno {
  const low = pageDown(Math.min(...loads.map((s) => s.address)));
  const high = pageUp(Math.max(...loads.map((s) => s.address + s.memorySize)));
  const align = Math.max(PAGE, ...loads.map((s) => (isPowerOfTwo(s.align) ? s.align : 0)));
  const length = high - low;
  if (!(length > 0) || length > TASK_SIZE) return ENOMEM;
  if (wanted !== undefined) return Math.floor(wanted / align) * align - low;
  // Room to align in, as long as that can't be had by choosing.
  const at = space.place(0, length + align - PAGE, 0);
  return at instanceof Errno ? at : Math.ceil(at / align) * align - low;
}
const isPowerOfTwo = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));

function mapSegment(space: AddressSpace, file: OpenFile, s: Segment, bias: number): Errno | undefined {
  const at = s.address + bias;
  const start = pageDown(at);
  const skew = at - start;
  const prot = protOf(s);
  if (start < M.MMAP_MIN_ADDR || at + s.memorySize > TASK_SIZE || s.fileSize > s.memorySize) return ENOMEM;
  if (s.fileSize > 0) {
    if (skew !== s.offset % PAGE) return ENOEXEC;
    const mapped = space.map({
      address: start,
      length: s.fileSize + skew,
      prot,
      flags: M.MAP_PRIVATE | M.MAP_FIXED,
      file,
      offset: s.offset - skew,
    });
    if (mapped instanceof Errno) return mapped;
  }
  const fileEnd = at + s.fileSize;
  const end = at + s.memorySize;
  const bss = s.fileSize > 0 ? pageUp(fileEnd) : start;
  if (end > bss) {
    const mapped = space.map({
      address: bss,
      length: end - bss,
      prot,
      flags: M.MAP_PRIVATE | M.MAP_FIXED | M.MAP_ANONYMOUS,
    });
    if (mapped instanceof Errno) return mapped;
  }
  // What follows the file's bytes in its last page must read as zero.
  if (s.fileSize > 0 && s.memorySize > s.fileSize && fileEnd % PAGE && prot & M.PROT_WRITE) {
    const page = pageDown(fileEnd);
    if (space.fault(page, 'write') !== 'retry') return EFAULT;
    space.pageBytes(page)?.set(new Uint8Array(page + PAGE - fileEnd), fileEnd - page);
  }
  return undefined;
}

/** Maps all PT_LOAD segments. */
export function loadSegments(
  space: AddressSpace,
  file: OpenFile,
  elf: ElfHeader,
  wanted: number | undefined,
): Loaded | Errno {
  const loads = elf.segments.filter((s) => s.type === PT_LOAD);
  if (!loads.length) return ENOEXEC;
  const bias = elf.dynamic ? biasOf(space, loads, wanted) : 0;
  if (bias instanceof Errno) return bias;
  let [end, startCode, endCode, startData, endData] = [0, Number.POSITIVE_INFINITY, 0, 0, 0];
  for (const s of loads) {
    const error = mapSegment(space, file, s, bias);
    if (error) return error;
    const at = s.address + bias;
    end = Math.max(end, at + s.memorySize);
    if (s.flags & PF_X) {
      startCode = Math.min(startCode, at);
      endCode = Math.max(endCode, at + s.fileSize);
    }
    startData = Math.max(startData, at);
    endData = Math.max(endData, at + s.fileSize);
  }
  return { bias, end, startCode: endCode ? startCode : 0, endCode, startData, endData };
}
