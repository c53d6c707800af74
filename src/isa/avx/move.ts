// table
// Moves, broadcasts, inserts and extracts, gathers and scatters, masked moves.
import { table } from '../decoded.ts';

for (const [name, pp, w, load, store] of [
  ['vmovups', 'np', 'w0', '10', '11'],
  ['vmovupd', '66', 'w1', '10', '11'],
  ['vmovaps', 'np', 'w0', '28', '29'],
  ['vmovapd', '66', 'w1', '28', '29'],
] as const)
  table(
    `${name} vex ${pp} 0f ${load} Vx,Wx | vex ${pp} 0f ${store} Wx,Vx | evex ${w} ${pp} 0f ${load} Vx,Wx kz | evex ${w} ${pp} 0f ${store} Wx,Vx kz`,
  );
for (const [name, pp, w, size] of [
  ['vmovss', 'f3', 'w0', 'd'],
  ['vmovsd', 'f2', 'w1', 'q'],
] as const) {
  const [v, h, u, m] = ['V', 'H', 'U', 'M'].map((letter) => letter + size);
  table(`
    ${name} vex ${pp} 0f 10 ${v},${m} | vex ${pp} 0f 10 ${v},${h},${u} | vex ${pp} 0f 11 ${m},${v} | vex ${pp} 0f 11 ${u},${h},${v}
    ${name} evex ${w} ${pp} 0f 10 ${v},${m} kz | evex ${w} ${pp} 0f 10 ${v},${h},${u} kz
    ${name} evex ${w} ${pp} 0f 11 ${m},${v} k | evex ${w} ${pp} 0f 11 ${u},${h},${v} kz`);
}
table(`
  vmovsh evex w0 f3 m5 10 Vw,Mw kz | evex w0 f3 m5 10 Vw,Hw,Uw kz | evex w0 f3 m5 11 Mw,Vw k | evex w0 f3 m5 11 Uw,Hw,Vw kz
  vmovw evex l0 66 m5 6e Vx,Rd | evex l0 66 m5 6e Vx,Mw | evex l0 66 m5 7e Rd,Vx | evex l0 66 m5 7e Mw,Vx
  vmovlps vex l0 np 0f 12 Vx,Hx,Mq | vex l0 np 0f 13 Mq,Vx | evex l0 w0 np 0f 12 Vx,Hx,Mq | evex l0 w0 np 0f 13 Mq,Vx
  vmovlpd vex l0 66 0f 12 Vx,Hx,Mq | vex l0 66 0f 13 Mq,Vx | evex l0 w1 66 0f 12 Vx,Hx,Mq | evex l0 w1 66 0f 13 Mq,Vx
  vmovhlps vex l0 np 0f 12 Vx,Hx,Ux | evex l0 w0 np 0f 12 Vx,Hx,Ux
  vmovhps vex l0 np 0f 16 Vx,Hx,Mq | vex l0 np 0f 17 Mq,Vx | evex l0 w0 np 0f 16 Vx,Hx,Mq | evex l0 w0 np 0f 17 Mq,Vx
  vmovhpd vex l0 66 0f 16 Vx,Hx,Mq | vex l0 66 0f 17 Mq,Vx | evex l0 w1 66 0f 16 Vx,Hx,Mq | evex l0 w1 66 0f 17 Mq,Vx
  vmovlhps vex l0 np 0f 16 Vx,Hx,Ux | evex l0 w0 np 0f 16 Vx,Hx,Ux
  vmovddup vex l0 f2 0f 12 Vx,Wq | vex l1 f2 0f 12 Vx,Wx | evex l0 w1 f2 0f 12 Vx,Wq kz | evex w1 f2 0f 12 Vx,Wx kz
  vmovsldup vex f3 0f 12 Vx,Wx | evex w0 f3 0f 12 Vx,Wx kz
  vmovshdup vex f3 0f 16 Vx,Wx | evex w0 f3 0f 16 Vx,Wx kz
  vmovdqa vex 66 0f 6f Vx,Wx | vex 66 0f 7f Wx,Vx
  vmovdqu vex f3 0f 6f Vx,Wx | vex f3 0f 7f Wx,Vx
  vmovdqa32 evex w0 66 0f 6f Vx,Wx kz | evex w0 66 0f 7f Wx,Vx kz
  vmovdqa64 evex w1 66 0f 6f Vx,Wx kz | evex w1 66 0f 7f Wx,Vx kz
  vmovdqu32 evex w0 f3 0f 6f Vx,Wx kz | evex w0 f3 0f 7f Wx,Vx kz
  vmovdqu64 evex w1 f3 0f 6f Vx,Wx kz | evex w1 f3 0f 7f Wx,Vx kz
  vmovdqu8 evex w0 f2 0f 6f Vx,Wx kz | evex w0 f2 0f 7f Wx,Vx kz
  vmovdqu16 evex w1 f2 0f 6f Vx,Wx kz | evex w1 f2 0f 7f Wx,Vx kz
  vmovd vex l0 w0 66 0f 6e Vx,Ed | vex l0 w0 66 0f 7e Ed,Vx | evex l0 w0 66 0f 6e Vx,Ed | evex l0 w0 66 0f 7e Ed,Vx
  vmovq vex l0 w1 66 0f 6e Vx,Eq | vex l0 w1 66 0f 7e Eq,Vx | evex l0 w1 66 0f 6e Vx,Eq | evex l0 w1 66 0f 7e Eq,Vx
  vmovq vex l0 f3 0f 7e Vx,Wq | vex l0 66 0f d6 Wq,Vx | evex l0 w1 f3 0f 7e Vx,Wq | evex l0 w1 66 0f d6 Wq,Vx
  vmovntps vex np 0f 2b Mx,Vx | evex w0 np 0f 2b Mx,Vx
  vmovntpd vex 66 0f 2b Mx,Vx | evex w1 66 0f 2b Mx,Vx
  vmovntdq vex 66 0f e7 Mx,Vx | evex w0 66 0f e7 Mx,Vx
  vmovntdqa vex 66 0f38 2a Vx,Mx | evex w0 66 0f38 2a Vx,Mx
  vlddqu vex f2 0f f0 Vx,Mx
  vmovmskps vex np 0f 50 Gy,Ux
  vmovmskpd vex 66 0f 50 Gy,Ux
  vpmovmskb vex 66 0f d7 Gy,Ux
  vmaskmovdqu vex l0 66 0f f7 Vx,Ux
  vldmxcsr vex l0 np 0f ae/2 Md
  vstmxcsr vex l0 np 0f ae/3 Md
  vzeroupper vex l0 np 0f 77
  vzeroall vex l1 np 0f 77

  vbroadcastss vex w0 66 0f38 18 Vx,Wd | evex w0 66 0f38 18 Vx,Wd kz
  vbroadcastsd vex l1 w0 66 0f38 19 Vx,Wq | evex l1 w1 66 0f38 19 Vx,Wq kz | evex l2 w1 66 0f38 19 Vx,Wq kz
  vbroadcastf32x2 evex l1 w0 66 0f38 19 Vx,Wq kz | evex l2 w0 66 0f38 19 Vx,Wq kz
  vbroadcastf128 vex l1 w0 66 0f38 1a Vx,Mdq
  vbroadcastf32x4 evex l1 w0 66 0f38 1a Vx,Mdq kz | evex l2 w0 66 0f38 1a Vx,Mdq kz
  vbroadcastf64x2 evex l1 w1 66 0f38 1a Vx,Mdq kz | evex l2 w1 66 0f38 1a Vx,Mdq kz
  vbroadcastf32x8 evex l2 w0 66 0f38 1b Vx,Mqq kz
  vbroadcastf64x4 evex l2 w1 66 0f38 1b Vx,Mqq kz
  vpbroadcastb vex w0 66 0f38 78 Vx,Wb | evex w0 66 0f38 78 Vx,Wb kz | evex w0 66 0f38 7a Vx,Rd kz
  vpbroadcastw vex w0 66 0f38 79 Vx,Ww | evex w0 66 0f38 79 Vx,Ww kz | evex w0 66 0f38 7b Vx,Rd kz
  vpbroadcastd vex w0 66 0f38 58 Vx,Wd | evex w0 66 0f38 58 Vx,Wd kz | evex w0 66 0f38 7c Vx,Rd kz
  vpbroadcastq vex w0 66 0f38 59 Vx,Wq | evex w1 66 0f38 59 Vx,Wq kz | evex w1 66 0f38 7c Vx,Rq kz
  vbroadcasti32x2 evex w0 66 0f38 59 Vx,Wq kz
  vbroadcasti128 vex l1 w0 66 0f38 5a Vx,Mdq
  vbroadcasti32x4 evex l1 w0 66 0f38 5a Vx,Mdq kz | evex l2 w0 66 0f38 5a Vx,Mdq kz
  vbroadcasti64x2 evex l1 w1 66 0f38 5a Vx,Mdq kz | evex l2 w1 66 0f38 5a Vx,Mdq kz
  vbroadcasti32x8 evex l2 w0 66 0f38 5b Vx,Mqq kz
  vbroadcasti64x4 evex l2 w1 66 0f38 5b Vx,Mqq kz
  vpbroadcastmb2q evex w1 f3 0f38 2a Vx,KR
  vpbroadcastmw2d evex w0 f3 0f38 3a Vx,KR

  vinsertf128 vex l1 w0 66 0f3a 18 Vx,Hx,Wdq,Ib
  vextractf128 vex l1 w0 66 0f3a 19 Wdq,Vx,Ib
  vinserti128 vex l1 w0 66 0f3a 38 Vx,Hx,Wdq,Ib
  vextracti128 vex l1 w0 66 0f3a 39 Wdq,Vx,Ib`);
