// Data movement: mov and its relatives, the stack, exchange, conditional moves, extension.
import { op } from '../op.ts';
import { RAX, RBP, RDX, RSP } from '../sem.ts';

export const mov = op('mov', {
  enc: [
    '88 Eb,Gb',
    '89 Ev,Gv',
    '8a Gb,Eb',
    '8b Gv,Ev',
    'b0 Zb,Ib',
    'b8 Zv,Iv text=mov|mov|movabs',
    'c6/0 Eb,Ib',
    'c7/0 Ev,Iz',
    'a0 AL,Ob text=mov@mov@movabs',
    'a1 rAX,Ov text=mov@mov@movabs',
    'a2 Ob,AL text=mov@mov@movabs',
    'a3 Ov,rAX text=mov@mov@movabs',
  ],
  access: ['w', 'r'],
  hot: true,
  sem: (_b, _d, s) => s!,
});
/** There are six of them; cs can't be loaded. */
const segments = (opcode: string, operands: string): string[] =>
  [0, 1, 2, 3, 4, 5].map((n) => `${opcode}/${n} ${operands}`);
export const movSegmentToMemory = op('mov', {
  enc: segments('8c', 'Mw,Sw'),
  access: ['w', 'r'],
  sem: (_b, _d, s) => s!,
});
export const movSegment = op('mov', {
  enc: segments('8c', 'Rv,Sw'),
  access: ['w', 'r'],
  sem: (b, _d, s) => b.zx(s!, b.size as 16 | 32 | 64),
});
/** Decoded only: #UD. */
export const movToCs = op('mov', { enc: ['8e/1 Sw,Eu'], access: ['w', 'r'] });
export const movToSegment = op('mov', {
  enc: segments('8e', 'Sw,Eu').filter((_, n) => n !== 1),
  access: ['w', 'r'],
  sem: (b, _d, s) => b.helper('loadSegment', b.zx(s!, 64), b.k(64, 0)),
});
export const movzx = op('movzx', {
  enc: ['0f b6 Gv,Eb att=movzbw|movzbl|movzbq', '0f b7 Gv,Ew att=movzww|movzwl|movzwq'],
  access: ['w', 'r'],
  hot: true,
  sem: (b, _d, s) => b.zx(s!, b.size as 16 | 32 | 64),
});
export const movsx = op('movsx', {
  enc: ['0f be Gv,Eb att=movsbw|movsbl|movsbq', '0f bf Gv,Ew att=movsww|movswl|movswq'],
  access: ['w', 'r'],
  hot: true,
  sem: (b, _d, s) => b.sx(s!, b.size as 16 | 32 | 64),
});
export const movsxd = op('movsxd', {
  enc: ['63 Gv,Ed o64 att=movsxd|movsxd|movslq'],
  access: ['w', 'r'],
  hot: true,
  sem: (b, _d, s) => b.sx(s!, b.size as 16 | 32 | 64),
});
export const lea = op('lea', {
  enc: ['8d Gv,Mnone'],
  access: ['w', 'a'],
  hot: true,
  sem: (b, _d, at) => b.lo(at!, b.size as 16 | 32 | 64),
});
export const xchg = op('xchg', {
  enc: ['86 Eb,Gb lock', '87 Ev,Gv lock', '90 Zv,rAX'],
  access: ['rw', 'rw'],
  sem: (_b, d, s) => [s!, d!],
});
export const cmov = op('cmov', {
  enc: ['0f 40 Gv,Ev jcc'],
  hot: 'registers',
  sem: (b, d, s) => b.sel(b.f.condition(b.cc), s!, d!),
});
export const setcc = op('set', {
  enc: ['0f 90 Eb jcc'],
  att: '=',
  access: ['w'],
  hot: 'registers',
  sem: (b) => ({ n: b.f.condition(b.cc).n, w: 8 }),
});
export const bswap = op('bswap', {
  enc: ['0f c8 Zv'],
  sem(b, d) {
    const w = b.size === 16 ? 32 : (b.size as 32 | 64);
    const x = d!.w === 16 ? b.zx(d!, 32) : d!;
    const swap = (v: typeof x, mask: bigint, n: number): typeof x =>
      b.or(b.and(b.shr(v, b.k(32, n)), b.k(w, mask)), b.shl(b.and(v, b.k(w, mask)), b.k(32, n)));
    const all = w === 64 ? 0x00ff00ff00ff00ffn : 0x00ff00ffn;
    const pairs = w === 64 ? 0x0000ffff0000ffffn : 0x0000ffffn;
    const r = swap(swap(x, all, 8), pairs, 16);
    // With a 16-bit operand the result is undefined; the CPUs at hand give zero.
    return b.size === 16 ? b.k(16, 0) : w === 64 ? b.op('i64.rotl', 64, r, b.k(64, 32)) : r;
  },
});

