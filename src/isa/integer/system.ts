// Segments, far transfers, and system registers as ring 3 sees them on Linux.
import { op } from '../op.ts';
import { RSP, type Sem, type V } from '../sem.ts';
import { CS, FS_BASE, GS_BASE, NT, SELECTORS } from '../state.ts';

const UD = 6;
const GP = 13;

/** sgdt and its like are ring 0's under UMIP; Linux does them in its place and shows fixed values (arch/x86/kernel/umip.c). */
const TABLE_LIMIT = 0;
for (const [name, digit, base] of [
  ['sgdt', 0, 0xffff_ffff_fffe_0000n],
  ['sidt', 1, 0xffff_ffff_ffff_0000n],
] as const)
  op(name, {
    enc: [`0f 01/${digit} Ms o64`, `0f 01/${digit} Ms i64 text=${name}w|${name}l|${name}l`],
    access: ['a'],
    sem(b, at) {
      const behind = b.add(at!, b.k(64, 2));
      b.place(behind, 8, 'w');
      b.store(at!, b.k(16, TABLE_LIMIT));
      b.store(behind, b.k(64, base));
    },
  });
/** A register gets as many bytes as the operand has, without zero-extension. */
const status = (name: string, opcode: string, value: number): void => {
  op(name, { enc: [`${opcode} Mw`], access: ['w'], sem: (b) => b.k(16, value) });
  op(name, {
    enc: [`${opcode} Rv`],
    access: ['a'],
    sem: (b) => b.operand(0).setLow(b.k(b.size, value >>> 0)),
  });
};
status('smsw', '0f 01/4', 0x8005_0033);
status('sldt', '0f 00/0', 0);
status('str', '0f 00/1', 0x40);

/** What is known of a selector's segment goes to ZF and, where there is one, to the destination. */
const asking = (name: string, opcode: string, result: 1 | 2): void => {
  op(name, {
    enc: [`${opcode} Gv,Eu`],
    access: ['a', 'r'],
    sem(b, _d, s) {
      b.helper('askSegment', b.zx(s!, 64));
      const there = { n: b.helped(0, 32).n, w: 1 as const };
      b.f.zero(there);
      b.if(there, () => b.operand(0).set(b.zx(b.helped(result, 32), b.size as 16 | 32 | 64)));
    },
  });
};
asking('lar', '0f 02', 1);
asking('lsl', '0f 03', 2);
for (const [name, digit, bit] of [
  ['verr', 4, 0],
  ['verw', 5, 1],
] as const)
  op(name, {
    enc: [`0f 00/${digit} Ew`],
    access: ['r'],
    sem(b, s) {
      b.helper('askSegment', b.zx(s!, 64));
      b.f.zero(b.bit(b.helped(3, 32), b.k(32, bit)));
    },
  });

/** A far pointer in memory: the offset, then the selector. Offsets of 64 bits are Intel's alone: on AMD's CPUs REX.W doesn't make them longer. */
const farPointer = (b: Sem, at: V): { offset: V; selector: V } => {
  const w = b.size === 16 ? 16 : 32;
  return { offset: b.load(at, w), selector: b.load(b.add(at, b.k(64, w / 8)), 16) };
};
for (const [name, opcode, register] of [
  ['lss', 'b2', 2],
  ['lfs', 'b4', 4],
  ['lgs', 'b5', 5],
] as const)
  op(name, {
    enc: [`0f ${opcode} Gv,Mp`],
    access: ['a', 'a'],
    sem(b, _d, at) {
      const { offset, selector } = farPointer(b, at!);
      b.helper('loadSegment', b.zx(selector, 64), b.k(64, SELECTORS + 2 * register));
      b.operand(0).set(b.zx(offset, b.size as 16 | 32 | 64));
    },
  });

const enter = (b: Sem, selector: V, rip: V, how: 'jump' | 'return' | 'ask'): void =>
  b.helper('enterSegment', b.zx(selector, 64), rip, b.k(64, ['jump', 'return', 'ask'].indexOf(how)));
