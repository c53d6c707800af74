// table
// Extensions this CPU doesn't report, and instructions of other rings and modes that aren't executed: decoded and shown, #UD when reached.
import { table } from '../decoded.ts';

table(`
  adcx 66 0f38 f6 Gy,Ey
  adox f3 0f38 f6 Gy,Ey
  aadd np 0f38 fc My,Gy
  aand 66 0f38 fc My,Gy
  axor f3 0f38 fc My,Gy
  aor f2 0f38 fc My,Gy
  movdiri np 0f38 f9 My,Gy
  movdir64b 66 0f38 f8 Gm,Mdqq
  enqcmd f2 0f38 f8 Gm,Mdqq
  enqcmds f3 0f38 f8 Gm,Mdqq
  rdrand np 0f c7/6 Rv | 66 0f c7/6 Rv
  rdseed np 0f c7/7 Rv | 66 0f c7/7 Rv
  rdpid f3 0f c7/7 Rn
  senduipi f3 0f c7/6 Rq o64

  aesimc 66 0f38 db Vx,Wx
  aesenc 66 0f38 dc Vx,Wx
  aesenclast 66 0f38 dd Vx,Wx
  aesdec 66 0f38 de Vx,Wx
  aesdeclast 66 0f38 df Vx,Wx
  aeskeygenassist 66 0f3a df Vx,Wx,Ib
  pclmulqdq 66 0f3a 44 Vx,Wx,Ib text=pclmul{clmul}qdq
  sha1nexte np 0f38 c8 Vx,Wx
  sha1msg1 np 0f38 c9 Vx,Wx
  sha1msg2 np 0f38 ca Vx,Wx
  sha256rnds2 np 0f38 cb Vx,Wx,XMM0
  sha256msg1 np 0f38 cc Vx,Wx
  sha256msg2 np 0f38 cd Vx,Wx
  sha1rnds4 np 0f3a cc Vx,Wx,Ib
  gf2p8mulb 66 0f38 cf Vx,Wx
  gf2p8affineqb 66 0f3a ce Vx,Wx,Ib
  gf2p8affineinvqb 66 0f3a cf Vx,Wx,Ib
  aesencwide128kl f3 0f38 d8/0 Mnone
  aesdecwide128kl f3 0f38 d8/1 Mnone
  aesencwide256kl f3 0f38 d8/2 Mnone
  aesdecwide256kl f3 0f38 d8/3 Mnone
  aesenc128kl f3 0f38 dc Vx,Mnone
  aesdec128kl f3 0f38 dd Vx,Mnone
  aesenc256kl f3 0f38 de Vx,Mnone
  aesdec256kl f3 0f38 df Vx,Mnone
  loadiwkey f3 0f38 dc Vx,Ux
  encodekey128 f3 0f38 fa Gd,Rd
  encodekey256 f3 0f38 fb Gd,Rd

  xsave w0 np 0f ae/4 Mnone
  xsave64 w1 np 0f ae/4 Mnone
  xrstor w0 np 0f ae/5 Mnone
  xrstor64 w1 np 0f ae/5 Mnone
  xsaveopt w0 np 0f ae/6 Mnone
  xsaveopt64 w1 np 0f ae/6 Mnone
  xrstors w0 np 0f c7/3 Mnone
  xrstors64 w1 np 0f c7/3 Mnone
  xsavec w0 np 0f c7/4 Mnone
  xsavec64 w1 np 0f c7/4 Mnone
  xsaves w0 np 0f c7/5 Mnone
  xsaves64 w1 np 0f c7/5 Mnone
  xgetbv np 0f 01:d0
  clwb 66 0f ae/6 Mb
  clflushopt 66 0f ae/7 Mb
  ptwrite f3 0f ae/4 Ey
  incsspd w0 f3 0f ae/5 Rd
  incsspq w1 f3 0f ae/5 Rq
  clrssbsy f3 0f ae/6 Mq
  umonitor f3 0f ae/6 Rm
  umwait f2 0f ae/6 Ry
  tpause 66 0f ae/6 Ry
  wrssd w0 np 0f38 f6 Md,Gd
  wrssq w1 np 0f38 f6 Mq,Gq
  wrussd w0 66 0f38 f5 Md,Gd
  wrussq w1 66 0f38 f5 Mq,Gq
  rstorssp f3 0f 01/5 Mq
  setssbsy f3 0f 01:e8
  saveprevssp f3 0f 01:ea
  xbegin c7:f8 Jz
  xabort c6:f8 Ib
  xend np 0f 01:d5
  xtest np 0f 01:d6
  xsusldtrk f2 0f 01:e8
  xresldtrk f2 0f 01:e9
  rdpkru np 0f 01:ee
  wrpkru np 0f 01:ef
  serialize np 0f 01:e8
  uiret f3 0f 01:ec o64
  testui f3 0f 01:ed o64
  clui f3 0f 01:ee o64
  stui f3 0f 01:ef o64
  hreset f3 0f3a f0:c0 Ib

  vmcall np 0f 01:c1
  vmlaunch np 0f 01:c2
  vmresume np 0f 01:c3
  vmxoff np 0f 01:c4
  pconfig np 0f 01:c5
  wrmsrns np 0f 01:c6
  wrmsrlist f3 0f 01:c6 o64
  rdmsrlist f2 0f 01:c6 o64
  enclv np 0f 01:c0
  monitor np 0f 01:c8 mAX,ECX,EDX
  mwait np 0f 01:c9 EAX,ECX
  clac np 0f 01:ca
  stac np 0f 01:cb
  encls np 0f 01:cf
  vmfunc np 0f 01:d4
  enclu np 0f 01:d7
  vmrun 0f 01:d8
  vmmcall np 0f 01:d9
  vmgexit f3 0f 01:d9 | f2 0f 01:d9
  vmload 0f 01:da
  vmsave 0f 01:db
  stgi 0f 01:dc
  clgi 0f 01:dd
  skinit 0f 01:de
  invlpga 0f 01:df
  monitorx np 0f 01:fa mAX,ECX,EDX
  mcommit f3 0f 01:fa
  mwaitx np 0f 01:fb EAX,ECX,EBX
  clzero 0f 01:fc
  rdpru np 0f 01:fd
  invlpgb np 0f 01:fe
  rmpadjust f3 0f 01:fe o64
  rmpupdate f2 0f 01:fe o64
  tlbsync np 0f 01:ff
  psmash f3 0f 01:ff o64
  pvalidate f2 0f 01:ff
  vmread np 0f 78 En,Gn
  vmwrite np 0f 79 Gn,En
  vmptrld np 0f c7/6 Mq
  vmclear 66 0f c7/6 Mq
  vmxon f3 0f c7/6 Mq
  vmptrst np 0f c7/7 Mq
  invept 66 0f38 80 Gn,Mdq
  invvpid 66 0f38 81 Gn,Mdq
  invpcid 66 0f38 82 Gn,Mdq
  getsec np 0f 37
  rsm 0f aa
  extrq 66 0f 78/0 Ux,Ib,Ib | 66 0f 79 Vx,Ux
  insertq f2 0f 78 Vx,Ux,Ib,Ib | f2 0f 79 Vx,Ux
  movntss f3 0f 2b Md,Vd
  movntsd f2 0f 2b Mq,Vq
  montmul 0f a6:c0
  xsha1 0f a6:c8
  xsha256 0f a6:d0
  xstore-rng 0f a7:c0
  xcrypt-ecb 0f a7:c8
  xcrypt-cbc 0f a7:d0
  xcrypt-ctr 0f a7:d8
  xcrypt-cfb 0f a7:e0
  xcrypt-ofb 0f a7:e8

  syscall 0f 05 i64
  lcall 9a Ip i64 att=lcallw|lcall|lcall intel=call
  ljmp ea Ip i64 att=ljmpw|ljmp|ljmp intel=jmp

  les c4 Gz,Mp i64
  lds c5 Gz,Mp i64
  bound 62 Gz,Mz i64
  arpl 63 Ew,Gw i64
  pusha 60 d64 i64
  popa 61 d64 i64
  daa 27 i64
  das 2f i64
  aaa 37 i64
  aas 3f i64
  aam d4 Ib i64
  aad d5 Ib i64
  salc d6 i64`);
