// Where things stand in a process's linear memory. Guest address = offset, for guest pages; the machine's own state lies where Linux maps nothing, below
// mmap_min_addr (64 KiB), and above GUEST_END. The permission bytes are in between, where hardly a program maps anything: x86 adds to an address a constant below
// 2 GiB for nothing, and they are looked at all the time. Offsets in bytes.

export const PAGE = 4096;
/** A byte per 4 KiB page of the low 4 GiB. */
export const PERM = 0x1_0000;
export const PERM_END = 0x11_0000;
/** Start and end of what is linear: pages below (down to mmap_min_addr) and pages at the end or above are paged, whoever asks for them. */
export const GUEST_START = PERM_END;
export const GUEST_END = 0xd000_0000;

export * from '../isa/state.ts';

// --- the current exit and the budget
export const BUDGET = 0x400;
/** Address (u64), error code and vector of the fault that ended a run. */
export const FAULT_ADDRESS = 0x410;
export const FAULT_ERROR = 0x418;
export const FAULT_VECTOR = 0x41c;
/** Instructions retired since the memory was made, u64. */
export const RETIRED = 0x420;
/** High half of rip times 2^32: what a record's 32-bit rip is added to. u64. */
export const RIP_BASE = 0x428;
/** The record at which a run ended. */
export const EXIT_RECORD = 0x430;
export const EXIT_FROM = 0x438;
/** Scratch for accesses that aren't linear (crossing or paged): 64 bytes read, 64 bytes written. */
export const BOUNCE = 0x480;

// --- translation: written by the translator (interp/translate.ts) and by Translations, u32 each
/** Next free record and next free block. Both are given back all at once. */
export const NEXT_RECORD = 0x500;
export const NEXT_BLOCK = 0x504;
/** 1: what is translated is code of 32 bits. */
export const CODE_32 = 0x508;
/** REC_HEAT that new blocks start with. */
export const FIRST_HEAT = 0x50c;
/** How often REC_HEAT runs over until JavaScript hears of it, at most 255. */
export const HEAT_STEP = 0x518;
/** Instructions retired by compiled code that was entered from the small loop, u32: who looks sets it to 0. */
export const COMPILED = 0x520;
/** Entries into compiled code to be taken until one is looked at (SAMPLED), u32. */
export const SAMPLE = 0x51c;
/** 1: the last instruction translated wrote ss, and no trap comes between it and the next one. */
export const SHADOW = 0x510;
/** 1: the time that translation takes is measured (meter.ts). */
export const METERED = 0x514;

// --- above the guest
/** rip -> code, direct mapped: 16 bytes an entry (u64 rip, u32 record, u32 entry into compiled code or 0). */
export const RIP_HASH = 0xd010_0000;
export const RIP_HASH_ENTRIES = 0x1_0000;
/** A byte per linear page, the address space's own. */
export const PAGE_STATE = 0xd020_0000;
/** What the translator looks instructions up in (translation-table.ts). */
export const TRANSLATION = 0xd030_0000;
/** Bytes of code that isn't linear, while it is translated: two pages, and as much as one instruction may be looked at beyond. */
export const CODE_BYTES = 0xd034_0000;
/** Records of the one instruction that is stepped over. */
export const STEP = 0xd035_0000;
/** Times a block's REC_HEAT ran over since JavaScript heard of it, a byte by the low bits of its first record's number: others may share it. */
export const HEATS = 0xd036_0000;
export const HEATS_COUNT = 0x1_0000;
/** Blocks by rip: the first of those whose hash it is, u32 each (record.ts says what a block is). */
export const BUCKETS = 0xd038_0000;
export const BUCKET_COUNT = 0x1_0000;
/** The first block of each page, by the low bits of its number, u32 each. */
export const PAGE_BLOCKS = 0xd040_0000;
export const PAGE_BLOCKS_COUNT = 0x10_0000;
/** Blocks. */
export const BLOCKS = 0xd100_0000;
export const BLOCKS_END = 0xd900_0000;
/** Pre-decoded records, 32 bytes each. */
export const CODE = 0xd900_0000;
export const CODE_END = 0xf000_0000;
/** From here on NEXT_RECORD leaves no room for a block and the copies of a region. */
export const CODE_FULL = CODE_END - 0x10_0000;

/** Entries into compiled code by number: the record that the interpreter goes on at instead, u32 each. */
export const ENTRIES = 0xf000_0000;
export const ENTRIES_END = 0xf008_0000;
/** Addresses of entries, direct mapped: u32 rip, u32 entry. What isn't here may still be in RIP_HASH; this is so small that it stays in the CPU's caches. */
export const ENTRY_HASH = 0xf008_0000;
export const ENTRY_HASH_ENTRIES = 0x2000;
/** Tables of compiled code. */
export const JIT_TABLES = 0xf010_0000;
export const JIT_TABLES_END = 0xffff_0000;

/** Page permission bits. A fast-path access needs its bit alone. */
export const R = 1;
export const W = 2;
export const X = 4;
/** Writable, but write is withdrawn while translated code lives there. */
export const W_CODE = 8;
/** Served by the slow path only. */
export const SPECIAL = 16;
/** R, or W, here and in the page behind. */
export const RR = 32;
export const WW = 64;
