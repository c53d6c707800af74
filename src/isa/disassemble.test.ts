// The text of instructions whose rules differ: without objdump at hand these still hold.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Disassembler, type Syntax } from './disassemble.ts';
import { forms } from './encoding.ts';
import { ops } from './index.ts';
import { DecodeTable, packForms } from './table.ts';

const table = new DecodeTable(packForms(forms(ops)));
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.split(' '), (h) => Number.parseInt(h, 16));
function text(hex: string, syntax: Syntax = 'att', mode64 = true): string {
  const bytes = bytesOf(hex);
  const d = new Disassembler(table, { syntax });
  const t = d.text(bytes, 0, bytes.length, 0x1000n, mode64);
  expect(d.length).toBe(bytes.length);
  return t;
}

test.each([
  ['ff 70 08', 'push   0x8(%rax)', 'push   QWORD PTR [rax+0x8]'],
  ['c7 45 f8 05 00 00 00', 'movl   $0x5,-0x8(%rbp)', 'mov    DWORD PTR [rbp-0x8],0x5'],
  ['0f b6 04 02', 'movzbl (%rdx,%rax,1),%eax', 'movzx  eax,BYTE PTR [rdx+rax*1]'],
  ['48 63 c1', 'movslq %ecx,%rax', 'movsxd rax,ecx'],
  ['48 98', 'cltq', 'cdqe'],
  ['66 90', 'xchg   %ax,%ax', 'xchg   ax,ax'],
  ['66 2e 0f 1f 84 00 00 00 00 00', 'cs nopw 0x0(%rax,%rax,1)', 'cs nop WORD PTR [rax+rax*1+0x0]'],
  ['f3 48 ab', 'rep stos %rax,%es:(%rdi)', 'rep stos QWORD PTR es:[rdi],rax'],
  ['f0 48 0f b1 0a', 'lock cmpxchg %rcx,(%rdx)', 'lock cmpxchg QWORD PTR [rdx],rcx'],
  ['3e ff e0', 'notrack jmp *%rax', 'notrack jmp rax'],
  ['f2 e8 00 00 00 00', 'bnd call 0x1006', 'bnd call 0x1006'],
  ['64 48 8b 04 25 28 00 00 00', 'mov    %fs:0x28,%rax', 'mov    rax,QWORD PTR fs:0x28'],
  ['48 8d 3d f9 0f 00 00', 'lea    0xff9(%rip),%rdi        # 0x2000', 'lea    rdi,[rip+0xff9]        # 0x2000'],
  ['48 b8 ff ff ff ff ff ff ff 7f', 'movabs $0x7fffffffffffffff,%rax', 'movabs rax,0x7fffffffffffffff'],
  ['a0 c2 3c a2 89 11 51 31 fb', 'movabs 0xfb31511189a23cc2,%al', 'movabs al,ds:0xfb31511189a23cc2'],
  ['dc e1', 'fsub   %st,%st(1)', 'fsubr  st(1),st'],
  ['df 6c 24 20', 'fildll 0x20(%rsp)', 'fild   QWORD PTR [rsp+0x20]'],
  ['9b d9 3c 24', 'fstcw  (%rsp)', 'fstcw  WORD PTR [rsp]'],
  ['f2 0f c2 c1 01', 'cmpltsd %xmm1,%xmm0', 'cmpltsd xmm0,xmm1'],
  ['f2 48 0f 2a 00', 'cvtsi2sdq (%rax),%xmm0', 'cvtsi2sd xmm0,QWORD PTR [rax]'],
  ['c5 f5 58 c2', 'vaddpd %ymm2,%ymm1,%ymm0', 'vaddpd ymm0,ymm1,ymm2'],
  ['c4 e2 69 90 04 88', 'vpgatherdd %xmm2,(%rax,%xmm1,4),%xmm0', 'vpgatherdd xmm0,DWORD PTR [rax+xmm1*4],xmm2'],
  ['62 f1 7c 58 58 40 01', 'vaddps 0x4(%rax){1to16},%zmm0,%zmm0', 'vaddps zmm0,zmm0,DWORD BCST [rax+0x4]'],
  ['62 f1 7c c9 58 40 01', 'vaddps 0x40(%rax),%zmm0,%zmm0{%k1}{z}', 'vaddps zmm0{k1}{z},zmm0,ZMMWORD PTR [rax+0x40]'],
  ['62 f1 7c 18 58 c1', 'vaddps {rn-sae},%zmm1,%zmm0,%zmm0', 'vaddps zmm0,zmm0,zmm1{rn-sae}'],
  ['f3 0f 1e fa', 'endbr64', 'endbr64'],
])('%s is %s', (hex, att, intel) => {
  expect(text(hex)).toBe(att);
  expect(text(hex, 'intel')).toBe(intel);
});

test.each([
  ['40', 'inc    %eax'],
  ['c5 00', 'lds    (%eax),%eax'],
  ['c5 f8 77', 'vzeroupper'],
  ['62 00', 'bound  %eax,(%eax)'],
  ['67 8b 42 80', 'mov    -0x80(%bp,%si),%eax'],
  ['66 9a 01 02 05 00', 'lcallw $0x5,$0x201'],
  ['63 c1', 'arpl   %ax,%cx'],
  ['2e 8b 00', 'mov    %cs:(%eax),%eax'],
])('in i386 code %s is %s', (hex, att) => {
  expect(text(hex, 'att', false)).toBe(att);
});

describe('what is shown otherwise than the CPU takes it', () => {
  test.each([
    ['48 66 90', 'rex.W', 1],
    ['9b 90', 'fwait', 1],
    ['06 90', '(bad)', 1],
  ])('%s', (hex, expected, length) => {
    const bytes = bytesOf(hex);
    const d = new Disassembler(table);
    expect(d.text(bytes, 0, bytes.length, 0n, true)).toBe(expected);
    expect(d.length).toBe(length);
  });
});

test('addresses are named', () => {
  const d = new Disassembler(table, { symbol: (a) => (a === 0x1006n ? 'main+0x6' : undefined) });
  const call = bytesOf('e8 01 00 00 00');
  expect(d.text(call, 0, call.length, 0x1000n, true)).toBe('call   1006 <main+0x6>');
});

test('any bytes give a text and a length within bounds', () => {
  const d = new Disassembler(table);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.boolean(), (bytes, mode64) => {
      expect(d.text(bytes, 0, bytes.length, 0n, mode64)).toMatch(/^\S.*\S$|^\S+$/);
      expect(d.length).toBeGreaterThan(0);
      expect(d.length).toBeLessThanOrEqual(Math.min(15, bytes.length));
    }),
    { numRuns: 3000 },
  );
});
