// table
// What AMD added and dropped again: XOP, TBM, LWP (3DNow! stands with MMX).
import { table } from '../decoded.ts';

for (const [name, opcode] of [
  ['vpmacssww', '85'],
  ['vpmacsswd', '86'],
  ['vpmacssdql', '87'],
  ['vpmacssdd', '8e'],
  ['vpmacssdqh', '8f'],
  ['vpmacsww', '95'],
  ['vpmacswd', '96'],
  ['vpmacsdql', '97'],
  ['vpmacsdd', '9e'],
  ['vpmacsdqh', '9f'],
  ['vpmadcsswd', 'a6'],
  ['vpmadcswd', 'b6'],
] as const)
  table(`${name} xop l0 w0 np m8 ${opcode} Vdq,Hdq,Wdq,Ldq`);
table(`
  vpcmov xop w0 np m8 a2 Vx,Hx,Wx,Lx | xop w1 np m8 a2 Vx,Hx,Lx,Wx
  vpperm xop l0 w0 np m8 a3 Vdq,Hdq,Wdq,Ldq | xop l0 w1 np m8 a3 Vdq,Hdq,Ldq,Wdq
  vfrczps xop w0 np m9 80 Vx,Wx
  vfrczpd xop w0 np m9 81 Vx,Wx
  vfrczss xop l0 w0 np m9 82 Vd,Wd
  vfrczsd xop l0 w0 np m9 83 Vq,Wq`);
for (const [size, n] of [
  ['b', 0],
  ['w', 1],
  ['d', 2],
  ['q', 3],
] as const) {
  const hex = (base: number): string => (base + n).toString(16);
  table(`
    vprot${size} xop l0 w0 np m8 ${hex(0xc0)} Vdq,Wdq,Ib | xop l0 w0 np m9 ${hex(0x90)} Vdq,Wdq,Hdq | xop l0 w1 np m9 ${hex(0x90)} Vdq,Hdq,Wdq
    vpshl${size} xop l0 w0 np m9 ${hex(0x94)} Vdq,Wdq,Hdq | xop l0 w1 np m9 ${hex(0x94)} Vdq,Hdq,Wdq
    vpsha${size} xop l0 w0 np m9 ${hex(0x98)} Vdq,Wdq,Hdq | xop l0 w1 np m9 ${hex(0x98)} Vdq,Hdq,Wdq
    vpcom${size} xop l0 w0 np m8 ${hex(0xcc)} Vdq,Hdq,Wdq,Ib text=vpcom{com}${size}
    vpcomu${size} xop l0 w0 np m8 ${hex(0xec)} Vdq,Hdq,Wdq,Ib text=vpcom{com}u${size}`);
}
for (const [name, opcode] of [
  ['vphaddbw', 'c1'],
  ['vphaddbd', 'c2'],
  ['vphaddbq', 'c3'],
  ['vphaddwd', 'c6'],
  ['vphaddwq', 'c7'],
  ['vphadddq', 'cb'],
  ['vphaddubw', 'd1'],
  ['vphaddubd', 'd2'],
  ['vphaddubq', 'd3'],
  ['vphadduwd', 'd6'],
  ['vphadduwq', 'd7'],
  ['vphaddudq', 'db'],
  ['vphsubbw', 'e1'],
  ['vphsubwd', 'e2'],
  ['vphsubdq', 'e3'],
] as const)
  table(`${name} xop l0 w0 np m9 ${opcode} Vdq,Wdq`);
for (const [name, code] of [
  ['blcfill', '01/1'],
  ['blsfill', '01/2'],
  ['blcs', '01/3'],
  ['tzmsk', '01/4'],
  ['blcic', '01/5'],
  ['blsic', '01/6'],
  ['t1mskc', '01/7'],
  ['blcmsk', '02/1'],
  ['blci', '02/6'],
] as const)
  table(`${name} xop l0 np m9 ${code} By,Ey`);
table(`
  llwpcb xop l0 np m9 12/0 Ry
  slwpcb xop l0 np m9 12/1 Ry
  bextr xop l0 np ma 10 Gy,Ey,Id
  lwpins xop l0 np ma 12/0 By,Ed,Id
  lwpval xop l0 np ma 12/1 By,Ed,Id
  vpermil2ps vex w0 66 0f3a 48 Vx,Hx,Wx,Lx,Ib | vex w1 66 0f3a 48 Vx,Hx,Lx,Wx,Ib
  vpermil2pd vex w0 66 0f3a 49 Vx,Hx,Wx,Lx,Ib | vex w1 66 0f3a 49 Vx,Hx,Lx,Wx,Ib`);