export const push = op('push', {
  enc: [
    '50 Zv d64',
    'ff/6 Ev d64',
    '68 Iz d64',
    '6a Ibs d64',
    '06 ES d64 i64',
    '0e CS d64 i64',
    '16 SS d64 i64',
    '1e DS d64 i64',
    '0f a0 FS d64',
    '0f a8 GS d64',
  ],
  access: ['r'],
  hot: true,
  sem(b, s) {
    const w = b.size as 16 | 32 | 64;
    b.push(s!.w === w ? s! : b.zx(s!, w));
  },
});
export const pop = op('pop', {
  enc: ['58 Zv d64'],
  access: ['w'],
  hot: true,
  sem: (b) => b.pop(b.size as 16 | 32 | 64),
});
export const popMemory = op('pop', {
  enc: ['8f/0 Ev d64'],
  access: ['a'],
  sem(b) {
    // The stack is read before the destination is looked at.
    const o = b.operand(0);
    const w = b.size as 16 | 32 | 64;
    if (!o.mem) return o.set(b.pop(w));
    const top = b.gpr(RSP, 64);
    const v = b.load(top, w);
    b.store(o.address(), v);
    b.setGpr(RSP, b.add(top, b.k(64, w / 8)));
  },
});
export const popSegment = op('pop', {
  enc: ['07 ES d64 i64', '17 SS d64 i64', '1f DS d64 i64', '0f a1 FS d64', '0f a9 GS d64'],
  access: ['w'],
  sem(b) {
    const at = b.gpr(RSP, 64);
    // All of the word is read, though the selector is its low half.
    const v = b.load(at, b.size as 16 | 32 | 64);
    b.helper('loadSegment', b.zx(v, 64), b.k(64, 0));
    b.setGpr(RSP, b.add(at, b.k(64, b.size / 8)));
  },
});
export const leave = op('leave', {
  enc: ['c9 d64'],
  sem(b) {
    const w = b.size as 16 | 32 | 64;
    const at = b.gpr(RBP, 64);
    const v = b.load(at, w);
    b.setGpr(RSP, b.add(at, b.k(64, w / 8)));
    b.setGpr(RBP, v);
  },
});
export const enter = op('enter', {
  enc: ['c8 Iw,Ib d64'],
  access: ['r', 'r'],
  sem: (b) => b.helper('enter', b.k(64, b.size)),
});
export const pushf = op('pushf', {
  enc: ['9c d64'],
  sem: (b) => b.push(b.lo(b.zx(b.rflags(), 64), b.size as 16 | 32 | 64)),
});
export const popf = op('popf', {
  enc: ['9d d64'],
  sem(b) {
    const v = b.pop(b.size as 16 | 32 | 64);
    const before = b.restFlags();
    b.setRflags(b.size === 64 ? b.lo(v, 32) : b.zx(v, 32), b.size === 16);
    b.heedFlags(before);
    // It ends a block as a jump does: code behind it may run in another way.
    b.jmpTo(b.nextRip());
  },
});
export const lahf = op('lahf', {
  enc: ['9f'],
  sem(b) {
    const low = b.or(b.and(b.f.arithmetic(), b.k(32, 0xd5)), b.k(32, 2));
    b.setGpr(RAX, b.lo(b.or(b.and(b.gpr(RAX, 32), b.k(32, 0xff)), b.shl(low, b.k(32, 8))), 16));
  },
});
export const sahf = op('sahf', {
  enc: ['9e'],
  sem(b) {
    const ah = b.and(b.shr(b.gpr(RAX, 32), b.k(32, 8)), b.k(32, 0xd5));
    b.f.setArithmetic(b.or(ah, b.and(b.f.arithmetic(), b.k(32, 0x800))));
  },
});

export const cbw = op('cbw', {
  att: 'cbtw|cwtl|cltq',
  intel: 'cbw|cwde|cdqe',
  enc: ['98'],
  hot: true,
  sem(b) {
    const half = (b.size / 2) as 8 | 16 | 32;
    b.setGpr(RAX, b.sx(b.gpr(RAX, half), b.size as 16 | 32 | 64));
  },
});
export const cwd = op('cwd', {
  att: 'cwtd|cltd|cqto',
  intel: 'cwd|cdq|cqo',
  enc: ['99'],
  hot: true,
  sem(b) {
    const a = b.gpr(RAX, b.size);
    b.setGpr(RDX, b.sar(a, b.k(32, b.size - 1)));
  },
});
export const xlat = op('xlat', {
  att: '=',
  enc: ['d7 XBb'],
  access: ['a'],
  sem(b) {
    const { mask, sourceBase } = b.stringForm();
    const at = b.add(b.and(b.add(b.gpr(3, 64), b.zx(b.gpr(RAX, 8), 64)), mask), sourceBase);
    b.setGpr(RAX, b.load(at, 8));
  },
});
export const movnti = op('movnti', { enc: ['np 0f c3 My,Gy'], access: ['w', 'r'], sem: (_b, _d, s) => s! });
