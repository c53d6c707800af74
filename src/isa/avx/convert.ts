// table
// Conversions. A % hint: the source's length shows in the name where it is in memory, for the destination doesn't tell it.
import { table } from '../decoded.ts';

table(`
  vcvtdq2ps vex np 0f 5b Vx,Wx | evex w0 np 0f 5b Vx,Wx kz b32 er
  vcvtps2dq vex 66 0f 5b Vx,Wx | evex w0 66 0f 5b Vx,Wx kz b32 er
  vcvttps2dq vex f3 0f 5b Vx,Wx | evex w0 f3 0f 5b Vx,Wx kz b32 sae
  vcvtqq2ps evex w1 np 0f 5b Vhx,Wx kz b64 er att=%
  vcvtps2pd vex np 0f 5a Vx,Whx | evex w0 np 0f 5a Vx,Whx kz b32 sae
  vcvtpd2ps vex 66 0f 5a Vhx,Wx att=% | evex w1 66 0f 5a Vhx,Wx kz b64 er att=%
  vcvtss2sd vex f3 0f 5a Vq,Hq,Wd | evex w0 f3 0f 5a Vq,Hq,Wd kz sae
  vcvtsd2ss vex f2 0f 5a Vd,Hd,Wq | evex w1 f2 0f 5a Vd,Hd,Wq kz er
  vcvtdq2pd vex f3 0f e6 Vx,Whx | evex w0 f3 0f e6 Vx,Whx kz b32
  vcvtqq2pd evex w1 f3 0f e6 Vx,Wx kz b64 er
  vcvttpd2dq vex 66 0f e6 Vhx,Wx att=% | evex w1 66 0f e6 Vhx,Wx kz b64 sae att=%
  vcvtpd2dq vex f2 0f e6 Vhx,Wx att=% | evex w1 f2 0f e6 Vhx,Wx kz b64 er att=%
  vcvtsi2ss vex f3 0f 2a Vd,Hd,Ey | evex f3 0f 2a Vd,Hd,Ey er
  vcvtsi2sd vex f2 0f 2a Vq,Hq,Ey | evex f2 0f 2a Vq,Hq,Ey er
  vcvttss2si vex f3 0f 2c Gy,Wd | evex f3 0f 2c Gy,Wd sae
  vcvttsd2si vex f2 0f 2c Gy,Wq | evex f2 0f 2c Gy,Wq sae
  vcvtss2si vex f3 0f 2d Gy,Wd | evex f3 0f 2d Gy,Wd er
  vcvtsd2si vex f2 0f 2d Gy,Wq | evex f2 0f 2d Gy,Wq er
  vcvttss2usi evex f3 0f 78 Gy,Wd sae
  vcvttsd2usi evex f2 0f 78 Gy,Wq sae
  vcvtss2usi evex f3 0f 79 Gy,Wd er
  vcvtsd2usi evex f2 0f 79 Gy,Wq er
  vcvtusi2ss evex f3 0f 7b Vd,Hd,Ey er
  vcvtusi2sd evex f2 0f 7b Vq,Hq,Ey er
  vcvttps2udq evex w0 np 0f 78 Vx,Wx kz b32 sae
  vcvttpd2udq evex w1 np 0f 78 Vhx,Wx kz b64 sae att=%
  vcvtps2udq evex w0 np 0f 79 Vx,Wx kz b32 er
  vcvtpd2udq evex w1 np 0f 79 Vhx,Wx kz b64 er att=%
  vcvttps2uqq evex w0 66 0f 78 Vx,Whx kz b32 sae
  vcvttpd2uqq evex w1 66 0f 78 Vx,Wx kz b64 sae
  vcvtps2uqq evex w0 66 0f 79 Vx,Whx kz b32 er
  vcvtpd2uqq evex w1 66 0f 79 Vx,Wx kz b64 er
  vcvttps2qq evex w0 66 0f 7a Vx,Whx kz b32 sae
  vcvttpd2qq evex w1 66 0f 7a Vx,Wx kz b64 sae
  vcvtps2qq evex w0 66 0f 7b Vx,Whx kz b32 er
  vcvtpd2qq evex w1 66 0f 7b Vx,Wx kz b64 er
  vcvtudq2pd evex w0 f3 0f 7a Vx,Whx kz b32
  vcvtuqq2pd evex w1 f3 0f 7a Vx,Wx kz b64 er
  vcvtudq2ps evex w0 f2 0f 7a Vx,Wx kz b32 er
  vcvtuqq2ps evex w1 f2 0f 7a Vhx,Wx kz b64 er att=%
  vcvtph2ps vex w0 66 0f38 13 Vx,Whx | evex w0 66 0f38 13 Vx,Whx kz sae
  vcvtps2ph vex w0 66 0f3a 1d Whx,Vx,Ib | evex w0 66 0f3a 1d Whx,Vx,Ib kz sae
  vcvtneps2bf16 vex w0 f3 0f38 72 Vhx,Wx text={vex}$ att={vex}$% | evex w0 f3 0f38 72 Vhx,Wx kz b32 att=%
  vcvtne2ps2bf16 evex w0 f2 0f38 72 Vx,Hx,Wx kz b32
  vcvtneebf162ps vex w0 f3 0f38 b0 Vx,Mx
  vcvtneobf162ps vex w0 f2 0f38 b0 Vx,Mx
  vcvtneoph2ps vex w0 np 0f38 b0 Vx,Mx
  vcvtneeph2ps vex w0 66 0f38 b0 Vx,Mx
  vbcstnebf162ps vex w0 f3 0f38 b1 Vx,Mw
  vbcstnesh2ps vex w0 66 0f38 b1 Vx,Mw
  vcvtss2sh evex w0 np m5 1d Vw,Hw,Wd kz er
  vcvtps2phx evex w0 66 m5 1d Vhx,Wx kz b32 er att=%
  vcvtsi2sh evex f3 m5 2a Vw,Hw,Ey er
  vcvttsh2si evex f3 m5 2c Gy,Ww sae
  vcvtsh2si evex f3 m5 2d Gy,Ww er
  vcvtph2pd evex w0 np m5 5a Vx,Wqx kz b16 sae
  vcvtpd2ph evex w1 66 m5 5a Vqx,Wx kz b64 er att=%
  vcvtsh2sd evex w0 f3 m5 5a Vq,Hq,Ww kz sae
  vcvtsd2sh evex w1 f2 m5 5a Vw,Hw,Wq kz er
  vcvtdq2ph evex w0 np m5 5b Vhx,Wx kz b32 er att=%
  vcvtqq2ph evex w1 np m5 5b Vqx,Wx kz b64 er att=%
  vcvtph2dq evex w0 66 m5 5b Vx,Whx kz b16 er
  vcvttph2dq evex w0 f3 m5 5b Vx,Whx kz b16 sae
  vcvttph2udq evex w0 np m5 78 Vx,Whx kz b16 sae
  vcvttph2uqq evex w0 66 m5 78 Vx,Wqx kz b16 sae
  vcvttsh2usi evex f3 m5 78 Gy,Ww sae
  vcvtph2udq evex w0 np m5 79 Vx,Whx kz b16 er
  vcvtph2uqq evex w0 66 m5 79 Vx,Wqx kz b16 er
  vcvtsh2usi evex f3 m5 79 Gy,Ww er
  vcvttph2qq evex w0 66 m5 7a Vx,Wqx kz b16 sae
  vcvtudq2ph evex w0 f2 m5 7a Vhx,Wx kz b32 er att=%
  vcvtuqq2ph evex w1 f2 m5 7a Vqx,Wx kz b64 er att=%
  vcvtph2qq evex w0 66 m5 7b Vx,Wqx kz b16 er
  vcvtusi2sh evex f3 m5 7b Vw,Hw,Ey er
  vcvttph2uw evex w0 np m5 7c Vx,Wx kz b16 sae
  vcvttph2w evex w0 66 m5 7c Vx,Wx kz b16 sae
  vcvtph2uw evex w0 np m5 7d Vx,Wx kz b16 er
  vcvtph2w evex w0 66 m5 7d Vx,Wx kz b16 er
  vcvtw2ph evex w0 f3 m5 7d Vx,Wx kz b16 er
  vcvtuw2ph evex w0 f2 m5 7d Vx,Wx kz b16 er
  vcvtsh2ss evex w0 np m6 13 Vd,Hd,Ww kz sae
  vcvtph2psx evex w0 66 m6 13 Vx,Whx kz b16 sae`);

// Down-conversions of integers: truncating, with signed and with unsigned saturation.
for (const [sign, base] of [
  ['', 0x30],
  ['s', 0x20],
  ['us', 0x10],
] as const)
  for (const [kind, n, size] of [
    ['wb', 0, 'hx'],
    ['db', 1, 'qx'],
    ['qb', 2, 'ox'],
    ['dw', 3, 'hx'],
    ['qw', 4, 'qx'],
    ['qd', 5, 'hx'],
  ] as const)
    table(`vpmov${sign}${kind} evex w0 f3 0f38 ${(base + n).toString(16)} W${size},Vx kz`);
for (const [sign, base] of [
  ['sx', 0x20],
  ['zx', 0x30],
] as const)
  for (const [kind, n, size] of [
    ['bw', 0, 'hx'],
    ['bd', 1, 'qx'],
    ['bq', 2, 'ox'],
    ['wd', 3, 'hx'],
    ['wq', 4, 'qx'],
    ['dq', 5, 'hx'],
  ] as const) {
    const code = `66 0f38 ${(base + n).toString(16)} Vx,W${size}`;
    table(`vpmov${sign}${kind} vex ${code} | evex ${kind === 'dq' ? 'w0 ' : ''}${code} kz`);
  }