for (const [kind, insert, w, size, lengths] of [
  ['f32x4', 0x18, 'w0', 'dq', ['l1', 'l2']],
  ['f64x2', 0x18, 'w1', 'dq', ['l1', 'l2']],
  ['f32x8', 0x1a, 'w0', 'qq', ['l2']],
  ['f64x4', 0x1a, 'w1', 'qq', ['l2']],
  ['i32x4', 0x38, 'w0', 'dq', ['l1', 'l2']],
  ['i64x2', 0x38, 'w1', 'dq', ['l1', 'l2']],
  ['i32x8', 0x3a, 'w0', 'qq', ['l2']],
  ['i64x4', 0x3a, 'w1', 'qq', ['l2']],
] as const) {
  const forms = (opcode: number, operands: string): string =>
    lengths.map((l) => `evex ${l} ${w} 66 0f3a ${opcode.toString(16)} ${operands} kz`).join(' | ');
  table(`
    vinsert${kind} ${forms(insert, `Vx,Hx,W${size},Ib`)}
    vextract${kind} ${forms(insert + 1, `W${size},Vx,Ib`)}`);
}
table(`
  vpinsrb vex l0 66 0f3a 20 Vx,Hx,Rd,Ib | vex l0 66 0f3a 20 Vx,Hx,Mb,Ib | evex l0 66 0f3a 20 Vx,Hx,Rd,Ib | evex l0 66 0f3a 20 Vx,Hx,Mb,Ib
  vpinsrw vex l0 66 0f c4 Vx,Hx,Rd,Ib | vex l0 66 0f c4 Vx,Hx,Mw,Ib | evex l0 66 0f c4 Vx,Hx,Rd,Ib | evex l0 66 0f c4 Vx,Hx,Mw,Ib
  vpinsrd vex l0 w0 66 0f3a 22 Vx,Hx,Ed,Ib | evex l0 w0 66 0f3a 22 Vx,Hx,Ed,Ib
  vpinsrq vex l0 w1 66 0f3a 22 Vx,Hx,Eq,Ib | evex l0 w1 66 0f3a 22 Vx,Hx,Eq,Ib
  vinsertps vex l0 66 0f3a 21 Vx,Hx,Wd,Ib | evex l0 w0 66 0f3a 21 Vx,Hx,Wd,Ib
  vpextrb vex l0 66 0f3a 14 Rd,Vx,Ib | vex l0 66 0f3a 14 Mb,Vx,Ib | evex l0 66 0f3a 14 Rd,Vx,Ib | evex l0 66 0f3a 14 Mb,Vx,Ib
  vpextrw vex l0 66 0f3a 15 Rd,Vx,Ib | vex l0 66 0f3a 15 Mw,Vx,Ib | evex l0 66 0f3a 15 Rd,Vx,Ib | evex l0 66 0f3a 15 Mw,Vx,Ib
  vpextrw vex l0 66 0f c5 Gd,Ux,Ib | evex l0 66 0f c5 Gd,Ux,Ib
  vpextrd vex l0 w0 66 0f3a 16 Ed,Vx,Ib | evex l0 w0 66 0f3a 16 Ed,Vx,Ib
  vpextrq vex l0 w1 66 0f3a 16 Eq,Vx,Ib | evex l0 w1 66 0f3a 16 Eq,Vx,Ib
  vextractps vex l0 66 0f3a 17 Ed,Vx,Ib | evex l0 66 0f3a 17 Ed,Vx,Ib

  vmaskmovps vex w0 66 0f38 2c Vx,Hx,Mx | vex w0 66 0f38 2e Mx,Hx,Vx
  vmaskmovpd vex w0 66 0f38 2d Vx,Hx,Mx | vex w0 66 0f38 2f Mx,Hx,Vx
  vpmaskmovd vex w0 66 0f38 8c Vx,Hx,Mx | vex w0 66 0f38 8e Mx,Hx,Vx
  vpmaskmovq vex w1 66 0f38 8c Vx,Hx,Mx | vex w1 66 0f38 8e Mx,Hx,Vx
  vexpandps evex w0 66 0f38 88 Vx,Ux kz | evex w0 66 0f38 88 Vx,Md kz
  vexpandpd evex w1 66 0f38 88 Vx,Ux kz | evex w1 66 0f38 88 Vx,Mq kz
  vpexpandd evex w0 66 0f38 89 Vx,Ux kz | evex w0 66 0f38 89 Vx,Md kz
  vpexpandq evex w1 66 0f38 89 Vx,Ux kz | evex w1 66 0f38 89 Vx,Mq kz
  vpexpandb evex w0 66 0f38 62 Vx,Ux kz | evex w0 66 0f38 62 Vx,Mb kz
  vpexpandw evex w1 66 0f38 62 Vx,Ux kz | evex w1 66 0f38 62 Vx,Mw kz
  vcompressps evex w0 66 0f38 8a Ux,Vx kz | evex w0 66 0f38 8a Md,Vx k
  vcompresspd evex w1 66 0f38 8a Ux,Vx kz | evex w1 66 0f38 8a Mq,Vx k
  vpcompressd evex w0 66 0f38 8b Ux,Vx kz | evex w0 66 0f38 8b Md,Vx k
  vpcompressq evex w1 66 0f38 8b Ux,Vx kz | evex w1 66 0f38 8b Mq,Vx k
  vpcompressb evex w0 66 0f38 63 Ux,Vx kz | evex w0 66 0f38 63 Mb,Vx k
  vpcompressw evex w1 66 0f38 63 Ux,Vx kz | evex w1 66 0f38 63 Mw,Vx k`);

