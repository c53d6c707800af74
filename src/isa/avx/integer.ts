// table
// Packed integers: arithmetic, comparison, shifts, shuffles, bits.
import { pair, plainPair, table } from '../decoded.ts';

/** Bytes and words: without broadcast, W ignored. */
for (const line of `
  vpunpcklbw 0f 60, vpunpcklwd 0f 61, vpacksswb 0f 63, vpackuswb 0f 67, vpunpckhbw 0f 68, vpunpckhwd 0f 69, vpmullw 0f d5, vpsubusb 0f d8, vpsubusw 0f d9,
  vpminub 0f da, vpaddusb 0f dc, vpaddusw 0f dd, vpmaxub 0f de, vpavgb 0f e0, vpavgw 0f e3, vpmulhuw 0f e4, vpmulhw 0f e5, vpsubsb 0f e8, vpsubsw 0f e9, vpminsw 0f ea,
  vpaddsb 0f ec, vpaddsw 0f ed, vpmaxsw 0f ee, vpmaddwd 0f f5, vpsubb 0f f8, vpsubw 0f f9, vpaddb 0f fc, vpaddw 0f fd,
  vpshufb 0f38 00, vpmaddubsw 0f38 04, vpmulhrsw 0f38 0b, vpminsb 0f38 38, vpminuw 0f38 3a, vpmaxsb 0f38 3c, vpmaxuw 0f38 3e`
  .trim()
  .split(/,\s+/)) {
  const [name, code] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
  table(`${name} vex 66 ${code} Vx,Hx,Wx | evex 66 ${code} Vx,Hx,Wx kz`);
}
table(`
  vdbpsadbw evex w0 66 0f3a 42 Vx,Hx,Wx,Ib kz
  vpsadbw vex 66 0f f6 Vx,Hx,Wx | evex 66 0f f6 Vx,Hx,Wx
  vpalignr vex 66 0f3a 0f Vx,Hx,Wx,Ib | evex 66 0f3a 0f Vx,Hx,Wx,Ib kz
  vpabsb vex 66 0f38 1c Vx,Wx | evex 66 0f38 1c Vx,Wx kz
  vpabsw vex 66 0f38 1d Vx,Wx | evex 66 0f38 1d Vx,Wx kz
  vpabsd vex 66 0f38 1e Vx,Wx | evex w0 66 0f38 1e Vx,Wx kz b32
  vpabsq evex w1 66 0f38 1f Vx,Wx kz b64`);
for (const [name, map, opcode] of [
  ['vpunpckldq', '0f', '62'],
  ['vpunpckhdq', '0f', '6a'],
  ['vpackssdw', '0f', '6b'],
  ['vpsubd', '0f', 'fa'],
  ['vpaddd', '0f', 'fe'],
  ['vpackusdw', '0f38', '2b'],
  ['vpminsd', '0f38', '39'],
  ['vpminud', '0f38', '3b'],
  ['vpmaxsd', '0f38', '3d'],
  ['vpmaxud', '0f38', '3f'],
  ['vpmulld', '0f38', '40'],
] as const)
  table(`${name} vex 66 ${map} ${opcode} Vx,Hx,Wx | evex w0 66 ${map} ${opcode} Vx,Hx,Wx kz b32`);
for (const [name, map, opcode] of [
  ['vpunpcklqdq', '0f', '6c'],
  ['vpunpckhqdq', '0f', '6d'],
  ['vpaddq', '0f', 'd4'],
  ['vpmuludq', '0f', 'f4'],
  ['vpsubq', '0f', 'fb'],
  ['vpmuldq', '0f38', '28'],
] as const)
  table(`${name} vex 66 ${map} ${opcode} Vx,Hx,Wx | evex w1 66 ${map} ${opcode} Vx,Hx,Wx kz b64`);
for (const [name, opcode] of [
  ['vpminsq', '39'],
  ['vpminuq', '3b'],
  ['vpmaxsq', '3d'],
  ['vpmaxuq', '3f'],
  ['vpmullq', '40'],
] as const)
  table(`${name} evex w1 66 0f38 ${opcode} Vx,Hx,Wx kz b64`);
