// The register file of the CPU: where its words stand, as byte offsets in the memory the generated code runs on (src/cpu/layout.ts places the rest).
// Written by the running CPU, read by the kernel between runs.

/** What is saved and loaded at a task switch: [STATE, STATE_END). */
export const STATE = 0x100;
export const STATE_END = 0x400;

/** 16 general registers, 8 bytes each, in encoding order (rax rcx rdx rbx rsp rbp rsi rdi r8..r15). */
export const GPR = 0x100;
/** Reads as 0, is never written: the base or index of an address that has none. */
export const ZERO = 0x180;
export const FS_BASE = 0x188;
export const GS_BASE = 0x190;
export const RIP = 0x198;
/** Lazy flags (see flags.ts): res i64, cf u8, of u8, aux u32. The last three can be had as one word. */
export const FLAG_RES = 0x1a0;
export const FLAG_CF = 0x1a8;
export const FLAG_OF = 0x1a9;
export const FLAG_AUX = 0x1ac;
export const FLAG_WORD = FLAG_CF;
/** Between compiled regions the two words hold an operation's operands instead, and this says which (cpu/jit/lazy.ts); else 0. u32. */
export const FLAG_KIND = 0x1b0;
/** Flags held as they are, at their places in rflags: those of REST_FLAGS. The arithmetic ones are in the words above. */
export const FLAG_REST = 0x1b4;
export const TF = 0x100;
export const DF = 0x400;
export const NT = 0x4000;
export const AC = 0x4_0000;
export const ID = 0x20_0000;
export const REST_FLAGS = TF | DF | NT | AC | ID;
export const MXCSR = 0x1b8;
/** Segment selectors, u16 each: es cs ss ds fs gs. */
export const SELECTORS = 0x1c0;
export const CS = SELECTORS + 2;
export const SS = SELECTORS + 4;
/** Linux's selectors of code for programs, of 32 bits (but for the privilege, 3) and of 64. */
export const USER32_CS = 0x20;
export const USER_CS = 0x33;
/** Scratch a decoded record may use as a register: 8 bytes. */
export const SCRATCH_REG = 0x1d0;
/** Bases of es, cs, ss, ds as i386 code sees them (0 for flat segments). */
export const OTHER_BASES = 0x1d8;
/** 16 xmm registers, 16 bytes each. */
export const XMM = 0x200;

/** x87 control word, status word, and a byte with a bit for each physical register in use. Full tags are made from the registers when they are asked for. */
export const X87 = 0x300;
export const X87_CONTROL = X87;
export const X87_STATUS = X87 + 2;
export const X87_IN_USE = X87 + 4;
/** Last instruction and data pointer (u64), opcode and selectors (u16). */
export const X87_FIP = X87 + 8;
export const X87_FDP = X87 + 16;
export const X87_FOP = X87 + 24;
export const X87_FCS = X87 + 26;
export const X87_FDS = X87 + 28;
/** 8 physical registers, 16 bytes each; the mmx registers are their significands. */
export const X87_REGS = 0x320;

/** SSE exceptions an instruction has found so far, as MXCSR has them: 0 between instructions. u32. */
export const FP_RAISED = 0x434;
/** Numbers that were too large or small for what is compiled (cpu/jit/float.ts). u32. */
export const FP_BEYOND = 0x43c;
/** Arguments (4 of 8 bytes) and results (4 of 8 bytes) of a helper. */
export const HELPER_ARGS = 0x440;
export const HELPER_RESULTS = 0x460;
