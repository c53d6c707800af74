// Moves of the xmm registers.
import { op } from '../op.ts';
import type { Sem, V } from '../sem.ts';

const copy = (_b: Sem, _d?: V, s?: V): V => s!;
op('movups', { enc: ['np 0f 10 Vx,Wx ua', 'np 0f 11 Wx,Vx ua'], access: ['w', 'r'], hot: true, sem: copy });
op('movupd', { enc: ['66 0f 10 Vx,Wx ua', '66 0f 11 Wx,Vx ua'], access: ['w', 'r'], sem: copy });
op('movaps', { enc: ['np 0f 28 Vx,Wx', 'np 0f 29 Wx,Vx'], access: ['w', 'r'], hot: true, sem: copy });
op('movapd', { enc: ['66 0f 28 Vx,Wx', '66 0f 29 Wx,Vx'], access: ['w', 'r'], sem: copy });
op('movdqa', { enc: ['66 0f 6f Vx,Wx', '66 0f 7f Wx,Vx'], access: ['w', 'r'], hot: true, sem: copy });
op('movdqu', { enc: ['f3 0f 6f Vx,Wx ua', 'f3 0f 7f Wx,Vx ua'], access: ['w', 'r'], hot: true, sem: copy });
op('lddqu', { enc: ['f2 0f f0 Vx,Mx ua'], access: ['w', 'r'], sem: copy });
op('movntps', { enc: ['np 0f 2b Mx,Vx'], access: ['w', 'r'], sem: copy });
op('movntpd', { enc: ['66 0f 2b Mx,Vx'], access: ['w', 'r'], sem: copy });
op('movntdq', { enc: ['66 0f e7 Mx,Vx'], access: ['w', 'r'], sem: copy });
op('movntdqa', { enc: ['66 0f38 2a Vx,Mx'], access: ['w', 'r'], sem: copy });
// Between registers only the low part moves; from memory the rest is cleared.
const clear = (b: Sem, _d?: V, s?: V): V => b.low128(s!);
op('movss', { enc: ['f3 0f 10 Vx,Md'], access: ['w', 'r'], hot: true, sem: clear });
op('movss', { enc: ['f3 0f 10 Vd,Ud', 'f3 0f 11 Wd,Vd'], access: ['w', 'r'], hot: true, sem: copy });
op('movsd', { enc: ['f2 0f 10 Vx,Mq'], access: ['w', 'r'], hot: true, sem: clear });
op('movsd', { enc: ['f2 0f 10 Vq,Uq', 'f2 0f 11 Wq,Vq'], access: ['w', 'r'], hot: true, sem: copy });
op('movd', {
  enc: ['66 0f 6e Vx,Ey text=movd|movd|movq'],
  access: ['w', 'r'],
  hot: true,
  sem: clear,
});
op('movd', {
  enc: ['w0 66 0f 7e Ed,Vd', 'w1 66 0f 7e Eq,Vq text=movq'],
  access: ['w', 'r'],
  hot: true,
  sem: copy,
});
op('movq', { enc: ['f3 0f 7e Vx,Wq'], access: ['w', 'r'], hot: true, sem: clear });
op('movq', { enc: ['66 0f d6 Mq,Vq'], access: ['w', 'r'], hot: true, sem: copy });
op('movq', { enc: ['66 0f d6 Ux,Vq'], access: ['w', 'r'], sem: clear });
const low = (_b: Sem, _d?: V, s?: V): V => s!;
op('movlps', { enc: ['np 0f 12 Vq,Mq', 'np 0f 13 Mq,Vq'], access: ['w', 'r'], sem: low });
op('movlpd', { enc: ['66 0f 12 Vq,Mq', '66 0f 13 Mq,Vq'], access: ['w', 'r'], sem: low });
op('movhlps', { enc: ['np 0f 12 Vq,Ux'], access: ['w', 'r'], sem: (b, _d, s) => b.lane64(s!, 1) });
const high = (b: Sem, d?: V, s?: V): V => b.setLane64(d!, 1, s!);
op('movhps', { enc: ['np 0f 16 Vx,Mq'], sem: high });
op('movhpd', { enc: ['66 0f 16 Vx,Mq'], sem: high });
op('movlhps', { enc: ['np 0f 16 Vx,Uq'], sem: high });
op('movhps', { enc: ['np 0f 17 Mq,Vx'], access: ['w', 'r'], sem: (b, _d, s) => b.lane64(s!, 1) });
op('movhpd', { enc: ['66 0f 17 Mq,Vx'], access: ['w', 'r'], sem: (b, _d, s) => b.lane64(s!, 1) });
op('movddup', { enc: ['f2 0f 12 Vx,Wq'], access: ['w', 'r'], sem: (b, _d, s) => b.op('i64x2.splat', 128, s!) });
const dup =
  (from: readonly number[]) =>
  (b: Sem, _d?: V, s?: V): V => ({
    n: b.c.shuffle(
      s!.n,
      s!.n,
      from.flatMap((l) => [4 * l, 4 * l + 1, 4 * l + 2, 4 * l + 3]),
    ),
    w: 128,
  });