for (const [name, opcode] of [
  ['vpand', 'db'],
  ['vpandn', 'df'],
  ['vpor', 'eb'],
  ['vpxor', 'ef'],
] as const) {
  table(`${name} vex 66 0f ${opcode} Vx,Hx,Wx`);
  pair(`${name}d`, `${name}q`, `66 0f ${opcode} Vx,Hx,Wx kz`);
}
table(`
  vphaddw vex 66 0f38 01 Vx,Hx,Wx
  vphaddd vex 66 0f38 02 Vx,Hx,Wx
  vphaddsw vex 66 0f38 03 Vx,Hx,Wx
  vphsubw vex 66 0f38 05 Vx,Hx,Wx
  vphsubd vex 66 0f38 06 Vx,Hx,Wx
  vphsubsw vex 66 0f38 07 Vx,Hx,Wx
  vpsignb vex 66 0f38 08 Vx,Hx,Wx
  vpsignw vex 66 0f38 09 Vx,Hx,Wx
  vpsignd vex 66 0f38 0a Vx,Hx,Wx
  vphminposuw vex l0 66 0f38 41 Vx,Wx
  vmpsadbw vex 66 0f3a 42 Vx,Hx,Wx,Ib
  vptest vex 66 0f38 17 Vx,Wx
  vtestps vex w0 66 0f38 0e Vx,Wx
  vtestpd vex w0 66 0f38 0f Vx,Wx
  vpcmpestrm vex l0 66 0f3a 60 Vx,Wx,Ib text=$|$|$q
  vpcmpestri vex l0 66 0f3a 61 Vx,Wx,Ib text=$|$|$q
  vpcmpistrm vex l0 66 0f3a 62 Vx,Wx,Ib
  vpcmpistri vex l0 66 0f3a 63 Vx,Wx,Ib`);

// --- comparisons: to a mask of bits in AVX-512
for (const [name, map, opcode, evex, more] of [
  ['vpcmpgtb', '0f', '64', '', ''],
  ['vpcmpgtw', '0f', '65', '', ''],
  ['vpcmpgtd', '0f', '66', 'w0 ', ' b32'],
  ['vpcmpeqb', '0f', '74', '', ''],
  ['vpcmpeqw', '0f', '75', '', ''],
  ['vpcmpeqd', '0f', '76', 'w0 ', ' b32'],
  ['vpcmpeqq', '0f38', '29', 'w1 ', ' b64'],
  ['vpcmpgtq', '0f38', '37', 'w1 ', ' b64'],
] as const)
  table(`${name} vex 66 ${map} ${opcode} Vx,Hx,Wx | evex ${evex}66 ${map} ${opcode} KG,Hx,Wx k${more}`);
for (const [element, w, opcode, more] of [
  ['ud', 'w0', '1e', ' b32'],
  ['uq', 'w1', '1e', ' b64'],
  ['d', 'w0', '1f', ' b32'],
  ['q', 'w1', '1f', ' b64'],
  ['ub', 'w0', '3e', ''],
  ['uw', 'w1', '3e', ''],
  ['b', 'w0', '3f', ''],
  ['w', 'w1', '3f', ''],
] as const)
  table(`vpcmp${element} evex ${w} 66 0f3a ${opcode} KG,Hx,Wx,Ib k${more} text=vpcmp{int}${element}`);