/** Gathers and scatters by index and element size: data and index vectors are as long as their elements let them be. */
for (const [index, element, opcode, w, data, vsib, memory] of [
  ['d', 'd', 0x90, 'w0', 'x', 'x', 'd'],
  ['d', 'q', 0x90, 'w1', 'x', 'hx', 'q'],
  ['q', 'd', 0x91, 'w0', 'hx', 'x', 'd'],
  ['q', 'q', 0x91, 'w1', 'x', 'x', 'q'],
  ['d', 'ps', 0x92, 'w0', 'x', 'x', 'd'],
  ['d', 'pd', 0x92, 'w1', 'x', 'hx', 'q'],
  ['q', 'ps', 0x93, 'w0', 'hx', 'x', 'd'],
  ['q', 'pd', 0x93, 'w1', 'x', 'x', 'q'],
] as const) {
  const p = element.length === 1 ? 'p' : '';
  const [gather, scatter] = [opcode, opcode + 0x10].map((n) => `66 0f38 ${n.toString(16)}`);
  table(`
    v${p}gather${index}${element} vex ${w} ${gather} V${data},M${memory},H${data} vsib=${vsib} | evex ${w} ${gather} V${data},M${memory} k! vsib=${vsib}
    v${p}scatter${index}${element} evex ${w} ${scatter} M${memory},V${data} k! vsib=${vsib}`);
  if (p) continue;
  const prefetch = (n: number): string =>
    `evex l2 ${w} 66 0f38 ${index === 'd' ? 'c6' : 'c7'}/${n} M${memory} k! vsib=${vsib}`;
  table(`
    vgatherpf0${index}${element} ${prefetch(1)}
    vgatherpf1${index}${element} ${prefetch(2)}
    vscatterpf0${index}${element} ${prefetch(5)}
    vscatterpf1${index}${element} ${prefetch(6)}`);
}
