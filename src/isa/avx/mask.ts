// table
// Mask registers of AVX-512, tiles of AMX, and what VEX brings to general registers: BMI1, BMI2, CMPccXADD.

import { table } from '../decoded.ts';
import { op } from '../op.ts';

/** Element sizes by prefix and W. */
const SIZES = [
  ['w', 'w0 np', 'w'],
  ['b', 'w0 66', 'b'],
  ['q', 'w1 np', 'q'],
  ['d', 'w1 66', 'd'],
] as const;
for (const [size, code, memory] of SIZES) {
  table(`
    kand${size} vex l1 ${code} 0f 41 KG,KH,KR
    kandn${size} vex l1 ${code} 0f 42 KG,KH,KR
    knot${size} vex l0 ${code} 0f 44 KG,KR
    kor${size} vex l1 ${code} 0f 45 KG,KH,KR
    kxnor${size} vex l1 ${code} 0f 46 KG,KH,KR
    kxor${size} vex l1 ${code} 0f 47 KG,KH,KR
    kadd${size} vex l1 ${code} 0f 4a KG,KH,KR
    kmov${size} vex l0 ${code} 0f 90 KG,KE${memory} | vex l0 ${code} 0f 91 M${memory},KG
    kortest${size} vex l0 ${code} 0f 98 KG,KR
    ktest${size} vex l0 ${code} 0f 99 KG,KR`);
}
for (const [size, code, register] of [
  ['w', 'w0 np', 'd'],
  ['b', 'w0 66', 'd'],
  ['d', 'w0 f2', 'd'],
  ['q', 'w1 f2', 'q'],
] as const)
  table(`kmov${size} vex l0 ${code} 0f 92 KG,R${register} | vex l0 ${code} 0f 93 G${register},KR`);
for (const [size, w, n] of [
  ['b', 'w0', 0],
  ['w', 'w1', 0],
  ['d', 'w0', 1],
  ['q', 'w1', 1],
] as const)
  table(`
    kshiftr${size} vex l0 ${w} 66 0f3a 3${n} KG,KR,Ib
    kshiftl${size} vex l0 ${w} 66 0f3a 3${n + 2} KG,KR,Ib`);
table(`
  kunpckbw vex l1 w0 66 0f 4b KG,KH,KR
  kunpckwd vex l1 w0 np 0f 4b KG,KH,KR
  kunpckdq vex l1 w1 np 0f 4b KG,KH,KR

  andn vex l0 np 0f38 f2 Gy,By,Ey
  blsr vex l0 np 0f38 f3/1 By,Ey
  blsmsk vex l0 np 0f38 f3/2 By,Ey
  blsi vex l0 np 0f38 f3/3 By,Ey
  bzhi vex l0 np 0f38 f5 Gy,Ey,By
  pext vex l0 f3 0f38 f5 Gy,By,Ey
  pdep vex l0 f2 0f38 f5 Gy,By,Ey
  mulx vex l0 f2 0f38 f6 Gy,By,Ey
  bextr vex l0 np 0f38 f7 Gy,Ey,By
  shlx vex l0 66 0f38 f7 Gy,Ey,By
  sarx vex l0 f3 0f38 f7 Gy,Ey,By
  shrx vex l0 f2 0f38 f7 Gy,Ey,By
  rorx vex l0 f2 0f3a f0 Gy,Ey,Ib

  ldtilecfg vex l0 w0 np 0f38 49/0 Mnone o64
  sttilecfg vex l0 w0 66 0f38 49/0 Mnone o64
  tilerelease vex l0 w0 np 0f38 49:c0 o64
  tilezero vex l0 w0 f2 0f38 49 TG o64
  tileloadd vex l0 w0 f2 0f38 4b TG,Mnone o64 sib
  tileloaddt1 vex l0 w0 66 0f38 4b TG,Mnone o64 sib
  tilestored vex l0 w0 f3 0f38 4b Mnone,TG o64 sib
  tdpbf16ps vex l0 w0 f3 0f38 5c TG,TR,TH o64
  tdpfp16ps vex l0 w0 f2 0f38 5c TG,TR,TH o64
  tdpbssd vex l0 w0 f2 0f38 5e TG,TR,TH o64
  tdpbsud vex l0 w0 f3 0f38 5e TG,TR,TH o64
  tdpbusd vex l0 w0 66 0f38 5e TG,TR,TH o64
  tdpbuud vex l0 w0 np 0f38 5e TG,TR,TH o64`);
op('cmpxadd', { enc: ['vex l0 66 0f38 e0 My,Gy,By o64 jcc'], att: 'cmp{cc}xadd', intel: 'cmp{cc}xadd' });