plainPair('vptestmb', 'vptestmw', '66 0f38 26 KG,Hx,Wx k');
plainPair('vptestnmb', 'vptestnmw', 'f3 0f38 26 KG,Hx,Wx k');
pair('vptestmd', 'vptestmq', '66 0f38 27 KG,Hx,Wx k');
pair('vptestnmd', 'vptestnmq', 'f3 0f38 27 KG,Hx,Wx k');
pair('vp2intersectd', 'vp2intersectq', 'f2 0f38 68 KG,Hx,Wx');
plainPair('vpmovm2b', 'vpmovm2w', 'f3 0f38 28 Vx,KR');
plainPair('vpmovm2d', 'vpmovm2q', 'f3 0f38 38 Vx,KR');
plainPair('vpmovb2m', 'vpmovw2m', 'f3 0f38 29 KG,Ux');
plainPair('vpmovd2m', 'vpmovq2m', 'f3 0f38 39 KG,Ux');
table('vpshufbitqmb evex w0 66 0f38 8f KG,Hx,Wx k');

// --- shifts and rotates
for (const [name, opcode, w] of [
  ['vpsrlw', 'd1', ''],
  ['vpsrld', 'd2', 'w0 '],
  ['vpsrlq', 'd3', 'w1 '],
  ['vpsraw', 'e1', ''],
  ['vpsrad', 'e2', 'w0 '],
  ['vpsllw', 'f1', ''],
  ['vpslld', 'f2', 'w0 '],
  ['vpsllq', 'f3', 'w1 '],
] as const)
  table(`${name} vex 66 0f ${opcode} Vx,Hx,Wdq | evex ${w}66 0f ${opcode} Vx,Hx,Wdq kz`);
for (const [name, code, w, more] of [
  ['vpsrlw', '71/2', '', ''],
  ['vpsraw', '71/4', '', ''],
  ['vpsllw', '71/6', '', ''],
  ['vpsrld', '72/2', 'w0 ', ' b32'],
  ['vpsrad', '72/4', 'w0 ', ' b32'],
  ['vpslld', '72/6', 'w0 ', ' b32'],
  ['vpsrlq', '73/2', 'w1 ', ' b64'],
  ['vpsllq', '73/6', 'w1 ', ' b64'],
] as const)
  table(`${name} vex 66 0f ${code} Hx,Ux,Ib | evex ${w}66 0f ${code} Hx,Wx,Ib kz${more}`);
table(`
  vpsrldq vex 66 0f 73/3 Hx,Ux,Ib | evex 66 0f 73/3 Hx,Wx,Ib
  vpslldq vex 66 0f 73/7 Hx,Ux,Ib | evex 66 0f 73/7 Hx,Wx,Ib
  vpsraq evex w1 66 0f e2 Vx,Hx,Wdq kz | evex w1 66 0f 72/4 Hx,Wx,Ib kz b64
  vpsravd vex w0 66 0f38 46 Vx,Hx,Wx
  vpsrlvw evex w1 66 0f38 10 Vx,Hx,Wx kz
  vpsravw evex w1 66 0f38 11 Vx,Hx,Wx kz
  vpsllvw evex w1 66 0f38 12 Vx,Hx,Wx kz
  vpshldw evex w1 66 0f3a 70 Vx,Hx,Wx,Ib kz
  vpshrdw evex w1 66 0f3a 72 Vx,Hx,Wx,Ib kz
  vpshldvw evex w1 66 0f38 70 Vx,Hx,Wx kz
  vpshrdvw evex w1 66 0f38 72 Vx,Hx,Wx kz`);
for (const [name, opcode] of [
  ['vpsrlv', '45'],
  ['vpsllv', '47'],
] as const)
  table(`${name}d vex w0 66 0f38 ${opcode} Vx,Hx,Wx\n${name}q vex w1 66 0f38 ${opcode} Vx,Hx,Wx`);
pair('vprord', 'vprorq', '66 0f 72/0 Hx,Wx,Ib kz');
pair('vprold', 'vprolq', '66 0f 72/1 Hx,Wx,Ib kz');
for (const [name, opcode] of [
  ['vprorv', '14'],
  ['vprolv', '15'],
  ['vpsrlv', '45'],
  ['vpsrav', '46'],
  ['vpsllv', '47'],
  ['vpblendm', '64'],
  ['vpshldv', '71'],
  ['vpshrdv', '73'],
  ['vpermi2', '76'],
  ['vpermt2', '7e'],
] as const)
  pair(`${name}d`, `${name}q`, `66 0f38 ${opcode} Vx,Hx,Wx kz`);
