// Where things stand in a process's linear memory. Guest address = offset, for guest pages; the machine's own state lies where Linux maps nothing:
// below mmap_min_addr (64 KiB) and above GUEST_END. Offsets in bytes.

export const PAGE = 4096;
/** First address a guest page can have (Linux's mmap_min_addr). */
export const GUEST_START = 0x1_0000;
/** End of what is linear: pages at or above are paged, whoever asks for them. */
export const GUEST_END = 0xd000_0000;

// --- register file; written by the running CPU, read by the kernel between runs
/** 16 general registers, 8 bytes each, in encoding order (rax rcx rdx rbx rsp rbp rsi rdi r8..r15). */
export const GPR = 0x100;
/** Reads as 0, is never written: the base or index of an address that has none. */
export const ZERO = 0x180;
export const FS_BASE = 0x188;
export const GS_BASE = 0x190;
export const RIP = 0x198;
/** Lazy flags (see isa/flags.ts): res i64, cf i32, of i32, aux i32. */
export const FLAG_RES = 0x1a0;
export const FLAG_CF = 0x1a8;
export const FLAG_OF = 0x1ac;
export const FLAG_AUX = 0x1b0;
/** Flags held as they are: DF (bit 10), AC (18), ID (21), TF (8), NT(14); the arithmetic ones are in the three words above. */
export const FLAG_REST = 0x1b4;
export const MXCSR = 0x1b8;
/** Segment selectors, u16 each: es cs ss ds fs gs. */
export const SELECTORS = 0x1c0;
/** Scratch a decoded record may use as a register: 8 bytes. */
export const SCRATCH_REG = 0x1d0;
/** Bases of es, cs, ss, ds as i386 code sees them (0 for flat segments). */
export const OTHER_BASES = 0x1d8;
/** 16 xmm registers, 16 bytes each. */
export const XMM = 0x200;
/** x87: u16 control, u16 status, u8 with a bit for each physical register in use; from +8 u64 fip, u64 fdp, u16 opcode, u16 fcs, u16 fds; then 8 physical
 * registers of 16 bytes. Full tags are made from the registers when they are asked for, as the CPU does. */
export const X87 = 0x300;
export const X87_REGS = 0x320;
/** What is saved and loaded at a task switch: [STATE, STATE_END). */
export const STATE = 0x100;
export const STATE_END = 0x400;

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
/** Arguments (4 of 8 bytes) and results (32 bytes) of a helper. */
export const HELPER_ARGS = 0x440;
export const HELPER_RESULTS = 0x460;
/** Scratch for accesses that aren't linear (crossing or paged): 64 bytes read, 64 bytes written. */
export const BOUNCE = 0x480;

// --- above the guest
/** A byte per 4 KiB page of the low 4 GiB. */
export const PERM = 0xd000_0000;
export const PERM_END = 0xd010_0000;
/** rip -> record, direct mapped: 16 bytes an entry (u64 rip, u32 record, u32 unused). */
export const RIP_HASH = 0xd010_0000;
export const RIP_HASH_ENTRIES = 0x1_0000;
/** A byte per linear page, the address space's own. */
export const PAGE_STATE = 0xd020_0000;
/** Pre-decoded records, 32 bytes each. */
export const CODE = 0xd100_0000;
export const CODE_END = 0xf000_0000;

/** Page permission bits. A fast-path access needs its bit alone. */
export const R = 1;
export const W = 2;
export const X = 4;
/** Writable, but write is withdrawn while translated code lives there. */
export const W_CODE = 8;
/** Served by the slow path only. */
export const SPECIAL = 16;
