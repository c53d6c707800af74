// The register file of a process's memory (isa/state.ts says what stands where), as the kernel reads and writes it between runs.
import type { Reg } from '../kernel/cpu.ts';
import * as L from './layout.ts';

const REGS: Record<Reg, number> = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
  rip: (L.RIP - L.GPR) / 8,
  fs_base: (L.FS_BASE - L.GPR) / 8,
  gs_base: (L.GS_BASE - L.GPR) / 8,
};

export class Registers {
  readonly u8: Uint8Array;
  readonly view: DataView;
  readonly u32: Uint32Array;
  protected readonly u64: BigUint64Array;
  readonly argIndex = [7, 6, 2, 10, 8, 9].map((n) => (L.GPR + 8 * n) >>> 2);
  readonly raxIndex = L.GPR >> 2;
  readonly x87Offset = L.X87;
  readonly mxcsrOffset = L.MXCSR;
  readonly stateSize = L.STATE_END - L.STATE;

  constructor(memory: ArrayBufferLike) {
    this.u8 = new Uint8Array(memory);
    this.view = new DataView(memory);
    this.u32 = new Uint32Array(memory);
    this.u64 = new BigUint64Array(memory);
  }
  /** As the code segment tells. */
  get mode(): 64 | 32 {
    return (((this.u32[L.SELECTORS >>> 2] as number) >>> 16) & ~3) === L.USER32_CS ? 32 : 64;
  }
  set mode(mode: 64 | 32) {
    this.view.setUint16(L.CS, mode === 32 ? L.USER32_CS | 3 : L.USER_CS, true);
  }
  get(reg: Reg): bigint {
    return this.u64[(L.GPR >> 3) + REGS[reg]] as bigint;
  }
  set(reg: Reg, value: bigint | number): void {
    this.u64[(L.GPR >> 3) + REGS[reg]] = BigInt.asUintN(64, BigInt(value));
  }
  flags(): number {
    const res = this.view.getBigInt64(L.FLAG_RES, true);
    const aux = this.view.getUint32(L.FLAG_AUX, true);
    let parity = (Number(res & 0xffn) ^ (aux >> 8)) & 0xff;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    const sf = (res < 0n ? 1 : 0) ^ ((aux >> 16) & 1);
    return (
      0x202 |
      this.view.getUint32(L.FLAG_REST, true) |
      this.view.getUint8(L.FLAG_CF) |
      (parity & 1 ? 0 : 4) |
      (aux & 0x10) |
      (res === 0n ? 0x40 : 0) |
      (sf << 7) |
      (this.view.getUint8(L.FLAG_OF) << 11)
    );
  }
  setFlags(value: number): void {
    const zf = (value >> 6) & 1;
    this.view.setBigInt64(L.FLAG_RES, zf ? 0n : 1n, true);
    this.view.setUint8(L.FLAG_CF, value & 1);
    this.view.setUint8(L.FLAG_OF, (value >> 11) & 1);
    this.view.setUint32(
      L.FLAG_AUX,
      (value & 0x10) | ((((value >> 2) & 1) ^ zf) << 8) | (((value >> 7) & 1) << 16),
      true,
    );
    this.view.setUint32(L.FLAG_REST, value & L.REST_FLAGS, true);
  }
  save(into: Uint8Array): void {
    into.set(this.u8.subarray(L.STATE, L.STATE_END));
  }
  load(from: Uint8Array): void {
    this.u8.set(from.subarray(0, this.stateSize), L.STATE);
  }
  reset(): void {
    this.u8.fill(0, L.STATE, L.STATE_END);
    this.view.setUint16(L.X87, 0x37f, true);
    this.view.setUint32(L.MXCSR, 0x1f80, true);
    [0, 0x33, 0x2b, 0, 0, 0].forEach((s, i) => this.view.setUint16(L.SELECTORS + 2 * i, s, true));
    this.setFlags(0x202);
  }
  /** SDM vol. 1 table 10-2; opcode and pointers as AMD saves them: zero unless an exception is pending. */
  fxsave(into: Uint8Array): void {
    const out = new DataView(into.buffer, into.byteOffset, 512);
    into.fill(0, 0, 512);
    out.setUint16(0, this.view.getUint16(L.X87, true), true);
    out.setUint16(2, this.view.getUint16(L.X87 + 2, true), true);
    out.setUint8(4, this.view.getUint8(L.X87 + 4));
    if (this.view.getUint16(L.X87 + 2, true) & 0x80) {
      out.setUint16(6, this.view.getUint16(L.X87 + 24, true), true);
      into.set(this.u8.subarray(L.X87 + 8, L.X87 + 24), 8);
    }
    out.setUint32(24, this.view.getUint32(L.MXCSR, true), true);
    out.setUint32(28, 0xffff, true);
    const top = (this.view.getUint16(L.X87 + 2, true) >> 11) & 7;
    for (let i = 0; i < 8; i++) {
      const from = L.X87_REGS + 16 * ((top + i) & 7);
      into.set(this.u8.subarray(from, from + 10), 32 + 16 * i);
    }
    into.set(this.u8.subarray(L.XMM, L.XMM + 256), 160);
  }
  fxrstor(from: Uint8Array): void {
    const v = new DataView(from.buffer, from.byteOffset, 512);
    this.view.setUint16(L.X87, v.getUint16(0, true), true);
    const sw = v.getUint16(2, true);
    this.view.setUint16(L.X87 + 2, sw, true);
    const top = (sw >> 11) & 7;
    for (let i = 0; i < 8; i++) {
      const to = L.X87_REGS + 16 * ((top + i) & 7);
      this.u8.set(from.subarray(32 + 16 * i, 42 + 16 * i), to);
    }
    this.view.setUint8(L.X87 + 4, v.getUint8(4));
    this.view.setUint16(L.X87 + 24, v.getUint16(6, true), true);
    this.view.setUint32(L.X87 + 26, 0, true);
    this.u8.set(from.subarray(8, 24), L.X87 + 8);
    this.view.setUint32(L.MXCSR, v.getUint32(24, true), true);
    this.u8.set(from.subarray(160, 416), L.XMM);
  }
}