pair('vpshldd', 'vpshldq', '66 0f3a 71 Vx,Hx,Wx,Ib kz');
pair('vpshrdd', 'vpshrdq', '66 0f3a 73 Vx,Hx,Wx,Ib kz');
pair('valignd', 'valignq', '66 0f3a 03 Vx,Hx,Wx,Ib kz');
pair('vpternlogd', 'vpternlogq', '66 0f3a 25 Vx,Hx,Wx,Ib kz');

// --- shuffles and blends
table(`
  vpshufd vex 66 0f 70 Vx,Wx,Ib | evex w0 66 0f 70 Vx,Wx,Ib kz b32
  vpshufhw vex f3 0f 70 Vx,Wx,Ib | evex f3 0f 70 Vx,Wx,Ib kz
  vpshuflw vex f2 0f 70 Vx,Wx,Ib | evex f2 0f 70 Vx,Wx,Ib kz
  vpermilps vex w0 66 0f38 0c Vx,Hx,Wx | vex w0 66 0f3a 04 Vx,Wx,Ib | evex w0 66 0f38 0c Vx,Hx,Wx kz b32 | evex w0 66 0f3a 04 Vx,Wx,Ib kz b32
  vpermilpd vex w0 66 0f38 0d Vx,Hx,Wx | vex w0 66 0f3a 05 Vx,Wx,Ib | evex w1 66 0f38 0d Vx,Hx,Wx kz b64 | evex w1 66 0f3a 05 Vx,Wx,Ib kz b64
  vpermps vex l1 w0 66 0f38 16 Vx,Hx,Wx
  vpermd vex l1 w0 66 0f38 36 Vx,Hx,Wx
  vpermq vex l1 w1 66 0f3a 00 Vx,Wx,Ib | evex l1 w1 66 0f3a 00 Vx,Wx,Ib kz b64 | evex l2 w1 66 0f3a 00 Vx,Wx,Ib kz b64
  vpermpd vex l1 w1 66 0f3a 01 Vx,Wx,Ib | evex l1 w1 66 0f3a 01 Vx,Wx,Ib kz b64 | evex l2 w1 66 0f3a 01 Vx,Wx,Ib kz b64
  vperm2f128 vex l1 w0 66 0f3a 06 Vx,Hx,Wx,Ib
  vperm2i128 vex l1 w0 66 0f3a 46 Vx,Hx,Wx,Ib
  vblendps vex 66 0f3a 0c Vx,Hx,Wx,Ib
  vblendpd vex 66 0f3a 0d Vx,Hx,Wx,Ib
  vpblendw vex 66 0f3a 0e Vx,Hx,Wx,Ib
  vpblendd vex w0 66 0f3a 02 Vx,Hx,Wx,Ib
  vblendvps vex w0 66 0f3a 4a Vx,Hx,Wx,Lx
  vblendvpd vex w0 66 0f3a 4b Vx,Hx,Wx,Lx
  vpblendvb vex w0 66 0f3a 4c Vx,Hx,Wx,Lx
  vpmultishiftqb evex w1 66 0f38 83 Vx,Hx,Wx kz b64`);
pair('vblendmps', 'vblendmpd', '66 0f38 65 Vx,Hx,Wx kz');
plainPair('vpblendmb', 'vpblendmw', '66 0f38 66 Vx,Hx,Wx kz');
pair('vpermi2ps', 'vpermi2pd', '66 0f38 77 Vx,Hx,Wx kz');
pair('vpermt2ps', 'vpermt2pd', '66 0f38 7f Vx,Hx,Wx kz');
plainPair('vpermi2b', 'vpermi2w', '66 0f38 75 Vx,Hx,Wx kz');
plainPair('vpermt2b', 'vpermt2w', '66 0f38 7d Vx,Hx,Wx kz');
plainPair('vpermb', 'vpermw', '66 0f38 8d Vx,Hx,Wx kz');
for (const l of ['l1', 'l2']) {
  const across = (narrow: string, wide: string, rest: string): void =>
    table(`${narrow} evex ${l} w0 ${rest} b32\n${wide} evex ${l} w1 ${rest} b64`);
  across('vpermps', 'vpermpd', '66 0f38 16 Vx,Hx,Wx kz');
  across('vpermd', 'vpermq', '66 0f38 36 Vx,Hx,Wx kz');
  across('vshuff32x4', 'vshuff64x2', '66 0f3a 23 Vx,Hx,Wx,Ib kz');
  across('vshufi32x4', 'vshufi64x2', '66 0f3a 43 Vx,Hx,Wx,Ib kz');
}

