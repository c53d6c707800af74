// What differs between the host's result and ours, and how a case reads in a report.
import { type Case, HANG, type Result, S, SYSCALL } from './batch.ts';
import { EMULATED } from './excluded.ts';

const FLAG_NAMES: readonly [number, string][] = [
  [0x1, 'cf'],
  [0x4, 'pf'],
  [0x10, 'af'],
  [0x40, 'zf'],
  [0x80, 'sf'],
  [0x100, 'tf'],
  [0x400, 'df'],
  [0x800, 'of'],
  [0x4000, 'nt'],
  [0x40000, 'ac'],
  [0x200000, 'id'],
];
const GPR_NAMES = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const SELECTOR_NAMES = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];
/** Parts of the FXSAVE image that are state: what lies between is reserved, or says what the CPU is. */
const FX_PARTS: readonly [number, number, string][] = [
  [0, 2, 'x87 control word'],
  [2, 2, 'x87 status word'],
  [4, 1, 'x87 tags'],
  [6, 2, 'x87 opcode'],
  [8, 8, 'x87 instruction pointer'],
  [16, 8, 'x87 data pointer'],
  [24, 4, 'mxcsr'],
  ...Array.from({ length: 8 }, (_, i): [number, number, string] => [32 + 16 * i, 10, `st${i}`]),
  ...Array.from({ length: 16 }, (_, i): [number, number, string] => [160 + 16 * i, 16, `xmm${i}`]),
];
const hex = (n: bigint | number): string => n.toString(16);
const reversed = (b: Buffer): string => Buffer.from(b).reverse().toString('hex');
const flagText = (f: number): string =>
  FLAG_NAMES.filter(([bit]) => f & bit)
    .map(([, name]) => name)
    .join(' ');

/** Their results are approximations, which CPUs compute each in its own way: the manual allows a relative error of 1.5 * 2^-12, to each. */
export const APPROXIMATE = /^(rcp|rsqrt)[ps]s$|^f(2xm1|yl2xp?1?|patan|ptan|sin|cos|sincos)$/;
/** The manual promises less than one unit in the last place, and C1 tells which way that went. */
const C1 = 0x200;
const BP = 3;
const PF = 14;
const FAULTS = new Set([12, 13, PF]);
const TINY = 2 ** -126 * (1 + 2 ** -11);
function near(h: Buffer, o: Buffer, at: number): boolean {
  for (let i = 0; i < 16; i += 4) {
    if (h.readUInt32LE(at + i) === o.readUInt32LE(at + i)) continue;
    const [a, b] = [h.readFloatLE(at + i), o.readFloatLE(at + i)];
    const tiny = Math.abs(a) < TINY && Math.abs(b) < TINY;
    if (!(tiny || Math.abs(a - b) <= Math.abs(a) * 3 * 2 ** -12)) return false;
  }
  return true;
}

/** 80-bit numbers that are the same or neighbours. */
function neighbours(h: Buffer, o: Buffer, at: number): boolean {
  const whole = (b: Buffer): bigint =>
    (BigInt(b.readUInt16LE(at + 8)) << 63n) | (b.readBigUInt64LE(at) & (2n ** 63n - 1n));
  const distance = whole(h) - whole(o);
  return distance >= -1n && distance <= 1n;
}
/** Is the part of the FXSAVE image as near as the instruction promises? */
function tolerated(name: string, part: string, h: Buffer, o: Buffer, at: number): boolean {
  if (!APPROXIMATE.test(name)) return false;
  if (part.startsWith('xmm')) return near(h, o, at);
  if (part === 'x87 status word') return ((h.readUInt16LE(at) ^ o.readUInt16LE(at)) & ~C1) === 0;
  return part.startsWith('st') && neighbours(h, o, at);
}