op('movsldup', { enc: ['f3 0f 12 Vx,Wx'], access: ['w', 'r'], sem: dup([0, 0, 2, 2]) });
op('movshdup', { enc: ['f3 0f 16 Vx,Wx'], access: ['w', 'r'], sem: dup([1, 1, 3, 3]) });
op('movmskps', { enc: ['np 0f 50 Gd,Ux'], access: ['w', 'r'], sem: (b, _d, s) => b.op('i32x4.bitmask', 32, s!) });
op('movmskpd', { enc: ['66 0f 50 Gd,Ux'], access: ['w', 'r'], sem: (b, _d, s) => b.op('i64x2.bitmask', 32, s!) });
op('pmovmskb', {
  enc: ['66 0f d7 Gd,Ux'],
  access: ['w', 'r'],
  hot: true,
  sem: (b, _d, s) => b.op('i8x16.bitmask', 32, s!),
});
// REX.W changes nothing but the text.
for (const [name, code, shape] of [
  ['movmskps', 'np 0f 50', 'i32x4'],
  ['movmskpd', '66 0f 50', 'i64x2'],
  ['pmovmskb', '66 0f d7', 'i8x16'],
] as const)
  op(name, {
    enc: [`w1 ${code} Gq,Ux`],
    access: ['w', 'r'],
    sem: (b, _d, s) => b.zx(b.op(`${shape}.bitmask`, 32, s!), 64),
  });
/** The bytes whose mask byte has its top bit set go to [rdi]; all sixteen must be writable. Done as two halves: that is what must be aligned where it matters. */
op('maskmovdqu', {
  enc: ['66 0f f7 Vx,Ux'],
  access: ['r', 'r'],
  sem(b, d, mask) {
    const at = b.stringTarget();
    const behind = b.add(at, b.k(64, 8));
    b.place(at, 8, 'w');
    b.place(behind, 8, 'w');
    const on = b.vec('i8x16.lt_s', mask!, b.zero128());
    const halves = [at, behind].map((a) => b.load(a, 64));
    const kept = b.setLane64(b.low128(halves[0]!), 1, halves[1]!);
    const mixed = b.vec('v128.bitselect', d!, kept, on);
    b.store(at, b.lane64(mixed, 0));
    b.store(behind, b.lane64(mixed, 1));
  },
});
const saveState = (b: Sem, at: V, name: string): void => {
  b.if(b.ne(b.and(at, b.k(64, 15)), b.k(64, 0)), () => b.fault(13));
  b.helper(name, at);
};
op('fxsave', {
  enc: ['np 0f ae/0 Mnone text=fxsave|fxsave|fxsave64'],
  access: ['a'],
  sem: (b, at) => saveState(b, at!, 'fxsave'),
});
op('fxrstor', {
  enc: ['np 0f ae/1 Mnone text=fxrstor|fxrstor|fxrstor64'],
  access: ['a'],
  sem: (b, at) => saveState(b, at!, 'fxrstor'),
});
