// table
// Floating-point arithmetic of AVX, AVX-512 and FP16, by family: ps pd ss sd, and ph sh in maps 5 and 6.
import { table } from '../decoded.ts';

const VEX = { ps: 'np', pd: '66', ss: 'f3', sd: 'f2' } as const;

/** Opcode in map 0f; `mode`: what a register form may set; `unary`: packed forms have one source. */
function arithmetic(name: string, opcode: string, mode: 'er' | 'sae', unary = false): void {
  const h = unary ? '' : 'Hx,';
  table(`
    v${name}ps vex np 0f ${opcode} Vx,${h}Wx | evex w0 np 0f ${opcode} Vx,${h}Wx kz b32 ${mode}
    v${name}pd vex 66 0f ${opcode} Vx,${h}Wx | evex w1 66 0f ${opcode} Vx,${h}Wx kz b64 ${mode}
    v${name}ss vex f3 0f ${opcode} Vd,Hd,Wd | evex w0 f3 0f ${opcode} Vd,Hd,Wd kz ${mode}
    v${name}sd vex f2 0f ${opcode} Vq,Hq,Wq | evex w1 f2 0f ${opcode} Vq,Hq,Wq kz ${mode}
    v${name}ph evex w0 np m5 ${opcode} Vx,${h}Wx kz b16 ${mode}
    v${name}sh evex w0 f3 m5 ${opcode} Vw,Hw,Ww kz ${mode}`);
}
arithmetic('sqrt', '51', 'er', true);
arithmetic('add', '58', 'er');
arithmetic('mul', '59', 'er');
arithmetic('sub', '5c', 'er');
arithmetic('min', '5d', 'sae');
arithmetic('div', '5e', 'er');
arithmetic('max', '5f', 'sae');

for (const [name, opcode, rest] of [
  ['vunpcklp', '14', ''],
  ['vunpckhp', '15', ''],
  ['vandp', '54', ''],
  ['vandnp', '55', ''],
  ['vorp', '56', ''],
  ['vxorp', '57', ''],
  ['vshufp', 'c6', ',Ib'],
] as const)
  table(`
    ${name}s vex np 0f ${opcode} Vx,Hx,Wx${rest} | evex w0 np 0f ${opcode} Vx,Hx,Wx${rest} kz b32
    ${name}d vex 66 0f ${opcode} Vx,Hx,Wx${rest} | evex w1 66 0f ${opcode} Vx,Hx,Wx${rest} kz b64`);

/** Comparisons name their predicate. */
const predicate = (suffix: string): string => `text=vcmp{fp32}${suffix}`;
for (const [suffix, w, size, more] of [
  ['ps', 'w0', 'x', 'b32'],
  ['pd', 'w1', 'x', 'b64'],
  ['ss', 'w0', 'd', ''],
  ['sd', 'w1', 'q', ''],
] as const) {
  const text = predicate(suffix);
  const p = VEX[suffix];
  const operands = `H${size},W${size},Ib`;
  table(`
    vcmp${suffix} vex ${p} 0f c2 V${size},${operands} ${text} | evex ${w} ${p} 0f c2 KG,${operands} k sae ${more} ${text}`);
}
table(`
  vcmpph evex w0 np 0f3a c2 KG,Hx,Wx,Ib k b16 sae ${predicate('ph')}
  vcmpsh evex w0 f3 0f3a c2 KG,Hw,Ww,Ib k sae ${predicate('sh')}
  vucomiss vex np 0f 2e Vd,Wd | evex w0 np 0f 2e Vd,Wd sae
  vucomisd vex 66 0f 2e Vq,Wq | evex w1 66 0f 2e Vq,Wq sae
  vucomish evex w0 np m5 2e Vw,Ww sae
  vcomiss vex np 0f 2f Vd,Wd | evex w0 np 0f 2f Vd,Wd sae
  vcomisd vex 66 0f 2f Vq,Wq | evex w1 66 0f 2f Vq,Wq sae
  vcomish evex w0 np m5 2f Vw,Ww sae
  vhaddpd vex 66 0f 7c Vx,Hx,Wx
  vhaddps vex f2 0f 7c Vx,Hx,Wx
  vhsubpd vex 66 0f 7d Vx,Hx,Wx
  vhsubps vex f2 0f 7d Vx,Hx,Wx
  vaddsubpd vex 66 0f d0 Vx,Hx,Wx
  vaddsubps vex f2 0f d0 Vx,Hx,Wx
  vrcpps vex np 0f 53 Vx,Wx
  vrcpss vex f3 0f 53 Vd,Hd,Wd
  vrsqrtps vex np 0f 52 Vx,Wx
  vrsqrtss vex f3 0f 52 Vd,Hd,Wd
  vdpps vex 66 0f3a 40 Vx,Hx,Wx,Ib
  vdppd vex l0 66 0f3a 41 Vx,Hx,Wx,Ib
  vroundps vex 66 0f3a 08 Vx,Wx,Ib
  vroundpd vex 66 0f3a 09 Vx,Wx,Ib
  vroundss vex 66 0f3a 0a Vd,Hd,Wd,Ib
  vroundsd vex 66 0f3a 0b Vq,Hq,Wq,Ib`);

