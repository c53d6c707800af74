// A decoded instruction as the interpreter reads it: 32 bytes. Register operands are offsets into the state (cpu/layout.ts), so that ah and xmm3 are no
// special cases. `disp` and `imm64` share a place: no instruction has both, and so do the two links of a branch.
import type { ExitKind } from '../isa/sem.ts';

export const RECORD = 32;
export const REC_OP = 0; // u16 handler
export const REC_LEN = 2; // u8 bytes of the instruction
export const REC_SCALE = 3; // u8 log2 of the index's factor
export const REC_D = 4; // u16 first register operand
export const REC_S = 6; // u16 second register operand
export const REC_BASE = 8; // u16
export const REC_INDEX = 10; // u16
export const REC_SEG = 12; // u16 segment base added to the address
export const REC_COUNT = 14; // u8 instructions of the block up to and with this one
export const REC_HEAT = 15; // u8 of a block's first record: times it was reached
export const REC_DISP = 16; // i64 displacement, or 64-bit immediate, or address mask of a string instruction
export const REC_TAKEN = 16; // u32 record behind a taken jump, 0 unknown
export const REC_NEXT = 20; // u32 record behind a jump not taken, 0 unknown
export const REC_IMM = 24; // i32
export const REC_ENTRY = 24; // u32 of OP_ENTER: number of the compiled entry
export const REC_RIP = 28; // u32 low half of the instruction's address

/** A block of records: 32 bytes. */
export const BLOCK = 32;
export const BLK_RIP = 0; // u64
export const BLK_FIRST = 8; // u32 its first record
export const BLK_LAST = 12; // u32 behind its last record
export const BLK_LENGTH = 16; // u16 bytes of code
export const BLK_IMAGE = 18; // u16 1: not linear, to be compared with its image (translations.ts) each time
export const BLK_BUCKET = 20; // u32 the next one with its hash
export const BLK_PAGE = 24; // u32 the next one of the page it starts in
export const BLK_PAGE2 = 28; // u32 the next one of the page it ends in, where that is another
/** Which bucket an address's blocks are in: the xor of it and of it shifted by so much. */
export const BUCKET_SHIFT = 15;
/** A block's most instructions: what the budget may be overrun by. */
export const MOST = 64;

/** How a run ends: what the interpreter's `run` returns. */
export const EXIT_FAULT = 1;
export const EXIT_SYSCALL = 2;
export const EXIT_SYSENTER = 3;
export const EXIT_INT80 = 4;
export const EXIT_TRAP = 5;
export const EXIT_BUDGET = 6;
/** Nothing can be fetched at state RIP: FAULT_* tell why. */
export const EXIT_FETCH = 7;
/** From a function of its own: rip was set, go on there. */
export const EXIT_JUMP = 8;
/** Flags that decide how code runs have changed: go on behind the record, or at state RIP. */
export const EXIT_FLAGS = 9;
export const EXIT_RETURN = 10;
/** The record's instruction isn't done: it is to be run again. */
export const EXIT_AGAIN = 11;
/** How the meanings' own ways out are called here. */
export const EXIT_OF: Readonly<Record<ExitKind, number>> = {
  syscall: EXIT_SYSCALL,
  sysenter: EXIT_SYSENTER,
  int80: EXIT_INT80,
  flags: EXIT_FLAGS,
  return: EXIT_RETURN,
  again: EXIT_AGAIN,
};
/** The budget was used up in compiled code: rip is in the state. */
export const EXIT_RAN_OUT = 12;

/** Of so many entries into compiled code one is looked at: no round number, so that a loop's aren't always the same. */
export const SAMPLED = 1021;

/** Handler numbers that are the interpreter's own: code that is gone, the way on behind a block's last instruction, an address of 32 bits, no
 * instruction (the immediate says which fault that is). */
export const OP_INVALID = 0;
export const OP_GOTO = 1;
export const OP_EA32 = 2;
export const OP_FAULT = 3;
/** Starts a block that is compiled: what stood there is in the block's copy. */
export const OP_ENTER = 4;
/** An address with a segment. */
export const OP_EA = 5;
export const FIRST_HANDLER = 6;
/** REC_SCALE of an instruction whose address of 32 bits a record before it worked out. */
export const NARROW = 32;