// --- bits and dot products
pair('vplzcntd', 'vplzcntq', '66 0f38 44 Vx,Wx kz');
pair('vpconflictd', 'vpconflictq', '66 0f38 c4 Vx,Wx kz');
pair('vpopcntd', 'vpopcntq', '66 0f38 55 Vx,Wx kz');
plainPair('vpopcntb', 'vpopcntw', '66 0f38 54 Vx,Wx kz');
for (const [name, opcode] of [
  ['vpdpbusd', '50'],
  ['vpdpbusds', '51'],
  ['vpdpwssd', '52'],
  ['vpdpwssds', '53'],
] as const)
  table(`${name} vex w0 66 0f38 ${opcode} Vx,Hx,Wx text={vex}$ | evex w0 66 0f38 ${opcode} Vx,Hx,Wx kz b32`);
table(`
  vpmadd52luq vex w1 66 0f38 b4 Vx,Hx,Wx text={vex}$ | evex w1 66 0f38 b4 Vx,Hx,Wx kz b64
  vpmadd52huq vex w1 66 0f38 b5 Vx,Hx,Wx text={vex}$ | evex w1 66 0f38 b5 Vx,Hx,Wx kz b64
  vpdpbssd vex w0 f2 0f38 50 Vx,Hx,Wx
  vpdpbssds vex w0 f2 0f38 51 Vx,Hx,Wx
  vpdpbsud vex w0 f3 0f38 50 Vx,Hx,Wx
  vpdpbsuds vex w0 f3 0f38 51 Vx,Hx,Wx
  vpdpbuud vex w0 np 0f38 50 Vx,Hx,Wx
  vpdpbuuds vex w0 np 0f38 51 Vx,Hx,Wx
  vp4dpwssd evex l2 w0 f2 0f38 52 Vx,Hx,Mdq kz
  vp4dpwssds evex l2 w0 f2 0f38 53 Vx,Hx,Mdq kz`);

// --- cryptography
for (const [name, opcode] of [
  ['vaesenc', 'dc'],
  ['vaesenclast', 'dd'],
  ['vaesdec', 'de'],
  ['vaesdeclast', 'df'],
] as const)
  table(`${name} vex 66 0f38 ${opcode} Vx,Hx,Wx | evex 66 0f38 ${opcode} Vx,Hx,Wx`);
table(`
  vaesimc vex l0 66 0f38 db Vx,Wx
  vaeskeygenassist vex l0 66 0f3a df Vx,Wx,Ib
  vpclmulqdq vex 66 0f3a 44 Vx,Hx,Wx,Ib text=vpclmul{clmul}qdq | evex 66 0f3a 44 Vx,Hx,Wx,Ib text=vpclmul{clmul}qdq
  vgf2p8mulb vex w0 66 0f38 cf Vx,Hx,Wx | evex w0 66 0f38 cf Vx,Hx,Wx kz
  vgf2p8affineqb vex w1 66 0f3a ce Vx,Hx,Wx,Ib | evex w1 66 0f3a ce Vx,Hx,Wx,Ib kz b64
  vgf2p8affineinvqb vex w1 66 0f3a cf Vx,Hx,Wx,Ib | evex w1 66 0f3a cf Vx,Hx,Wx,Ib kz b64`);