op('ljmp', {
  enc: ['ff/5 Mp att=ljmpw|ljmp|ljmp intel=jmp'],
  access: ['a'],
  sem(b, at) {
    const { offset, selector } = farPointer(b, at!);
    const rip = b.zx(offset, 64);
    enter(b, selector, rip, 'jump');
    b.jmpTo(rip);
  },
});
op('lcall', {
  enc: ['ff/3 Mp att=lcallw|lcall|lcall intel=call'],
  access: ['a'],
  sem(b, at) {
    const w = b.size as 16 | 32 | 64;
    const { offset, selector } = farPointer(b, at!);
    const rip = b.zx(offset, 64);
    const top = b.sub(b.gpr(RSP, 64), b.k(64, w / 4));
    enter(b, selector, rip, 'ask');
    b.place(b.add(top, b.k(64, w / 8)), w / 8, 'w');
    const p = b.place(top, w / 4, 'w');
    const from = b.zx(b.state(CS, 16), w);
    enter(b, selector, rip, 'jump');
    b.storeAt(p, b.lo(b.nextRip(), w));
    b.storeAt(p, from, w / 8);
    b.setGpr(RSP, top);
    b.jmpTo(rip);
  },
});
const farReturn = (b: Sem, more: V): void => {
  const w = b.size as 16 | 32 | 64;
  const top = b.gpr(RSP, 64);
  // The selector is read first.
  const selector = b.lo(b.load(b.add(top, b.k(64, w / 8)), w), 16);
  const rip = b.zx(b.load(top, w), 64);
  // A selector of another ring would have a stack to return to: it is read before the ring turns out to be none.
  b.if(b.ne(b.and(selector, b.k(16, 3)), b.k(16, 3)), () => {
    const stack = b.add(b.add(top, more), b.k(64, w / 4));
    b.load(b.add(stack, b.k(64, w / 8)), w);
    b.load(stack, w);
  });
  enter(b, selector, rip, 'return');
  b.setGpr(RSP, b.add(b.add(top, b.k(64, w / 4)), more));
  b.jmpTo(rip);
};
const LRET = 'att=lretw|lret|lretq intel=retfw|retf|retfq';
op('lret', { enc: [`cb ${LRET}`], sem: (b) => farReturn(b, b.k(64, 0)) });
op('lret', { enc: [`ca Iw ${LRET}`], access: ['r'], sized: true, sem: (b, n) => farReturn(b, b.zx(n!, 64)) });
op('iret', {
  enc: ['cf text=iretw|iret|iretq'],
  sem(b) {
    const w = b.size as 16 | 32 | 64;
    // A task's return, which 64-bit mode hasn't.
    b.if(b.ne(b.and(b.restFlags(), b.k(32, NT)), b.k(32, 0)), () => b.fault(GP));
    const word = (i: number): V => b.load(b.add(b.gpr(RSP, 64), b.k(64, (i * w) / 8)), w);
    // In the order in which the CPU reads them.
    const flags = word(2);
    const [cs, rip, ss, rsp] = [word(1), b.zx(word(0), 64), word(4), b.zx(word(3), 64)];
    b.helper('interruptReturn', b.zx(b.lo(cs, 16), 64), rip, b.zx(b.lo(ss, 16), 64));
    const before = b.restFlags();
    b.setRflags(b.zx(flags, 32), w === 16);
    b.setGpr(RSP, rsp);
    b.heedFlags(before, rip);
    b.jmpTo(rip);
  },
});

/** The bases of fs and gs: Linux lets programs have them, and cpuid says so. */
for (const [name, digit, at] of [
  ['fs', 0, FS_BASE],
  ['gs', 1, GS_BASE],
] as const) {
  op(`rd${name}base`, {
    enc: [`f3 0f ae/${digit} Ry o64`],
    access: ['w'],
    sem: (b) => b.state(at, b.size === 64 ? 64 : 32),
  });
  op(`wr${name}base`, {
    enc: [`f3 0f ae/${digit + 2} Ry o64`],
    access: ['r'],
    sem: (b, s) => b.setState(at, b.near(s!)),
  });
}

/** Not in long mode on AMD's CPUs. */
op('sysenter', { enc: ['0f 34 o64'], sem: (b) => b.fault(UD) });
op('ud0', { enc: ['0f ff Gv,Ev'], access: ['a', 'a'], sem: (b) => b.fault(UD) });
op('ud1', { enc: ['0f b9 Gv,Ev'], access: ['a', 'a'], sem: (b) => b.fault(UD) });
