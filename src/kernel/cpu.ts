// What the kernel asks of a CPU. src/cpu implements it; the kernel depends on this interface alone.

/** Why a run ended. Registers and rip are as the event left them (a syscall's rip is behind the instruction, a fault's at it). */
export type Exit =
  | { readonly kind: 'syscall'; readonly gate: 'syscall' | 'int80' | 'sysenter' }
  /** A fault or trap of the CPU: vector as in SDM vol. 3 table 6-1 (0 #DE, 1 #DB, 3 #BP, 4 #OF, 6 #UD, 13 #GP, 14 #PF, 16 #MF, 17 #AC, 19 #XM); error code;
   * `address` is cr2 for #PF, as an unsigned 64-bit value. */
  | { readonly kind: 'fault'; readonly vector: number; readonly error: number; readonly address: bigint }
  /** `within`: in the middle of a long repetition, which isn't retired yet. */
  | { readonly kind: 'budget'; readonly within?: true };

/** Page rights as mmap has them: bits of PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
export type Prot = number;

/** Register names of the x64 user state. */
export type Reg =
  | 'rax'
  | 'rcx'
  | 'rdx'
  | 'rbx'
  | 'rsp'
  | 'rbp'
  | 'rsi'
  | 'rdi'
  | 'r8'
  | 'r9'
  | 'r10'
  | 'r11'
  | 'r12'
  | 'r13'
  | 'r14'
  | 'r15'
  | 'rip'
  | 'fs_base'
  | 'gs_base';

/**
 * Asked for a page that the permission bytes don't allow: the address space's page-fault handler. `write`/`exec` say what was tried.
 * Answers: 'retry' (the page was made present through `protect`), a page held elsewhere (its 4096 bytes live outside the linear memory: shared or above
 * 4 GiB), or the fault's error-code bit P (1: a protection violation, 0: not present).
 */
export type PageFault = (
  page: number,
  access: 'read' | 'write' | 'exec',
) => 'retry' | { readonly bytes: Uint8Array } | 0 | 1;

/** One address space's memory with a CPU on it. Tasks that share memory take turns through save and load. */
export interface Cpu {
  /** The whole linear memory; index = guest address for linear pages. The views stay valid for the memory's life. */
  readonly u8: Uint8Array;
  readonly view: DataView;
  readonly u32: Uint32Array;
  /** Guest pages can be linear in [guestStart, guestEnd) only. */
  readonly guestStart: number;
  readonly guestEnd: number;
  /** A byte per linear page (index: page number) that belongs to the address space; zero in a fresh CPU, and again before `recycle`. */
  readonly pageState: Uint8Array;
  /** Called on access to pages whose bytes don't allow it. Set once by the address space. */
  onPageFault: PageFault;
  /** Sets the rights of linear pages (both page aligned); 'none' = not present. Drops translated code where it must. */
  protect(start: number, length: number, prot: Prot | 'none'): void;
  /** A linear page is present and ring 3 may do this with it now (a page with translated code counts as writable: call `invalidate` before). */
  allows(page: number, access: 'read' | 'write'): boolean;
  /** The kernel (or another task) is about to write, or has written, these bytes of executable memory: drop translations of them. */
  invalidate(start: number, length: number): void;
  get(reg: Reg): bigint;
  set(reg: Reg, value: bigint | number): void;
  /** rflags as pushfq would show them (bit 1 and IF set). */
  flags(): number;
  setFlags(value: number): void;
  /** System call arguments as u32 pairs: index of the low half in u32 (low, high). rdi rsi rdx r10 r8 r9 and rax: `u32[argIndex[n]]`. */
  readonly argIndex: readonly number[];
  readonly raxIndex: number;
  /** Where the x87 control word (status word 2 behind it) and MXCSR stand in the memory. */
  readonly x87Offset: number;
  readonly mxcsrOffset: number;
  /** 64-bit code or i386 code runs next. */
  mode: 64 | 32;
  /** Bytes of one thread's register state; a fresh one has all zero but the control words (x87 0x37f, MXCSR 0x1f80). */
  readonly stateSize: number;
  save(into: Uint8Array): void;
  load(from: Uint8Array): void;
  reset(): void;
  /** 512-byte FXSAVE image of the current x87/SSE state, for signal frames and ptrace. */
  fxsave(into: Uint8Array): void;
  fxrstor(from: Uint8Array): void;
  /** Runs until an exit. `budget` is in instructions: the run ends at the first block edge after it, or earlier in the middle of a long repetition. */
  run(budget: number): Exit;
  /** Instructions retired on this memory so far. */
  retired(): number;
  /** Compiled code is there for the block at rip. */
  runsCompiled(): boolean;
  /** Value of the time-stamp counter: supplied by the host's clock. */
  rdtsc: () => bigint;
  /** Forgets registers and code, for another process. Pages are made not present, and zeroed, by whoever took them. */
  recycle(): void;
}