// --- fused multiply-add: three orders of the operands, six operations; FP16 in map 6
for (const [order, base] of [
  ['132', 0x90],
  ['213', 0xa0],
  ['231', 0xb0],
] as const) {
  const hex = (n: number): string => (base + n).toString(16);
  for (const [name, n] of [
    ['vfmaddsub', 6],
    ['vfmsubadd', 7],
    ['vfmadd', 8],
    ['vfmsub', 10],
    ['vfnmadd', 12],
    ['vfnmsub', 14],
  ] as const) {
    const o = name + order;
    table(`
      ${o}ps vex w0 66 0f38 ${hex(n)} Vx,Hx,Wx | evex w0 66 0f38 ${hex(n)} Vx,Hx,Wx kz b32 er
      ${o}pd vex w1 66 0f38 ${hex(n)} Vx,Hx,Wx | evex w1 66 0f38 ${hex(n)} Vx,Hx,Wx kz b64 er
      ${o}ph evex w0 66 m6 ${hex(n)} Vx,Hx,Wx kz b16 er`);
    if (n < 8) continue;
    const s = hex(n + 1);
    table(`
      ${o}ss vex w0 66 0f38 ${s} Vd,Hd,Wd | evex w0 66 0f38 ${s} Vd,Hd,Wd kz er
      ${o}sd vex w1 66 0f38 ${s} Vq,Hq,Wq | evex w1 66 0f38 ${s} Vq,Hq,Wq kz er
      ${o}sh evex w0 66 m6 ${s} Vw,Hw,Ww kz er`);
  }
}
/** AMD's FMA4: the destination is an operand of its own, and memory may be the second or third source. */
for (const [name, base] of [
  ['vfmaddsub', 0x5c],
  ['vfmsubadd', 0x5e],
  ['vfmadd', 0x68],
  ['vfmsub', 0x6c],
  ['vfnmadd', 0x78],
  ['vfnmsub', 0x7c],
] as const)
  for (const [suffix, size, n] of [
    ['ps', 'x', 0],
    ['pd', 'x', 1],
    ['ss', 'd', 2],
    ['sd', 'q', 3],
  ] as const) {
    if (n > 1 && base < 0x60) continue;
    const [v, h, w, l] = ['V', 'H', 'W', 'L'].map((letter) => letter + size);
    const code = `66 0f3a ${(base + n).toString(16)}`;
    table(`${name}${suffix} vex w0 ${code} ${v},${h},${w},${l} | vex w1 ${code} ${v},${h},${l},${w}`);
  }