/** What differs, in words. */
export function compare(
  c: Case,
  host: Result,
  ours: { state: Buffer; memory: readonly { address: number; ours: number; host: number }[] },
): readonly string[] {
  const h = host.state;
  const o = ours.state;
  // The kernel does some instructions in the CPU's place: where it can't write, it tells no more than the operand's address, and may have written half.
  if (EMULATED.has(c.name) && FAULTS.has(h.readUInt32LE(S.vector))) return [];
  const differences: string[] = [];
  const check = (at: number, length: number, name: string): void => {
    if (h.compare(o, at, at + length, at, at + length) !== 0)
      differences.push(
        `${name}: host ${reversed(h.subarray(at, at + length))}, ours ${reversed(o.subarray(at, at + length))}`,
      );
  };
  // One comparison finds most cases equal; what may differ is made equal for it.
  const flags = (h.readUInt32LE(S.rflags) ^ o.readUInt32LE(S.rflags)) & ~c.undefinedFlags;
  if (flags)
    differences.push(
      `flags ${flagText(flags)} differ: host has ${flagText(h.readUInt32LE(S.rflags))}, ours ${flagText(o.readUInt32LE(S.rflags))}`,
    );
  if (h.compare(o, 0, 136, 0, 136) !== 0) {
    GPR_NAMES.forEach((name, i) => check(8 * i, 8, name));
    // Under a hypervisor that has to deliver a breakpoint twice, rip is the breakpoint's own.
    const twice = h.readUInt32LE(S.vector) === BP && h.readBigUInt64LE(S.rip) + 1n === o.readBigUInt64LE(S.rip);
    if (!twice) check(S.rip, 8, 'rip');
  }
  if (h.compare(o, S.fsBase, S.fx, S.fsBase, S.fx) !== 0) {
    check(S.fsBase, 8, 'fs base');
    check(S.gsBase, 8, 'gs base');
    // A null selector loses its low bits when the kernel is entered, before the harness sees it.
    SELECTOR_NAMES.forEach((name, i) => {
      const [a, b] = [h, o].map((x) => x.readUInt16LE(S.selectors + 2 * i)) as [number, number];
      if ((a < 4 ? 0 : a) !== (b < 4 ? 0 : b)) check(S.selectors + 2 * i, 2, name);
    });
    check(S.vector, 4, 'vector');
    check(S.error, 4, 'error code');
    check(S.cr2, 8, 'cr2');
  }
  if (h.compare(o, S.fx, S.fx + 416, S.fx, S.fx + 416) !== 0)
    for (const [at, length, name] of FX_PARTS)
      if (!tolerated(c.name, name, h, o, S.fx + at)) check(S.fx + at, length, name);
  // The mask of MXCSR in the image says what the CPU is: AMD's have the misaligned mode.
  const memory = c.name.startsWith('fxsave') ? ours.memory.filter((m) => m.host !== 2 || m.ours !== 0) : ours.memory;
  for (const m of memory.slice(0, 4))
    differences.push(`memory ${hex(m.address)}: host ${hex(m.host)}, ours ${hex(m.ours)}`);
  return differences;
}

const vectorName = (v: number): string => (v === SYSCALL ? 'a system call' : v === HANG ? 'no end' : `vector ${v}`);

/** The case in full: for a difference that is looked into. */
export function describe(c: Case, host: Result): string {
  const s = c.state;
  const lines = [
    `code ${Buffer.from(c.code).toString('hex')} at ${hex(s.readBigUInt64LE(S.rip))}, flags ${flagText(s.readUInt32LE(S.rflags))}, mxcsr ${hex(s.readUInt32LE(S.fx + 24))}`,
    GPR_NAMES.map((n, i) => `${n}=${hex(s.readBigUInt64LE(8 * i))}`).join(' '),
    `host ended with ${vectorName(host.state.readUInt32LE(S.vector))} at ${hex(host.state.readBigUInt64LE(S.rip))}`,
  ];
  for (const p of c.pieces.slice(0, -1))
    lines.push(`memory ${hex(p.address)}: ${Buffer.from(p.bytes).toString('hex')}`);
  return lines.join('\n  ');
}
