// Our vDSO: an ELF shared object of one page, with the five functions Linux's has and their version LINUX_2.6. It reads the clock with rdtsc, which counts nanoseconds of
// CLOCK_MONOTONIC on this machine; what to add for CLOCK_REALTIME stands in the page below it ([vvar]).
/* Assembled from (clock_gettime; the others are alike):
     cmp edi,7; ja sys; mov ecx,0xd3; bt ecx,edi; jc 1f; cmp edi,5; jne sys
  1: rdtsc; shl rdx,32; or rax,rdx; test edi,edi; je 2f; cmp edi,5; jne 3f
  2: add rax,[rip+realtime]
  3: xor edx,edx; mov ecx,1000000000; div rcx; mov [rsi],rax; mov [rsi+8],rdx; xor eax,eax; ret
  sys: mov eax,228; syscall; ret                                                              */
const CODE =
  '83ff07773cb9d30000000fa3f9720583ff05752d0f3148c1e2204809d085ff740583ff0575074803050000000031d2b900ca9a3b48f7f14889064889560831c0c3b8e40000000f05c30f1f8000000000' +
  '4885ff742e0f3148c1e2204809d04803050000000031d2b900ca9a3b48f7f14889074889d031d2b9e803000048f7f1488947084885f6740748c7060000000031c0c366662e0f1f8400000000000f1f00' +
  '0f3148c1e2204809d04803050000000031d2b900ca9a3b48f7f14885ff7403488907c366662e0f1f840000000000669083ff0777174885f6740f48c7060000000048c746080100000031c0c3b8e50000' +
  '000f05c366662e0f1f840000000000904885ff7406c707000000004885f67406c7060000000031c0c3';
/** Instructions `add rax,[rip+disp]` that read the page below: offsets in the code. */
const READS = [0x26, 0x5e, 0xa9];
const FUNCTIONS: readonly (readonly [name: string, offset: number, size: number])[] = [
  ['__vdso_clock_gettime', 0x00, 0x4a],
  ['__vdso_gettimeofday', 0x50, 0x42],
  ['__vdso_time', 0xa0, 0x22],
  ['__vdso_clock_getres', 0xd0, 0x25],
  ['__vdso_getcpu', 0x100, 0x1a],
];
/** The object's own name, which is its base version, and the version of its functions. */
const VERSIONS = ['linux-vdso.so.1', 'LINUX_2.6'] as const;
/** The hash of System V's ABI. */
function elfHash(name: string): number {
  let h = 0;
  for (let i = 0; i < name.length; i++) {
    h = ((h << 4) + name.charCodeAt(i)) >>> 0;
    h = (h ^ ((h >>> 28) << 4)) & 0x0fffffff;
  }
  return h;
}
const CODE_AT = 0x400;
/** Offset of the realtime correction (i64) from the image's start. */
export const VVAR_BELOW = 0x1000;
export const VDSO_SIZE = 0x1000;

/** The image, for any address: it is position independent. */
export function vdsoImage(): Uint8Array {
  const image = new Uint8Array(VDSO_SIZE);
  const v = new DataView(image.buffer);
  const u64 = (at: number, n: number): void => v.setBigUint64(at, BigInt(n), true);
  for (let i = 0; i < CODE.length; i += 2) image[CODE_AT + i / 2] = Number.parseInt(CODE.slice(i, i + 2), 16);
  for (const o of READS) v.setInt32(CODE_AT + o + 3, -VVAR_BELOW - CODE_AT - (o + 7), true);
  const names = ['', ...FUNCTIONS.map(([n]) => n), ...VERSIONS];
  const strings = names.map((n) => `${n}\0`).join('');
  const stringAt = (name: string): number => names.slice(0, names.indexOf(name)).reduce((n, s) => n + s.length + 1, 0);
  const DYN = 0xb0;
  const HASH = 0x150;
  const VERSYM = 0x178;
  const VERDEF = 0x188;
  const SYM = 0x200;
  const STR = 0x300;
  for (let i = 0; i < strings.length; i++) image[STR + i] = strings.charCodeAt(i);
  FUNCTIONS.forEach(([name, offset, size], i) => {
    const at = SYM + 24 * (i + 1);
    v.setUint32(at, stringAt(name), true);
    image[at + 4] = 0x12;
    v.setUint16(at + 6, 1, true);
    u64(at + 8, CODE_AT + offset);
    u64(at + 16, size);
    v.setUint16(VERSYM + 2 * (i + 1), VERSIONS.length, true);
  });
  VERSIONS.forEach((name, i) => {
    const at = VERDEF + 28 * i;
    v.setUint16(at, 1, true);
    v.setUint16(at + 2, i === 0 ? 1 : 0, true);
    v.setUint16(at + 4, i + 1, true);
    v.setUint16(at + 6, 1, true);
    v.setUint32(at + 8, elfHash(name), true);
    v.setUint32(at + 12, 20, true);
    v.setUint32(at + 16, i + 1 < VERSIONS.length ? 28 : 0, true);
    v.setUint32(at + 20, stringAt(name), true);
  });
  // One bucket whose chain runs through all symbols.
  const count = FUNCTIONS.length + 1;
  [1, count, count - 1, ...Array.from({ length: count }, (_, i) => Math.max(0, i - 1))].forEach((n, i) =>
    v.setUint32(HASH + 4 * i, n, true),
  );
  [
    [14, stringAt(VERSIONS[0])],
    [4, HASH],
    [5, STR],
    [6, SYM],
    [10, strings.length],
    [11, 24],
    [0x6ffffff0, VERSYM],
    [0x6ffffffc, VERDEF],
    [0x6ffffffd, VERSIONS.length],
    [0, 0],
  ].forEach(([tag, value], i) => {
    u64(DYN + 16 * i, tag as number);
    u64(DYN + 16 * i + 8, value as number);
  });
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  v.setUint16(16, 3, true);
  v.setUint16(18, 62, true);
  v.setUint32(20, 1, true);
  u64(24, CODE_AT);
  u64(32, 64);
  v.setUint16(52, 64, true);
  v.setUint16(54, 56, true);
  v.setUint16(56, 2, true);
  v.setUint16(58, 64, true);
  const segment = (at: number, type: number, flags: number, offset: number, size: number): void => {
    v.setUint32(at, type, true);
    v.setUint32(at + 4, flags, true);
    u64(at + 8, offset);
    u64(at + 16, offset);
    u64(at + 24, offset);
    u64(at + 32, size);
    u64(at + 40, size);
    u64(at + 48, 16);
  };
  segment(64, 1, 5, 0, 0x600);
  segment(120, 2, 4, DYN, 10 * 16);
  return image;
}