// --- AVX-512's own: packed and scalar, in map 0f38 or 0f3a, with FP16 forms in map 6 or without prefix in 0f3a
/** name, opcode of packed (scalar is one above), operands before W, what follows it, attributes. */
function both(name: string, opcode: number, map: '0f38' | '0f3a', rest: string, mode: string, half: string): void {
  const p = opcode.toString(16).padStart(2, '0');
  const s = (opcode + 1).toString(16).padStart(2, '0');
  const h = ['vscalef', 'vrange', 'vfixupimm'].includes(name) ? 'Hx,' : '';
  table(`
    ${name}ps evex w0 66 ${map} ${p} Vx,${h}Wx${rest} kz b32 ${mode}
    ${name}pd evex w1 66 ${map} ${p} Vx,${h}Wx${rest} kz b64 ${mode}
    ${name}ss evex w0 66 ${map} ${s} Vd,Hd,Wd${rest} kz ${mode}
    ${name}sd evex w1 66 ${map} ${s} Vq,Hq,Wq${rest} kz ${mode}`);
  if (half === '') return;
  const to = half === 'm6' ? '66 m6' : half;
  table(`
    ${name}ph evex w0 ${to} ${p} Vx,${h}Wx${rest} kz b16 ${mode}
    ${name}sh evex w0 ${to} ${s} Vw,Hw,Ww${rest} kz ${mode}`);
}
both('vscalef', 0x2c, '0f38', '', 'er', 'm6');
both('vgetexp', 0x42, '0f38', '', 'sae', 'm6');
both('vrcp14', 0x4c, '0f38', '', '', '');
both('vrsqrt14', 0x4e, '0f38', '', '', '');
both('vgetmant', 0x26, '0f3a', ',Ib', 'sae', 'np 0f3a');
both('vrange', 0x50, '0f3a', ',Ib', 'sae', '');
both('vfixupimm', 0x54, '0f3a', ',Ib', 'sae', '');
both('vreduce', 0x56, '0f3a', ',Ib', 'sae', 'np 0f3a');
table(`
  vrcpph evex w0 66 m6 4c Vx,Wx kz b16
  vrcpsh evex w0 66 m6 4d Vw,Hw,Ww kz
  vrsqrtph evex w0 66 m6 4e Vx,Wx kz b16
  vrsqrtsh evex w0 66 m6 4f Vw,Hw,Ww kz
  vexp2ps evex l2 w0 66 0f38 c8 Vx,Wx kz b32 sae
  vexp2pd evex l2 w1 66 0f38 c8 Vx,Wx kz b64 sae
  vrcp28ps evex l2 w0 66 0f38 ca Vx,Wx kz b32 sae
  vrcp28pd evex l2 w1 66 0f38 ca Vx,Wx kz b64 sae
  vrcp28ss evex w0 66 0f38 cb Vd,Hd,Wd kz sae
  vrcp28sd evex w1 66 0f38 cb Vq,Hq,Wq kz sae
  vrsqrt28ps evex l2 w0 66 0f38 cc Vx,Wx kz b32 sae
  vrsqrt28pd evex l2 w1 66 0f38 cc Vx,Wx kz b64 sae
  vrsqrt28ss evex w0 66 0f38 cd Vd,Hd,Wd kz sae
  vrsqrt28sd evex w1 66 0f38 cd Vq,Hq,Wq kz sae
  vrndscaleps evex w0 66 0f3a 08 Vx,Wx,Ib kz b32 sae
  vrndscalepd evex w1 66 0f3a 09 Vx,Wx,Ib kz b64 sae
  vrndscaless evex w0 66 0f3a 0a Vd,Hd,Wd,Ib kz sae
  vrndscalesd evex w1 66 0f3a 0b Vq,Hq,Wq,Ib kz sae
  vrndscaleph evex w0 np 0f3a 08 Vx,Wx,Ib kz b16 sae
  vrndscalesh evex w0 np 0f3a 0a Vw,Hw,Ww,Ib kz sae
  vfpclassps evex w0 66 0f3a 66 KG,Wx,Ib k b32 att=%
  vfpclasspd evex w1 66 0f3a 66 KG,Wx,Ib k b64 att=%
  vfpclassph evex w0 np 0f3a 66 KG,Wx,Ib k b16 att=%
  vfpclassss evex w0 66 0f3a 67 KG,Wd,Ib k
  vfpclasssd evex w1 66 0f3a 67 KG,Wq,Ib k
  vfpclasssh evex w0 np 0f3a 67 KG,Ww,Ib k
  vfcmaddcph evex w0 f2 m6 56 Vx,Hx,Wx kz b32 er
  vfmaddcph evex w0 f3 m6 56 Vx,Hx,Wx kz b32 er
  vfcmaddcsh evex w0 f2 m6 57 Vd,Hd,Wd kz er
  vfmaddcsh evex w0 f3 m6 57 Vd,Hd,Wd kz er
  vfcmulcph evex w0 f2 m6 d6 Vx,Hx,Wx kz b32 er
  vfmulcph evex w0 f3 m6 d6 Vx,Hx,Wx kz b32 er
  vfcmulcsh evex w0 f2 m6 d7 Vd,Hd,Wd kz er
  vfmulcsh evex w0 f3 m6 d7 Vd,Hd,Wd kz er
  v4fmaddps evex l2 w0 f2 0f38 9a Vx,Hx,Mdq kz
  v4fmaddss evex w0 f2 0f38 9b Vd,Hd,Mdq kz
  v4fnmaddps evex l2 w0 f2 0f38 aa Vx,Hx,Mdq kz
  v4fnmaddss evex w0 f2 0f38 ab Vd,Hd,Mdq kz
  vdpbf16ps evex w0 f3 0f38 52 Vx,Hx,Wx kz b32`);
